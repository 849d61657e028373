# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection.

What registered results say: which sub-customers were read, with which phone numbers, and which were not.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator, Mapping

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import (
    escape_control,
    is_list,
    redact_url,
    truncate,
)

_NOT_A_DIGIT = re.compile(r"[^0-9]")


class DriftInputError(ValueError):
    """A desired state or facts that cannot be used; the text is one sentence that names the place."""


class Answers(t.NamedTuple):
    """Everything that a list of results says; ``None`` stands for the account's own numbers.

    A number that was answered twice in two versions is kept in both: either can be the one that drifted.
    """

    numbers: dict[str | None, dict[str, list[Mapping[str, t.Any]]]]  # of each space read, by identity
    unread: dict[str | None, str]  # why a space that was asked for was not read
    unusable: list[str]  # why a result says nothing at all


def identity(phone_number: t.Any) -> str:
    """Return what tells one phone number from another: its digits, or its text when it has none."""
    text = "" if phone_number is None else str(phone_number)
    return text if text.isascii() and text.isdigit() else _NOT_A_DIGIT.sub("", text) or text


def space_of(query: Mapping[str, t.Any]) -> str | None:
    """Return the sub-customer of a query, a failure or a phone number, ``None`` for the account itself."""
    space = query.get("cust_space_id")
    return None if space is None else str(space)


def collect(results: t.Any) -> Answers:
    """Collect what a registered result, a looped one or a list of them says.

    A sub-customer read more than once counts as it was read last; one that was read at all is not unread.

    Raises ``DriftInputError`` when ``results`` is neither a mapping nor a list of mappings.
    """
    answers = Answers({}, {}, [])
    for result in _single(results):
        if not _is_answer(result):
            answers.unusable.append(_why_unusable(result))
            continue
        for query in result["queries"]:
            if query.get("phone_number_count") is None:
                answers.unread.setdefault(space_of(query), "no answer came")
            else:
                answers.numbers[space_of(query)] = {}
        for failure in result.get("failures") or []:
            answers.unread[space_of(failure)] = _why_unread(failure)
        for number in result["phone_numbers"]:
            versions = answers.numbers.setdefault(space_of(number), {}).setdefault(
                identity(number.get("phone_number")), []
            )
            if number not in versions:
                versions.append(number)
    for space in answers.numbers:
        answers.unread.pop(space, None)
    return answers


def _single(results: t.Any) -> Iterator[Mapping[str, t.Any]]:
    if isinstance(results, Mapping):
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
            f"The facts must be a registered result of the module or a list of them, not {type(results).__name__}."
        )


def _is_answer(result: Mapping[str, t.Any]) -> bool:
    return bool(result.get("queries")) and all(
        is_list(result.get(key)) and all(isinstance(item, Mapping) for item in result[key])
        for key in ("queries", "phone_numbers")
    )


def _why_unusable(result: Mapping[str, t.Any]) -> str:
    if result.get("skipped"):
        happened = "its task was skipped"
    elif result.get("msg"):
        happened = truncate(escape_control(redact_url(str(result["msg"]))))
    else:
        happened = "it is no whole registered result of the module"
    return f"A result without queries says nothing of any phone number: {happened}"


def _why_unread(failure: Mapping[str, t.Any]) -> str:
    parts = [f"{failure.get('code')}: {failure.get('message')}"]
    parts += [str(failure["remedy"])] if failure.get("remedy") else []
    parts += [f"(request id {failure['request_id']})"] if failure.get("request_id") else []
    return " ".join(truncate(escape_control(redact_url(part))) for part in parts)
