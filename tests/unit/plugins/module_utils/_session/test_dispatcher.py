# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dispatcher on a clock that only moves when nothing else is left to do."""

from __future__ import annotations

import queue
import threading
import weakref

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import (
    OptionError,
    ThrottleError,
    TransportError,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import WINDOW, WINDOW_MARGIN
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.dispatcher import (
    CONNECT_LEAD,
    Dispatcher,
    Query,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.errors import ServiceError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import Retries
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle

PAUSE = WINDOW + WINDOW_MARGIN


class World:
    """A clock, the dispatcher on it, what it connected and what it asked, when."""

    def __init__(self, folder, limit=10, max_wait=600):
        self.now = 1000.0
        self.limit = limit
        self.folder = folder
        self.throttle = self.another_throttle(limit, max_wait)
        self.asked = []
        self.connected = []
        self.slots_in_hand = 0
        self.most_slots_in_hand = 0
        self.answers = {}
        self.connect_errors = []
        self.hanging = 0
        self.at = []
        self.lock = threading.Lock()
        self._reports = queue.SimpleQueue()

    def another_throttle(self, limit=10, max_wait=600):
        return open_throttle(f"file://{self.folder}", None, "key", limit, max_wait, clock=lambda: self.now)

    # What the dispatcher takes for its clock and its queue of events.
    def clock(self):
        return self.now

    def put(self, report):
        self._reports.put(report)

    def get(self, timeout):
        if self.dispatcher._busy or self.dispatcher._connecting > self.hanging or not self._reports.empty():
            return self._reports.get(timeout=10)
        assert timeout is not None, "the dispatcher waits for a report that nobody will make"
        # Never less than what makes a difference to a float of this size.
        self.now += max(timeout, 1e-6)
        while self.at and self.at[0][0] <= self.now:
            self.at.pop(0)[1]()
        raise queue.Empty

    def ask(self, line, subject):
        with self.lock:
            self.asked.append((round(self.now - 1000.0, 6), subject))
            answers = self.answers.get(subject, [])
            answer = answers.pop(0) if answers else f"answer of {subject}"
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def run(self, subjects, max_retries=5, make_line=None):
        reserve = self.throttle.reserve
        usable = self.throttle.usable

        def counted_reserve(not_before):
            reservation = reserve(not_before)
            self.slots_in_hand += reservation.granted
            self.most_slots_in_hand = max(self.most_slots_in_hand, self.slots_in_hand)
            return reservation

        def counted_usable(reservation):
            self.slots_in_hand -= 1
            return usable(reservation)

        self.throttle.reserve, self.throttle.usable = counted_reserve, counted_usable
        queries = [Query(subject, Retries(max_retries, uniform=lambda low, high: high)) for subject in subjects]
        self.dispatcher = Dispatcher(
            self.ask, lambda: (make_line or Line)(self), self.throttle, self.limit, clock=self.clock, events=self
        )
        self.dispatcher.run(queries)
        return queries

    def times(self, subject):
        return [when for when, asked in self.asked if asked == subject]


class Line:
    def __init__(self, world):
        self.world = world
        self.open = False

    def connect(self):
        with self.world.lock:
            self.world.connected.append(round(self.world.now - 1000.0, 6))
            error = self.world.connect_errors.pop(0) if self.world.connect_errors else None
        if callable(error):
            error = error()
        if error:
            raise error
        self.open = True

    def alive(self):
        return self.open


@pytest.fixture
def world(tmp_path):
    tmp_path.chmod(0o700)
    return World(tmp_path)


def throttled(retry_after=None, code="Throttling.User"):
    return ServiceError(code, "slow down", http_status=400, retry_after=retry_after)


def is_fatal(code="InvalidAccessKeyId.NotFound"):
    return ServiceError(code, "no", http_status=404)


def test_every_question_is_asked_at_its_slot_of_the_ideal_schedule(world):
    queries = world.run(range(35))
    assert [query.answer for query in queries] == ["answer of %d" % n for n in range(35)]
    assert [when for when, _subject in world.asked] == [pytest.approx(n // 10 * PAUSE, abs=1e-5) for n in range(35)]
    assert world.dispatcher.waited == pytest.approx(3 * PAUSE, abs=1e-4)


def test_no_more_than_one_slot_is_ever_held_in_advance(world):
    world.run(range(35))
    assert world.most_slots_in_hand == 1


def test_workers_are_added_for_the_slots_that_can_be_free_at_once_and_no_more(world):
    world.run(range(35))
    assert len(world.connected) == 10


def test_nothing_is_sent_while_the_others_of_a_batch_shake_hands(world):
    slow = threading.Event()

    def handshake():
        slow.wait(0.2)

    world.connect_errors = [None] + [handshake] * 9
    still_connecting = []
    world.answers[0] = [lambda: still_connecting.append(world.dispatcher._connecting) or "answer"]
    world.run(range(10))
    assert still_connecting == [0]


def test_one_that_hangs_in_its_handshake_does_not_keep_the_others_waiting(world):
    asked = threading.Event()

    def hang():
        assert asked.wait(10)

    world.connect_errors = [None] * 9 + [hang]
    world.answers[0] = [lambda: asked.set() or "answer"]
    world.hanging = 1
    queries = world.run(range(10))
    assert [query.error for query in queries] == [None] * 10


def test_no_more_workers_than_questions(world):
    world.run(range(3))
    assert len(world.connected) == 3


@pytest.mark.parametrize(
    "code", ["Throttling", "Throttling.User", "Throttling.Api", "Rejected.Throttling", "System.LimitControl"]
)
@pytest.mark.parametrize(
    "retry_after, expected",
    [
        (None, [0, 1, 3, 7, 15, 31]),
        ("", [0, 1, 3, 7, 15, 31]),
        ("soon", [0, 1, 3, 7, 15, 31]),
        ("-5", [0, 1, 3, 7, 15, 31]),
        ("nan", [0, 1, 3, 7, 15, 31]),
        ("2500", [0, 2.5, 5, 7.5, 10, 12.5]),
        ("99999999999999", [0, 30, 60, 90, 120, 150]),
    ],
)
def test_throttling_is_waited_for_exactly_and_no_attempt_too_many_is_made(world, code, retry_after, expected):
    world.answers["it"] = [throttled(retry_after, code) for _attempt in range(9)]
    (query,) = world.run(["it"])
    assert world.times("it") == [pytest.approx(when, abs=1e-4) for when in expected]
    assert query.error.code == code
    assert query.attempts == 6
    assert (world.dispatcher.refused, world.dispatcher.retried) == (6, 5)
    assert world.now - 1000.0 == pytest.approx(expected[-1], abs=1e-4), "there is no sleep after the last attempt"


def test_a_passing_failure_is_retried_after_its_back_off(world):
    world.answers["it"] = [TransportError("ConnectionLost", "gone") for _attempt in range(3)]
    (query,) = world.run(["it"])
    assert world.times("it") == [pytest.approx(when, abs=1e-4) for when in (0, 0.2, 0.6, 1.4)]
    assert query.error is None and query.answer == "answer of it"


def test_max_retries_zero_asks_once(world):
    world.answers["it"] = [throttled()]
    (query,) = world.run(["it"], max_retries=0)
    assert (query.attempts, query.error.code) == (1, "Throttling.User")


def test_a_refusal_pushes_everybody_back_even_when_its_own_retries_are_used_up(world):
    world.answers["it"] = [throttled()]
    world.run(["it"], max_retries=0)
    assert world.another_throttle().reserve().at == pytest.approx(world.now + 1, abs=1e-4)


def test_refusals_at_the_same_time_do_not_add_up(world):
    all_sent = threading.Barrier(10, timeout=10)

    def refusal():
        all_sent.wait()
        return throttled("3000")

    for subject in range(10):
        world.answers[subject] = [refusal]
    world.run(range(10))
    assert [when for when, _subject in world.asked][10:] == [pytest.approx(3, abs=1e-4)] * 10


def test_a_retry_waits_for_the_later_of_its_back_off_and_its_slot_never_their_sum(world):
    others = world.another_throttle()
    for _call in range(40):
        others.reserve()
    world.at.append((1000.5, lambda: [others.reserve() for _call in range(10)]))
    world.answers["it"] = [TransportError("ConnectionLost", "gone")]
    world.run(["it"])
    first, second = world.times("it")
    assert first == pytest.approx(4 * PAUSE, abs=1e-4)
    assert second - first == pytest.approx(PAUSE, abs=1e-4), "the back-off of 0.2 s passes while it waits for its slot"


def test_a_retry_whose_back_off_outlasts_the_queue_takes_a_slot_at_its_end(world):
    others = world.another_throttle()
    world.answers["it"] = [TransportError("ConnectionLost", "gone")] * 5
    for _call in range(10):
        others.reserve()
    world.run(["it"])
    times = world.times("it")
    assert times[0] == pytest.approx(PAUSE, abs=1e-4)
    assert [later - earlier for earlier, later in zip(times, times[1:])] == [
        pytest.approx(delay, abs=1e-4) for delay in (0.2, 0.4, 0.8, 1.6, 3.2)
    ]


def test_others_are_asked_while_one_backs_off(world):
    world.answers[0] = [TransportError("ConnectionLost", "gone")] * 5
    world.run(range(5))
    assert {when for when, subject in world.asked if subject} == {0.0}


def test_a_waiter_that_was_pushed_back_reserves_anew(world):
    others = world.another_throttle()
    for _call in range(10):
        others.reserve()
    world.at.append((1000.5, lambda: others.push_back(5)))
    world.run(["it"])
    assert world.times("it")[0] >= 5


def test_a_waiter_that_wakes_late_gives_its_slot_up_and_reserves_anew(world):
    others = world.another_throttle()
    for _call in range(10):
        others.reserve()

    def sleep_through():
        world.now += 7
        for _call in range(10):
            others.reserve()

    world.at.append((1001.0, sleep_through))
    world.run(["it"])
    assert world.times("it") == [pytest.approx(world.now - 1000.0, abs=1e-4)]
    assert world.times("it")[0] > 7 + 1.0


def test_a_slow_handshake_costs_its_own_slot_only(world):
    def slow():
        world.now += 3
        return

    for _call in range(10):
        world.another_throttle().reserve()
    world.connect_errors = [slow]
    world.run(["it"])
    assert world.times("it") == [pytest.approx(3 + max(0, PAUSE - CONNECT_LEAD), abs=1e-4)]


def test_the_connection_is_made_in_the_last_second_before_the_slot(world):
    for _call in range(40):
        world.another_throttle().reserve()
    world.run(["it"])
    assert world.times("it") == [pytest.approx(4 * PAUSE, abs=1e-4)]
    assert world.connected == [pytest.approx(4 * PAUSE - CONNECT_LEAD, abs=1e-4)]


def test_an_idle_connection_that_the_other_side_closed_is_made_again_before_the_slot(world):
    lines = []

    class Closing(Line):
        def __init__(self, world):
            super().__init__(world)
            lines.append(self)

    def close():
        for line in lines:
            line.open = False

    world.limit = 1
    world.throttle = world.another_throttle(1)
    world.at.append((1000.05, close))
    world.run(range(2), make_line=Closing)
    assert len(lines) == 1
    assert world.connected == [0, pytest.approx(PAUSE - CONNECT_LEAD, abs=1e-4)]
    assert world.times(1) == [pytest.approx(PAUSE, abs=1e-4)]


@pytest.mark.parametrize(
    "code",
    [
        "InvalidAccessKeyId.NotFound",
        "SignatureDoesNotMatch",
        "SecurityToken.Expired",
        "Product.Unsubscript",
        "Ram.PermissionDeny",
    ],
)
def test_what_can_only_fail_again_stops_after_five_answers_in_a_row(tmp_path, code):
    tmp_path.chmod(0o700)
    world = World(tmp_path, limit=1)
    for subject in range(50):
        world.answers[subject] = [is_fatal(code)]
    queries = world.run(range(50))
    assert len(world.asked) == 5
    assert [query.error.code for query in queries] == [code] * 5 + ["NotAsked"] * 45


def test_one_answer_in_between_starts_the_count_anew(tmp_path):
    tmp_path.chmod(0o700)
    world = World(tmp_path, limit=1)
    for subject in range(20):
        world.answers[subject] = [is_fatal()] if subject != 4 else ["fine"]
    queries = world.run(range(20))
    assert len(world.asked) == 10
    assert [query.error.code if query.error else None for query in queries][3:6] == [
        "InvalidAccessKeyId.NotFound",
        None,
        "InvalidAccessKeyId.NotFound",
    ]


def test_a_failure_of_one_sub_customer_never_stops_the_others(tmp_path):
    tmp_path.chmod(0o700)
    world = World(tmp_path, limit=1)
    for subject in range(12):
        world.answers[subject] = [ServiceError("Unknown.ResourceOwnerId", "no", http_status=400)]
    world.run(range(12))
    assert len(world.asked) == 12


def test_an_unreachable_host_is_tried_as_often_as_retries_allow_and_nobody_else_is_asked(world):
    world.connect_errors = [TransportError("Unreachable", "refused")] * 100
    queries = world.run(range(50), max_retries=2)
    assert [query.error.code for query in queries] == ["Unreachable"] + ["NotAsked"] * 49
    assert queries[0].attempts == 3
    assert len(world.connected) == 10 + 2
    assert world.now - 1000.0 == pytest.approx(0.2 + 0.4)
    assert world.asked == []


def test_a_connection_that_fails_once_is_made_again(world):
    world.connect_errors = [TransportError("Unreachable", "refused")] * 5
    queries = world.run(range(5))
    assert [query.error for query in queries] == [None] * 5
    assert world.dispatcher.retried == 1


def test_a_host_that_closes_each_connection_at_once_is_tried_as_often_as_retries_allow(world):
    class Closed(Line):
        def alive(self):
            return False

    (query,) = world.run(["it"], max_retries=3, make_line=Closed)
    assert (query.error.code, query.attempts) == ("ConnectionLost", 4)
    assert len(world.connected) == 4
    assert world.asked == []


def test_no_tls_is_final(world):
    world.connect_errors = [TransportError("TLSFailure", "expired")] * 100
    queries = world.run(range(3))
    assert [query.error.code for query in queries] == ["TLSFailure", "NotAsked", "NotAsked"]
    assert queries[0].attempts == 1


def test_a_queue_that_is_too_long_ends_the_task_with_nothing_asked(tmp_path):
    tmp_path.chmod(0o700)
    world = World(tmp_path, max_wait=3)
    for _call in range(40):
        world.another_throttle().reserve()
    queries = world.run(range(3))
    assert [query.error.code for query in queries] == ["QueueTooLong", "NotAsked", "NotAsked"]
    assert world.asked == []


def test_a_throttle_that_fails_in_mid_run_keeps_what_was_read(world):
    good = world.throttle.reserve
    granted = []

    def failing(not_before):
        if len(granted) == 4:
            raise ThrottleError("ThrottleUnavailable", "down")
        granted.append(good(not_before))
        return granted[-1]

    world.limit = 2
    world.throttle.reserve = failing
    queries = world.run(range(8))
    codes = [query.error.code if query.error else None for query in queries]
    answered = codes.count(None)
    assert 1 <= answered <= 4
    assert codes[answered:] == ["ThrottleUnavailable"] + ["NotAsked"] * (7 - answered)


def test_a_throttle_that_cannot_be_pushed_back_keeps_what_was_read(world):
    def failing(seconds):
        raise ThrottleError("ThrottleUnavailable", "down")

    world.throttle.push_back = failing
    world.answers[3] = [throttled()]
    queries = world.run(range(4))
    assert [query.error and query.error.code for query in queries[:3]] == [None] * 3
    assert queries[3].error is not None


def test_an_unexpected_exception_is_one_failure_and_shows_nothing_of_its_text(world):
    world.answers[1] = [RuntimeError("secret-text")]
    queries = world.run(range(3))
    assert [query.error and query.error.code for query in queries] == [None, "UnexpectedError", None]
    assert queries[1].error.message == "An unexpected RuntimeError occurred."


def test_a_failure_keeps_nothing_of_its_answer_alive(world):
    class Answer:
        pass

    seen = []

    def unusable():
        answer = Answer()
        seen.append(weakref.ref(answer))
        try:
            raise ValueError(answer)
        except ValueError:
            raise TransportError("UnexpectedAnswer", "The answer is not JSON.") from None

    world.answers = {"it": [unusable]}
    (query,) = world.run(["it"])
    assert query.error.code == "UnexpectedAnswer"
    assert seen[0]() is None


def test_an_option_that_makes_connecting_impossible_is_refused_before_anything_is_sent(world):
    def no_transport():
        raise OptionError("The proxy cannot be used.")

    world.dispatcher = Dispatcher(world.ask, no_transport, world.throttle, 1, clock=world.clock, events=world)
    with pytest.raises(OptionError):
        world.dispatcher.run([Query(0, Retries(0))])


def test_where_the_system_gives_few_threads_those_do_the_work(world, monkeypatch):
    start = threading.Thread.start

    def limited_start(thread):
        if threading.active_count() - before >= 3:
            raise RuntimeError("can't start new thread")
        start(thread)

    before = threading.active_count()
    monkeypatch.setattr(threading.Thread, "start", limited_start)
    queries = world.run(range(25))
    assert [query.error for query in queries] == [None] * 25
    assert len(world.connected) == 3


def test_where_the_system_gives_no_thread_at_all_nothing_is_waited_for(world, monkeypatch):
    def no_start(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", no_start)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        world.run(range(3))
    assert world.asked == []
