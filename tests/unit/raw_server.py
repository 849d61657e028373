# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server on loopback that says exactly the bytes a test wants, when it wants them."""

from __future__ import annotations

import contextlib
import itertools
import re
import select
import socket
import struct
import threading
import time

LINGER_NOT = struct.pack("ii", 1, 0)


class Line:
    """One accepted connection, from the server's side."""

    def __init__(self, sock):
        self.sock = sock

    def head(self):
        """Read one request without a body; empty when the client has left."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.sock.recv(1)
            if not byte:
                return b""
            head += byte
        return head

    def send(self, data):
        self.sock.sendall(data)

    def drip(self, data, interval=0.02):
        for byte in data:
            self.sock.sendall(bytes([byte]))
            time.sleep(interval)

    def hang(self):
        while self.sock.recv(65536):
            pass

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        self.sock.close()


class RawServer:
    """Hands each connection to ``script(line)`` in a thread of its own and closes it when the script returns.

    ``heads`` holds the requests that scripts have read with take(); ``connections`` counts.
    """

    def __init__(self, script, tls=None):
        self._script = script
        self._tls = tls
        self.connections = 0
        self.heads = []

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        return self.serve()

    def serve(self):
        self.port = self._listener.getsockname()[1]
        self.url = "%s://127.0.0.1:%d" % ("https" if self._tls else "http", self.port)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_exception):
        # close() alone does not wake a thread that waits in accept().
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                sock, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        with contextlib.suppress(OSError), sock:
            sock.settimeout(20)
            if self._tls:
                with self._tls.wrap_socket(sock, server_side=True) as tls_sock:
                    self._script(Line(tls_sock))
            else:
                self._script(Line(sock))

    def take(self, line):
        head = line.head()
        if head:
            self.heads.append(head)
        return head


@contextlib.contextmanager
def answering(*answers, tls=None):
    """A server that gives these answers in turn, over one connection or many, the last one for good.

    An answer is bytes, or a function of the Line that gives it.
    """
    turns = itertools.chain(answers, itertools.repeat(answers[-1]))

    def script(line):
        while server.take(line):
            answer = next(turns)
            if callable(answer):
                answer(line)
                return
            line.send(answer)

    with RawServer(script, tls) as server:
        yield server


def http(body=b"{}", status="200 OK", headers=()):
    """An answer of HTTP/1.1 as bytes."""
    lines = ["HTTP/1.1 " + status, "Content-Length: %d" % len(body), *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class ConnectProxy(RawServer):
    """A proxy that connects every CONNECT to one port of loopback, whatever the name, and records its requests."""

    def __init__(self, port, tls=None, answer=b"HTTP/1.1 200 Connection established\r\n\r\n"):
        super().__init__(self._tunnel, tls)
        self._port = port
        self._answer = answer

    def _tunnel(self, line):
        self.take(line)
        line.send(self._answer)
        if not re.search(rb"^HTTP/1.. 2", self._answer, re.MULTILINE):
            return
        self.lead(line)

    def lead(self, line):
        """Carry everything to and fro until one side ends."""
        with socket.create_connection(("127.0.0.1", self._port)) as onward:
            other = {line.sock: onward, onward: line.sock}
            while True:
                # One record of TLS at a time leaves nothing behind that select() would not see.
                for source in select.select(list(other), [], [], 20)[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    other[source].sendall(data)
