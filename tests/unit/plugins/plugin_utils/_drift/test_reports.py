# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's files, read back by programs that nobody here wrote."""

from __future__ import annotations

import html
import re

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift import reports
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.compare import drift
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml

HOSTILE = "\x00\x1b[31m\x9b\ud800\ufffe</failure>]]>&lt;<script>|`*_[x](https://evil.example/?SECRET) @all #1 $x$ {{ 7*7 }}\r\n\n# H\n"


def row(kind="differs", space="cams-a", number="1", message="status is 'B', desired 'A'", **more):
    field = "status" if kind == "differs" else None
    return {
        "cust_space_id": space,
        "phone_number": number,
        "kind": kind,
        "field": field,
        "desired": None,
        "actual": None,
        "message": message,
        **more,
    }


def report(*rows, status="drift"):
    return {"schema": 1, "status": status, "summary": {"checked": 3, "in_sync": 1}, "rows": list(rows)}


def parsed(made):
    return JUnitXml.fromstring(reports.junit(made).encode("utf-8"))


def test_junit_has_a_suite_a_sub_customer_and_a_case_a_number():
    xml = parsed(
        report(
            row("in_sync", message="is as desired"),
            row(number="2", desired=["A", {"matches": "C"}], actual="B"),
            row(number="2", message="up_queue is 'x', desired empty"),
            row("missing", number="3", message="is desired, but was not found"),
            row("unlisted", space=None, number="4", message="was found, but is not desired"),
            row("unreadable", space="cams-b", number=None, message="sub-customer 'cams-b' was not read: TimedOut"),
            row("unreadable", space=None, number=None, message="one result"),
            row("unreadable", space=None, number=None, message="another result"),
        )
    )
    assert [(suite.name, suite.tests, suite.failures, suite.errors) for suite in xml] == [
        ("cams-a", 3, 2, 0),
        ("account", 3, 1, 2),
        ("cams-b", 1, 0, 1),
    ]
    assert (xml.name, xml.tests, xml.failures, xml.errors) == ("ChatApp phone numbers", 7, 3, 3)
    first, second, third = next(iter(xml))
    assert [(case.classname, case.name) for case in (first, second, third)] == [("cams-a", name) for name in "123"]
    assert first.is_passed
    (failure,) = second.result
    assert isinstance(failure, Failure)
    assert (failure.type, failure.message) == ("differs", "status is 'B', desired 'A' (and 1 more)")
    assert 'desired: ["A", {"matches": "C"}]\nactual: "B"\nup_queue is' in failure.text
    assert all(isinstance(case.result[0], Error) for suite in list(xml)[2:] for case in suite)


def test_junit_word_for_word():
    made = report(row(number="é\x00", desired="é", actual={"matches": "x"}), row("in_sync", space=None, number="2"))
    assert reports.junit(made) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="ChatApp phone numbers" tests="2" failures="1" errors="0">\n'
        '  <testsuite name="cams-a" tests="1" failures="1" errors="0">\n'
        '    <testcase classname="cams-a" name="é\ufffd">\n'
        """      <failure type="differs" message="status is 'B', desired 'A'">status is 'B', desired 'A'\n"""
        """desired: "é"\nactual: {"matches": "x"}</failure>\n"""
        "    </testcase>\n"
        "  </testsuite>\n"
        '  <testsuite name="account" tests="1" failures="0" errors="0">\n'
        '    <testcase classname="account" name="2" />\n'
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_junit_counts_agree_with_the_summary_of_the_comparison():
    facts = {
        "queries": [{"cust_space_id": None, "phone_number_count": 3}],
        "phone_numbers": [{"phone_number": str(n), "status": "A", "up_queue": "q"} for n in range(3)],
        "failures": [{"cust_space_id": "x", "code": "C", "message": "M"}],
    }
    numbers = [{"phone_number": "0", "status": "B", "up_queue": ""}, {"phone_number": "1"}, {"phone_number": "9"}]
    made = drift(facts, {"spaces": [{"phone_numbers": numbers}, {"cust_space_id": "y", "phone_numbers": []}]})
    xml, summary = parsed(made), made["summary"]
    assert xml.failures == summary["differs"] + summary["missing"] + summary["unlisted"] == 3
    assert xml.errors == summary["unreadable"] == 2
    assert xml.tests == xml.failures + xml.errors + summary["in_sync"]


