# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A world for the dispatcher: its clock moves only when nothing else is left to do, and no thread runs in it.

The dispatcher, its workers' jobs, its retries and the throttle are the real ones. What is played is the time that
things take, the network, and the threads: a job is done when the clock gets there.
"""

from __future__ import annotations

import collections
import contextlib
import heapq
import itertools
import math
import queue
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from unittest import mock

from ansible_collections.alicloud.chatapp.plugins.module_utils._session import workers
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.dispatcher import Dispatcher, Query
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import Retries
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle

BEGIN = 1000.0
TIMEOUT = 10.0
# A dispatcher that does so much at one moment would do so for ever.
TOO_BUSY = 20_000
# Seconds that no world needs: the queue of the others, an outage, and every retry of every query in turn.
FOR_EVER = 6 * 3600


class World:
    """Times are in seconds since its beginning, but for ``now``, which is its clock."""

    def __init__(self, folder: Any, limit: float = 10, max_wait: float = 600) -> None:
        folder.chmod(0o700)
        self.now = BEGIN
        self.limit = limit
        self.throttle = None
        self.folder = folder
        self.throttle = self.another_throttle(limit, max_wait)
        # What happened: when who was asked, connected, or told to end.
        self.asked: list[tuple[float, Any]] = []
        self.connected: list[float] = []
        self.in_flight = 0
        self.most_in_flight = 0
        # What is to happen: values, exceptions or functions, of one attempt each.
        self.answers: dict[Any, list[Any]] = {}
        self.connect_errors: list[Any] = []
        # What each takes, in seconds: a number, or a function.
        self.latency: Any = 0.0
        self.handshake: Any = 0.0
        self.wake_up: Any = 0.0
        self.start_errors: list[Any] = []
        self.workers: list[Carrier] = []
        self._took = 0.0
        self._actions: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._reports: collections.deque[Any] = collections.deque()
        self._at_this_moment = 0

    def another_throttle(self, limit: float = 10, max_wait: float = 600) -> Any:
        return open_throttle(f"file://{self.folder}", None, "key", limit, max_wait, clock=self.clock)

    def at(self, when: float, action: Callable[[], Any]) -> None:
        heapq.heappush(self._actions, (BEGIN + when, next(self._order), action))

    def takes(self, seconds: float) -> None:
        """Say from within a job that it takes so much longer."""
        self._took += seconds

    @property
    def time(self) -> float:
        return self.now - BEGIN

    def start_error(self) -> Exception | None:
        """Return why the next thread cannot be started, or None."""
        return self.start_errors.pop(0) if self.start_errors else None

    # What the dispatcher takes for its clock and its queue of reports.
    def clock(self) -> float:
        return self.now

    def put(self, report: Any) -> None:
        took, self._took = self._took, 0.0
        if took < math.inf:
            self.at(self.time + took, lambda: self._reports.append(report))

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        if not block:
            timeout = 0.0
        until = math.inf if timeout is None else self.now + timeout
        self._at_this_moment += 1
        assert self.time < FOR_EVER
        assert self._at_this_moment < TOO_BUSY, "the dispatcher goes round in circles"
        while not self._reports:
            if not self._actions or self._actions[0][0] > until:
                assert until < math.inf, "the dispatcher waits for a report that nobody will make"
                # Never less than what makes a difference to a float of this size.
                self._move(max(until, self.now + 1e-9) if timeout else until)
                raise queue.Empty
            when, _order, action = heapq.heappop(self._actions)
            self._move(when)
            action()
        return self._reports.popleft()

    def drain(self) -> None:
        """Let everything happen that is still to happen."""
        while self._actions:
            heapq.heappop(self._actions)[2]()

    def _move(self, when: float) -> None:
        if when > self.now:
            self.now = when
            self._at_this_moment = 0

    def ask(self, line: Line, subject: Any) -> Any:
        self.asked.append((round(self.time, 6), subject))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self.takes(self.latency() if callable(self.latency) else self.latency)
        answers = self.answers.get(subject, [])
        answer = answers.pop(0) if answers else f"answer of {subject}"
        if callable(answer):
            answer = answer()
        took = self._took
        if took < math.inf:
            self.at(self.time + took, self._landed)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _landed(self) -> None:
        self.in_flight -= 1

    @contextlib.contextmanager
    def virtual_threads(self) -> Iterator[None]:
        with mock.patch.object(workers, "Worker", lambda *arguments: Carrier(self, *arguments)):
            yield

    def dispatch(self, queries: Iterable[Query], make_line: Any = None, at_once: int | None = None) -> Dispatcher:
        self.dispatcher = Dispatcher(
            self.ask,
            lambda: (make_line or Line)(self),
            self.throttle,
            max(1, int(self.limit)) if at_once is None else at_once,
            TIMEOUT,
            clock=self.clock,
            reports=self,
        )
        with self.virtual_threads():
            self.dispatcher.run(queries)
        return self.dispatcher

    def run(self, subjects: Iterable[Any], max_retries: int = 5, **how: Any) -> list[Query]:
        """Ask for the subjects, with back-offs that are always as long as they can be."""
        queries = [Query(subject, Retries(max_retries, uniform=lambda low, high: high)) for subject in subjects]
        self.dispatch(queries, **how)
        return queries

    def times(self, subject: Any) -> list[float]:
        return [when for when, asked in self.asked if asked == subject]


class Carrier(workers.Worker):
    """A worker whose jobs are done at their time instead of in a thread of their own."""

    def __init__(self, world: World, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.world = world
        self.ended = False
        self._last_woken = 0.0

    def start(self) -> None:
        error = self.world.start_error()
        if error:
            raise error
        self.world.workers.append(self)

    def give(self, job: Any) -> None:
        wake_up = self.world.wake_up
        woken = self.world.time + (wake_up() if callable(wake_up) else wake_up)
        self._last_woken = max(self._last_woken, woken)
        self.world.at(self._last_woken, lambda: self._carry(job))

    def _carry(self, job: Any) -> None:
        assert not self.ended or job is None, "a job for a worker that has ended"
        self.ended = not self._do(job) or self.ended


class Line:
    """A transport without a network."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.open = False
        self.last_words: Any = None

    def connect(self) -> None:
        world = self.world
        world.connected.append(round(world.time, 6))
        handshake = world.handshake
        world.takes(handshake() if callable(handshake) else handshake)
        error = world.connect_errors.pop(0) if world.connect_errors else None
        if callable(error):
            error = error()
        if error:
            raise error
        self.open = True

    def alive(self) -> bool:
        return self.open
