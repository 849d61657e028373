# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: connections, each with a thread of its own that asks one query at a time.

All methods of ``Workers`` belong to one thread, the dispatcher's. A worker's thread is a daemon: nothing waits for a
call that hangs when the task is interrupted, and one that is past its deadline is left behind.
"""

from __future__ import annotations

import _thread
import itertools
import queue
import resource
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import (
    OUT_OF_MEMORY,
    ChatappError,
    TransportError,
    out_of,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.transport import Transport
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import MAX_LATENESS
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import Retries
from ansible_collections.alicloud.chatapp.plugins.module_utils._take import take

MAX_WORKERS = 256
# Seconds before a slot in which its connection is made or looked at.
CONNECT_LEAD = 1.0
# Seconds beyond a worker's time limit. A transport that keeps its own limit has reported by then.
DEADLINE_GRACE = 1.0
# Descriptors that are left to the task itself, and what one connection takes while its name is resolved.
_SPARE_DESCRIPTORS = 32
_DESCRIPTORS_EACH = 3


# What a query has that was left out after an early stop.
NOT_ASKED = ChatappError("NotAsked", "Not asked, since an earlier failure would have come again.")


class Query:
    """One query and what became of it: ``answer`` is whatever ``ask`` returned, or None with an ``error``."""

    def __init__(self, subject: t.Any, retries: Retries) -> None:
        self.subject = subject
        self.retries = retries
        self.attempts = 0
        self.answer: t.Any = None
        self.error: ChatappError | None = NOT_ASKED


class Report(t.NamedTuple):
    """How a worker's job ended; ``sent`` is false where it came too late for the slot and sent nothing."""

    worker: Worker
    answer: t.Any = None
    error: ChatappError | None = None
    sent: bool = True


class NoThreadError(Exception):
    """The system has no thread for one more worker."""


class Worker:
    """Connects, or asks a query at its slot, and reports each job's end."""

    def __init__(
        self,
        transport: Transport,
        ask: t.Callable[[Transport, t.Any], t.Any],
        clock: t.Callable[[], float],
        report: t.Callable[[Report], None],
    ) -> None:
        self.transport = transport
        self.unused_since: float | None = None
        self._ask = ask
        self._clock = clock
        self._report = report
        self._jobs: queue.SimpleQueue[tuple[Query | None, float] | None] = queue.SimpleQueue()

    def start(self) -> None:
        """Start the thread. Raises RuntimeError or MemoryError where the system gives none."""
        # Not threading.Thread: its start() waits for ever for a thread that has too little memory to begin.
        _thread.start_new_thread(self._run, ())

    def give(self, job: tuple[Query | None, float] | None) -> None:
        """Hand over a query and its slot, or None and any number to connect; None instead ends the thread."""
        self._jobs.put(job)

    def _run(self) -> None:
        try:
            # No variable holds the job: a worker that waits must not keep the answer of its last query alive.
            while self._do(self._jobs.get()):
                pass
        except MemoryError:
            # Nobody can be told. The dispatcher misses the report at the deadline.
            pass

    def _do(self, job: tuple[Query | None, float] | None) -> bool:
        """Do a job and report; return whether the worker is of further use."""
        if job is None:
            return False
        query, slot = job
        answer = error = None
        sent = True
        try:
            if query is None:
                self.transport.connect()
            elif self._clock() - slot > MAX_LATENESS:
                sent = False
            else:
                answer = self._ask(self.transport, query.subject)
        except ChatappError as caught:
            # Its traceback, and what it was made of, would keep the whole answer alive for as long as the task.
            caught.__context__ = None
            error = caught.with_traceback(None)
        except MemoryError:
            error = OUT_OF_MEMORY
        except Exception as caught:
            # The text of an unexpected error can hold the request; its class cannot.
            error = ChatappError("UnexpectedError", f"An unexpected {type(caught).__name__} occurred.")
        self._report(Report(self, answer, error, sent))
        return query is not None or error is None


