# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any number of questions at the speed of the quota, whatever the latency.

One thread, the caller's, reserves the slots, one at a time: hoarding them would starve other tasks. At a slot it hands
a question to a worker that is idle and connected already. The workers are daemon threads, so that nothing waits for a
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

from ansible_collections.alicloud.chatapp.plugins.module_utils.errors import (
    ChatappError,
    ThrottleError,
    TransportError,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils.retry import (
    THROTTLING,
    THROTTLING_DELAYS,
    Retries,
    hopeless,
    kind_of,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import LATE, Throttle
from ansible_collections.alicloud.chatapp.plugins.module_utils.transport import Transport

MAX_WORKERS = 256
# Seconds before a slot in which its connection is made or looked at.
CONNECT_LEAD = 1.0
# So many answers in a row that can only come again end the task early.
HOPELESS_IN_A_ROW = 5


class Question:
    """One question and what became of it: C(answer) is whatever C(ask) returned, or None with an C(error)."""

    def __init__(self, subject: t.Any, retries: Retries) -> None:
        self.subject = subject
        self.retries = retries
        self.attempts = 0
        self.answer: t.Any = None
        self.error: t.Optional[ChatappError] = None


class _Worker(threading.Thread):
    """Connects (job None) or asks (job Question) with a transport of its own and reports each job's end."""

    def __init__(self, transport: Transport, ask: t.Callable[[Transport, t.Any], t.Any], report: t.Callable[..., None]) -> None:
        super().__init__(daemon=True)
        self.transport = transport
        self.unused_since: t.Optional[float] = None
        self.jobs: t.Any = queue.SimpleQueue()
        self._ask = ask
        self._report = report

    def run(self) -> None:
        while True:
            question = self.jobs.get()
            answer = error = None
            try:
                if question is None:
                    self.transport.connect()
                else:
                    answer = self._ask(self.transport, question.subject)
            except ChatappError as caught:
                # Its traceback, and what it was made of, would keep the whole answer alive for as long as the task.
                caught.__context__ = None
                error = caught.with_traceback(None)
            except Exception as caught:
                # The text of an unexpected error can hold the request; its class cannot.
                error = ChatappError("UnexpectedError", "An unexpected %s occurred." % type(caught).__name__)
            self._report((self, question, answer, error))
            if question is None and error is not None:
                return
            # A worker that waits must not keep the answer of its last question alive.
            del question, answer, error


class Dispatcher:
    """Asks every question once, within the throttle's slots, and again where the retry policy says so.

    C(ask(transport, subject)) makes one attempt; C(make_transport()) gives a worker its connection.
    C(workers_at_once) is how many slots can be free at the same time. C(events) carries the workers' reports.
    After run(): C(waited) seconds for slots, C(refused) and C(retried) attempts.
    """

    def __init__(
        self,
        ask: t.Callable[[Transport, t.Any], t.Any],
        make_transport: t.Callable[[], Transport],
        throttle: Throttle,
        workers_at_once: int,
        clock: t.Callable[[], float] = time.monotonic,
        events: t.Optional[t.Any] = None,
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
        self._fresh: t.Deque[Question] = collections.deque()
        self._order = itertools.count()
        self._later: t.List[t.Tuple[float, int, Question]] = []
        self._idle: t.List[_Worker] = []
        self._busy = 0
        self._connecting = 0
        self._connect_error: t.Optional[ChatappError] = None
        self._batch_began: t.Optional[float] = None
        self._settled = 0.0
        self._hopeless = 0
        self._stopped = False

    def run(self, questions: t.Iterable[Question]) -> None:
        """Ask until each question has its answer or error, or none could have one any more.

        A question that an early stop left unasked has the error V(NotAsked). Raises OptionError of C(make_transport).
        """
        self._fresh.extend(questions)
        while self._busy or (self._left() and not self._stopped):
            if self._stopped or not self._left():
                self._take_event(None)
                continue
            try:
                self._ask_next()
            except ThrottleError as error:
                self._stop(error)
        for question in [entry[2] for entry in self._later] + list(self._fresh):
            if question.error is None:
                question.error = ChatappError("NotAsked", "Not asked, since an earlier failure would have come again.")

    def _left(self) -> int:
        return len(self._fresh) + len(self._later)

    def _front(self) -> Question:
        return self._fresh[0] if self._fresh else self._later[0][2]

    def _stop(self, error: ChatappError) -> None:
        self._stopped = True
        if self._left():
            self._front().error = error

    def _ask_next(self) -> None:
        now = self._clock()
        if self._idle and self._connecting and now < self._settled:
            self._take_event(self._settled - now)
            return
        due = now if self._fresh else self._later[0][0]
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
        retry_is_due = self._later and (not self._fresh or self._later[0][0] <= reservation.at)
        question = heapq.heappop(self._later)[2] if retry_is_due else self._fresh.popleft()
        question.attempts += 1
        self._busy += 1
        worker = self._idle.pop()
        worker.unused_since = None
        worker.jobs.put(question)

    def _await(self, slot: float) -> None:
        """Wait for the slot; in the last second before it see to it that a connected worker is there."""
        while not self._stopped:
            left = slot - self._clock()
            if left > CONNECT_LEAD:
                self._take_event(left - CONNECT_LEAD)
                continue
            ready = self._ready()
            if not ready:
                left += LATE
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
                self._connect_error = TransportError("ConnectionLost", "The connection was closed as soon as it was made.")
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
        """Nobody can be asked: the question in front bears the retries, and the failure when they are used up."""
        question = self._front()
        question.attempts += 1
        delay = question.retries.after(error)
        if delay is None:
            self._stop(error)
            return
        self.retried += 1
        self._take_event(delay)
        self._add_worker()
        self._take_event(None)

    def _take_event(self, timeout: t.Optional[float]) -> None:
        try:
            worker, question, answer, error = self._events.get(timeout=timeout)
        except queue.Empty:
            return
        if question is None:
            self._connecting -= 1
            self._connect_error = error
            if error is not None:
                return
            worker.unused_since = self._clock()
            if self._batch_began is not None:
                # The handshakes of the others would delay what is sent meanwhile; they should not take twice as long.
                self._settled = 2 * self._clock() - self._batch_began + LATE
                self._batch_began = None
        else:
            self._busy -= 1
            self._connect_error = None
            self._settle(question, answer, error)
        self._idle.append(worker)

    def _settle(self, question: Question, answer: t.Any, error: t.Optional[ChatappError]) -> None:
        question.answer, question.error = answer, error
        delay = None
        if error is not None:
            delay = question.retries.after(error)
            if kind_of(error) == THROTTLING:
                self.refused += 1
                self._push_back(THROTTLING_DELAYS[0] if delay is None else delay)
        if delay is not None:
            self.retried += 1
            heapq.heappush(self._later, (self._clock() + delay, next(self._order), question))
            return
        self._hopeless = self._hopeless + 1 if error is not None and hopeless(error) else 0
        self._stopped = self._stopped or self._hopeless >= HOPELESS_IN_A_ROW

    def _push_back(self, seconds: float) -> None:
        try:
            self._throttle.push_back(seconds)
        except ThrottleError as error:
            self._stop(error)
