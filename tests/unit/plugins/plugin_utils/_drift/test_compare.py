# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison, case by case; every row it makes is looked at whole."""

from __future__ import annotations

import re

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.compare import drift
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError, identity
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import Vaulted

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
        (
            "status",
            "CONNECTED",
            "connected",
            "status is 'connected', desired 'CONNECTED'; they differ only in upper and lower case",
        ),
        ("status", "CONNECTED", None, "status is absent, desired 'CONNECTED'"),
        ("status", ["A", ""], "B", "status is 'B', desired 'A' or empty"),
        (
            "status",
            {"matches": "CONNECTED"},
            "DISCONNECTED",
            "status is 'DISCONNECTED', desired a match of 'CONNECTED'",
        ),
        ("verified_name", "Shop", "Shop ", "verified_name is 'Shop ', desired 'Shop'; they differ only in blanks"),
        ("verified_name", {"matches": "Shop"}, "Shop ", "verified_name is 'Shop ', desired a match of 'Shop'"),
        ("up_callback_url", "", "https://h/", "up_callback_url is 'https://h/', desired empty"),
        (
            "up_callback_url",
            "https://h/",
            "https://H/",
            "up_callback_url is 'https://H/', desired 'https://h/'; they differ only in upper and lower case",
        ),
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
        "cust_space_ids": None,
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
    denied = unread("d", code="Ram.PermissionDeny", message="No.")
    report = drift([unread("c"), first, result({"phone_number": "5"}, space="extra"), denied, unread("e")], desired)
    assert [
        (row["cust_space_id"], row["phone_number"], row["kind"], row["field"], row["cust_space_ids"], row["message"])
        for row in report["rows"]
    ] == [
        ("never", None, "unreadable", None, None, "could not be read: it was never asked for"),
        (
            None,
            None,
            "unreadable",
            None,
            ["c", "e"],
            "2 sub-customers (c and e) could not be read: TimedOut: No answer within 10 s.",
        ),
        ("a", "1", "in_sync", None, None, "is as desired"),
        ("a", "2", "missing", None, None, "is desired, but was not found"),
        ("a", "3", "differs", "status", None, "status is 'BANNED', desired 'CONNECTED'"),
        ("a", "3", "differs", "up_callback_url", None, "up_callback_url is 'https://h/', desired empty"),
        ("a", "8", "unlisted", None, None, "was found, but is not desired"),
        ("a", "9", "unlisted", None, None, "was found, but is not desired"),
        (
            "extra",
            None,
            "unlisted",
            None,
            None,
            "was read, but the desired state has no space for it (1 phone number: 5)",
        ),
        ("d", None, "unreadable", None, None, "could not be read: Ram.PermissionDeny: No."),
    ]
    assert report["summary"] == {"checked": 3, "in_sync": 1, "differs": 1, "missing": 1, "unlisted": 3, "unreadable": 4}
    assert (report["schema"], report["status"]) == (1, "error")
    drifted = report["findings"][3]
    assert report["verdict"] == [
        f"UNREADABLE: 4 of 6 spaces could not be read. The first: {report['findings'][0].partition(': ')[2]}.",
        f"DRIFT: 3 phone numbers checked, 1 differs, 1 missing, 3 unlisted. The first: {drifted.partition(': ')[2]}.",
    ]
    assert report["findings"] == [
        "unreadable: all numbers of never: could not be read: it was never asked for",
        "unreadable: 2 sub-customers (c and e) could not be read: TimedOut: No answer within 10 s.",
        "unreadable: all numbers of d: could not be read: Ram.PermissionDeny: No.",
        "missing: 2 of a: is desired, but was not found",
        "differs: 3 of a: status is 'BANNED', desired 'CONNECTED'",
        "differs: 3 of a: up_callback_url is 'https://h/', desired empty",
        "unlisted: 8 of a: was found, but is not desired",
        "unlisted: 9 of a: was found, but is not desired",
        "unlisted: all numbers of extra: was read, but the desired state has no space for it (1 phone number: 5)",
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
        "cust_space_ids": None,
    }
    assert (report["summary"]["checked"], report["summary"]["in_sync"], len(report["rows"])) == (1, 1, 2)


def test_an_account_may_be_desired_empty():
    desired = {"spaces": [want()]}
    assert drift(result(), desired)["status"] == "in_sync"
    assert drift(result({"phone_number": "1"}), desired)["status"] == "drift"


