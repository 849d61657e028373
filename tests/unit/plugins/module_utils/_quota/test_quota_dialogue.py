# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the throttle on Redis asks, number by number, and what it makes of the answers, which are told beforehand.

The other tests ask a real server; here its answers, and how long each takes, are whatever a test wants. All times are
sums of powers of two, so that they are exact.
"""

from __future__ import annotations

import math

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.redis import RedisThrottle, ServerClock
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.script import LOOK, PUSH_BACK, RESERVE

NAMES = {LOOK: "look", RESERVE: "reserve", PUSH_BACK: "push back"}
# The server's clock, in microseconds, when this process's says 5000 s.
SERVER = 1_000_000_000
OFFSET = 5000 - SERVER / 1e6
GENERATION = 7
PAUSE = 1_100_000


class ToldServer:
    """Answers as it is told: a list of numbers behind the server's clock, after so many seconds."""

    place = "redis.example.com:6379"

    def __init__(self, clock):
        self.clock = clock
        self.connecting = 0.0
        self.last_used = 0.0
        self.step = 0
        self.told = []
        self.asked = []

    def answers(self, *numbers, after=0.0):
        self.told.append((numbers, after))

    def now(self):
        return SERVER + round((self.clock.now - 5000) * 1e6) + self.step

    def ask(self, script, *arguments):
        self.asked.append((NAMES[script], *arguments))
        numbers, after = self.told.pop(0)
        asked = self.clock.now
        self.clock.now += after / 2
        now = self.now()
        self.clock.now += after / 2
        self.last_used = self.clock.now
        return asked, self.clock.now, [now, *numbers]

    def questions(self):
        asked, self.asked = self.asked, []
        return asked


@pytest.fixture(name="make_told")
def fixture_make_told(clock):
    def make(limit=3, max_wait=3600.0):
        throttle = RedisThrottle(
            "redis://redis.example.com",
            None,
            0,
            key="key",
            qps_limit=limit,
            max_wait=max_wait,
            clock=clock,
            sleep=clock.sleep,
        )
        throttle._server = ToldServer(clock)
        return throttle, throttle._server

    return make


def reserved(slot, *more, generation=GENERATION):
    """Return the numbers of an answer that grants ``slot`` and ``more``."""
    slots = [slot, *more]
    return 0, generation, slots[-1], 0, 1, 0, slot, *slots


def refused(slot, queue, granted):
    return 0, GENERATION, 0, 0, granted, queue, slot


def test_the_first_questions_and_the_slot_as_this_process_counts(make_told, clock):
    throttle, server = make_told()
    server.answers(0, GENERATION, 0, after=0.5)
    slot = SERVER + 2_000_000
    server.answers(*reserved(slot), after=0.5)
    reservation = throttle.reserve(wanted=9)
    # The clock is uncertain by half of the way, and by what two clocks may part since the middle of it.
    apart = 0.25 + 0.001 * 0.25 - 0.1
    assert server.questions() == [
        ("look",),
        # A bound of 0.5 s and four eighths of it; what is reserved has to come half of that later, less the guard.
        ("reserve", 3, 0, 0, 0, PAUSE, -1_000_000, 3_600_000_000, 3, 350_000, round(apart * 1e6)),
    ]
    assert reservation.at == pytest.approx(OFFSET + slot / 1e6 - apart, abs=1e-9)
    assert (reservation.mark, reservation.granted, reservation.generation) == (slot, True, GENERATION)
    assert (throttle._generation, throttle._newest) == (GENERATION, slot)


@pytest.mark.parametrize(
    ("limit", "way", "wanted", "count"),
    [
        (10, 0.0625, 9, 2),  # 2 * 0.09375 s * 10 / 1.1 s = 1.7
        (10, 0.125, 9, 4),  # 3.4
        (3, 1.0, 9, 3),  # 8.2, and never more than the limit
        (10, 0.125, 2, 2),
        (10, 0.0, 9, 1),  # A server without any way: one at a time.
    ],
)
def test_as_many_slots_are_asked_for_as_a_round_trip_costs(make_told, limit, way, wanted, count):
    throttle, server = make_told(limit)
    server.answers(0, GENERATION, 0, after=way)
    server.answers(*reserved(SERVER + 9_000_000))
    throttle.reserve(wanted=wanted)
    assert server.questions()[1][8] == count


