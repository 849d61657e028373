# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: facts → desired state, so that nobody types what the service already knows."""

from __future__ import annotations

import json
import re
import typing as t
from collections import Counter
from collections.abc import Iterable

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.checks import EMPTY
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.desired import read_desired
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.fields import FIELDS, OF_THE_FACTS, OTHER
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.parse import unknown_key
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError, Facts, collect
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import (
    is_list,
    is_url_field,
    kind_of,
    label,
    quoted,
)

DEFAULT_FIELDS = ("status", "status_callback_url", "up_callback_url")

Entry = dict[str, t.Any]


def desired_from(results: t.Any, fields: t.Any = DEFAULT_FIELDS, defaults: t.Any = True) -> dict[str, t.Any]:
    """Make a desired state with which the facts of the same results are in sync. All values are plain.

    ``fields`` names the fields to write down of each number, ``other`` those that no table knows. URLs are written
    whole, query strings as well: the comparison needs them. With ``defaults`` the value of a field that more than half
    of the numbers share is written once.

    Raises ``DriftInputError`` where no such state exists: results that are not whole, or a phone number that answers
    in two versions or has no digits.
    """
    _check_fields(fields)
    if not isinstance(defaults, bool):
        raise DriftInputError(f"defaults: must be true or false, not {kind_of(defaults)}.")
    answers = collect(results)
    unread = [
        *answers.unusable,
        *(f"{_name(space)} was not read: {why.told()}" for space, why in answers.unread.items()),
    ]
    if unread or not answers.numbers:
        raise DriftInputError(
            f"A desired state needs facts that are whole: {'; '.join(unread[:3]) or 'nothing was read'}"
        )
    unknown = _unknown_fields(number for numbers in answers.numbers.values() for (number, *_more) in numbers.values())
    names = list(dict.fromkeys(fields))
    spaces = [_space(space, numbers, names, unknown) for space, numbers in answers.numbers.items()]
    desired: dict[str, t.Any] = {"spaces": spaces}
    if defaults:
        shared = _hoist([entry for space in spaces for entry in space["phone_numbers"]])
        desired = {"defaults": shared, **desired} if shared else desired
    read_desired(desired)
    return desired


def _name(space: str | None) -> str:
    return "the account itself" if space is None else f"sub-customer {quoted(space)}"


def _check_fields(fields: t.Any) -> None:
    if not isinstance(fields, (list, tuple)):
        raise DriftInputError(
            f"fields: must be a list of field names, not {kind_of(fields)}; write [status, is_official]."
        )
    for index, field in enumerate(fields):
        if not isinstance(field, str):
            raise DriftInputError(f"fields[{index}]: must be the name of a field, not {kind_of(field)}.")
        if field not in FIELDS and field != OTHER:
            raise unknown_key(f"fields: {quoted(field)}", field, (*FIELDS, OTHER))


def _unknown_fields(numbers: Iterable[Facts]) -> list[str]:
    """Return the fields of phone numbers that no table knows, each once."""
    known = {*FIELDS, *OF_THE_FACTS}
    return list({field: None for number in numbers for field in number if field not in known})


def _space(space: str | None, numbers: dict[str, list[Facts]], fields: list[str], unknown: list[str]) -> Entry:
    if space is not None and "{" in space:
        raise DriftInputError(f"{_name(space)} could be taken for a template and is not written down.")
    entries = []
    for digits, versions in numbers.items():
        if len(versions) > 1:
            raise DriftInputError(f"{quoted(digits)} of {_name(space)} was answered in {len(versions)} versions.")
        (facts,) = versions
        entry = {field: _value(field, facts.get(field), FIELDS[field]) for field in fields if field != OTHER}
        if OTHER in fields and unknown:
            # A number that lacks a field says so: the default of the others would hold for it as well.
            entry[OTHER] = {_key(field): _unknown(field, facts.get(field)) for field in unknown}
        entries.append({"phone_number": digits, **entry})
    return {**({} if space is None else {"cust_space_id": space}), "phone_numbers": entries}


def _value(field: str, fact: t.Any, shape: t.Any) -> t.Any:
    if fact in EMPTY:
        return ""
    if isinstance(shape, dict) and isinstance(fact, dict):
        known = {name: _value(name, fact.get(name), part) for name, part in shape.items()}
        others = {_key(name): _unknown(name, item) for name, item in fact.items() if name not in shape}
        return {**known, OTHER: others} if others else known
    if is_list(fact):
        if not isinstance(shape, list):
            raise DriftInputError(
                f"{field}: is a list, which a desired state would take for alternatives; leave it out."
            )
        return [_value(field, item, shape[0]) for item in fact]
    return _text(field, fact) if isinstance(fact, str) else fact


def _unknown(field: str, fact: t.Any) -> t.Any:
    if fact in EMPTY:
        return ""
    if isinstance(fact, dict):
        if fact.keys() == {"matches"}:
            raise DriftInputError(f"{label(field)}: would be taken for a pattern and is not written down.")
        return {_key(name): _unknown(name, item) for name, item in fact.items()}
    if is_list(fact):
        return [_unknown(field, item) for item in fact]
    return _text(field, fact) if isinstance(fact, str) else fact


def _key(name: str) -> str:
    if "{" in name:
        raise DriftInputError(f"The field {quoted(name)} could be taken for a template and is not written down.")
    return name


def _text(field: str, fact: str) -> str | dict[str, str]:
    text = fact.strip() if is_url_field(field) else fact
    return _inert(text) if "{" in text or text.startswith("#jinja2:") else text


def _inert(text: str) -> dict[str, str]:
    """Return a pattern for exactly this text which, read back from a file, Ansible cannot take for a template."""
    return {"matches": re.escape(text).replace(r"\{", "[{]")}


def _hoist(entries: list[Entry]) -> Entry:
    """Take out of ``entries``, which all have the same fields, each value that more than half of them share."""
    shared: Entry = {}
    for field in list(entries[0]) if entries else ():
        if field == "phone_number":
            continue
        if field == OTHER:
            common = _hoist([entry[OTHER] for entry in entries])
            for entry in entries:
                if not entry[OTHER]:
                    del entry[OTHER]
            shared.update({OTHER: common} if common else {})
            continue
        ((most_common, times),) = Counter(_comparable(entry[field]) for entry in entries).most_common(1)
        if times > 1 and times * 2 > len(entries):
            holders = [entry for entry in entries if _comparable(entry[field]) == most_common]
            shared[field] = holders[0][field]
            for entry in holders:
                del entry[field]
    return shared


def _comparable(value: t.Any) -> t.Any:
    return value if isinstance(value, str) else (json.dumps(value, sort_keys=True),)