CRASHED = {"failed": True, "msg": "MODULE FAILURE\nSee stdout/stderr for the exact error", "rc": 1, "changed": False}


@pytest.mark.parametrize(
    "facts, said",
    [
        ({"skipped": True, "changed": False, "skip_reason": "Conditional result was False"}, "its task was skipped"),
        ({"results": [], "skipped": True, "skipped_reason": "No items in the list"}, "its task was skipped"),
        ({"failed": True, "msg": "endpoint: no URL", "queries": [], "phone_numbers": []}, "endpoint: no URL"),
        ({"unreachable": True, "msg": "no route"}, "no route"),
        ({"failed": True, "msg": "A first line\nand\r\n a second"}, "A first line and a second"),
        ({"failed": True, "exception": "Traceback\n  File x\nKeyError: 'x'\n"}, "KeyError: 'x'"),
        ({"failed": True, "exception": "(traceback unavailable)"}, "it is no whole registered result of the module"),
        (
            {
                "failed": True,
                "code": "NoCredentials",
                "message": "No key. " * 50,
                "remedy": "Set it. " * 50,
                "msg": "x",
            },
            f"NoCredentials: {('No key. ' * 50)[:285]}… (115 more characters) {'Set it. ' * 50}",
        ),
        (
            {"failed": True, "code": "InvalidOption", "message": "endpoint: " + "x" * 400, "remedy": None, "msg": "x"},
            "endpoint: " + "x" * 400,
        ),
        (CRASHED, "MODULE FAILURE"),
        ({**CRASHED, "module_stderr": "", "module_stdout": ""}, "MODULE FAILURE: no output (exit code 1)"),
        (
            {**CRASHED, "module_stderr": "/bin/sh: 1: /x/python: not found\n"},
            "MODULE FAILURE: /bin/sh: 1: /x/python: not found",
        ),
        (
            {**CRASHED, "module_stdout": "", "module_stderr": "Killed\nShared connection to h closed.\n"},
            "MODULE FAILURE: Killed",
        ),
        (
            {**CRASHED, "module_stdout": "ImportError: x", "module_stderr": "\r\n"},
            "MODULE FAILURE: ImportError: x",
        ),
        (
            {**CRASHED, "module_stderr": "  File\nSyntaxError: invalid syntax\n"},
            "MODULE FAILURE: SyntaxError: invalid syntax; the module needs Python 3.9 or newer, see ansible_python_interpreter",
        ),
        (
            {
                **CRASHED,
                "module_stderr": "ValueError: key 'LTAI5tSampleKeyOfTheDemo' of SampleSecretOfTheDemoAccount01",
            },
            "MODULE FAILURE: ValueError: key '…' of …",
        ),
        ({"ansible_job_id": "1", "started": 1}, "it is no whole registered result of the module"),
        ({}, "it is no whole registered result of the module"),
        ({"queries": [], "phone_numbers": None}, "it is no whole registered result of the module"),
        ({"queries": ["x"], "phone_numbers": []}, "it is no whole registered result of the module"),
        (
            {"phone_number": NUMBER, "status": "CONNECTED"},
            "it is a phone number; hand over the registered result itself, not its phone_numbers",
        ),
    ],
)
def test_a_result_that_says_nothing_is_never_in_sync(facts, said):
    desired, whole = {"spaces": [want({"phone_number": NUMBER})]}, result({"phone_number": NUMBER})
    for given in ([whole, facts], [facts, whole]):
        report = drift(given, desired)
        assert report["status"] == "error"
        in_sync, last = report["rows"]
        assert (in_sync["kind"], last["kind"], last["cust_space_ids"]) == ("in_sync", "unreadable", [])
        assert last["message"] == f"A result without queries says nothing of any phone number: {said}"
        assert report["verdict"][0].startswith(f"UNREADABLE: 1 answer says nothing. The first: {last['message']}")
    report = drift(facts, desired)
    assert (report["status"], report["summary"]["unreadable"]) == ("error", 1)
    (row,) = report["rows"]
    assert (row["cust_space_id"], row["message"]) == (None, f"could not be read: {said}")
    assert "SECRET" not in str(report)