def test_a_near_server_is_asked_for_no_distance(make_told):
    throttle, server = make_told()
    server.answers(0, GENERATION, 0)
    server.answers(*reserved(SERVER + 1))
    throttle.reserve(5002.5)
    assert server.questions()[1] == ("reserve", 3, 0, 0, 0, PAUSE, 2_500_000, 3_600_000_000, 1, 0, 0)


def test_slots_in_stock_are_handed_out_without_a_question(make_told, clock):
    throttle, server = make_told()
    server.answers(0, GENERATION, 0, after=0.5)
    slots = [SERVER + 5_000_000 + number for number in (0, 1, 2)]
    server.answers(*reserved(*slots), after=0.5)
    assert throttle.reserve(wanted=3).mark == slots[0]
    clock.now += 1.0
    server.questions()
    assert throttle.reserve(wanted=2).mark == slots[1]
    assert server.questions() == []
    # Seen two seconds before: long ago, so that usable() has to look again.
    server.answers(0, GENERATION, slots[2], after=0.5)
    last = throttle.reserve(wanted=1)
    assert throttle.usable(last)
    assert server.questions() == [("look",)]


def test_what_was_only_just_seen_is_not_looked_at_again(make_told, clock):
    throttle, server = make_told()
    server.answers(0, GENERATION, 0, after=0.5)
    server.answers(*reserved(SERVER + 2_000_000), after=0.5)
    reservation = throttle.reserve()
    server.questions()
    assert throttle.usable(reservation)
    assert server.questions() == []


def test_what_was_seen_two_round_trips_before_is_looked_at_again(make_told, clock):
    throttle, server = make_told()
    server.answers(0, GENERATION, 0, after=0.5)
    # Twice the bound of 0.75 s after the question would have been early enough.
    server.answers(*reserved(SERVER + 2_500_000), after=0.5)
    reservation = throttle.reserve()
    assert 1.5 < reservation.at - 5000.5 < 2.25
    server.questions()
    server.answers(0, GENERATION, SERVER + 2_500_000)
    assert throttle.usable(reservation)
    assert server.questions() == [("look",)]


def test_a_slot_that_is_left_has_no_queue(make_told):
    throttle, server = make_told(max_wait=0.0)
    server.answers(0, GENERATION, 0)
    server.answers(*reserved(SERVER + 5_000_000, SERVER + 6_000_000))
    throttle.reserve(wanted=2)
    assert not throttle.reserve(not_before=5900.0).granted


def test_what_was_reserved_ahead_is_left_while_the_caller_cannot_use_it(make_told):
    throttle, server = make_told()
    server.answers(0, GENERATION, 0, after=0.5)
    slots = [SERVER + 5_000_000, SERVER + 6_000_000]
    server.answers(*reserved(*slots), after=0.5)
    first = throttle.reserve(wanted=2)
    early = throttle.reserve(not_before=5900.0, wanted=1)
    assert (early.granted, early.mark) == (False, slots[1])
    assert throttle._just_seen is None
    again = throttle.reserve(wanted=1)
    assert (again.granted, again.mark) == (True, slots[1])
    assert again.at == pytest.approx(first.at + 1.0)


def test_more_is_reserved_while_the_next_slot_is_far(make_told, clock):
    throttle, server = make_told(10)
    server.answers(0, GENERATION, 0, after=0.125)
    slots = [SERVER + 9_000_000 + number for number in range(9)]
    server.answers(*reserved(*slots[:4]), after=0.125)
    throttle.reserve(wanted=4)
    server.questions()
    server.answers(*reserved(*slots[4:5]), after=0.125)
    assert throttle.reserve(wanted=4).mark == slots[1]
    [asked] = server.questions()
    # Whatever comes first, since nobody waits for it, and one slot, since three are there.
    assert (asked[6], asked[8]) == (-1_000_000, 1)
    # Three are enough by now, since answers kept on coming in time.
    assert throttle.reserve(wanted=4).mark == slots[2]
    assert server.questions() == []
    # There is time to reserve more for as long as two round trips.
    clock.now = 5009.0 - 2.5 * throttle._round_trip.bound
    server.answers(*reserved(slots[5]))
    assert throttle.reserve(wanted=4).mark == slots[3]
    assert len(server.questions()) == 1
    clock.now = 5009.0 - throttle._round_trip.bound
    assert [throttle.reserve(wanted=4).mark for _slot in slots[4:6]] == slots[4:6]
    assert server.questions() == []


