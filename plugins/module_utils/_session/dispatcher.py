# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: any number of queries at the speed of the quota, whatever the latency.

One thread, the caller's, reserves the slots, one at a time: hoarding them would starve other tasks. At a slot it hands
a query to a worker that is idle and connected already. The workers are daemon threads, so that nothing waits for a
call that hangs when the task is interrupted.
"""

from __future__ import annotations

import collections
import heapq
import itertools
import queue
import threading
import time
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import (
    ChatappError,
    ThrottleError,
    TransportError,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.transport import Transport
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import MAX_LATENESS, Throttle
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import (
    THROTTLING,
    THROTTLING_DELAYS,
    Retries,
    is_fatal,
    kind_of,
)

MAX_WORKERS = 256
# Seconds before a slot in which its connection is made or looked at.
CONNECT_LEAD = 1.0
# So many answers in a row that can only come again end the task early.
MAX_CONSECUTIVE_FATAL = 5


class Query:
    """One query and what became of it: ``answer`` is whatever ``ask`` returned, or None with an ``error``."""

    def __init__(self, subject: t.Any, retries: Retries) -> None:
        self.subject = subject
        self.retries = retries
        self.attempts = 0
        self.answer: t.Any = None
        self.error: ChatappError | None = None


class _Worker(threading.Thread):
    """Connects (job None) or asks (job Query) with a transport of its own and reports each job's end."""

    def __init__(
        self, transport: Transport, ask: t.Callable[[Transport, t.Any], t.Any], report: t.Callable[..., None]
    ) -> None:
        super().__init__(daemon=True)
        self.transport = transport
        self.unused_since: float | None = None
        self.jobs: t.Any = queue.SimpleQueue()
        self._ask = ask
        self._report = report

    def run(self) -> None:
        while True:
            query = self.jobs.get()
            answer = error = None
            try:
                if query is None:
                    self.transport.connect()
                else:
                    answer = self._ask(self.transport, query.subject)
            except ChatappError as caught:
                # Its traceback, and what it was made of, would keep the whole answer alive for as long as the task.
                caught.__context__ = None
                error = caught.with_traceback(None)
            except Exception as caught:
                # The text of an unexpected error can hold the request; its class cannot.
                error = ChatappError("UnexpectedError", f"An unexpected {type(caught).__name__} occurred.")
            self._report((self, query, answer, error))
            if query is None and error is not None:
                return
            # A worker that waits must not keep the answer of its last query alive.
            del query, answer, error


