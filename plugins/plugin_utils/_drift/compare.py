# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: a desired state and facts become a report. Pure: no clock, no file, no Ansible."""

from __future__ import annotations

import typing as t
from collections import Counter
from collections.abc import Collection, Iterator

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.checks import (
    EMPTY,
    Check,
    Nested,
    described,
    hint,
    is_vaulted,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.desired import Space, read_desired
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.listing import Listing, read_listing
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.numbers import counterparts
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.reasons import Reason
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import Answers, Facts, Numbers, collect
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.rows import Place, Row, row_of
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import (
    HIDDEN,
    hider,
    is_url_field,
    label,
    plural,
    quoted,
    redact_url,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.unread import Unread, enumerated
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.verdict import findings, verdict

Hide = t.Callable[[t.Any], t.Any]


def drift(
    results: t.Any, desired: t.Any, vaulted: Collection[str] = (), listing: dict[str, t.Any] | None = None
) -> dict[str, t.Any]:
    """Compare registered results of the module with a desired state, or a list of them. All values are plain.

    Returns ``schema`` (1), ``status``, ``verdict``, ``summary``, ``findings`` and ``rows``. ``status`` is ``error`` as
    soon as anything could not be read, else ``drift`` as soon as anything is not as desired, else ``in_sync``.

    ``summary`` counts phone numbers: ``checked`` are the desired ones whose sub-customer was read, each of them one of
    ``in_sync``, ``differs`` and ``missing``; ``unlisted`` counts rows, ``unreadable`` sub-customers that were not read
    and results that say nothing.

    ``rows`` follow the desired state: of each space its numbers, one row for each that is in sync or missing and one
    for each field that differs, then the unlisted ones in order; at last what was read without being desired.
    Sub-customers that were not read for the same reason share the row of the first of them.

    ``listing`` is a result of the module that lists instances. A sub-customer that is not in a whole list, and for
    which no phone number came, is missing with all its numbers. Why a list is not whole is the first row.

    ``vaulted`` are texts that no row shows, wherever they come from.

    Raises ``DriftInputError`` for a desired state or facts that cannot be used.
    """
    hide = hider(vaulted)
    spaces = read_desired(desired)
    answers = collect(results, hide)
    listed = Listing({}, None) if listing is None else read_listing(listing, hide)
    gone = {} if listing is None else _take_gone(spaces, answers, listed)
    unread = Unread({it.cust_space_id: it.label for it in spaces if it.cust_space_id not in gone}, answers, hide)
    rows: list[Row] = [] if listed.failure is None else [unread.listing(listed.failure)]
    differing = 0
    for space in spaces:
        if space.cust_space_id in gone:
            rows += _missing(space, gone[space.cust_space_id])
        elif space.cust_space_id in answers.numbers:
            found, differ = _compared(space, answers.numbers[space.cust_space_id], hide)
            rows += found
            differing += differ
        else:
            rows += unread.rows(space.cust_space_id)
    rows += _never_desired({space.cust_space_id for space in spaces}, answers, hide)
    for unwanted in answers.unread:
        rows += unread.rows(unwanted)
    rows += unread.results()
    if vaulted:
        for row in rows:
            row["cust_space_id"], row["phone_number"] = hide(row["cust_space_id"]), hide(row["phone_number"])
    asked = {space.cust_space_id for space in spaces}.union(answers.numbers, answers.unread)
    return _report(rows, differing, unread.count, len(asked), listed.failure is None)


def _take_gone(spaces: list[Space], answers: Answers, listed: Listing) -> dict[str | None, Reason | None]:
    """Take out of the answers the desired sub-customers that do not exist; return them, and what else was said of each.

    One that answers with phone numbers exists, whatever the list says.
    """
    gone = [it.cust_space_id for it in spaces if listed.lacks(it.cust_space_id)]
    gone = [space for space in gone if not answers.numbers.get(space)]
    for space in gone:
        answers.numbers.pop(space, None)
    return {space: answers.unread.pop(space, None) for space in gone}


def _missing(space: Space, reason: Reason | None) -> list[Row]:
    numbers: list[str | None] = [number.label for number in space.numbers.values()]
    message = "is desired, but the sub-customer does not exist: the list of instances does not have it"
    # That can be because the access key is of another account, which the list cannot tell.
    message += f"; asked for it, the service says {reason.told()}" if reason else ""
    return [row_of((space.label, number), "missing", message) for number in numbers or [None]]


def _compared(space: Space, facts: Numbers, hide: Hide) -> tuple[list[Row], int]:
    """Return the rows of a space that was read, and how many of its numbers differ."""
    rows: list[Row] = []
    differing = 0
    missing = [digits for digits, number in space.numbers.items() if digits not in facts and not number.vaulted]
    unlisted = facts.keys() - space.numbers.keys()
    remarks = {}
    for digits, instead, advice in counterparts(missing, unlisted) if missing and unlisted else ():
        remarks[digits] = f"; {hide(instead)} was: {advice}"
        remarks[instead] = f"; {space.numbers[digits].label} is, and may be the same: {advice}"
    for digits, number in space.numbers.items():
        place = (space.label, number.label)
        if digits not in facts:
            rows.append(row_of(place, "missing", f"is desired, but was not found{remarks.get(digits, '')}"))
            continue
        found = [
            _differing(place, *it, hide) for version in facts[digits] for it in differences(number.checks, version)
        ]
        differing += bool(found)
        rows += found or [row_of(place, "in_sync", "is as desired")]
    for digits in sorted(unlisted) if space.reports_unlisted else ():
        name = label(hide(str(facts[digits][0].get("phone_number"))))
        message = f"was found, but is not desired{remarks.get(digits, '')}"
        rows.append(row_of((space.label, name), "unlisted", message))
    if not rows:
        nothing = "has no phone numbers" if space.reports_unlisted else "was read; no phone number is listed"
        rows.append(row_of((space.label, None), "in_sync", f"{nothing}, as desired"))
    return rows, differing


def differences(checks: dict[str, Check], facts: Facts, path: str = "") -> Iterator[tuple[str, Check, t.Any]]:
    """Yield each field that is not as desired, with its check and what it is; one inside another has a dotted name."""
    for field, check in checks.items():
        actual = facts.get(field)
        if check.accepts(actual):
            continue
        if isinstance(check, Nested) and actual and isinstance(actual, dict):
            yield from differences(check.fields, actual, f"{path}{field}.")
        else:
            yield path + field, check, actual


def _differing(place: Place, field: str, check: Check, actual: t.Any, hide: Hide) -> Row:
    url = is_url_field(field)
    # What is there instead of a secret can be an older one, or the same with a blank.
    shown = HIDDEN if is_vaulted(check) and actual not in EMPTY else redact_url(hide(actual), url)
    if shown == HIDDEN:
        message = f"{field} is not as desired; one of the two is vaulted, so that neither is shown"
    else:
        message = f"{field} is {quoted(shown)}, desired {described(check, url, hide)}"
        remark = hint(check, actual)
        message += f"; {remark}" if remark and hide(actual) == actual else ""
    return row_of(place, "differs", message, field, redact_url(hide(check.wanted), url), shown)


def _never_desired(desired: set[str | None], answers: Answers, hide: Hide) -> list[Row]:
    return [
        row_of(
            (None if space is None else label(hide(space)), None),
            "unlisted",
            f"was read, but the desired state has no space for it ({_named(numbers, hide)})",
        )
        for space, numbers in answers.numbers.items()
        if space not in desired
    ]


def _named(numbers: Numbers, hide: Hide) -> str:
    labels = [label(hide(str(versions[0].get("phone_number")))) for versions in numbers.values()]
    return f"{plural(len(labels), 'phone number')}{': ' if labels else ''}{enumerated(labels)}"


def _report(rows: list[Row], differing: int, unreadable: int, spaces: int, listed: bool) -> dict[str, t.Any]:
    counts = Counter(row["kind"] for row in rows if row["kind"] != "in_sync" or row["phone_number"] is not None)
    summary = {
        "checked": counts["in_sync"] + differing + counts["missing"],
        "in_sync": counts["in_sync"],
        "differs": differing,
        "missing": counts["missing"],
        "unlisted": counts["unlisted"],
        "unreadable": unreadable,
    }
    drifted = differing or counts["missing"] or counts["unlisted"]
    status = "error" if unreadable else "drift" if drifted else "in_sync"
    return {
        "schema": 1,
        "status": status,
        "verdict": verdict(rows, summary, spaces, listed),
        "summary": summary,
        "findings": findings(rows),
        "rows": rows,
    }
