# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable

WINDOW = 1.0


class SlidingWindow:
    """Grants at most `limit` calls in any stretch of one second, counted apart for each account.

    A refused call does not count: the quota is the number of calls let through.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._granted: dict[str, deque[float]] = defaultdict(deque)

    def take(self, account: str, limit: int) -> bool:
        now = self._clock()
        granted = self._granted[account]
        while granted and now - granted[0] >= WINDOW:
            granted.popleft()
        if len(granted) >= limit:
            return False
        granted.append(now)
        return True


class FixedWindow:
    """Grants at most `limit` calls between two whole seconds of the clock, counted apart for each account.

    A refused call does not count. Around the turn of a second up to twice the limit can pass.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[str, tuple[int, int]] = {}

    def take(self, account: str, limit: int) -> bool:
        window = math.floor(self._clock() / WINDOW)
        began, granted = self._windows.get(account, (window, 0))
        if began != window:
            granted = 0
        if granted >= limit:
            return False
        self._windows[account] = (window, granted + 1)
        return True


WINDOWS = {"sliding": SlidingWindow, "fixed": FixedWindow}