def test_a_task_that_failed_for_all_is_told_once_and_counted_right():
    desired = {"spaces": [want(), *(want(space=f"many-{number}") for number in range(1, 31))]}
    failed = {"failed": True, "msg": "NoCredentials: No key. Set it.", "queries": [], "phone_numbers": []}
    report = drift([failed, {"results": [failed, failed]}], desired)
    (row,) = report["rows"]
    assert (row["cust_space_id"], row["cust_space_ids"][:2], len(row["cust_space_ids"])) == (None, [None, "many-1"], 31)
    assert row["message"] == (
        "the account's own numbers and 30 sub-customers (many-1, many-2, many-3 and 27 more) could not be read: "
        "NoCredentials: No key. Set it."
    )
    assert report["summary"]["unreadable"] == 31
    assert report["verdict"] == [f"UNREADABLE: 31 of 31 spaces could not be read. The first: {row['message']}"]


def test_a_batch_that_failed_is_the_reason_of_those_that_were_in_it():
    desired = {"spaces": [want({"phone_number": "1"}, space="a"), want(space="b"), want(space="c")]}
    failed = {"failed": True, "msg": "MODULE FAILURE", "module_stderr": "Killed"}
    report = drift([result({"phone_number": "1"}, space="a"), failed, {"skipped": True}], desired)
    assert [row["message"] for row in report["rows"]] == [
        "is as desired",
        "2 sub-customers (b and c) could not be read: MODULE FAILURE: Killed; its task was skipped",
    ]


def test_an_early_stop_is_told_by_what_stopped_it():
    facts = unread("a", code="SignatureDoesNotMatch", message="No.", remedy="Check it.", request_id="R-1")
    for space in "bcd":
        more = unread(space, code="NotAsked", message="Not asked.", remedy="Mend the failure.")
        facts["queries"] += more["queries"]
        facts["failures"] += more["failures"]
    (row,) = drift(facts, {"spaces": [want(space=space) for space in "abcd"]})["rows"]
    assert row["message"] == (
        "4 sub-customers (a, b, c and 1 more) could not be read: SignatureDoesNotMatch: No. Check it. (request id R-1) "
        "(3 of them were not asked after that)"
    )
    rows = drift(facts, {"spaces": [want(space="b")]})["rows"]
    assert [row["cust_space_ids"] for row in rows] == [["b", "a", "c", "d"]]
    facts["failures"] = facts["failures"][1:]
    assert drift(facts, {"spaces": [want(space="b")]})["rows"][0]["message"].endswith(
        "NotAsked: Not asked. Mend the failure."
    )


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


def test_phone_numbers_that_no_query_names_are_no_answer():
    facts = result({"phone_number": "1"})
    facts["phone_numbers"].append({"phone_number": "2", "cust_space_id": "a"})
    in_sync, unreadable = drift(facts, {"spaces": [want({"phone_number": "1"})]})["rows"]
    assert (unreadable["cust_space_id"], unreadable["kind"]) == ("a", "unreadable")
    assert "phone numbers of it, but no query for it" in unreadable["message"]


@pytest.mark.parametrize(
    "kept, said", [(0, "counts 2 phone numbers, the facts hold 0"), (1, "counts 2 phone numbers, the facts hold 1")]
)
def test_a_result_that_was_cut_is_no_answer(kept, said):
    facts = result({"phone_number": "1"}, {"phone_number": "2"})
    facts["phone_numbers"] = facts["phone_numbers"][:kept]
    (row,) = drift(facts, {"spaces": [want({"phone_number": "1"}, unlisted="ignore")]})["rows"]
    assert row["kind"] == "unreadable" and said in row["message"]
    facts["queries"][0]["phone_number_count"] = 1
    facts["phone_numbers"] = [{"phone_number": "1"}, {"phone_number": "2"}]
    (row,) = drift(facts, {"spaces": [want({"phone_number": "1"}, unlisted="ignore")]})["rows"]
    assert "counts 1 phone number, the facts hold 2" in row["message"]


def test_facts_without_some_numbers_are_refused():
    facts = result({"phone_number": "1"})
    facts["queries"][0]["status"] = "CONNECTED"
    with pytest.raises(
        DriftInputError, match="^The facts were asked for with status 'CONNECTED'.*without the option status"
    ):
        drift(facts, {"spaces": [want({"phone_number": "1"})]})
    facts["queries"][0]["status"] = None
    assert drift(facts, {"spaces": [want({"phone_number": "1"})]})["status"] == "in_sync"


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


SEVERAL_ANSWERS = (
    "could not be read: it was read more than once, with different answers; compare each account's facts on"
)


