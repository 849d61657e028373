# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as JUnit XML, read back by programs that nobody here wrote, and checked by the rules of Jenkins."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from html import unescape
from pathlib import Path

import pytest
import xmlschema
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.compare import drift
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.junit import junit
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml
from made_reports import HOSTILE, NOT_A_REPORT, report, row

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).with_name("jenkins_junit.xsd")))
NOW = datetime(2026, 3, 4, 5, 6, 7, 891, tzinfo=timezone.utc)
READ = "can be read"


def parsed(made):
    text = junit(made, NOW)
    SCHEMA.validate(text)
    return JUnitXml.fromstring(text.encode("utf-8"))


def cases(made):
    """Return the outcome of each case, by suite and name: the tag of its problem, or that it passed."""
    return {
        (suite.name, case.name): "passed" if case.is_passed else type(case.result[0]).__name__
        for suite in parsed(made)
        for case in suite
    }


def facts(*numbers, space=None, **more):
    owner = {} if space is None else {"cust_space_id": space}
    return {
        "queries": [{"cust_space_id": space, "phone_number_count": len(numbers)}],
        "phone_numbers": [{"phone_number": number, "status": "A", **owner} for number in numbers],
        "failures": [],
        **more,
    }


def unread(space=None, message="M", request="R"):
    failure = {"cust_space_id": space, "code": "C", "message": message, "request_id": request}
    return {
        "queries": [{"cust_space_id": space, "phone_number_count": None}],
        "phone_numbers": [],
        "failures": [failure],
    }


def space(*numbers, **more):
    return {"phone_numbers": [{"phone_number": number, "status": "A"} for number in numbers], **more}


def test_a_suite_a_sub_customer_and_a_case_a_number():
    xml = parsed(
        report(
            row("in_sync", message="is as desired"),
            row(number="2", desired=["A", {"matches": "C"}], actual="B"),
            row(number="2", message="up_queue is 'x', desired empty"),
            row("missing", number="3", message="is desired, but was not found"),
            row("unlisted", space=None, number="4", message="was found, but is not desired"),
            row("unreadable", space="cams-b", number=None, message="could not be read: TimedOut"),
        )
    )
    assert [(suite.name, suite.tests, suite.failures, suite.errors) for suite in xml] == [
        ("sub-customer cams-a", 4, 2, 0),
        ("account", 2, 1, 0),
        ("sub-customer cams-b", 1, 0, 1),
    ]
    assert (xml.name, xml.tests, xml.failures, xml.errors) == ("ChatApp phone numbers", 7, 3, 1)
    assert {case.classname for case in next(iter(xml))} == {"chatapp.sub-customer cams-a"}
    readable, first, second, _third = next(iter(xml))
    assert [case.name for case in next(iter(xml))] == [READ, "1", "2", "3"]
    assert readable.is_passed and first.is_passed
    (failure,) = second.result
    assert isinstance(failure, Failure)
    assert (failure.type, failure.message) == ("differs", "status is 'B', desired 'A' (and 1 more)")
    assert 'desired: ["A", {"matches": "C"}]\nactual: "B"\nup_queue is' in failure.text


def test_word_for_word():
    made = report(row(number="é\x00", desired="é", actual={"matches": "x"}), row("in_sync", space=None, number="2"))
    assert junit(made, NOW) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="ChatApp phone numbers" time="0.000" tests="4" failures="1" errors="0">\n'
        '  <testsuite name="sub-customer cams-a" timestamp="2026-03-04T05:06:07" time="0.000" tests="2" failures="1"'
        ' errors="0" skipped="0">\n'
        '    <testcase classname="chatapp.sub-customer cams-a" name="can be read" time="0.000" />\n'
        '    <testcase classname="chatapp.sub-customer cams-a" name="é\ufffd" time="0.000">\n'
        """      <failure type="differs" message="status is 'B', desired 'A'">status is 'B', desired 'A'\n"""
        """desired: "é"\nactual: {"matches": "x"}</failure>\n"""
        "    </testcase>\n"
        "  </testsuite>\n"
        '  <testsuite name="account" timestamp="2026-03-04T05:06:07" time="0.000" tests="2" failures="0"'
        ' errors="0" skipped="0">\n'
        '    <testcase classname="chatapp.account" name="can be read" time="0.000" />\n'
        '    <testcase classname="chatapp.account" name="2" time="0.000" />\n'
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_the_time_is_that_of_the_run_in_utc_wherever_it_runs():
    there = NOW.astimezone(timezone(timedelta(hours=8)))
    assert junit(report(row()), there) == junit(report(row()), NOW)


def test_each_case_names_the_file_of_the_desired_state_where_it_is_known():
    text = junit(report(row(), row("unreadable", space=None, number=None)), NOW, "teams/shop\x00.yml")
    assert re.findall(r'<testcase [^>]* file="([^"]*)"', text) == ["teams/shop\ufffd.yml"] * 3
    assert "file=" not in junit(report(row()), NOW)


