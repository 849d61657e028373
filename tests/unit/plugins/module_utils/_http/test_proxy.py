# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which proxy is asked, and how: as ``requests`` alone would, on every setting that people have in their environment."""

from __future__ import annotations

import base64
import importlib.util
import os
import re
import socket
import time

import pytest
import requests
import urllib3
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError
from ansible_collections.alicloud.chatapp.plugins.module_utils._http import transport, trust
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.endpoint import base_url
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.proxy import Proxy, environment_proxy
from attempts import NAME, attempt, failure, question, serving
from raw_server import ConnectProxy, RawServer, answering, http
from requests.adapters import HTTPAdapter

HERE = "http://proxy.example:3128"


def route(endpoint):
    """Where we go for an endpoint: a proxy's scheme, host, port and credentials, or None for the endpoint itself."""
    proxy = environment_proxy(base_url(endpoint))
    return proxy and (proxy.scheme, proxy.host, proxy.port, proxy.headers())


class Recorder(HTTPAdapter):
    """Sees which pool ``requests`` takes a connection from, and goes no further."""

    def send(self, request, proxies=None, **_how):
        url = requests.utils.select_proxy(request.url, proxies)
        self.route = None
        if url:
            manager = self.proxy_manager_for(requests.utils.prepend_scheme_if_needed(url, "http"))
            found = manager.proxy
            self.route = (found.scheme, found.host.strip("[]"), found.port, dict(manager.proxy_headers))
        return requests.Response()


def route_of_requests(url):
    """Where ``requests`` goes for a URL, by its own session and its own pools."""
    recorder = Recorder()
    with requests.Session() as session:
        session.mount("https://", recorder)
        session.mount("http://", recorder)
        session.send(session.prepare_request(requests.Request("POST", url)), **session.merge_environment_settings(
            url, {}, None, None, None))  # fmt: skip
    return recorder.route


