# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the throttle's log in Redis 6 or newer, Valkey or Tair, for many machines.

The slots are moments of the server's clock. What the time is there is known to half a round trip, since the way can
take all of its time in one direction: the middle between the question and the answer that came fastest is taken for
it. Where that is worse than the guard bears, the slots keep further away from those of others. What the guard does not
bear is two hosts whose ways of 100 to 200 ms are lopsided in opposite directions.
"""

from __future__ import annotations

import collections
import math
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.address import redis_address
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import (
    MAX_LATENESS,
    MICROSECONDS,
    WINDOW_MARGIN,
    Reservation,
    Seen,
    Throttle,
    unavailable,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.script import LOOK, PUSH_BACK, RESERVE
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.server import LONGEST_IDLE, Server

PREFIX = "alicloud.chatapp:"
# Two good clocks part by less than this in a second.
CLOCK_DRIFT = 0.001


class ServerClock(t.NamedTuple):
    """What was learnt of the server's clock at ``moment``: ``offset`` is this process's less the server's, in seconds.

    ``generation`` is that of the log at that moment: with another one the server's clock may be another one, too.
    """

    generation: int
    moment: float
    offset: float
    uncertain: float

    def uncertain_at(self, moment: float) -> float:
        return self.uncertain + CLOCK_DRIFT * (moment - self.moment)


class RedisThrottle(Throttle):
    """The quota of all who name the same server and database, Sentinels' master or cluster."""

    scope = "redis"

    def __init__(self, url: str, password: str | None, max_retries: int, **common: t.Any) -> None:
        """``password`` serves where the URL has none.

        Raises OptionError for a URL that cannot be used, ThrottleError ``ThrottleUnavailable`` without the package.
        """
        super().__init__(**common)
        greeting = LOOK, PREFIX + self._name
        address = redis_address(url, password)
        self._server = Server(address, greeting, max_retries, common["max_wait"], common["clock"], common["sleep"])
        # Slots that were reserved in one round trip with the one before them.
        self._held: collections.deque[Reservation] = collections.deque()
        self._seen = Seen(0, 0, 0)
        self._seen_at = -math.inf
        # The generation that this process saw the clock step in.
        self._void = 0
        self._server_clock = ServerClock(0, 0.0, 0.0, math.inf)
        self._handed_out = -math.inf

    @property
    def lead(self) -> float:
        """Seconds before a slot: one round trip, and what it takes to connect where this has been idle by then."""
        idle = self._handed_out - self._server.last_used > LONGEST_IDLE
        return self._round_trip.bound + (2 * self._server.connecting if idle else 0.0)

    def _append(self, not_before: float, wanted: int) -> tuple[int, Reservation, bool]:
        self._measure()
        while True:
            while self._held and (self._is_late(self._held[0]) or not self._seen.holds(self._held[0])):
                self._held.popleft()
            missing = min(wanted, self._slots_in_a_round_trip()) - len(self._held)
            if not self._held:
                refused = self._fetch(not_before, max(1, missing))
                if refused:
                    return refused
            elif missing > 0 and self._held[0].at - self._clock() > 2 * self._round_trip.bound:
                # While the next slot is waited for, there is time to reserve those behind it.
                self._fetch(-math.inf, missing)
            if not self._held or not self._seen.holds(self._held[0]):
                continue
            first = self._held[0]
            if self._is_late(first):
                self._lose_slot()
            elif first.at < not_before:
                return 0, first._replace(granted=False), False
            else:
                self._held.popleft()
                self._handed_out = first.at
                return 0, first, first.at - self._seen_at <= 2 * self._round_trip.bound

    def _slots_in_a_round_trip(self) -> int:
        """Return how many slots have to be reserved at once for the way to the server not to cost any."""
        return min(self._limit, math.ceil(2 * self._round_trip.bound * self._limit * MICROSECONDS / self._pause))

    def _fetch(self, not_before: float, count: int) -> tuple[int, Reservation, bool] | None:
        """Reserve so many slots; return the first where it is not reserved, or its queue too long."""
        lead = self._round_trip.bound
        # Slots that will not have passed when the answer is here, and as far apart as the clock is uncertain.
        ahead = max(0.0, (lead - MAX_LATENESS) / 2)
        apart = max(0.0, self._uncertain() - WINDOW_MARGIN)
        delay = max(not_before - self._clock(), -1.0)
        arguments = [self._pause, _micro(delay), self._max_wait, count, _micro(ahead), _micro(apart)]
        earlier = self._server_clock.generation
        asked, answer = self._change(RESERVE, *arguments)
        _now, _floor, generation, _newest, _lost, granted, queue, first, *slots = answer
        self._seen_at = asked
        reservations = [
            Reservation(self._server_clock.offset + slot / MICROSECONDS - apart, bool(granted), slot, generation)
            for slot in [first, *slots]
        ]
        if not slots:
            return queue, reservations[0], False
        self._wrote(generation, slots[-1])
        if earlier not in (0, generation) and self._uncertain() > apart + WINDOW_MARGIN:
            # Of the clock of a log that was begun anew there is one slow answer only.
            self._lose_slot()
        else:
            self._held.extend(reservations[1:])
        return None

    def _look(self, reservation: Reservation) -> bool:
        asked, answer, stepped = self._ask(LOOK)
        self._seen_at = asked
        if stepped:
            self._void = answer[2]
            self._seen = Seen(0, 0, 0)
        return self._seen.holds(reservation)

    def _raise_floor(self, microseconds: int) -> None:
        self._change(PUSH_BACK, microseconds)

    def _change(self, script: str, *arguments: t.Any) -> tuple[float, list[int]]:
        """Return when a script that changes the log was asked, and its answer by a clock that has not stepped since."""
        asked, answer, stepped = self._ask(script, self._limit, self._generation, self._newest, self._void, *arguments)
        if stepped:
            asked, answer, stepped = self._ask(
                script, self._limit, self._generation, self._newest, answer[2], *arguments
            )
        self._void = 0
        if answer[4]:
            self._generation = 0
            self._lose_log(
                f"The throttle's log in the Redis at {self._server.place} is gone or lacks what was written to it",
                "A server that is started anew without its data forgets it once, and so does a replica that takes over."
                " If it was neither, the server evicts keys that have no expiry: set its maxmemory-policy to noeviction"
                " or to one of volatile-*, or give it more memory.",
            )
        return asked, answer

    def _ask(self, script: str, *arguments: t.Any) -> tuple[float, list[int], bool]:
        """Return when the script was asked, its answer, and whether the server's clock was set since the last one."""
        asked, answered, answer = self._server.ask(script, *arguments)
        self._round_trip.note(answered - asked)
        self._seen = Seen(*answer[1:4])
        middle, uncertain = (asked + answered) / 2, (answered - asked) / 2
        told = ServerClock(answer[2], middle, middle - answer[0] / MICROSECONDS, uncertain)
        known = self._server_clock
        if known.generation not in (0, told.generation):
            # A log that was begun anew has nothing of before.
            self._server_clock = told
            return asked, answer, False
        tolerance = known.uncertain_at(middle) + uncertain + MAX_LATENESS
        stepped = abs(told.offset - known.offset) > tolerance
        best = told if stepped or uncertain <= known.uncertain_at(middle) else known
        self._server_clock = best._replace(generation=told.generation)
        return asked, answer, stepped

    def _measure(self) -> None:
        """See to it that the round trip and the clock are known before the first slot depends on them."""
        if not self._round_trip.measured:
            self._ask(LOOK)

    def _uncertain(self) -> float:
        return self._server_clock.uncertain_at(self._clock())

    def _too_slow(self) -> ThrottleError:
        return unavailable(
            f"The throttle's Redis at {self._server.place} is too slow: {self._lost_slots} slots in a row had passed"
            f" before it answered, and a round trip takes {self._round_trip.mean:.2f} s.",
            "Use a Redis nearer to the host that the module runs on, or run the module nearer to it (delegate_to).",
        )


def _micro(seconds: float) -> int:
    return round(seconds * MICROSECONDS)
