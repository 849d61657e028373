# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A desired state made of today's facts."""

from __future__ import annotations

import re

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.compare import drift
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.snapshot import desired_from

WHOLE = {
    "queries": [
        {"cust_space_id": "cams-b", "phone_number_count": 1},
        {"cust_space_id": None, "phone_number_count": 0},
    ],
    "phone_numbers": [
        {
            "cust_space_id": "cams-b",
            "phone_number": "+86 138",
            "status": "CONNECTED",
            "verified_name": "{% if %}",
            "status_callback_url": "https://h/?token=t\n",
            "up_callback_url": None,
            "calling_configure": {"max_talk_time": 5, "tomorrow": 1},
        }
    ],
    "failures": [],
}


def test_writes_status_and_callback_urls_of_every_space_as_asked():
    assert desired_from(WHOLE) == {
        "spaces": [
            {
                "cust_space_id": "cams-b",
                "phone_numbers": [
                    {
                        "phone_number": "86138",
                        "status": "CONNECTED",
                        "status_callback_url": "https://h/?token=t",
                        "up_callback_url": "",
                    }
                ],
            },
            {"phone_numbers": []},
        ]
    }


def test_defaults_are_wanted_or_not():
    with pytest.raises(DriftInputError, match=r"^defaults: must be true or false, not text\.$"):
        desired_from(WHOLE, defaults="yes")


def test_accounts_that_do_not_agree_make_no_state():
    failed = {
        "queries": [{"cust_space_id": "cams-b", "phone_number_count": None}],
        "phone_numbers": [],
        "failures": [{"cust_space_id": "cams-b", "code": "TimedOut", "message": "No answer."}],
    }
    other = {"queries": [{"cust_space_id": "cams-b", "phone_number_count": 0}], "phone_numbers": [], "failures": []}
    for another in (failed, other):
        for facts in ([another, WHOLE], [WHOLE, another], {"results": [WHOLE, another]}):
            with pytest.raises(
                DriftInputError, match="'cams-b' was not read: it was read more than once, with different"
            ):
                desired_from(facts)
    assert desired_from([WHOLE, WHOLE]) == desired_from(WHOLE)


def test_facts_without_some_numbers_make_no_state():
    queries = [{**query, "status": "CONNECTED"} for query in WHOLE["queries"]]
    with pytest.raises(DriftInputError, match="^The facts were asked for with status 'CONNECTED'"):
        desired_from({**WHOLE, "queries": queries})


def accounts(*numbers):
    return {
        "queries": [{"cust_space_id": None, "phone_number_count": len(numbers)}],
        "phone_numbers": [{"phone_number": str(place), **number} for place, number in enumerate(numbers, 1)],
    }


def of_one_number(**fields):
    return accounts(fields)


def test_what_most_numbers_share_is_written_once():
    facts = accounts(
        {"status": "CONNECTED", "quality_rating": "GREEN"},
        {"status": "CONNECTED", "quality_rating": "RED"},
        {"status": "BANNED"},
    )
    desired = desired_from(facts, ["status", "quality_rating"])
    assert desired == {
        "defaults": {"status": "CONNECTED"},
        "spaces": [
            {
                "phone_numbers": [
                    {"phone_number": "1", "quality_rating": "GREEN"},
                    {"phone_number": "2", "quality_rating": "RED"},
                    {"phone_number": "3", "status": "BANNED", "quality_rating": ""},
                ]
            }
        ],
    }
    assert list(desired) == ["defaults", "spaces"]
    assert drift(facts, desired)["status"] == "in_sync"
    whole = desired_from(facts, ["status", "quality_rating"], defaults=False)
    assert "defaults" not in whole and whole["spaces"][0]["phone_numbers"][0]["status"] == "CONNECTED"


def test_half_of_the_numbers_are_not_most():
    assert "defaults" not in desired_from(accounts({"status": "A"}, {"status": "A"}, {"status": "B"}, {}), ["status"])


def test_fields_that_no_table_knows_are_written_where_they_are_asked_for():
    facts = accounts({"tier": {"now": [1, None], "{x": 1} and {"now": [1, None]}}, {"tier": ""}, {"new": True})
    desired = desired_from(facts, ["other"])
    assert desired["defaults"] == {"other": {"new": "", "tier": ""}}
    assert desired["spaces"][0]["phone_numbers"] == [
        {"phone_number": "1", "other": {"tier": {"now": [1, ""]}}},
        {"phone_number": "2"},
        {"phone_number": "3", "other": {"new": True}},
    ]
    assert drift(facts, desired)["status"] == "in_sync"
    changed = accounts({"tier": {"now": [2, None]}}, {"tier": ""}, {"new": False})
    assert [row["field"] for row in drift(changed, desired)["rows"]] == ["tier.now", None, "new"]


def test_writes_the_fields_asked_for():
    (number,) = desired_from(WHOLE, ["verified_name", "calling_configure"])["spaces"][0]["phone_numbers"]
    assert number["calling_configure"] == {
        "calling_callback_url": "",
        "max_talk_time": 5,
        "calling": "",
        "other": {"tomorrow": 1},
    }
    pattern = number["verified_name"]["matches"]
    assert "{%" not in pattern and re.fullmatch(pattern, "{% if %}")


