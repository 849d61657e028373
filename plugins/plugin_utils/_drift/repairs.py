# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: which callback URLs are to be written so that they are as desired, and which cannot be.

Pure: nothing here writes.
"""

from __future__ import annotations

import typing as t
from collections.abc import Collection

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.checks import Check, Exactly, is_vaulted
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.compare import differences
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.desired import Number, Space, read_desired
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import Facts, collect
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.rows import Place, Row
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import hider

URLS = ("status_callback_url", "up_callback_url")

OWN = "the service writes no number without a space ID; desire it in a space with that of the account's own instance"
SEVERAL = "more than one URL is as desired; desire the one that is to be written"
TWICE = "the service answered this number twice, with different values"


class Repair(t.NamedTuple):
    """One phone number to write.

    ``place`` is how rows name it, ``phone_number`` and ``cust_space_id`` how the service does. ``urls`` are the URLs
    that differ, as they are desired, secret parts and all; ``secret`` says that one of them is vaulted.
    """

    place: Place
    cust_space_id: str
    phone_number: str
    urls: dict[str, str]
    secret: bool


class Plan(t.NamedTuple):
    """What to write, and why each other URL that differs is not: the reason by place and field."""

    repairs: list[Repair]
    reasons: dict[tuple[Place, str], str]


def plan_repairs(results: t.Any, desired: t.Any, vaulted: Collection[str] = ()) -> Plan:
    """Return what has to be written so that the callback URLs of desired numbers that were found are as desired.

    Raises ``DriftInputError`` for what cannot be compared.
    """
    hide = hider(vaulted)
    answers = collect(results, hide)
    plan = Plan([], {})
    for space in read_desired(desired):
        found = answers.numbers.get(space.cust_space_id, {})
        for digits, number in space.numbers.items():
            if digits in found:
                _add(plan, (hide(space.label), hide(number.label)), space, number, found[digits])
    return plan


def mark(rows: list[Row], plan: Plan, outcomes: dict[Place, str], why: dict[Place, str]) -> None:
    """Put into each row, as ``repaired``, what became of its callback URL.

    ``outcomes`` say of each planned number ``yes``, ``no``, ``unknown`` or ``would``, ``why`` the reason where it is
    ``no`` or ``unknown``. A row that is about no planned URL has ``None``, one that cannot be written ``no``.
    """
    urls = {repair.place: repair.urls for repair in plan.repairs}
    for row in rows:
        place = row["cust_space_id"], row["phone_number"]
        row["repaired"] = None
        if row["kind"] == "in_sync" and place in urls:
            row["repaired"] = outcomes[place]
            row["message"] += f"; put right: {', '.join(urls[place])}"
        elif row["kind"] == "differs" and (place, row["field"]) in plan.reasons:
            row["repaired"] = "no"
            row["message"] += f"; not put right: {plan.reasons[place, row['field']]}"
        elif row["kind"] == "differs" and row["field"] in urls.get(place, ()):
            row["repaired"] = outcomes[place]
            row["message"] += _WORDS[outcomes[place]] + (f": {why[place]}" if place in why else "")


_WORDS = {
    "no": "; not put right",
    "unknown": "; it is not known whether it was put right",
    "would": "; would be put right",
}


def _add(plan: Plan, place: Place, space: Space, number: Number, versions: list[Facts]) -> None:
    wrong: dict[str, Check] = {
        field: check
        for facts in versions
        for field, check, _actual in differences(number.checks, facts)
        if field in URLS
    }
    urls = {}
    for field, check in wrong.items():
        if space.cust_space_id is None:
            plan.reasons[place, field] = OWN
        elif not isinstance(check, Exactly):
            plan.reasons[place, field] = SEVERAL
        elif len(versions) > 1:
            plan.reasons[place, field] = TWICE
        else:
            urls[field] = str(check.value)
    if urls:
        secret = any(is_vaulted(wrong[field]) for field in urls)
        plan.repairs.append(Repair(place, str(space.cust_space_id), str(versions[0]["phone_number"]), urls, secret))
