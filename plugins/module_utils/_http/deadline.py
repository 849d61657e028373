# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: connections of ``urllib3`` that share one time limit for a whole attempt.

``urllib3`` counts its time-outs anew for each address and each read, so a server that drips a byte a second is never
late. Here every connect and every receive is given only what is left of the attempt.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import queue
import socket
import threading
import time
import typing as t

# Where it is missing, the module says so before anything here is called.
with contextlib.suppress(ImportError):
    from urllib3.util.connection import create_connection


class Deadline:
    """How long one attempt may take: ``seconds`` as a whole, connecting at most half of it.

    A stopwatch, so that the wait for a slot between connecting and sending does not count.
    """

    def __init__(self, seconds: float, clock: t.Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self.restart()

    def restart(self) -> None:
        self._spent = 0.0
        self.resume()

    def pause(self) -> None:
        self._spent += self._clock() - self._resumed

    def resume(self) -> None:
        self._resumed = self._clock()

    def left(self) -> float:
        """Return the seconds left of the attempt, more than 0. Raises socket.timeout when there are none."""
        return self._left_of(self._seconds)

    def left_to_connect(self) -> float:
        """Return the seconds left for connecting, more than 0. Raises socket.timeout when there are none."""
        return self._left_of(self._seconds / 2)

    def _left_of(self, seconds: float) -> float:
        left = seconds - self._spent - (self._clock() - self._resumed)
        if left <= 0:
            raise socket.timeout("timed out")
        return left


class DeadlineConnection:
    """What a connection of ``urllib3`` overrides, of either kind, so that it keeps to its ``limit`` (Deadline)."""

    limit: t.Any = None

    def _new_conn(self) -> socket.socket:
        addresses = _resolve(self._dns_host, self.port, self.limit.left_to_connect())
        failure: OSError | None = None
        while addresses:
            share = self.limit.left_to_connect() / len(addresses)
            try:
                sock = create_connection(addresses.pop(0)[4][:2], share, socket_options=self.socket_options)
            except OSError as error:
                failure = error
                continue
            # For the TLS handshake, which keeps to one time-out as a whole.
            sock.settimeout(self.limit.left())
            return sock
        raise failure

    def _connect_tls_proxy(self, *args: t.Any) -> t.Any:
        """TLS within TLS gathers whole records by itself, with a time-out for each piece of one."""
        sock = super()._connect_tls_proxy(*args)
        receive = sock.recv

        def recv(size: int) -> bytes:
            if sock.gettimeout():
                sock.settimeout(self.limit.left())
            return receive(size)

        sock.recv = recv
        return sock

    def send(self, data: t.Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(self.limit.left())
        super().send(data)

    def response_class(self, sock: t.Any, *args: t.Any, **kwargs: t.Any) -> http.client.HTTPResponse:
        response = _Response(sock, *args, **kwargs)
        response.reader = _DeadlineReader(response.fp.detach(), sock, self.limit)
        response.fp = io.BufferedReader(response.reader)
        return response


class _Response(http.client.HTTPResponse):
    """``http.client`` takes the end of a connection for the end of the headers, whichever of them are missing."""

    def begin(self) -> None:
        super().begin()
        if self.reader.ended:
            raise http.client.IncompleteRead(b"")


class _DeadlineReader(io.RawIOBase):
    """What a socket brings, within the limit; ``ended`` once the other side has closed the connection."""

    def __init__(self, raw: t.Any, sock: t.Any, limit: Deadline) -> None:
        super().__init__()
        self.ended = False
        self._raw = raw
        self._sock = sock
        self._limit = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int | None:
        self._sock.settimeout(self._limit.left())
        count = self._raw.readinto(buffer)
        self.ended = count == 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


def _resolve(host: str, port: int, within: float) -> list[t.Any]:
    """getaddrinfo() knows no time limit, so it runs beside; its thread is left behind when it is late."""
    answers: t.Any = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM))
        except OSError as error:
            answers.put(error)
        except UnicodeError:
            answers.put(socket.gaierror("not a host name"))

    threading.Thread(target=look_up, daemon=True).start()
    try:
        found = answers.get(timeout=within)
    except queue.Empty:
        raise socket.timeout("name resolution timed out") from None
    if isinstance(found, Exception):
        raise found
    return found
