# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison, case by case; every row it makes is looked at whole."""

from __future__ import annotations

import re

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.compare import drift
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError, identity

NUMBER = "8613800001234"
CALLING = {
    "calling_callback_url": "https://h/call",
    "max_talk_time": 5,
    "calling": {
        "status": "ENABLED",
        "call_hours": {
            "status": "ENABLED",
            "weekly_operating_hours": [
                {"day_of_week": "MONDAY", "open_time": "0900", "close_time": "1800"},
                {"day_of_week": "FRIDAY", "open_time": "0900", "close_time": "1200"},
            ],
        },
    },
}


def result(*numbers, space=None, **more):
    own = {} if space is None else {"cust_space_id": space}
    return {
        "changed": False,
        "phone_numbers": [{**number, **own} for number in numbers],
        "queries": [{"cust_space_id": space, "request_id": "R", "phone_number_count": len(numbers), "attempts": 1}],
        "failures": [],
        **more,
    }


def unread(space, **failure):
    return {
        "failed": True,
        "msg": "1 of 1 could not be read",
        "phone_numbers": [],
        "queries": [{"cust_space_id": space, "request_id": None, "phone_number_count": None, "attempts": 6}],
        "failures": [{"cust_space_id": space, "code": "TimedOut", "message": "No answer within 10 s.", **failure}],
    }


def want(*numbers, space=None, **more):
    own = {} if space is None else {"cust_space_id": space}
    return {**own, "phone_numbers": list(numbers), **more}


def one(field, wanted, actual):
    """Compare one field of one number; return its rows that are not in sync."""
    report = drift(
        result({"phone_number": NUMBER, field: actual}),
        {"spaces": [want({"phone_number": NUMBER, field: wanted})]},
    )
    return [row for row in report["rows"] if row["kind"] != "in_sync"]


@pytest.mark.parametrize(
    "field, wanted, actual",
    [
        ("status", "CONNECTED", "CONNECTED"),
        ("status", ["PENDING", "CONNECTED"], "CONNECTED"),
        ("status", ["PENDING", {"matches": "CONN.*"}], "CONNECTED"),
        ("up_callback_url", "", ""),
        ("up_callback_url", "", None),
        ("up_callback_url", "", "\n"),
        ("up_callback_url", "https://h/x?a=b", "https://h/x?a=b\n"),
        ("up_callback_url", " https://h/x?a=b ", "https://h/x?a=b"),
        ("up_callback_url", ["https://h/", " https://h/x "], "https://h/x\n"),
        ("up_callback_url", {"matches": "https://h/.*"}, " https://h/x\n"),
        ("verified_name", "Shop ", "Shop "),
        ("verified_name", {"matches": "(Shop)?"}, None),
        ("verified_name", ["", "Shop"], None),
        ("calling_configure", "", None),
        ("calling_configure", "", {}),
        ("calling_configure", {"max_talk_time": 5}, CALLING),
        ("calling_configure", CALLING, CALLING),
        ("calling_configure", {"calling_callback_url": ""}, None),
        ("calling_configure", ["", {"max_talk_time": [4, 5]}], CALLING),
        ("calling_configure", {"calling": {"call_hours": {"holiday_schedule": []}}}, CALLING),
    ],
)
def test_accepts(field, wanted, actual):
    assert one(field, wanted, actual) == []


