# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

_NAMES = {
    str: "text (put it in quotes)",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a mapping",
}
_MISSING = object()


class BadData(Exception):
    """One sentence: where in the data, what is wrong, what it must be."""


class Field(NamedTuple):
    """One key of a mapping in the data: its type and its default; without a default it must be given."""

    type: type
    default: Any = _MISSING
    choices: tuple[Any, ...] = ()
    least: float | None = None


def check(value: Any, where: str, field: Field) -> Any:
    """The value, if it is what the field says; else BadData."""
    wanted = (int, float) if field.type is float else field.type
    # To Python true is a number, to whoever writes a data file it is not.
    if not isinstance(value, wanted) or (isinstance(value, bool) and field.type is not bool):
        raise BadData(f"{where}: {value!r} is not {_NAMES[field.type]}.")
    if field.choices and value not in field.choices:
        raise BadData(f"{where}: {value!r} is not one of {', '.join(map(str, field.choices))}.")
    if field.least is not None and value < field.least:
        raise BadData(f"{where}: {value!r} is less than {field.least}.")
    return value


def mapping(node: Any, where: str, fields: Mapping[str, Field]) -> dict[str, Any]:
    """The mapping with its defaults filled in; BadData for a key that is unknown, missing or of the wrong type."""
    check(node, where, Field(dict))
    for key in node:
        if key not in fields:
            raise BadData(f"{where}: unknown key {key!r}; known are {', '.join(fields)}.")
    found = {}
    for name, field in fields.items():
        value = node.get(name, field.default)
        if value is _MISSING:
            raise BadData(f"{where}: {name} is missing.")
        found[name] = value if value is field.default else check(value, f"{where}, {name}", field)
    return found
