# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: end the process when nobody waits for its result any more."""

from __future__ import annotations

import _thread
import contextlib
import os
import select
import signal

_GONE = select.POLLERR | select.POLLHUP


def exit_when_orphaned() -> None:
    """Make an interruption end this process at once, with nothing more sent and no traceback.

    Ansible's ``timeout`` sends no signal: all it leaves to see is that standard output has lost its reader.
    SIGTERM ends a process by default; SIGINT would raise an exception in whatever runs.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # A task that cannot be watched is still worth doing. Not threading.Thread: its start() waits for ever for a thread
    # that has too little memory to begin.
    with contextlib.suppress(RuntimeError, MemoryError):
        _thread.start_new_thread(_watch, (1,))


def _watch(descriptor: int) -> None:
    with contextlib.suppress(MemoryError):
        watched = select.poll()
        watched.register(descriptor, 0)
        for _descriptor, event in watched.poll():
            if event & _GONE:
                os._exit(1)
