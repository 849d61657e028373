# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import datetime
import gzip
import os
import random
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings

import pytest
import requests
import trustme
import urllib3
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError, TransportError
from ansible_collections.alicloud.chatapp.plugins.module_utils._http import transport, trust
from attempts import NAME, SECRET, attempt, failure, question, serving
from hypothesis import example, given, settings
from hypothesis import strategies as st
from raw_server import ConnectProxy, RawServer, answering, http

SLACK = 1.5


# Time


class TestTimeLimit:
    """However a server drips, the attempt ends with its limit."""

    TIMEOUT = 0.4

    def check(self, url, context=None):
        started = time.monotonic()
        error = failure(url, self.TIMEOUT, context)
        assert error.code == "TimedOut"
        assert self.TIMEOUT * 0.4 < time.monotonic() - started < self.TIMEOUT + SLACK

    @pytest.mark.parametrize(
        "head, endless",
        [
            (b"", b""),
            (b"", b"HTTP/1.1 200 OK" + b" " * 5000),
            (b"HTTP/1.1 200 OK\r\n", b"X-Header: value\r\n" * 500),
            (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 500),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 500),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1", b"0" * 5000),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: value\r\n" * 500),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"x" * 5000),
            (b"HTTP/1.0 200 OK\r\n\r\n", b"x" * 5000),
        ],
        ids=[
            "silence",
            "status",
            "headers",
            "100 Continue",
            "chunks",
            "size of a chunk",
            "trailers",
            "body",
            "HTTP/1.0",
        ],
    )
    @pytest.mark.parametrize("over_tls", [False, True], ids=["http", "https"])
    def test_dripped_answer(self, authority, ca_path, head, endless, over_tls):
        def script(line):
            line.head()
            line.send(head)
            line.drip(endless)
            line.hang()

        with RawServer(script, serving(authority, "127.0.0.1") if over_tls else None) as server:
            self.check(server.url, trust.ssl_context(True, ca_path) if over_tls else None)

    def test_flood_of_continues_at_full_speed(self):
        def script(line):
            line.head()
            while True:
                line.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

        with RawServer(script) as server:
            self.check(server.url)

    @pytest.mark.parametrize("interval", [None, 0.02], ids=["silence", "drip"])
    def test_handshake(self, authority, ca_path, interval):
        def script(line):
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            handshake = serving(authority, "127.0.0.1").wrap_bio(incoming, outgoing, server_side=True)
            incoming.write(line.sock.recv(65536))
            with pytest.raises(ssl.SSLWantReadError):
                handshake.do_handshake()
            if interval:
                line.drip(outgoing.read(), interval)
            line.hang()

        with RawServer(script) as server:
            self.check(server.url.replace("http:", "https:"), trust.ssl_context(True, ca_path))

    def test_answer_of_a_proxy(self, monkeypatch, ca_path):
        def script(line):
            line.head()
            line.drip(b"HTTP/1.1 200 OK\r\n" + b"X-Header: value\r\n" * 500)

        with RawServer(script) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            self.check("https://" + NAME, trust.ssl_context(True, ca_path))

    def test_handshake_inside_a_tls_proxy(self, monkeypatch, authority, ca_path):
        def script(line):
            line.head()
            line.send(b"HTTP/1.1 200 OK\r\n\r\n")
            line.sock.recv(65536)
            # The header of a record of TLS that never becomes whole.
            line.drip(b"\x16\x03\x03\x40\x00" + b"x" * 5000)

        with RawServer(script, serving(authority, "127.0.0.1")) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            self.check("https://" + NAME, trust.ssl_context(True, ca_path))

    def test_all_addresses_together_take_half(self, names, silent_address):
        names[NAME] = [silent_address] * 4
        started = time.monotonic()
        error = failure(f"http://{NAME}", 1.2)
        took = time.monotonic() - started
        assert error.code == "TimedOut"
        assert error.message == "Connecting took longer than timeout allows."
        assert 0.5 < took < 1.0

    def test_name_resolution_takes_half(self, names):
        over = threading.Event()
        names[NAME] = lambda: over.wait(20) and []
        started = time.monotonic()
        error = failure(f"http://{NAME}", 1.2)
        took = time.monotonic() - started
        over.set()
        assert error.code == "TimedOut"
        assert 0.5 < took < 1.0

    def test_an_address_that_hangs_leaves_time_for_the_next(self, names, silent_address):
        with answering(http()) as server:
            names[NAME] = [silent_address, ("127.0.0.1", server.port)]
            assert attempt(f"http://{NAME}", 2.0).status == 200

    def test_an_address_family_that_the_host_lacks_is_passed_over(self, names, monkeypatch):
        original = socket.socket

        def lacking(family=-1, *args, **kwargs):
            if family == socket.AF_INET6:
                raise OSError(97, "Address family not supported by protocol")
            return original(family, *args, **kwargs)

        with answering(http()) as server:
            names[NAME] = [("::1", server.port), ("127.0.0.1", server.port)]
            monkeypatch.setattr(socket, "socket", lacking)
            assert attempt("http://%s:%d" % (NAME, server.port)).status == 200

    def test_waiting_for_the_slot_is_not_counted(self):
        with answering(http()) as server:
            line = transport.Transport(server.url, 0.5, None)
            line.connect()
            time.sleep(0.7)
            assert line.send(question(line)).status == 200

    def test_connecting_is_counted(self, authority, ca_path):
        def script(line):
            time.sleep(0.4)
            with serving(authority, "127.0.0.1").wrap_socket(line.sock, server_side=True) as sock:
                while sock.recv(65536):
                    pass

        with RawServer(script) as server:
            line = transport.Transport(server.url.replace("http:", "https:"), 1.2, trust.ssl_context(True, ca_path))
            line.connect()
            started = time.monotonic()
            with pytest.raises(TransportError, match="longer than timeout"):
                line.send(question(line))
            assert time.monotonic() - started < 1.0

    @pytest.mark.parametrize("over_tls", [False, True], ids=["http", "https"])
    def test_request_that_nobody_reads(self, authority, ca_path, over_tls):
        with RawServer(lambda line: time.sleep(2), serving(authority, "127.0.0.1") if over_tls else None) as server:
            line = transport.Transport(server.url, self.TIMEOUT, trust.ssl_context(True, ca_path) if over_tls else None)
            line.connect()
            started = time.monotonic()
            with pytest.raises(TransportError, match="longer than timeout"):
                line.send(requests.Request("POST", server.url + "/", data=b"x" * 30_000_000))
            assert time.monotonic() - started < self.TIMEOUT + SLACK

    def test_connecting_counts_for_one_attempt_only(self, names):
        now = [0.0]

        def slow_name():
            now[0] += 4.0
            return [("127.0.0.1", server.port)]

        def slow_answer(line):
            line.send(http())
            line.head()
            now[0] += 7.0
            line.send(http())

        names[NAME] = slow_name
        with answering(slow_answer) as server:
            line = transport.Transport("http://" + NAME, 10.0, None, clock=lambda: now[0])
            line.connect()
            for _attempt in range(2):
                assert line.send(question(line)).status == 200
            assert server.connections == 1

    def test_each_attempt_has_the_whole_limit(self):
        now = [0.0]

        def slow(line):
            now[0] += 6.0
            line.send(http())
            line.hang()

        with answering(slow) as server:
            line = transport.Transport(server.url, 10.0, None, clock=lambda: now[0])
            for _attempt in range(3):
                line.connect()
                assert line.send(question(line)).status == 200
                line._connection.close()


