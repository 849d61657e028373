# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: what a run knows of phone numbers, as it is kept for the next run. Pure: no file."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.fingerprint import hash_urls
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import (
    IDENTITY,
    DriftInputError,
    Facts,
    collect,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import is_url_field

SCHEMA = 1
KIND = "alicloud.chatapp phone numbers"

State = dict[str, t.Any]


def remember(
    results: t.Any,
    asked: Iterable[str | None],
    earlier: State | None,
    now: str,
    salt: str | None,
    listed: Iterable[str] | None = None,
) -> State:
    """Return what to keep of registered results of the module.

    Of the spaces in ``asked``, one that was not read keeps what ``earlier`` knows of it, with the time of then. What
    is not among them is left out. ``now`` is the time as ISO 8601. With ``salt``, 32 hexadecimal digits, fingerprints
    stand for URLs. ``listed`` are the sub-customers that exist, by a whole list of them.
    """
    answers = collect(results)
    known = {} if earlier is None else {entry["cust_space_id"]: entry for entry in earlier["spaces"]}
    spaces = [
        {
            "cust_space_id": space,
            "read": now,
            "phone_numbers": [_kept(version, salt) for versions in numbers.values() for version in versions],
        }
        for space, numbers in answers.numbers.items()
    ]
    spaces += [known[space] for space in asked if space in known and space not in answers.numbers]
    discovered = {} if listed is None else {"listed": list(listed)}
    return {"kind": KIND, "schema": SCHEMA, "written": now, **discovered, "spaces": spaces}


def _kept(facts: Facts, salt: str | None) -> Facts:
    if salt is None:
        return facts
    return {
        key: value if key in IDENTITY else hash_urls(value, salt, is_url_field(key)) for key, value in facts.items()
    }


def facts_of(state: State) -> list[dict[str, t.Any]]:
    """Return what was kept as results of the module, one for each space."""
    return [
        {
            "queries": [
                {"cust_space_id": entry["cust_space_id"], "phone_number_count": len(entry["phone_numbers"])},
            ],
            "phone_numbers": entry["phone_numbers"],
            "failures": [],
        }
        for entry in state["spaces"]
    ]


def check(state: t.Any) -> State:
    """Return a state that was read back. Raises ``DriftInputError`` for what is none, or one of a later release."""
    if not isinstance(state, dict) or state.get("kind") != KIND:
        raise DriftInputError("is no file that a run of this role has written; name another one, or move it away")
    if state.get("schema") != SCHEMA:
        raise DriftInputError("was written by a later release of alicloud.chatapp; use that one, or move it away")
    spaces = state.get("spaces")
    if not isinstance(spaces, list) or not all(map(_is_space, spaces)) or not isinstance(state.get("listed", []), list):
        raise DriftInputError("is not whole; move it away, to begin anew")
    return state


def _is_space(entry: t.Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("cust_space_id"), (str, type(None)))
        and "cust_space_id" in entry
        and isinstance(entry.get("read"), str)
        and isinstance(entry.get("phone_numbers"), list)
        and all(
            isinstance(number, dict) and number.get("cust_space_id") == entry["cust_space_id"]
            for number in entry["phone_numbers"]
        )
    )