ENVIRONMENTS = {
    "nothing": {},
    "upper case": {"HTTPS_PROXY": HERE},
    "lower case": {"https_proxy": HERE},
    "for plain HTTP alone": {"HTTP_PROXY": HERE},
    "both cases": {"HTTPS_PROXY": "http://upper.example:1", "https_proxy": "http://lower.example:2"},
    "for everything": {"ALL_PROXY": HERE},
    "for everything, and HTTPS": {"ALL_PROXY": "http://all.example:1", "HTTPS_PROXY": HERE},
    "empty": {"HTTPS_PROXY": ""},
    "empty beside everything": {"HTTPS_PROXY": "", "ALL_PROXY": HERE},
    "no scheme": {"HTTPS_PROXY": "proxy.example:3128"},
    "no scheme and no port": {"HTTPS_PROXY": "proxy.example"},
    "no port": {"HTTPS_PROXY": "http://proxy.example"},
    "over TLS": {"HTTPS_PROXY": "https://proxy.example:3128"},
    "over TLS without a port": {"HTTPS_PROXY": "https://proxy.example"},
    "a slash": {"HTTPS_PROXY": "http://proxy.example:3128/"},
    "upper-case URL": {"HTTPS_PROXY": "HTTP://Proxy.Example:3128"},
    "IPv4": {"HTTPS_PROXY": "http://192.0.2.1:3128"},
    "IPv6": {"HTTPS_PROXY": "http://[2001:db8::1]:3128"},
    "IPv6 without a port": {"HTTPS_PROXY": "http://[2001:db8::1]"},
    "link-local": {"HTTPS_PROXY": "http://[fe80::1%25eth0]:3128"},
    "link-local as ip prints it": {"HTTPS_PROXY": "http://[fe80::1%eth0]:3128"},
    "user": {"HTTPS_PROXY": "http://somebody:secret@proxy.example:3128"},
    "encoded": {"HTTPS_PROXY": "http://DOMAIN%5Csomebody:p%40ss%3A%2F%23word@proxy.example:3128"},
    "an at sign that is not encoded": {"HTTPS_PROXY": "http://somebody:p@ss@proxy.example:3128"},
    "a colon in the password": {"HTTPS_PROXY": "http://somebody:p:ss@proxy.example:3128"},
    "Latin-1": {"HTTPS_PROXY": "http://somebody:p%E9@proxy.example:3128".replace("%E9", "%C3%A9")},
    "no proxy: another": {"HTTPS_PROXY": HERE, "NO_PROXY": "elsewhere.example"},
    "no proxy: the host": {"HTTPS_PROXY": HERE, "NO_PROXY": "elsewhere.example, service.example"},
    "no proxy: lower case": {"HTTPS_PROXY": HERE, "no_proxy": "service.example"},
    "no proxy: both cases": {"HTTPS_PROXY": HERE, "no_proxy": "elsewhere.example", "NO_PROXY": "service.example"},
    "no proxy: the domain": {"HTTPS_PROXY": HERE, "NO_PROXY": ".example"},
    "no proxy: the domain without a dot": {"HTTPS_PROXY": HERE, "NO_PROXY": "example"},
    "no proxy: a part of the name": {"HTTPS_PROXY": HERE, "NO_PROXY": "vice.example"},
    "no proxy: other letters": {"HTTPS_PROXY": HERE, "NO_PROXY": "SERVICE.Example"},
    "no proxy: everything": {"HTTPS_PROXY": HERE, "NO_PROXY": "*"},
    "no proxy: a port": {"HTTPS_PROXY": HERE, "NO_PROXY": "service.example:8443"},
    "no proxy: the default port": {"HTTPS_PROXY": HERE, "NO_PROXY": "service.example:443"},
    "no proxy: another port": {"HTTPS_PROXY": HERE, "NO_PROXY": "service.example:444"},
    "no proxy: an address": {"HTTPS_PROXY": HERE, "NO_PROXY": "192.0.2.7"},
    "no proxy: a network": {"HTTPS_PROXY": HERE, "NO_PROXY": "10.0.0.0/8,192.0.2.0/24"},
    "no proxy: another network": {"HTTPS_PROXY": HERE, "NO_PROXY": "192.0.3.0/24"},
    "no proxy: IPv6": {"HTTPS_PROXY": HERE, "NO_PROXY": "2001:db8::7"},
    "no proxy: IPv6 in brackets": {"HTTPS_PROXY": HERE, "NO_PROXY": "[2001:db8::7]"},
    "no proxy: a trailing dot": {"HTTPS_PROXY": HERE, "NO_PROXY": "service.example."},
    "no proxy: blanks": {"HTTPS_PROXY": HERE, "NO_PROXY": " elsewhere.example ,  service.example "},
    "no proxy: commas": {"HTTPS_PROXY": HERE, "NO_PROXY": ",,"},
}
ENDPOINTS = [
    "https://service.example",
    "https://service.example:443",
    "https://service.example:8443",
    "https://service.example.",
    "https://192.0.2.7",
    "https://192.0.2.7:8443",
    "https://[2001:db8::7]",
    "https://[2001:db8::7]:8443",
]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_our_route_is_that_of_requests(monkeypatch, environment, endpoint):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    try:
        expected = route_of_requests(endpoint + "/")
    except (ValueError, urllib3.exceptions.HTTPError, requests.exceptions.InvalidProxyURL):
        pytest.skip("This release of requests cannot read the setting.")
    if endpoint == "https://service.example" and environment.get("NO_PROXY") == "service.example:443":
        # The one difference: whether the default port is written out in the endpoint changes nothing here.
        assert expected is not None
        expected = None
    if expected is not None and expected[2] is None:
        scheme, host, _port, headers = expected
        expected = scheme, host, {"http": 80, "https": 443}[scheme], headers
    assert route(endpoint) == expected


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "https://localhost:8443", "https://[::1]"])
def test_loopback_has_no_proxy(monkeypatch, url):
    monkeypatch.setenv("ALL_PROXY", HERE)
    assert route(url) is None


