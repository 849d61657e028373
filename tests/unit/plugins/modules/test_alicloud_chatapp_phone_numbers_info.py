# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module as Ansible runs it: a process of its own, options in, one JSON object out, the simulator to ask."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.alicloud.chatapp.plugins.modules import alicloud_chatapp_phone_numbers_info as module

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from module_documentation import check_examples, check_options, check_result
from module_process import NAME, start, wait
from published_answer import FACTS, SAMPLE
from raw_server import answering, http
from simulator.testing import KEY_ID, KEY_SECRET, Simulator, account

UNHEARD_OF = {"FieldOfTomorrow": {"InnerField": [1, None, "{{ lookup('pipe', 'id') }}"]}}
FACTS_OF_TOMORROW = {**FACTS, "field_of_tomorrow": {"inner_field": [1, None, "{{ lookup('pipe', 'id') }}"]}}
RETURN = yaml.safe_load(module.RETURN)
ALWAYS = {name for name, key in RETURN.items() if key["returned"] == "always"}
ON_FAILURE = {name for name, key in RETURN.items() if key["returned"] == "on failure"}


@pytest.fixture(scope="module")
def simulator():
    customers = [{"cust_space_id": "cams-a", "phone_numbers": [{"PhoneNumber": "1", "Status": "CONNECTED"}]}]
    data = account(phone_numbers=[{**SAMPLE, **UNHEARD_OF}], sub_customers=customers)
    with Simulator({"accounts": [data]}, "--qps", "unlimited") as running:
        yield running


@pytest.fixture
def faults(simulator):
    """Set the faults of the requests that follow."""
    yield lambda *entries: simulator.set_faults(list(entries))
    simulator.set_faults([])


@pytest.fixture
def run(simulator, tmp_path):
    """Run the module with the test account's key and these options; return what it printed."""

    def run_module(python=("-m", NAME), environment=None, **given):
        args = {
            "endpoint": simulator.url,
            "access_key_id": KEY_ID,
            "access_key_secret": KEY_SECRET,
            "throttle_url": f"file://{tmp_path}",
            "qps_limit": 100,
            "max_retries": 0,
        }
        environment = {**os.environ, "HOME": str(tmp_path), **(environment or {})}
        ended = wait(start({**args, **given}, environment, python))
        assert ended.error == ""
        assert KEY_SECRET not in ended.output
        assert KEY_ID not in ended.output
        found = ended.result
        assert ended.code == bool(found.get("failed"))
        # What Ansible adds by itself, up to 2.20.
        found.pop("invocation", None)
        return found

    return run_module


def check_documented(found, failed):
    check_result(module, found, failed)
    assert set(found["throttle"]) == set(RETURN["throttle"]["contains"])


# What is read


def test_facts(run):
    found = run()
    check_documented(found, failed=False)
    assert found["phone_numbers"] == [FACTS_OF_TOMORROW]
    assert found["queries"][0].pop("request_id")
    assert found["queries"] == [{"cust_space_id": None, "status": None, "phone_number_count": 1, "attempts": 1}]
    assert found["failures"] == []
    assert found["throttle"].pop("waited_seconds") < 0.1
    assert found["throttle"] == {"refused": 0, "retries": 0, "scope": "directory"}
    assert "ansible_facts" not in found


def test_every_field_of_the_published_answer_is_documented():
    assert set(FACTS_OF_TOMORROW) - {"field_of_tomorrow"} <= set(RETURN["phone_numbers"]["contains"])


def test_check_mode_is_the_same(run):
    found, checked = run(), run(_ansible_check_mode=True)
    for result in (found, checked):
        result["queries"][0].pop("request_id")
    assert checked == found