@pytest.mark.parametrize(
    "field, wanted, actual, message",
    [
        ("status", "CONNECTED", "BANNED", "status is 'BANNED', desired 'CONNECTED'"),
        ("status", "CONNECTED", "connected", "status is 'connected', desired 'CONNECTED'"),
        ("status", "CONNECTED", None, "status is absent, desired 'CONNECTED'"),
        ("status", ["A", ""], "B", "status is 'B', desired 'A' or empty"),
        (
            "status",
            {"matches": "CONNECTED"},
            "DISCONNECTED",
            "status is 'DISCONNECTED', desired a match of 'CONNECTED'",
        ),
        ("verified_name", "Shop", "Shop ", "verified_name is 'Shop ', desired 'Shop'"),
        ("verified_name", {"matches": "Shop"}, "Shop ", "verified_name is 'Shop ', desired a match of 'Shop'"),
        ("up_callback_url", "", "https://h/", "up_callback_url is 'https://h/', desired empty"),
        ("up_callback_url", "https://h/", "https://H/", "up_callback_url is 'https://H/', desired 'https://h/'"),
        ("calling_configure", {"max_talk_time": 5}, None, 'calling_configure is absent, desired {"max_talk_time": 5}'),
        (
            "calling_configure",
            {"calling_callback_url": ""},
            "on",
            'calling_configure is \'on\', desired {"calling_callback_url": ""}',
        ),
    ],
)
def test_tells_what_differs(field, wanted, actual, message):
    (row,) = one(field, wanted, actual)
    assert row == {
        "cust_space_id": None,
        "phone_number": NUMBER,
        "kind": "differs",
        "field": field,
        "desired": wanted,
        "actual": actual,
        "message": message,
    }


def test_a_nested_difference_is_named_by_its_path():
    (row,) = one("calling_configure", {**CALLING, "max_talk_time": 6}, CALLING)
    assert (row["field"], row["desired"], row["actual"]) == ("calling_configure.max_talk_time", 6, 5)


def test_a_number_where_text_came_differs():
    (row,) = one("calling_configure", {"max_talk_time": 5}, {"max_talk_time": "5"})
    assert row["message"] == "calling_configure.max_talk_time is '5', desired 5"


def test_entries_of_a_list_stand_each_in_their_place():
    hours = CALLING["calling"]["call_hours"]["weekly_operating_hours"]
    wanted = {"calling": {"call_hours": {"weekly_operating_hours": hours[::-1]}}}
    (row,) = one("calling_configure", wanted, CALLING)
    assert row["field"] == "calling_configure.calling.call_hours.weekly_operating_hours"
    wanted["calling"]["call_hours"]["weekly_operating_hours"] = hours[:1]
    assert len(one("calling_configure", wanted, CALLING)) == 1
    wanted["calling"]["call_hours"]["weekly_operating_hours"] = [
        {"day_of_week": "MONDAY"},
        {"close_time": ["1200", "1300"]},
    ]
    assert one("calling_configure", wanted, CALLING) == []


def test_defaults_hold_for_every_number_that_says_nothing_else():
    desired = {
        "defaults": {"status": "CONNECTED"},
        "spaces": [want({"phone_number": "1"}, {"phone_number": "2", "status": "PENDING"})],
    }
    report = drift(
        result({"phone_number": "1", "status": "PENDING"}, {"phone_number": "2", "status": "PENDING"}), desired
    )
    assert [(row["phone_number"], row["kind"]) for row in report["rows"]] == [("1", "differs"), ("2", "in_sync")]


@pytest.mark.parametrize(
    "phone_number, digits",
    [(None, ""), (86138, "86138"), ("86138", "86138"), ("+86 (1) 38", "86138"), ("no", "no"), ("1٣", "1"), ("٣", "٣")],
)
def test_the_identity_of_a_number(phone_number, digits):
    assert identity(phone_number) == digits


@pytest.mark.parametrize("wanted", ["+86 138-0000 1234", "8613800001234", 8613800001234])
def test_numbers_are_told_apart_by_their_digits(wanted):
    report = drift(result({"phone_number": "+8613800001234"}), {"spaces": [want({"phone_number": wanted})]})
    assert report["status"] == "in_sync"


