# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: a connection of ``http.client`` that is made within a deadline, through proxies and TLS.

``http.client`` writes the requests and reads the answers. Only how it connects is replaced, by its documented method,
since neither it nor ``urllib3`` can keep one limit for name resolution, all addresses, proxy and handshakes together.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._http import tcp
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.deadline import Deadline, DeadlineSocket
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.errors import ProxyRefusedError
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.proxy import Proxy

# Where it cannot be had, the module says so before anything here is called.
with contextlib.suppress(ImportError, OSError):
    from urllib3.util import ssl_wrap_socket

MAX_INTERIM_ANSWERS = 100


class Answer(http.client.HTTPResponse):
    """The answer proper: interim ones before it are skipped, and how it ends is beyond doubt."""

    def __init__(self, sock: t.Any, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._wire: DeadlineSocket = sock

    def begin(self) -> None:
        """Read the headers. Raises HTTPException."""
        for _interim in range(MAX_INTERIM_ANSWERS):
            super().begin()
            # http.client takes the end of a connection for the end of the headers, whichever of them are missing.
            if self._wire.ended:
                raise http.client.IncompleteRead(b"")
            if not 100 <= self.status < 200:
                self.check()
                return
            # Nobody asked for another protocol.
            if self.status == http.HTTPStatus.SWITCHING_PROTOCOLS:
                break
            # The method above does nothing once there are headers.
            self.headers = self.msg = t.cast(t.Any, None)
        raise http.client.HTTPException("no answer but interim ones")

    def check(self) -> None:
        """Look at how the answer ends. Raises HTTPException where that cannot be known."""
        lengths = self.headers.get_all("Content-Length", [])
        codings = self.headers.get_all("Transfer-Encoding", [])
        if len(set(lengths)) > 1 or any(not length.isdecimal() for length in lengths):
            raise http.client.HTTPException("no single length")
        if any(coding.lower() != "chunked" for coding in codings):
            raise http.client.HTTPException("unknown transfer coding")
        self.is_ambiguous = len(lengths) + len(codings) > 1 or (bool(codings) and self.version < 11)
        self.has_length = bool(lengths) and not codings


class _TunnelAnswer(Answer):
    def check(self) -> None:
        """Do nothing: a tunnel has no body, whatever the headers say of one (RFC 9110, 9.3.6)."""


class Connection(http.client.HTTPConnection):
    """One connection to ``host`` and ``port``: TLS where there is a ``context``, through ``proxy`` where there is one.

    ``peer`` and ``way`` are the words of errors.to_transport_error() for what the connection did last.
    """

    response_class = Answer
    wire: DeadlineSocket

    def __init__(
        self, host: str, port: int, context: ssl.SSLContext | None, proxy: Proxy | None, deadline: Deadline
    ) -> None:
        super().__init__(host, port)
        self.peer = "endpoint"
        self.way = ""
        self._context = context
        self._proxy = proxy
        self._deadline = deadline
        self._held: t.Any = None

    def is_open(self) -> bool:
        """Tell whether the connection is there, and neither closed nor spoken on by the other side. Raises OSError."""
        return self.sock is not None and self.wire.is_quiet()

    def connect(self) -> None:
        """Connect within the deadline. Raises OSError, HTTPException; then hang_up() is due."""
        proxy = self._proxy
        if proxy is None:
            self._use(tcp.connect(self.host, self.port, self._deadline.left()))
        elif proxy.is_socks:
            # Only this needs PySocks.
            from ansible_collections.alicloud.chatapp.plugins.module_utils._http import socks_proxy

            self.peer, self.way = "SOCKS proxy", " through the SOCKS proxy"
            self._use(socks_proxy.connect(proxy, self.host, self.port, self._deadline))
        else:
            self.peer, self.way = "proxy", " to the proxy"
            self._use(tcp.connect(proxy.host, proxy.port, self._deadline.left()))
            if proxy.scheme == "https":
                self._start_tls(proxy.host)
            self._open_tunnel(proxy)
        self.peer = "endpoint"
        if self._context is not None:
            self._start_tls(self.host)
        self.sock = t.cast(socket.socket, self.wire)

    def hang_up(self) -> None:
        """Close the connection, whatever its state."""
        self.close()
        if self._held is not None:
            self._held.close()
            self._held = None

    def _use(self, sock: t.Any) -> None:
        self._held = sock
        self.wire = DeadlineSocket(sock, self._deadline)

    def _start_tls(self, host: str) -> None:
        context = t.cast(ssl.SSLContext, self._context)
        name = host.rstrip(".")
        if isinstance(self._held, ssl.SSLSocket):
            # ssl has no TLS within TLS; what it is wrapped around stays the one to close.
            self.wire = DeadlineSocket(
                ssl_wrap_socket(t.cast(t.Any, self.wire), server_hostname=name, ssl_context=context, tls_in_tls=True),
                self._deadline,
            )
            return
        sock = context.wrap_socket(self._held, server_hostname=name, do_handshake_on_connect=False)
        self._use(sock)
        sock.settimeout(self._deadline.left())
        sock.do_handshake()

    def _open_tunnel(self, proxy: Proxy) -> None:
        authority = f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
        tunnel = http.client.HTTPConnection(proxy.host, proxy.port)
        tunnel.response_class = _TunnelAnswer
        tunnel.sock = t.cast(socket.socket, self.wire)
        tunnel.request("CONNECT", authority, headers={"Host": authority, **proxy.headers()})
        answer = tunnel.getresponse()
        if not 200 <= answer.status < 300:
            raise ProxyRefusedError.with_status(
                answer.status, ", ".join(answer.headers.get_all("Proxy-Authenticate", []))
            )
        self.way = " through the proxy"
        if not self.wire.is_quiet():
            raise http.client.RemoteDisconnected("the proxy closed the tunnel, or spoke in it")
