# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: take from a queue within a time limit that holds on every supported Python."""

from __future__ import annotations

import queue
import typing as t

Item = t.TypeVar("Item")


def take(waiting: queue.SimpleQueue[Item], seconds: float | None) -> Item:
    """Return the next item, waiting so many seconds at most, without a limit for None. Raises queue.Empty.

    Before Python 3.13 ``SimpleQueue.get(timeout=...)`` can wait for ever: where the queue's lock is free although
    nothing is in it, the rest of the time is reckoned anew, and one that is below zero by then means no limit to the
    lock. A look without waiting takes the lock first.
    """
    try:
        return waiting.get(block=False)
    except queue.Empty:
        if seconds is not None and seconds <= 0:
            raise
    return waiting.get(timeout=seconds)
