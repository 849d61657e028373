# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of the comparison over made-up accounts: in sync with itself, and no change goes unseen."""

from __future__ import annotations

import copy
import json
import time

import pytest
from ansible_collections.alicloud.chatapp.plugins.filter.phone_number_drift import phone_number_drift
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.compare import drift
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.desired import read_desired
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.fields import FIELDS
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.snapshot import desired_from
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TEXTS = st.one_of(
    st.sampled_from(["CONNECTED", "BANNED", "", "{{ 7 * 7 }}", "{% raw %}", r"\{#", "#jinja2: x", "é\x1b[0m", "|`<b>"]),
    st.text(max_size=20),
)
URLS = st.one_of(
    TEXTS,
    st.builds("https://{0}h{1}/{2}{3}".format, *[st.sampled_from(["", "u:p@", "a?b=c", "#{{ x }}", "?q", "\n"])] * 4),
)


def facts_of(name, shape):
    if isinstance(shape, dict):
        known = {key: facts_of(key, part) for key, part in shape.items()}
        values = st.fixed_dictionaries({}, optional={**known, "a_key_of_tomorrow": st.integers() | TEXTS})
    elif isinstance(shape, list):
        values = st.lists(facts_of(name, shape[0]), max_size=2)
    elif shape is int:
        values = st.integers()
    else:
        values = URLS if name.endswith("_url") else TEXTS
    return st.none() | values


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
OF_TOMORROW = st.recursive(
    SCALARS,
    lambda parts: (
        st.lists(parts, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b_url", "other", "status"]), parts, max_size=3)
    ),
    max_leaves=6,
)
FIELDS_OF_A_NUMBER = {field: facts_of(field, shape) for field, shape in FIELDS.items()}
NUMBERS = st.fixed_dictionaries(FIELDS_OF_A_NUMBER, optional={"a_field_of_tomorrow": TEXTS})
NUMBERS_OF_TOMORROW = st.fixed_dictionaries(
    FIELDS_OF_A_NUMBER, optional={"a_field_of_tomorrow": OF_TOMORROW, "another_url": OF_TOMORROW}
)


def spaces_of(numbers):
    return st.dictionaries(
        st.none() | st.sampled_from(["cams-a", "cams-b", "cams-c", "29348393884"]),
        st.dictionaries(st.integers(1, 10**15).map(str), numbers, max_size=4),
        min_size=1,
        max_size=4,
    )


SPACES = spaces_of(NUMBERS)
SPACES_OF_TOMORROW = spaces_of(NUMBERS_OF_TOMORROW)
# Each example is a whole account, which takes some 10 ms to make.
WHOLE = settings(
    max_examples=max(60, settings().max_examples // 10), deadline=None, suppress_health_check=list(HealthCheck)
)


def result_of(spaces):
    """Return what the module returns for numbers by sub-customer and phone number."""
    return {
        "queries": [{"cust_space_id": space, "phone_number_count": len(found)} for space, found in spaces.items()],
        "phone_numbers": [
            {"phone_number": number, **facts, **({} if space is None else {"cust_space_id": space})}
            for space, found in spaces.items()
            for number, facts in found.items()
        ],
        "failures": [],
    }


def findings(spaces, desired):
    return [row for row in drift(result_of(spaces), desired)["rows"] if row["kind"] != "in_sync"]


def shuffled(data, mapping):
    return {key: mapping[key] for key in data.draw(st.permutations(list(mapping)))}


@WHOLE
@given(SPACES_OF_TOMORROW, st.data())
def test_facts_are_in_sync_with_the_state_made_of_them_in_any_order(spaces, data):
    fields = data.draw(st.lists(st.sampled_from([*FIELDS, "other"]), unique=True) | st.just([*FIELDS, "other"]))
    desired = desired_from(result_of(spaces), fields, data.draw(st.booleans()))
    assert list(read_desired(desired)) == list(read_desired(json.loads(json.dumps(desired))))
    again = shuffled(data, {space: shuffled(data, found) for space, found in spaces.items()})
    report = drift(result_of(again), desired)
    total = sum(map(len, spaces.values()))
    assert report["status"] == "in_sync"
    assert report["summary"] == {
        "checked": total,
        "in_sync": total,
        "differs": 0,
        "missing": 0,
        "unlisted": 0,
        "unreadable": 0,
    }


@WHOLE
@given(SPACES_OF_TOMORROW)
def test_a_state_made_of_facts_holds_nothing_that_ansible_takes_for_a_template(spaces):
    def texts(value):
        if isinstance(value, dict):
            value = [*value, *value.values()]
        return (
            [value]
            if isinstance(value, str)
            else [text for part in value for text in texts(part)]
            if isinstance(value, list)
            else []
        )

    for text in texts(desired_from(result_of(spaces), [*FIELDS, "other"])):
        assert not any(mark in text for mark in ("{{", "{%", "{#")) and not text.startswith("#jinja2:")


def leaves(facts, path=()):
    """Yield the path of every field of a number that can change alone."""
    for field, value in facts.items():
        yield (*path, field)
        if isinstance(value, dict):
            yield from leaves(value, (*path, field))


@WHOLE
@given(SPACES_OF_TOMORROW.filter(lambda spaces: any(spaces.values())), st.data())
def test_one_changed_field_is_one_row(spaces, data):
    desired = desired_from(result_of(spaces), [*FIELDS, "other"], data.draw(st.booleans()))
    space = data.draw(st.sampled_from([space for space, found in spaces.items() if found]))
    number = data.draw(st.sampled_from(list(spaces[space])))
    path = data.draw(st.sampled_from(list(leaves(spaces[space][number]))))
    changed = copy.deepcopy(spaces)
    owner = changed[space][number]
    for key in path[:-1]:
        owner = owner[key]
    before = owner[path[-1]]
    owner[path[-1]] = data.draw(
        st.sampled_from([f"{before}x".strip(), "another value", 17.25, [before, "x"]]).filter(lambda new: new != before)
    )
    (row,) = findings(changed, desired)
    assert (row["cust_space_id"], row["phone_number"], row["kind"]) == (space, number, "differs")
    assert ".".join(path).startswith(row["field"]) or row["field"].startswith(".".join(path))


@WHOLE
@given(SPACES.filter(lambda spaces: any(spaces.values())), st.data())
def test_one_lost_or_added_number_is_one_row(spaces, data):
    desired = desired_from(result_of(spaces))
    space = data.draw(st.sampled_from([space for space, found in spaces.items() if found]))
    lost = data.draw(st.sampled_from(list(spaces[space])))
    without = {**spaces, space: {number: facts for number, facts in spaces[space].items() if number != lost}}
    (row,) = findings(without, desired)
    assert (row["cust_space_id"], row["phone_number"], row["kind"]) == (space, lost, "missing")

    (row,) = findings(spaces, desired_from(result_of(without)))
    assert (row["cust_space_id"], row["phone_number"], row["kind"]) == (space, lost, "unlisted")


@WHOLE
@given(SPACES.filter(lambda spaces: len(spaces) > 1), st.data())
def test_one_lost_or_added_sub_customer_is_one_row(spaces, data):
    desired = desired_from(result_of(spaces))
    lost = data.draw(st.sampled_from(list(spaces)))
    without = {space: found for space, found in spaces.items() if space != lost}
    (row,) = findings(without, desired)
    assert (row["cust_space_id"], row["phone_number"], row["kind"]) == (lost, None, "unreadable")
    assert drift(result_of(without), desired)["status"] == "error"

    (row,) = findings(spaces, desired_from(result_of(without)))
    assert (row["cust_space_id"], row["phone_number"], row["kind"]) == (lost, None, "unlisted")


@pytest.mark.full
def test_a_hundred_thousand_numbers_take_two_seconds_at_most():
    facts = {
        "status": "CONNECTED",
        "status_callback_url": "https://hooks.example.com/receipt?token=t",
        "up_callback_url": "https://hooks.example.com/inbound?token=t",
        **dict.fromkeys(("verified_name", "quality_rating", "messaging_limit_tier", "name_status"), "VALUE"),
    }
    spaces = {f"cams-{i}": {str(8613800000000 + 20 * i + j): {**facts} for j in range(20)} for i in range(5000)}
    desired = desired_from(result_of(spaces))
    for found in spaces.values():
        next(iter(found.values()))["status"] = "BANNED"
    results = result_of(spaces)
    best = float("inf")
    for _attempt in range(3):
        start = time.process_time()
        report = phone_number_drift(results, desired)
        best = min(best, time.process_time() - start)
    assert report["summary"]["differs"] == 5000
    assert best <= 2.0