def test_every_kind_of_row_in_order_and_counted():
    first = result(
        {"phone_number": "9", "status": "CONNECTED"},
        {"phone_number": "3", "status": "BANNED", "up_callback_url": "https://h/"},
        {"phone_number": "1", "status": "CONNECTED"},
        {"phone_number": "8", "status": "CONNECTED"},
        space="a",
    )
    desired = {
        "spaces": [
            want(space="never"),
            want({"phone_number": "7"}, space="c"),
            want(
                {"phone_number": "1", "status": "CONNECTED"},
                {"phone_number": "2"},
                {"phone_number": "3", "status": "CONNECTED", "up_callback_url": ""},
                space="a",
            ),
        ]
    }
    report = drift([unread("c"), first, result({"phone_number": "5"}, space="extra"), unread("d")], desired)
    assert [(row["cust_space_id"], row["phone_number"], row["kind"], row["field"]) for row in report["rows"]] == [
        ("never", None, "unreadable", None),
        ("c", None, "unreadable", None),
        ("a", "1", "in_sync", None),
        ("a", "2", "missing", None),
        ("a", "3", "differs", "status"),
        ("a", "3", "differs", "up_callback_url"),
        ("a", "8", "unlisted", None),
        ("a", "9", "unlisted", None),
        ("extra", None, "unlisted", None),
        ("d", None, "unreadable", None),
    ]
    assert report["summary"] == {"checked": 3, "in_sync": 1, "differs": 1, "missing": 1, "unlisted": 3, "unreadable": 3}
    assert (report["schema"], report["status"]) == (1, "error")
    assert [row["message"] for row in report["rows"]] == [
        "could not be read: it was never asked for",
        "could not be read: TimedOut: No answer within 10 s.",
        "is as desired",
        "is desired, but was not found",
        "status is 'BANNED', desired 'CONNECTED'",
        "up_callback_url is 'https://h/', desired empty",
        "was found, but is not desired",
        "was found, but is not desired",
        "was read, but the desired state has no space for it (phone numbers: 1)",
        "could not be read: TimedOut: No answer within 10 s.",
    ]


def test_unlisted_numbers_can_be_ignored():
    desired = {"spaces": [want({"phone_number": "1"}, unlisted="ignore")]}
    assert drift(result({"phone_number": "1"}, {"phone_number": "2"}), desired)["status"] == "in_sync"


@pytest.mark.parametrize(
    "unlisted, message",
    [("drift", "has no phone numbers, as desired"), ("ignore", "was read; no phone number is listed, as desired")],
)
def test_a_space_with_nothing_listed_and_nothing_found_says_that_it_was_read(unlisted, message):
    report = drift(
        [result(space="cams-a"), result({"phone_number": NUMBER})],
        {"spaces": [want(space="cams-a", unlisted=unlisted), want({"phone_number": NUMBER})]},
    )
    assert report["rows"][0] == {
        "cust_space_id": "cams-a",
        "phone_number": None,
        "kind": "in_sync",
        "field": None,
        "desired": None,
        "actual": None,
        "message": message,
    }
    assert (report["summary"]["checked"], report["summary"]["in_sync"], len(report["rows"])) == (1, 1, 2)


def test_an_account_may_be_desired_empty():
    desired = {"spaces": [want()]}
    assert drift(result(), desired)["status"] == "in_sync"
    assert drift(result({"phone_number": "1"}), desired)["status"] == "drift"


@pytest.mark.parametrize(
    "facts, said",
    [
        ({"skipped": True, "changed": False, "skip_reason": "Conditional result was False"}, "its task was skipped"),
        ({"results": [], "skipped": True, "skipped_reason": "No items in the list"}, "its task was skipped"),
        ({"failed": True, "msg": "MODULE FAILURE", "rc": 1}, "MODULE FAILURE"),
        ({"failed": True, "msg": "endpoint: no URL", "queries": [], "phone_numbers": []}, "endpoint: no URL"),
        ({"unreachable": True, "msg": "no route"}, "no route"),
        ({"ansible_job_id": "1", "started": 1}, "it is no whole registered result of the module"),
        ({}, "it is no whole registered result of the module"),
        ({"queries": [], "phone_numbers": None}, "it is no whole registered result of the module"),
        ({"queries": ["x"], "phone_numbers": []}, "it is no whole registered result of the module"),
        ({"phone_number": NUMBER, "status": "CONNECTED"}, "it is no whole registered result of the module"),
    ],
)
def test_a_result_that_says_nothing_is_never_in_sync(facts, said):
    desired, whole = {"spaces": [want({"phone_number": NUMBER})]}, result({"phone_number": NUMBER})
    for given, first in (([whole, facts], "in_sync"), ([facts, whole], "in_sync"), (facts, "unreadable")):
        report = drift(given, desired)
        assert (report["status"], report["rows"][0]["kind"]) == ("error", first)
        last = report["rows"][-1]
        assert (last["kind"], last["cust_space_id"], last["phone_number"]) == ("unreadable", None, None)
        assert last["message"] == f"A result without queries says nothing of any phone number: {said}"


