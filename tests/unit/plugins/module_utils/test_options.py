# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils import options
from ansible_collections.alicloud.chatapp.plugins.module_utils.errors import OptionError
from hypothesis import example, given
from hypothesis import strategies as st

DEFAULTS = {name: spec.get("default") for name, spec in options.argument_spec().items()}
SENTINEL = "Sentinel:Of@The/Secret"


def refusal(function, *args):
    """The one sentence of a refusal: it ends, it is short, and it says what to do."""
    with pytest.raises(OptionError) as caught:
        function(*args)
    sentence = caught.value.sentence()
    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert len(sentence) < 200
    assert SENTINEL not in sentence
    return sentence


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
        ({"throttle_url": "redis://:%s\x00@host" % SENTINEL}, "throttle_url holds a control character"),
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
        ([], "cust_space_ids is an empty list; leave it out to ask for the account's own numbers"),
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


@pytest.mark.parametrize(
    "endpoint, url",
    [
        ("cams.ap-southeast-1.aliyuncs.com", "https://cams.ap-southeast-1.aliyuncs.com"),
        ("HTTPS://CAMS.Example.COM/", "https://cams.example.com"),
        ("cams.example.com:443", "https://cams.example.com"),
        ("https://cams.example.com:8443", "https://cams.example.com:8443"),
        ("https://cams.example.com:", "https://cams.example.com"),
        ("https://cams.example.com.", "https://cams.example.com."),
        ("https://192.0.2.1", "https://192.0.2.1"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
        ("[::1]:8443", "https://[::1]:8443"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.9.9.9:443", "http://127.9.9.9:443"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://LocalHost:8080", "http://localhost:8080"),
        ("http://localhost.:8080", "http://localhost.:8080"),
    ],
)
def test_endpoint(endpoint, url):
    assert options.base_url(endpoint) == url


NO_HOST = "endpoint has no valid host name or port; give https://HOST or https://HOST:PORT."


@pytest.mark.parametrize(
    "endpoint, words",
    [
        (
            "https://user@host.example",
            "endpoint holds a user name or password; remove it and use the credential options.",
        ),
        ("https://user:%s@host.example" % SENTINEL.replace("/", ""), "endpoint holds a user name or password"),
        ("https://@host.example", "endpoint holds a user name or password"),
        ("http://127.0.0.1@host.example", "endpoint holds a user name or password"),
        ("https://host.example\\@other.example", "endpoint holds a user name or password"),
        ("https://host.example/path", "endpoint holds a path, query or fragment; give only https://HOST"),
        ("https://host.example//", "endpoint holds a path, query or fragment"),
        ("host.example/path", "endpoint holds a path, query or fragment"),
        ("https:/host.example", "endpoint holds a path, query or fragment"),
        ("https://host.example?", "endpoint holds a path, query or fragment"),
        ("https://host.example?a=b", "endpoint holds a path, query or fragment"),
        ("https://host.example#", "endpoint holds a path, query or fragment"),
        ("https://host.example#a", "endpoint holds a path, query or fragment"),
        ("ftp://host.example", "endpoint has the scheme ftp; give https://HOST."),
        (
            "http://host.example",
            "endpoint is http:// to a host that is not loopback, which would show the request; give https://.",
        ),
        ("http://127.1", "endpoint is http:// to a host that is not loopback"),
        ("http://0.0.0.0", "endpoint is http:// to a host that is not loopback"),
        ("http://localhost.example", "endpoint is http:// to a host that is not loopback"),
        (" https://host.example", "endpoint holds a blank or a character outside ASCII"),
        ("https://host.example ", "endpoint holds a blank or a character outside ASCII"),
        ("https://höst.example", "endpoint holds a blank or a character outside ASCII"),
        ("https://host.example:٤٤٣", "endpoint holds a blank or a character outside ASCII"),
        ("", NO_HOST),
        ("https://", NO_HOST),
        ("https://:443", NO_HOST),
        ("https://host..example", NO_HOST),
        ("https://-host.example", NO_HOST),
        ("https://host-.example", NO_HOST),
        ("https://under_score.example", NO_HOST),
        ("https://%s.example" % ("a" * 64), NO_HOST),
        ("https://%6cocalhost", NO_HOST),
        ("https://host.example:0", NO_HOST),
        ("https://host.example:65536", NO_HOST),
        ("https://host.example:abc", NO_HOST),
        ("https://host.example:+44", NO_HOST),
        ("https://[::1", NO_HOST),
        ("https://::1", NO_HOST),
        ("https://[v1.x]", NO_HOST),
        ("https://[fe80::1%25eth0]", NO_HOST),
    ],
)
def test_refused_endpoint(endpoint, words):
    assert refusal(options.base_url, endpoint).startswith(words)


@given(
    endpoint=st.text(st.characters(exclude_categories=["Cc"]), max_size=40) | st.text("https:/@[].%?#\\0a", max_size=20)
)
@example(endpoint="https://[")
def test_any_endpoint_is_a_bare_url_or_one_sentence(endpoint):
    try:
        url = options.base_url(endpoint)
    except OptionError as error:
        assert error.message.startswith("endpoint ")
    else:
        assert options.base_url(url) == url
        assert url.count("/") == 2
        assert "@" not in url


@pytest.mark.parametrize(
    "host, loopback",
    [("localhost", True), ("LOCALHOST.", True), ("127.0.0.1", True), ("127.255.0.1", True), ("::1", True),
     ("localhost.example", False), ("10.0.0.1", False), ("::2", False), ("", False)],
)  # fmt: skip
def test_loopback(host, loopback):
    assert options.is_loopback(host) is loopback


def test_secrets_are_all_known():
    marked = {name for name, spec in options.argument_spec().items() if spec.get("no_log")}
    assert marked == set(options.SECRETS) - {"isv_code"} | {"throttle_url"}
    params = {**DEFAULTS, **{name: "value of " + name for name in options.SECRETS}}
    params["throttle_url"] = "redis://name:p%40ss@word@host/0"
    assert {"value of " + name for name in options.SECRETS} | {"p%40ss@word", "p@ss@word"} <= set(
        options.secrets(params)
    )
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
