# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.compare import drift
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.listing import read_listing
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.reasons import Reason, of_task
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import collect
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.unread import Unread, enumerated, named

NO_RESULT = "it is no whole registered result of the module"


@pytest.mark.parametrize(
    "result, why",
    [
        ({"skipped": True, "msg": "x"}, "its task was skipped"),
        ({"code": "NoCredentials", "message": "None."}, "NoCredentials: None."),
        ({"code": "InvalidOption", "message": "timeout is 0."}, "timeout is 0."),
        ({"code": "NoCredentials"}, NO_RESULT),
        ({"message": "None."}, NO_RESULT),
        ({"code": "NoCredentials", "msg": "Said."}, "Said."),
        ({"message": "None.", "msg": "Said."}, "Said."),
        ({"module_stdout": "", "rc": 137}, "The module returned nothing: no output (exit code 137)"),
        ({"module_stderr": "killed\n", "rc": 137}, "The module returned nothing: killed"),
        ({"module_stdout": "out", "module_stderr": "err"}, "The module returned nothing: err"),
        ({"module_stdout": "out", "msg": "MODULE FAILURE.\nSee stdout"}, "MODULE FAILURE: out"),
        ({"exception": "Traceback\n  ValueError: x\n"}, "ValueError: x"),
        ({"msg": "x" * 1000}, "x" * 1000),
        ({"phone_number": "1"}, "it is a phone number; hand over the registered result itself, not its phone_numbers"),
        ({}, NO_RESULT),
    ],
)
def test_why_a_result_says_nothing(result, why):
    assert of_task(result) == why


LISTED = {"cust_space_ids": ["a", "b"], "queries": [{"page": 1}], "failures": []}


def test_a_list_is_whole_where_it_says_so_in_every_way():
    assert read_listing(LISTED) == ({"a": None, "b": None}, None)


@pytest.mark.parametrize(
    "said, why",
    [
        ({"failed": True, "msg": "Stopped."}, "Stopped."),
        ({"queries": [], "msg": "Stopped."}, "Stopped."),
        ({"queries": None, "msg": "Stopped."}, "Stopped."),
        ({"cust_space_ids": None, "msg": "Stopped."}, "Stopped."),
        ({"failures": [{"code": "TimedOut", "message": "Late."}]}, "TimedOut: Late."),
    ],
)
def test_a_list_is_not_whole_where_anything_says_so(said, why):
    assert read_listing({**LISTED, **said}).failure == Reason(why)


def unread(*failures, desired):
    spaces = [failure["cust_space_id"] for failure in failures]
    queries = [{"cust_space_id": space, "phone_number_count": None} for space in spaces]
    result = {"phone_numbers": [], "queries": queries, "failures": list(failures), "failed": True, "msg": "x"}
    return Unread({space: space for space in desired}, collect([result]), lambda value: value)


def failed(space, code="TimedOut"):
    return {"cust_space_id": space, "code": code, "message": "Late."}


def test_of_those_that_share_a_reason_it_says_how_many_were_left_out():
    early = {"code": "NotAsked", "message": "Not asked, since an earlier failure would have come again."}
    [row] = unread(failed("a"), {**early, "cust_space_id": "b"}, desired=["a", "b"]).rows("a")
    assert row["message"].endswith("(1 of them were not asked after that)")
    assert row["cust_space_ids"] == ["a", "b"]


def test_one_that_was_never_asked_for_says_so():
    [row] = unread(failed("a"), desired=["a", "b"]).rows("b")
    assert (row["cust_space_id"], row["message"]) == ("b", "could not be read: it was never asked for")


def test_the_names_of_many():
    assert named([None]) == "the account's own numbers"
    assert named([None, "a"]) == "the account's own numbers and 1 sub-customer (a)"
    assert named(["a", "b", "c"]) == "3 sub-customers (a, b and c)"
    assert enumerated([]) == ""
    assert enumerated(["a"]) == "a"
    assert enumerated(["a", "b"]) == "a and b"


@pytest.mark.parametrize(
    "times, said",
    [
        (1, "A result without queries says nothing of any phone number: no key"),
        (2, "2 results without queries say nothing of any phone number: no key"),
    ],
)
def test_results_that_say_nothing_are_counted(times, said):
    silent = {"failed": True, "msg": "no key"}
    read = {"phone_numbers": [], "queries": [{"cust_space_id": "a", "phone_number_count": 0}], "failures": []}
    made = Unread({"a": "a"}, collect([read, *[silent] * times]), lambda value: value)
    assert [row["message"] for row in made.results()] == [said]


def test_the_verdict_counts_in_the_right_number():
    def verdict_of(count, *more):
        names = [str(place) for place in range(1, count + 1)]
        numbers = [{"phone_number": name, "status": "A"} for name in names]
        read = {"queries": [{"cust_space_id": None, "phone_number_count": count}], "failures": []}
        desired = {"spaces": [{"phone_numbers": numbers}]}
        return drift([{**read, "phone_numbers": numbers}, *more], desired)["verdict"]

    assert verdict_of(1) == ["IN SYNC: 1 phone number is as desired."]
    assert verdict_of(2) == ["IN SYNC: 2 phone numbers are as desired."]
    silent = {"failed": True, "msg": "no key"}
    assert "1 answer says nothing" in verdict_of(1, silent)[0]
    assert "2 answers say nothing" in verdict_of(1, silent, {**silent, "msg": "x"})[0]