@pytest.mark.parametrize(
    ("proxy", "found"),
    [
        # What requests alone cannot spell or read.
        ("http://somebody:p%E2%82%AC@p.example:1", ("p.example", 1, "somebody:p€".encode())),
        ("http://somebody@p.example:1", ("p.example", 1, b"somebody:")),
        (" http://p.example:1\r\n", ("p.example", 1, None)),
        ("//p.example:1", ("p.example", 1, None)),
        ("http://100%:50%off@p.example:1", ("p.example", 1, b"100%:50%off")),
    ],
)
def test_more_than_requests_can_read(monkeypatch, proxy, found):
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    host, port, credentials = found
    headers = {"Proxy-Authorization": f"Basic {base64.b64encode(credentials).decode()}"} if credentials else {}
    assert route("https://service.example")[1:] == (host, port, headers)


@pytest.mark.parametrize(
    "proxy",
    [
        "http://u:Secret#OfProxy@p.example:1",
        "http://u:Secret/OfProxy@p.example:1",
        "http://u:12/SecretOfProxy@p.example:1",
        "http://u:12?SecretOfProxy@p.example:1",
        "http://u:12#SecretOfProxy@p.example:1",
        "http://DOMAIN\\u:SecretOfProxy@p.example:1",
        "http:/p.example:1",
        "http://p.example:port",
        "http://p .example:1",
        "http://[::1:1",
        "http://:3128",
        '"http://p.example:1"',
        "gopher://p.example:1",
        "http://p.example:1/ http://q.example:2",
    ],
)
def test_a_proxy_that_cannot_be_read_is_one_sentence_with_a_remedy(monkeypatch, proxy):
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(OptionError) as caught:
        transport.Transport("https://service.example", 5.0, None)
    assert caught.value.message == (
        "The environment's proxy cannot be used; set HTTPS_PROXY to http://HOST:PORT or"
        " http://USER:PASSWORD@HOST:PORT, percent-encode special characters of user name and password (@ as %40, # as"
        " %23, / as %2F, \\ as %5C), or name the endpoint's host in NO_PROXY."
    )


# The way through


@pytest.fixture
def context(ca_path):
    return trust.ssl_context(True, ca_path)


def test_ipv6_proxy(monkeypatch, endpoint, context):
    """As ``urllib3`` 1.26 alone could not, for its brackets."""

    class OnVersion6(ConnectProxy):
        def __enter__(self):
            try:
                self._listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
            except OSError:
                pytest.skip("This host has no IPv6.")
            return self.serve()

    with OnVersion6(endpoint.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://[::1]:{proxy.port}")
        assert attempt(f"https://{NAME}", context=context).status == 200


def test_what_the_proxy_is_asked(monkeypatch, endpoint, context):
    with ConnectProxy(endpoint.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://u:p%40ss@127.0.0.1:{proxy.port}")
        attempt(f"https://{NAME}:8443", context=context)
    lines = proxy.heads[0].decode().split("\r\n")
    assert lines[0] == f"CONNECT {NAME}:8443 HTTP/1.1"
    assert f"Host: {NAME}:8443" in lines
    assert "Proxy-Authorization: Basic " + base64.b64encode(b"u:p@ss").decode() in lines
    assert endpoint.heads[0].count(b"Host: ") == 1


def test_an_ipv6_endpoint_is_asked_for_in_brackets(monkeypatch, context):
    with ConnectProxy(1, answer=b"HTTP/1.1 403 No\r\n\r\n") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        failure("https://[2001:db8::7]", context=context)
    assert proxy.heads[0].startswith(b"CONNECT [2001:db8::7]:443 HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 70\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: -6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nProxy-agent: x\r\n\r\n",
        b"HTTP/1.1 201 Created\r\n\r\n",
    ],
    ids=["HTTP/1.0", "no length", "chunks", "a length", "interim", "two lengths", "another coding", "201"],
)
def test_whatever_a_proxy_says_of_a_body_the_tunnel_has_none(monkeypatch, endpoint, context, answer):
    with ConnectProxy(endpoint.port, answer=answer) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert attempt(f"https://{NAME}", context=context).body == b"{}"


def test_a_proxy_that_speaks_in_the_tunnel(monkeypatch, context):
    def script(line):
        line.head()
        line.send(b"HTTP/1.1 200 OK\r\n\r\nwelcome")
        line.hang()

    with RawServer(script) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert failure(f"https://{NAME}", context=context).code == "Unreachable"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 407 x\r\nProxy-Authenticate: Basic realm=x\r\n\r\n", "http://USER:PASSWORD@HOST:PORT"),
        (b"HTTP/1.1 407 x\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: Negotiate\r\n\r\n", "NTLM, Kerberos"),
        (b"HTTP/1.1 403 x\r\n\r\n", "NO_PROXY"),
        (b"HTTP/1.1 300 x\r\n\r\n", "NO_PROXY"),
    ],
)
def test_a_proxy_that_refuses_has_a_remedy(monkeypatch, context, answer, words):
    with ConnectProxy(1, answer=answer) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        error = failure(f"https://{NAME}", context=context)
    assert (error.code, words in error.remedy) == ("Unreachable", True)
    assert error.message == f"The proxy refused to connect to the endpoint with HTTP {answer[9:12].decode()}."


