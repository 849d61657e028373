# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: which sub-customers are new since the last run, and which do not exist any more. Pure."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.listing import Listing
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import Answers
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.state import State


class Roster(t.NamedTuple):
    """``new`` and ``gone`` sub-customers, and what the next run has to know: who was ``asked`` for and ``listed``."""

    new: list[str]
    gone: list[str]
    asked: list[str | None]
    listed: list[str] | None


def compare_lists(
    listing: Listing | None, wanted: Sequence[str], asked: Sequence[str | None], answers: Answers, earlier: State | None
) -> Roster:
    """Compare a list of sub-customers with what the last run knew.

    ``wanted`` are those of the list that were asked for, ``asked`` what was asked for beside it. Only a list that is
    whole says that anybody is gone.
    """
    if listing is None:
        return Roster([], [], list(asked), None)
    known: list[str | None] = [] if earlier is None else [entry["cust_space_id"] for entry in earlier["spaces"]]
    before = None if earlier is None else earlier.get("listed")
    seen = {*known, *(before or ())}
    new = [] if before is None else [space for space in wanted if space not in seen]
    everybody = list(dict.fromkeys([*asked, *wanted]))
    if listing.failure is not None:
        # Whoever is not in a part of a list may be in the rest of it: what is known of them is kept.
        return Roster(new, [], list(dict.fromkeys([*everybody, *known])), before)
    gone = {it: None for it in known if it is not None and listing.lacks(it)}
    # One that is new and could not be read is new to the next run as well.
    told = {*known, *answers.numbers, *listing.spaces.keys() - set(wanted)}
    listed = [space for space in listing.spaces if space in told]
    return Roster(new, list(gone), [space for space in everybody if space not in gone], listed)