@pytest.mark.parametrize("place", [lambda one, two: [one, two], lambda one, two: {"results": [one, [[two]]]}])
def test_readings_that_do_not_agree_are_no_answer(place):
    desired = {"spaces": [want({"phone_number": "1", "status": "CONNECTED"}, space="a", unlisted="ignore")]}
    good, bad = (result({"phone_number": "1", "status": status}, space="a") for status in ("CONNECTED", "BANNED"))
    more = result({"phone_number": "1", "status": "CONNECTED"}, {"phone_number": "2"}, space="a")
    none = result(space="a")
    for other in (bad, more, none, unread("a")):
        for one, two in ((good, other), (other, good)):
            report = drift(place(one, two), desired)
            (row,) = report["rows"]
            assert (report["status"], row["cust_space_id"], row["kind"]) == ("error", "a", "unreadable")
            assert row["message"].startswith(SEVERAL_ANSWERS)
            assert drift([place(one, two), good], desired)["rows"] == report["rows"]
    assert drift([unread("a"), good], desired)["rows"][0]["message"].endswith("TimedOut: No answer within 10 s.")


def test_readings_that_agree_count_once():
    numbers = {"phone_number": "1", "status": "CONNECTED"}, {"phone_number": "2"}
    report = drift([result(*numbers), result(*numbers[::-1])], {"spaces": [want(*numbers)]})
    assert (report["status"], report["summary"]["checked"]) == ("in_sync", 2)


def test_failures_that_do_not_agree_are_both_told():
    denied = unread("a", code="Ram.PermissionDeny", message="No.")
    (row,) = drift([unread("a"), denied, unread("a")], {"spaces": [want(space="a")]})["rows"]
    assert row["message"] == (
        "could not be read: TimedOut: No answer within 10 s.; another time Ram.PermissionDeny: No."
    )


def test_a_number_answered_in_two_versions_must_be_right_in_both():
    facts = result({"phone_number": "1", "status": "BANNED"}, {"phone_number": "+1", "status": "CONNECTED"})
    report = drift(facts, {"spaces": [want({"phone_number": "1", "status": "CONNECTED"})]})
    assert [row["actual"] for row in report["rows"]] == ["BANNED"]


@pytest.mark.parametrize(
    "facts, kind", [(None, "nothing"), ("facts", "text"), (1, "a whole number"), ([None], "nothing"), ([["x"]], "text")]
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
        [
            result({"phone_number": "1", "verified_name": hostile}, {"phone_number": hostile}, space="a"),
            result(space="a\x1b"),
        ],
        {"spaces": [want({"phone_number": "1", "verified_name": "Shop"}, space="a")]},
    )
    differs, unlisted, another = report["rows"]
    assert another["cust_space_id"] == r"a\x1b"
    assert differs["actual"] == hostile
    assert len(differs["message"]) < 400
    assert "{{ 7 * 7 }}" in differs["message"]
    for row in report["rows"]:
        assert row["message"].isprintable() and row["cust_space_id"].isprintable()
        assert row["phone_number"] is None or row["phone_number"].isprintable()
    for text in report["verdict"] + report["findings"]:
        assert text.isprintable() and len(text) < 400
    assert unlisted["phone_number"].startswith(r"\x1b[31m\u202e\x9b\n{{ 7 * 7 }}")


@pytest.mark.parametrize(
    "wanted, actual",
    [
        ("x", "x"),
        (5, 5),
        (5, "5"),
        ("5", 5),
        ("1.5", 1.5),
        (True, True),
        (True, "true"),
        ("True", True),
        (False, "FALSE"),
        ("", None),
        ("", []),
        ("", {}),
        ([], None),
        (["a", "b"], "b"),
        (["a", "b"], ["a", "b"]),
        ([["a", "b"], "c"], ["a", "b"]),
        (["a", {"matches": "b+"}], "bb"),
        ({"matches": "b+"}, "bb"),
        ({"matches": "true|5"}, True),
        ({"matches": "true|5"}, 5),
        ({"a": {"b": ["x", "y"]}}, {"a": {"b": "y", "c": 1}, "d": 2}),
        ({"a": [{"b": 1}]}, {"a": [{"b": "1", "c": 2}]}),
        (float("nan"), float("nan")),
    ],
)
def test_a_field_that_no_table_knows_is_accepted(wanted, actual):
    for desired in (
        {"spaces": [want({"phone_number": "1", "other": {"new": wanted}})]},
        {"defaults": {"other": {"new": wanted}}, "spaces": [want({"phone_number": "1"})]},
    ):
        assert drift(result({"phone_number": "1", "new": actual}), desired)["status"] == "in_sync"
    nested = {"spaces": [want({"phone_number": "1", "calling_configure": {"other": {"new": wanted}}})]}
    assert drift(result({"phone_number": "1", "calling_configure": {"new": actual}}), nested)["status"] == "in_sync"


