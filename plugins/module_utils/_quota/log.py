# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: one quota for every process that shares a log: a sliding-window log with reservation.

A caller reserves its slot in the log and waits for it outside; the loser of a race knows its own slot at once.
The log is in order of time and holds the moments, in microseconds, of the calls that a lawful limit can look back at.
This file has what every storage has in common; quota_file.py and quota_redis.py keep the log.
"""

from __future__ import annotations

import hashlib
import typing as t
from urllib.parse import SplitResult, urlsplit

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError, ThrottleError

WINDOW = 1.0
# Calls jitter on their way to the service: with the guard, 100 ms of it puts no call too many into a second.
WINDOW_MARGIN = 0.1
MAX_LATENESS = WINDOW_MARGIN / 2

MICROSECONDS = 1000000
# How far back a lawful limit looks: calls, at 1000 a second, and microseconds, at one call in 10 s.
HIGHEST_LIMIT = 1000
LONGEST_PAUSE = round((10 + WINDOW_MARGIN) * MICROSECONDS)
# A reservation waits 3,600 s at most, so that a slot beyond this many microseconds is damage.
HORIZON = 3660 * MICROSECONDS


class Reservation(t.NamedTuple):
    """A slot: ``at`` in seconds of this process's clock, ``mark`` in microseconds of the log's clock.

    Where ``granted`` is false the slot would have come before the caller can use it, and nothing was reserved.
    """

    at: float
    granted: bool
    mark: int


class Throttle:
    """Reserve slots and push everybody back. ``scope`` (str) says with whom the quota is shared."""

    scope: str

    def __init__(self, key: str, qps_limit: float, max_wait: float, clock: t.Callable[[], float]) -> None:
        """``qps_limit`` is in calls a second, from 0.1 to 1000; ``max_wait`` in seconds; ``clock`` returns seconds."""
        self._name = hashlib.sha256(key.encode()).hexdigest()[:32]
        self._limit = max(1, int(qps_limit))
        window = WINDOW if qps_limit >= 1 else 1 / qps_limit
        self._pause = round((window + WINDOW_MARGIN) * MICROSECONDS)
        self._max_wait = round(max_wait * MICROSECONDS)
        self._clock = clock
        self._had_at_once: Reservation | None = None

    def reserve(self, not_before: float = 0.0) -> Reservation:
        """Reserve the next free slot, unless it comes before ``not_before`` (seconds of this process's clock).

        Raises ThrottleError: ``QueueTooLong``, with nothing reserved, or ``ThrottleUnavailable``.
        """
        wait, reservation = self._append(not_before)
        if wait > self._max_wait:
            raise ThrottleError(
                "QueueTooLong",
                f"The next free slot of the quota is {wait / MICROSECONDS:.1f} s away,"
                f" and throttle_max_wait allows {self._max_wait / MICROSECONDS:g} s.",
                "Wait for the tasks that share this quota, start fewer of them at once, or raise throttle_max_wait.",
            )
        self._had_at_once = reservation if wait == 0 else None
        return reservation

    def usable(self, reservation: Reservation) -> bool:
        """Tell, at the moment of sending, whether the slot still holds: one that is late or pushed back is lost.

        Raises ThrottleError with ``ThrottleUnavailable``.
        """
        # Who does not have to wait has only just seen the floor.
        held = reservation is self._had_at_once or self._floor() <= reservation.mark
        return held and self._clock() - reservation.at <= MAX_LATENESS

    def push_back(self, seconds: float) -> None:
        """Let nobody have a slot within the next ``seconds``. Raises ThrottleError with ``ThrottleUnavailable``."""
        self._raise_floor(round(seconds * MICROSECONDS))

    def _append(self, not_before: float) -> tuple[int, Reservation]:
        """Return the slot's distance in microseconds and the slot, stored if granted and within the longest wait."""
        raise NotImplementedError

    def _floor(self) -> int:
        raise NotImplementedError

    def _raise_floor(self, microseconds: int) -> None:
        raise NotImplementedError


def unavailable(message: str, remedy: str) -> ThrottleError:
    return ThrottleError("ThrottleUnavailable", message, remedy)


def split_url(url: str) -> SplitResult:
    """Return the URL's parts. Raises OptionError, which never shows the URL: it can hold a password."""
    try:
        parts = urlsplit(url)
        # Looked at here, because it is only then that a port is checked.
        usable = parts.port != 0 and not parts.fragment
    except ValueError:
        usable = False
    if not usable:
        raise OptionError(
            "throttle_url is not a usable URL: check its host and its port,"
            " and write each special character of a password or a path in its percent-encoded form."
        )
    return parts