def test_nothing_gathered_is_never_in_sync():
    report = drift([], {"spaces": [want({"phone_number": NUMBER})]})
    assert report["status"] == "error"
    assert report["rows"][0]["message"] == "could not be read: it was never asked for"


def test_what_a_failing_result_read_is_compared():
    facts = result({"phone_number": "1", "status": "BANNED"}, space="a", failed=True, msg="one failed")
    facts["queries"].append({"cust_space_id": "b", "phone_number_count": None})
    facts["failures"].append(
        {
            "cust_space_id": "b",
            "code": "Ram.PermissionDeny",
            "message": "No.",
            "remedy": "Allow it.",
            "request_id": "R-1",
        }
    )
    desired = {"spaces": [want({"phone_number": "1", "status": "CONNECTED"}, space="a"), want(space="b")]}
    report = drift(facts, desired)
    assert report["status"] == "error"
    assert [row["kind"] for row in report["rows"]] == ["differs", "unreadable"]
    assert report["rows"][1]["message"] == ("could not be read: Ram.PermissionDeny: No. Allow it. (request id R-1)")


def test_a_query_without_an_answer_is_unreadable_even_without_its_failure():
    facts = unread("a")
    facts["failures"] = []
    (row,) = drift(facts, {"spaces": [want(space="a")]})["rows"]
    assert (row["kind"], row["message"]) == ("unreadable", "could not be read: no answer came")


def test_a_number_of_a_sub_customer_that_no_query_names_is_unlisted():
    facts = result({"phone_number": "1"})
    facts["phone_numbers"].append({"phone_number": "2", "cust_space_id": "a"})
    in_sync, unlisted = drift(facts, {"spaces": [want({"phone_number": "1"})]})["rows"]
    assert (unlisted["cust_space_id"], unlisted["kind"]) == ("a", "unlisted")


def test_a_missing_number_is_drift():
    assert drift(result(), {"spaces": [want({"phone_number": "1"})]})["status"] == "drift"


def test_a_looped_result_counts_as_its_parts():
    loop = {"results": [result({"phone_number": "1"}, space="a"), result({"phone_number": "2"}, space="b")]}
    desired = {"spaces": [want({"phone_number": "1"}, space="a"), want({"phone_number": "2"}, space="b")]}
    assert drift(loop, desired)["status"] == "in_sync"
    assert drift([loop, [result({"phone_number": "3"}, space="c")]], desired)["summary"]["unlisted"] == 1


def test_a_question_asked_twice_is_answered_once():
    facts = result({"phone_number": "1"}, {"phone_number": "2"}, space="a")
    for key in ("queries", "phone_numbers"):
        facts[key] *= 2
    report = drift(facts, {"spaces": [want({"phone_number": "1"}, space="a")]})
    assert [(row["phone_number"], row["kind"]) for row in report["rows"]] == [("1", "in_sync"), ("2", "unlisted")]


def test_the_last_reading_counts_and_a_retry_heals_a_failure():
    desired = {"spaces": [want({"phone_number": "1", "status": "CONNECTED"}, space="a")]}
    good, bad = (result({"phone_number": "1", "status": status}, space="a") for status in ("CONNECTED", "BANNED"))
    assert drift([unread("a"), good], desired)["status"] == "in_sync"
    assert drift([bad, good], desired)["status"] == "in_sync"
    assert drift([good, bad], desired)["status"] == "drift"


def test_a_number_answered_in_two_versions_must_be_right_in_both():
    facts = result({"phone_number": "1", "status": "BANNED"}, {"phone_number": "+1", "status": "CONNECTED"})
    report = drift(facts, {"spaces": [want({"phone_number": "1", "status": "CONNECTED"})]})
    assert [row["actual"] for row in report["rows"]] == ["BANNED"]