@pytest.mark.parametrize(
    "wanted, actual, field, message",
    [
        ("x", "y", "new", "new is 'y', desired 'x'"),
        ("x", None, "new", "new is absent, desired 'x'"),
        (5, 6, "new", "new is 6, desired 5"),
        (1, True, "new", "new is true, desired 1"),
        (True, 1, "new", "new is 1, desired true"),
        (["a", "b"], ["b", "a"], "new", 'new is ["b", "a"], desired ["a", "b"]'),
        (["a", "b"], "c", "new", 'new is \'c\', desired ["a", "b"]'),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "new.a.b", "new.a.b is 2, desired 1"),
        (
            {"hook_url": "h/x?SECRET"},
            {"hook_url": "h/y?SECRET"},
            "new.hook_url",
            "new.hook_url is 'h/y?…', desired 'h/x?…'",
        ),
        ({"matches": "b+"}, {"a": 1}, "new", "new is {\"a\": 1}, desired a match of 'b+'"),
    ],
)
def test_a_field_that_no_table_knows_differs(wanted, actual, field, message):
    (row,) = drift(
        result({"phone_number": "1", "new": actual}),
        {"spaces": [want({"phone_number": "1", "other": {"new": wanted}})]},
    )["rows"]
    assert (row["kind"], row["field"], row["message"]) == ("differs", field, message)


def test_other_fields_of_a_number_and_of_the_defaults_stand_beside_each_other():
    desired = {
        "defaults": {"other": {"a": 1, "b": 1}},
        "spaces": [want({"phone_number": "1", "other": {"b": 2, "c": 3}})],
    }
    assert drift(result({"phone_number": "1", "a": 1, "b": 2, "c": 3}), desired)["status"] == "in_sync"
    rows = drift(result({"phone_number": "1", "a": 2, "b": 1, "c": 4}), desired)["rows"]
    assert [row["field"] for row in rows] == ["a", "b", "c"]


@pytest.mark.parametrize("wanted", [5, "5", " 5 ", "+5", ["4", "5"], Vaulted("5")])
def test_text_that_is_a_whole_number_counts_as_one(wanted):
    assert one("calling_configure", {"max_talk_time": wanted}, CALLING) == []


@pytest.mark.parametrize("wanted, said", [("6", "6"), (["6", 7], "6 or 7"), ("", "empty")])
def test_a_number_made_of_text_is_shown_as_one(wanted, said):
    (row,) = one("calling_configure", {"max_talk_time": wanted}, CALLING)
    assert row["message"] == f"calling_configure.max_talk_time is 5, desired {said}"


def test_the_settings_of_calls_are_accepted_in_both_places():
    fields = {"call_icon_visibility": "SHOWN", "callback_permission_status": "ON"}
    for calling in ({"status": "ON", **fields}, {"call_hours": fields}):
        assert one("calling_configure", {"calling": calling}, {"calling": calling}) == []
        (row, _other) = one(
            "calling_configure", {"calling": calling}, {"calling": {"status": "ON", "call_hours": {"status": "ON"}}}
        )
        assert row["field"].endswith(".call_icon_visibility")


def vaulted_drift(wanted, actual, *more):
    text = "the Vaulted text"
    numbers = [{"phone_number": str(place), **number} for place, number in enumerate(more, 2)]
    facts = result({"phone_number": "1", **actual}, *numbers)
    return drift(facts, {"spaces": [want({"phone_number": "1", **wanted}, *numbers)]}, {text})


NEITHER = "is not as desired; one of the two is vaulted, so that neither is shown"


def test_neither_a_vaulted_value_nor_what_is_in_its_place_is_shown():
    secret = Vaulted("the Vaulted text")
    for wanted in (secret, ["x", secret], {"matches": secret}):
        (row,) = vaulted_drift({"verified_name": wanted}, {"verified_name": "the Vaulted text "})["rows"]
        assert row["kind"] == "differs"
        assert "text" not in str(row).lower()
        assert row["message"] == f"verified_name {NEITHER}"
        assert row["actual"] == "(vaulted)"
    (row,) = vaulted_drift({"verified_name": secret}, {})["rows"]
    assert row["message"] == "verified_name is absent, desired (vaulted)"
    (row,) = vaulted_drift(
        {"calling_configure": {"calling": {"status": secret}}}, {"calling_configure": "the Vaulted"}
    )["rows"]
    assert "Vaulted" not in str(row)


