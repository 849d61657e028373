# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import MAX_LATENESS, WINDOW, WINDOW_MARGIN
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle
from hypothesis import given
from hypothesis import strategies as st

LIMITS = st.one_of(st.sampled_from([0.1, 0.5, 1, 10, 1000]), st.floats(0.1, 1000), st.integers(1, 12))
CALLERS = st.lists(LIMITS, min_size=1, max_size=64)
ACTIONS = st.sampled_from(["reserve"] * 6 + ["wake"] * 6 + ["push back", "kill", "stop"])
STEPS = st.lists(st.tuples(st.integers(0, 63), ACTIONS, st.floats(0, 3)), max_size=150)


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self, now=5000.0):
        self.now = now

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture(name="world", scope="module")
def fixture_world(tmp_path_factory):
    """Throttles on one clock, with an empty log for each example."""
    folder = tmp_path_factory.mktemp("throttle")

    def world():
        clock = Clock()
        for log in folder.iterdir():
            log.unlink()

        def throttle(limit=10, max_wait=3600.0, key="quota"):
            return open_throttle(folder.as_uri(), None, key, limit, max_wait, clock=clock, sleep=clock.sleep)

        return SimpleNamespace(clock=clock, throttle=throttle)

    return world


def window_of(limit):
    return (WINDOW if limit >= 1 else 1 / limit, max(1, int(limit)))


def assert_that_each_slot_kept_its_own_limit(slots):
    """No window that ends with a slot holds more than its limit: slots is a list of (moment, limit) as granted."""
    moments = [moment for moment, _limit in slots]
    assert moments == sorted(moments)
    for position, (moment, limit) in enumerate(slots):
        window, calls = window_of(limit)
        inside = sum(moment - earlier < window + WINDOW_MARGIN - 1e-5 for earlier in moments[: position + 1])
        assert inside <= calls


@given(limits=CALLERS, steps=STEPS)
def test_no_window_holds_more_slots_than_the_limit_whatever_the_callers_do(world, limits, steps):
    this = world()
    clock = this.clock
    throttles = dict(enumerate(this.throttle(limit) for limit in limits))
    waiting, at_once, granted, sent, floor = {}, {}, [], [], 0.0

    def reserve(caller):
        waiting[caller] = throttles[caller].reserve()
        at_once[caller] = waiting[caller].at <= clock.now
        granted.append((waiting[caller].at, limits[caller]))
        assert waiting[caller].at >= floor - 1e-5

    for number, action, seconds in steps:
        if not throttles:
            break
        caller = sorted(throttles)[number % len(throttles)]
        if action == "reserve":
            clock.now += seconds / 100
            reserve(caller)
        elif action == "push back":
            throttles[caller].push_back(seconds)
            floor = max(floor, clock.now + seconds)
        elif action == "kill":
            del throttles[caller]
            waiting.pop(caller, None)
        elif action == "stop" and caller in waiting:
            clock.now = max(clock.now, waiting[caller].at + seconds)
        elif action == "wake" and caller in waiting:
            reservation = waiting.pop(caller)
            clock.now = max(clock.now, reservation.at + seconds / 100)
            late, pushed = clock.now - reservation.at, floor > reservation.at + 1e-5 and not at_once[caller]
            assert throttles[caller].usable(reservation) is (late <= MAX_LATENESS and not pushed)
            if late <= MAX_LATENESS and not pushed:
                sent.append((reservation.at, limits[caller]))
            else:
                reserve(caller)

    assert_that_each_slot_kept_its_own_limit(granted)
    highest = max((window_of(limit)[1] for _moment, limit in granted), default=0)
    for moment, _limit in sent:
        assert sum(moment <= other < moment + WINDOW for other, _limit in sent) <= highest


@given(
    limit=LIMITS,
    callers=st.integers(1, 64),
    order=st.lists(st.tuples(st.integers(0, 63), st.floats(0, 1)), max_size=120),
)
def test_the_nth_reservation_is_the_ideal_schedules_nth(world, limit, callers, order):
    """A caller that never uses its slot was killed while it waited: its slot counts."""
    this = world()
    start = this.clock.now
    throttles = [this.throttle(limit) for _caller in range(callers)]
    window, calls = window_of(limit)
    for position, (number, haste) in enumerate(order):
        ideal = start + position // calls * (window + WINDOW_MARGIN)
        reservation = throttles[number % callers].reserve()
        assert reservation.granted
        assert reservation.at == pytest.approx(ideal, abs=1e-4)
        assert reservation.mark == pytest.approx(ideal * 1e6, abs=100)
        # Somebody asks again at any moment that is not after the next ideal slot.
        following = start + (position + 1) // calls * (window + WINDOW_MARGIN)
        this.clock.now = max(this.clock.now, min(following, this.clock.now + haste))