def test_sub_customers_in_the_order_asked(run):
    found = run(cust_space_ids=["cams-a", "cams-unknown", "cams-a"], status="CONNECTED", fail_on_unreadable=False)
    assert [query["status"] for query in found["queries"]] == ["CONNECTED"] * 3
    check_documented(found, failed=False)
    assert [(number["phone_number"], number["cust_space_id"]) for number in found["phone_numbers"]] == [
        ("1", "cams-a")
    ] * 2
    assert [query["phone_number_count"] for query in found["queries"]] == [1, None, 1]
    assert [(failure["cust_space_id"], failure["code"]) for failure in found["failures"]] == [
        ("cams-unknown", "Unknown.ResourceOwnerId")
    ]
    assert any("1 of 3 cust_space_ids could not be read" in json.dumps(warning) for warning in found["warnings"])


def test_what_was_read_comes_with_the_failure(run):
    found = run(cust_space_ids=["cams-a", "cams-unknown"])
    check_documented(found, failed=True)
    assert [number["phone_number"] for number in found["phone_numbers"]] == ["1"]
    assert found["msg"].startswith(
        "1 of 2 cust_space_ids could not be read. The first is cams-unknown: Unknown.ResourceOwnerId:"
    )
    assert found["code"] == "Unknown.ResourceOwnerId"
    assert found["request_id"] == found["failures"][0]["request_id"]


def test_unreadable_own_numbers_and_no_failing(run, faults):
    faults({"kind": "code", "code": "Product.Unsubscript"})
    found = run(fail_on_unreadable=False)
    check_documented(found, failed=False)
    assert (found["phone_numbers"], found["queries"][0]["phone_number_count"]) == ([], None)
    assert found["failures"][0]["code"] == "Product.Unsubscript"


def test_no_numbers_are_no_failure(run):
    found = run(status="NEVER_SEEN")
    assert found["queries"][0]["status"] == "NEVER_SEEN"
    assert (found["phone_numbers"], found["queries"][0]["phone_number_count"]) == ([], 0)


def test_many_numbers(run):
    with answering(http(json.dumps({"Code": "OK", "PhoneNumbers": [SAMPLE] * 10_000}).encode())) as server:
        assert len(run(endpoint=server.url)["phone_numbers"]) == 10_000


def test_endpoint_whose_certificate_is_not_checked_is_warned_of(run):
    assert "warnings" not in run()
    [warning] = run(validate_certs=False)["warnings"]
    assert "validate_certs is off" in json.dumps(warning)


# What fails


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    "code, help_",
    [
        ("Product.Unsubscript", "Activate Chat App Message Service"),
        ("Ram.PermissionDeny", '"Action": "cams:QueryChatappPhoneNumbers"'),
        ("System.LimitControl", "qps_limit"),
        ("Unknown.ResourceOwnerId", "cust_space_ids"),
    ],
)
def test_documented_code_fails(run, faults, code, help_, status):
    details = {"AccessDeniedDetail": {"AuthPrincipalDisplayName": "2000123"}} if code == "Ram.PermissionDeny" else {}
    faults({"kind": "code", "code": code, "status": status, "message": "Why it is so.", "details": details})
    found = run()
    check_documented(found, failed=True)
    assert (found["code"], found["http_status"], found["message"]) == (code, status, "Why it is so.")
    assert help_ in found["remedy"]
    assert ("2000123" in found["remedy"]) is bool(details)
    assert found["request_id"]
    assert code in found["msg"] and found["remedy"] in found["msg"]
    assert found["failures"] == [{"cust_space_id": None, **{name: found[name] for name in ON_FAILURE}}]


@pytest.mark.parametrize(
    "given, code, help_",
    [
        ({"access_key_id": "LTAI5tOfNobodyKnown"}, "InvalidAccessKeyId.NotFound", "access_key_id"),
        ({"access_key_secret": "SecretOfSomebodyElse"}, "SignatureDoesNotMatch", "access_key_secret"),
        ({"endpoint": "http://127.0.0.1:1"}, "Unreachable", "firewall"),
    ],
)
def test_platform_failure(run, given, code, help_):
    found = run(**given)
    check_documented(found, failed=True)
    assert found["code"] == code
    assert help_ in found["remedy"]


