# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the desired state: what may stand in it, read into spaces and their numbers."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.checks import Check
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.fields import FIELDS, OTHER
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.parse import (
    check_keys,
    kind_with_hint,
    read_checks,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError, identity
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import (
    Vaulted,
    is_list,
    kind_of,
    label,
    quoted,
)

WRAPPED = "drift_check_desired"  # the variable of the role, in which a file holds a desired state

_OF_DEFAULTS = {**FIELDS, OTHER: dict}
_OF_A_NUMBER = {"phone_number": str, **_OF_DEFAULTS}
_SEVERAL = re.compile(r"[,;\n]")  # between IDs or numbers that stand in one text


class Number(t.NamedTuple):
    """One desired phone number: its label in reports, and the check of each of its fields."""

    label: str
    checks: dict[str, Check]
    vaulted: bool


class Space(t.NamedTuple):
    """One desired sub-customer, ``None`` for the account's own numbers; its numbers by identity."""

    cust_space_id: str | None
    label: str | None
    reports_unlisted: bool
    numbers: dict[str, Number]


def read_desired(desired: t.Any) -> list[Space]:
    """Read a desired state, or a list of them.

    Raises ``DriftInputError``, with the place, for whatever cannot have been meant: unknown keys, wrong types,
    keys without a value, duplicates, and a state that checks nothing.
    """
    if is_list(desired):
        return read_states([(f"desired[{index}]", state) for index, state in enumerate(desired)])
    return read_states([("", desired)])


def merge(states: t.Sequence[tuple[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Return several desired states, such as ``(name of a file, what stands in it)``, as one list that can be compared.

    Each is a plain state, or one under the key ``drift_check_desired``. The defaults of each hold for its own numbers.

    Raises ``DriftInputError``, with the name and the place, as ``read_desired`` does; a sub-customer in two states is
    refused with both places.
    """
    read_states(states)
    return [_unwrapped(state) for _name, state in states]


def read_states(states: t.Sequence[tuple[str, t.Any]]) -> list[Space]:
    """Read desired states, each with the name that stands before a place in it."""
    spaces: dict[str | None, Space] = {}
    places: dict[str | None, str] = {}
    for name, state in states:
        for index, space in enumerate(_state(name, state)):
            place = f"spaces[{index}]"
            if space.cust_space_id in spaces:
                first = places[space.cust_space_id]
                raise _named(name, f"{place}.cust_space_id: the same as in {first}; make one of both.")
            spaces[space.cust_space_id] = space
            places[space.cust_space_id] = f"{name}: {place}" if name else place
    if not any(space.numbers or space.reports_unlisted for space in spaces.values()):
        raise DriftInputError("spaces: nothing is desired here; list at least one phone number.")
    return list(spaces.values())


def _unwrapped(state: t.Any) -> t.Any:
    if not isinstance(state, dict) or WRAPPED not in state:
        return state
    check_keys(state, "", (WRAPPED,))
    return state[WRAPPED]


def _state(name: str, state: t.Any) -> list[Space]:
    try:
        state = _unwrapped(state)
        check_keys(state, "", ("defaults", "spaces"))
        defaults = state.get("defaults", {})
        check_keys(defaults, "defaults", _OF_DEFAULTS)
        checks = read_checks(defaults, "defaults", FIELDS)
        return [_space(given, f"spaces[{index}]", checks) for index, given in enumerate(_list(state, "", "spaces"))]
    except DriftInputError as error:
        raise _named(name, str(error)) from None


def _named(name: str, message: str) -> DriftInputError:
    return DriftInputError(f"{name}: {message}" if name else message)


def _space(given: t.Any, place: str, defaults: dict[str, Check]) -> Space:
    check_keys(given, place, ("cust_space_id", "unlisted", "phone_numbers"))
    unlisted = given.get("unlisted", "drift")
    if unlisted not in ("drift", "ignore"):
        raise DriftInputError(f'{place}.unlisted: must be "drift" or "ignore", not {quoted(unlisted)}.')
    cust_space_id = _cust_space_id(given, place) if "cust_space_id" in given else None
    shown = None if cust_space_id is None else _label(given["cust_space_id"], cust_space_id, place)
    numbers: dict[str, Number] = {}
    for index, entry in enumerate(_list(given, place, "phone_numbers")):
        at = f"{place}.phone_numbers[{index}]"
        check_keys(entry, at, _OF_A_NUMBER)
        text = _phone_number(entry, at)
        digits = identity(text)
        if not (digits.isascii() and digits.isdigit()):
            raise DriftInputError(f"{at}.phone_number: has no digits; numbers are compared by them.")
        if digits in numbers:
            first = list(numbers).index(digits)
            raise DriftInputError(f"{at}.phone_number: the same number as in phone_numbers[{first}]; keep one.")
        checks = {**defaults, **read_checks(entry, at, FIELDS)}
        vaulted = isinstance(entry["phone_number"], Vaulted)
        numbers[digits] = Number(_label(entry["phone_number"], text, at), checks, vaulted)
    return Space(cust_space_id, shown, unlisted == "drift", numbers)


def _cust_space_id(given: dict[str, t.Any], place: str) -> str:
    text = _text(given, place, "cust_space_id")
    at = f"{place}.cust_space_id"
    if not text.strip():
        raise DriftInputError(f"{at}: is empty; leave the key out for the account's own numbers.")
    if _SEVERAL.search(text.strip()):
        raise DriftInputError(f"{at}: must be one ID; give each sub-customer an entry of its own in spaces.")
    if text != text.strip() or not text.isprintable():
        raise DriftInputError(
            f"{at}: has a blank, a line break or an invisible character beside the ID; write the ID alone, in quotes."
        )
    return text


def _phone_number(entry: dict[str, t.Any], place: str) -> str:
    text = _text(entry, place, "phone_number")
    if text.isascii() and text.isdigit():
        return text
    if _SEVERAL.search(text.strip()):
        raise DriftInputError(f"{place}.phone_number: must be one number; give each an entry of its own.")
    if any(character.isdigit() and not character.isascii() for character in text):
        raise DriftInputError(f"{place}.phone_number: has digits other than 0 to 9; numbers are compared by those.")
    return text


def _text(given: dict[str, t.Any], place: str, key: str) -> str:
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise DriftInputError(f"{place}.{key}: must be text, not {kind_of(value)}.")
    return value.plain if isinstance(value, Vaulted) else str(value)


def _label(value: t.Any, text: str, place: str) -> str:
    """Return how reports show the name of a sub-customer or a phone number: a vaulted one by its place alone."""
    return f"(vaulted: {place})" if isinstance(value, Vaulted) else label(text)


def _list(given: dict[str, t.Any], place: str, key: str) -> list[t.Any]:
    at = f"{place}.{key}".lstrip(".")
    if key not in given:
        raise DriftInputError(f"{at}: is missing.")
    value = given[key]
    if not isinstance(value, list):
        raise DriftInputError(f"{at}: must be a list, not {kind_with_hint(value)}.")
    return value
