# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a desired state may not say. Every refusal is one sentence that begins with the place."""

from __future__ import annotations

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.desired import merge, read_desired
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import Vaulted

AT = "spaces[0].phone_numbers[0]"


def space(*numbers, **more):
    return {"spaces": [{"phone_numbers": list(numbers), **more}]}


def number(**fields):
    return space({"phone_number": "1", **fields})


@pytest.mark.parametrize(
    "desired, message",
    [
        (None, "The desired state: must be a mapping, not nothing."),
        ("spaces: []", "The desired state: must be a mapping, not text."),
        (
            ' {"spaces": []}',
            "The desired state: must be a mapping, not text; read it with from_json or from_yaml first.",
        ),
        ([], "spaces: nothing is desired here; list at least one phone number."),
        ([number(), None], "desired[1]: The desired state: must be a mapping, not nothing."),
        ([number(), number(status=5)], f"desired[1]: {AT}.status: is a whole number where"),
        ([number(), number()], "desired[1]: spaces[0].cust_space_id: the same as in desired[0]: spaces[0]; make one"),
        ({}, "spaces: is missing."),
        ({"spaces": []}, "spaces: nothing is desired here; list at least one phone number."),
        (space(unlisted="ignore"), "spaces: nothing is desired here; list at least one phone number."),
        ({"drift_check_desired": {}}, "spaces: is missing."),
        ({"drift_check_desired": None}, 'drift_check_desired: has no value; write "" for an empty one'),
        ({"drift_check_desired": number(), "x": 1}, "x: unknown key; known here: drift_check_desired."),
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
        (space({"phone_number": 1.5}), f"{AT}.phone_number: must be text, not a number with a fraction."),
        (space({"phone_number": "none"}), f"{AT}.phone_number: has no digits; numbers are compared by them."),
        (
            space({"phone_number": "٣"}),
            f"{AT}.phone_number: has digits other than 0 to 9; numbers are compared by those.",
        ),
        (
            space({"phone_number": "1٣"}),
            f"{AT}.phone_number: has digits other than 0 to 9; numbers are compared by those.",
        ),
        (
            space({"phone_number": "6591234567,6598765432"}),
            f"{AT}.phone_number: must be one number; give each an entry",
        ),
        (
            space(cust_space_id="cams-a,cams-b"),
            "spaces[0].cust_space_id: must be one ID; give each sub-customer an entry",
        ),
        (
            space(cust_space_id="cams-a\n"),
            "spaces[0].cust_space_id: has a blank, a line break or an invisible character",
        ),
        (
            space(cust_space_id=" cams-a"),
            "spaces[0].cust_space_id: has a blank, a line break or an invisible character",
        ),
        (space(cust_space_id="cams-a\u200b"), "spaces[0].cust_space_id: has a blank, a line break or an invisible"),
        (space(cust_space_id="cams\x1b-a"), "spaces[0].cust_space_id: has a blank, a line break or an invisible"),
        (number(other="x"), f"{AT}.other: must be a mapping, not text."),
        (number(other={"status": "x"}), f"{AT}.other.status: this key is known; write it beside other, not under it."),
        (number(other={"phone_number": "1"}), f"{AT}.other.phone_number: this key is known; write it beside other"),
        (number(other={"new": None}), f'{AT}.other.new: has no value; write "" for an empty one'),
        (number(other={"new": {}}), f"{AT}.other.new: an empty mapping checks nothing; leave it out or name a field."),
        (number(other={"new": {"a": [1, None]}}), f'{AT}.other.new.a[1]: has no value; write "" for an empty one'),
        (number(other={"new": {"matches": "("}}), f"{AT}.other.new.matches: no regular expression: "),
        (
            number(calling_configure={"other": {"max_talk_time": 5}}),
            f"{AT}.calling_configure.other.max_talk_time: this key is known; write it beside other, not under it.",
        ),
        ({"defaults": {"other": {"status": "x"}}, **space()}, "defaults.other.status: this key is known; write it"),
        (
            space({"phone_number": "1-2"}, {"phone_number": "3"}, {"phone_number": 12}),
            "spaces[0].phone_numbers[2].phone_number: the same number as in phone_numbers[0]; keep one.",
        ),
        (number(staus="x"), f'{AT}.staus: unknown key; did you mean "status"?'),
        (number(**{"\x1b": "x"}), rf"{AT}.\x1b: unknown key; known here: phone_number, verified_name,"),
        (number(status=None), f'{AT}.status: has no value; write "" for an empty one, or leave the key out.'),
        (
            number(status=5),
            f"{AT}.status: is a whole number where the service has text; put it in quotes, or end the template that makes it with | string.",
        ),
        (
            number(status=True),
            f"{AT}.status: is true or false where the service has text; put it in quotes, or end the template that makes it with | string.",
        ),
        (number(status=[["x"]]), f"{AT}.status[0]: is a list where the service has text."),
        (
            number(status=["x", None]),
            f"{AT}.status[1]: is nothing where the service has text; put it in quotes, or end the template that makes it with | string.",
        ),
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
            number(calling_configure={"max_talk_time": "five"}),
            f"{AT}.calling_configure.max_talk_time: is text where the service has a whole number.",
        ),
        (
            number(calling_configure={"max_talk_time": 5.5}),
            f"{AT}.calling_configure.max_talk_time: is a number with a fraction where the service has a whole number.",
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
    beside = {"call_icon_visibility": "x", "callback_permission_status": "x"}
    calling = {
        "calling_callback_url": "x",
        "max_talk_time": 5,
        "calling": {"status": "x", **beside, "call_hours": hours},
    }
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


def test_several_states_are_read_as_one_with_their_own_defaults():
    own = {"drift_check_desired": {"defaults": {"status": "A"}, **number()}}
    customers = {
        "defaults": {"status": "B"},
        "spaces": [{"cust_space_id": "c", "phone_numbers": [{"phone_number": "1"}]}],
    }
    merged = merge([("own.yml", own), ("customers.yml", customers)])
    assert merged == [own["drift_check_desired"], customers]
    first, second = read_desired(merged)
    assert (first.cust_space_id, second.cust_space_id) == (None, "c")
    assert [read.numbers["1"].checks["status"].wanted for read in (first, second)] == ["A", "B"]


@pytest.mark.parametrize(
    "states, message",
    [
        ([number(), number()], "b.yml: spaces[0].cust_space_id: the same as in a.yml: spaces[0]; make one of both."),
        ([number(), number(staus="x")], f'b.yml: {AT}.staus: unknown key; did you mean "status"?'),
        ([number(), "x"], "b.yml: The desired state: must be a mapping, not text."),
        ([space(unlisted="ignore")], "spaces: nothing is desired here; list at least one phone number."),
        ([], "spaces: nothing is desired here; list at least one phone number."),
    ],
)
def test_what_is_wrong_in_one_of_several_states_is_told_with_its_name(states, message):
    with pytest.raises(DriftInputError) as raised:
        merge(list(zip(["a.yml", "b.yml"], states)))
    assert str(raised.value) == message


@pytest.mark.parametrize(
    "desired",
    [
        {"spaces": [{"phone_numbers": [], "unlisted": Vaulted("SECRET")}]},
        {"spaces": Vaulted("SECRET")},
        {"spaces": Vaulted("[SECRET")},
        {"defaults": Vaulted("SECRET"), "spaces": []},
        space({"phone_number": Vaulted("SECRET")}),
        space({"phone_number": Vaulted("1,2 SECRET")}),
        space(cust_space_id=Vaulted(" SECRET")),
        number(calling_configure={"max_talk_time": Vaulted("SECRET")}),
        number(calling_configure=Vaulted("SECRET")),
        number(status={"matches": Vaulted("(?P=SECRET)")}),
    ],
)
def test_no_refusal_shows_vaulted_text(desired):
    with pytest.raises(DriftInputError) as raised:
        read_desired(desired)
    assert "SECRET" not in str(raised.value)


def test_a_vaulted_text_and_the_same_text_are_told_apart():
    for value, shown in (("same", "same"), (Vaulted("same"), "(vaulted)"), ("same", "same")):
        (read,) = read_desired(number(status=value, up_callback_url=value))
        assert [check.wanted for check in read.numbers["1"].checks.values()] == [shown, shown]
        assert all(check.accepts("same") and not check.accepts("other") for check in read.numbers["1"].checks.values())
