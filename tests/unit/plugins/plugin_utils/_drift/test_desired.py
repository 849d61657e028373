# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a desired state may not say. Every refusal is one sentence that begins with the place."""

from __future__ import annotations

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.desired import read_desired
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError


def space(*numbers, **more):
    return {"spaces": [{"phone_numbers": list(numbers), **more}]}


def number(**fields):
    return space({"phone_number": "1", **fields})


AT = "spaces[0].phone_numbers[0]"


@pytest.mark.parametrize(
    "desired, message",
    [
        (None, "The desired state: must be a mapping, not nothing."),
        ([], "The desired state: must be a mapping, not a list."),
        ({}, "spaces: is missing."),
        ({"spaces": []}, "spaces: nothing is desired here; list at least one phone number."),
        (space(unlisted="ignore"), "spaces: nothing is desired here; list at least one phone number."),
        ({"drift_check_desired": {}}, "drift_check_desired: unknown key; known here: defaults, spaces."),
        ({"X": []}, "X: unknown key; known here: defaults, spaces."),
        ({"space": []}, 'space: unknown key; did you mean "spaces"?'),
        ({"spaces": {}}, "spaces: must be a list, not a mapping."),
        ({"spaces": ["x"]}, "spaces[0]: must be a mapping, not text."),
        ({"spaces": None}, 'spaces: has no value; write "" for an empty one, or leave the key out.'),
        ({"spaces": [{}]}, "spaces[0].phone_numbers: is missing."),
        ({"spaces": [{"phone_numbers": "1"}]}, "spaces[0].phone_numbers: must be a list, not text."),
        (space(phone_number=[]), 'spaces[0].phone_number: unknown key; did you mean "phone_numbers"?'),
        (space(unlisted="drfit"), """spaces[0].unlisted: must be "drift" or "ignore", not 'drfit'."""),
        (
            space(cust_space_id=""),
            "spaces[0].cust_space_id: is empty; leave the key out for the account's own numbers.",
        ),
        (space(cust_space_id=["x"]), "spaces[0].cust_space_id: must be text, not a list."),
        (
            space(cust_space_id=None),
            'spaces[0].cust_space_id: has no value; write "" for an empty one, or leave the key out.',
        ),
        (
            {"spaces": [{"phone_numbers": []}, {"phone_numbers": []}]},
            "spaces[1].cust_space_id: the same as in spaces[0]; make one of both.",
        ),
        (
            {"spaces": [{"cust_space_id": 5, "phone_numbers": []}, {"cust_space_id": "5", "phone_numbers": []}]},
            "spaces[1].cust_space_id: the same as in spaces[0]; make one of both.",
        ),
        (space("1"), f"{AT}: must be a mapping, not text."),
        (space({}), f"{AT}.phone_number: must be text, not nothing."),
        (space({"phone_number": True}), f"{AT}.phone_number: must be text, not true or false."),
        (space({"phone_number": 1.5}), f"{AT}.phone_number: must be text, not float."),
        (space({"phone_number": "none"}), f"{AT}.phone_number: has no digits; numbers are compared by them."),
        (space({"phone_number": "٣"}), f"{AT}.phone_number: has no digits; numbers are compared by them."),
        (
            space({"phone_number": "1-2"}, {"phone_number": "3"}, {"phone_number": 12}),
            "spaces[0].phone_numbers[2].phone_number: the same number as in phone_numbers[0]; keep one.",
        ),
        (number(staus="x"), f'{AT}.staus: unknown key; did you mean "status"?'),
        (number(**{"\x1b": "x"}), rf"{AT}.\x1b: unknown key; known here: phone_number, verified_name,"),
        (number(status=None), f'{AT}.status: has no value; write "" for an empty one, or leave the key out.'),
        (number(status=5), f"{AT}.status: is a whole number where the service has text; put it in quotes."),
        (number(status=True), f"{AT}.status: is true or false where the service has text; put it in quotes."),
        (number(status=[["x"]]), f"{AT}.status[0]: is a list where the service has text."),
        (number(status=["x", None]), f"{AT}.status[1]: is nothing where the service has text; put it in quotes."),
        (number(status=[]), f'{AT}.status: an empty list accepts nothing; write "" where the field must be empty.'),
        (number(status={"match": "x"}), f'{AT}.status.match: unknown key; did you mean "matches"?'),
        (number(status={}), f"{AT}.status: a pattern is written as {{matches: REGEX}}, with text for REGEX."),
        (
            number(status={"matches": 5}),
            f"{AT}.status: a pattern is written as {{matches: REGEX}}, with text for REGEX.",
        ),
        (number(status={"matches": "("}), f"{AT}.status.matches: no regular expression: "),
        (number(status={"matches": "a{99999999999}"}), f"{AT}.status.matches: no regular expression: "),
        (number(calling_configure="x"), f"{AT}.calling_configure: must be a mapping, not text."),
        (
            number(calling_configure={}),
            f"{AT}.calling_configure: an empty mapping checks nothing; leave it out or name a field.",
        ),
        (
            number(calling_configure={"max_talk_time": "5"}),
            f"{AT}.calling_configure.max_talk_time: is text where the service has a whole number.",
        ),
        (
            number(calling_configure={"max_talk_time": True}),
            f"{AT}.calling_configure.max_talk_time: is true or false where the service has a whole number.",
        ),
        (
            number(calling_configure={"calling": {"call_hours": {"weekly_operating_hours": "x"}}}),
            f"{AT}.calling_configure.calling.call_hours.weekly_operating_hours: must be a list, not text.",
        ),
        (
            number(calling_configure={"calling": {"call_hours": {"holiday_schedule": [{"dat": "x"}]}}}),
            f'{AT}.calling_configure.calling.call_hours.holiday_schedule[0].dat: unknown key; did you mean "date"?',
        ),
        ({"defaults": [], **space()}, "defaults: must be a mapping, not a list."),
        ({"defaults": {"phone_number": "1"}, **space()}, "defaults.phone_number: unknown key; "),
        ({"defaults": {"status": 1}, **space()}, "defaults.status: is a whole number where the service has text;"),
    ],
)
def test_refuses_in_one_sentence_that_names_the_place(desired, message):
    with pytest.raises(DriftInputError) as raised:
        read_desired(desired)
    assert str(raised.value).startswith(message)
    assert str(raised.value).isprintable()


