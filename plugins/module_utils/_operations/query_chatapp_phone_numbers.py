# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the operation ``QueryChatappPhoneNumbers``: its request, and its answer as facts."""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import TransportError

ACTION = "QueryChatappPhoneNumbers"
VERSION = "2020-06-06"

# Names of our own in a number's facts.
_RESERVED = ("cust_space_id",)

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def query(isv_code: str | None, space_id: str | None, status: str | None) -> dict[str, str]:
    """Return the request's parameters. None is not sent, an empty string is."""
    wanted = {"IsvCode": isv_code, "CustSpaceId": space_id, "Status": status}
    return {name: value for name, value in wanted.items() if value is not None}


def facts(answer: t.Mapping[str, t.Any], space_id: str | None) -> list[dict[str, t.Any]]:
    """Return one dict a phone number, every wire field under its snake_case name, values untouched.

    ``answer`` is a successful one. ``PhoneNumbers`` missing or null means that there are none.
    Raises TransportError ``UnexpectedAnswer`` when it is of another shape.
    """
    numbers = answer.get("PhoneNumbers")
    if numbers is None:
        return []
    if not isinstance(numbers, list) or not all(isinstance(number, dict) for number in numbers):
        request_id = answer.get("RequestId")
        raise TransportError(
            "UnexpectedAnswer",
            "PhoneNumbers of the answer is not a list of objects.",
            request_id=request_id if isinstance(request_id, str) else None,
        )
    result = []
    for number in numbers:
        fact = _snake_dict(number, _RESERVED)
        if space_id is not None:
            fact["cust_space_id"] = space_id
        result.append(fact)
    return result


def merged(
    asked: t.Sequence[t.Any], queries: t.Mapping[t.Any, t.Any], status: str | None
) -> dict[str, list[dict[str, t.Any]]]:
    """Put the answers in the order asked, a query asked twice in both places.

    ``queries`` holds the Query of each sub-customer in ``asked``, answered with its request ID and facts, or failed.
    ``status`` is the filter that each was asked with, or None.
    """
    result: dict[str, list[dict[str, t.Any]]] = {"phone_numbers": [], "queries": [], "failures": []}
    for space_id in asked:
        query = queries[space_id]
        query_facts = {"cust_space_id": space_id, "status": status, "attempts": query.attempts}
        if query.error is None:
            request_id, numbers = query.answer
            result["phone_numbers"] += numbers
            query_facts.update(request_id=request_id, phone_number_count=len(numbers))
        else:
            error = query.error
            query_facts.update(request_id=error.request_id, phone_number_count=None)
            result["failures"].append(dict(error.facts(), cust_space_id=space_id))
        result["queries"].append(query_facts)
    return result


def _snake_dict(wire: t.Mapping[str, t.Any], reserved: t.Sequence[str] = ()) -> dict[str, t.Any]:
    """A field whose snake_case name is taken, by another field or by a reserved name, keeps its wire name."""
    taken = set(wire).union(reserved)
    result = {}
    for name, value in wire.items():
        snake = _snake(name)
        if snake in taken:
            snake = name
        taken.add(snake)
        result[snake] = _snake_value(value)
    return result


def _snake_value(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return _snake_dict(value)
    if isinstance(value, list):
        return [_snake_value(item) for item in value]
    return value


def summary(failures: t.Sequence[t.Mapping[str, t.Any]], asked: int) -> tuple[str, dict[str, t.Any]]:
    """Return one message for all ``failures``, and the error facts of the first, which tells most."""
    first = dict(failures[0])
    space_id = first.pop("cust_space_id")
    text = " ".join(part for part in ("{}: {}".format(first["code"], first["message"]), first["remedy"]) if part)
    if space_id is not None:
        text = f"{len(failures)} of {asked} cust_space_ids could not be read. The first is {space_id}: {text}"
    return text, first


@functools.lru_cache(maxsize=1024)
def _snake(name: str) -> str:
    return _WORD.sub("_", name).lower()
