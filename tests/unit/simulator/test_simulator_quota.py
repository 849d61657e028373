# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulator.quota import FixedWindow, SlidingWindow

# Quarters of a second, so that sums are exact.
WAITS = st.lists(st.integers(0, 6).map(lambda quarters: quarters / 4), max_size=60)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def granted_of(quota_class, waits, limit):
    """The moments of all calls, and of those that were granted."""
    clock = Clock()
    quota = quota_class(clock)
    calls, granted = [], []
    for wait in waits:
        clock.now += wait
        calls.append(clock.now)
        if quota.take("a", limit):
            granted.append(clock.now)
    return calls, granted


@given(WAITS, st.integers(1, 4))
def test_a_sliding_window_grants_whatever_leaves_no_second_over_the_limit(waits, limit):
    calls, granted = granted_of(SlidingWindow, waits, limit)

    expected = []
    for call in calls:
        if sum(call - 1 < before <= call for before in expected) < limit:
            expected.append(call)
    assert granted == expected


@given(WAITS, st.integers(1, 4))
def test_a_fixed_window_grants_the_first_of_each_whole_second(waits, limit):
    calls, granted = granted_of(FixedWindow, waits, limit)

    expected = []
    for call in calls:
        if sum(int(before) == int(call) for before in expected) < limit:
            expected.append(call)
    assert granted == expected


def test_the_windows_differ_around_the_turn_of_a_second():
    waits = [0.75, 0, 0.25, 0]
    assert len(granted_of(SlidingWindow, waits, 2)[1]) == 2
    assert len(granted_of(FixedWindow, waits, 2)[1]) == 4


@pytest.mark.parametrize("quota_class", [SlidingWindow, FixedWindow])
def test_each_account_has_a_quota_of_its_own(quota_class):
    quota = quota_class(Clock())
    assert [quota.take(name, 1) for name in ("a", "a", "b", "b")] == [True, False, True, False]
