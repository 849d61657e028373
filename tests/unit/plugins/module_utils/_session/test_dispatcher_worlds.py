# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dispatcher in worlds that are drawn at random, each by its seed, and what holds in all of them."""

from __future__ import annotations

import collections
import math
import os
import random
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import TransportError, out_of
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import MAX_LATENESS, WINDOW
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.dispatcher import Query
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.errors import ServiceError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import Retries
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.workers import DEADLINE_GRACE

sys.path.insert(0, str(Path(__file__).parent))

from virtual_world import BEGIN, TIMEOUT, Line, World

FULL = os.environ.get("CHATAPP_TEST_SCALE") == "full"
TOGETHER = 50 if FULL else 5
WORLDS = 1000 if FULL else 100
ABANDONED = TIMEOUT + DEADLINE_GRACE
# A worker can wake so much later than it was handed a query, and still send it.
LATE_START = MAX_LATENESS
# What floats of this size, and the throttle's microseconds, do not tell apart.
EPSILON = 2e-6

ERRORS = {
    "passing": lambda draw: ServiceError("InternalError", "oh", http_status=500),
    "lost": lambda draw: TransportError("ConnectionLost", "gone"),
    "late": lambda draw: TransportError("TimedOut", "late"),
    "refused": lambda draw: with_hint(ServiceError("Throttling.User", "slow", http_status=400), draw),
    "its own": lambda draw: ServiceError("Unknown.ResourceOwnerId", "no", http_status=400),
    "no answer": lambda draw: TransportError("UnexpectedAnswer", "HTML", http_status=200),
    "for all": lambda draw: ServiceError("SignatureDoesNotMatch", "no", http_status=400),
    "skewed": lambda draw: ServiceError("InvalidTimeStamp.Expired", "no", http_status=400),
    "unexpected": lambda draw: RuntimeError("oh"),
    "memory": lambda draw: MemoryError(),
}


def with_hint(error, draw):
    error.retry_after_seconds = draw.choice([None, 0.1, 2.5, math.nan])
    return error


class Attempt(NamedTuple):
    """``answer`` came in time; one beyond the deadline is taken only by a dispatcher that stood still till then."""

    answer: tuple | None
    ended: float
    beyond: tuple | None


class RecordedRetries(Retries):
    """What the policy says is kept: when at the earliest the query may be asked again."""

    def __init__(self, world, *arguments):
        super().__init__(*arguments)
        self.world = world
        self.not_before = -math.inf

    def after(self, error):
        delay = super().after(error)
        self.not_before = math.inf if delay is None else self.world.now + delay
        return delay


