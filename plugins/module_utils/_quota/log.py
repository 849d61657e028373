# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: one quota for every process that shares a log: a sliding-window log with reservation.

A caller reserves its slot in the log and waits for it outside; the loser of a race knows its own slot at once.
The log is in order of time and holds the moments, in microseconds, of the calls that a lawful limit can look back at.
Its generation says which log it is: a log that was lost, or whose clock went back, begins anew as a full window under
another generation, and the slots of the earlier one are void.
This file has what every storage has in common; file.py and redis.py keep the log.
"""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.round_trip import RoundTrip

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
# Two readings of one clock may differ by so many microseconds; more than that, and the clock went back.
CLOCK_TOLERANCE = round(MAX_LATENESS * MICROSECONDS)
# So many slots in a row that had passed before the storage answered end the task: it would use up everybody's quota.
MAX_LOST_SLOTS = 5


class Reservation(t.NamedTuple):
    """A slot: ``at`` in seconds of this process's clock, ``mark`` in microseconds of the log's clock.

    Where ``granted`` is false the slot would have come before the caller can use it, and nothing was reserved.
    ``generation`` tells the log that the slot stands in from those that were begun after it was lost.
    """

    at: float
    granted: bool
    mark: int
    generation: int = 0


class Seen(t.NamedTuple):
    """What the log said: the moment before which nobody may send, its generation, and its newest slot."""

    floor: int
    generation: int
    newest: int

    def holds(self, reservation: Reservation) -> bool:
        """Tell whether the slot stands in the log, and after the floor."""
        return self.generation == reservation.generation and self.floor <= reservation.mark <= self.newest


class Throttle:
    """Reserve slots and push everybody back: one quota for all who share a log.

    ``acquire`` is all that a caller needs who makes one call at a time. Who has more to do meanwhile reserves a slot,
    asks ``usable`` about it ``lead`` seconds before, waits for the slot itself, and sends unless its own clock says by
    then that the slot is more than ``MAX_LATENESS`` seconds ago.

    Attributes: ``scope`` (str) says with whom the quota is shared; ``warnings`` (list of str) are sentences that the
    user should read, and grow while the throttle is used.
    """

    scope: str

    def __init__(
        self,
        key: str,
        qps_limit: float,
        max_wait: float,
        clock: t.Callable[[], float],
        sleep: t.Callable[[float], None],
    ) -> None:
        """``qps_limit`` is in calls a second, from 0.1 to 1000; ``max_wait`` in seconds; ``clock`` returns seconds."""
        self.warnings: list[str] = []
        self._name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        self._limit = max(1, int(qps_limit))
        window = WINDOW if qps_limit >= 1 else 1 / qps_limit
        self._pause = round((window + WINDOW_MARGIN) * MICROSECONDS)
        self._max_wait = round(max_wait * MICROSECONDS)
        self._clock = clock
        self._sleep = sleep
        self._round_trip = RoundTrip()
        self._just_seen: Reservation | None = None
        # The newest slot that this process wrote, and the generation of the log it stands in; 0 before the first.
        self._generation = 0
        self._newest = 0
        self._lost_slots = 0
        self._lost_logs = 0

    @property
    def lead(self) -> float:
        """Seconds before a slot in which ``usable`` has to be asked about it: as long as the log takes to answer."""
        return self._round_trip.bound

    def reserve(self, not_before: float = 0.0, wanted: int = 1) -> Reservation:
        """Reserve the next free slot, unless it comes before ``not_before`` (seconds of this process's clock).

        ``wanted`` says how many calls the caller would send at once if it might: a log that is far away then reserves
        for as many of them as can be sent during a round trip. They are returned one by one.
        Raises ThrottleError: ``QueueTooLong``, with nothing reserved, or ``ThrottleUnavailable``.
        """
        wait, reservation, just_seen = self._append(not_before, wanted)
        if wait > self._max_wait:
            raise ThrottleError(
                "QueueTooLong",
                f"The next free slot of the quota is {wait / MICROSECONDS:.1f} s away,"
                f" and throttle_max_wait allows {self._max_wait / MICROSECONDS:g} s.",
                "Wait for the tasks that share this quota, start fewer of them at once, or raise throttle_max_wait.",
            )
        self._just_seen = reservation if just_seen else None
        return reservation

    def usable(self, reservation: Reservation) -> bool:
        """Tell, ``lead`` seconds before the slot, whether it still holds: one that is late or pushed back is lost.

        Raises ThrottleError with ``ThrottleUnavailable``, also where this log is too slow to use any slot in time.
        """
        if self._is_late(reservation):
            return False
        # Who does not have to wait has only just seen the floor.
        if reservation is not self._just_seen and not self._look(reservation):
            return False
        if self._is_late(reservation):
            self._lose_slot()
            return False
        self._lost_slots = 0
        return True

    def acquire(self) -> Reservation:
        """Wait until one call may be sent, and return its slot. Raises ThrottleError as ``reserve`` and ``usable``."""
        while True:
            reservation = self.reserve()
            self._sleep_until(reservation.at - self.lead)
            if self.usable(reservation):
                self._sleep_until(reservation.at)
                if not self._is_late(reservation):
                    return reservation

    def push_back(self, seconds: float) -> None:
        """Let nobody have a slot within the next ``seconds``. Raises ThrottleError with ``ThrottleUnavailable``."""
        self._raise_floor(round(seconds * MICROSECONDS))

    def _append(self, not_before: float, wanted: int) -> tuple[int, Reservation, bool]:
        """Return how long the queue for the slot is, the slot, and whether the floor was seen just before it.

        The queue is in microseconds. The slot is stored if it is granted and the queue is no longer than the longest.
        """
        raise NotImplementedError

    def _look(self, reservation: Reservation) -> bool:
        """Tell whether the log still holds the slot."""
        raise NotImplementedError

    def _raise_floor(self, microseconds: int) -> None:
        raise NotImplementedError

    def _is_late(self, reservation: Reservation) -> bool:
        return self._clock() - reservation.at > MAX_LATENESS

    def _sleep_until(self, moment: float) -> None:
        left = moment - self._clock()
        if left > 0:
            self._sleep(left)

    def _wrote(self, generation: int, newest: int) -> None:
        self._generation, self._newest = generation, newest

    def _lose_slot(self) -> None:
        """Count a slot that had passed when the storage answered."""
        self._lost_slots += 1
        if self._lost_slots >= MAX_LOST_SLOTS:
            raise self._too_slow()

    def _too_slow(self) -> ThrottleError:
        raise NotImplementedError

    def _lose_log(self, message: str, remedy: str) -> None:
        """Warn of a log that was lost, once: where it is lost again and again nobody would keep the quota."""
        self._lost_logs += 1
        if self._lost_logs > 1:
            raise unavailable(f"{message}. It was not the first time.", remedy)
        self.warnings.append(f"{message}, so one window of calls was waited for. {remedy}")


def queue_of(slot: int, now: int, generation: int, pause: int) -> int:
    """Return how long the queue for a slot is, in microseconds.

    The window that counts as full because the log was begun anew is no queue: nobody is in it.
    """
    return 0 if slot <= generation + pause else slot - now


def unavailable(message: str, remedy: str) -> ThrottleError:
    return ThrottleError("ThrottleUnavailable", message, remedy)