def test_the_name_of_the_proxy_does_not_resolve(monkeypatch, names, context):
    monkeypatch.setenv("HTTPS_PROXY", HERE)
    assert failure(f"https://{NAME}", context=context).message == "The name of the proxy cannot be resolved."


def test_a_tunnel_whose_end_is_closed(monkeypatch, context):
    with ConnectProxy(1) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        error = failure(f"https://{NAME}", context=context)
    assert error.code == "Unreachable"
    # What was sent into it already may be answered by a reset.
    assert re.fullmatch(
        "No connection through the proxy can be made: connection (closed|reset by peer).", error.message
    )


# SOCKS


needs_socks = pytest.mark.skipif(importlib.util.find_spec("socks") is None, reason="PySocks is not installed.")


class SocksProxy(ConnectProxy):
    """A SOCKS proxy that leads everything to one port of loopback, and records what it was asked for."""

    def __init__(self, port, reply=0, password=None, drip=0.0):
        super().__init__(port)
        self._script = self._socks
        self._reply, self._password, self._drip = reply, password, drip
        self.asked = []

    def say(self, line, data):
        if self._drip:
            line.drip(data, self._drip)
        else:
            line.send(data)

    def _socks(self, line):
        version = line.sock.recv(1)
        if version == b"\4":
            request = line.sock.recv(7)
            self.asked.append(("socks4", request[3:7], line.sock.recv(999)))
            self.say(line, b"\0" + bytes([0x5A if not self._reply else 0x5B]) + bytes(6))
        elif version == b"\5":
            line.sock.recv(line.sock.recv(1)[0])
            self.say(line, b"\5\2" if self._password else b"\5\0")
            if self._password:
                given = line.sock.recv(999)
                good = given == b"\1\1u" + bytes([len(self._password)]) + self._password.encode()
                self.say(line, b"\1\0" if good else b"\1\1")
                if not good:
                    return
            request = line.sock.recv(999)
            self.asked.append(("socks5", request[3:4], request[4:-2]))
            self.say(line, b"\5" + bytes([self._reply]) + b"\0\1" + bytes(6))
        if not self._reply:
            self.lead(line)


@needs_socks
@pytest.mark.parametrize(
    ("scheme", "asked"),
    [
        ("socks5h", ("socks5", b"\3", bytes([len(NAME)]) + NAME.encode())),
        ("socks5", ("socks5", b"\1", b"\x7f\0\0\x07")),
        ("socks4a", ("socks4", b"\0\0\0\1", b"\0" + NAME.encode() + b"\0")),
        ("socks4", ("socks4", b"\x7f\0\0\x07", b"\0")),
        ("socks5", ("socks5", b"\4", bytes(15) + b"\1")),
    ],
)
def test_socks(monkeypatch, names, endpoint, context, scheme, asked):
    if not scheme.endswith(("h", "a")):
        names[NAME] = [("::1", 443) if asked[1] == b"\4" else ("127.0.0.7", 443)]
    with SocksProxy(endpoint.port) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:{proxy.port}")
        line = transport.Transport(f"https://{NAME}", 5.0, context)
        for _request in range(2):
            line.connect()
            assert line.send(question(line)).status == 200
    assert proxy.asked == [asked]