def test_a_case_keeps_its_name_from_run_to_run():
    desired = {"spaces": [space("1", "+2"), space("3", cust_space_id="cams-a")]}
    names = [
        set(cases(drift(results, desired)))
        for results in (
            [facts("1", "2"), unread("cams-a", "came no answer", "4711")],
            [facts("1", "2"), unread("cams-a", "another message", "0815")],
            [facts("1", "2"), facts("3", space="cams-a")],
            [facts("1", "2", "9"), facts("3", space="cams-a")],
            [unread(request="4711"), facts("3", space="cams-a")],
        )
    ]
    whole = names[2]
    assert whole == {("account", name) for name in (READ, "1", "+2")} | {
        ("sub-customer cams-a", name) for name in (READ, "3")
    }
    assert names[0] == names[1] == whole - {("sub-customer cams-a", "3")}
    assert names[3] == whole | {("account", "9")}
    assert names[4] < whole


def test_what_is_an_error_today_is_a_case_that_passes_tomorrow():
    desired = {"spaces": [space("3", cust_space_id="cams-a")]}
    case = ("sub-customer cams-a", READ)
    assert cases(drift(unread("cams-a"), desired))[case] == "Error"
    assert cases(drift(facts("3", space="cams-a"), desired))[case] == "passed"


def test_a_sub_customer_whose_id_is_a_word_of_ours_shares_nothing():
    for named in ("account", "sub-customer account", READ):
        desired = {"spaces": [space("1"), space("1", cust_space_id=named)]}
        drifted = facts("1", space=named)
        drifted["phone_numbers"][0]["status"] = "B"
        found = cases(drift([facts("1"), drifted], desired))
        assert found == {
            ("account", READ): "passed",
            ("account", "1"): "passed",
            (f"sub-customer {named}", READ): "passed",
            (f"sub-customer {named}", "1"): "Failure",
        }


def test_several_results_that_say_nothing_are_errors_of_their_own_each_with_its_cause():
    results = [{"failed": True, "msg": f"account {name} has no key"} for name in ("shop", "support", "third")]
    xml = parsed(drift(results, {"spaces": [space("1")]}))
    errors = [case.result[0] for suite in xml for case in suite if not case.is_passed]
    assert all(isinstance(error, Error) for error in errors)
    for name in ("shop", "support", "third"):
        assert sum(f"account {name} has no key" in error.message for error in errors) == 1
        assert sum(f"account {name} has no key" in error.text for error in errors) == 1


def test_results_that_tell_of_no_sub_customer_are_never_taken_for_the_accounts_numbers():
    found = cases(drift([facts("1"), {"skipped": True}, {"msg": "no key"}], {"spaces": [space("1")]}))
    assert found == {
        ("account", READ): "passed",
        ("account", "1"): "passed",
        ("results", READ): "Error",
        ("results", f"{READ} (2)"): "Error",
    }


def test_a_cause_that_sub_customers_share_is_an_error_of_each():
    desired = {"spaces": [space("1"), space("1", cust_space_id="a")]}
    found = cases(drift({"failed": True, "msg": "no key"}, desired))
    assert found == {("account", READ): "Error", ("sub-customer a", READ): "Error"}


@pytest.mark.parametrize("unlisted", ["drift", "ignore"])
def test_a_space_that_must_be_empty_and_is_leaves_a_case_that_passes(unlisted):
    for results, owner in ((facts(), {}), (facts(space="cams-a"), {"cust_space_id": "cams-a"})):
        desired = {"spaces": [space(unlisted=unlisted, **owner), space("1", cust_space_id="cams-b")]}
        found = cases(drift([results, facts("1", space="cams-b")], desired))
        assert found.pop(("sub-customer cams-b", READ)) == found.pop(("sub-customer cams-b", "1")) == "passed"
        assert list(found.values()) == ["passed"]


def test_a_sub_customer_that_nobody_desired_is_a_failure_of_its_own():
    found = cases(drift([facts("1"), facts("2", space="cams-a")], {"spaces": [space("1")]}))
    assert {name: found[("sub-customer cams-a", name)] for name in (READ, "is desired")} == {
        READ: "passed",
        "is desired": "Failure",
    }


def test_counts_agree_with_the_summary_of_the_comparison():
    results = facts("0", "1", "2", failures=[{"cust_space_id": "x", "code": "C", "message": "M"}])
    numbers = [{"phone_number": "0", "status": "B", "up_queue": ""}, {"phone_number": "1"}, {"phone_number": "9"}]
    made = drift(results, {"spaces": [{"phone_numbers": numbers}, space(cust_space_id="y")]})
    xml, summary = parsed(made), made["summary"]
    assert xml.failures == summary["differs"] + summary["missing"] + summary["unlisted"] == 3
    assert xml.errors == summary["unreadable"] == 2
    readable = 1
    assert xml.tests == xml.failures + xml.errors + summary["in_sync"] + readable


