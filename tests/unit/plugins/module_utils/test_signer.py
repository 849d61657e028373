# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from ansible_collections.alicloud.chatapp.plugins.module_utils import signer
from ansible_collections.alicloud.chatapp.plugins.module_utils._http import transport
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from raw_server import answering, http

VECTORS = json.loads((Path(__file__).parents[2] / "simulator/data/signature_vectors.json").read_text(encoding="utf-8"))
EMPTY = hashlib.sha256(b"").hexdigest()

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ASCII = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)
QUERIES = st.dictionaries(st.sampled_from(["CustSpaceId", "IsvCode", "Status"]), TEXT)
AUTHS = st.builds(
    signer.Acs3Auth,
    access_key_id=ASCII,
    access_key_secret=ASCII,
    security_token=st.none() | ASCII,
    action=st.just("QueryChatappPhoneNumbers"),
    version=st.just("2020-06-06"),
    date=st.datetimes().map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ")),
    nonce=st.uuids().map(lambda nonce: nonce.hex),
)


def auth(**changes):
    given_values = {
        "access_key_id": "LTAI5tSample",
        "access_key_secret": "SampleSecret",
        "security_token": None,
        "action": "QueryChatappPhoneNumbers",
        "version": "2020-06-06",
        "date": "2026-01-02T03:04:05Z",
        "nonce": "00112233445566778899aabbccddeeff",
    }
    return signer.Acs3Auth(**{**given_values, **changes})


def official(method, query, headers, auth_object, payload=EMPTY):
    """The Authorization that the vendor's own signer gives for host and x-acs-*."""
    utils = pytest.importorskip("alibabacloud_tea_openapi.utils").Utils
    signed = {
        name: value for name, value in headers.items() if name.lower() == "host" or name.lower().startswith("x-acs-")
    }
    request = SimpleNamespace(pathname="/", query=query, headers=signed, method=method)
    return utils.get_authorization(
        request, signer.ALGORITHM, payload, auth_object._access_key_id, auth_object._access_key_secret
    )


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
class TestVectors:
    def test_every_intermediate_value(self, vector):
        assert signer.canonical_query(vector["query"].items()) == vector["canonical_query"]
        found = signer.sign(
            vector["method"],
            vector["path"],
            vector["canonical_query"],
            vector["headers"],
            vector["payload_sha256"],
            vector["access_key_secret"],
        )
        assert found == (
            vector["signed_headers"],
            vector["canonical_request"],
            vector["string_to_sign"],
            vector["signature"],
        )

    def test_request(self, vector):
        headers = vector["headers"]
        by = auth(
            access_key_id=vector["access_key_id"],
            access_key_secret=vector["access_key_secret"],
            security_token=headers.get("x-acs-security-token"),
            action=headers["x-acs-action"],
            version=headers["x-acs-version"],
            date=headers["x-acs-date"],
            nonce=headers["x-acs-signature-nonce"],
        )
        url = "https://{}{}".format(headers["host"], vector["path"])
        request = requests.Request(vector["method"], url, params=vector["query"], auth=by).prepare()
        assert request.headers["Authorization"] == vector["authorization"]
        assert {name.lower(): request.headers[name] for name in headers} == headers
        assert request.url.partition("?")[2] == vector["canonical_query"]


@given(
    query=QUERIES, by=AUTHS, host=st.sampled_from(["cams.ap-southeast-1.aliyuncs.com", "127.0.0.1:8080", "[::1]:443"])
)
def test_agrees_with_the_official_signer(query, by, host):
    request = requests.Request("POST", f"https://{host}/", params=query, auth=by).prepare()
    assert request.headers["Authorization"] == official("POST", query, request.headers, by)
    assert request.headers["Host"] == host


@given(pairs=st.lists(st.tuples(TEXT, TEXT), max_size=6))
def test_canonical_query_is_ascii_and_sorted_and_keeps_every_value(pairs):
    query = signer.canonical_query(pairs)
    assert query.isascii()
    assert "+" not in query
    found = [tuple(part.split("=")) for part in query.split("&")] if pairs else []
    decoded = [tuple(requests.utils.unquote(text) for text in pair) for pair in found]
    assert decoded == sorted(pairs)


@pytest.mark.parametrize(
    "text, encoded",
    [
        ("a b", "a%20b"),
        ("*", "%2A"),
        ("~-._", "~-._"),
        ("/", "%2F"),
        ("+", "%2B"),
        ("%20", "%2520"),
        ("é", "%C3%A9"),
        ("", ""),
    ],
)
def test_encoding(text, encoded):
    assert signer.canonical_query([(text, text)]) == f"{encoded}={encoded}"