@pytest.mark.parametrize(
    "field, fact, written",
    [
        ("status", None, ""),
        ("status", [], ""),
        ("verified_name", " Shop ", " Shop "),
        ("verified_name", "{{ x", {"matches": r"[{][{]\ x"}),
        ("verified_name", "#jinja2: x", {"matches": r"\#jinja2:\ x"}),
        ("status_callback_url", " https://h/?a={b} ", {"matches": r"https://h/\?a=[{]b\}"}),
        (
            "calling_configure",
            {
                "calling_callback_url": " https://h/ ",
                "calling": {
                    "status": " ENABLED ",
                    "call_hours": {
                        "weekly_operating_hours": [
                            {"day_of_week": "MONDAY ", "open_time": "{", "of_tomorrow": 1},
                            {"day_of_week": "FRIDAY"},
                        ]
                    },
                },
            },
            {
                "calling_callback_url": "https://h/",
                "max_talk_time": "",
                "calling": {
                    "status": " ENABLED ",
                    "call_icon_visibility": "",
                    "callback_permission_status": "",
                    "call_hours": {
                        "status": "",
                        "timezone_id": "",
                        "call_icon_visibility": "",
                        "callback_permission_status": "",
                        "weekly_operating_hours": [
                            {
                                "day_of_week": "MONDAY ",
                                "open_time": {"matches": "[{]"},
                                "close_time": "",
                                "other": {"of_tomorrow": 1},
                            },
                            {"day_of_week": "FRIDAY", "open_time": "", "close_time": ""},
                        ],
                        "holiday_schedule": "",
                    },
                },
            },
        ),
    ],
)
def test_writes_each_kind_of_field(field, fact, written):
    facts = of_one_number(**{field: fact})
    assert desired_from(facts, [field])["spaces"][0]["phone_numbers"] == [{"phone_number": "1", field: written}]


def test_names_three_holes_at_most():
    failures = [{"cust_space_id": f"cams-{n}", "code": "TimedOut", "message": "No answer."} for n in range(4)]
    with pytest.raises(DriftInputError) as raised:
        desired_from({**WHOLE, "failures": failures})
    holes = [f"sub-customer 'cams-{n}' was not read: TimedOut: No answer." for n in range(3)]
    assert str(raised.value) == f"A desired state needs facts that are whole: {'; '.join(holes)}"


@pytest.mark.parametrize(
    "facts, fields, message",
    [
        ([], ["status"], "A desired state needs facts that are whole: nothing was read"),
        ({"skipped": True}, ["status"], "A desired state needs facts that are whole: its task was skipped"),
        (
            {**WHOLE, "failures": [{"cust_space_id": "cams-c", "code": "TimedOut", "message": "No answer."}]},
            ["status"],
            "A desired state needs facts that are whole: sub-customer 'cams-c' was not read: TimedOut: No answer.",
        ),
        (WHOLE, "status,up_queue", "fields: must be a list of field names, not text; write [status, is_official]."),
        (WHOLE, 5, "fields: must be a list of field names, not a whole number; write [status, is_official]."),
        (WHOLE, None, "fields: must be a list of field names, not nothing; write [status, is_official]."),
        (WHOLE, ["statsu"], """fields: 'statsu': unknown key; did you mean "status"?"""),
        (WHOLE, ["status", ["status"]], "fields[1]: must be the name of a field, not a list."),
        (of_one_number(new={"matches": 1}), ["other"], "new: would be taken for a pattern and is not written down."),
        (of_one_number(**{"{{ x }}": 1}), ["other"], "The field '{{ x }}' could be taken for a template and is not"),
        (of_one_number(new={"{{ x }}": 1}), ["other"], "The field '{{ x }}' could be taken for a template and is not"),
        (
            accounts({"status": "A"}, {"phone_number": "1", "status": "B"}),
            ["status"],
            "'1' of the account itself was answered in 2 versions.",
        ),
        (
            {
                "queries": [{"cust_space_id": "cams-b", "phone_number_count": 2}],
                "phone_numbers": [{**WHOLE["phone_numbers"][0], "status": status} for status in "AB"],
            },
            ["status"],
            "'86138' of sub-customer 'cams-b' was answered in 2 versions.",
        ),
        (of_one_number(status={"a": 1}), ["status"], "spaces[0].phone_numbers[0].status.a: unknown key; "),
        (
            of_one_number(calling_configure={"calling": {"call_hours": {"weekly_operating_hours": "always"}}}),
            ["calling_configure"],
            "spaces[0].phone_numbers[0].calling_configure.calling.call_hours.weekly_operating_hours: must be a list",
        ),
        (
            of_one_number(status=["CONNECTED", "BANNED"]),
            ["status"],
            "status: is a list, which a desired state would take for",
        ),
        (
            of_one_number(calling_configure={"calling": {"status": ["ON"]}}),
            ["calling_configure"],
            "status: is a list, which a desired state would take for alternatives; leave it out.",
        ),
        (
            accounts({"phone_number": None}),
            ["status"],
            "spaces[0].phone_numbers[0].phone_number: has no digits",
        ),
        (
            of_one_number(is_official=True),
            ["is_official"],
            "spaces[0].phone_numbers[0].is_official: is true or false where the service has text",
        ),
        (
            {**WHOLE, "queries": [{"cust_space_id": "{{ x }}", "phone_number_count": 0}], "phone_numbers": []},
            ["status"],
            "sub-customer '{{ x }}' could be taken for a template",
        ),
    ],
)
def test_refuses_what_would_make_a_state_with_holes(facts, fields, message):
    with pytest.raises(DriftInputError) as raised:
        desired_from(facts, fields)
    assert str(raised.value).startswith(message)
