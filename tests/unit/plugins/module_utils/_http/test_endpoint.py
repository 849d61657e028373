# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.endpoint import base_url, is_loopback
from hypothesis import example, given
from hypothesis import strategies as st
from refusal import SENTINEL, refusal


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
    assert base_url(endpoint) == url


NO_HOST = "endpoint has no valid host name or port; give https://HOST or https://HOST:PORT."


@pytest.mark.parametrize(
    "endpoint, words",
    [
        (
            "https://user@host.example",
            "endpoint holds a user name or password; remove it and use the credential options.",
        ),
        ("https://user:{}@host.example".format(SENTINEL.replace("/", "")), "endpoint holds a user name or password"),
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
    assert refusal(base_url, endpoint).startswith(words)


@given(
    endpoint=st.text(st.characters(exclude_categories=["Cc"]), max_size=40) | st.text("https:/@[].%?#\\0a", max_size=20)
)
@example(endpoint="https://[")
def test_any_endpoint_is_a_bare_url_or_one_sentence(endpoint):
    try:
        url = base_url(endpoint)
    except OptionError as error:
        assert error.message.startswith("endpoint ")
    else:
        assert base_url(url) == url
        assert url.count("/") == 2
        assert "@" not in url


@pytest.mark.parametrize(
    "host, loopback",
    [("localhost", True), ("LOCALHOST.", True), ("127.0.0.1", True), ("127.255.0.1", True), ("::1", True),
     ("localhost.example", False), ("10.0.0.1", False), ("::2", False), ("", False)],
)  # fmt: skip
def test_loopback(host, loopback):
    assert is_loopback(host) is loopback
