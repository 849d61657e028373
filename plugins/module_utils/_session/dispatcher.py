# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: any number of queries at the speed of the quota, whatever the latency.

One thread, the caller's, decides: which query is next, and when. It reserves the slots one at a time, since hoarding
them would starve other tasks, and at a slot it hands a query to a worker that is connected already. Only a throttle
that is far away keeps a few more for it, as many as a round trip costs.
"""

from __future__ import annotations

import collections
import heapq
import itertools
import queue
import time
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OUT_OF_MEMORY, ChatappError, ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.transport import Transport
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import MAX_LATENESS, Reservation, Throttle
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.breaker import Breaker
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import (
    THROTTLING,
    THROTTLING_DELAYS,
    TRANSIENT,
    kind_of,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.workers import (
    CONNECT_LEAD,
    Query,
    Report,
    Workers,
)

__all__ = ["Dispatcher", "Query"]

# So many slots in a row that no worker could use in time end the task: each of them is lost to everybody.
MAX_LATE_IN_A_ROW = 300


class Dispatcher:
    """Asks every query once, within the throttle's slots, and again where the retry policy says so.

    ``ask(transport, subject)`` makes one attempt within ``timeout`` seconds; ``make_transport()`` gives a worker its
    connection. ``workers_at_once`` is how many slots can be free at the same time. ``reports`` carries what the workers
    say. After run(): ``waited`` seconds for slots, ``refused`` and ``retried`` attempts.
    """

    def __init__(
        self,
        ask: t.Callable[[Transport, t.Any], t.Any],
        make_transport: t.Callable[[], Transport],
        throttle: Throttle,
        workers_at_once: int,
        timeout: float,
        clock: t.Callable[[], float] = time.monotonic,
        reports: t.Any = None,
    ) -> None:
        self.waited = 0.0
        self.refused = 0
        self.retried = 0
        self._throttle = throttle
        self._workers_at_once = workers_at_once
        self._clock = clock
        self._workers = Workers(
            ask, make_transport, timeout, clock, queue.SimpleQueue() if reports is None else reports
        )
        self._breaker = Breaker()
        self._pending: collections.deque[Query] = collections.deque()
        # By the moment from which on they may be asked again, then in the order in which they came back.
        self._order = itertools.count()
        self._retries: list[tuple[float, int, Query]] = []
        self._slot: Reservation | None = None
        self._looked = False
        self._late_in_a_row = 0
        self._stopped = False

    def run(self, queries: t.Iterable[Query]) -> None:
        """Ask until each query has its answer or error, or none could have one any more.

        A query that an early stop left unasked keeps the error ``NotAsked``. Raises OptionError of ``make_transport``.
        """
        self._pending.extend(queries)
        try:
            while self._workers.asking() or (self._left() and not self._stopped):
                self._step()
        except MemoryError:
            # Nothing more can be waited for: what is in flight is given up, and what was read is returned.
            self._stop(OUT_OF_MEMORY)
            self._workers.give_up(OUT_OF_MEMORY)
        finally:
            self._workers.dismiss()

    def _step(self) -> None:
        try:
            settled = self._workers.receive(self._advance())
            if settled is not None:
                self._settle(*settled)
        except ThrottleError as error:
            self._stop(error)

    def _left(self) -> int:
        return len(self._pending) + len(self._retries)

    def _next_pending(self) -> Query:
        return self._pending[0] if self._pending else self._retries[0][2]

    def _stop(self, error: ChatappError) -> None:
        """Ask nobody any more; the query that was to be next has the reason."""
        self._stopped = True
        if self._left():
            self._next_pending().error = error

    def _advance(self) -> float | None:
        """Do the next thing that can be done; return when to come back at the latest, None when it takes a report."""
        now = self._clock()
        if self._stopped or not self._left() or (self._breaker.is_open and self._workers.asking()):
            return None
        if self._breaker.is_open and now < self._breaker.not_before:
            return self._breaker.not_before
        ready = self._workers.ready()
        if self._slot is None:
            # Hold the first call back until the batch is connected: handshakes compete for the CPU with calls in
            # flight.
            if ready and now < self._workers.settled():
                return self._workers.settled()
            until = self._reserve(now, ready)
            if self._slot is None:
                return until
        slot, look_at = self._slot, self._slot.at - self._throttle.lead
        if now < min(slot.at - CONNECT_LEAD, look_at):
            return min(slot.at - CONNECT_LEAD, look_at)
        if not self._looked and now >= look_at:
            # So early that the answer of a throttle that is far away is here at the slot.
            self._looked = True
            if not self._throttle.usable(slot):
                self._slot = None
                return now
        if not ready and now < slot.at + MAX_LATENESS:
            return self._connect(slot.at + MAX_LATENESS if self._looked else look_at)
        if now < slot.at:
            return slot.at if self._looked else look_at
        self._slot = None
        if ready:
            self._send(slot)
        return now

    def _reserve(self, now: float, ready: bool) -> float | None:
        """Reserve a slot, unless the next one comes before it can be used: then return when to come back."""
        due = now if self._pending else self._retries[0][0]
        wanted = 1 if self._breaker.is_open else max(1, len(self._pending))
        reservation = self._throttle.reserve(due if ready else max(due, now + CONNECT_LEAD), wanted)
        if reservation.granted:
            self.waited += max(0.0, reservation.at - now)
            self._slot, self._looked = reservation, False
            return None
        # When a queue as long as now's would end where the slot can be used; not so soon as to do nothing but ask.
        again = min(due, max(due - max(0.0, reservation.at - now), now + MAX_LATENESS))
        if ready:
            return again
        return again - CONNECT_LEAD if again - CONNECT_LEAD > now else self._connect(None)

    def _connect(self, until: float | None) -> float | None:
        """Have workers connect; return until when to wait for them."""
        self._workers.connect(1 if self._breaker.is_open else min(self._left(), self._workers_at_once))
        error = self._workers.failure
        if error is None or self._workers.working():
            return until
        self._workers.failure = None
        query = self._next_pending()
        attempts = self._breaker.unreachable(query, error, self._clock())
        if attempts is None:
            self.retried += 1
        else:
            query.attempts += attempts
            self._stop(error)
        return self._clock()

    def _send(self, slot: Reservation) -> None:
        if self._breaker.is_open and self._pending:
            # The last one has the least to do with those that failed.
            query = self._pending.pop()
        elif self._retries and (not self._pending or self._retries[0][0] <= slot.at):
            query = heapq.heappop(self._retries)[2]
        else:
            query = self._pending.popleft()
        self._breaker.probe = query
        self._workers.ask(query, slot.at)

    def _settle(self, query: Query, report: Report) -> None:
        if not report.sent:
            self._late(query)
            return
        self._late_in_a_row = 0
        query.attempts += 1
        query.answer, query.error = report.answer, report.error
        error = report.error
        if error is None:
            self._breaker.answered()
            return
        delay = query.retries.after(error)
        if delay is not None:
            self.retried += 1
            self._ask_again(query, delay)
        kind = kind_of(error)
        if kind == THROTTLING:
            self.refused += 1
            self._throttle.push_back(THROTTLING_DELAYS[0] if delay is None else delay)
        elif (kind == TRANSIENT or delay is None) and not self._breaker.failed(query, error, self._clock()):
            self._stopped = True

    def _ask_again(self, query: Query, delay: float) -> None:
        heapq.heappush(self._retries, (self._clock() + delay, next(self._order), query))

    def _late(self, query: Query) -> None:
        """Take a query back that its worker came too late for: its slot is lost, and no attempt was made."""
        self._ask_again(query, 0.0)
        self._late_in_a_row += 1
        if self._late_in_a_row >= MAX_LATE_IN_A_ROW:
            raise ThrottleError(
                "ThrottleUnavailable",
                f"The host the module runs on was too busy to use any of {MAX_LATE_IN_A_ROW} slots in time.",
                "Run fewer tasks at once on it, or give it more CPU time.",
            )