class Workers:
    """All workers of a dispatcher. ``failure`` is why no more can be connected for now, or None.

    ``ask(transport, subject)`` makes one attempt within ``timeout`` seconds; ``make_transport()`` gives a worker its
    connection, which takes half of them at most. ``reports`` carries what the workers say, as a queue.SimpleQueue.
    """

    def __init__(
        self,
        ask: t.Callable[[Transport, t.Any], t.Any],
        make_transport: t.Callable[[], Transport],
        timeout: float,
        clock: t.Callable[[], float],
        reports: t.Any,
    ) -> None:
        self.failure: ChatappError | None = None
        self._ask = ask
        self._make_transport = make_transport
        self._timeout = timeout
        self._clock = clock
        self._reports = reports
        self._most = most_workers()
        self._idle: list[Worker] = []
        self._closed: list[Worker] = []
        # With the deadline of each, the earliest first.
        self._connecting: dict[Worker, float] = {}
        self._asking: dict[Worker, tuple[float, Query]] = {}
        self._batch_began: float | None = None
        self._settled = 0.0

    def asking(self) -> bool:
        """Tell whether a query is under way."""
        return bool(self._asking)

    def working(self) -> bool:
        """Tell whether a report is to be expected."""
        return bool(self._asking or self._connecting)

    def settled(self) -> float:
        """Return the moment by which the rest of a batch is connected, or should be by the time that its first took."""
        return self._settled if self._connecting else 0.0

    def ready(self) -> bool:
        """Tell whether a worker is idle whose connection is open."""
        while self._idle:
            if self._idle[-1].transport.alive():
                return True
            worker = self._idle.pop()
            if worker.unused_since is not None and self._clock() - worker.unused_since < CONNECT_LEAD:
                # Connecting again and again to a host that closes at once would know no end.
                self.failure = worker.transport.last_words or TransportError(
                    "ConnectionLost", "The connection was closed as soon as it was made."
                )
                worker.give(None)
            else:
                self._closed.append(worker)
        return False

    def connect(self, wanted: int) -> None:
        """Connect a batch of workers, unless some are connecting or have just failed to. Raises OptionError."""
        if self._connecting or self.failure:
            return
        self._batch_began = self._clock()
        for _worker in range(min(wanted, self._most - len(self._idle) - len(self._asking))):
            try:
                worker = self._closed.pop() if self._closed else self._started()
            except NoThreadError:
                self._not_connected(out_of("threads"))
                return
            except MemoryError:
                self._not_connected(OUT_OF_MEMORY)
                return
            self._connecting[worker] = self._clock() + self._timeout / 2 + DEADLINE_GRACE
            worker.give((None, 0.0))

    def ask(self, query: Query, slot: float) -> None:
        """Have a worker that is ready() send the query at its slot, a moment of the clock."""
        worker = self._idle.pop()
        worker.unused_since = None
        self._asking[worker] = self._clock() + self._timeout + DEADLINE_GRACE, query
        worker.give((query, slot))

    def receive(self, until: float | None) -> tuple[Query, Report] | None:
        """Wait for the next report, at most until a moment of the clock; return it with its query if there was one."""
        moments = [*itertools.islice(self._connecting.values(), 1)]
        moments += [deadline for deadline, _query in itertools.islice(self._asking.values(), 1)]
        if until is not None:
            moments.append(until)
        now = self._clock()
        awaited = max(now, min(moments)) if moments else None
        try:
            report: Report = take(self._reports, None if awaited is None else awaited - now)
        except queue.Empty:
            # By the moment that was waited for: a process that stood still has not looked for reports since.
            return self._abandon(awaited or now)
        if self._connecting.pop(report.worker, None) is not None:
            self._connected(report.worker, report.error)
            return None
        asked = self._asking.pop(report.worker, None)
        if asked is None:
            # It was abandoned.
            return None
        self.failure = None
        if report.error is None or report.error.code != "OutOfResources" or not self._make_do():
            self._idle.append(report.worker)
        else:
            report.worker.give(None)
        return asked[1], report

    def give_up(self, error: ChatappError) -> None:
        """Settle every query that is under way with an error."""
        for _deadline, query in self._asking.values():
            query.attempts += 1
            query.error = error

    def dismiss(self) -> None:
        """End every thread, that of a worker that is still at something as soon as it is through with it."""
        for worker in [*self._idle, *self._closed, *self._connecting, *self._asking]:
            worker.give(None)

    def _started(self) -> Worker:
        worker = Worker(self._make_transport(), self._ask, self._clock, self._reports.put)
        try:
            worker.start()
        except RuntimeError:
            # Told apart from one in the making of a transport, which is a defect.
            raise NoThreadError from None
        return worker

    def _connected(self, worker: Worker, error: ChatappError | None) -> None:
        if error is not None:
            self._not_connected(error)
            return
        now = self._clock()
        self.failure = None
        worker.unused_since = now
        self._idle.append(worker)
        if self._batch_began is not None:
            self._settled = 2 * now - self._batch_began + MAX_LATENESS
            self._batch_began = None

    def _not_connected(self, error: ChatappError) -> None:
        if error.code != "OutOfResources" or not self._make_do():
            self.failure = error

    def _make_do(self) -> bool:
        """Have no more workers than there are, where there are any; return whether there are."""
        there_are = len(self._idle) + len(self._connecting) + len(self._asking)
        self._most = min(self._most, max(1, there_are))
        return there_are > 0

    def _abandon(self, now: float) -> tuple[Query, Report] | None:
        """Leave a worker behind that is past its deadline; return the report that it owes, as receive() does."""
        for worker, deadline in itertools.islice(self._connecting.items(), 1):
            if deadline <= now:
                del self._connecting[worker]
                worker.give(None)
                self._not_connected(TransportError("TimedOut", "Connecting took longer than timeout allows."))
                return None
        for worker, (deadline, query) in itertools.islice(self._asking.items(), 1):
            if deadline <= now:
                del self._asking[worker]
                worker.give(None)
                error = TransportError("TimedOut", "The attempt took longer than timeout allows.")
                return query, Report(worker, error=error)
        return None


def most_workers() -> int:
    """Return how many connections at once leave descriptors enough for everything else."""
    limit, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return MAX_WORKERS
    return max(1, min(MAX_WORKERS, (limit - _SPARE_DESCRIPTORS) // _DESCRIPTORS_EACH))
