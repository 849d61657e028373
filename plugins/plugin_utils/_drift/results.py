# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection.

What registered results say: which sub-customers were read, with which phone numbers, and which were not.
"""

from __future__ import annotations

import re
import typing as t
from collections import Counter
from collections.abc import Iterator

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift import reasons
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.reasons import Reason
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import is_list, kind_of, plural, quoted

IDENTITY = ("cust_space_id", "phone_number")  # the keys of a phone number that name it

_NOT_A_DIGIT = re.compile(r"[^0-9]")

_TWO_ANSWERS = (
    "it was read more than once, with different answers; compare each account's facts on their own, and after a retry "
    "the last ones alone"
)

# What is read of a result: a loop's item, for one, is the user's own and can be a secret.
KEYS_OF_A_RESULT = (
    *("results", "queries", "phone_numbers", "failures", "cust_space_ids"),
    *("skipped", "code", "message", "remedy", "request_id"),
    *("msg", "module_stderr", "module_stdout", "exception", "rc", "phone_number"),
    *("written", "changed_numbers", "unknown_numbers"),
)

Hide = t.Callable[[t.Any], t.Any]
Facts = dict[str, t.Any]
Numbers = dict[str, list[Facts]]  # by identity; several where one answer has a number in several versions


class DriftInputError(ValueError):
    """A desired state or facts that cannot be used; the text is one sentence that names the place."""


class Answers(t.NamedTuple):
    """Everything that a list of results says; ``None`` stands for the account's own numbers.

    A number that one answer has in two versions is kept in both: either can be the one that drifted.
    """

    numbers: dict[str | None, Numbers]  # of each space read
    unread: dict[str | None, Reason]  # why a space that was asked for was not read
    unusable: list[str]  # why a result says nothing at all, once for each


def identity(phone_number: t.Any) -> str:
    """Return what tells one phone number from another: its digits, or its text when it has none."""
    text = "" if phone_number is None else str(phone_number)
    return text if text.isascii() and text.isdigit() else _NOT_A_DIGIT.sub("", text) or text


def space_of(query: Facts) -> str | None:
    """Return the sub-customer of a query, a failure or a phone number, ``None`` for the account itself."""
    space = query.get("cust_space_id")
    return None if space is None else str(space)


def collect(results: t.Any, hide: Hide = lambda text: text) -> Answers:
    """Collect what a registered result, a looped one or a list of them says.

    A space that was read more than once counts as read when all answers agree, else as unread: a result does not tell
    which account it is of, and the numbers of one account must not hide those of another. ``hide`` takes out of a
    reason what must not be shown.

    Raises ``DriftInputError`` when ``results`` is neither a mapping nor a list of mappings, or when its queries left
    out numbers by their status.
    """
    answers = Answers({}, {}, [])
    for result in _single(results):
        if _is_answer(result):
            for space, reading in _readings(result, hide).items():
                _add(answers, space, reading)
        else:
            answers.unusable.append(reasons.of_task(hide(result)))
    return answers


def _single(results: t.Any) -> Iterator[Facts]:
    if isinstance(results, dict):
        loop = results.get("results")
        if is_list(loop) and loop:
            yield from _single(loop)
        else:
            yield results
    elif is_list(results):
        for result in results:
            yield from _single(result)
    else:
        raise DriftInputError(
            f"The facts must be a registered result of the module or a list of them, not {kind_of(results)}."
        )


def _is_answer(result: Facts) -> bool:
    return bool(result.get("queries")) and all(
        is_list(result.get(key)) and all(isinstance(item, dict) for item in result[key])
        for key in ("queries", "phone_numbers")
    )


def _add(answers: Answers, space: str | None, reading: Numbers | Reason) -> None:
    """Add one result's reading of a space to those of the results before it."""
    earlier: Numbers | Reason | None = answers.numbers.get(space, answers.unread.get(space))
    if earlier is not None and not _agree(earlier, reading):
        reading = _disagreement(earlier, reading)
        answers.numbers.pop(space, None)
    if isinstance(reading, Reason):
        answers.unread[space] = reading
    else:
        answers.numbers[space] = reading


def _disagreement(earlier: Numbers | Reason, later: Numbers | Reason) -> Reason:
    if isinstance(earlier, Reason) and earlier.text.startswith(_TWO_ANSWERS):
        return earlier
    if isinstance(earlier, Reason) and isinstance(later, Reason):
        return earlier if later.text in earlier.text else Reason(f"{earlier.text}; another time {later.text}")
    failed = next((reading for reading in (earlier, later) if isinstance(reading, Reason)), None)
    return Reason(_TWO_ANSWERS if failed is None else f"{_TWO_ANSWERS}. One of them is {failed.told()}")


def _agree(one: Numbers | Reason, other: Numbers | Reason) -> bool:
    if isinstance(one, Reason) or isinstance(other, Reason):
        return isinstance(one, Reason) and isinstance(other, Reason) and one.text == other.text
    return one.keys() == other.keys() and all(
        len(versions) == len(other[digits]) and all(version in other[digits] for version in versions)
        for digits, versions in one.items()
    )


def _readings(result: Facts, hide: Hide) -> dict[str | None, Numbers | Reason]:
    """Return what one result says of each space: its numbers, or why they cannot be told.

    A space asked for twice stands in the result twice, with the same answer.
    """
    said: dict[str | None, int | None] = {}
    for query in result["queries"]:
        if query.get("status") is not None:
            raise DriftInputError(
                f"The facts were asked for with status {quoted(query['status'])}, so they lack the numbers of any "
                "other; gather them without the option status."
            )
        space, count = space_of(query), query.get("phone_number_count")
        before = said.get(space, 0)
        said[space] = None if before is None or not isinstance(count, int) else before + count
    found: dict[str | None, int] = {}
    numbers: dict[str | None, Numbers] = {space: {} for space in said}
    for number in result["phone_numbers"]:
        space = space_of(number)
        found[space] = found.get(space, 0) + 1
        versions = numbers.setdefault(space, {}).setdefault(identity(number.get("phone_number")), [])
        if number not in versions:
            versions.append(number)
    unread = {space: _contradiction(space, said, found) for space in numbers}
    unread.update(_failures(result.get("failures"), hide))
    return {space: unread.get(space) or numbers[space] for space in {**numbers, **unread}}


def _contradiction(
    space: str | None, said: dict[str | None, int | None], found: dict[str | None, int]
) -> Reason | None:
    if space not in said:
        return Reason("the facts hold phone numbers of it, but no query for it; hand over the whole registered result")
    count = said[space]
    if count is None:
        return Reason("no answer came")
    if count == found.get(space, 0):
        return None
    return Reason(
        f"its query counts {plural(count, 'phone number')}, the facts hold {found.get(space, 0)}; "
        "hand over the whole registered result"
    )


def _failures(given: t.Any, hide: Hide) -> dict[str | None, Reason]:
    """Return the reason of each failure; what was left out after an early stop has the one that stopped the task."""
    failures = [failure for failure in given if isinstance(failure, dict)] if is_list(given) else []
    unread = {space_of(failure): reasons.of_failure(hide(failure)) for failure in failures}
    left_out = {space_of(failure) for failure in failures if failure.get("code") == reasons.NOT_ASKED}
    causes = Counter(reason.text for space, reason in unread.items() if space not in left_out)
    if causes:
        ((cause, _times),) = causes.most_common(1)
        unread.update((space, Reason(cause, left_out=True)) for space in left_out)
    return unread
