# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections of C(requests), connected ahead of time and bound by one time limit for a whole attempt.

C(requests) counts its time-outs anew for each address and each read, so a server that drips a byte a second is never
late. Here every connect and every receive is given only what is left of the attempt.
"""
from __future__ import annotations

import http.client
import http.cookiejar
import io
import os
import queue
import re
import socket
import ssl
import threading
import time
import traceback
import typing as t
from urllib.parse import urlsplit

from ansible_collections.alicloud.chatapp.plugins.module_utils.errors import OptionError, TransportError
from ansible_collections.alicloud.chatapp.plugins.module_utils.options import is_loopback

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.util.ssl_ import create_urllib3_context

    REQUESTS_IMPORT_ERROR = None
except ImportError:
    REQUESTS_IMPORT_ERROR = traceback.format_exc()
    HTTPAdapter = HTTPConnection = HTTPSConnection = object

MAX_BODY = 16 * 1024 * 1024


class Response(t.NamedTuple):
    """What came back: HTTP status, headers (case-insensitive mapping) and the body as sent, at most 16 MiB."""

    status: int
    headers: t.Mapping[str, str]
    body: bytes


def ssl_context(validate_certs: bool, ca_path: t.Optional[str]) -> ssl.SSLContext:
    """Load the certificates once, for every connection of the task. Raises OptionError for an unusable C(ca_path).

    Without C(ca_path) the bundle is the one C(requests) would take: C(REQUESTS_CA_BUNDLE), C(CURL_CA_BUNDLE), certifi's.
    """
    context = create_urllib3_context()
    if not validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    bundle = ca_path or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or requests.certs.where()
    option = "ca_path" if ca_path else "The environment's REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE"
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = True
    try:
        if os.path.isdir(bundle):
            context.load_verify_locations(capath=bundle)
        else:
            context.load_verify_locations(cafile=bundle)
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno in (2, 13) else "no certificates in it"
        raise OptionError("%s cannot be read (%s): give a PEM file or a directory of certificates." % (option, reason)) from None
    return context


class Transport:
    """One kept-alive connection to one endpoint, for one thread at a time.

    C(base_url) is C(scheme://host[:port]); C(timeout) bounds one attempt in seconds, connecting takes at most half of it.
    A loopback endpoint is never asked through a proxy; for others the environment's proxies count, C(NO_PROXY) too.
    """

    def __init__(
        self,
        base_url: str,
        timeout: float,
        context: t.Optional[ssl.SSLContext],
        clock: t.Callable[[], float] = time.monotonic,
    ) -> None:
        self.base_url = base_url
        self._timeout = timeout
        self._context = context
        self._clock = clock
        self._connect_until = self._until = 0.0
        self._spent = 0.0
        self._connection: t.Any = None
        self._pool = self._make_pool()
        self._session = _Session()
        self._session.mount(base_url, _Adapter(self._pool))

    def _make_pool(self) -> t.Any:
        security = {}
        if self._context is not None:
            security = {"ssl_context": self._context, "cert_reqs": self._context.verify_mode}
        host = urlsplit(self.base_url).hostname or ""
        proxies = {} if is_loopback(host) else requests.utils.get_environ_proxies(self.base_url)
        proxy = requests.utils.select_proxy(self.base_url, proxies)
        if proxy is None:
            manager = urllib3.PoolManager(**security)
        else:
            proxy = requests.utils.prepend_scheme_if_needed(proxy, "http")
            if urlsplit(proxy).scheme not in ("http", "https"):
                raise OptionError(
                    "The environment's proxy is neither http:// nor https://; set HTTPS_PROXY to such a proxy, "
                    "or name the endpoint's host in NO_PROXY."
                )
            headers = HTTPAdapter().proxy_headers(proxy)
            manager = urllib3.ProxyManager(proxy, proxy_headers=headers, proxy_ssl_context=self._context, **security)
        pool = manager.connection_from_url(self.base_url)
        make = _BoundedHTTPSConnection if pool.scheme == "https" else _BoundedHTTPConnection

        def connection(*args: t.Any, **kwargs: t.Any) -> t.Any:
            made = make(*args, **kwargs)
            made.transport = self
            return made

        pool.ConnectionCls = connection
        # One connection, which is known here: the pool's own look at it takes the session tickets that TLS 1.3 sends
        # after the handshake for a sign that the other side has closed, and connects again.
        pool._get_conn = self._take
        pool._put_conn = lambda connection: None
        return pool

    def _take(self, timeout: t.Optional[float] = None) -> t.Any:
        if self._connection is None:
            self._connection = self._pool._new_conn()
        elif self._connection.sock is not None and not _is_open(self._connection.sock):
            self._connection.close()
        return self._connection

    def alive(self) -> bool:
        """Tell whether a connection is open that the other side has not closed."""
        return self._take().sock is not None

    def connect(self) -> None:
        """Begin an attempt: open the connection unless it is alive. Raises TransportError."""
        started = self._clock()
        self._until = started + self._timeout
        self._connect_until = started + self._timeout / 2
        connection = self._take()
        try:
            if connection.sock is None:
                if self._pool.proxy is not None and self._pool.scheme == "https":
                    self._pool._prepare_proxy(connection)
                else:
                    connection.connect()
        except Exception as error:
            connection.close()
            raise _explain(error, connecting=True) from None
        self._spent = self._clock() - started

    def send(self, request: t.Any) -> Response:
        """Send a C(requests.Request) within what is left of the attempt that connect() began. Raises TransportError."""
        self._until = self._connect_until = self._clock() + self._timeout - self._spent
        self._spent = 0.0
        try:
            prepared = self._session.prepare_request(request)
            response = self._session.send(
                prepared, stream=True, allow_redirects=False, proxies={}, timeout=self.remaining()
            )
            with response:
                return Response(response.status_code, response.headers, self._read(response))
        except TransportError:
            raise
        except Exception as error:
            raise _explain(error, connecting=False) from None

    def _read(self, response: t.Any) -> bytes:
        body = bytearray()
        while True:
            chunk = response.raw.read(65536, decode_content=False)
            if not chunk:
                break
            body += chunk
            if len(body) > MAX_BODY:
                raise TransportError("UnexpectedAnswer", "The answer is larger than 16 MiB.", http_status=response.status_code)
        length = response.headers.get("Content-Length", "")
        if length.isdigit() and int(length[:20]) != len(body):
            raise TransportError(
                "ConnectionLost", "The connection ended in the middle of the answer.", http_status=response.status_code
            )
        return bytes(body)

    def remaining(self) -> float:
        """Return the seconds left of the attempt, more than 0. Raises socket.timeout when there are none."""
        left = self._until - self._clock()
        if left <= 0:
            raise socket.timeout("timed out")
        return left

    def open_socket(self, host: str, port: int, options: t.Sequence[t.Sequence[t.Any]]) -> socket.socket:
        """Connect to the first address of C(host) that answers, all of them together within the time for connecting."""
        addresses = _resolve(host, port, self._connect_until - self._clock())
        failure: OSError = socket.timeout("timed out")
        for place, (family, kind, protocol, _name, address) in enumerate(addresses):
            left = self._connect_until - self._clock()
            if left <= 0:
                break
            sock = socket.socket(family, kind, protocol)
            try:
                for option in options:
                    sock.setsockopt(*option)
                sock.settimeout(left / (len(addresses) - place))
                sock.connect(address)
                sock.settimeout(self.remaining())
                return sock
            except OSError as error:
                sock.close()
                failure = error
        raise failure


def _is_open(sock: t.Any) -> bool:
    """Tell whether a connection on which nothing is awaited is still good; what TLS itself has to say is read."""
    if not urllib3.util.wait.wait_for_read(sock, timeout=0.0):
        return True
    if not isinstance(sock, ssl.SSLSocket):
        return False
    try:
        sock.settimeout(0.0)
        sock.recv(1)
    except ssl.SSLWantReadError:
        return True
    except OSError:
        pass
    return False


def _resolve(host: str, port: int, within: float) -> t.List[t.Any]:
    """getaddrinfo() knows no time limit, so it runs beside; its thread is left behind when it is late."""
    answers: t.Any = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=look_up, daemon=True).start()
    try:
        found = answers.get(timeout=max(within, 0.001))
    except queue.Empty:
        raise socket.timeout("name resolution timed out") from None
    if isinstance(found, Exception):
        raise found
    return found


class _Session(requests.Session if REQUESTS_IMPORT_ERROR is None else object):
    """Keeps nothing between requests and takes nothing from the environment: no netrc, cookies or redirects."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))

    def get_redirect_target(self, resp: t.Any) -> None:
        # Even with allow_redirects=False the session would read a redirect's body, unbounded, to prepare the next request.
        return None


class _Adapter(HTTPAdapter):
    """Sends through the one pool it is given, whose context decides about certificates for every request alike."""

    def __init__(self, pool: t.Any) -> None:
        super().__init__()
        self._chatapp_pool = pool

    def get_connection_with_tls_context(self, request: t.Any, verify: t.Any, proxies: t.Any = None, cert: t.Any = None) -> t.Any:
        return self._chatapp_pool

    def get_connection(self, url: str, proxies: t.Any = None) -> t.Any:
        # The name of the method above before requests 2.32.
        return self._chatapp_pool

    def cert_verify(self, conn: t.Any, url: str, verify: t.Any, cert: t.Any) -> None:
        # The original would have the certificate bundle loaded again for each connection, 20 to 30 ms of CPU.
        return None


class _Bounded:
    """What the two kinds of connection have in common: each step is given only what is left of the attempt."""

    transport: t.Any = None

    def _new_conn(self) -> socket.socket:
        return self.transport.open_socket(self._dns_host, self.port, self.socket_options or [])

    def response_class(self, sock: t.Any, *args: t.Any, **kwargs: t.Any) -> http.client.HTTPResponse:
        response = http.client.HTTPResponse(sock, *args, **kwargs)
        response.fp = io.BufferedReader(_BoundedReader(response.fp.detach(), sock, self.transport))
        return response

    def send(self, data: t.Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(self.transport.remaining())
        super().send(data)


class _BoundedHTTPConnection(_Bounded, HTTPConnection):
    pass


class _BoundedHTTPSConnection(_Bounded, HTTPSConnection):
    pass


class _BoundedReader(io.RawIOBase):
    def __init__(self, raw: t.Any, sock: t.Any, transport: Transport) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._transport = transport

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> t.Optional[int]:
        self._sock.settimeout(self._transport.remaining())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _explain(error: BaseException, connecting: bool) -> TransportError:
    """Say what an exception of C(requests), C(urllib3), C(ssl) or the system means, in words that hold nothing of the request."""
    causes = list(_causes(error))

    def first(*kinds: t.Any) -> t.Any:
        return next((cause for cause in causes if isinstance(cause, kinds)), None)

    if first(socket.timeout, urllib3.exceptions.TimeoutError):
        return TransportError("TimedOut", "The attempt took longer than timeout allows%s." % (" to connect" if connecting else ""))
    refused = next((match for match in (re.search(r"Tunnel connection failed: (\d{3})", str(c)) for c in causes) if match), None)
    if refused:
        return TransportError("Unreachable", "The proxy refused to connect to the endpoint with HTTP %s." % refused.group(1))
    certificate = first(ssl.SSLCertVerificationError, ssl.CertificateError)
    if certificate:
        reason = getattr(certificate, "verify_message", "") or "host name mismatch"
        return TransportError("TLSFailure", "The certificate of the endpoint cannot be verified: %s." % reason.rstrip("."))
    if connecting and first(ssl.SSLError, urllib3.exceptions.SSLError):
        reason = getattr(first(ssl.SSLError), "reason", None) or "handshake failed"
        return TransportError("TLSFailure", "No TLS connection can be made: %s." % str(reason).replace("_", " ").lower())
    if first(socket.gaierror, UnicodeError):
        return TransportError("Unreachable", "The name of the endpoint or of the proxy cannot be resolved.")
    system = first(OSError)
    reason = os.strerror(system.errno).lower() if system is not None and system.errno else "connection closed"
    if connecting:
        return TransportError("Unreachable", "No connection can be made: %s." % reason)
    if first(http.client.RemoteDisconnected, http.client.IncompleteRead, ssl.SSLError) is None and first(http.client.HTTPException):
        return TransportError("UnexpectedAnswer", "The answer is not valid HTTP.")
    return TransportError("ConnectionLost", "The connection ended before the whole answer came: %s." % reason)


def _causes(error: BaseException) -> t.Iterator[BaseException]:
    """Walk from an exception to all that it wraps, in whichever way C(urllib3) and C(requests) wrapped it."""
    waiting: t.List[t.Any] = [error]
    seen: t.Set[int] = set()
    while waiting:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting.extend([cause.__cause__, cause.__context__, getattr(cause, "reason", None)])
        waiting.extend(cause.args)