def test_a_vaulted_text_is_taken_out_of_every_other_row():
    text = "the Vaulted text"
    desired = {
        "spaces": [
            want({"phone_number": "1", "verified_name": Vaulted(text)}, {"phone_number": "2", "verified_name": text}),
            want({"phone_number": "3", "verified_name": "x"}, space="a"),
            want(space="b"),
        ]
    }
    facts = [
        result({"phone_number": "1", "verified_name": text}, {"phone_number": "2", "verified_name": "y"}),
        result({"phone_number": "3", "verified_name": f"({text.upper()})"}, {"phone_number": text}, space="a"),
        unread("b", message="x" * 290 + text, remedy=f"Mend {text}."),
        result(space=text),
        {"failed": True, "msg": f"a task that knows {text}"},
    ]
    report = drift(facts, desired, {text})
    assert text.lower() not in str(report).lower() and "the Va" not in str(report)
    assert [row["kind"] for row in report["rows"]] == [
        *("in_sync", "differs", "differs", "unlisted", "unreadable", "unlisted", "unreadable")
    ]


def test_a_vaulted_text_is_no_label_and_no_hint():
    secret = Vaulted("8613800001234")
    numbers = [{"phone_number": secret.plain, "status": secret}, {"phone_number": "2", "status": "86138OOO01234"}]
    facts = result(*({**number, "status": secret.plain} for number in numbers))
    report = drift(facts, {"spaces": [want(*numbers)]}, {secret.plain})
    assert [row["phone_number"] for row in report["rows"]] == ["(vaulted)", "2"]
    assert report["rows"][1]["message"] == f"status {NEITHER}"


def test_a_short_vaulted_text_takes_no_word_apart():
    desired = {"spaces": [want({"phone_number": "1", "status": Vaulted("ED"), "verified_name": "x"})]}
    report = drift(result({"phone_number": "1", "status": "ED", "verified_name": "RED"}), desired, {"ED"})
    assert report["rows"][0]["message"] == "verified_name is 'RED', desired 'x'"


def test_a_vaulted_sub_customer_is_named_by_its_place():
    desired = {"spaces": [{"cust_space_id": Vaulted("cams-of-the-vault"), "phone_numbers": []}]}
    report = drift([], desired, {"cams-of-the-vault"})
    assert report["rows"][0]["cust_space_id"] == "(vaulted: spaces[0])"
    assert drift(result(space="cams-of-the-vault"), desired)["status"] == "in_sync"


def test_a_vaulted_whole_number_or_pattern_is_compared_and_not_shown():
    def calling(value):
        return {"calling_configure": {"max_talk_time": value}}

    (row,) = vaulted_drift(calling(Vaulted("5")), calling(6))["rows"]
    assert (row["desired"], row["actual"]) == ("(vaulted)", "(vaulted)")
    (row,) = vaulted_drift(calling(Vaulted("5")), calling(5))["rows"]
    assert row["kind"] == "in_sync"
    (row,) = vaulted_drift({"verified_name": {"matches": Vaulted("A.*")}}, {"verified_name": "Beta"})["rows"]
    assert "Beta" not in str(row) and "A.*" not in str(row)
    (row,) = vaulted_drift({"verified_name": {"matches": Vaulted("A.*")}}, {"verified_name": "Alpha"})["rows"]
    assert row["kind"] == "in_sync"


@pytest.mark.parametrize(
    "wanted",
    [
        {"in_url": "https://h/in?t=WANTED"},
        {"in_url": ["https://h/in?t=WANTED", "https://h/other?t=WANTED"]},
        {"in_url": {"matches": "https://h/in[?]t=WANTED"}},
        {"nested": {"in_url": "https://h/in?t=WANTED"}},
        {"in_url": 5},
    ],
)
def test_a_url_that_no_table_knows_shows_no_secret(wanted):
    found = {"in_url": "https://h/in?t=FOUND", "nested": {"in_url": "https://h/in?t=FOUND"}}
    rows = vaulted_drift({"other": wanted}, found)["rows"]
    assert {row["kind"] for row in rows} == {"differs"}
    assert "FOUND" not in str(rows) and "https://h/in?…" in str(rows)
    assert "t=WANTED" not in str(rows) or "matches" in str(wanted)