# Size


def test_a_body_of_16_mib_is_read():
    body = b" " * transport.MAX_BODY
    with answering(http(body)) as server:
        assert attempt(server.url).body == body


@pytest.mark.parametrize("status", ["200 OK", "302 Found"])
@pytest.mark.parametrize("header", ["Content-Length: 67108864", "Transfer-Encoding: chunked", "Connection: close"])
def test_no_more_than_16_mib_is_read(header, status):
    sent = []

    def endless(line):
        piece = b" " * 65536
        framed = b"10000\r\n" + piece + b"\r\n" if "chunked" in header else piece
        line.send((f"HTTP/1.1 {status}\r\nLocation: http://127.0.0.1:1/\r\n{header}\r\n\r\n").encode())
        while True:
            line.send(framed)
            sent.append(len(piece))

    with answering(endless) as server:
        error = failure(server.url)
    assert error.code == "UnexpectedAnswer"
    assert error.message == "The answer is larger than 16 MiB."
    assert error.http_status == int(status[:3])
    assert sum(sent) < transport.MAX_BODY + 16 * 1024 * 1024


def test_compressed_body_is_not_unpacked():
    bomb = gzip.compress(b" " * 20_000_000)
    with answering(http(bomb, headers=["Content-Encoding: gzip"])) as server:
        assert attempt(server.url).body == bomb


