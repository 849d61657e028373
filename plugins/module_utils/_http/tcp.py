# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: a TCP connection to whichever address of a host answers first (RFC 8305).

A share of the time for each address would be too small for all of them when the host is far away; the whole time for
the first one would be spent when it is dead. So the next attempt begins while those before it are still under way.
"""

from __future__ import annotations

import collections
import errno
import itertools
import os
import queue
import selectors
import socket
import threading
import time
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._http.endpoint import is_address
from ansible_collections.alicloud.chatapp.plugins.module_utils._take import take

# Seconds before the next address is tried beside those that have not answered, as RFC 8305 recommends, and the least.
ATTEMPT_DELAY = 0.25
SHORTEST_DELAY = 0.01

_UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EINTR)

Address = tuple[int, int, int, str, t.Any]


def connect(host: str, port: int, within: float) -> socket.socket:
    """Return a socket that is connected to ``host`` after at most ``within`` seconds.

    Raises OSError: socket.timeout, socket.gaierror, or why the last of the addresses failed.
    """
    end = time.monotonic() + within
    addresses = _interleaved(resolve(host, port, within))
    # With little time all addresses are begun within its first half.
    delay = max(SHORTEST_DELAY, min(ATTEMPT_DELAY, within / 2 / len(addresses)))
    failure = OSError()
    with selectors.DefaultSelector() as selector:
        try:
            while addresses or selector.get_map():
                left = max(0.0, end - time.monotonic())
                if addresses:
                    try:
                        selector.register(_begin(addresses.popleft()), selectors.EVENT_WRITE)
                    except OSError as error:
                        failure = error
                        continue
                ready = selector.select(min(left, delay) if addresses else left)
                # Only after a look: on a busy host this thread may be late, and not the connection.
                if not ready and end <= time.monotonic():
                    raise socket.timeout("timed out")
                for key, _events in ready:
                    sock = t.cast(socket.socket, key.fileobj)
                    selector.unregister(sock)
                    number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if not number:
                        # Requests are small, and each waits for its answer.
                        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                        return sock
                    sock.close()
                    failure = OSError(number, os.strerror(number))
        finally:
            for key in list(selector.get_map().values()):
                t.cast(socket.socket, key.fileobj).close()
    raise failure


def resolve(host: str, port: int, within: float) -> list[Address]:
    """Return the addresses of ``host``, at least one. Raises socket.timeout, socket.gaierror."""
    if is_address(host):
        return _look_up(host, port)
    answers: queue.SimpleQueue[list[Address] | OSError] = queue.SimpleQueue()

    def answer() -> None:
        try:
            answers.put(_look_up(host, port))
        except OSError as error:
            answers.put(error)

    # getaddrinfo() knows no time limit, so it runs beside; its thread is left behind when it is late.
    try:
        threading.Thread(target=answer, daemon=True).start()
    except RuntimeError:
        # The system lets this process have no more threads.
        return _look_up(host, port)
    try:
        found = take(answers, within)
    except queue.Empty:
        raise socket.timeout("timed out") from None
    if isinstance(found, OSError):
        raise found
    return found


def _look_up(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        found = []
    except socket.gaierror as error:
        if error.errno == socket.EAI_MEMORY:
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)) from None
        # A resolver that has no descriptor for its files and sockets may say that it does not know the name.
        socket.socket().close()
        raise
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "not a host name")
    return t.cast("list[Address]", found)


def _interleaved(found: t.Iterable[Address]) -> collections.deque[Address]:
    """Let the address families take turns: often the network of one of them leads nowhere."""
    families: dict[int, list[Address]] = {}
    for address in dict.fromkeys(found):
        families.setdefault(address[0], []).append(address)
    turns = itertools.zip_longest(*families.values())
    return collections.deque(address for turn in turns for address in turn if address is not None)


def _begin(address: Address) -> socket.socket:
    sock = socket.socket(*address[:3])
    try:
        sock.setblocking(False)
        number = sock.connect_ex(address[4])
        if number and number not in _UNDER_WAY:
            raise OSError(number, os.strerror(number))
    except BaseException:
        sock.close()
        raise
    return sock
