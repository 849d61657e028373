# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: a desired state and facts become a report. Pure: no clock, no file, no Ansible."""

from __future__ import annotations

import typing as t
from collections import Counter
from collections.abc import Iterator, Mapping

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.checks import (
    Check,
    Nested,
    described,
    differs_only_hidden,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.desired import Space, read_desired
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import Answers, collect
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import (
    is_url_field,
    label,
    quoted,
    redact_url,
)

Row = dict[str, t.Any]


def drift(results: t.Any, desired: t.Any) -> dict[str, t.Any]:
    """Compare registered results of the module with a desired state.

    Returns ``schema`` (1), ``status``, ``summary`` and ``rows``. ``status`` is ``error`` as soon as anything could not
    be read, else ``drift`` as soon as anything is not as desired, else ``in_sync``.

    ``summary`` counts phone numbers: ``checked`` are the desired ones whose sub-customer was read, each of them one of
    ``in_sync``, ``differs`` and ``missing``; ``unlisted`` and ``unreadable`` count rows.

    ``rows`` follow the desired state: of each space its numbers, one row for each that is in sync or missing and one
    for each field that differs, then the unlisted ones in order; one row of kind ``in_sync``, without a number, where
    a space has neither; at last what was read without being desired.

    Raises ``DriftInputError`` for a desired state or facts that cannot be used.
    """
    spaces = read_desired(desired)
    answers = collect(results)
    rows: list[Row] = []
    differing = 0
    for space in spaces:
        if space.cust_space_id not in answers.numbers:
            why = answers.unread.get(space.cust_space_id, "it was never asked for")
            rows.append(_unread(space.cust_space_id, why))
            continue
        facts = answers.numbers[space.cust_space_id]
        for digits, number in space.numbers.items():
            place = (_space_label(space.cust_space_id), label(number.phone_number))
            if digits not in facts:
                rows.append(_row(place, "missing", "is desired, but was not found"))
                continue
            found = [_differing(place, *it) for version in facts[digits] for it in _differences(number.checks, version)]
            differing += bool(found)
            rows += found or [_row(place, "in_sync", "is as desired")]
        unlisted = _unlisted(space, facts) if space.reports_unlisted else []
        rows += unlisted
        if not space.numbers and not unlisted:
            nothing = "has no phone numbers" if space.reports_unlisted else "was read; no phone number is listed"
            rows.append(_row((_space_label(space.cust_space_id), None), "in_sync", f"{nothing}, as desired"))
    rows += _never_desired({space.cust_space_id for space in spaces}, answers)
    return _report(rows, differing)


def _differences(
    checks: Mapping[str, Check], facts: Mapping[str, t.Any], path: str = ""
) -> Iterator[tuple[str, Check, t.Any]]:
    for field, check in checks.items():
        actual = facts.get(field)
        if check.accepts(actual):
            continue
        if isinstance(check, Nested) and actual and isinstance(actual, Mapping):
            yield from _differences(check.fields, actual, f"{path}{field}.")
        else:
            yield path + field, check, actual


def _differing(place: tuple[str | None, str], field: str, check: Check, actual: t.Any) -> Row:
    url = is_url_field(field)
    shown = redact_url(actual, url)
    message = f"{field} is {quoted(shown)}, desired {described(check, url)}"
    if differs_only_hidden(check, actual):
        message += "; they differ only in what is not shown: query string, fragment or user information"
    return _row(place, "differs", message, field, redact_url(check.wanted, url), shown)


def _unlisted(space: Space, facts: Mapping[str, list[Mapping[str, t.Any]]]) -> list[Row]:
    name = _space_label(space.cust_space_id)
    return [
        _row((name, label(str(facts[digits][0].get("phone_number")))), "unlisted", "was found, but is not desired")
        for digits in sorted(facts.keys() - space.numbers.keys())
    ]


def _unread(space: str | None, why: str) -> Row:
    return _row((_space_label(space), None), "unreadable", f"could not be read: {why}")


def _never_desired(desired: set[str | None], answers: Answers) -> list[Row]:
    rows = [
        _row(
            (_space_label(space), None),
            "unlisted",
            f"was read, but the desired state has no space for it (phone numbers: {len(numbers)})",
        )
        for space, numbers in answers.numbers.items()
        if space not in desired
    ]
    rows += [_unread(space, why) for space, why in answers.unread.items() if space not in desired]
    rows += [_row((None, None), "unreadable", why) for why in answers.unusable]
    return rows


def _space_label(space: str | None) -> str | None:
    return None if space is None else label(space)


def _row(
    place: tuple[str | None, str | None],
    kind: str,
    message: str,
    field: str | None = None,
    desired: t.Any = None,
    actual: t.Any = None,
) -> Row:
    return {
        "cust_space_id": place[0],
        "phone_number": place[1],
        "kind": kind,
        "field": field,
        "desired": desired,
        "actual": actual,
        "message": message,
    }


def _report(rows: list[Row], differing: int) -> dict[str, t.Any]:
    counts = Counter(row["kind"] for row in rows if row["kind"] != "in_sync" or row["phone_number"] is not None)
    summary = {
        "checked": counts["in_sync"] + differing + counts["missing"],
        "in_sync": counts["in_sync"],
        "differs": differing,
        "missing": counts["missing"],
        "unlisted": counts["unlisted"],
        "unreadable": counts["unreadable"],
    }
    drifted = differing or counts["missing"] or counts["unlisted"]
    status = "error" if counts["unreadable"] else "drift" if drifted else "in_sync"
    return {"schema": 1, "status": status, "summary": summary, "rows": rows}