# What must not be followed, kept or taken from the environment


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_redirect_is_not_followed(status):
    with answering(http()) as other:
        with answering(http(b"moved", status, [f"Location: {other.url}/"])) as server:
            answer = attempt(server.url)
        assert (answer.status, answer.body) == (int(status[:3]), b"moved")
        assert other.connections == 0


def test_cookies_are_not_kept():
    with answering(http(headers=["Set-Cookie: track=me; Path=/"])) as server:
        line = transport.Transport(server.url, 5.0, None)
        for _request in range(2):
            line.send(question(line))
        assert len(server.heads) == 2
        assert b"cookie" not in server.heads[1].lower()


def test_netrc_is_not_read(tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password something\n")
    with answering(http()) as server:
        attempt(server.url)
        assert b"authorization" not in server.heads[0].lower()


# Certificates


def tls_answer(authority, ca, url_host, *issued_for, **how):
    with answering(http(), tls=serving(authority, *issued_for, **how)) as server:
        return attempt("https://%s:%d" % (url_host, server.port), context=trust.ssl_context(True, ca))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_good_certificate(authority, ca_path, host):
    assert tls_answer(authority, ca_path, host, host).status == 200


@pytest.mark.parametrize(
    "host, issued_for, days, words",
    [
        ("localhost", "elsewhere.example", 1, ""),
        ("127.0.0.1", "localhost", 1, ""),
        ("localhost", "localhost", -1, "expired"),
    ],
    ids=["wrong name", "wrong address", "expired"],
)
def test_bad_certificate(authority, ca_path, host, issued_for, days, words):
    now = datetime.datetime.now(datetime.timezone.utc)
    how = {"not_before": now - datetime.timedelta(days=9), "not_after": now + datetime.timedelta(days=days)}
    with pytest.raises(TransportError) as caught:
        tls_answer(authority, ca_path, host, issued_for, **how)
    assert caught.value.code == "TLSFailure"
    assert "The certificate of the endpoint cannot be verified" in caught.value.message
    assert words in caught.value.message
    assert "ca_path" in caught.value.remedy


def test_certificate_of_an_unknown_authority(authority):
    with pytest.raises(TransportError) as caught:
        tls_answer(authority, None, "localhost", "localhost")
    assert caught.value.code == "TLSFailure"
    assert "self" in caught.value.message or "issuer" in caught.value.message


def test_directory_of_certificates(authority, tmp_path):
    # OpenSSL looks for a file that is named by the hash of the authority's subject.
    authority.cert_pem.write_to_path(tmp_path / "e1e93751.0")
    assert tls_answer(authority, str(tmp_path), "localhost", "localhost").status == 200


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_bundle_of_the_environment(monkeypatch, authority, ca_path, variable):
    monkeypatch.setenv(variable, ca_path)
    assert tls_answer(authority, None, "localhost", "localhost").status == 200


def test_environment_does_not_override_ca_path(monkeypatch, authority, ca_path, tmp_path):
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other.pem"))
    assert tls_answer(authority, ca_path, "localhost", "localhost").status == 200
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca_path)
    with pytest.raises(TransportError):
        tls_answer(authority, str(tmp_path / "other.pem"), "localhost", "localhost")


def test_certificates_off(monkeypatch, authority):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    now = datetime.datetime.now(datetime.timezone.utc)
    expired = serving(
        authority, "elsewhere.example", not_before=now - datetime.timedelta(9), not_after=now - datetime.timedelta(1)
    )
    with answering(http(), tls=expired) as server, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        assert attempt(server.url, context=trust.ssl_context(False, None)).status == 200
    # Garbage of other tests can be merged meanwhile, which warns too.
    assert [str(warning.message) for warning in warned if not issubclass(warning.category, ResourceWarning)] == []


