# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the desired state: what may stand in it, read into checks."""

from __future__ import annotations

import difflib
import functools
import re
import typing as t
from collections.abc import Collection, Mapping

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.checks import (
    AnyOf,
    Check,
    Exactly,
    Matches,
    Nested,
    Ordered,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError, identity
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import (
    escape_control,
    is_list,
    is_url_field,
    quoted,
    truncate,
)

# The fields of a phone number, as the service's official SDK (alibabacloud-cams20200606 5.3.1) lists them: a type for
# a single value, a mapping for a nested field, a list of one mapping for a list of nested fields.
FIELDS: dict[str, t.Any] = {
    "verified_name": str,
    "status": str,
    "quality_rating": str,
    "code_verification_status": str,
    "name_status": str,
    "new_name_status": str,
    "messaging_limit_tier": str,
    "status_callback_url": str,
    "up_callback_url": str,
    "status_queue": str,
    "up_queue": str,
    "is_official": str,
    "calling_configure": {
        "calling_callback_url": str,
        "max_talk_time": int,
        "calling": {
            "status": str,
            "call_hours": {
                "status": str,
                "timezone_id": str,
                "call_icon_visibility": str,
                "callback_permission_status": str,
                "weekly_operating_hours": [{"day_of_week": str, "open_time": str, "close_time": str}],
                "holiday_schedule": [{"date": str, "start_time": str, "end_time": str}],
            },
        },
    },
}


_KEYS_OF_A_NUMBER = {"phone_number": str, **FIELDS}
_exactly = functools.lru_cache(maxsize=4096)(Exactly)  # thousands of phone numbers share few values


class Number(t.NamedTuple):
    """One desired phone number: how the user wrote it, and the check of each of its fields."""

    phone_number: str
    checks: dict[str, Check]


class Space(t.NamedTuple):
    """One desired sub-customer, ``None`` for the account's own numbers; its numbers by identity."""

    cust_space_id: str | None
    reports_unlisted: bool
    numbers: dict[str, Number]


def read_desired(desired: t.Any) -> list[Space]:
    """Read a desired state.

    Raises ``DriftInputError``, with the place, for whatever cannot have been meant: unknown keys, wrong types,
    keys without a value, duplicates, and a state that checks nothing.
    """
    _check_keys(desired, "", ("defaults", "spaces"))
    defaults = desired.get("defaults", {})
    _check_keys(defaults, "defaults", FIELDS)
    checks = _checks(defaults, "defaults", FIELDS)
    spaces: dict[str | None, Space] = {}
    for index, given in enumerate(_list(desired, "", "spaces")):
        space = _space(given, f"spaces[{index}]", checks)
        if space.cust_space_id in spaces:
            first = list(spaces).index(space.cust_space_id)
            raise DriftInputError(f"spaces[{index}].cust_space_id: the same as in spaces[{first}]; make one of both.")
        spaces[space.cust_space_id] = space
    if not any(space.numbers or space.reports_unlisted for space in spaces.values()):
        raise DriftInputError("spaces: nothing is desired here; list at least one phone number.")
    return list(spaces.values())


def _space(given: t.Any, place: str, defaults: dict[str, Check]) -> Space:
    _check_keys(given, place, ("cust_space_id", "unlisted", "phone_numbers"))
    unlisted = given.get("unlisted", "drift")
    if unlisted not in ("drift", "ignore"):
        raise DriftInputError(f'{place}.unlisted: must be "drift" or "ignore", not {quoted(unlisted)}.')
    cust_space_id = None
    if "cust_space_id" in given:
        cust_space_id = _label(given, place, "cust_space_id")
        if not cust_space_id.strip():
            raise DriftInputError(f"{place}.cust_space_id: is empty; leave the key out for the account's own numbers.")
    numbers: dict[str, Number] = {}
    for index, entry in enumerate(_list(given, place, "phone_numbers")):
        at = f"{place}.phone_numbers[{index}]"
        _check_keys(entry, at, _KEYS_OF_A_NUMBER)
        label = _label(entry, at, "phone_number")
        digits = identity(label)
        if not (digits.isascii() and digits.isdigit()):
            raise DriftInputError(f"{at}.phone_number: has no digits; numbers are compared by them.")
        if digits in numbers:
            first = list(numbers).index(digits)
            raise DriftInputError(f"{at}.phone_number: the same number as in phone_numbers[{first}]; keep one.")
        numbers[digits] = Number(label, {**defaults, **_checks(entry, at, FIELDS)})
    return Space(cust_space_id, unlisted == "drift", numbers)


def _checks(given: t.Any, place: str, shapes: Mapping[str, t.Any]) -> dict[str, Check]:
    return {
        field: _check(value, shapes[field], f"{place}.{field}", is_url_field(field))
        for field, value in given.items()
        if field in shapes
    }


def _check(value: t.Any, shape: t.Any, place: str, url: bool) -> Check:
    if not is_list(value) or isinstance(shape, list):
        return _one_check(value, shape, place, url)
    if not value:
        raise DriftInputError(f'{place}: an empty list accepts nothing; write "" where the field must be empty.')
    return AnyOf([_one_check(item, shape, f"{place}[{index}]", url) for index, item in enumerate(value)])


def _one_check(value: t.Any, shape: t.Any, place: str, url: bool) -> Check:
    if isinstance(value, str) and (shape is str or not value):
        return _exactly(value.strip() if url else value, url)
    if isinstance(shape, list):
        if not is_list(value):
            raise DriftInputError(f"{place}: must be a list, not {_kind(value)}.")
        return Ordered([_one_check(item, shape[0], f"{place}[{index}]", url) for index, item in enumerate(value)])
    if isinstance(shape, Mapping):
        _check_keys(value, place, shape)
        if not value:
            raise DriftInputError(f"{place}: an empty mapping checks nothing; leave it out or name a field.")
        return Nested(_checks(value, place, shape))
    if isinstance(value, Mapping):
        return Matches(_pattern(value, place), url)
    if not isinstance(value, shape) or isinstance(value, bool):
        wanted = "text; put it in quotes" if shape is str and not is_list(value) else _NAMES[shape]
        raise DriftInputError(f"{place}: is {_kind(value)} where the service has {wanted}.")
    return Exactly(value, url)


def _pattern(given: Mapping[str, t.Any], place: str) -> re.Pattern[str]:
    _check_keys(given, place, ("matches",))
    pattern = given.get("matches")
    if not isinstance(pattern, str) or not pattern:
        raise DriftInputError(f"{place}: a pattern is written as {{matches: REGEX}}, with text for REGEX.")
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise DriftInputError(f"{place}.matches: no regular expression: {error}.") from error


def _check_keys(given: t.Any, place: str, known: Collection[str]) -> None:
    if not isinstance(given, Mapping):
        raise DriftInputError(f"{place or 'The desired state'}: must be a mapping, not {_kind(given)}.")
    for key, value in given.items():
        if key not in known:
            raise unknown_key(_at(place, key), key, known)
        if value is None:
            raise DriftInputError(f'{_at(place, key)}: has no value; write "" for an empty one, or leave the key out.')


def unknown_key(place: str, key: t.Any, known: Collection[str]) -> DriftInputError:
    """Return the error for a key that is none of ``known``, with the nearest of them."""
    near = difflib.get_close_matches(str(key), known)
    hint = f'did you mean "{near[0]}"?' if near else f"known here: {', '.join(known)}."
    return DriftInputError(f"{place}: unknown key; {hint}")


def _at(place: str, key: t.Any) -> str:
    return f"{place}.{truncate(escape_control(str(key)))}".lstrip(".")


def _list(given: Mapping[str, t.Any], place: str, key: str) -> t.Sequence[t.Any]:
    if key not in given:
        raise DriftInputError(f"{_at(place, key)}: is missing.")
    if not is_list(given[key]):
        raise DriftInputError(f"{_at(place, key)}: must be a list, not {_kind(given[key])}.")
    return given[key]


def _label(given: Mapping[str, t.Any], place: str, key: str) -> str:
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise DriftInputError(f"{place}.{key}: must be text, not {_kind(value)}.")
    return str(value)


_NAMES = {str: "text", int: "a whole number"}


def _kind(value: t.Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, Mapping):
        return "a mapping"
    if is_list(value):
        return "a list"
    return next((name for kind, name in _NAMES.items() if isinstance(value, kind)), type(value).__name__)
