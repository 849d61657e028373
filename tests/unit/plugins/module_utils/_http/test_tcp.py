# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts with several addresses, some of them dead, all of them perhaps far away."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import socket
import threading
import time

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._http import tcp
from attempts import NAME, attempt, failure
from raw_server import answering, http


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0), backlog=64) as sock:
        yield sock.getsockname()


def closed_address():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()


def timed(*args):
    started = time.monotonic()
    with tcp.connect(*args) as sock:
        return sock.getpeername(), time.monotonic() - started


@pytest.mark.parametrize("dead", [1, 3, 9])
def test_dead_addresses_before_the_living_one_cost_little(names, silent_addresses, listener, dead):
    names[NAME] = [*silent_addresses[:dead], listener]
    peer, took = timed(NAME, 1, 2.0)
    assert peer == listener
    # With nine of them, 0.1 s each.
    assert dead * 0.05 < took < 1.2


def test_a_far_address_is_waited_for_although_another_comes_after_it(names, monkeypatch, listener):
    """Each takes longer than its share: what has begun goes on."""
    begun = []
    original = tcp._begin

    class Late:
        """A socket that is connected only after a while: until then a full pipe stands in its place."""

        def __init__(self, sock):
            self.sock = sock
            self.reader, self.writer = socket.socketpair()
            self.writer.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    self.writer.send(bytes(65536))
            arrival = threading.Timer(0.5, self.reader.close)
            arrival.daemon = True
            arrival.start()

        def fileno(self):
            return self.writer.fileno()

        def close(self):
            self.sock.close()
            self.writer.close()

        def __getattr__(self, name):
            return getattr(self.sock, name)

    def begin(address):
        begun.append(address[4][0])
        return Late(original(address))

    monkeypatch.setattr(tcp, "_begin", begin)
    names[NAME] = [(f"127.0.0.{number}", listener[1]) for number in (1, 2, 3)]
    started = time.monotonic()
    with contextlib.closing(tcp.connect(NAME, 1, 1.8)):
        # A share of a third would not have been enough.
        assert 0.4 < time.monotonic() - started < 1.2
    assert begun[:2] == ["127.0.0.1", "127.0.0.2"]


def test_addresses_that_refuse_are_passed_over_at_once(names, listener):
    names[NAME] = [closed_address() for _address in range(5)] + [listener]
    peer, took = timed(NAME, 1, 2.0)
    assert peer == listener
    assert took < tcp.ATTEMPT_DELAY


def test_a_thread_that_is_late_takes_the_connection_that_is_there(names, monkeypatch, listener):
    original = tcp._begin

    def begin(address):
        sock = original(address)
        time.sleep(0.2)
        return sock

    monkeypatch.setattr(tcp, "_begin", begin)
    names[NAME] = [listener]
    assert timed(NAME, 1, 0.1)[0] == listener


def test_all_refuse(names):
    names[NAME] = [closed_address() for _address in range(3)]
    with pytest.raises(ConnectionRefusedError):
        tcp.connect(NAME, 1, 2.0)


@pytest.mark.parametrize("count", [1, 9])
def test_no_address_answers(names, silent_addresses, count):
    names[NAME] = silent_addresses[:count]
    started = time.monotonic()
    with pytest.raises(socket.timeout):
        tcp.connect(NAME, 1, 0.4)
    assert 0.35 < time.monotonic() - started < 0.8


def test_who_has_not_answered_is_waited_for_when_the_last_has_refused(names, silent_address):
    names[NAME] = [silent_address, closed_address()]
    with pytest.raises(socket.timeout):
        tcp.connect(NAME, 1, 0.4)


def test_an_address_that_the_system_refuses_at_once_leaves_no_descriptor(names, listener):
    # A broadcast knows no connections.
    names[NAME] = [("127.255.255.255", 1)]
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError):
        tcp.connect(NAME, 1, 2.0)
    assert len(os.listdir("/proc/self/fd")) == before
    names[NAME].append(listener)
    assert timed(NAME, 1, 2.0)[0] == listener