@pytest.mark.parametrize("body, payload", [("é", b"\xc3\xa9"), (b"raw", b"raw"), (None, b"")])
def test_body_is_signed(body, payload):
    by = auth()
    request = requests.Request("PUT", "https://service.example", data=body, auth=by).prepare()
    digest = hashlib.sha256(payload).hexdigest()
    assert request.headers["x-acs-content-sha256"] == digest
    assert request.headers["Authorization"] == official("PUT", {}, request.headers, by, digest)
    assert request.url == "https://service.example/"


def test_temporary_key_is_signed_with_its_token():
    request = requests.Request("POST", "https://service.example/", auth=auth(security_token="Token+/=")).prepare()
    assert request.headers["x-acs-security-token"] == "Token+/="
    assert request.headers["x-acs-accesskey-id"] == "LTAI5tSample"
    assert ";x-acs-accesskey-id;" in request.headers["Authorization"]
    assert ";x-acs-security-token;" in request.headers["Authorization"]
    assert (
        "x-acs-accesskey-id" not in requests.Request("POST", "https://service.example/", auth=auth()).prepare().headers
    )


def test_headers_of_proxies_and_libraries_are_not_signed():
    by = auth()
    headers = {"User-Agent": "any", "Accept": "*/*", "X-Forwarded-For": "127.0.0.1", "x-acs-more": "spaced "}
    request = requests.Request("POST", "https://service.example/", headers=headers, auth=by).prepare()
    names = request.headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert names == sorted(names)
    assert set(names) == {
        "host",
        "x-acs-action",
        "x-acs-content-sha256",
        "x-acs-date",
        "x-acs-more",
        "x-acs-signature-nonce",
        "x-acs-version",
    }
    assert request.headers["Authorization"] == official("POST", {}, request.headers, by)


def test_headers_are_spelt_as_documented():
    """A header's case has no meaning; this is how the documentation and the vendor's own signer write them."""
    request = requests.Request("POST", "https://service.example/", auth=auth(security_token="Token")).prepare()
    assert set(request.headers) == {
        "Authorization",
        "Content-Length",
        "Host",
        "x-acs-accesskey-id",
        "x-acs-action",
        "x-acs-content-sha256",
        "x-acs-date",
        "x-acs-security-token",
        "x-acs-signature-nonce",
        "x-acs-version",
    }


def test_nothing_replaces_the_signature(monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine service.example login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with requests.Session() as session:
        assert (
            session.prepare_request(requests.Request("POST", "https://service.example/"))
            .headers["Authorization"]
            .startswith("Basic")
        )
        expected = requests.Request("POST", "https://service.example/", auth=auth()).prepare().headers
        for name in (
            "authorization",
            "HOST",
            "X-Acs-Signature-Nonce",
            "x-acs-date",
            "X-ACS-CONTENT-SHA256",
            "x-acs-action",
        ):
            session.headers[name] = "set elsewhere"
        session.auth = ("somebody", "something")
        found = session.prepare_request(requests.Request("POST", "https://service.example/", auth=auth())).headers
    signed = [name for name in expected if name.lower().startswith("x-acs-") or name in ("Host", "Authorization")]
    assert len(signed) == 7
    assert {name: found[name] for name in signed} == {name: expected[name] for name in signed}


@pytest.fixture(scope="module")
def server():
    with answering(http()) as running:
        yield running


@given(query=QUERIES, by=AUTHS)
# Each example is a connection of its own.
@settings(
    max_examples=max(60, settings().max_examples // 10), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_goes_over_the_wire_is_what_was_signed(server, query, by):
    server.heads.clear()
    line = transport.Transport(server.url, 5.0, None)
    line.send(requests.Request("POST", server.url + "/", params=query, auth=by))
    start, *lines = server.heads[0].decode("ascii").split("\r\n")[:-2]
    method, target, version = start.split(" ")
    assert (method, version) == ("POST", "HTTP/1.1")
    headers = dict(line.split(": ", 1) for line in lines)
    assert len(headers) == len(lines)
    assert target == "/" + ("?" if query else "") + signer.canonical_query(query.items())
    assert headers["Host"] == server.url[len("http://") :]
    assert headers["Content-Length"] == "0"
    assert headers["Authorization"] == official("POST", query, headers, by)
