# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dispatcher on a clock that only moves when nothing else is left to do."""

from __future__ import annotations

import itertools
import math
import sys
from pathlib import Path

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import (
    OptionError,
    ThrottleError,
    TransportError,
    out_of,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import MAX_LATENESS, WINDOW, WINDOW_MARGIN
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.dispatcher import (
    MAX_LATE_IN_A_ROW,
    Dispatcher,
    Query,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.errors import ServiceError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import Retries
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.workers import (
    CONNECT_LEAD,
    DEADLINE_GRACE,
    most_workers,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle

sys.path.insert(0, str(Path(__file__).parent))

from virtual_world import TIMEOUT, Line, World

PAUSE = WINDOW + WINDOW_MARGIN


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.fixture
def slow_world(tmp_path):
    """One call a second, so that each query's end is known before the next is asked."""
    return World(tmp_path, limit=1)


def throttled(seconds=None, code="Throttling.User"):
    error = ServiceError(code, "slow down", http_status=400)
    error.retry_after_seconds = seconds
    return error


def fatal(code="InvalidAccessKeyId.NotFound"):
    return ServiceError(code, "no", http_status=404)


def lost():
    return TransportError("ConnectionLost", "gone")


def unreachable():
    return TransportError("Unreachable", "refused")


def delayed(seconds):
    """A passing failure whose back-off is known."""
    error = ServiceError("ServiceUnavailable", "not now", http_status=503)
    error.retry_after_seconds = seconds
    return error


def about(seconds):
    return pytest.approx(seconds, abs=1e-4)


def codes(queries):
    return [query.error and query.error.code for query in queries]


# Slots.


def test_every_query_is_asked_at_its_slot_of_the_ideal_schedule(world):
    queries = world.run(range(35))
    assert [query.answer for query in queries] == [f"answer of {n}" for n in range(35)]
    assert codes(queries) == [None] * 35
    assert [when for when, _subject in world.asked] == [about(n // 10 * PAUSE) for n in range(35)]
    assert world.dispatcher.waited == pytest.approx(3 * PAUSE, abs=1e-4)


def test_no_more_than_one_slot_is_ever_held_in_advance(world):
    reserve, usable = world.throttle.reserve, world.throttle.usable
    in_hand = []
    most = []

    def counted_reserve(*arguments):
        reservation = reserve(*arguments)
        in_hand.extend([reservation] * reservation.granted)
        most.append(len(in_hand))
        return reservation

    def counted_usable(reservation):
        in_hand.remove(reservation)
        return usable(reservation)

    world.throttle.reserve, world.throttle.usable = counted_reserve, counted_usable
    world.run(range(35))
    assert max(most) == 1


@pytest.mark.parametrize("way", [0.06, 0.2, 1.05])
def test_a_throttle_that_is_far_away_is_asked_a_round_trip_ahead(world, monkeypatch, way):
    """At the slot itself its answer would always come too late, and the slot be lost, one after the other."""
    world.throttle = world.another_throttle(1)
    # Somebody was there before: none of the slots is free at once.
    world.another_throttle(1).reserve()
    usable, asked = world.throttle.usable, []

    def far_usable(reservation):
        asked.append(reservation.at - world.now)
        world.now += way
        return usable(reservation)

    monkeypatch.setattr(type(world.throttle), "lead", way)
    world.throttle.usable = far_usable
    world.run(range(5))
    assert [when for when, _subject in world.asked] == pytest.approx([n * PAUSE for n in range(1, 6)], abs=1e-3)
    assert asked == pytest.approx([way] * 5, abs=1e-3)


def test_a_waiter_that_was_pushed_back_reserves_anew(world):
    others = world.another_throttle()
    for _call in range(10):
        others.reserve()
    world.at(0.5, lambda: others.push_back(5))
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

    world.at(1.0, sleep_through)
    (query,) = world.run(["it"])
    assert world.times("it") == [about(world.time)]
    assert world.times("it")[0] > 7 + 1.0
    assert query.attempts == 1


@pytest.mark.parametrize(("late", "sent"), [(MAX_LATENESS - 0.001, [0.049]), (MAX_LATENESS + 0.001, [0.051])])
def test_lateness_is_looked_at_right_before_sending(world, late, sent):
    """The thread that is handed a query can wake late, whatever the dispatcher saw; a slot that was missed is lost."""
    late_once = [0.0, late]
    world.wake_up = lambda: late_once.pop(0) if late_once else 0.0
    (query,) = world.run(["it"])
    assert world.times("it") == [about(when) for when in sent]
    assert (query.attempts, query.error, world.dispatcher.retried) == (1, None, 0)
    # The next caller finds the slot taken, and that of the query's second call.
    slots = [world.another_throttle().reserve().at - world.now for _slot in range(10)]
    assert sum(at < 0.5 for at in slots) == (9 if late < MAX_LATENESS else 8)


def test_queries_that_missed_their_slots_are_the_next_ones_in_their_order(world):
    late = [0.0] * 10 + [0.06] * 5
    world.wake_up = lambda: late.pop(0) if late else 0.0
    world.run(range(20))
    assert [subject for _when, subject in world.asked] == [5, 6, 7, 8, 9, 0, 1, 2, 3, 4, *range(10, 20)]


def test_a_host_that_is_always_too_late_ends_the_task_and_says_so(world):
    late = []
    world.wake_up = lambda: late.append(0.06) or 0.06 if world.connected else 0.0
    queries = world.run(range(3))
    assert MAX_LATE_IN_A_ROW <= len(late) <= MAX_LATE_IN_A_ROW + len(queries)
    assert world.asked == []
    assert codes(queries) == ["ThrottleUnavailable", "NotAsked", "NotAsked"]
    assert queries[0].error.message == "The host the module runs on was too busy to use any of 300 slots in time."
    assert queries[0].error.remedy == "Run fewer tasks at once on it, or give it more CPU time."
    assert [query.attempts for query in queries] == [0, 0, 0]


def test_a_host_that_is_too_late_now_and_then_goes_on(slow_world):
    """More often than what ends the task, but never so often in a row."""
    late = itertools.cycle([0.06, 0.0])
    slow_world.wake_up = lambda: next(late) if slow_world.connected else 0.0
    queries = slow_world.run(range(320))
    assert codes(queries) == [None] * 320


def test_a_queue_that_is_too_long_ends_the_task_with_nothing_asked(tmp_path):
    world = World(tmp_path, max_wait=3)
    for _call in range(40):
        world.another_throttle().reserve()
    queries = world.run(range(3))
    assert codes(queries) == ["QueueTooLong", "NotAsked", "NotAsked"]
    assert world.asked == []


def test_a_throttle_that_fails_in_mid_run_keeps_what_was_read(world):
    good = world.throttle.reserve
    granted = []

    def failing(*arguments):
        if len(granted) == 4:
            raise ThrottleError("ThrottleUnavailable", "down")
        granted.append(good(*arguments))
        return granted[-1]

    world.throttle.reserve = failing
    queries = world.run(range(8))
    answered = codes(queries).count(None)
    assert 1 <= answered <= 4
    assert codes(queries)[answered:] == ["ThrottleUnavailable"] + ["NotAsked"] * (7 - answered)


def test_a_throttle_that_cannot_be_pushed_back_keeps_what_was_read(world):
    def failing(seconds):
        raise ThrottleError("ThrottleUnavailable", "down")

    world.throttle.push_back = failing
    world.answers[3] = [throttled()]
    queries = world.run(range(4))
    assert codes(queries) == [None] * 3 + ["ThrottleUnavailable"]


def test_a_throttle_that_cannot_be_pushed_back_after_the_last_refusal_leaves_it_as_it_was(world):
    def failing(seconds):
        raise ThrottleError("ThrottleUnavailable", "down")

    world.throttle.push_back = failing
    world.answers[3] = [throttled()]
    queries = world.run(range(4), max_retries=0)
    assert codes(queries) == [None] * 3 + ["Throttling.User"]


# Connections.


def test_workers_are_added_for_the_slots_that_can_be_free_at_once_together_and_no_more(world):
    world.run(range(35))
    assert world.connected == [0] * 10


def test_no_more_workers_than_queries(world):
    world.run(range(3))
    assert len(world.connected) == 3


@pytest.mark.parametrize("latency", [2.5, 9.5])
def test_as_many_calls_are_in_flight_as_the_latency_asks_for(world, latency):
    world.latency = latency
    world.run(range(150))
    assert [when for when, _subject in world.asked] == [about(n // 10 * PAUSE) for n in range(150)]
    assert world.most_in_flight >= 10 * world.latency / PAUSE


def test_hundreds_can_be_in_flight_and_no_more_than_the_greatest_number(tmp_path):
    world = World(tmp_path, limit=200)
    world.latency = 5.0
    queries = world.run(range(600))
    assert codes(queries) == [None] * 600
    assert world.most_in_flight == 256 == len(world.workers)


def test_nothing_is_sent_while_the_others_of_a_batch_shake_hands(world):
    handshakes = [0.2] + [0.38] * 9
    world.handshake = handshakes.pop
    handshakes.reverse()
    world.run(range(10))
    assert [when for when, _subject in world.asked] == [about(0.38)] * 10


def test_one_that_hangs_in_its_handshake_keeps_the_others_waiting_for_as_long_again_as_the_first_took(world):
    handshakes = [math.inf] + [0.2] * 9
    world.handshake = handshakes.pop
    queries = world.run(range(10))
    assert codes(queries) == [None] * 10
    assert world.asked[0][0] == about(0.4 + MAX_LATENESS)


def test_a_slow_handshake_costs_its_own_slot_only(world):
    for _call in range(10):
        world.another_throttle().reserve()
    world.handshake = 3
    world.run(["it"])
    assert world.times("it") == [about(3 + PAUSE - CONNECT_LEAD)]


def test_the_connection_is_made_in_the_last_second_before_the_slot(world):
    for _call in range(40):
        world.another_throttle().reserve()
    world.run(["it"])
    assert world.times("it") == [about(4 * PAUSE)]
    assert world.connected == [about(4 * PAUSE - CONNECT_LEAD)]


@pytest.mark.parametrize(("handshake", "sent"), [(1.04, 2 * PAUSE + 0.04), (1.06, 2 * PAUSE + 0.06)])
def test_a_worker_that_connects_has_as_much_grace_as_a_call_may_be_late(world, handshake, sent):
    for _call in range(20):
        world.another_throttle().reserve()
    world.handshake = handshake
    world.run(["it"])
    assert world.times("it") == [about(sent)]
    # What was reserved for it, and once more where the first slot was lost.
    slots = [world.another_throttle().reserve().at - world.now for _slot in range(10)]
    assert sum(at < 0.5 for at in slots) == (9 if handshake < CONNECT_LEAD + MAX_LATENESS else 8)


def test_an_idle_connection_that_the_other_side_closed_is_made_again_before_the_slot(slow_world):
    world = slow_world
    lines = []

    class Closing(Line):
        def __init__(self, world):
            super().__init__(world)
            lines.append(self)

    def close():
        for line in lines:
            line.open = False

    world.at(0.05, close)
    world.run(range(2), make_line=Closing)
    assert len(lines) == 1
    assert world.connected == [0, about(PAUSE - CONNECT_LEAD)]
    assert world.times(1) == [about(PAUSE)]


def test_a_host_that_closes_after_each_answer_costs_a_connection_for_each_and_nothing_else(world):
    lines = []

    class Counted(Line):
        def __init__(self, world):
            super().__init__(world)
            lines.append(self)

    ask = world.ask

    def closing_ask(line, subject):
        line.open = False
        return ask(line, subject)

    world.ask = closing_ask
    queries = world.run(range(35), make_line=Counted)
    assert codes(queries) == [None] * 35
    assert len(world.connected) == 35
    assert len(lines) == 10, "what is closed is opened again, by the worker that is there"


def test_a_connection_that_fails_once_is_made_again(world):
    world.connect_errors = [unreachable() for _connection in range(5)]
    queries = world.run(range(5))
    assert codes(queries) == [None] * 5
    assert world.dispatcher.retried == 1


def test_after_a_failure_to_connect_none_is_tried_before_an_answer_and_one_is_after_it(world):
    """Those that are connected do the work meanwhile."""
    world.latency = 5.0
    world.connect_errors = [None] * 10 + [unreachable() for _connection in range(10)]
    queries = world.run(range(30))
    assert codes(queries) == [None] * 30
    at = sorted(set(world.connected))
    assert at[0] == 0
    assert [world.connected.count(when) for when in at[:2]] == [10, 10]
    assert at[2] >= 5.0, "the second batch failed, and the first answer came after 5 s"
    assert len(world.connected) > 20, "once somebody was answered, more connections are made"
    assert world.time < 12


def test_a_failure_beside_a_success_keeps_nobody_from_connecting_more(world):
    world.latency = 5.0
    world.connect_errors = [unreachable()]
    world.run(range(40))
    assert world.connected.count(0) == 20, "nine were connected and are asked, and the tenth slot is free too"


def test_a_worker_that_could_not_connect_ends(world):
    world.connect_errors = [unreachable() for _connection in range(3)]
    world.run(range(10))
    world.drain()
    assert len(world.workers) >= 10
    assert [worker.ended for worker in world.workers] == [True] * len(world.workers)


def test_a_host_that_closes_each_connection_at_once_is_tried_as_often_as_retries_allow(world):
    class Closed(Line):
        def alive(self):
            return False

    (query,) = world.run(["it"], max_retries=3, make_line=Closed)
    assert (query.error.code, query.attempts) == ("ConnectionLost", 4)
    assert len(world.connected) == 4
    assert world.asked == []
    world.drain()
    assert [worker.ended for worker in world.workers] == [True] * 4


def test_what_a_host_says_as_it_closes_a_connection_is_the_failure(world):
    class Refusing(Line):
        def alive(self):
            self.last_words = TransportError("TLSFailure", "a certificate of the client is demanded")
            return False

    queries = world.run(range(3), make_line=Refusing)
    assert codes(queries) == ["TLSFailure", "NotAsked", "NotAsked"]
    assert queries[0].attempts == 1
    assert world.asked == []


def test_an_unreachable_host_is_tried_as_often_as_retries_allow_and_nobody_is_asked(world):
    world.connect_errors = [unreachable() for _connection in range(100)]
    queries = world.run(range(50), max_retries=2)
    assert codes(queries) == ["Unreachable"] + ["NotAsked"] * 49
    assert queries[0].attempts == 3
    assert world.connected == [0] * 10 + [about(0.2), about(0.6)]
    assert world.time == about(0.2 + 0.4)
    assert world.asked == []


def test_no_tls_is_final(world):
    world.connect_errors = [TransportError("TLSFailure", "expired") for _connection in range(100)]
    queries = world.run(range(3))
    assert codes(queries) == ["TLSFailure", "NotAsked", "NotAsked"]
    assert queries[0].attempts == 1


def test_an_option_that_makes_connecting_impossible_is_refused_before_anything_is_sent(world):
    def no_transport(world):
        raise OptionError("The proxy cannot be used.")

    with pytest.raises(OptionError):
        world.run([0], make_line=no_transport)
    assert world.asked == []


# Deadlines: what no socket option bounds.


def test_a_call_that_hangs_is_abandoned_at_its_deadline_and_made_again(world):
    world.answers["it"] = [lambda: world.takes(math.inf)]
    (query,) = world.run(["it"])
    assert (query.error, query.attempts, query.answer) == (None, 2, "answer of it")
    assert world.times("it") == [0, about(TIMEOUT + DEADLINE_GRACE + 0.2)]
    world.drain()
    assert [worker.ended for worker in world.workers] == [True] * 2


def test_a_call_that_always_hangs_times_out(world):
    world.latency = math.inf
    queries = world.run(range(3), max_retries=0)
    assert codes(queries) == ["TimedOut"] * 3
    assert world.time == about(TIMEOUT + DEADLINE_GRACE)


def test_what_an_abandoned_worker_reports_later_is_ignored(world):
    late = TIMEOUT + DEADLINE_GRACE + 0.1
    world.answers["it"] = [lambda: world.takes(late) or "too late", lambda: world.takes(5) or "in time"]
    (query,) = world.run(["it"])
    assert (query.answer, query.attempts) == ("in time", 2)
    assert world.dispatcher.retried == 1


def test_a_resolver_that_hangs_is_abandoned_too(world):
    handshakes = [0.0, math.inf]
    world.handshake = handshakes.pop
    (query,) = world.run(["it"])
    assert (query.error, query.attempts) == (None, 1)
    assert world.connected == [0, about(TIMEOUT / 2 + DEADLINE_GRACE + 0.2)]


def test_a_resolver_that_always_hangs_ends_the_task(world):
    world.handshake = math.inf
    queries = world.run(range(3), max_retries=2)
    assert codes(queries) == ["TimedOut", "NotAsked", "NotAsked"]
    assert "Connecting" in queries[0].error.message
    assert world.time == about(3 * (TIMEOUT / 2 + DEADLINE_GRACE) + 0.2 + 0.4)


# Retries.


@pytest.mark.parametrize(
    "code", ["Throttling", "Throttling.User", "Throttling.Api", "Rejected.Throttling", "System.LimitControl"]
)
@pytest.mark.parametrize(
    "hint, expected",
    [
        (None, [0, 1, 3, 7, 15, 31]),
        (-5.0, [0, 1, 3, 7, 15, 31]),
        (2.5, [0, 2.5, 5, 7.5, 10, 12.5]),
        (99999999.0, [0, 30, 60, 90, 120, 150]),
    ],
)
def test_throttling_is_waited_for_exactly_and_no_attempt_too_many_is_made(world, code, hint, expected):
    world.answers["it"] = [throttled(hint, code) for _attempt in range(9)]
    (query,) = world.run(["it"])
    assert world.times("it") == [about(when) for when in expected]
    assert query.error.code == code
    assert query.attempts == 6
    assert (world.dispatcher.refused, world.dispatcher.retried) == (6, 5)
    assert world.time == about(expected[-1]), "there is no sleep after the last attempt"


def test_a_passing_failure_is_retried_after_its_back_off(world):
    world.answers["it"] = [lost() for _attempt in range(3)]
    (query,) = world.run(["it"])
    assert world.times("it") == [about(when) for when in (0, 0.2, 0.6, 1.4)]
    assert query.error is None and query.answer == "answer of it"


def test_max_retries_zero_asks_once(world):
    world.answers["it"] = [throttled()]
    (query,) = world.run(["it"], max_retries=0)
    assert (query.attempts, query.error.code) == (1, "Throttling.User")


def test_a_refusal_pushes_everybody_back_even_when_its_own_retries_are_used_up(world):
    world.answers["it"] = [throttled()]
    world.run(["it"], max_retries=0)
    assert world.another_throttle().reserve().at == about(world.now + 1)


def test_refusals_at_the_same_time_do_not_add_up(world):
    world.latency = 0.1
    for subject in range(10):
        world.answers[subject] = [throttled(3.0)]
    world.run(range(10))
    assert [when for when, _subject in world.asked][10:] == [about(3.1)] * 10


def test_a_back_off_is_kept_while_fresh_queries_wait_and_a_retry_that_is_due_goes_before_them(slow_world):
    slow_world.answers[0] = [delayed(2.0)]
    slow_world.answers[1] = [delayed(5.0)]
    slow_world.run(range(8))
    assert [subject for _when, subject in slow_world.asked] == [0, 1, 0, 2, 3, 4, 1, 5, 6, 7]
    assert [when for when, _subject in slow_world.asked] == [about(n * PAUSE) for n in range(10)]


def test_retries_that_are_due_go_in_the_order_of_their_back_offs(slow_world):
    slow_world.answers = {0: [delayed(6.0)], 1: [delayed(3.0)], 2: [delayed(2.5)]}
    slow_world.run(range(3))
    assert [subject for _when, subject in slow_world.asked] == [0, 1, 2, 1, 2, 0]


def test_a_retry_waits_for_the_later_of_its_back_off_and_its_slot_never_their_sum(world):
    others = world.another_throttle()
    for _call in range(40):
        others.reserve()
    world.at(0.5, lambda: [others.reserve() for _call in range(10)])
    world.answers["it"] = [lost()]
    world.run(["it"])
    first, second = world.times("it")
    assert first == about(4 * PAUSE)
    assert second - first == about(PAUSE), "the back-off of 0.2 s passes while it waits for its slot"


def test_a_retry_whose_back_off_outlasts_the_queue_takes_a_slot_at_its_end(world):
    others = world.another_throttle()
    world.answers["it"] = [lost() for _attempt in range(5)]
    for _call in range(10):
        others.reserve()
    world.run(["it"])
    times = world.times("it")
    assert times[0] == about(PAUSE)
    assert [later - earlier for earlier, later in zip(times, times[1:])] == [
        about(delay) for delay in (0.2, 0.4, 0.8, 1.6, 3.2)
    ]


def test_the_connection_of_a_retry_is_not_made_long_before_it(world):
    class Once(Line):
        def alive(self):
            return self.open and not self.world.asked[len(self.world.connected) - 1 :]

    world.answers["it"] = [delayed(20.0)]
    world.run(["it"], make_line=Once)
    assert world.times("it") == [0, about(20.0)]
    assert world.connected == [0, about(20.0 - CONNECT_LEAD)]


def test_clocks_that_differ_are_no_failure_of_everybody(world):
    """The first of each query is refused before the difference is known, those in flight among them."""
    world.latency = 0.5
    for subject in range(30):
        world.answers[subject] = [ServiceError("InvalidTimeStamp.Expired", "no", http_status=400)]
    queries = world.run(range(30))
    assert codes(queries) == [None] * 30


def test_a_slot_just_before_its_time_is_not_asked_for_again_and_again(world):
    """A retry is due just after the slot that is free next, and the queue before both is long."""
    asked = []
    reserve = world.throttle.reserve

    def counted(*arguments):
        asked.append(arguments)
        return reserve(*arguments)

    world.throttle.reserve = counted
    others = world.another_throttle()
    world.answers["it"] = [lambda: [others.reserve() for _call in range(29)] and delayed(3 * PAUSE + 0.0003)]
    world.run(["it"])
    assert world.times("it")[1] == about(3 * PAUSE + 0.0003)
    assert len(asked) < 100


def test_others_are_asked_while_one_backs_off(world):
    world.answers[0] = [lost() for _attempt in range(5)]
    world.run(range(5))
    assert {when for when, subject in world.asked if subject} == {0.0}


# What ends the task early.


@pytest.mark.parametrize(
    "code", ["InvalidAccessKeyId.NotFound", "SignatureDoesNotMatch", "SecurityToken.Expired", "InvalidVersion"]
)
def test_what_can_only_fail_again_stops_after_five_answers_in_a_row_and_one_more_from_the_end(slow_world, code):
    for subject in range(50):
        slow_world.answers[subject] = [fatal(code)]
    queries = slow_world.run(range(50))
    assert [subject for _when, subject in slow_world.asked] == [0, 1, 2, 3, 4, 49]
    assert codes(queries) == [code] * 5 + ["NotAsked"] * 44 + [code]


def test_the_last_one_is_asked_alone_once_nobody_else_is(world):
    world.latency = 0.5
    for subject in range(50):
        world.answers[subject] = [fatal()]
    world.run(range(50))
    assert [subject for _when, subject in world.asked] == [*range(10), 49]
    assert world.times(49) == [about(PAUSE)]


@pytest.mark.parametrize("unlucky", [5, 7, 25])
def test_unlucky_customers_at_the_head_of_the_list_hide_nobody(slow_world, unlucky):
    for subject in range(unlucky):
        slow_world.answers[subject] = [fatal()]
    queries = slow_world.run(range(40))
    assert codes(queries) == ["InvalidAccessKeyId.NotFound"] * unlucky + [None] * (40 - unlucky)
    assert [query.attempts for query in queries] == [1] * 40


def test_one_answer_in_between_starts_the_count_anew(slow_world):
    for subject in range(20):
        slow_world.answers[subject] = [fatal()] if subject != 4 else ["fine"]
    queries = slow_world.run(range(20))
    assert [subject for _when, subject in slow_world.asked] == [*range(10), 19]
    assert codes(queries)[3:6] == ["InvalidAccessKeyId.NotFound", None, "InvalidAccessKeyId.NotFound"]


@pytest.mark.parametrize(
    "code",
    [
        "Unknown.ResourceOwnerId",
        "Ram.PermissionDeny",
        "NoPermission",
        "Product.Unsubscript",
        "Authentication.NoAuth",
        "ERR-OPERATION-MAAP-0060",
        "ERR-OPERATION-MAAP-0065",
    ],
)
def test_what_can_be_about_one_space_alone_never_stops_the_others(slow_world, code):
    for subject in range(12):
        slow_world.answers[subject] = [ServiceError(code, "no", http_status=400)]
    queries = slow_world.run(range(14))
    assert codes(queries) == [code] * 12 + [None] * 2
    assert [subject for _when, subject in slow_world.asked] == [*range(14)]


def test_throttling_between_two_of_them_does_not_start_the_count_anew(slow_world):
    for subject in range(40):
        slow_world.answers[subject] = [fatal()]
    slow_world.answers[3].insert(0, throttled(0.1))
    slow_world.run(range(40))
    assert [subject for _when, subject in slow_world.asked] == [0, 1, 2, 3, 3, 4, 39]


# Outages.


def outage(world, begin, end, error=lost, connecting=unreachable):
    """Let the world's service be away for a while: who is asked then fails, and so does who connects."""
    ask = world.ask

    def away():
        return begin <= world.time < end

    def ask_or_fail(line, subject):
        if away() and error:
            world.answers[subject] = [error()]
            if connecting:
                line.open = False
        return ask(line, subject)

    class Failing(Line):
        def connect(self):
            if away() and connecting:
                world.connect_errors = [connecting()]
            super().connect()

    world.ask = ask_or_fail
    return Failing


def unavailable():
    return ServiceError("ServiceUnavailable", "not now", http_status=503)


def timed_out():
    return TransportError("TimedOut", "The attempt took longer than timeout allows.")


OUTAGES = {
    "connections are lost and refused": (lost, unreachable),
    "connections are lost and answered by nobody": (lost, timed_out),
    "a proxy answers in its place": (unavailable, None),
    "connections are accepted and lost": (lost, None),
    "a page without a code": (lambda: TransportError("UnexpectedAnswer", "HTML", http_status=502), None),
    "an origin behind a content delivery network": (
        lambda: TransportError("UnexpectedAnswer", "HTML", http_status=522),
        None,
    ),
}


@pytest.mark.parametrize("kind", OUTAGES)
@pytest.mark.parametrize("limit", [1, 10, 200])
def test_when_the_service_is_away_for_six_seconds_everything_is_read(tmp_path, kind, limit):
    world = World(tmp_path, limit=limit)
    world.latency = 0.3
    count = {1: 30, 10: 300, 200: 4000}[limit]
    line = outage(world, 4.0, 10.0, *OUTAGES[kind])
    queries = [Query(subject, Retries(5)) for subject in range(count)]
    world.dispatch(queries, make_line=line)
    assert codes(queries) == [None] * count
    assert max(query.attempts for query in queries) <= 6
    during = [when for when, _subject in world.asked if 5.5 <= when < 10]
    assert len(during) + len([when for when in world.connected if 5.5 <= when < 10]) <= 8, "probes, not a storm"
    schedule = (count - 1) // limit * PAUSE
    assert world.time < schedule + 6 + 5 + 5 * PAUSE


def test_the_last_queries_of_a_task_survive_an_outage_too(world):
    world.latency = 0.3
    line = outage(world, 1.0, 7.0)
    queries = [Query(subject, Retries(5)) for subject in range(12)]
    world.dispatch(queries, make_line=line)
    assert codes(queries) == [None] * 12


def test_connections_that_cannot_be_made_are_charged_to_nobody_once_the_service_is_back(world):
    line = outage(world, 1.0, 8.0)
    queries = world.run(range(100), make_line=line)
    assert codes(queries) == [None] * 100
    assert max(query.attempts for query in queries) == 2


def test_an_outage_that_does_not_end_ends_the_task_and_keeps_what_was_read(world):
    line = outage(world, 2.0, math.inf)
    queries = world.run(range(100), make_line=line)
    found = codes(queries)
    assert found.count(None) == 20
    assert found[20:30].count("ConnectionLost") >= 5
    assert found.count("Unreachable") == 1
    assert found.count("NotAsked") >= 69
    # 1, 2, 4, 5 and 5 s after the first refusal.
    assert world.time == pytest.approx(2 * PAUSE + 17, abs=0.2)


def test_a_proxy_that_never_lets_anybody_through_again_fails_each_query_by_itself(world):
    """Unlike a connection that cannot be made, it says nothing about the others for sure."""
    world.latency = 0.5
    line = outage(world, 2.0, math.inf, unavailable, None)
    queries = world.run(range(60), max_retries=2, make_line=line)
    assert codes(queries) == [None] * 20 + ["ServiceUnavailable"] * 40
    assert {query.attempts for query in queries[20:]} == {3}
    # Two pauses, and then the speed of the quota.
    assert world.time < 2 * PAUSE + 1 + 2 + (40 * 3 / 10 + 2) * PAUSE


def test_a_few_customers_that_never_answer_cost_the_others_a_moment_only(slow_world):
    for subject in range(3):
        slow_world.answers[subject] = [unavailable() for _attempt in range(9)]
    queries = slow_world.run(range(20))
    assert codes(queries) == ["ServiceUnavailable"] * 3 + [None] * 17
    assert [query.attempts for query in queries] == [6] * 3 + [1] * 17
    assert slow_world.time == pytest.approx((18 + 17 - 1) * PAUSE, abs=3 * PAUSE)


def test_a_task_that_was_never_answered_gives_up_sooner(world):
    world.connect_errors = [unreachable() for _connection in range(100)]
    world.run(range(50))
    assert world.time == about(0.2 + 0.4 + 0.8 + 1.6 + 3.2)


def test_no_retries_means_none_in_an_outage_either(world):
    line = outage(world, 1.0, 3.0)
    queries = world.run(range(30), max_retries=0, make_line=line)
    found = codes(queries)
    assert found.count(None) == 10
    assert found.count("Unreachable") == 1


# Small machines.


def test_where_the_system_gives_few_threads_those_do_the_work(world):
    world.start_errors = [None] * 3 + [RuntimeError("can't start new thread")] * 100
    queries = world.run(range(25))
    assert codes(queries) == [None] * 25
    assert len(world.workers) == len(world.connected) == 3


def test_where_the_system_gives_no_thread_at_all_the_task_says_so(world):
    world.start_errors = [RuntimeError("can't start new thread")] * 100
    queries = world.run(range(3), max_retries=2)
    assert world.asked == []
    assert codes(queries) == ["OutOfResources", "NotAsked", "NotAsked"]
    assert "threads" in queries[0].error.message
    assert "ulimit" in queries[0].error.remedy
    assert world.time == about(0.2 + 0.4)


def test_where_there_is_no_memory_for_another_thread_those_do_the_work(world):
    world.start_errors = [None] * 2 + [MemoryError()] * 100
    queries = world.run(range(25))
    assert codes(queries) == [None] * 25
    assert len(world.workers) == 2


def test_where_descriptors_run_out_those_that_are_connected_do_the_work(tmp_path):
    world = World(tmp_path, limit=50)
    world.latency = 1.0
    world.connect_errors = [None] * 20 + [out_of("open files") for _connection in range(1000)]
    queries = world.run(range(200))
    assert codes(queries) == [None] * 200
    assert len(world.connected) <= 51, "nobody tries for more, again and again"
    assert world.most_in_flight == 20
    world.drain()
    assert all(worker.ended for worker in world.workers)


def test_where_not_even_one_descriptor_is_left_the_task_says_so(world):
    world.connect_errors = [out_of("open files") for _connection in range(1000)]
    queries = world.run(range(3), max_retries=1)
    assert codes(queries) == ["OutOfResources", "NotAsked", "NotAsked"]
    assert "open files" in queries[0].error.message


def test_a_connection_takes_no_descriptor_that_the_task_needs(tmp_path, monkeypatch):
    """The default of macOS is 256, and a name that is being resolved takes descriptors of its own."""
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (256, resource.RLIM_INFINITY))
    world = World(tmp_path, limit=1000)
    world.latency = 5.0
    queries = world.run(range(500))
    assert codes(queries) == [None] * 500
    assert 40 <= len(world.workers) <= 80


@pytest.mark.parametrize(("limit", "most"), [(-1, 256), (1_000_000, 256), (1024, 256), (64, 10), (30, 1), (3, 1)])
def test_how_many_connections_a_limit_of_descriptors_allows(monkeypatch, limit, most):
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (limit, limit))
    monkeypatch.setattr(resource, "RLIM_INFINITY", -1)
    assert most_workers() == most


def test_too_little_memory_for_one_answer_is_tried_again_with_fewer_at_once(world):
    world.latency = 0.5
    world.answers[3] = [MemoryError()]
    queries = world.run(range(30))
    assert codes(queries) == [None] * 30
    assert queries[3].attempts == 2
    assert [worker.ended for worker in world.workers].count(True) == 1


def test_too_little_memory_for_the_dispatcher_itself_ends_the_task_and_keeps_what_was_read(world):
    usable = world.throttle.usable
    calls = []

    def failing(reservation):
        calls.append(reservation)
        if len(calls) == 15:
            raise MemoryError
        return usable(reservation)

    world.throttle.usable = failing
    world.latency = 0.4
    world.answers[12] = [lambda: world.takes(3.0)]
    queries = world.run(range(30))
    lost = "OutOfResources"
    assert codes(queries) == [None] * 10 + [lost] * 5 + ["NotAsked"] * 15
    assert [query.attempts for query in queries] == [1] * 14 + [0] * 16


# What comes back.


def test_an_unexpected_exception_is_one_failure_and_shows_nothing_of_its_text(world):
    world.answers[1] = [RuntimeError("secret-text")]
    queries = world.run(range(3))
    assert codes(queries) == [None, "UnexpectedError", None]
    assert queries[1].error.message == "An unexpected RuntimeError occurred."


def test_no_query_is_no_work(world):
    assert world.run([]) == []
    assert (world.connected, world.time) == ([], 0)


def test_every_worker_ends_with_the_task(world):
    world.run(range(35))
    world.drain()
    assert [worker.ended for worker in world.workers] == [True] * 10


def test_of_a_task_that_raises_too(world):
    def fails(not_before):
        raise KeyError

    world.throttle.push_back = fails
    world.answers[3] = [throttled()]
    with pytest.raises(KeyError):
        world.run(range(35))
    world.drain()
    assert all(worker.ended for worker in world.workers)


def test_it_runs_in_real_time_too(world):
    """With threads, a clock and a queue of the system."""
    queries = [Query(subject, Retries(0)) for subject in range(50)]
    throttle = open_throttle(f"file://{world.folder}", None, "real", 1000, 60)
    Dispatcher(lambda _line, subject: subject, lambda: Line(world), throttle, 10, TIMEOUT).run(queries)
    assert [query.answer for query in queries] == [*range(50)]