class Dispatcher:
    """Asks every query once, within the throttle's slots, and again where the retry policy says so.

    ``ask(transport, subject)`` makes one attempt; ``make_transport()`` gives a worker its connection.
    ``workers_at_once`` is how many slots can be free at the same time. ``events`` carries the workers' reports.
    After run(): ``waited`` seconds for slots, ``refused`` and ``retried`` attempts.
    """

    def __init__(
        self,
        ask: t.Callable[[Transport, t.Any], t.Any],
        make_transport: t.Callable[[], Transport],
        throttle: Throttle,
        workers_at_once: int,
        clock: t.Callable[[], float] = time.monotonic,
        events: t.Any | None = None,
    ) -> None:
        self.waited = 0.0
        self.refused = 0
        self.retried = 0
        self._ask = ask
        self._make_transport = make_transport
        self._throttle = throttle
        self._workers_at_once = workers_at_once
        self._most_workers = MAX_WORKERS
        self._clock = clock
        self._events = queue.SimpleQueue() if events is None else events
        self._pending: collections.deque[Query] = collections.deque()
        self._order = itertools.count()
        self._retries: list[tuple[float, int, Query]] = []
        self._idle: list[_Worker] = []
        self._busy = 0
        self._connecting = 0
        self._connect_error: ChatappError | None = None
        self._batch_began: float | None = None
        self._settled = 0.0
        self._consecutive_fatal = 0
        self._stopped = False

    def run(self, queries: t.Iterable[Query]) -> None:
        """Ask until each query has its answer or error, or none could have one any more.

        A query that an early stop left unasked has the error ``NotAsked``. Raises OptionError of ``make_transport``.
        """
        self._pending.extend(queries)
        while self._busy or (self._left() and not self._stopped):
            if self._stopped or not self._left():
                self._take_event(None)
                continue
            try:
                self._ask_next()
            except ThrottleError as error:
                self._stop(error)
        for query in [entry[2] for entry in self._retries] + list(self._pending):
            if query.error is None:
                query.error = ChatappError("NotAsked", "Not asked, since an earlier failure would have come again.")

    def _left(self) -> int:
        return len(self._pending) + len(self._retries)

    def _next_pending(self) -> Query:
        return self._pending[0] if self._pending else self._retries[0][2]

    def _stop(self, error: ChatappError) -> None:
        self._stopped = True
        if self._left():
            self._next_pending().error = error

    def _ask_next(self) -> None:
        now = self._clock()
        if self._idle and self._connecting and now < self._settled:
            self._take_event(self._settled - now)
            return
        due = now if self._pending else self._retries[0][0]
        ready = self._ready()
        if not ready and self._connect_error and not self._busy and not self._connecting:
            self._reconnect(self._connect_error)
            return
        reservation = self._throttle.reserve(due if ready else max(due, now + CONNECT_LEAD))
        if not reservation.granted:
            if ready:
                self._take_event(max(0.0, due - reservation.at))
            else:
                self._add_workers()
                self._take_event(None)
            return
        self.waited += max(0.0, reservation.at - self._clock())
        self._await(reservation.at)
        if self._stopped or not self._ready() or not self._throttle.usable(reservation):
            return
        retry_is_due = self._retries and (not self._pending or self._retries[0][0] <= reservation.at)
        query = heapq.heappop(self._retries)[2] if retry_is_due else self._pending.popleft()
        query.attempts += 1
        self._busy += 1
        worker = self._idle.pop()
        worker.unused_since = None
        worker.jobs.put(query)

    def _await(self, slot: float) -> None:
        """Wait for the slot; in the last second before it see to it that a connected worker is there."""
        while not self._stopped:
            left = slot - self._clock()
            if left > CONNECT_LEAD:
                self._take_event(left - CONNECT_LEAD)
                continue
            ready = self._ready()
            if not ready:
                left += MAX_LATENESS
                self._add_workers()
            if left <= 0:
                return
            self._take_event(left)

    def _ready(self) -> bool:
        while self._idle:
            if self._idle[-1].transport.alive():
                return True
            worker = self._idle.pop()
            if worker.unused_since is not None and self._clock() - worker.unused_since < CONNECT_LEAD:
                # Connecting again and again to a host that closes at once would know no end.
                self._connect_error = TransportError(
                    "ConnectionLost", "The connection was closed as soon as it was made."
                )
            else:
                self._connect(worker)
        return False

    def _add_workers(self) -> None:
        """Connect as many workers as slots can be free at once, unless some are connecting or have just failed to."""
        if self._connecting or self._connect_error:
            return
        self._batch_began = self._clock()
        for _missing in range(min(self._left(), self._workers_at_once, self._most_workers - self._busy)):
            self._add_worker()

    def _add_worker(self) -> None:
        worker = _Worker(self._make_transport(), self._ask, self._events.put)
        try:
            worker.start()
        except RuntimeError:
            # The system lets this process have no more threads: those it has must do.
            self._most_workers = self._busy + self._connecting
            if not self._most_workers:
                raise
            return
        self._connect(worker)

    def _connect(self, worker: _Worker) -> None:
        self._connecting += 1
        worker.jobs.put(None)

    def _reconnect(self, error: ChatappError) -> None:
        """Nobody can be asked: the query in front bears the retries, and the failure when they are used up."""
        query = self._next_pending()
        query.attempts += 1
        delay = query.retries.after(error)
        if delay is None:
            self._stop(error)
            return
        self.retried += 1
        self._take_event(delay)
        self._add_worker()
        self._take_event(None)

    def _take_event(self, timeout: float | None) -> None:
        try:
            worker, query, answer, error = self._events.get(timeout=timeout)
        except queue.Empty:
            return
        if query is None:
            self._connecting -= 1
            self._connect_error = error
            if error is not None:
                return
            worker.unused_since = self._clock()
            if self._batch_began is not None:
                # The handshakes of the others would delay what is sent meanwhile; they should not take twice as long.
                self._settled = 2 * self._clock() - self._batch_began + MAX_LATENESS
                self._batch_began = None
        else:
            self._busy -= 1
            self._connect_error = None
            self._settle(query, answer, error)
        self._idle.append(worker)

    def _settle(self, query: Query, answer: t.Any, error: ChatappError | None) -> None:
        query.answer, query.error = answer, error
        delay = None
        if error is not None:
            delay = query.retries.after(error)
            if kind_of(error) == THROTTLING:
                self.refused += 1
                self._push_back(THROTTLING_DELAYS[0] if delay is None else delay)
        if delay is not None:
            self.retried += 1
            heapq.heappush(self._retries, (self._clock() + delay, next(self._order), query))
            return
        self._consecutive_fatal = self._consecutive_fatal + 1 if error is not None and is_fatal(error) else 0
        self._stopped = self._stopped or self._consecutive_fatal >= MAX_CONSECUTIVE_FATAL

    def _push_back(self, seconds: float) -> None:
        try:
            self._throttle.push_back(seconds)
        except ThrottleError as error:
            self._stop(error)
