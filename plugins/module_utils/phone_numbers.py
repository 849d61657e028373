# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation C(QueryChatappPhoneNumbers): its request, and its answer as facts."""
from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils.errors import TransportError

ACTION = "QueryChatappPhoneNumbers"
VERSION = "2020-06-06"

# Names of our own in a number's facts.
_RESERVED = ("cust_space_id",)

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def query(isv_code: t.Optional[str], space_id: t.Optional[str], status: t.Optional[str]) -> t.Dict[str, str]:
    """Return the request's parameters. None is not sent, an empty string is."""
    wanted = {"IsvCode": isv_code, "CustSpaceId": space_id, "Status": status}
    return {name: value for name, value in wanted.items() if value is not None}


def facts(answer: t.Mapping[str, t.Any], space_id: t.Optional[str]) -> t.List[t.Dict[str, t.Any]]:
    """Return one dict a phone number, every wire field under its snake_case name, values untouched.

    C(answer) is a successful one. C(PhoneNumbers) missing or null means that there are none.
    Raises TransportError V(UnexpectedAnswer) when it is of another shape.
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


def collected(asked: t.Sequence[t.Any], questions: t.Mapping[t.Any, t.Any]) -> t.Dict[str, t.List[t.Dict[str, t.Any]]]:
    """Put the answers in the order asked, a question asked twice in both places.

    C(questions) holds the Question of each sub-customer in C(asked), answered with its request ID and facts, or failed.
    """
    result: t.Dict[str, t.List[t.Dict[str, t.Any]]] = {"phone_numbers": [], "queries": [], "failures": []}
    for space_id in asked:
        question = questions[space_id]
        query_facts = {"cust_space_id": space_id, "attempts": question.attempts}
        if question.error is None:
            request_id, numbers = question.answer
            result["phone_numbers"] += numbers
            query_facts.update(request_id=request_id, phone_number_count=len(numbers))
        else:
            error = question.error
            query_facts.update(request_id=error.request_id, phone_number_count=None)
            result["failures"].append(dict(error.facts(), cust_space_id=space_id))
        result["queries"].append(query_facts)
    return result


def _snake_dict(wire: t.Mapping[str, t.Any], reserved: t.Sequence[str] = ()) -> t.Dict[str, t.Any]:
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


def summary(failures: t.Sequence[t.Mapping[str, t.Any]], asked: int) -> t.Tuple[str, t.Dict[str, t.Any]]:
    """Return one message for all C(failures), and the error facts of the first, which tells most."""
    first = dict(failures[0])
    space_id = first.pop("cust_space_id")
    text = " ".join(part for part in ("%s: %s" % (first["code"], first["message"]), first["remedy"]) if part)
    if space_id is not None:
        text = "%d of %d cust_space_ids could not be read. The first is %s: %s" % (len(failures), asked, space_id, text)
    return text, first


@functools.lru_cache(maxsize=1024)
def _snake(name: str) -> str:
    return _WORD.sub("_", name).lower()
