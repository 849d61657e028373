# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the way through a SOCKS proxy, by PySocks."""

from __future__ import annotations

import socket
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._http.deadline import Deadline
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.errors import PERCENT_ENCODED, ProxyRefusedError
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.proxy import Proxy
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.tcp import resolve

# proxy.py says so where PySocks is missing.
try:
    import socks

    _SocksSocket: t.Any = socks.socksocket
except ImportError:
    _SocksSocket = object

_SIGN_IN = "Set ALL_PROXY to socks5h://USER:PASSWORD@HOST:PORT"


class _DeadlineSocks(_SocksSocket):  # type: ignore[misc] # PySocks carries no types
    deadline: Deadline

    def recv_into(self, *args: t.Any) -> int:
        """Receive a piece of the proxy's answer, which PySocks reads a few bytes at a time."""
        self.settimeout(self.deadline.left())
        return t.cast(int, super().recv_into(*args))


def connect(proxy: Proxy, host: str, port: int, deadline: Deadline) -> socket.socket:
    """Return a socket that the proxy has connected to ``host``. Raises OSError, ProxyRefusedError among them."""
    version = socks.SOCKS4 if proxy.scheme.startswith("socks4") else socks.SOCKS5
    # The proxy resolves the name itself where its scheme says so.
    by_proxy = proxy.scheme in ("socks4a", "socks5h")
    targets = [host] if by_proxy else [address[4][0] for address in resolve(host, port, deadline.left())]
    failure = OSError()
    for family, kind, protocol, _name, address in resolve(proxy.host, proxy.port, deadline.left()):
        for target in targets:
            sock = _DeadlineSocks(family, kind, protocol)
            sock.deadline = deadline
            try:
                sock.set_proxy(version, _host(address), proxy.port, by_proxy, proxy.user, proxy.password)
                sock.settimeout(deadline.left())
                sock.connect((target, port))
                return t.cast(socket.socket, sock)
            except socks.ProxyError as error:
                failure = _cause(error)
                sock.close()
            except BaseException:
                sock.close()
                raise
    raise failure


def _host(address: t.Any) -> str:
    """Return the host of a socket's address, with the zone of a link-local one."""
    zone = address[3] if len(address) > 2 else 0
    return f"{address[0]}%{zone}" if zone else t.cast(str, address[0])


def _cause(error: t.Any) -> OSError:
    """Return what PySocks wrapped, once or twice, or the refusal of the proxy."""
    while isinstance(error.socket_err, socks.ProxyError):
        error = error.socket_err
    if error.socket_err:
        return t.cast(OSError, error.socket_err)
    if isinstance(error, socks.SOCKS5AuthError):
        return ProxyRefusedError("without the right user name and password", f"{_SIGN_IN}; {PERCENT_ENCODED}.")
    if isinstance(error, (socks.SOCKS5Error, socks.SOCKS4Error)):
        # The texts are those of the protocol's numbers, such as "0x05: Connection refused".
        return ProxyRefusedError(f"({error.msg.partition(': ')[2].lower()})")
    return ConnectionError()
