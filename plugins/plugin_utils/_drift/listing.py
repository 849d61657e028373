# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: what a list of instances says about which sub-customers there are."""

from __future__ import annotations

import typing as t

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift import reasons
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.reasons import Reason
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import is_list


class Listing(t.NamedTuple):
    """The space IDs of a list, in order, and why it is not whole, ``None`` where it is."""

    spaces: dict[str, None]
    failure: Reason | None

    def lacks(self, space: str | None) -> bool:
        """Say whether a sub-customer does not exist; a list that is not whole cannot tell."""
        return self.failure is None and space is not None and space not in self.spaces


def read_listing(result: dict[str, t.Any], hide: t.Callable[[t.Any], t.Any] = lambda value: value) -> Listing:
    """Read a result of the module that lists instances. It is whole where it says so in every way."""
    given: t.Any = result.get("cust_space_ids")
    spaces = {space: None for space in given if isinstance(space, str)} if is_list(given) else {}
    failures = result.get("failures")
    if is_list(failures) and failures:
        return Listing(spaces, reasons.of_failure(hide(failures[0])))
    if result.get("failed") or not result.get("queries") or not is_list(given):
        return Listing(spaces, Reason(reasons.of_task(hide(result))))
    return Listing(spaces, None)
