# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.compare import drift
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.repairs import (
    OWN,
    SEVERAL,
    TWICE,
    Plan,
    Repair,
    mark,
    plan_repairs,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import Vaulted

OLD, NEW = "https://old.example.com/in", "https://hooks.example.com/in"
PLACE = ("x", "1")


def facts(*numbers, spaces=("x",)):
    queries = [{"cust_space_id": space, "phone_number_count": 0, "status": None} for space in spaces]
    for query in queries:
        query["phone_number_count"] = sum(number["cust_space_id"] == query["cust_space_id"] for number in numbers)
    return {"queries": queries, "phone_numbers": list(numbers), "failures": []}


def found(name="1", space="x", **fields):
    return {"phone_number": name, "cust_space_id": space, "up_callback_url": OLD, "status": "CONNECTED", **fields}


def desired(*numbers, space="x"):
    return {"spaces": [{"phone_numbers": list(numbers), **({"cust_space_id": space} if space else {})}]}


WANTED = {"phone_number": "+1", "up_callback_url": NEW}


def test_what_differs_is_planned_as_the_service_spells_the_number():
    plan = plan_repairs(facts(found("+1")), desired({**WANTED, "status": "PENDING"}))
    assert plan == Plan([Repair(("x", "+1"), "x", "+1", {"up_callback_url": NEW}, False)], {})


@pytest.mark.parametrize(
    "numbers, wanted",
    [
        ([found(up_callback_url=NEW)], WANTED),
        ([found("2")], WANTED),
        ([], WANTED),
        ([found()], {"phone_number": "1", "status": "PENDING"}),
    ],
)
def test_what_is_as_desired_or_cannot_be_written_is_not_planned(numbers, wanted):
    assert plan_repairs(facts(*numbers), desired(wanted)) == Plan([], {})


def test_a_space_that_was_not_read_has_nothing_to_write():
    assert plan_repairs(facts(found()), desired(WANTED, space="z")) == Plan([], {})


def test_what_cannot_be_written_has_its_reason():
    of_the_account = {**found(), "cust_space_id": None}
    plan = plan_repairs(facts(of_the_account, spaces=(None,)), desired({**WANTED, "phone_number": "1"}, space=None))
    assert (plan.repairs, list(plan.reasons.values())) == ([], [OWN])
    several = {"phone_number": "1", "up_callback_url": [NEW, "https://third.example.com/"]}
    assert plan_repairs(facts(found()), desired(several)) == Plan([], {(PLACE, "up_callback_url"): SEVERAL})
    twice = plan_repairs(facts(found(), found(up_callback_url=NEW)), desired({**WANTED, "phone_number": "1"}))
    assert twice == Plan([], {(PLACE, "up_callback_url"): TWICE})


def test_a_vaulted_url_is_planned_as_a_secret_and_a_vaulted_number_is_hidden_in_its_place():
    wanted = {"phone_number": "1", "up_callback_url": Vaulted(NEW), "status_callback_url": OLD}
    [repair] = plan_repairs(facts(found()), desired(wanted), {NEW}).repairs
    assert (repair.secret, repair.urls) == (True, {"up_callback_url": NEW, "status_callback_url": OLD})
    [repair] = plan_repairs(facts(found()), desired({**WANTED, "phone_number": "1"}), {"https"}).repairs
    assert repair.secret is False
    secret = "6591234567"
    [repair] = plan_repairs(facts(found(secret)), desired({**WANTED, "phone_number": secret}), {secret}).repairs
    assert secret not in "".join(repair.place)
    assert repair.phone_number == secret


def rows_of(numbers, wanted, space="x"):
    return drift(facts(*numbers), desired(*wanted, space=space))["rows"]


@pytest.mark.parametrize(
    "outcome, words",
    [
        ("no", "; not put right: Refused."),
        ("unknown", "; it is not known whether it was put right: Refused."),
        ("would", "; would be put right"),
    ],
)
def test_a_row_that_differs_says_what_became_of_it(outcome, words):
    wanted = {"phone_number": "1", "up_callback_url": NEW, "status": "PENDING"}
    plan = plan_repairs(facts(found()), desired(wanted))
    rows = rows_of([found()], [wanted])
    before = [row["message"] for row in rows]
    mark(rows, plan, {PLACE: outcome}, {} if outcome == "would" else {PLACE: "Refused."})
    marked = {row["field"]: (row["repaired"], row["message"]) for row in rows}
    plain = dict(zip([row["field"] for row in rows], before))
    assert marked == {
        "status": (None, plain["status"]),
        "up_callback_url": (outcome, plain["up_callback_url"] + words),
    }


def test_a_row_of_another_number_or_kind_is_about_no_url():
    plan = plan_repairs(facts(found()), desired({**WANTED, "phone_number": "1"}))
    numbers = [found("2"), found("4", up_callback_url=NEW)]
    wanted = [{"phone_number": name, "up_callback_url": NEW} for name in "234"]
    rows = rows_of(numbers, wanted)
    messages = [row["message"] for row in rows]
    mark(rows, plan, {PLACE: "yes"}, {})
    assert {row["kind"] for row in rows} >= {"differs", "missing", "in_sync"}
    assert [row["repaired"] for row in rows] == [None] * len(rows)
    assert [row["message"] for row in rows] == messages