@needs_socks
def test_socks_with_a_password(monkeypatch, endpoint, context):
    with SocksProxy(endpoint.port, password="p@ss") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"socks5h://u:p%40ss@127.0.0.1:{proxy.port}")
        assert attempt(f"https://{NAME}", context=context).status == 200
        monkeypatch.setenv("HTTPS_PROXY", f"socks5h://u:SecretOfTheProxy@127.0.0.1:{proxy.port}")
        error = failure(f"https://{NAME}", context=context)
    assert error.code == "Unreachable"
    assert error.message == (
        "The SOCKS proxy refused to connect to the endpoint without the right user name and password."
    )
    assert error.remedy == (
        "Set ALL_PROXY to socks5h://USER:PASSWORD@HOST:PORT; percent-encode special characters (@ as %40, # as %23,"
        " / as %2F, \\ as %5C)."
    )
    assert "SecretOfTheProxy" not in error.sentence()


@needs_socks
@pytest.mark.parametrize(
    ("scheme", "reply", "words"),
    [("socks5h", 5, "(connection refused)"), ("socks5h", 4, "(host unreachable)"), ("socks4a", 1, "(request rejected")],
)
def test_socks_proxy_that_refuses(monkeypatch, context, scheme, reply, words):
    with SocksProxy(1, reply) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://127.0.0.1:{proxy.port}")
        error = failure(f"https://{NAME}", context=context)
    assert error.code == "Unreachable"
    assert error.message.startswith(f"The SOCKS proxy refused to connect to the endpoint {words}")


@needs_socks
@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\5"], ids=["HTTP", "cut"])
def test_what_is_no_socks_proxy(monkeypatch, context, answer):
    with RawServer(lambda line: line.sock.recv(99) and line.send(answer)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"socks5h://127.0.0.1:{proxy.port}")
        error = failure(f"https://{NAME}", context=context)
    assert (error.code, error.message) == (
        "Unreachable",
        "No connection through the SOCKS proxy can be made: connection closed.",
    )


@needs_socks
def test_an_interruption_on_the_way_through_a_socks_proxy_leaves_no_descriptor(monkeypatch, context):
    def interrupt(*_arguments):
        raise KeyboardInterrupt

    with RawServer(lambda line: line.sock.recv(99)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"socks5h://127.0.0.1:{proxy.port}")
        monkeypatch.setattr("socks.socksocket.connect", interrupt)
        before = len(os.listdir("/proc/self/fd"))
        with pytest.raises(KeyboardInterrupt):
            attempt(f"https://{NAME}", context=context)
        assert len(os.listdir("/proc/self/fd")) == before


@needs_socks
def test_socks_proxy_that_is_not_there(monkeypatch, context):
    monkeypatch.setenv("HTTPS_PROXY", "socks5h://127.0.0.1:1")
    error = failure(f"https://{NAME}", context=context)
    assert error.message == "No connection through the SOCKS proxy can be made: connection refused."


@needs_socks
def test_socks_proxy_that_drips_keeps_to_the_limit(monkeypatch, context):
    with SocksProxy(1, drip=0.2) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"socks5h://127.0.0.1:{proxy.port}")
        started = time.monotonic()
        error = failure(f"https://{NAME}", 1.0, context)
        assert time.monotonic() - started < 1.5
    assert error.code == "TimedOut"
    assert error.message == "Connecting took longer than timeout allows."


class NotedSocket:
    """A socket of PySocks that notes what it is told, and fails as it is told."""

    def __init__(self, noted, trouble, *made_of):
        self.noted, self.trouble = noted, trouble
        noted.append(("made", *made_of))

    def __getattr__(self, name):
        def note(*arguments):
            self.noted.append((name, *arguments))
            if name == "connect" and self.trouble:
                raise self.trouble

        return note


class ThreeSeconds:
    """A deadline that is always as far away."""

    @staticmethod
    def left():
        return 3.0


