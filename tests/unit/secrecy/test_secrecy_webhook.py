# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""However the module that writes ends, no query string of a URL is left behind: read, desired or of another number."""

from __future__ import annotations

import pytest
from leaks import leaks
from module_process import MODULES, start, wait
from secrecy_cases import SECRETS
from simulator.testing import KEY_ID, KEY_SECRET, Simulator, account

TOKENS = {
    "read": "vT4kQ9sWm2xZ8aLp",
    "desired": "hB7nC3dYf6rJ1gKe",
    "of another number": "uR5oE0iXq8wNz2Mv",
}
URL = "https://hooks.example.com/in?token={}#{}"
MODULE = ("-m", f"{MODULES}.alicloud_chatapp_phone_number_webhook")
NUMBER = "8613800000001"


def url(name):
    return URL.format(TOKENS[name], TOKENS[name])


def wanted(**more):
    return [{"phone_number": NUMBER, "up_callback_url": url("desired"), **more}]


# What the account does, what is asked for, and the code that it ends with.
CASES = {
    "changed": ({}, {}, None),
    "in check mode": ({}, {"_ansible_check_mode": True, "_ansible_diff": True}, None),
    "not done": ({"answer": "ok_but_not_done"}, {}, "NotVerified"),
    "an error": ({"answer": "error_but_done", "shown_after": 60}, {}, "InternalError"),
    "refused": ({"refused_numbers": [NUMBER]}, {}, "PhoneNumber.StatusNotSupported"),
    "too many": ({}, {"max_changes": 0}, "TooManyChanges"),
    "not found": ({}, {"phone_numbers": [{"phone_number": "1", "up_callback_url": url("desired")}]}, "NotFound"),
    "no URL": ({}, {"phone_numbers": wanted(status_callback_url=f"ftp://{TOKENS['desired']}")}, "InvalidOption"),
    "not https": ({}, {"phone_numbers": wanted(status_callback_url=f"http://a/?{TOKENS['desired']}")}, "InvalidOption"),
    "a user": ({}, {"phone_numbers": wanted(status_callback_url=f"https://{TOKENS['desired']}@a/")}, "InvalidOption"),
    "denied": ({}, {"access_key_id": "LTAI5tDenied"}, "Ram.PermissionDeny"),
}


@pytest.mark.parametrize("name", CASES)
def test_no_query_string_leaves(name, surroundings):
    writing, options, code = CASES[name]
    sinks, environment = surroundings
    rows = [
        {"PhoneNumber": NUMBER, "StatusCallbackUrl": url("read"), "UpCallbackUrl": url("read")},
        {"PhoneNumber": "8613800000002", "StatusCallbackUrl": url("of another number")},
    ]
    keys = [
        {"id": KEY_ID, "secret": KEY_SECRET},
        {
            "id": "LTAI5tDenied",
            "secret": KEY_SECRET,
            "denied": "Ram.PermissionDeny",
            "denied_actions": ["UpdatePhoneWebhook"],
        },
    ]
    made = account(keys=keys, sub_customers=[{"cust_space_id": "cams-1", "phone_numbers": rows}], writing=writing)
    with Simulator({"accounts": [made]}, "--qps", "unlimited") as simulator:
        given = {
            "access_key_id": KEY_ID,
            "access_key_secret": KEY_SECRET,
            "endpoint": simulator.url,
            "throttle_url": sinks.as_uri(),
            "cust_space_id": "cams-1",
            "phone_numbers": wanted(),
            "http": True,
            "queue": False,
            "verify_seconds": 1,
            **options,
        }
        ended = wait(start(given, environment, MODULE))
        sent = any(entry["write"] for entry in simulator.log())
    assert (ended.result.get("code"), ended.error) == (code, "")
    assert sent is (name in ("changed", "not done", "an error", "refused", "denied"))
    left = {"output": ended.output, **{path.name: path.read_bytes() for path in sinks.iterdir()}}
    assert {sink: leaks(content, {**SECRETS, **TOKENS}) for sink, content in left.items()} == dict.fromkeys(left, [])
    assert "syslog" in left
