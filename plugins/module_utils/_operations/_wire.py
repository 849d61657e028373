# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: answers of the service as facts: names in snake_case, values untouched."""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import TransportError

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def rows(answer: t.Mapping[str, t.Any], name: str) -> list[dict[str, t.Any]]:
    """Return the list of objects that a successful ``answer`` holds under ``name``; missing or null is an empty one.

    Raises TransportError ``UnexpectedAnswer`` when it is of another shape.
    """
    found = answer.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        request_id = answer.get("RequestId")
        raise TransportError(
            "UnexpectedAnswer",
            f"{name} of the answer is not a list of objects.",
            request_id=request_id if isinstance(request_id, str) else None,
        )
    return found


def snake_dict(wire: t.Mapping[str, t.Any], reserved: t.Sequence[str] = ()) -> dict[str, t.Any]:
    """Return ``wire`` with its names in snake_case, inner ones too.

    A field whose snake_case name is taken, by another field or by a ``reserved`` name, keeps its wire name.
    """
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
        return snake_dict(value)
    if isinstance(value, list):
        return [_snake_value(item) for item in value]
    return value


@functools.lru_cache(maxsize=1024)
def _snake(name: str) -> str:
    return _WORD.sub("_", name).lower()
