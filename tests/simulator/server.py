# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any, TextIO

from .controls import PREFIX, Controls
from .service import Service
from .wire import MAX_HEAD, BadRequest, Request, Stream, read_request, reply_with


@dataclass(frozen=True)
class Pace:
    """How slow the way to the service is, in seconds: each answer, and each TLS handshake before it begins."""

    latency: float = 0.0
    connect: float = 0.0


class Server:
    """Carries a service over HTTP/1.1 on a listening socket, with TLS where a context is given."""

    def __init__(
        self, service: Service, controls: Controls, pace: Pace, tls: ssl.SSLContext | None, log: TextIO | None
    ) -> None:
        self._service = service
        self._controls = controls
        self._pace = pace
        self._tls = tls
        self._log = log
        self._opened = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, listener: socket.socket) -> None:
        listener.setblocking(False)
        loop = asyncio.get_running_loop()
        while True:
            connection, _address = await loop.sock_accept(listener)
            self._opened += 1
            task = loop.create_task(self._connection(connection, self._opened))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connection(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            fault = self._service.data.faults.choose_for_connection()
            if fault:
                await fault.meet(connection, self._tls)
                return
            if self._pace.connect:
                await asyncio.sleep(self._pace.connect)
            stream = await self._stream(connection)
            try:
                await self._requests(stream, number)
            except BadRequest as error:
                await stream.send(_bad_request(error))
                self._write({"connection": number, "http_status": 400, "code": None, "error": str(error)})
            finally:
                stream.close()

    async def _stream(self, connection: socket.socket) -> Stream:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=MAX_HEAD)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _protocol = await loop.connect_accepted_socket(lambda: protocol, connection, ssl=self._tls)
        return Stream(reader, asyncio.StreamWriter(transport, protocol, reader, loop))

    async def _requests(self, stream: Stream, number: int) -> None:
        while not stream.closed and (request := await read_request(stream.reader)):
            if request.path.startswith(PREFIX):
                reply = self._controls.answer(request)
                await stream.send(reply.head() + reply.body)
            else:
                await self._exchange(request, stream, number)
            if not request.keep_alive:
                return

    async def _exchange(self, request: Request, stream: Stream, number: int) -> None:
        arrival = {"time": time.time(), "monotonic": time.monotonic(), "connection": number, "method": request.method}
        exchange = self._service.answer(request)
        self._write({**arrival, **exchange.entry})
        if self._pace.latency:
            await asyncio.sleep(self._pace.latency)
        if exchange.fault:
            await exchange.fault.send(exchange.reply, stream)
        else:
            await stream.send(exchange.reply.head() + exchange.reply.body)

    def _write(self, entry: dict[str, Any]) -> None:
        if self._log:
            self._log.write(json.dumps(entry) + "\n")
            self._log.flush()


def _bad_request(error: BadRequest) -> bytes:
    reply = reply_with(400, f"Bad request: {error}\n".encode(), time.time(), content_type="text/plain")
    reply.headers["Connection"] = "close"
    return reply.head() + reply.body
