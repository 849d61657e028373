# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus

MAX_HEAD = 65536
MAX_BODY = 1 << 20
# Closing a socket with this SO_LINGER sends a reset.
LINGER_NOT = struct.pack("ii", 1, 0)
# A reset, in seconds after what came before it: it takes away what the client has not read, even that it is connected.
TIME_TO_READ = 0.05


class BadRequest(Exception):
    """Bytes that are no HTTP/1.1 request; the connection cannot be used any further."""


@dataclass(frozen=True)
class Request:
    """One request as it came: header names in lower case, text decoded as Latin-1, one character a byte."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    keep_alive: bool


class Stream:
    """One connection as its server holds it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer

    @property
    def closed(self) -> bool:
        return self._writer.is_closing()

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def left(self) -> None:
        """Waits until the client gives the connection up."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass

    def close(self) -> None:
        self._writer.close()

    async def reset(self) -> None:
        await asyncio.sleep(TIME_TO_READ)
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        self._writer.transport.abort()


@dataclass
class Reply:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def head(self) -> bytes:
        try:
            reason = HTTPStatus(self.status).phrase
        except ValueError:
            reason = "Unknown"
        lines = [f"HTTP/1.1 {self.status} {reason}", *(f"{name}: {value}" for name, value in self.headers.items())]
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogatepass")


def reply_with(status: int, body: bytes, now: float, content_type: str = "application/json;charset=utf-8") -> Reply:
    """A reply with the headers that every answer carries; `now` (seconds since 1970) becomes its Date."""
    return Reply(
        status,
        body,
        {"Date": formatdate(now, usegmt=True), "Content-Type": content_type, "Content-Length": str(len(body))},
    )


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request, or None where the client has closed the connection before one began."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise BadRequest("the connection ended in the middle of the headers") from None
        return None
    except asyncio.LimitOverrunError:
        raise BadRequest(f"the headers are longer than {MAX_HEAD} bytes") from None
    start, *lines = head[:-4].decode("latin-1").split("\r\n")
    method, target, version = _start_line(start)
    headers = _headers(lines)
    path, _mark, query = target.partition("?")
    connection = headers.get("connection", "").lower()
    keep_alive = connection != "close" and (version == "HTTP/1.1" or connection == "keep-alive")
    return Request(method, path, query, headers, await _body(reader, headers), keep_alive)


def _start_line(line: str) -> list[str]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[2] not in ("HTTP/1.0", "HTTP/1.1"):
        raise BadRequest("the request line is not METHOD TARGET HTTP/1.1")
    return parts


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadRequest("a header line is not NAME: VALUE")
        if name.lower() in headers:
            raise BadRequest(f"the header {name.lower()} occurs twice")
        headers[name.lower()] = value.strip()
    return headers


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if "transfer-encoding" in headers:
        raise BadRequest("a request with Transfer-Encoding is not understood here")
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MAX_BODY:
        raise BadRequest(f"Content-Length is not a number of bytes up to {MAX_BODY}")
    try:
        return await reader.readexactly(int(length))
    except asyncio.IncompleteReadError:
        raise BadRequest("the connection ended in the middle of the body") from None