class RandomWorld(World):
    def __init__(self, folder, seed):
        draw = self.draw = random.Random(seed)
        super().__init__(folder, limit=draw.randint(1, 10))
        self.sent = []
        self.slots = []
        self.attempts = collections.defaultdict(list)
        self.max_retries = draw.choice([0, 1, 3, 5])
        self.queries = []
        self.rates = {name: draw.choice([0, 0, 0.02, 0.1]) for name in ERRORS}
        if draw.random() < 0.1:
            self.rates[draw.choice([*ERRORS])] = 0.9
        self.pace = draw.choice([0.001, 0.05, 0.5, 3.0])
        self.hangs = draw.choice([0, 0, 0.03])
        self.closing = draw.choice([0, 0.05, 1.0])
        self.sleepy = draw.choice([0, 0.02, 0.2])
        self.no_connection = draw.choice([0, 0, 0.1, 0.5])
        self.no_thread = draw.choice([0, 0, 0.1])
        self.outage = self._drawn_outage()
        self.latency = self._drawn_latency
        self.handshake = lambda: self._drawn_latency() / 4 if draw.random() > self.hangs else math.inf
        self.wake_up = lambda: draw.uniform(0.06, 1.0) if draw.random() < self.sleepy else draw.uniform(0, 0.01)
        self._watch_throttle()
        for _other in range(draw.choice([0, 0, 2, 10])):
            self.at(draw.uniform(0, 10), self._other_task)
        for _pause in range(draw.choice([0, 0, 3])):
            self.at(draw.uniform(0, 20), self._stand_still)
        if draw.random() < 0.2:
            others = self.another_throttle(self.limit)
            self.at(draw.uniform(0, 10), lambda: others.push_back(draw.uniform(0, 5)))

    def _drawn_outage(self):
        if self.draw.random() < 0.6:
            return (math.inf, math.inf)
        begin = self.draw.uniform(0, 10)
        return (begin, begin + self.draw.choice([2, 6, 1e9]))

    def _away(self):
        return self.outage[0] <= self.time < self.outage[1]

    def _drawn_latency(self):
        if self.draw.random() < self.hangs:
            return self.draw.choice([math.inf, ABANDONED + self.draw.uniform(0.01, 30)])
        # The transport's own limit comes first.
        return min(self.draw.expovariate(1 / self.pace), TIMEOUT)

    def _stand_still(self):
        """Of the whole process: a machine that sleeps, or a task in the background that is stopped."""
        self.now += self.draw.uniform(0.01, 3)

    def _watch_throttle(self):
        usable = self.throttle.usable

        def watched(reservation):
            self.slots.append(reservation.at)
            return usable(reservation)

        self.throttle.usable = watched

    def _other_task(self):
        """Another process with the same quota: some calls, one after the other."""
        throttle = self.another_throttle(self.limit)
        calls = self.draw.randint(1, 15)

        def reserve():
            reservation = throttle.reserve(self.now)
            self.at(reservation.at - BEGIN + self.draw.uniform(0, 0.07), lambda: send(reservation))

        def send(reservation):
            nonlocal calls
            if throttle.usable(reservation):
                self.sent.append(self.now)
                calls -= 1
            if calls:
                reserve()

        reserve()

    def start_error(self):
        return RuntimeError("can't start new thread") if self.draw.random() < self.no_thread else None

    def ask(self, line, subject):
        retries = self.queries[subject].retries
        earlier = self.attempts[subject]
        if earlier:
            assert retries.not_before < math.inf, f"{subject} is asked again, although it was settled"
            assert self.now >= retries.not_before - EPSILON, f"{subject} is asked again before its back-off"
            assert earlier[-1].ended <= self.now + EPSILON, f"{subject} is asked again while it is being asked"
        number = len(earlier) + 1
        failing = next((name for name, rate in self.rates.items() if self.draw.random() < rate), None)
        if self._away():
            failing = "lost"
        answer = (subject, number)
        self.answers[subject] = [answer if failing is None else ERRORS[failing](self.draw)]
        if failing == "lost" or self.draw.random() < self.closing:
            line.open = False
        self.sent.append(self.now)
        try:
            return super().ask(line, subject)
        finally:
            ended = self.now + min(self._took, ABANDONED)
            given = answer if failing is None else None
            late = self._took >= ABANDONED - LATE_START
            earlier.append(Attempt(None if late else given, ended, given if late else None))

    def check(self):
        """What holds in every world, now that the task has ended."""
        self._check_queries()
        self._check_quota()
        assert self.slots == sorted(self.slots), "slots are used in order"
        self.drain()
        assert all(worker.ended for worker in self.workers), "no thread is left"

    def _check_queries(self):
        tried_to_connect = 0
        for query in self.queries:
            attempts = self.attempts[query.subject]
            answers = [attempt.answer for attempt in attempts if attempt.answer]
            if not answers and query.answer and attempts[-1].beyond:
                answers = [attempts[-1].beyond]
            assert [query.answer] == (answers or [None]), f"{query.subject}: an answer was lost, or came twice"
            assert (query.error is None) == bool(answers)
            if query.attempts != len(attempts):
                assert query.attempts > len(attempts)
                tried_to_connect += 1
            if query.error is not None and query.error.code == "NotAsked":
                assert not attempts
            assert len(attempts) <= self.max_retries + 1
        assert tried_to_connect <= 1, "only one query has the failure to connect"
        codes = [query.error.code for query in self.queries if query.error]
        if "NotAsked" in codes:
            assert {*codes} & {
                "Unreachable",
                "TimedOut",
                "ConnectionLost",
                "OutOfResources",
                "SignatureDoesNotMatch",
                "InvalidTimeStamp.Expired",
                "ThrottleUnavailable",
            }, "whoever was not asked can find out why"

    def _check_quota(self):
        sent = sorted(self.sent)
        for earlier, later in zip(sent, sent[self.limit :]):
            assert later - earlier >= WINDOW, f"{self.limit + 1} calls between {earlier} and {later}"


class RandomLine(Line):
    def __init__(self, world):
        super().__init__(world)
        self.idle_since = 0.0

    def connect(self):
        world = self.world
        if world._away() or world.draw.random() < world.no_connection:
            error = out_of("open files") if world.draw.random() < 0.2 else TransportError("Unreachable", "refused")
            world.connect_errors = [error]
        super().connect()
        if world.draw.random() < world.no_connection / 4:
            self.open = False

    def alive(self):
        if self.world.draw.random() < self.world.closing / 10:
            self.open = False
        return self.open


def live(folder, seed):
    folder = folder / str(seed)
    folder.mkdir(0o700)
    world = RandomWorld(folder, seed)
    count = world.draw.choice([0, 1, 3, 20, 60])
    world.queries = [
        Query(subject, RecordedRetries(world, world.max_retries, world.draw.uniform)) for subject in range(count)
    ]
    world.dispatch(world.queries, make_line=RandomLine)
    world.check()
    return world


@pytest.mark.scaled
@pytest.mark.parametrize("first", range(0, WORLDS, TOGETHER))
def test_what_holds_in_every_world(first, tmp_path):
    for seed in range(first, first + TOGETHER):
        try:
            live(tmp_path, seed)
        except AssertionError as error:
            raise AssertionError(f"world {seed}: {error}") from error


def test_a_world_is_the_same_whenever_it_is_drawn(tmp_path):
    for seed in (3, 14, 15):
        once, again = (tmp_path / name for name in ("once", "again"))
        once.mkdir(exist_ok=True)
        again.mkdir(exist_ok=True)
        one, other = live(once, seed), live(again, seed)
        assert (one.asked, one.connected, one.now) == (other.asked, other.connected, other.now)