@pytest.mark.parametrize(
    "content, words",
    [(None, "no such file or directory"), ("", "no certificates in it"), ("not PEM", "no certificates in it")],
)
def test_unusable_bundle_is_one_sentence(monkeypatch, tmp_path, content, words):
    path = tmp_path / "bundle.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(OptionError, match=f"^ca_path cannot be read .{words}.: give a PEM file"):
        trust.ssl_context(True, str(path))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(path))
    with pytest.raises(
        OptionError, match=f"^The environment's REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE cannot be read .{words}"
    ):
        trust.ssl_context(True, None)


@pytest.mark.parametrize(
    "script, code, words",
    [
        (lambda line: line.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "TLSFailure", "No TLS connection can be made"),
        (lambda line: line.send(random.Random(1).randbytes(512)), "TLSFailure", "No TLS connection can be made"),
        # A load balancer without a backend does so.
        (lambda line: line.sock.recv(65536) and None, "Unreachable", "No connection can be made: connection closed."),
        (lambda line: line.sock.recv(65536) and line.reset(), "Unreachable", "connection reset by peer"),
    ],
    ids=["not TLS", "random bytes", "closed", "reset"],
)
def test_broken_handshake(script, code, words):
    with RawServer(script) as server:
        error = failure(server.url.replace("http:", "https:"), context=trust.ssl_context(False, None))
    assert error.code == code
    assert words in error.message
    assert error.message.count("\n") == 0


# Proxies