@pytest.fixture(name="noted")
def fixture_noted(monkeypatch):
    """What SOCKS makes of names, and what it does with its sockets; the first item is the error of connecting."""
    pytest.importorskip("socks")
    from ansible_collections.alicloud.chatapp.plugins.module_utils._http import socks_proxy

    noted = [None]
    addresses = {
        "proxy.example": [("family", "kind", "protocol", "", ("fe80::1", 1080, 0, 3))],
        "service.example": [("f", "k", "p", "", ("10.0.0.1", 443)), ("f", "k", "p", "", ("2001:db8::1", 443, 0, 0))],
    }

    def resolve(*asked):
        noted.append(asked)
        return addresses[asked[0]]

    monkeypatch.setattr(socks_proxy, "resolve", resolve)
    monkeypatch.setattr(socks_proxy, "_DeadlineSocks", lambda *made: NotedSocket(noted, noted[0], *made))
    return socks_proxy, noted, addresses


@pytest.mark.parametrize(
    ("scheme", "version", "by_proxy"),
    [("socks4", 1, False), ("socks4a", 1, True), ("socks5", 2, False), ("socks5h", 2, True)],
)
def test_what_pysocks_is_told(noted, scheme, version, by_proxy):
    socks_proxy, told, _addresses = noted
    proxy = Proxy(scheme, "proxy.example", 1080, "u", "p")
    socks_proxy.connect(proxy, "service.example", 443, ThreeSeconds())
    target = "service.example" if by_proxy else "10.0.0.1"
    assert told[1:] == [
        *([] if by_proxy else [("service.example", 443, 3.0)]),
        ("proxy.example", 1080, 3.0),
        ("made", "family", "kind", "protocol"),
        ("set_proxy", version, "fe80::1%3", 1080, by_proxy, "u", "p"),
        ("settimeout", 3.0),
        ("connect", (target, 443)),
    ]


def test_each_address_is_tried_and_the_last_refusal_counts(noted):
    socks_proxy, told, addresses = noted
    told[0] = socks_proxy.socks.SOCKS5Error("0x02: Connection not allowed by ruleset: of the house")
    with pytest.raises(OSError) as refused:
        socks_proxy.connect(Proxy("socks5", "proxy.example", 1080, "", ""), "service.example", 443, ThreeSeconds())
    assert refused.value.reason == "(connection not allowed by ruleset: of the house)"
    done = [item for item in told[1:] if item[0] in ("connect", "close")]
    assert done == [("connect", ("10.0.0.1", 443)), ("close",), ("connect", ("2001:db8::1", 443)), ("close",)]
    addresses["proxy.example"] = []
    with pytest.raises(OSError):
        socks_proxy.connect(Proxy("socks5", "proxy.example", 1080, "", ""), "service.example", 443, ThreeSeconds())


@pytest.mark.parametrize(
    ("address", "host"),
    [
        (("10.0.0.1", 1080), "10.0.0.1"),
        (("2001:db8::1", 1080, 0, 0), "2001:db8::1"),
        (("fe80::1", 1080, 0, 2), "fe80::1%2"),
    ],
)
def test_a_zone_belongs_to_the_host(noted, address, host):
    assert noted[0]._host(address) == host


def test_socks_without_its_package(monkeypatch):
    original = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "socks" else original(name))
    monkeypatch.setenv("ALL_PROXY", "socks5h://u:SecretOfTheProxy@127.0.0.1:1")
    with pytest.raises(OptionError) as caught:
        transport.Transport(f"https://{NAME}", 5.0, None)
    assert caught.value.message == (
        "The environment's proxy speaks SOCKS, which needs the Python package PySocks where the module runs; install"
        " it, set HTTPS_PROXY to an HTTP proxy, or name the endpoint's host in NO_PROXY."
    )


# TLS to the proxy


def test_a_tls_proxy_in_upper_case(monkeypatch, names, endpoint, authority, context):
    with ConnectProxy(endpoint.port, serving(authority, "localhost")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"HTTPS://LocalHost:{proxy.port}")
        assert attempt(f"https://{NAME}", context=context).status == 200


def test_the_endpoint_itself_where_no_proxy_says_so(monkeypatch, names, authority, context):
    with answering(http(), tls=serving(authority, NAME)) as server:
        names[NAME] = [("127.0.0.1", server.port)]
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("NO_PROXY", f"{NAME}:{server.port}")
        assert attempt(f"https://{NAME}:{server.port}", context=context).status == 200
