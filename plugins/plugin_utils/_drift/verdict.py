# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: what a person reads of a report: the verdict, and a line for each finding."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.report import PASSED, UNREAD
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import plural, truncate

SHOWN = 20  # lines of a console; the report has them all
LONGEST_NAME = 60

Row = Mapping[str, t.Any]


def verdict(rows: Sequence[Row], summary: Mapping[str, int], spaces: int, listed: bool = True) -> list[str]:
    """Return the sentences that a failing task says, worst first: ``UNREADABLE``, ``DRIFT`` or ``IN SYNC``.

    ``spaces`` counts those that are desired or were asked for. Without ``listed`` the list of instances could not be
    had whole. A failing sentence ends with its first finding: a mail or a job notification shows no more than this.
    """
    sentences = []
    unread, drifted = _split(rows)
    if unread:
        sentences.append(f"UNREADABLE: {_unread(unread, summary['unreadable'], spaces, listed)} {_first(unread)}")
    if drifted:
        differ = f"{summary['differs']} {'differs' if summary['differs'] == 1 else 'differ'}"
        sentences.append(
            f"DRIFT: {plural(summary['checked'], 'phone number')} checked, {differ}, {summary['missing']} missing, "
            f"{summary['unlisted']} unlisted. {_first(drifted)}"
        )
    if not sentences:
        are = "is" if summary["checked"] == 1 else "are"
        sentences.append(f"IN SYNC: {plural(summary['checked'], 'phone number')} {are} as desired.")
    return sentences


def verdict_of_changes(rows: Sequence[Row], summary: Mapping[str, int]) -> list[str]:
    """Return the sentences about what changed, worst first: ``UNKNOWN``, ``CHANGED`` or ``UNCHANGED``."""
    sentences = []
    unknown, changed = _split(rows)
    if unknown:
        sentences.append(f"UNKNOWN: {plural(summary['unknown'], 'space')} cannot be compared. {_first(unknown)}")
    if changed:
        sentences.append(
            f"CHANGED: {plural(summary['compared'], 'phone number')} compared, {summary['changed']} changed, "
            f"{summary['appeared']} appeared, {summary['disappeared']} disappeared. {_first(changed)}"
        )
    if not sentences:
        are = "is as it was" if summary["compared"] == 1 else "are as they were"
        sentences.append(f"UNCHANGED: {plural(summary['compared'], 'phone number')} {are}.")
    return sentences


def findings(rows: Sequence[Row]) -> list[str]:
    """Return one line for each of the first rows that are not in sync, what could not be read first."""
    unread, others = _split(rows)
    found = unread + others
    lines = [f"{row['kind']}: {finding(row)}" for row in found[:SHOWN]]
    return lines + ([f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else [])


def finding(row: Row) -> str:
    """Return what a row says, with the name of what it is about."""
    if row["cust_space_ids"] is not None:
        return str(row["message"])
    number = truncate(row["phone_number"] or "all numbers", LONGEST_NAME)
    owner = truncate(row["cust_space_id"] or "the account", LONGEST_NAME)
    return f"{number} of {owner}: {row['message']}"


def _split(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return what could not be read, and whatever else is not as it should be."""
    unread = [row for row in rows if row["kind"] in UNREAD]
    return unread, [row for row in rows if row["kind"] not in UNREAD | PASSED]


def _first(rows: Sequence[Row]) -> str:
    text = f"The first: {finding(rows[0])}"
    return text if text.endswith(".") else f"{text}."


def _unread(rows: Sequence[Row], unreadable: int, spaces: int, listed: bool) -> str:
    unread = sum(1 if row["cust_space_ids"] is None else len(row["cust_space_ids"]) for row in rows)
    silent = unreadable - unread - (not listed)
    parts = [] if listed else ["the list of instances is not whole"]
    parts += [f"{unread} of {plural(spaces, 'space')} could not be read"] if unread else []
    parts += [f"{plural(silent, 'answer')} {'says' if silent == 1 else 'say'} nothing"] if silent else []
    return f"{', and '.join(parts)}."
