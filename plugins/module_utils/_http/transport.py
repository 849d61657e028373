# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection.

One endpoint over ``requests``: connected ahead of time, bound in time and size, nothing kept between requests.
"""

from __future__ import annotations

import http.client
import os
import ssl
import time
import traceback
import typing as t
from urllib.parse import urlsplit

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError, TransportError
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.deadline import Deadline, DeadlineConnection
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.endpoint import is_loopback
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.errors import to_transport_error

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from urllib3.util.ssl_ import create_urllib3_context

    REQUESTS_IMPORT_ERROR = None
    _FAILURES = (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError)
except ImportError:
    REQUESTS_IMPORT_ERROR = traceback.format_exc()
    HTTPAdapter = object

MAX_BODY = 16 * 1024 * 1024


class Response(t.NamedTuple):
    """What came back: HTTP status, headers (case-insensitive mapping) and the body as sent, at most 16 MiB."""

    status: int
    headers: t.Mapping[str, str]
    body: bytes


def ssl_context(validate_certs: bool, ca_path: str | None) -> ssl.SSLContext:
    """Load the certificates once, for every connection of the task. Raises OptionError for an unusable ``ca_path``.

    Without ``ca_path`` the bundle is that of ``requests``: ``REQUESTS_CA_BUNDLE``, ``CURL_CA_BUNDLE``, certifi's.
    """
    if not validate_certs:
        # The module warns about it once; urllib3 would for every request, on standard error.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        return create_urllib3_context(cert_reqs=ssl.CERT_NONE)
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    ambient = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    bundle = ca_path or ambient or requests.certs.where()
    option = "ca_path" if ca_path else "The environment's REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE"
    try:
        if os.path.isdir(bundle):
            context.load_verify_locations(capath=bundle)
        else:
            context.load_verify_locations(cafile=bundle)
    except OSError as error:
        reason = "no certificates in it" if isinstance(error, ssl.SSLError) else error.strerror.lower()
        raise OptionError(
            f"{option} cannot be read ({reason}): give a PEM file or a directory of certificates."
        ) from None
    return context


class Transport:
    """One kept-alive connection to one endpoint, for one thread at a time.

    ``base_url`` is ``scheme://host[:port]``; ``timeout`` bounds one attempt in seconds, and connecting by half of it.
    A loopback endpoint is never asked through a proxy; for others the environment's proxies count, ``NO_PROXY`` too.
    Raises OptionError for a proxy that cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        timeout: float,
        context: ssl.SSLContext | None,
        clock: t.Callable[[], float] = time.monotonic,
    ) -> None:
        self.base_url = base_url
        self._limit = Deadline(timeout, clock)
        pool = self._pool = _pool(base_url, context)
        pool.ConnectionCls = type(
            "DeadlineConnection", (DeadlineConnection, pool.ConnectionCls), {"limit": self._limit}
        )
        # One connection, which is looked at here: the pool's own look takes the session tickets that TLS 1.3 sends
        # after the handshake for a sign that the other side has closed, and connects again.
        self._connection = pool._new_conn()
        pool._get_conn = lambda timeout=None: self._checked()
        pool._put_conn = lambda connection: None
        self._adapter = _Adapter(pool)

    def _checked(self) -> t.Any:
        if self._connection.sock is not None and not _is_open(self._connection.sock):
            self._connection.close()
        return self._connection

    def alive(self) -> bool:
        """Tell whether a connection is open that the other side has not closed."""
        return self._checked().sock is not None

    def connect(self) -> None:
        """Begin an attempt: open the connection unless it is alive. Raises TransportError."""
        self._limit.restart()
        try:
            if not self.alive():
                if self._pool.proxy is not None:
                    self._pool._prepare_proxy(self._connection)
                else:
                    self._connection.connect()
        except _FAILURES as error:
            self._connection.close()
            raise to_transport_error(error, connecting=True) from None
        finally:
            self._limit.pause()

    def send(self, request: t.Any) -> Response:
        """Send a ``requests.Request`` within what is left of the attempt that connect() began. Raises TransportError.

        Without a session, so that no ``~/.netrc``, cookie or redirect has a part in it.
        """
        prepared = request.prepare()
        self._limit.resume()
        try:
            with self._adapter.send(prepared, stream=True, timeout=self._limit.left()) as response:
                return Response(response.status_code, response.headers, _body(response))
        except _FAILURES as error:
            raise to_transport_error(error, connecting=False) from None
        finally:
            self._limit.restart()


def _pool(base_url: str, context: ssl.SSLContext | None) -> t.Any:
    security = {} if context is None else {"ssl_context": context, "cert_reqs": context.verify_mode}
    proxies = {} if is_loopback(urlsplit(base_url).hostname or "") else requests.utils.get_environ_proxies(base_url)
    proxy = requests.utils.select_proxy(base_url, proxies)
    if proxy is None:
        return urllib3.PoolManager(**security).connection_from_url(base_url)
    try:
        url = proxy if "://" in proxy else "http://" + proxy
        headers = HTTPAdapter().proxy_headers(url)
        manager = urllib3.ProxyManager(url, proxy_headers=headers, proxy_ssl_context=context, **security)
        if not manager.proxy.host:
            raise ValueError("no host")
        return manager.connection_from_url(base_url)
    except (ValueError, urllib3.exceptions.HTTPError):
        raise OptionError(
            "The environment's proxy cannot be used; set HTTPS_PROXY to http://HOST:PORT, "
            "or name the endpoint's host in NO_PROXY."
        ) from None


def _is_open(sock: t.Any) -> bool:
    """Tell whether a connection on which nothing is awaited is still good; what TLS itself has to say is read."""
    try:
        sock.settimeout(0.0)
        sock.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        pass
    return False


def _body(response: t.Any) -> bytes:
    body = bytearray()
    while True:
        chunk = response.raw.read(65536, decode_content=False)
        body += chunk
        if len(body) > MAX_BODY:
            raise TransportError(
                "UnexpectedAnswer", "The answer is larger than 16 MiB.", http_status=response.status_code
            )
        if not chunk:
            break
    # urllib3 before 2.0 says nothing of a body that ended early.
    if response.raw.length_remaining:
        raise http.client.IncompleteRead(b"")
    return bytes(body)


class _Adapter(HTTPAdapter):
    """Sends through the one pool it is given, whose context decides about certificates for every request alike."""

    def __init__(self, pool: t.Any) -> None:
        super().__init__()
        self._chatapp_pool = pool

    def get_connection_with_tls_context(
        self, request: t.Any, verify: t.Any, proxies: t.Any = None, cert: t.Any = None
    ) -> t.Any:
        return self._chatapp_pool

    def get_connection(self, url: str, proxies: t.Any = None) -> t.Any:
        # The name of the method above before requests 2.32.
        return self._chatapp_pool

    def cert_verify(self, conn: t.Any, url: str, verify: t.Any, cert: t.Any) -> None:
        # The original would have the certificate bundle loaded again for each connection, 20 to 30 ms of CPU.
        return None
