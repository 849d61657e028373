# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: a report as JUnit XML, as pipelines and viewers of such files read it.

They know a case by its suite, class and name, and keep its history by them. So no name holds anything that changes
from run to run, no two cases share one, and what is an error today is a case that passes tomorrow.
"""

from __future__ import annotations

import json
import re
import typing as t
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timezone
from xml.etree import ElementTree

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.report import (
    OWN_NUMBERS,
    PASSED,
    UNREAD,
    Row,
    by_sub_customer,
    rows_of,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import truncate

READABLE = "can be read"  # the case of each sub-customer that says whether it was read
LISTED = "is desired"  # the case of a sub-customer that was read without being desired
RESULTS = "results"  # the suite of results that tell of no sub-customer

_LONGEST_VALUE = 10_000  # characters; readers that limit a text refuse the whole file
_NO_TIME = "0.000"  # the service answers for many numbers at once; a reader takes a missing time for NaN
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Names:
    """Names as XML holds them, of bounded length, each given once."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def unique(self, wanted: str) -> str:
        # A case without a name is none to most readers.
        name = first = _xml(truncate(wanted)) if wanted.strip() else "(empty)"
        while self._given[name]:
            self._given[first] += 1
            name = f"{first} ({self._given[first]})"
        self._given[name] += 1
        return name


def junit(report: t.Any, now: datetime, file: str | None = None) -> str:
    """Return the report as JUnit XML: a suite for each sub-customer, in it a case for each phone number.

    Drift is a ``<failure>``; several differences of one number share it. One case more says whether the sub-customer
    was read, and is an ``<error>`` if not. Where there is nothing to report a skipped case says so, since a file
    without any case counts as broken.

    ``now`` is the time of the run. ``file`` is the path of the desired state, if it is known.
    """
    stamp = now.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    root = ElementTree.Element("testsuites", name="ChatApp phone numbers", time=_NO_TIME)
    names = _Names()
    suites: dict[str, list[Row]] = {}
    for row in by_sub_customer(rows_of(report)):
        suites.setdefault(_suite(row), []).append(row)
    for name, rows in suites.items():
        suite = ElementTree.SubElement(root, "testsuite", name=names.unique(name))
        suite.set("timestamp", stamp)
        _cases(suite, rows, file)
    if not len(root):
        suite = ElementTree.SubElement(root, "testsuite", name=names.unique(OWN_NUMBERS), timestamp=stamp)
        ElementTree.SubElement(_case(suite, READABLE, file), "skipped", message="nothing is reported")
    for element in (*root, root):
        element.set("time", _NO_TIME)
        for count, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            element.set(count, str(sum(1 for _each in element.iter(tag))))
    for suite in root:
        suite.set("skipped", str(sum(1 for _each in suite.iter("skipped"))))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(row: Row) -> str:
    if row.get("cust_space_ids") == []:
        return RESULTS
    # With a word before it, no sub-customer's ID is the name of the own numbers' suite.
    return OWN_NUMBERS if row["cust_space_id"] is None else f"sub-customer {row['cust_space_id']}"


def _by_number(rows: Iterable[Row]) -> dict[str | None, list[Row]]:
    groups: dict[str | None, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["phone_number"], []).append(row)
    return groups


def _cases(suite: ElementTree.Element, rows: list[Row], file: str | None) -> None:
    names = _Names()
    unread = [row for row in rows if _is_unread(row)]
    # Each cause is a case: those of several results can differ.
    for row in unread:
        _problem(_case(suite, names.unique(READABLE), file), "error", [row])
    if not unread:
        _case(suite, names.unique(READABLE), file)
    for number, found in _by_number(row for row in rows if not _is_unread(row)).items():
        failed = [row for row in found if row["kind"] not in PASSED]
        if number is None and not failed:
            continue  # that there is nothing, as desired, is what the first case says
        case = _case(suite, names.unique(LISTED if number is None else number), file)
        if failed:
            _problem(case, "error" if failed[0]["kind"] in UNREAD else "failure", failed)


def _is_unread(row: Row) -> bool:
    return row["kind"] in UNREAD and row["phone_number"] is None


def _case(suite: ElementTree.Element, name: str, file: str | None) -> ElementTree.Element:
    # A class is known in a pipeline's whole list of tests; its part before the dot is a package to Jenkins.
    case = ElementTree.SubElement(suite, "testcase", classname=f"chatapp.{suite.get('name')}", name=name, time=_NO_TIME)
    if file is not None:
        case.set("file", _xml(file))
    return case


def _problem(case: ElementTree.Element, tag: str, rows: list[Row]) -> None:
    message = rows[0]["message"] + (f" (and {len(rows) - 1} more)" if len(rows) > 1 else "")
    problem = ElementTree.SubElement(case, tag, type=rows[0]["kind"], message=_xml(message))
    # GitLab shows this text only, not the message.
    problem.text = _xml("\n".join(line for row in rows for line in _lines(row)))


def _lines(row: Row) -> list[str]:
    values = [key for key in ("desired", "actual", "before", "after") if row["field"] and key in row]
    shown = [json.dumps(row[key], ensure_ascii=False, default=str) for key in values]
    return [
        row["message"],
        *(f"{key}: {truncate(value, _LONGEST_VALUE)}" for key, value in zip(values, shown)),
    ]


def _xml(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
