# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: a report as Markdown, for a job summary or a comment on a merge request."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.report import (
    PASSED,
    UNREAD,
    Row,
    rows_of,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import escape_control, truncate

MOST_ROWS = 100  # nobody reads more
MOST_BYTES = 60_000  # a comment on GitHub holds 65,536 characters, and this text may be a part of it
LONGEST_FINDING = 1500  # characters of a message; twice that, escaped, fits into MOST_BYTES

OWN_NUMBERS = "the account itself"  # in plain type: an ID, in code, can be the same words
SEVERAL = "see the finding"  # of a row that several share, or that no sub-customer is known of
ALL_NUMBERS = "all phone numbers"

_STATUS = {
    "in_sync": "in sync",
    "drift": "drift",
    "error": "not everything could be read",
    "unchanged": "nothing changed",
    "changed": "changed",
    "unknown": "not everything could be read",
}
_SYNTAX = re.compile(r"[^A-Za-z0-9 ,;=%'/\u0080-\U0010ffff-]")
# Engines make links of text within <code>, too, and read the entities first. None looks across a comment.
_LINKED = re.compile(r"@|(?<=[A-Za-z]:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
_BREAK = "<!-- -->"


def markdown(report: t.Any) -> str:
    """Return the report as Markdown: the verdict, the first cause, the counts, a table of what is not in sync.

    What could not be read stands first, since a flood of drift could push it out of the table.
    """
    rows = [row for row in rows_of(report) if row["kind"] not in PASSED]
    rows.sort(key=lambda row: row["kind"] not in UNREAD)
    lines = [f"## ChatApp phone numbers: {_STATUS.get(report['status'], _STATUS['unknown'])}", ""]
    if rows:
        lines += [f"The first: {', '.join(_cells(rows[0]))}", ""]
    summary = report["summary"]
    lines += [f"{', '.join(f'{summary[kind]} {kind}'.replace('_', ' ') for kind in summary)}."]
    if rows:
        lines += ["", "| | Sub-customer | Phone number | Finding |", "| --- | --- | --- | --- |"]
    left = MOST_BYTES - sum(_size(line) for line in lines)
    shown = 0
    for row in rows[:MOST_ROWS]:
        line = f"| {_escaped(str(row['kind']))} | {' | '.join(_cells(row))} |"
        left -= _size(line)
        if left < 0:
            break
        lines.append(line)
        shown += 1
    if shown < len(rows):
        more = len(rows) - shown
        lines += ["", f"{more} more {'row is' if more == 1 else 'rows are'} not shown."]
    return "\n".join(lines) + "\n"


def _size(line: str) -> int:
    return len(line.encode()) + 1


def _cells(row: Row) -> list[str]:
    space, number = row["cust_space_id"], row["phone_number"]
    owner = OWN_NUMBERS if row.get("cust_space_ids") is None else SEVERAL
    return [
        owner if space is None else _code(truncate(space)),
        ALL_NUMBERS if number is None else _code(truncate(number)),
        _code(truncate(row["message"], LONGEST_FINDING)),
    ]


def _code(text: str) -> str:
    """Return text that neither Markdown nor HTML reads anything into, nor makes a link or a mention of."""
    return f"<code>{_BREAK.join(_escaped(part) for part in _parts(escape_control(text)))}</code>"


def _parts(text: str) -> list[str]:
    places = [found.start() for found in _LINKED.finditer(text)]
    return [text[start:end] for start, end in zip([0, *places], [*places, len(text)])]


def _escaped(text: str) -> str:
    return _SYNTAX.sub(lambda found: f"&#{ord(found.group())};", text)