def test_the_families_take_turns(names, monkeypatch):
    tried = []

    def begin(address):
        tried.append(address[4][0])
        raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))

    monkeypatch.setattr(tcp, "_begin", begin)
    names[NAME] = [("::1", 1), ("::2", 1), ("::3", 1), ("127.0.0.1", 1), ("::1", 1), ("127.0.0.2", 1)]
    with pytest.raises(OSError, match="unreachable"):
        tcp.connect(NAME, 1, 2.0)
    assert tried == ["::1", "127.0.0.1", "::2", "127.0.0.2", "::3"]


def test_no_descriptor_is_left(names, silent_address, listener):
    names[NAME] = [silent_address, closed_address(), listener]
    before = len(os.listdir("/proc/self/fd"))
    timed(NAME, 1, 2.0)
    names[NAME] = [silent_address]
    with pytest.raises(socket.timeout):
        tcp.connect(NAME, 1, 0.1)
    assert len(os.listdir("/proc/self/fd")) == before


@contextlib.contextmanager
def no_descriptors():
    """Let this process have no more descriptors than it has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    taken = []
    try:
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.dup(0))
        yield taken
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for descriptor in taken:
            os.close(descriptor)


@pytest.mark.parametrize("left", [0, 1])
def test_no_more_descriptors(listener, left):
    with no_descriptors() as taken:
        for _free in range(left):
            os.close(taken.pop())
        with pytest.raises(OSError) as caught:
            tcp.connect("127.0.0.1", listener[1], 1.0)
    assert caught.value.errno == errno.EMFILE


@pytest.mark.parametrize("number", [socket.EAI_NONAME, socket.EAI_AGAIN, None])
def test_a_name_that_no_descriptor_is_left_to_look_up(names, number):
    """The resolver of the C library says so or, as some do, that there is no such name."""

    def look_up():
        raise socket.gaierror(number, "no") if number else OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    names[NAME] = look_up
    with no_descriptors():
        scarce = failure(f"http://{NAME}")
    assert scarce.code == "OutOfResources"
    assert scarce.message == "The host the module runs on gives the task no more open files."


def test_a_name_that_this_system_has_no_descriptor_to_look_up():
    with no_descriptors():
        assert failure("http://localhost").code == "OutOfResources"


def test_a_name_that_no_memory_is_left_to_look_up(names):
    def look_up():
        raise socket.gaierror(socket.EAI_MEMORY, "no")

    names[NAME] = look_up
    assert failure(f"http://{NAME}").message == "The host the module runs on gives the task no more memory."


def test_no_more_threads(names, monkeypatch, listener):
    """The name is then looked up where there is no limit but the system's own."""

    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    names[NAME] = [listener]
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert timed(NAME, 1, 2.0)[0] == listener


def test_an_address_needs_no_thread(monkeypatch, listener):
    monkeypatch.setattr(threading, "Thread", None)
    assert timed("127.0.0.1", listener[1], 2.0)[0] == listener


def test_a_name_without_an_address(names):
    names[NAME] = []
    assert failure(f"http://{NAME}").message == "The name of the endpoint cannot be resolved."


def test_little_requests_are_not_held_back():
    with answering(http()) as server, tcp.connect("127.0.0.1", server.port, 1.0) as sock:
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_ipv6():
    with socket.socket(socket.AF_INET6) as listener:
        try:
            listener.bind(("::1", 0))
        except OSError:
            pytest.skip("This host has no IPv6.")
        listener.listen()
        assert timed("::1", listener.getsockname()[1], 1.0)[0][:2] == ("::1", listener.getsockname()[1])


def test_the_second_address_serves_the_whole_attempt(names, silent_address):
    with answering(http()) as server:
        names[NAME] = [silent_address, ("127.0.0.1", server.port)]
        assert attempt(f"http://{NAME}", 2.0).status == 200
