# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: facts → desired state, so that nobody types what the service already knows."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.checks import EMPTY
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.desired import FIELDS, read_desired, unknown_key
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError, collect
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import is_list, is_url_field, quoted

DEFAULT_FIELDS = ("status", "status_callback_url", "up_callback_url")


def desired_from(results: t.Any, fields: t.Any = DEFAULT_FIELDS) -> dict[str, t.Any]:
    """Make a desired state with which the facts of the same results are in sync.

    ``fields`` names the fields to write down of each number. URLs are written whole, query strings as well: the
    comparison needs them.

    Raises ``DriftInputError`` where no such state exists: results that are not whole, or a phone number that answers
    in two versions or has no digits.
    """
    _check_fields(fields)
    answers = collect(results)
    unread = [*answers.unusable, *(f"{_name(space)} was not read: {why}" for space, why in answers.unread.items())]
    if unread or not answers.numbers:
        raise DriftInputError(
            f"A desired state needs facts that are whole: {'; '.join(unread[:3]) or 'nothing was read'}"
        )
    desired = {"spaces": [_space(space, numbers, fields) for space, numbers in answers.numbers.items()]}
    read_desired(desired)
    return desired


def _name(space: str | None) -> str:
    return "the account itself" if space is None else f"sub-customer {quoted(space)}"


def _check_fields(fields: t.Any) -> None:
    if not is_list(fields):
        raise DriftInputError("fields: must be a list of field names.")
    for field in map(str, fields):
        if field not in FIELDS:
            raise unknown_key(f"fields: {quoted(field)}", field, FIELDS)


def _space(
    space: str | None, numbers: Mapping[str, list[Mapping[str, t.Any]]], fields: t.Iterable[str]
) -> dict[str, t.Any]:
    if space is not None and "{" in space:
        raise DriftInputError(f"{_name(space)} could be taken for a template and is not written down.")
    entries = []
    for digits, versions in numbers.items():
        if len(versions) > 1:
            raise DriftInputError(f"{quoted(digits)} of {_name(space)} was answered in {len(versions)} versions.")
        entry = {field: _value(field, versions[0].get(field), FIELDS[field]) for field in fields}
        entries.append({"phone_number": digits, **entry})
    return {**({} if space is None else {"cust_space_id": space}), "phone_numbers": entries}


def _value(field: str, fact: t.Any, shape: t.Any) -> t.Any:
    if fact in EMPTY:
        return ""
    if isinstance(shape, Mapping) and isinstance(fact, Mapping):
        return {name: _value(name, fact.get(name), part) for name, part in shape.items()}
    if is_list(fact):
        if not isinstance(shape, list):
            raise DriftInputError(
                f"{field}: is a list, which a desired state would take for alternatives; leave it out."
            )
        return [_value(field, item, shape[0]) for item in fact]
    if not isinstance(fact, str):
        return fact
    text = str(fact).strip() if is_url_field(field) else str(fact)
    return _inert(text) if "{" in text or text.startswith("#jinja2:") else text


def _inert(text: str) -> dict[str, str]:
    """Return a pattern for exactly this text which, read back from a file, Ansible cannot take for a template."""
    return {"matches": re.escape(text).replace(r"\{", "[{]")}
