# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: which sub-customers there are, where the role's variables want to know."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.listing import Listing, read_listing
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role import values
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.desired_state import refuse_twice
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.gather import Result, gather
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.host import Host


class Found(t.NamedTuple):
    """What discovery found.

    ``result`` is what the module returned, and ``listing`` what that says; both are ``None`` where nothing was to be
    discovered. ``spaces`` are those of the list that are somebody's business.
    """

    result: dict[str, t.Any] | None
    listing: Listing | None
    spaces: list[str]

    @property
    def failure(self) -> str:
        """Why the list is not whole; nothing where it is, or where there is none."""
        if self.listing is None or self.listing.failure is None:
            return ""
        return f"the list of instances is not whole: {self.listing.failure.told()}"


class Discovery(t.NamedTuple):
    """Whether to list the instances, and which of them are nobody's business."""

    wanted: bool
    ignored: list[re.Pattern[str]]

    def find(self, host: Host) -> Found:
        """List the instances, if that is wanted. What ends it early is a failed result, as with the phone numbers."""
        if not self.wanted:
            return Found(None, None, [])
        result = dict(gather(lambda _options: host.list_instances(), [None], 1, host.progress)[-1])
        listing = read_listing(result)
        spaces = [space for space in listing.spaces if not any(it.fullmatch(space) for it in self.ignored)]
        return Found(result, listing, spaces)


def discovery(host: Host) -> Discovery:
    """Read the variables. Raises ``DriftInputError`` with the variable's name."""
    read = host.variables.read
    return Discovery(
        read("drift_check_discover", values.flag, False), read("drift_check_discover_ignore", values.patterns, [])
    )


def asked_for(host: Host) -> tuple[list[str | None], Discovery]:
    """Read which spaces a run without a desired state asks for, ``None`` for the account itself, and what it discovers.

    Raises ``DriftInputError`` with the variable's name.
    """
    refuse_twice(host, "drift_check_cust_space_ids")
    sub_customers = host.variables.read("drift_check_cust_space_ids", values.identifiers, [])
    own = host.variables.read("drift_check_own_numbers", values.flag, not sub_customers)
    wanted = discovery(host)
    if not own and not sub_customers and not wanted.wanted:
        raise DriftInputError("drift_check_own_numbers: is false, and drift_check_cust_space_ids names nobody.")
    return [*([None] if own else []), *sub_customers], wanted


def gather_all(
    host: Host, found: Found, spaces: t.Sequence[str | None], batch_size: int, needs_all: bool = False
) -> list[Result]:
    """Ask for these spaces, then for what was found beside them.

    A list that failed before anything was asked is the only result: the next call would fail alike.
    """
    if found.result is not None and found.failure and not found.result.get("queries"):
        return [found.result]
    wanted = list(dict.fromkeys([*spaces, *found.spaces]))
    return gather(host.run_module, wanted, batch_size, host.progress, needs_all)