@pytest.mark.parametrize(
    ("limit", "pause", "calls"),
    [
        (0.1, 10.1, 1),
        (0.5, 2.1, 1),
        (0.999, 1.101001, 1),
        (1, 1.1, 1),
        (1.99, 1.1, 1),
        (10.9, 1.1, 10),
        (1000, 1.1, 1000),
    ],
)
def test_whole_calls_a_second_from_one_on_and_one_call_in_a_longer_window_below(world, limit, pause, calls):
    throttle = world().throttle(limit)
    slots = [throttle.reserve().at for _call in range(calls + 1)]
    assert slots[calls - 1] == slots[0]
    assert slots[calls] - slots[0] == pytest.approx(pause, abs=2e-6)


def test_each_limit_counts_everybodys_calls(world):
    this = world()
    fast, slow = this.throttle(10), this.throttle(0.5)
    start = this.clock.now
    assert [fast.reserve().at for _call in range(3)] == [start] * 3
    assert slow.reserve().at == pytest.approx(start + 2.1)
    assert fast.reserve().at == pytest.approx(start + 2.1)


def test_another_key_is_another_quota(world):
    this = world()
    first, other = this.throttle(1), this.throttle(1, key="other")
    assert first.reserve().at == other.reserve().at == this.clock.now


def test_a_queue_that_is_too_long_is_refused_before_anything_is_reserved(world):
    this = world()
    patient, hasty = this.throttle(1), this.throttle(1, max_wait=3.2)
    for _call in range(3):
        patient.reserve()
    for _attempt in range(2):
        with pytest.raises(ThrottleError) as caught:
            hasty.reserve()
        assert caught.value.code == "QueueTooLong"
        assert caught.value.message == (
            "The next free slot of the quota is 3.3 s away, and throttle_max_wait allows 3.2 s."
        )
        assert caught.value.remedy == (
            "Wait for the tasks that share this quota, start fewer of them at once, or raise throttle_max_wait."
        )
    this.clock.now += 0.1
    assert hasty.reserve().at == pytest.approx(this.clock.now + 3.2)
    assert patient.reserve().at == pytest.approx(this.clock.now + 4.3)


def test_a_slot_that_comes_too_early_for_the_caller_is_left_to_others(world):
    this = world()
    throttle, start = this.throttle(1), this.clock.now
    for _attempt in range(2):
        early = throttle.reserve(not_before=start + 1.0)
        assert (early.granted, early.at) == (False, start)
    assert throttle.reserve(not_before=start).at == start
    reservation = throttle.reserve(not_before=start + 1.0)
    assert reservation.granted
    assert reservation.at == pytest.approx(start + 1.1)


def test_a_retry_waits_for_the_later_of_its_back_off_and_its_slot_never_their_sum(world):
    this = world()
    throttle, start = this.throttle(1), this.clock.now
    for _call in range(3):
        throttle.reserve()
    assert throttle.reserve(not_before=start + 2.0).at == pytest.approx(start + 3.3)


def test_push_back_is_shared_and_does_not_add_up(world):
    this = world()
    callers = [this.throttle(10) for _caller in range(3)]
    start = this.clock.now
    for _call in range(11):
        waiting = callers[0].reserve()
    for caller, seconds in zip(callers, (1.0, 4.0, 2.0)):
        caller.push_back(seconds)
    assert not callers[0].usable(waiting)
    assert callers[0].reserve().at == pytest.approx(start + 4.0)


def test_a_caller_that_did_not_wait_has_only_just_seen_the_floor(world):
    """It spares a look, which is a round trip to Redis, for each call of a burst but the first."""
    this = world()
    throttle, other = this.throttle(10), this.throttle(10)
    first, second = throttle.reserve(), throttle.reserve()
    other.push_back(1.0)
    assert throttle.usable(second)
    assert not throttle.usable(first)
    this.clock.now += MAX_LATENESS + 1e-3
    assert not throttle.usable(second)


def test_push_back_spares_the_slots_behind_it(world):
    this = world()
    throttle = this.throttle(1)
    throttle.reserve()
    second = throttle.reserve()
    throttle.push_back(second.at - this.clock.now)
    this.clock.now = second.at
    assert throttle.usable(second)


@pytest.mark.parametrize(("late", "usable"), [(0.0, True), (0.05, True), (0.0501, False), (5.0, False)])
def test_a_caller_that_is_late_by_more_than_half_the_guard_has_lost_its_slot(world, late, usable):
    this = world()
    this.clock.now = 0.0
    throttle = this.throttle()
    reservation = throttle.reserve()
    assert (reservation.at, reservation.granted, reservation.mark) == (0.0, True, 0)
    this.clock.now = late
    assert throttle.usable(reservation) is usable


def test_who_wakes_too_late_for_its_slot_waits_for_another(world):
    this = world()
    throttle = this.throttle(1)
    throttle.acquire()
    second = this.clock.now + 1.1
    late = iter([MAX_LATENESS + 1e-3])
    throttle._sleep = lambda seconds: this.clock.sleep(seconds + next(late, 0.0))
    # The file is asked right before the slot, so that this sleep is the last before the call.
    third = throttle.acquire()
    assert third.at == pytest.approx(second + 1.1, abs=1e-5)
    assert abs(this.clock.now - third.at) <= MAX_LATENESS
