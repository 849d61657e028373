# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests signed by the official library, as bytes that a test can tamper with, and their way over a socket."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import ssl
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest
from simulator.testing import KEY_ID, KEY_SECRET
from simulator.wire import Request

OMIT = None


@dataclass
class Signed:
    """A request on its way; whatever is changed after `signed` is tampering."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""

    def start_line(self) -> str:
        return f"{self.method} {self.path}{'?' if self.query else ''}{self.query} HTTP/1.1"

    def as_bytes(self) -> bytes:
        lines = [self.start_line(), *(f"{name}: {value}" for name, value in self.headers.items())]
        return "\r\n".join([*lines, f"Content-Length: {len(self.body)}", "", ""]).encode("latin-1") + self.body

    def as_request(self) -> Request:
        return Request(self.method, self.path, self.query, self.headers, self.body, True)


def signed(
    parameters: dict[str, str] | None = None,
    *,
    method: str = "POST",
    path: str = "/",
    key_id: str = KEY_ID,
    secret: str = KEY_SECRET,
    token: str | None = None,
    at: float | None = None,
    body: bytes = b"",
    **headers: str | None,
) -> Signed:
    """`headers`, with _ for -, replace or (None) remove headers before the request is signed; `at` is its date."""
    given = {
        "host": "127.0.0.1",
        "x-acs-action": "QueryChatappPhoneNumbers",
        "x-acs-version": "2020-06-06",
        "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)),
        "x-acs-signature-nonce": uuid.uuid4().hex,
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
    }
    if token:
        given.update({"x-acs-security-token": token, "x-acs-accesskey-id": key_id})
    given.update({name.replace("_", "-"): value for name, value in headers.items()})
    request = DaraRequest()
    request.method, request.pathname, request.query = method, path, parameters or {}
    request.headers = {name: value for name, value in given.items() if value is not None}
    request.headers["authorization"] = Utils.get_authorization(
        request, "ACS3-HMAC-SHA256", hashlib.sha256(body).hexdigest(), key_id, secret
    )
    query = "&".join(f"{key}={quote(value, safe='~')}" for key, value in sorted(request.query.items()))
    return Signed(method, path, query, request.headers, body)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.raw)

    @property
    def code(self) -> str:
        return self.body["Code"]


@dataclass
class Line:
    """One kept-alive connection to the simulator."""

    url: str
    _socket: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        to = urlsplit(self.url)
        self._socket = socket.create_connection((to.hostname, to.port), timeout=10)
        if to.scheme == "https":
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self._socket = context.wrap_socket(self._socket)

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def receive(self) -> Answer:
        response = http.client.HTTPResponse(self._socket)
        response.begin()
        return Answer(response.status, dict(response.getheaders()), response.read())

    def rest(self, seconds: float = 10) -> tuple[bytes, str]:
        """All that comes, and how it ends: `closed`, `reset`, or `open` where nothing came for so many seconds."""
        self._socket.settimeout(seconds)
        received = b""
        try:
            while piece := self._socket.recv(65536):
                received += piece
        except ConnectionResetError:
            return received, "reset"
        except TimeoutError:
            return received, "open"
        return received, "closed"

    def ask(self, request: Signed) -> Answer:
        self.send(request.as_bytes())
        return self.receive()


def ask(url: str, request: Signed) -> Answer:
    """One request on a connection of its own."""
    with Line(url) as line:
        return line.ask(request)
