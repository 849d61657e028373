# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the fields of a desired phone number, read into checks. Every refusal names the place."""

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
    OrderedOrAnyOf,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.fields import OF_THE_FACTS, OTHER
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import (
    Vaulted,
    escape_control,
    is_list,
    is_url_field,
    kind_of,
    truncate,
)

_WHOLE_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,18}\s*", re.ASCII)
_NAMES = {str: "text", int: "a whole number"}


@functools.lru_cache(maxsize=4096)  # thousands of phone numbers share few values
def _exactly(value: str, url: bool, vaulted: bool) -> Exactly:
    return Exactly(value, url, vaulted)


def read_checks(given: dict[str, t.Any], place: str, shapes: Mapping[str, t.Any]) -> dict[str, Check]:
    """Return the check of each field of ``shapes`` that is given, and of those under ``other``."""
    checks = {
        field: _check(value, shapes[field], f"{place}.{field}", is_url_field(field))
        for field, value in given.items()
        if field in shapes
    }
    if OTHER in given:
        checks.update(_others(given[OTHER], f"{place}.{OTHER}", shapes))
    return checks


def check_keys(given: t.Any, place: str, known: Collection[str]) -> None:
    """Refuse what is no mapping, keys that are none of ``known``, and keys without a value."""
    if not isinstance(given, dict):
        raise DriftInputError(f"{place or 'The desired state'}: must be a mapping, not {kind_with_hint(given)}.")
    for key, value in given.items():
        if key not in known:
            raise unknown_key(_at(place, key), key, known)
        if value is None:
            raise _no_value(_at(place, key))


def unknown_key(place: str, key: t.Any, known: Collection[str]) -> DriftInputError:
    """Return the error for a key that is none of ``known``, with the nearest of them."""
    near = difflib.get_close_matches(str(key), known)
    hint = f'did you mean "{near[0]}"?' if near else f"known here: {', '.join(known)}."
    return DriftInputError(f"{place}: unknown key; {hint}")


def kind_with_hint(value: t.Any) -> str:
    """Return what kind of value stands where a list or a mapping is meant, and what to do about text that holds one."""
    if isinstance(value, str) and not isinstance(value, Vaulted) and re.match(r"\s*([\[{]|---|- )", value):
        return "text; read it with from_json or from_yaml first"
    return kind_of(value)


def _check(value: t.Any, shape: t.Any, place: str, url: bool) -> Check:
    if not is_list(value) or isinstance(shape, list):
        return _one_check(value, shape, place, url)
    if not value:
        raise DriftInputError(f'{place}: an empty list accepts nothing; write "" where the field must be empty.')
    return AnyOf([_one_check(item, shape, f"{place}[{index}]", url) for index, item in enumerate(value)])


def _one_check(value: t.Any, shape: t.Any, place: str, url: bool) -> Check:
    if isinstance(value, str) and (shape is str or not value):
        return _text(value, url)
    if isinstance(shape, list):
        if not is_list(value):
            raise DriftInputError(f"{place}: must be a list, not {kind_with_hint(value)}.")
        return Ordered([_one_check(item, shape[0], f"{place}[{index}]", url) for index, item in enumerate(value)])
    if isinstance(shape, dict):
        check_keys(value, place, (*shape, OTHER))
        if not value:
            raise DriftInputError(f"{place}: an empty mapping checks nothing; leave it out or name a field.")
        return Nested(read_checks(value, place, shape))
    if isinstance(value, dict):
        return _pattern(value, place, url)
    if shape is int and isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value):
        # Before ansible-core 2.19 a template makes text of a number.
        return Exactly(int(value), url, isinstance(value, Vaulted))
    if not isinstance(value, shape) or isinstance(value, bool):
        raise DriftInputError(f"{place}: is {kind_of(value)} where the service has {_wanted(value, shape)}.")
    return Exactly(value, url)


def _wanted(value: t.Any, shape: t.Any) -> str:
    if shape is not str or is_list(value):
        return _NAMES[shape]
    return "text; put it in quotes, or end the template that makes it with | string"


def _text(value: str, url: bool) -> Exactly:
    vaulted = isinstance(value, Vaulted)
    text = value.plain if isinstance(value, Vaulted) else value
    return _exactly(text.strip() if url else text, url, vaulted)


def _pattern(given: dict[str, t.Any], place: str, url: bool) -> Matches:
    check_keys(given, place, ("matches",))
    pattern = given.get("matches")
    if not isinstance(pattern, str) or not pattern:
        raise DriftInputError(f"{place}: a pattern is written as {{matches: REGEX}}, with text for REGEX.")
    vaulted = isinstance(pattern, Vaulted)
    try:
        return Matches(re.compile(pattern.plain if isinstance(pattern, Vaulted) else pattern), url, vaulted)
    except (re.error, OverflowError, RecursionError) as error:
        why = "" if vaulted else f": {error}"  # which can quote a part of it
        raise DriftInputError(f"{place}.matches: no regular expression{why}.") from None


def _others(given: t.Any, place: str, shapes: Mapping[str, t.Any]) -> dict[str, Check]:
    if not isinstance(given, dict):
        raise DriftInputError(f"{place}: must be a mapping, not {kind_with_hint(given)}.")
    for key in given:
        if key in shapes or key in OF_THE_FACTS:
            raise DriftInputError(f"{_at(place, key)}: this key is known; write it beside other, not under it.")
    return {key: _unknown(value, _at(place, key), is_url_field(key)) for key, value in given.items()}


def _unknown(value: t.Any, place: str, url: bool) -> Check:
    """Return the check of a field that the service may have since, by the same rules."""
    if value is None:
        raise _no_value(place)
    if isinstance(value, dict):
        if not value:
            raise DriftInputError(f"{place}: an empty mapping checks nothing; leave it out or name a field.")
        if value.keys() == {"matches"}:
            return _pattern(value, place, url)
        return Nested({key: _unknown(item, _at(place, key), is_url_field(key)) for key, item in value.items()})
    if isinstance(value, list):
        return OrderedOrAnyOf([_unknown(item, f"{place}[{index}]", url) for index, item in enumerate(value)])
    check = _text(value, url) if isinstance(value, str) else Exactly(value, url)
    return check._replace(loose=True)


def _no_value(place: str) -> DriftInputError:
    return DriftInputError(f'{place}: has no value; write "" for an empty one, or leave the key out.')


def _at(place: str, key: t.Any) -> str:
    return f"{place}.{truncate(escape_control(str(key)))}".lstrip(".")
