# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import asyncio
import gzip
import os
import random
from collections.abc import Mapping
from typing import Any, ClassVar

from .refusals import Refusal
from .shapes import Field
from .wire import Reply, Stream, pieces


class Fault:
    """What goes wrong with one request: with its answer, its form, or its way over the wire. As it is: nothing."""

    OPTIONS: ClassVar[Mapping[str, Field]] = {}

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.kind: str = options["kind"]
        self._given = options

    def refuse(self) -> None:
        """Raises the Refusal that takes the place of the operation's answer; such a call does not count."""

    def reshape(self, reply: Reply) -> Reply:
        return reply

    async def send(self, reply: Reply, stream: Stream) -> None:
        await stream.send(reply.head() + reply.body)


class Code(Fault):
    """The service refuses with this Code."""

    OPTIONS: ClassVar = {
        "code": Field(str),
        "status": Field(int, None, least=200),
        "message": Field(str, ""),
        "retry_after": Field(str, None),
        "details": Field(dict, {}),
    }

    def refuse(self) -> None:
        given = self._given
        headers = {} if given["retry_after"] is None else {"x-acs-retry-after": given["retry_after"]}
        raise Refusal(given["code"], given["message"], given["status"], given["details"], headers)


class Status(Fault):
    """Something before the service answers: this status, this body, these headers."""

    OPTIONS: ClassVar = {
        "status": Field(int, least=100),
        "body": Field(str, ""),
        "encoding": Field(str, "utf-8", choices=("utf-8", "latin-1")),
        "content_type": Field(str, "text/html"),
        "headers": Field(dict, {}),
    }

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        # Latin-1 text is any bytes, UTF-8 with lone surrogates what JSON lets through.
        errors = "surrogatepass" if options["encoding"] == "utf-8" else "strict"
        self._body = options["body"].encode(options["encoding"], errors)

    def reshape(self, reply: Reply) -> Reply:
        given, body = self._given, self._body
        reply.status, reply.body = given["status"], body
        reply.headers.update({"Content-Type": given["content_type"], "Content-Length": str(len(body))})
        reply.headers.update((name, str(value)) for name, value in given["headers"].items())
        return reply


class Headers(Fault):
    """The answer with other headers (a skewed Date, a lying Content-Length), or with one of `padding` bytes more."""

    OPTIONS: ClassVar = {"set": Field(dict, {}), "padding": Field(int, 0, least=0)}

    def reshape(self, reply: Reply) -> Reply:
        reply.headers.update((name, str(value)) for name, value in self._given["set"].items())
        if self._given["padding"]:
            reply.headers["X-Padding"] = "x" * self._given["padding"]
        return reply


class Flood(Fault):
    """An answer of `size` spaces, as they are or packed into a small gzip body."""

    OPTIONS: ClassVar = {"size": Field(int, least=1), "gzip": Field(bool, False)}

    def reshape(self, reply: Reply) -> Reply:
        reply.body = b" " * self._given["size"]
        if self._given["gzip"]:
            reply.body = gzip.compress(reply.body)
            reply.headers["Content-Encoding"] = "gzip"
        reply.headers["Content-Length"] = str(len(reply.body))
        return reply


class Garbage(Fault):
    """Random bytes: for the whole answer, after which the connection closes, or for its body."""

    OPTIONS: ClassVar = {"part": Field(str, "head", choices=("head", "body")), "size": Field(int, 512, least=1)}

    def reshape(self, reply: Reply) -> Reply:
        reply.body = os.urandom(self._given["size"])
        reply.headers["Content-Length"] = str(len(reply.body))
        return reply

    async def send(self, reply: Reply, stream: Stream) -> None:
        if self._given["part"] == "body":
            return await super().send(reply, stream)
        await stream.send(reply.body)
        stream.close()


class _Broken(Fault):
    """Sends the answer as far as `after` bytes into its head or its body."""

    OPTIONS: ClassVar = {"part": Field(str, "head", choices=("head", "body")), "after": Field(int, 0, least=0)}

    async def send(self, reply: Reply, stream: Stream) -> None:
        head = reply.head()
        end = self._given["after"] + (len(head) if self._given["part"] == "body" else 0)
        await stream.send((head + reply.body)[:end])


class Close(_Broken):
    """… and closes the connection."""

    async def send(self, reply: Reply, stream: Stream) -> None:
        await super().send(reply, stream)
        stream.close()


class Reset(_Broken):
    """… and resets the connection."""

    async def send(self, reply: Reply, stream: Stream) -> None:
        await super().send(reply, stream)
        await stream.reset()


class Hang(_Broken):
    """… and nothing more, until the client gives up."""

    async def send(self, reply: Reply, stream: Stream) -> None:
        await super().send(reply, stream)
        await stream.left()
        stream.close()


class Drip(Fault):
    """Sends the head, the body or a chunked body `size` bytes at a time."""

    OPTIONS: ClassVar = {
        "part": Field(str, "body", choices=("head", "body", "chunks")),
        "interval_ms": Field(float, 1000, least=0),
        "size": Field(int, 1, least=1),
    }

    async def send(self, reply: Reply, stream: Stream) -> None:
        body = reply.body
        if self._given["part"] == "chunks":
            body = b"".join(_chunk(piece) for piece in pieces(body, self._given["size"])) + _chunk(b"")
            _make_chunked(reply)
        if self._given["part"] == "head":
            await self._drip(reply.head(), stream)
            await stream.send(body)
        else:
            await stream.send(reply.head())
            await self._drip(body, stream)

    async def _drip(self, data: bytes, stream: Stream) -> None:
        for piece in pieces(data, self._given["size"]):
            await stream.send(piece)
            await asyncio.sleep(self._given["interval_ms"] / 1000)


class Chunks(Fault):
    """Sends the body in chunks, whole or with a chunk whose size is no number."""

    OPTIONS: ClassVar = {"size": Field(int, 16, least=1), "broken": Field(bool, False)}

    async def send(self, reply: Reply, stream: Stream) -> None:
        chunks = [_chunk(piece) for piece in pieces(reply.body, self._given["size"])]
        _make_chunked(reply)
        if not self._given["broken"]:
            return await stream.send(b"".join([reply.head(), *chunks, _chunk(b"")]))
        await stream.send(reply.head() + chunks[0] + b"zz\r\n")
        stream.close()


class Stale(Fault):
    """The whole answer, as if the connection were kept, which then closes while it is idle."""

    OPTIONS: ClassVar = {"after_ms": Field(float, 0, least=0)}

    async def send(self, reply: Reply, stream: Stream) -> None:
        await super().send(reply, stream)
        await asyncio.sleep(self._given["after_ms"] / 1000)
        stream.close()


class Delay(Fault):
    """The answer `ms` later, and up to `jitter_ms` more."""

    OPTIONS: ClassVar = {"ms": Field(float, 0, least=0), "jitter_ms": Field(float, 0, least=0)}

    async def send(self, reply: Reply, stream: Stream) -> None:
        await asyncio.sleep((self._given["ms"] + random.uniform(0, self._given["jitter_ms"])) / 1000)
        await super().send(reply, stream)


def _chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def _make_chunked(reply: Reply) -> None:
    del reply.headers["Content-Length"]
    reply.headers["Transfer-Encoding"] = "chunked"


ANSWER_KINDS: Mapping[str, type[Fault]] = {
    "code": Code,
    "status": Status,
    "headers": Headers,
    "flood": Flood,
    "garbage": Garbage,
    "close": Close,
    "reset": Reset,
    "hang": Hang,
    "drip": Drip,
    "chunks": Chunks,
    "stale": Stale,
    "delay": Delay,
}