@pytest.mark.parametrize(("granted", "queue"), [(0, 0), (1, 9_000_000)])
def test_a_slot_that_was_not_reserved_is_told_as_one(make_told, granted, queue):
    throttle, server = make_told(max_wait=5.0)
    server.answers(0, GENERATION, 0, after=0.5)
    server.answers(*refused(SERVER + 9_000_000, queue, granted), after=0.5)
    if queue:
        with pytest.raises(ThrottleError, match=r"The next free slot of the quota is 9\.0 s away") as too_long:
            throttle.reserve()
        assert too_long.value.code == "QueueTooLong"
    else:
        reservation = throttle.reserve()
        assert (reservation.granted, reservation.mark) == (False, SERVER + 9_000_000)
    assert throttle._just_seen is None
    assert (throttle._generation, throttle._newest) == (0, 0)
    assert server.questions()[1][7] == 5_000_000


def test_the_slot_of_a_log_begun_anew_is_lost_where_its_clock_is_too_uncertain(make_told):
    throttle, server = make_told()
    server.answers(0, GENERATION, 0)
    # All that is known of this log's clock comes from one answer that took a second.
    server.answers(*reserved(SERVER + 20_000_000, generation=8), after=1.0)
    server.answers(*reserved(SERVER + 30_000_000, generation=8), after=1.0)
    assert throttle.reserve().mark == SERVER + 30_000_000
    assert throttle._lost_slots == 1
    assert server.questions()[2][2:4] == (8, SERVER + 20_000_000)


@pytest.mark.parametrize(
    ("before", "generation", "after"),
    [
        # A log that was begun anew, with a quick answer; none at first; this one, however slow each answer.
        (GENERATION, 8, (0.0, 0.125)),
        (0, 9, (0.0, 1.0)),
        (0, 9, (1.0, 1.0)),
        (GENERATION, GENERATION, (0.0, 1.0)),
        (GENERATION, GENERATION, (1.0, 1.0)),
    ],
)
def test_the_slot_of_a_clock_that_is_certain_enough_or_new_to_all_is_kept(make_told, before, generation, after):
    throttle, server = make_told()
    server.answers(0, before, 0, after=after[0])
    server.answers(*reserved(SERVER + 20_000_000, generation=generation), after=after[1])
    assert throttle.reserve().mark == SERVER + 20_000_000
    assert throttle._lost_slots == 0
    # Only of a log that was begun anew is nothing known but what its own answer says.
    certain = after[1] if generation == 8 else after[0]
    assert throttle._server_clock[::3] == (generation, certain / 2)


def test_a_slow_answer_teaches_less_than_a_quick_one_before_it(make_told, clock):
    throttle, server = make_told()
    server.answers(0, GENERATION, 0, after=0.125)
    throttle._measure()
    known = throttle._server_clock
    assert known == ServerClock(GENERATION, 5000.0625, OFFSET, 0.0625)
    server.answers(0, GENERATION, 0, 0, after=1.0)
    throttle.push_back(1)
    assert throttle._server_clock == known
    # A day later two clocks may have parted further than a slow answer is wrong.
    clock.now += 86_400.0
    assert throttle._uncertain() == pytest.approx(0.0625 + 0.001 * (clock.now - 5000.0625))
    server.answers(0, GENERATION, 0, 0, after=1.0)
    throttle.push_back(1)
    assert throttle._server_clock == ServerClock(GENERATION, clock.now - 0.5, OFFSET, 0.5)


def test_of_two_answers_that_are_as_good_the_newer_counts(make_told, clock, monkeypatch):
    monkeypatch.setattr("ansible_collections.alicloud.chatapp.plugins.module_utils._quota.redis.CLOCK_DRIFT", 0.0)
    throttle, server = make_told()
    for _answer in range(2):
        server.answers(0, GENERATION, 0, 0, after=0.5)
        throttle.push_back(0)
    assert throttle._server_clock.moment == 5000.75