@pytest.mark.parametrize(
    "fault, code",
    [
        ({"kind": "status", "status": 200, "body": "<html>Sign in</html>"}, "UnexpectedAnswer"),
        ({"kind": "status", "status": 502, "body": ""}, "UnexpectedAnswer"),
        ({"kind": "status", "status": 200, "body": '{"Code": "OK", "PhoneNumbers": {"a": "b"}}'}, "UnexpectedAnswer"),
        ({"kind": "close"}, "ConnectionLost"),
        ({"kind": "hang"}, "TimedOut"),
    ],
    ids=["HTML", "empty 502", "wrong shape", "closed", "silence"],
)
def test_no_answer_of_the_service(run, faults, fault, code):
    faults(fault)
    found = run(timeout=0.5)
    check_documented(found, failed=True)
    assert (found["code"], found["phone_numbers"]) == (code, [])


@pytest.mark.parametrize(
    "given, words",
    [
        ({"access_key_secret": None}, "access_key_id is given without access_key_secret;"),
        ({"access_key_secret": "1234567"}, "access_key_secret is shorter than 8 characters;"),
        ({"endpoint": f"https://user:{KEY_SECRET}@service.example"}, "endpoint holds a user name or password;"),
        ({"cust_space_ids": [""]}, "cust_space_ids[0] is empty;"),
        ({"status": "\x1b[2J"}, "status holds a control character"),
        (
            {"ca_path": "/nonexistent", "endpoint": "https://127.0.0.1:1"},
            "ca_path cannot be read (no such file or directory):",
        ),
        ({"throttle_url": "ftp://somewhere"}, "throttle_url "),
    ],
)
def test_bad_option_is_one_sentence(run, given, words):
    found = run(**given)
    assert set(found) - {"warnings"} == ALWAYS | ON_FAILURE | {"changed", "failed", "msg"}
    assert found["msg"].startswith(words)
    assert found["code"] == "InvalidOption"
    assert (found["queries"], found["phone_numbers"]) == ([], [])


def test_proxy_of_the_environment_that_cannot_be_used(run):
    found = run(endpoint="https://service.example", environment={"HTTPS_PROXY": f"ftp://u:{KEY_SECRET}@127.0.0.1:1"})
    assert found["msg"].startswith("The environment's proxy cannot be used;")


def test_requests_missing(run):
    script = (
        f"import runpy, sys; sys.modules['requests'] = None; runpy.run_module({module.__name__!r}, run_name='__main__')"
    )
    found = run(python=("-c", script))
    assert found["failed"] is True
    assert "Failed to import the required Python library (requests)" in found["msg"]
    assert sys.executable in found["msg"]


def test_requests_that_is_too_old(run):
    script = (
        "import runpy, requests\n"
        "requests.__version__ = '2.24.0'\n"
        f"runpy.run_module({module.__name__!r}, run_name='__main__')"
    )
    found = run(python=("-c", script))
    assert found["failed"] is True
    assert found["msg"] == (
        "The Python package requests is 2.24.0 where the module runs; update it to 2.25.1 or newer."
    )


def test_unexpected_error_shows_its_class_alone(run):
    script = """
import runpy
from ansible_collections.alicloud.chatapp.plugins.module_utils import throttler
def fail(*_arguments, **_options):
    raise ZeroDivisionError("who knows what")
throttler.open_throttle = fail
runpy.run_module("%s", run_name="__main__")
"""
    found = run(python=("-c", script % NAME))
    assert (found["msg"], found["code"]) == (
        "UnexpectedError: An unexpected ZeroDivisionError occurred.",
        "UnexpectedError",
    )
    assert set(found) == ALWAYS | ON_FAILURE | {"changed", "failed", "msg"}
    assert "who knows what" not in json.dumps(found)


# What is documented


def test_options_are_documented_as_they_are(monkeypatch):
    check_options(module, monkeypatch)


def test_examples_use_documented_names():
    check_examples(module)