@pytest.mark.parametrize(
    "facts, kind", [(None, "NoneType"), ("facts", "str"), (1, "int"), ([None], "NoneType"), ([["x"]], "str")]
)
def test_facts_that_are_no_result_are_refused(facts, kind):
    message = f"The facts must be a registered result of the module or a list of them, not {kind}."
    with pytest.raises(DriftInputError, match=f"^{re.escape(message)}$"):
        drift(facts, {"spaces": [want()]})


@pytest.mark.parametrize(
    "wanted, actual",
    [
        ("https://h/x?token=aSECRET", "https://h/x?token=bSECRET"),
        (["https://other/", "https://h/x?token=aSECRET"], "https://h/x"),
        ("https://u:aSECRET@h/x", "https://h/x\n"),
        ("https://h/x#aSECRET", "https://h/x#bSECRET"),
        ("h/x?token=aSECRET", "h/x?token=bSECRET"),
        ("//u:aSECRET@h/x", "//u:bSECRET@h/x"),
        ("https://h/x?a=\nSECRET", "https://h/x?a=\tSECRET and more"),
    ],
)
def test_only_the_hidden_part_differs(wanted, actual):
    (row,) = one("status_callback_url", wanted, actual)
    assert re.fullmatch(
        "status_callback_url is '.*', desired '.*'"
        "; they differ only in what is not shown: query string, fragment or user information",
        row["message"],
    )
    assert "SECRET" not in str(row)


@pytest.mark.parametrize(
    "field, wanted, actual",
    [
        ("status_callback_url", "https://h/x?token=SECRET", "https://other/x?token=SECRET"),
        ("status_callback_url", {"matches": r"https://h/\?token=SECRET"}, "https://u:SECRET@h/x?token=SECRET"),
        ("status_callback_url", {"matches": "h/x?SECRET"}, "other/"),
        ("status_callback_url", ["h/x?SECRET", {"matches": "h/y?SECRET"}], "other/"),
        ("verified_name", "see https://h/x?SECRET", "wss://SECRET@h/y?SECRET and https://h?SECRET"),
        ("calling_configure", {"calling_callback_url": "https://h/?SECRET"}, {"calling_callback_url": "h/y?SECRET"}),
        ("calling_configure", {"max_talk_time": 5, "calling_callback_url": "h?SECRET"}, ["https://SECRET@h/"]),
        ("up_queue", "", {"some": ["https://h/?SECRET"], "callback_url": "h?SECRET"}),
    ],
)
def test_no_url_shows_what_may_be_secret(field, wanted, actual):
    (row,) = one(field, wanted, actual)
    assert "SECRET" not in str(row)
    assert "not shown" not in row["message"]


def test_a_failure_that_quotes_a_url_hides_its_query():
    report = drift(
        [unread("a", message="Cannot reach https://u:SECRET@h/?IsvCode=SECRET"), {"msg": "https://h/?SECRET"}],
        {"spaces": [want(space="a")]},
    )
    assert "SECRET" not in str(report)


def test_names_are_shown_as_text_that_no_terminal_acts_on():
    hostile = "\x1b[31m\u202e\x9b\n{{ 7 * 7 }}" + "x" * 10000
    report = drift(
        result({"phone_number": "1", "verified_name": hostile}, {"phone_number": hostile}, space="a\x1b"),
        {"spaces": [want({"phone_number": "1", "verified_name": "Shop"}, space="a\x1b")]},
    )
    differs, unlisted = report["rows"]
    assert differs["actual"] == hostile
    assert len(differs["message"]) < 400
    assert "{{ 7 * 7 }}" in differs["message"]
    for row in report["rows"]:
        assert row["message"].isprintable() and row["cust_space_id"].isprintable() and row["phone_number"].isprintable()
    assert unlisted["phone_number"].startswith(r"\x1b[31m\u202e\x9b\n{{ 7 * 7 }}")