def test_https_proxy(monkeypatch, names, endpoint, ca_path):
    with ConnectProxy(endpoint.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", "http://somebody:p%%40ss@127.0.0.1:%d" % proxy.port)
        line = transport.Transport("https://" + NAME, 5.0, trust.ssl_context(True, ca_path))
        for _attempt in range(2):
            line.connect()
            assert line.send(question(line)).status == 200
    assert proxy.connections == 1
    assert proxy.heads[0].startswith(b"CONNECT %s:443 HTTP/1." % NAME.encode())
    assert b"Proxy-Authorization: Basic " + base64.b64encode(b"somebody:p@ss") in proxy.heads[0]
    assert SECRET.encode() not in proxy.heads[0]
    assert b"proxy" not in endpoint.heads[0].lower()


def test_proxy_without_a_scheme(monkeypatch, names, endpoint, ca_path):
    with ConnectProxy(endpoint.port) as proxy:
        monkeypatch.setenv("https_proxy", "127.0.0.1:%d" % proxy.port)
        assert attempt("https://" + NAME, context=trust.ssl_context(True, ca_path)).status == 200
    assert proxy.connections == 1


def test_proxy_over_tls(monkeypatch, names, endpoint, authority, ca_path):
    with ConnectProxy(endpoint.port, serving(authority, "localhost")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", "https://localhost:%d" % proxy.port)
        line = transport.Transport("https://" + NAME, 5.0, trust.ssl_context(True, ca_path))
        for _attempt in range(2):
            line.connect()
            assert line.send(question(line)).status == 200
    assert proxy.connections == 1


def test_no_proxy(monkeypatch, names, endpoint, ca_path):
    names[NAME] = [("127.0.0.1", endpoint.port)]
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "elsewhere.example,.example")
    assert attempt("https://" + NAME, context=trust.ssl_context(True, ca_path)).status == 200


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_never_asked_through_a_proxy(monkeypatch, variable, host):
    monkeypatch.setenv(variable.lower(), "http://127.0.0.1:1")
    monkeypatch.setenv(variable, "http://127.0.0.1:1")
    with answering(http()) as server:
        assert attempt("http://%s:%d" % (host, server.port)).status == 200


@pytest.mark.parametrize("status", [403, 407, 502])
def test_proxy_that_refuses(monkeypatch, ca_path, status):
    with ConnectProxy(1, answer=b"HTTP/1.1 %d Refused SecretOfTheProxy\r\nContent-Length: 0\r\n\r\n" % status) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", "http://somebody:SecretOfTheProxy@127.0.0.1:%d" % proxy.port)
        error = failure("https://" + NAME, context=trust.ssl_context(True, ca_path))
    assert error.code == "Unreachable"
    assert error.message == "The proxy refused to connect to the endpoint with HTTP %d." % status
    assert "SecretOfTheProxy" not in error.sentence()


def test_proxy_that_is_not_there(monkeypatch, ca_path):
    monkeypatch.setenv("HTTPS_PROXY", "http://somebody:SecretOfTheProxy@127.0.0.1:1")
    error = failure("https://" + NAME, context=trust.ssl_context(True, ca_path))
    assert (error.code, error.message) == ("Unreachable", "No connection to the proxy can be made: connection refused.")


@pytest.mark.parametrize(
    "proxy",
    [
        "socks6://u:SecretOfTheProxy@p.example:1",
        "ftp://p.example",
        "http://u:SecretOfTheProxy@[::1",
        "http://p:99999",
        "http://",
    ],
)
def test_unusable_proxy_is_one_sentence(monkeypatch, ca_path, proxy):
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(
        OptionError, match="^The environment's proxy cannot be used; set HTTPS_PROXY to http://HOST:PORT"
    ) as caught:
        transport.Transport("https://" + NAME, 5.0, trust.ssl_context(True, ca_path))
    assert "SecretOfTheProxy" not in str(caught.value)


# One connection


def test_connection_is_kept():
    with answering(http()) as server:
        line = transport.Transport(server.url, 5.0, None)
        assert not line.alive()
        for _attempt in range(3):
            line.connect()
            assert line.alive()
            assert line.send(question(line)).body == b"{}"
        assert server.connections == 1


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_what_tls_itself_sends_does_not_end_a_connection(authority, ca_path, version):
    # The session tickets of TLS 1.3 lie unread between the handshake and the first answer.
    tls = serving(authority, "127.0.0.1")
    tls.minimum_version = tls.maximum_version = version
    with answering(http(), tls=tls) as server:
        line = transport.Transport(server.url, 5.0, trust.ssl_context(True, ca_path))
        for _attempt in range(2):
            line.connect()
            time.sleep(0.1)
            assert line.alive()
            assert line.send(question(line)).status == 200
        assert server.connections == 1


@pytest.mark.parametrize("over_tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize(
    "end",
    [
        lambda line: None,
        lambda line: line.send(b"HTTP/1.1 408 Request Timeout\r\n\r\n"),
        # Once the answer has been read: a reset takes away what has not.
        lambda line: time.sleep(0.1) or line.reset(),
    ],
    ids=["closed", "spoken to", "reset"],
)
def test_idle_connection_that_ended_is_made_anew(authority, ca_path, over_tls, end):
    def once(line):
        line.send(http())
        end(line)

    with answering(once, tls=serving(authority, "127.0.0.1") if over_tls else None) as server:
        line = transport.Transport(server.url, 5.0, trust.ssl_context(True, ca_path) if over_tls else None)
        line.connect()
        assert line.send(question(line)).status == 200
        deadline = time.monotonic() + 5
        while line.alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not line.alive()
        line.connect()
        assert line.send(question(line)).status == 200
        assert server.connections == 2


@pytest.mark.parametrize("through_proxy", [False, True], ids=["TLS", "CONNECT"])
def test_nothing_is_sent_after_a_failed_handshake(monkeypatch, ca_path, through_proxy):
    received = []

    def script(line):
        while True:
            data = line.sock.recv(65536)
            received.append(data)
            if not data:
                return

    with RawServer(script) as server:
        if through_proxy:
            monkeypatch.setenv("HTTPS_PROXY", server.url)
        url = "https://" + NAME if through_proxy else server.url.replace("http:", "https:")
        line = transport.Transport(url, 0.3, trust.ssl_context(True, ca_path))
        for _attempt in range(2):
            with pytest.raises(TransportError, match="longer than timeout"):
                line.connect()
            assert not line.alive()
        assert server.connections == 2
    assert b"POST" not in b"".join(received)


def test_connection_goes_with_its_error():
    def cut(line):
        line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")

    with answering(cut, http()) as server:
        line = transport.Transport(server.url, 5.0, None)
        with pytest.raises(TransportError):
            line.send(question(line))
        assert not line.alive()
        assert line.send(question(line)).status == 200


# Answers that are none


LOST = "ConnectionLost"
UNEXPECTED = "UnexpectedAnswer"
HEAD = b"HTTP/1.1 200 OK\r\n"


def cut(data):
    return lambda line: line.send(data)


def reset_after(data):
    def script(line):
        line.send(data)
        # A reset takes away what the client has not read yet.
        time.sleep(0.05)
        line.reset()

    return script


@pytest.mark.parametrize(
    "script, code, words",
    [
        pytest.param(cut(b""), LOST, "connection closed", id="closed without an answer"),
        pytest.param(reset_after(b""), LOST, "connection reset by peer", id="reset before the headers"),
        pytest.param(reset_after(HEAD + b"X-A: b"), LOST, "connection reset by peer", id="reset in the headers"),
        pytest.param(
            reset_after(HEAD + b"Content-Length: 9\r\n\r\nx"), LOST, "connection reset by peer", id="reset in the body"
        ),
        pytest.param(cut(HEAD + b"Content-Length: 9\r\n\r\nx"), LOST, "connection closed", id="body cut"),
        pytest.param(cut(HEAD + b"Content-Length: 9\r\n\r\n"), LOST, "connection closed", id="body missing"),
        pytest.param(cut(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"), LOST, "", id="chunk cut"),
        pytest.param(cut(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab"), LOST, "", id="broken chunk"),
        pytest.param(
            cut(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 70000),
            UNEXPECTED,
            "not valid HTTP",
            id="long chunk",
        ),
        pytest.param(
            cut(HEAD + b"X-Long: " + b"x" * 100_000 + b"\r\n\r\n"), UNEXPECTED, "not valid HTTP", id="100 kB header"
        ),
        pytest.param(cut(HEAD + b"X-Many: x\r\n" * 101 + b"\r\n"), UNEXPECTED, "not valid HTTP", id="101 headers"),
        pytest.param(cut(HEAD + b"Content-Length: 1, 2\r\n\r\nxx"), UNEXPECTED, "not valid HTTP", id="two lengths"),
        pytest.param(cut(b"HTTP/1.1 abc OK\r\n\r\n"), UNEXPECTED, "not valid HTTP", id="no status"),
        pytest.param(cut(b"HTTP/9.9 200 OK\r\n\r\n"), UNEXPECTED, "not valid HTTP", id="unknown version"),
        pytest.param(cut(b"SSH-2.0-OpenSSH\r\n"), UNEXPECTED, "not valid HTTP", id="another protocol"),
        pytest.param(cut(random.Random(1).randbytes(512)), UNEXPECTED, "not valid HTTP", id="random bytes"),
    ],
)
def test_broken_answer(script, code, words):
    with answering(script) as server:
        error = failure(server.url)
    assert error.code == code
    assert words in error.message


@pytest.mark.parametrize("last_words", [b"", b"not TLS" * 9], ids=["closed", "spoken over"])
def test_tls_that_ends_in_the_body(authority, ca_path, last_words):
    def script(line):
        line.head()
        line.send(HEAD + b"Content-Length: 9\r\n\r\nx")
        # Past TLS, as somebody on the way would.
        socket.socket.send(line.sock, last_words)
        socket.socket.shutdown(line.sock, socket.SHUT_WR)

    with RawServer(script, serving(authority, "127.0.0.1")) as server:
        error = failure(server.url, context=trust.ssl_context(True, ca_path))
    assert (error.code, error.message) == (
        LOST,
        "The connection ended before the whole answer came: connection closed.",
    )


@pytest.mark.parametrize(
    "answer, status, body",
    [
        (b"HTTP/1.0 200 OK\r\n\r\n{}", 200, b"{}"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + http(), 200, b"{}"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\nX: y\r\n\r\n", 200, b"{}"),
        (http(b"<html>", "502 Bad Gateway"), 502, b"<html>"),
        (HEAD + b"not a header\r\nContent-Length: 2\r\n\r\n{}", 200, b"Content-Length: 2\r\n\r\n{}"),
    ],
    ids=["HTTP/1.0", "204", "100", "chunks", "502", "broken header"],
)
def test_odd_but_whole_answer(answer, status, body):
    with answering(cut(answer)) as server:
        found = attempt(server.url)
    assert found.status == status
    assert found.body in (body, b"{}")


def test_headers_in_any_case():
    with answering(http(headers=["X-ACS-Retry-After: 250"])) as server:
        assert attempt(server.url).headers["x-acs-retry-after"] == "250"


def test_nobody_there():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure("http://127.0.0.1:%d" % port)
    assert (error.code, error.message) == ("Unreachable", "No connection can be made: connection refused.")


@pytest.mark.parametrize("trouble", [None, UnicodeError("label too long")])
def test_name_that_does_not_resolve(names, trouble):
    def refuse():
        raise trouble

    if trouble:
        names[NAME] = refuse
    error = failure("http://" + NAME)
    assert (error.code, error.message) == ("Unreachable", "The name of the endpoint cannot be resolved.")


@pytest.fixture(scope="module")
def parrot():
    """A server that says whatever ``answer`` holds and closes."""
    server = RawServer(lambda line: line.head() and line.send(server.answer))
    with server:
        yield server


HEADER = st.sampled_from(
    [
        b"Content-Length: ",
        b"Transfer-Encoding: chunked",
        b"Connection: keep-alive",
        b"Content-Encoding: gzip",
        b"Location: ",
        b"Set-Cookie: ",
    ]
)
PIECES = st.one_of(
    st.binary(max_size=30),
    HEADER,
    st.sampled_from([b"HTTP/1.1 ", b"200 OK", b"\r\n", b"\r\n\r\n", b"{}", b"-1", b"9" * 5000, b": "]),
)


@given(
    answer=st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=12).map(lambda pieces: HEAD + b"".join(pieces)))
)
@example(answer=HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}")
@example(answer=HEAD + b"Content-Length: -1\r\n\r\n{}")
@example(answer=HEAD + b"Location: http://[\r\nContent-Length: 0\r\n\r\n")
# Each example is a connection of its own.
@settings(max_examples=max(200, settings().max_examples // 10))
def test_any_bytes_end_in_an_answer_or_one_error(parrot, answer):
    parrot.answer = answer
    try:
        attempt(parrot.url, 3.0)
    except TransportError as error:
        assert error.code in (LOST, UNEXPECTED)
        assert SECRET not in error.sentence()


def test_no_descriptor_and_no_thread_is_left_by_failures():
    with answering(cut(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")) as server:
        line = transport.Transport(server.url, 5.0, None)

        def fail():
            line.connect()
            with pytest.raises(TransportError):
                line.send(question(line))

        fail()
        time.sleep(0.1)
        before = len(os.listdir("/proc/self/fd")), threading.active_count()
        for _attempt in range(20):
            fail()
        time.sleep(0.1)
        after = len(os.listdir("/proc/self/fd")), threading.active_count()
    assert all(now <= then + 2 for now, then in zip(after, before))


def test_without_requests_the_file_imports_and_says_why():
    code = (
        "import sys; sys.modules['requests'] = sys.modules['urllib3'] = None\n"
        "from ansible_collections.alicloud.chatapp.plugins.module_utils._http import transport\n"
        "assert 'requests' in transport.REQUESTS_IMPORT_ERROR"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_each_attempt_on_a_kept_connection_has_the_whole_limit():
    now = [0.0]

    def script(line):
        while server.take(line):
            now[0] += 4.0
            line.send(http())

    with RawServer(script) as server:
        line = transport.Transport(server.url, 5.0, None, clock=lambda: now[0])
        line.connect()
        for _attempt in range(3):
            assert line.send(question(line)).status == 200
    assert server.connections == 1


@pytest.mark.parametrize(
    ("requests_version", "urllib3_version", "sentence"),
    [
        ("2.25.1", "1.26.5", None),
        ("2.34.2", "2.8.0", None),
        ("3.0", "2.0", None),
        ("2.25.1+dfsg", "1.26.5-1~exp1", None),
        ("2.24.0", "1.25.11", "requests is 2.24.0 where the module runs; update it to 2.25.1 or newer."),
        ("2.25.0", "1.26.5", "requests is 2.25.0 where the module runs; update it to 2.25.1 or newer."),
        ("2.25.1", "1.26.4", "urllib3 is 1.26.4 where the module runs; update it to 1.26.5 or newer."),
        ("2.9.1", "2.8.0", "requests is 2.9.1 where the module runs; update it to 2.25.1 or newer."),
    ],
)
def test_an_older_requests_is_refused_by_name(monkeypatch, requests_version, urllib3_version, sentence):
    monkeypatch.setattr(requests, "__version__", requests_version)
    monkeypatch.setattr(urllib3, "__version__", urllib3_version)
    assert transport.unusable() == (sentence and f"The Python package {sentence}")


def test_a_package_that_does_not_say_its_version_is_called_unknown(monkeypatch):
    monkeypatch.delattr(urllib3, "__version__")
    assert transport.unusable() == (
        "The Python package urllib3 is unknown where the module runs; update it to 1.26.5 or newer."
    )
