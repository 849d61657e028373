# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Mapping
from typing import Any, ClassVar

from .shapes import Field
from .wire import LINGER_NOT, TIME_TO_READ, pieces


class Handshake:
    """A new connection that never carries a request. To drip is to send the TLS handshake a byte at a time."""

    OPTIONS: ClassVar = {
        "how": Field(str, "hang", choices=("close", "reset", "garbage", "hang", "drip")),
        "interval_ms": Field(float, 1000, least=0),
    }

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._given = options

    async def meet(self, connection: socket.socket, tls: ssl.SSLContext | None) -> None:
        """Deals with the connection from its opening to its end."""
        loop = asyncio.get_running_loop()
        how = self._given["how"]
        with connection:
            if how == "reset":
                await asyncio.sleep(TIME_TO_READ)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
                return
            if how == "drip" and tls:
                await self._drip(connection, tls)
                return
            if how == "garbage":
                await loop.sock_sendall(connection, os.urandom(512))
            if how in ("close", "garbage"):
                connection.shutdown(socket.SHUT_WR)
            # Also where this side has closed: bytes that nobody reads would make a reset of it.
            while await loop.sock_recv(connection, 65536):
                pass

    async def _drip(self, connection: socket.socket, tls: ssl.SSLContext) -> None:
        loop = asyncio.get_running_loop()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        handshake = tls.wrap_bio(incoming, outgoing, server_side=True)
        while received := await loop.sock_recv(connection, 65536):
            incoming.write(received)
            with contextlib.suppress(ssl.SSLWantReadError):
                handshake.do_handshake()
            for piece in pieces(outgoing.read(), 1):
                await loop.sock_sendall(connection, piece)
                await asyncio.sleep(self._given["interval_ms"] / 1000)