@given(st.text())
def test_junit_reads_back_whatever_stands_in_it(text):
    xml = parsed(report(row(space=text, number=text, message=text, desired=text, actual={text: text})))
    assert xml.failures == 1


def test_junit_keeps_hostile_text_as_text():
    long = HOSTILE + "x" * 10000
    xml = parsed(report(row(space=HOSTILE, number=HOSTILE, message=long, actual=long)))
    ((case,),) = xml
    assert "<script>" in case.name and "{{ 7*7 }}" in case.name
    assert case.result[0].message.endswith("x" * 10000)
    assert not re.search("[\x00\x1b\ufffe]", reports.junit(report(row(message=HOSTILE, actual=HOSTILE))))


def test_an_empty_report_is_an_empty_suite():
    assert (parsed(report(status="in_sync")).tests, len(parsed(report(status="in_sync")))) == (0, 0)


def test_markdown_is_a_table_of_what_is_not_in_sync():
    made = report(row("in_sync"), row(), row("unreadable", space=None, number=None, message="TimedOut"), status="error")
    assert reports.markdown(made) == (
        "## ChatApp phone numbers: not everything could be read\n"
        "\n"
        "3 checked, 1 in sync.\n"
        "\n"
        "| | Sub-customer | Phone number | Finding |\n"
        "| --- | --- | --- | --- |\n"
        "| unreadable | <code>account</code> | <code>all phone numbers</code> | <code>TimedOut</code> |\n"
        "| differs | <code>cams-a</code> | <code>1</code> | <code>status is 'B', desired 'A'</code> |\n"
    )
    assert reports.markdown(report(row("in_sync"), status="in_sync")) == (
        "## ChatApp phone numbers: in sync\n\n3 checked, 1 in sync.\n"
    )
    assert reports.markdown(report(status="drift")).startswith("## ChatApp phone numbers: drift\n")
    assert reports.markdown(report(status="of tomorrow")).startswith("## ChatApp phone numbers: unknown\n")


def test_markdown_keeps_hostile_text_as_text():
    text = reports.markdown(report(row(space=HOSTILE, number=HOSTILE, message=HOSTILE)))
    assert len(text.splitlines()) == 7
    cells = re.findall("<code>(.*?)</code>", text.splitlines()[-1])
    assert len(cells) == 3
    for cell in cells:
        assert not re.search(r"[<>|`*_\[\]()@#$:.{}\\]", re.sub("&#[0-9]+;", "", cell))
        shown = html.unescape(cell)
        assert shown.isprintable()
        assert (
            r"</failure>]]>&lt;<script>|`*_[x](https://evil.example/?SECRET) @all #1 $x$ {{ 7*7 }}\r\n\n# H\n" in shown
        )


def test_markdown_ends_where_a_job_summary_does():
    hostile = row(space="|" * 10000, number="|" * 10000, message="|" * 10000)
    text = reports.markdown(report(*[hostile] * 250))
    assert len(text.encode()) < 1024 * 1024
    assert text.count("\n| differs |") == 100
    assert text.endswith("\n\n150 more are not shown.\n")
    assert "not shown" not in reports.markdown(report(*[hostile] * 100))


def test_markdown_cuts_a_finding_where_a_reader_does():
    for length, shown in ((600, "x" * 600), (601, f"{'x' * 600}… (1 more characters)")):
        assert f"<code>{shown}</code> |\n" in html.unescape(reports.markdown(report(row(message="x" * length))))


@pytest.mark.parametrize("made", [None, "x", [], {}, {"rows": []}, report("x"), report({"kind": "differs"})])
@pytest.mark.parametrize("write", [reports.junit, reports.markdown])
def test_refuses_what_is_no_report(write, made):
    with pytest.raises(DriftInputError, match="^The report must be what the filter"):
        write(made)
