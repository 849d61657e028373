# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: facts and earlier facts become a report of what changed. Pure: no clock, no file."""

from __future__ import annotations

import typing as t
from collections import Counter
from collections.abc import Collection, Iterator

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.checks import EMPTY
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.fingerprint import HASHED, same, shown
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import (
    IDENTITY,
    Answers,
    Facts,
    Hide,
    Numbers,
    collect,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.rows import Place
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.scales import direction
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import (
    hider,
    is_url_field,
    label,
    quoted,
    redact_url,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.unread import named
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.verdict import findings, verdict_of_changes

Row = dict[str, t.Any]


def changes(
    before: t.Any,
    after: t.Any,
    vaulted: Collection[str] = (),
    new: Collection[str] = (),
    gone: Collection[str] = (),
) -> dict[str, t.Any]:
    """Compare registered results of the module with earlier ones. All values are plain.

    Returns ``schema`` (1), ``status``, ``verdict``, ``summary``, ``findings`` and ``rows``. ``status`` is ``unknown``
    as soon as a sub-customer cannot be compared because either side did not read it, else ``changed`` as soon as
    anything changed, else ``unchanged``.

    ``summary`` counts the phone numbers of the sub-customers that were read on both sides: ``compared`` are all of
    them, each one of ``unchanged``, ``changed``, ``appeared`` and ``disappeared``. ``unknown`` counts sub-customers
    and results that say nothing.

    ``rows`` follow the sub-customers as they were read before, then those that are new; of each first what was there
    before, with a row for each field that changed, then what appeared. At last stands what cannot be compared, with a
    row for each reason. Values hide what may be secret in a URL. ``vaulted`` are texts that no row shows.

    ``new`` are sub-customers that did not exist before, ``gone`` those that do not exist now, by whole lists of them:
    for such a one that side has no numbers. One that has none on the other side either has a row, and counts, itself.

    Raises ``DriftInputError`` for facts that cannot be used.
    """
    hide = hider(vaulted)
    earlier, later = collect(before, hide), collect(after, hide)
    _without_numbers(earlier, new)
    _without_numbers(later, gone)
    came, went = set(new), set(gone)
    rows: list[Row] = []
    counts: Counter[str] = Counter()
    unknown: dict[str, list[str | None]] = {}
    spaces = dict.fromkeys([*earlier.numbers, *earlier.unread, *later.numbers, *later.unread])
    for space in spaces:
        why = _why_unknown(space, earlier, later)
        if why:
            unknown.setdefault(why, []).append(_space_label(space, hide))
            continue
        was, now = earlier.numbers[space], later.numbers[space]
        found_here = list(_numbers(_space_label(space, hide), was, now, hide))
        if not found_here and (space in came or space in went):
            found_here = [[_of_space(_space_label(space, hide), space in came)]]
        for found in found_here:
            counts[found[0]["kind"] if found else "unchanged"] += 1
            rows += found
    incomparable = [_unknown(labels, why) for why, labels in unknown.items()]
    silent = [
        f"{when}: {why}"
        for when, side in (("before", earlier), ("now", later))
        if side.numbers.keys() | side.unread.keys() >= spaces.keys()
        for why in side.unusable
    ]
    if not spaces and not silent:
        silent.append("nothing was read, before or now")
    incomparable += [_unknown([], why) for why in dict.fromkeys(silent)]
    # What holds for all comes before what holds for one.
    causes = (*earlier.unusable, *later.unusable)
    rows += sorted(incomparable, key=lambda row: not any(cause in row["message"] for cause in causes))
    return _report(rows, counts, sum(map(len, unknown.values())) + len(silent))


def _without_numbers(answers: Answers, spaces: Collection[str]) -> None:
    for space in spaces:
        if space not in answers.numbers:
            answers.unread.pop(space, None)
            answers.numbers[space] = {}


def _of_space(space: str | None, new: bool) -> Row:
    if new:
        return _row((space, None), "appeared", "the sub-customer is new; it has no phone numbers")
    return _row((space, None), "disappeared", "the sub-customer is no more; it had no phone numbers")


def _why_unknown(space: str | None, earlier: Answers, later: Answers) -> str:
    return "; ".join(
        f"{when}: {_why_not_read(space, side)}"
        for when, side in (("before", earlier), ("now", later))
        if space not in side.numbers
    )


def _why_not_read(space: str | None, side: Answers) -> str:
    if space in side.unread:
        return f"could not be read: {side.unread[space].text}"
    # A result that says nothing, of a task that failed for all, is the reason of all that nobody else speaks of.
    return f"could not be read: {'; '.join(dict.fromkeys(side.unusable))}" if side.unusable else "was not asked for"


def _unknown(labels: list[str | None], why: str) -> Row:
    """Return the row of sub-customers that cannot be compared for one reason, or of a result that says nothing."""
    if len(labels) == 1:
        return _row((labels[0], None), "unknown", f"cannot be compared; {why}")
    message = f"{named(labels)} cannot be compared; {why}" if labels else f"a result says nothing; {why}"
    return _row((None, None), "unknown", message, cust_space_ids=labels)


def _numbers(space: str | None, earlier: Numbers, later: Numbers, hide: Hide) -> Iterator[list[Row]]:
    """Yield the rows of each phone number of a sub-customer, none for one that did not change."""
    for digits, was in earlier.items():
        now = later.get(digits)
        if now is None:
            message = f"was there, but is no more; its status was {quoted(shown(hide(was[0].get('status'))))}"
            yield [_row((space, _number_label(was, hide)), "disappeared", message, before=_shown(was, hide))]
        else:
            yield [] if was == now else _of_one((space, _number_label(now, hide)), was, now, hide)
    for digits, now in later.items():
        if digits not in earlier:
            message = f"is new; its status is {quoted(hide(now[0].get('status')))}"
            yield [_row((space, _number_label(now, hide)), "appeared", message, after=_shown(now, hide))]


def _of_one(place: Place, was: list[Facts], now: list[Facts], hide: Hide) -> list[Row]:
    gone = [version for version in was if not any(same(version, other) for other in now)]
    new = [version for version in now if not any(same(other, version) for other in was)]
    if len(was) == len(now) and len(gone) <= 1:
        return [_changed(place, *it, hide) for old, young in zip(gone, new) for it in _differences(old, young)]
    # A number that answers in several versions has no field that was one thing and is another.
    message = f"was answered in {_versions(was)}, is answered in {_versions(now)}"
    return [_row(place, "changed", message, before=_shown(was, hide), after=_shown(now, hide))]


def _versions(facts: list[Facts]) -> str:
    return "one version" if len(facts) == 1 else f"{len(facts)} versions"


def _differences(before: Facts, after: Facts, path: str = "") -> Iterator[tuple[str, str, t.Any, t.Any]]:
    for field in dict.fromkeys([*before, *after]):
        if not path and field in IDENTITY:
            continue
        was, now = before.get(field), after.get(field)
        if was == now:
            continue
        if all(isinstance(value, dict) or value in EMPTY for value in (was, now)):
            yield from _differences(was or {}, now or {}, f"{path}{field}.")
        elif not same(_stripped(field, was), _stripped(field, now)):
            yield path + field, field, was, now


def _stripped(field: str, value: t.Any) -> t.Any:
    # The service ends some URLs with a line break, others not.
    text = value.strip() if isinstance(value, str) and is_url_field(field) else value
    return None if text in EMPTY else text


def _changed(place: Place, path: str, field: str, was: t.Any, now: t.Any, hide: Hide) -> Row:
    url = is_url_field(field)
    told, told_now = redact_url(shown(hide(was)), url), redact_url(hide(now), url)
    way = direction(path, was, now)
    then = "another one" if told == HASHED else quoted(told)
    message = f"{path} was {then}, is {quoted(told_now)}" + (f" ({way})" if way else "")
    if told == told_now:
        message += "; they differ only in what is not shown: query string, fragment, user information or vaulted text"
    return _row(place, "changed", message, path, told, told_now, way)


def _shown(versions: list[Facts], hide: Hide) -> t.Any:
    """Return the facts of a number without what names it; a list of them where it was answered in several versions."""
    facts = [
        {
            field: redact_url(shown(hide(value)), is_url_field(field))
            for field, value in version.items()
            if field not in IDENTITY
        }
        for version in versions
    ]
    return facts[0] if len(facts) == 1 else facts


def _space_label(space: str | None, hide: Hide) -> str | None:
    return None if space is None else label(hide(space))


def _number_label(versions: list[Facts], hide: Hide) -> str:
    return label(hide(str(versions[0].get("phone_number"))))


def _row(
    place: Place,
    kind: str,
    message: str,
    field: str | None = None,
    before: t.Any = None,
    after: t.Any = None,
    way: str | None = None,
    cust_space_ids: list[str | None] | None = None,
) -> Row:
    return {
        "cust_space_id": place[0],
        "phone_number": place[1],
        "kind": kind,
        "field": field,
        "before": before,
        "after": after,
        "direction": way,
        "message": message,
        "cust_space_ids": cust_space_ids,
    }


def _report(rows: list[Row], counts: Counter[str], unknown: int) -> dict[str, t.Any]:
    kinds = ("unchanged", "changed", "appeared", "disappeared")
    summary = {"compared": sum(counts.values()), **{kind: counts[kind] for kind in kinds}, "unknown": unknown}
    return {
        "schema": 1,
        "status": "unknown" if unknown else "changed" if rows else "unchanged",
        "verdict": verdict_of_changes(rows, summary),
        "summary": summary,
        "findings": findings(rows),
        "rows": rows,
    }