@given(st.text())
def test_reads_back_whatever_stands_in_it(text):
    made = report(row(space=text, number=text, message=text, desired=text, actual={text: text}))
    assert parsed(made).failures == 1


NAMES = st.sampled_from(["", "1", "1 (2)", "account", READ, f"{READ} (2)", "is desired", "\x00", "\x01", "x" * 300])


@given(
    st.lists(
        st.builds(
            row,
            st.sampled_from(["in_sync", "differs", "missing", "unlisted", "unreadable"]),
            st.none() | NAMES,
            st.none() | NAMES | st.just("x" * 300 + "y"),
        )
    )
)
def test_no_two_cases_have_one_name_and_nothing_is_lost(rows):
    xml = parsed(report(*rows))
    found = [(suite.name, case.name) for suite in xml for case in suite]
    assert len(found) == len(set(found)) == xml.tests > 0
    # Azure DevOps takes no more of both together.
    assert all(len(f"{case.classname}.{case.name}") <= 512 for suite in xml for case in suite)
    wrong = {(r["cust_space_id"], r["phone_number"]) for r in rows if r["kind"] != "in_sync"}
    assert len(wrong) <= xml.failures + xml.errors


def test_keeps_hostile_text_as_text():
    long = HOSTILE + "x" * 9000
    made = report(row(space=HOSTILE, number=HOSTILE, message=long, actual=long))
    ((_readable, case),) = parsed(made)
    assert "<script>" in case.name and "{{ 7*7 }}" in case.name
    assert case.result[0].message.endswith("x" * 9000)
    assert not re.search("[\x00\x1b\ufffe]", junit(made, NOW))


def test_a_value_is_cut_before_a_reader_refuses_the_file_for_its_length():
    text = junit(report(row(desired="x" * 10_000_000, actual={1, 2})), NOW)
    assert len(text) < 20_000
    assert "more characters)" in text


def test_a_report_without_a_row_is_a_file_with_a_case():
    xml = parsed(report(status="in_sync"))
    assert (xml.tests, xml.failures, xml.errors) == (1, 0, 0)
    ((case,),) = xml
    assert case.is_skipped


def test_a_viewer_shows_each_number_once_with_what_is_wrong(tmp_path):
    made = report(
        row("in_sync", number="8613800000001"),
        row(number="8613800000002", message="status is '<script>alert(1)</script>', desired 'A'"),
        row("missing", space="account", number="8613800000003", message="is desired, but was not found"),
        row("unreadable", space=None, number=None, message="could not be read: TimedOut"),
        row("unreadable", space=None, number=None, message="could not be read: NoPermission"),
    )
    (tmp_path / "drift.xml").write_text(junit(made, NOW, "desired.yml"), encoding="utf-8")
    command = [sys.executable, "-m", "junit2htmlreport", "drift.xml", "drift.html"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    page = (tmp_path / "drift.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    shown = unescape(re.sub("<[^>]*>", " ", page))
    assert "NaN" not in shown and "None" not in shown
    for text in (
        "8613800000001",
        "8613800000002",
        "8613800000003",
        "sub-customer account",
        "alert(1)",
        "was not found",
        "could not be read: TimedOut",
        "could not be read: NoPermission",
    ):
        assert text in shown
    assert len(re.findall(r"\bcan be read \(2\)", shown)) >= 1


@pytest.mark.parametrize("made", NOT_A_REPORT)
def test_refuses_what_is_no_report(made):
    with pytest.raises(DriftInputError, match="^The report must be what the filter"):
        junit(made, NOW)


def test_a_report_without_a_row_word_for_word():
    assert junit(report(), NOW, "desired.yml") == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="ChatApp phone numbers" time="0.000" tests="1" failures="0" errors="0">\n'
        '  <testsuite name="account" timestamp="2026-03-04T05:06:07" time="0.000" tests="1" failures="0" errors="0"'
        ' skipped="1">\n'
        '    <testcase classname="chatapp.account" name="can be read" time="0.000" file="desired.yml">\n'
        '      <skipped message="nothing is reported" />\n'
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_what_changed_is_told_with_what_was_and_what_is():
    made = {"kind": "changed", "field": "verified_name", "before": "Thé", "after": "x" * 20_000}
    changed = {"cust_space_id": None, "phone_number": "1", "message": "It changed.", **made}
    [case] = [case for suite in parsed(report(changed)) for case in suite if case.result]
    first, before, after = case.result[0].text.splitlines()
    assert (first, before) == ("It changed.", 'before: "Thé"')
    assert after.startswith('after: "xxx') and 10_000 < len(after) < 10_100


def test_the_empty_name_is_a_name_and_others_follow_a_sub_customer_that_is_empty():
    rows = [row("in_sync", number=None), *(row(number=name) for name in (" ", "", "2"))]
    assert [name for _suite, name in cases(report(*rows))] == [READ, "(empty)", "(empty) (2)", "2"]
