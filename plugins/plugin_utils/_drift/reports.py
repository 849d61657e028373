# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: a drift report as the files that pipelines display."""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Mapping
from xml.etree import ElementTree

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import escape_control, is_list, truncate

MARKDOWN_ROWS = 100  # a job summary may hold 1 MiB, and nobody reads more rows than these
MARKDOWN_FINDING = 600  # characters of a row's message

OWN_NUMBERS = "account"  # names the suite and the cells of what belongs to no sub-customer
ALL_NUMBERS = "all phone numbers"

_STATUS = {"in_sync": "in sync", "drift": "drift", "error": "not everything could be read"}
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKDOWN_SYNTAX = re.compile(r"[^A-Za-z0-9 ,;=%'/\u0080-\U0010ffff-]")


def junit(report: t.Any) -> str:
    """Return the report as JUnit XML: a suite for each sub-customer, a case for each phone number.

    Drift is a ``<failure>``, what could not be read an ``<error>``; several differences of one number share a failure.
    """
    suites: dict[str, dict[str, list[Mapping[str, t.Any]]]] = {}
    for row in _rows(report):
        cases = suites.setdefault(row["cust_space_id"] or OWN_NUMBERS, {})
        cases.setdefault(row["phone_number"] or f"{ALL_NUMBERS}: {row['message']}", []).append(row)
    root = ElementTree.Element("testsuites", name="ChatApp phone numbers")
    for name, cases in suites.items():
        suite = ElementTree.SubElement(root, "testsuite", name=_xml(name))
        for case, rows in cases.items():
            _junit_case(suite, name, case, rows)
    for element in (*root, root):
        for count, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            element.set(count, str(sum(1 for _each in element.iter(tag))))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _junit_case(suite: ElementTree.Element, name: str, case: str, rows: list[Mapping[str, t.Any]]) -> None:
    element = ElementTree.SubElement(suite, "testcase", classname=_xml(name), name=_xml(truncate(case)))
    first = rows[0]
    if first["kind"] == "in_sync":
        return
    message = first["message"] + (f" (and {len(rows) - 1} more)" if len(rows) > 1 else "")
    tag = "error" if first["kind"] == "unreadable" else "failure"
    problem = ElementTree.SubElement(element, tag, type=first["kind"], message=_xml(message))
    problem.text = _xml("\n".join(line for row in rows for line in _junit_lines(row)))


def _junit_lines(row: Mapping[str, t.Any]) -> list[str]:
    values = [f"{key}: {json.dumps(row[key], ensure_ascii=False)}" for key in ("desired", "actual") if row["field"]]
    return [row["message"], *values]


def _xml(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def markdown(report: t.Any) -> str:
    """Return the report as Markdown for a job summary or a merge request: a table of what is not in sync.

    What could not be read stands first, since a flood of drift could push it out of the table.
    """
    summary = report["summary"] if isinstance(report, Mapping) and "summary" in report else {}
    rows = [row for row in _rows(report) if row["kind"] != "in_sync"]
    rows.sort(key=lambda row: row["kind"] != "unreadable")
    counts = ", ".join(f"{summary[kind]} {kind.replace('_', ' ')}" for kind in summary)
    lines = [f"## ChatApp phone numbers: {_STATUS.get(report['status'], 'unknown')}", "", f"{counts}."]
    if rows:
        lines += ["", "| | Sub-customer | Phone number | Finding |", "| --- | --- | --- | --- |"]
    for row in rows[:MARKDOWN_ROWS]:
        cells = (row["cust_space_id"] or OWN_NUMBERS, row["phone_number"] or ALL_NUMBERS)
        shown = [_code(truncate(cell)) for cell in cells] + [_code(truncate(row["message"], MARKDOWN_FINDING))]
        lines.append(f"| {row['kind']} | {' | '.join(shown)} |")
    if len(rows) > MARKDOWN_ROWS:
        lines += ["", f"{len(rows) - MARKDOWN_ROWS} more are not shown."]
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    """Return text that neither Markdown nor HTML reads anything into; in code no viewer links a name or a URL."""
    return f"<code>{_MARKDOWN_SYNTAX.sub(lambda found: f'&#{ord(found.group())};', escape_control(text))}</code>"


def _rows(report: t.Any) -> list[Mapping[str, t.Any]]:
    keys = {"cust_space_id", "phone_number", "kind", "field", "desired", "actual", "message"}
    if (
        isinstance(report, Mapping)
        and is_list(report.get("rows"))
        and {"status", "summary"} <= report.keys()
        and all(isinstance(row, Mapping) and keys <= row.keys() for row in report["rows"])
    ):
        return report["rows"]
    raise DriftInputError("The report must be what the filter alicloud.chatapp.phone_number_drift returned.")