@pytest.mark.parametrize(("step", "noticed"), [(1_000_000, False), (1_100_001, True), (-1_100_001, True)])
def test_a_server_clock_that_was_set_is_told_from_a_slow_way(make_told, step, noticed):
    """Two answers of a second are wrong by half a second each, and the guard's half comes on top."""
    throttle, server = make_told()
    server.answers(0, GENERATION, 0, after=1.0)
    throttle._measure()
    server.questions()
    server.step = step
    server.answers(0, GENERATION, 0, 0, after=1.0)
    server.answers(0, 8, 0, 0, after=1.0)
    throttle.push_back(1)
    asked = [("push back", 3, 0, 0, 0, 1_000_000), ("push back", 3, 0, 0, GENERATION, 1_000_000)]
    assert server.questions() == asked[: 1 + noticed]
    assert throttle._server_clock.generation == (8 if noticed else GENERATION)


def test_who_sees_the_clock_set_while_looking_has_no_slot_and_says_so_with_the_next(make_told):
    throttle, server = make_told()
    server.answers(0, GENERATION, 0)
    server.answers(*reserved(SERVER + 9_000_000))
    reservation = throttle.reserve()
    throttle._just_seen = None
    server.step = 60_000_000
    server.answers(0, GENERATION, SERVER + 9_000_000)
    assert not throttle.usable(reservation)
    assert tuple(throttle._seen) == (0, 0, 0)
    server.questions()
    server.answers(0, 8, 0, 0)
    throttle.push_back(1)
    assert server.questions() == [("push back", 3, GENERATION, SERVER + 9_000_000, GENERATION, 1_000_000)]
    server.answers(0, 8, 0, 0)
    throttle.push_back(1)
    assert server.questions()[0][4] == 0, "said once"


def test_a_log_that_was_lost_is_told_word_for_word_and_then_forgotten(make_told):
    throttle, server = make_told()
    server.answers(0, GENERATION, 0)
    server.answers(*reserved(SERVER + 9_000_000))
    throttle.reserve()
    server.answers(0, 8, 0, 1)
    throttle.push_back(1)
    lost = "The throttle's log in the Redis at redis.example.com:6379 is gone or lacks what was written to it"
    remedy = (
        "A server that is started anew without its data forgets it once, and so does a replica that takes over."
        " If it was neither, the server evicts keys that have no expiry: set its maxmemory-policy to noeviction"
        " or to one of volatile-*, or give it more memory."
    )
    assert throttle.warnings == [f"{lost}, so one window of calls was waited for. {remedy}"]
    assert throttle._generation == 0
    server.answers(0, 9, 0, 1)
    with pytest.raises(ThrottleError) as again:
        throttle.push_back(1)
    assert again.value.facts() == {
        "code": "ThrottleUnavailable",
        "message": f"{lost}. It was not the first time.",
        "request_id": None,
        "http_status": None,
        "remedy": remedy,
    }


def test_a_server_whose_answers_come_too_late_five_times_is_too_slow(make_told, clock):
    throttle, server = make_told()
    server.answers(0, GENERATION, 0, after=1.0)
    for number in range(5):
        # Each slot has passed when the answer is here.
        server.answers(*reserved(SERVER + 100_000 * number), after=1.0)
    with pytest.raises(ThrottleError) as slow:
        throttle.reserve()
    assert slow.value.facts() == {
        "code": "ThrottleUnavailable",
        "message": (
            "The throttle's Redis at redis.example.com:6379 is too slow: 5 slots in a row had passed before it"
            " answered, and a round trip takes 1.00 s."
        ),
        "request_id": None,
        "http_status": None,
        "remedy": "Use a Redis nearer to the host that the module runs on, or run the module nearer to it (delegate_to).",
    }
    assert len(server.questions()) == 6


def test_who_was_idle_needs_time_to_connect(make_told, clock):
    throttle, server = make_told()
    assert throttle.lead == 0.0
    assert throttle._handed_out == -math.inf
    server.answers(0, GENERATION, 0, after=0.5)
    server.answers(*reserved(SERVER + 32_000_000), after=0.5)
    server.connecting = 0.25
    throttle.reserve()
    bound = throttle._round_trip.bound
    # The slot is 31 s after the last answer; with one of 30 s nothing would have been forgotten on the way.
    assert throttle.lead == bound + 0.5
    server.last_used = throttle._handed_out - 30.0
    assert throttle.lead == bound
