# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection.

One endpoint over ``http.client``: connected ahead of time, bound in time and size, nothing kept between requests.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import ssl
import time
import traceback
import typing as t
from urllib.parse import urlsplit

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import TransportError
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.connection import Answer, Connection
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.deadline import Deadline
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.endpoint import DEFAULT_PORTS
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.errors import to_transport_error
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.proxy import environment_proxy
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.trust import keylog_error

REQUESTS_IMPORT_ERROR: str | None = None
_KEY_LOG_ERROR: str | None = None
try:
    import requests
    import urllib3
except ImportError:
    REQUESTS_IMPORT_ERROR = traceback.format_exc()
except OSError as caught:
    # Some releases of requests make a context for TLS as they are imported.
    _KEY_LOG_ERROR = keylog_error(caught)

OLDEST = {"requests": [2, 25, 1], "urllib3": [1, 26, 5]}
MAX_BODY = 16 * 1024 * 1024


class Response(t.NamedTuple):
    """What came back: HTTP status, headers (case-insensitive mapping) and the body as sent, at most 16 MiB."""

    status: int
    headers: t.Mapping[str, str]
    body: bytes


def unusable() -> str | None:
    """Return a sentence when ``requests`` or ``urllib3`` cannot be used although it is there, or None."""
    if _KEY_LOG_ERROR:
        return _KEY_LOG_ERROR
    for package in (requests, urllib3):
        name, found = package.__name__, getattr(package, "__version__", "unknown")
        if [int(number) for number in re.findall(r"\d+", found)[:3]] < OLDEST[name]:
            oldest = ".".join(map(str, OLDEST[name]))
            return f"The Python package {name} is {found} where the module runs; update it to {oldest} or newer."
    return None


class Transport:
    """One kept-alive connection to one endpoint, for one thread at a time.

    ``base_url`` is ``scheme://host[:port]``; ``timeout`` bounds one attempt in seconds, and connecting by half of it.
    A loopback endpoint is never asked through a proxy; for others the environment's proxies count, ``NO_PROXY`` too.
    Raises OptionError for a proxy that cannot be used. After alive() has found the connection closed, ``last_words`` is
    the TransportError of what the other side said by TLS as it closed it, or None: with TLS 1.3 it accepts or refuses
    the client only after the client's handshake.
    """

    def __init__(
        self,
        base_url: str,
        timeout: float,
        context: ssl.SSLContext | None,
        clock: t.Callable[[], float] = time.monotonic,
    ) -> None:
        self.base_url = base_url
        self.last_words: TransportError | None = None
        self._deadline = Deadline(timeout, clock)
        parts = urlsplit(base_url)
        self._authority = parts.netloc
        self._connection = Connection(
            parts.hostname or "",
            parts.port or DEFAULT_PORTS[parts.scheme],
            context if parts.scheme == "https" else None,
            environment_proxy(base_url),
            self._deadline,
        )

    def alive(self) -> bool:
        """Tell whether a connection is open on which the other side has neither spoken nor hung up."""
        connection = self._connection
        try:
            if connection.is_open():
                return True
        except ssl.SSLError as error:
            self.last_words = to_transport_error(error, False, connection.peer, connection.way)
        except OSError:
            pass
        connection.hang_up()
        return False

    def connect(self) -> None:
        """Begin an attempt: open the connection unless it is alive. Raises TransportError."""
        self._deadline.restart()
        try:
            if not self.alive():
                self._open()
        finally:
            self._deadline.pause()

    def send(self, request: t.Any) -> Response:
        """Send a ``requests.Request`` within what is left of the attempt that connect() began. Raises TransportError.

        Without a session, so that no ``~/.netrc``, cookie or redirect has a part in it.
        """
        prepared = request.prepare()
        self._deadline.resume()
        try:
            if not self.alive():
                self._open()
            with self._closing_on_errors(connecting=False):
                return self._exchange(prepared)
        finally:
            self._deadline.restart()

    def _open(self) -> None:
        self.last_words = None
        with self._closing_on_errors(connecting=True), self._deadline.of_connecting():
            self._connection.connect()

    def _exchange(self, prepared: t.Any) -> Response:
        connection = self._connection
        headers = {"Host": self._authority, **prepared.headers}
        connection.request(prepared.method, prepared.path_url, prepared.body, headers)
        answer = t.cast(Answer, connection.getresponse())
        body = _body(answer)
        if answer.has_length and connection.wire.ended:
            raise http.client.IncompleteRead(b"")
        if answer.is_ambiguous or not connection.is_open():
            connection.hang_up()
        fields: requests.structures.CaseInsensitiveDict[str] = requests.structures.CaseInsensitiveDict()
        for name, value in answer.getheaders():
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
        return Response(answer.status, fields, body)

    @contextlib.contextmanager
    def _closing_on_errors(self, connecting: bool) -> t.Iterator[None]:
        try:
            yield
        except BaseException as error:
            connection = self._connection
            connection.hang_up()
            if isinstance(error, (OSError, http.client.HTTPException)):
                raise to_transport_error(error, connecting, connection.peer, connection.way) from None
            raise


def _body(answer: http.client.HTTPResponse) -> bytes:
    body = bytearray()
    while chunk := answer.read(65536):
        body += chunk
        if len(body) > MAX_BODY:
            raise TransportError("UnexpectedAnswer", "The answer is larger than 16 MiB.", http_status=answer.status)
    return bytes(body)
