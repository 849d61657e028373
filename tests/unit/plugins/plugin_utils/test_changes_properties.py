# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of the report of changes over made-up accounts: no change goes unseen, none is told twice."""

from __future__ import annotations

import copy
import time
import tracemalloc

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.changes import changes
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.report import by_sub_customer
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import is_url_field, redact_url
from hypothesis import given
from hypothesis import strategies as st
from test_drift_properties import NUMBERS, SPACES, WHOLE, result_of, shuffled

EMPTY = (None, "", [], {})


def bare(facts):
    """Return what a reader may see of facts, without the ways to say that there is nothing."""
    found = {}
    for field, value in facts.items():
        if isinstance(value, dict):
            value = bare(value)
        elif isinstance(value, str) and is_url_field(field):
            value = value.strip()
        if value not in EMPTY:
            found[field] = redact_url(value, is_url_field(field)) if not isinstance(value, dict) else value
    return found


def fields_of(facts, path=""):
    for field, value in facts.items():
        if isinstance(value, dict):
            yield from fields_of(value, f"{path}{field}.")
        else:
            yield path + field


def put(facts, path, value):
    *nested, field = path.split(".")
    for name in nested:
        if not isinstance(facts.get(name), dict):
            facts[name] = {}
        facts = facts[name]
    facts[field] = value


def applied(rows, spaces):
    """Return the accounts that the rows make of the first."""
    spaces = copy.deepcopy(spaces)
    for row in rows:
        numbers, digits = spaces[row["cust_space_id"]], row["phone_number"]
        if row["kind"] == "disappeared":
            assert bare(numbers.pop(digits)) == bare(row["before"])
        elif row["kind"] == "appeared":
            assert digits not in numbers
            numbers[digits] = row["after"]
        else:
            put(numbers[digits], row["field"], row["after"])
    return {space: {digits: bare(facts) for digits, facts in numbers.items()} for space, numbers in spaces.items()}


@st.composite
def pairs(draw):
    """Return two sets of facts of the same spaces; the second has some of the first's numbers, some of them changed."""
    before = draw(SPACES)
    after = {}
    for space, numbers in before.items():
        kept = {
            digits: draw(st.just(facts) | NUMBERS | st.builds(lambda f, g: {**f, **g}, st.just(facts), NUMBERS))
            for digits, facts in numbers.items()
            if draw(st.booleans())
        }
        after[space] = {**kept, **draw(st.dictionaries(st.integers(1, 10**15).map(str), NUMBERS, max_size=2))}
    return before, after


@WHOLE
@given(SPACES, st.data())
def test_nothing_changed_between_facts_and_themselves_in_any_order(spaces, data):
    again = shuffled(data, {space: shuffled(data, found) for space, found in spaces.items()})
    report = changes(result_of(spaces), result_of(again))
    total = sum(map(len, spaces.values()))
    assert (report["status"], report["rows"]) == ("unchanged", [])
    assert report["summary"]["compared"] == report["summary"]["unchanged"] == total


@WHOLE
@given(pairs())
def test_the_rows_make_the_second_of_the_first(pair):
    before, after = pair
    report = changes(result_of(before), result_of(after))
    wanted = {space: {digits: bare(facts) for digits, facts in numbers.items()} for space, numbers in after.items()}
    assert applied(report["rows"], before) == wanted


@WHOLE
@given(pairs())
def test_every_difference_is_in_exactly_one_row(pair):
    before, after = pair
    report = changes(result_of(before), result_of(after))
    told = [(row["cust_space_id"], row["phone_number"], row["field"]) for row in report["rows"]]
    assert len(told) == len(set(told))
    for row in report["rows"]:
        was, now = (side[row["cust_space_id"]].get(row["phone_number"]) for side in pair)
        assert {"appeared": (True, False), "disappeared": (False, True), "changed": (False, False)}[row["kind"]] == (
            was is None,
            now is None,
        )
        assert (
            row["kind"] != "changed"
            or row["before"] != row["after"]
            or "differ only in what is not shown" in (row["message"])
        )
    summary = report["summary"]
    assert summary["compared"] == sum(len(before[space].keys() | after[space].keys()) for space in before)
    assert summary["compared"] == sum(summary[kind] for kind in ("unchanged", "changed", "appeared", "disappeared"))
    assert (report["status"] == "unchanged") == (told == [])


@WHOLE
@given(pairs(), st.data())
def test_what_was_not_read_never_looks_like_gone_or_new(pair, data):
    before, after = pair
    unread = data.draw(st.sets(st.sampled_from(list(before)), min_size=1))
    sides = []
    for spaces in (before, after):
        hidden = {space for space in unread if data.draw(st.booleans())}
        asked = {space for space in hidden if data.draw(st.booleans())}
        facts = result_of({space: numbers for space, numbers in spaces.items() if space not in hidden})
        facts["queries"] += [{"cust_space_id": space, "phone_number_count": None} for space in asked]
        facts["failures"] += [{"cust_space_id": space, "code": "C", "message": "M"} for space in asked]
        # A result that asked for nothing says nothing; of a task that was not run there is none.
        sides.append(([facts] if facts["queries"] else [], set(spaces) - hidden, asked))
    (earlier, read, asked), (later, read_now, asked_now) = sides
    report = changes(earlier, later)
    unknown = (read | asked | read_now | asked_now) - (read & read_now)
    told = [row["cust_space_id"] for row in by_sub_customer(report["rows"]) if row["kind"] == "unknown"]
    assert sorted(map(str, told)) == sorted(map(str, unknown)) or not earlier or not later
    for row in report["rows"]:
        assert row["kind"] == "unknown" or row["cust_space_id"] in read & read_now
    assert report["status"] == "unknown" or not unknown


def account(numbers, rating):
    return {
        str(8613800000000 + i): {
            "status": "CONNECTED",
            "quality_rating": rating if i % 10 == 0 else "GREEN",
            "messaging_limit_tier": "TIER_1K",
            "status_callback_url": f"https://hooks.example.com/{i}?token=x",
            "up_callback_url": "",
        }
        for i in range(numbers)
    }


@pytest.mark.full
def test_a_hundred_thousand_numbers_take_two_seconds_and_400_mib_at_most():
    before, after = ([result_of({None: account(100_000, rating)})] for rating in ("GREEN", "RED"))
    best = float("inf")
    for _attempt in range(3):
        start = time.process_time()
        report = changes(before, after)
        best = min(best, time.process_time() - start)
    assert (report["summary"]["unchanged"], report["summary"]["changed"]) == (90_000, 10_000)
    assert best <= 2
    tracemalloc.start()
    try:
        changes(before, after)
        assert tracemalloc.get_traced_memory()[1] < 400 * 2**20
    finally:
        tracemalloc.stop()
