# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible.module_utils.basic import AnsibleFallbackNotFound
from ansible_collections.alicloud.chatapp.plugins.module_utils import _options as options
from refusal import SENTINEL, refusal

DEFAULTS = {name: spec.get("default") for name, spec in options.argument_spec().items()}


def test_defaults_are_accepted():
    options.check(DEFAULTS)


@pytest.mark.parametrize(
    "given_options, words",
    [
        ({"timeout": -1.0}, "timeout is -1.0; give a number from 0.1 to 3600 (seconds)."),
        ({"timeout": 0.0}, "timeout is 0.0;"),
        ({"timeout": float("nan")}, "timeout is nan;"),
        ({"timeout": float("inf")}, "timeout is inf;"),
        ({"timeout": 3600.1}, "timeout is 3600.1;"),
        ({"max_retries": -1}, "max_retries is -1; give a number from 0 to 100 (retries)."),
        ({"max_retries": 101}, "max_retries is 101;"),
        ({"qps_limit": 0.0}, "qps_limit is 0.0; give a number from 0.1 to 1000 (calls a second)."),
        ({"qps_limit": 1000.5}, "qps_limit is 1000.5;"),
        ({"throttle_max_wait": -0.1}, "throttle_max_wait is -0.1; give a number from 0 to 3600 (seconds)."),
        (
            {"ca_path": "/etc/ca.pem", "validate_certs": False},
            "ca_path has no effect with validate_certs=false; leave one",
        ),
        ({"status": "CONNECTED\n"}, "status holds a control character or an unpaired surrogate; remove it"),
        ({"status": "\ud800"}, "status holds a control character"),
        ({"cust_space_ids": ["fine", "bad\x1b"]}, "cust_space_ids holds a control character"),
        ({"access_key_id": SENTINEL + "\n"}, "access_key_id holds a control character"),
        ({"throttle_url": f"redis://:{SENTINEL}\x00@host"}, "throttle_url holds a control character"),
        ({"access_key_id": "short"}, "access_key_id is shorter than 8 characters; Ansible would mask that text"),
        ({"access_key_secret": ""}, "access_key_secret is shorter than 8 characters"),
        ({"security_token": "1234567"}, "security_token is shorter"),
        ({"isv_code": "abc"}, "isv_code is shorter"),
        ({"throttle_password": "abc"}, "throttle_password is shorter"),
        (
            {"access_key_secret": SENTINEL + " "},
            "access_key_secret holds a blank or a character outside ASCII; copy the value",
        ),
        ({"access_key_id": SENTINEL + "é"}, "access_key_id holds a blank or a character outside ASCII"),
    ],
)
def test_refused(given_options, words):
    assert refusal(options.check, {**DEFAULTS, **given_options}).startswith(words)


@pytest.mark.parametrize(
    "given_options",
    [
        {"timeout": 0.1},
        {"timeout": 3600.0},
        {"max_retries": 0},
        {"max_retries": 100},
        {"qps_limit": 0.1},
        {"qps_limit": 1000.0},
        {"throttle_max_wait": 0.0},
        {"throttle_max_wait": 3600.0},
        {"ca_path": "/etc/ca.pem"},
        {"validate_certs": False},
        {"status": ""},
        {"status": "any value, ünïcode too"},
        {"access_key_id": "12345678"},
        {"isv_code": "with a blank and é"},
        {"throttle_password": "with a blank and é"},
        {"cust_space_ids": ["29348393884****"]},
    ],
    ids=str,
)
def test_accepted(given_options):
    options.check({**DEFAULTS, **given_options})


@pytest.mark.parametrize(
    "space_ids, words",
    [
        (
            [],
            (
                "cust_space_ids is an empty list;"
                " leave it out to ask for the account's own numbers, or give at least one ID."
            ),
        ),
        ([""], "cust_space_ids[0] is empty; remove it or give the sub-customer's space ID."),
        (["a", " \t"], "cust_space_ids[1] is empty;"),
        (
            ["a", "__omit_place_holder__0123"],
            "cust_space_ids[1] is Ansible's omit placeholder; omit works for a whole option",
        ),
    ],
)
def test_refused_space_ids(space_ids, words):
    assert refusal(options.check_space_ids, space_ids).startswith(words)


@pytest.mark.parametrize("space_ids", [None, ["a"], ["a", "a"]])
def test_accepted_space_ids(space_ids):
    options.check_space_ids(space_ids)


SPECIFICATION = {**options.argument_spec(), "isv_code": {"type": "str", **options.from_environment("CODE")}}


@pytest.mark.parametrize("option", [name for name, spec in SPECIFICATION.items() if "fallback" in spec])
def test_an_empty_variable_counts_as_not_given(option, monkeypatch):
    [fallback, [variable]] = SPECIFICATION[option]["fallback"]
    monkeypatch.setenv(variable, "")
    with pytest.raises(AnsibleFallbackNotFound):
        fallback(variable)
    monkeypatch.setenv(variable, "5")
    assert fallback(variable) == "5"
    monkeypatch.delenv(variable)
    with pytest.raises(AnsibleFallbackNotFound):
        fallback(variable)


def test_an_empty_option_counts_as_not_given(monkeypatch):
    texts = [name for name, spec in SPECIFICATION.items() if spec["type"] in ("str", "path")]
    others = {"timeout": 3.0, "validate_certs": False, "max_retries": 0, "cust_space_ids": [""]}
    found = options.without_empty({**dict.fromkeys(texts, ""), **others}, SPECIFICATION)
    assert found == {**{name: SPECIFICATION[name].get("default") for name in texts}, **others}
    monkeypatch.setenv("CODE", "of-the-environment")
    monkeypatch.setenv("ALICLOUD_CHATAPP_ENDPOINT", "https://gateway.example.com")
    found = options.without_empty({"isv_code": "", "endpoint": "", "profile": "p", "status": ""}, SPECIFICATION)
    assert found == {
        "isv_code": "of-the-environment",
        "endpoint": "https://gateway.example.com",
        "profile": "p",
        "status": None,
    }


def test_secrets_are_all_known():
    marked = {name for name, spec in options.argument_spec().items() if spec.get("no_log")}
    assert marked == set(options.SECRETS) - {"isv_code"} | {"throttle_url"}
    params = {**DEFAULTS, **{name: "value of " + name for name in options.SECRETS}}
    params["throttle_url"] = "redis://name:p%40ss@word@host/0"
    assert {"value of " + name for name in options.SECRETS} | {"p%40ss@word", "p@ss@word"} <= set(
        options.secrets(params)
    )
    params["throttle_url"] = "redis://name:p:ss:word@host/0"
    assert "p:ss:word" in options.secrets(params)
    params["throttle_url"] = "redis+sentinel://host,other/service?db=1&sentinel_password=p%2Css+w%40rd"
    assert {"p%2Css+w%40rd", "p,ss w@rd"} <= set(options.secrets(params))
    assert options.secrets(DEFAULTS) == [None] * len(options.SECRETS)


def test_every_option_but_the_credentials_has_its_variable():
    fallbacks = {name: spec["fallback"][1] for name, spec in options.argument_spec().items() if "fallback" in spec}
    assert fallbacks == {
        name: ["ALICLOUD_CHATAPP_" + name.upper()]
        for name in (
            "endpoint",
            "timeout",
            "max_retries",
            "qps_limit",
            "throttle_url",
            "throttle_password",
            "throttle_key",
        )
    }
