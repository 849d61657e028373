# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: one time limit for a whole attempt, and a socket that keeps to it.

A time-out of a socket counts anew for each read, so a server that drips a byte a second is never late. Here each read
and each write is given only what is left of the attempt.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import ssl
import time
import typing as t


class Deadline:
    """How long one attempt may take: ``seconds`` as a whole, connecting at most half of it.

    A stopwatch, so that the wait for a slot between connecting and sending does not count.
    """

    def __init__(self, seconds: float, clock: t.Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._bound = seconds
        self._waits = True
        self.restart()

    def restart(self) -> None:
        self._spent = 0.0
        self.resume()

    def pause(self) -> None:
        self._spent += self._clock() - self._resumed

    def resume(self) -> None:
        self._resumed = self._clock()

    @contextlib.contextmanager
    def of_connecting(self) -> t.Iterator[None]:
        """Leave only the first half of the attempt, so that the other half remains for the answer."""
        self._bound = self._seconds / 2
        try:
            yield
        finally:
            self._bound = self._seconds

    @contextlib.contextmanager
    def without_waiting(self) -> t.Iterator[None]:
        """Leave no time at all: what would have to wait raises BlockingIOError or ssl.SSLWantReadError."""
        self._waits = False
        try:
            yield
        finally:
            self._waits = True

    def left(self) -> float:
        """Return the seconds left, more than 0. Raises socket.timeout when there are none."""
        if not self._waits:
            return 0.0
        left = self._bound - self._spent - (self._clock() - self._resumed)
        if left <= 0:
            raise socket.timeout("timed out")
        return left


class DeadlineSocket:
    """What ``http.client`` and ``urllib3``'s TLS within TLS need of a socket, within the ``deadline``.

    ``sock`` is a connected socket of any kind. Whoever made it closes it: ``http.client`` closes its connection as soon
    as it has read headers that end it, while the body is still to come.
    """

    def __init__(self, sock: t.Any, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        self._incoming = _Incoming(sock, deadline)
        self._stream = _Stream(self._incoming)

    @property
    def ended(self) -> bool:
        """Tell whether the other side has closed the connection while something was awaited from it."""
        return self._incoming.ended

    def is_quiet(self) -> bool:
        """Tell whether the other side has neither closed nor said anything that is still unread.

        What TLS itself has to say is read: session tickets come after the handshake. Raises OSError.
        """
        with self._deadline.without_waiting():
            return not self._stream.peek(1) and not self.ended

    def sendall(self, data: t.Any) -> None:
        view = memoryview(data)
        while view:
            self._sock.settimeout(self._deadline.left())
            view = view[self._sock.send(view) :]

    def recv(self, size: int) -> bytes:
        self._sock.settimeout(self._deadline.left())
        return t.cast(bytes, self._sock.recv(size))

    def settimeout(self, seconds: float | None) -> None:
        """Do nothing: the deadline decides."""

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return the same stream for each answer, so that what was read ahead is not lost."""
        return self._stream

    def close(self) -> None:
        """Do nothing, see above."""


class _Incoming(io.RawIOBase):
    def __init__(self, sock: t.Any, deadline: Deadline) -> None:
        super().__init__()
        self.ended = False
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int | None:
        self._sock.settimeout(self._deadline.left())
        try:
            count: int = self._sock.recv_into(buffer)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        self.ended = count == 0
        return count


class _Stream(io.BufferedReader):
    def read(self, size: int | None = -1) -> bytes:
        """Read only what has a bound: ``http.client`` takes the chunk size -1 for all that is ever sent."""
        if size is None or size < 0:
            raise http.client.IncompleteRead(b"")
        return super().read(size)

    def flush(self) -> None:
        """Do nothing: there is nothing to flush, and what this reads from may be gone."""

    def close(self) -> None:
        """Do nothing: ``http.client`` closes the stream at the end of each answer."""
