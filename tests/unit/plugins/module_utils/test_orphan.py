# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task that is interrupted or has lost its reader does is tested with the module; here is what must not end it."""

from __future__ import annotations

import _thread
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils import _orphan as orphan


@pytest.mark.parametrize("handler, then", [("SIG_IGN", "SIG_IGN"), ("default_int_handler", "SIG_DFL")])
def test_an_interruption_that_is_ignored_stays_ignored(handler, then):
    """As of a task that a shell started in the background."""
    code = (
        "import signal\n"
        "from ansible_collections.alicloud.chatapp.plugins.module_utils._orphan import exit_when_orphaned\n"
        f"signal.signal(signal.SIGINT, signal.{handler})\n"
        "exit_when_orphaned()\n"
        f"assert signal.getsignal(signal.SIGINT) is signal.{then}"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_process_without_standard_output_is_not_ended(monkeypatch):
    monkeypatch.setattr(os, "_exit", pytest.fail)
    nothing = 1 << 20
    with pytest.raises(OSError):
        os.fstat(nothing)
    orphan._watch(nothing)


@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), MemoryError()])
def test_a_task_that_cannot_be_watched_is_done_all_the_same(monkeypatch, error):
    def no_thread(*_arguments):
        raise error

    monkeypatch.setattr(_thread, "start_new_thread", no_thread)
    before = signal.getsignal(signal.SIGINT)
    try:
        orphan.exit_when_orphaned()
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_reader_that_has_gone_ends_the_process(monkeypatch):
    class Ended(BaseException):
        pass

    def end(status):
        raise Ended(status)

    monkeypatch.setattr(os, "_exit", end)
    reader, writer = os.pipe()
    os.close(reader)
    try:
        with pytest.raises(Ended) as ended:
            orphan._watch(writer)
    finally:
        os.close(writer)
    assert ended.value.args == (1,)


@pytest.mark.parametrize(
    ("before", "after"), [(signal.default_int_handler, signal.SIG_DFL), (signal.SIG_IGN, signal.SIG_IGN)]
)
def test_standard_output_is_watched_and_an_interruption_ends_what_it_may(monkeypatch, before, after):
    started = []
    monkeypatch.setattr(_thread, "start_new_thread", lambda *what: started.append(what))
    earlier = signal.signal(signal.SIGINT, before)
    try:
        orphan.exit_when_orphaned()
        assert signal.getsignal(signal.SIGINT) is after
    finally:
        signal.signal(signal.SIGINT, earlier)
    assert started == [(orphan._watch, (1,))]


def test_what_can_be_read_or_written_is_no_end(monkeypatch):
    """Standard output can be a terminal or a socket, on which the other side has said something."""
    ended = threading.Event()
    monkeypatch.setattr(os, "_exit", lambda _status: ended.set())
    ours, others = socket.socketpair()
    with ours, others:
        others.sendall(b"x")
        watching = threading.Thread(target=orphan._watch, args=(ours.fileno(),), daemon=True)
        watching.start()
        watching.join(0.1)
        assert watching.is_alive()
        assert not ended.is_set()
        others.close()
        watching.join(10)
        assert ended.is_set()
