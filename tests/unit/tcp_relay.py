# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A way to a server of the loopback that takes its time, or loses what is sent: ``python tcp_relay.py PORT SECONDS``.

As a program it prints its own port and delays by half of the seconds each way, until it is killed.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import sys
import threading
import time


class Relay:
    """Relays to a port of the loopback: ``there`` and ``back`` are the seconds that each way takes."""

    def __init__(self, target: int, there: float = 0.0, back: float = 0.0) -> None:
        self.target = target
        self.there = there
        self.back = back
        self.connections = 0
        self._silent_below = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def forget(self) -> None:
        """Lose whatever is sent on the connections that there are, without a word, as a NAT does that forgot them."""
        self._silent_below = self.connections

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near = self._listener.accept()[0]
                try:
                    far = socket.create_connection(("127.0.0.1", self.target))
                except OSError:
                    near.close()
                    continue
                self.connections += 1
                for one in (near, far):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for source, sink, way in ((near, far, "there"), (far, near, "back")):
                    pieces: queue.SimpleQueue = queue.SimpleQueue()
                    threading.Thread(target=self._read, args=(source, pieces, way), daemon=True).start()
                    threading.Thread(target=self._write, args=(sink, pieces, self.connections), daemon=True).start()

    def _read(self, source: socket.socket, pieces: queue.SimpleQueue, way: str) -> None:
        piece = b"."
        while piece:
            piece = b""
            with contextlib.suppress(OSError):
                piece = source.recv(65536)
            pieces.put((time.monotonic() + getattr(self, way), piece))

    def _write(self, sink: socket.socket, pieces: queue.SimpleQueue, number: int) -> None:
        with contextlib.suppress(OSError):
            while True:
                due, piece = pieces.get()
                time.sleep(max(0.0, due - time.monotonic()))
                if number <= self._silent_below:
                    continue
                if not piece:
                    sink.shutdown(socket.SHUT_RDWR)
                    return
                sink.sendall(piece)


if __name__ == "__main__":
    port, seconds = sys.argv[1:]
    print(Relay(int(port), float(seconds) / 2, float(seconds) / 2).port, flush=True)
    threading.Event().wait()