def test_every_field_of_the_service_can_be_desired():
    texts = dict.fromkeys(
        [
            "verified_name",
            "status",
            "quality_rating",
            "code_verification_status",
            "name_status",
            "new_name_status",
            "messaging_limit_tier",
            "status_callback_url",
            "up_callback_url",
            "status_queue",
            "up_queue",
            "is_official",
        ],
        "x",
    )
    hours = {
        "status": "x",
        "timezone_id": "x",
        "call_icon_visibility": "x",
        "callback_permission_status": "x",
        "weekly_operating_hours": [{"day_of_week": "x", "open_time": "x", "close_time": "x"}],
        "holiday_schedule": [{"date": "x", "start_time": "x", "end_time": "x"}],
    }
    calling = {"calling_callback_url": "x", "max_talk_time": 5, "calling": {"status": "x", "call_hours": hours}}
    fields = {**texts, "calling_configure": calling}
    (read,) = read_desired(number(**fields))
    assert {field: check.wanted for field, check in read.numbers["1"].checks.items()} == fields


def test_the_place_counts_from_the_start_of_the_state():
    desired = {
        "spaces": [{"phone_numbers": []}, *space({"phone_number": "1"}, {"phone_number": "2", "staus": ""})["spaces"]]
    }
    desired["spaces"][1]["cust_space_id"] = "a"
    with pytest.raises(DriftInputError, match=r"^spaces\[1\]\.phone_numbers\[1\]\.staus"):
        read_desired(desired)
