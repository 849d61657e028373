# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: which of the service's values is better than which, where it has an order."""

from __future__ import annotations

import math
import re
import typing as t

# As the vendor's pages on phone numbers list them. They contradict each other, so that no list is complete.
STATUSES = (
    "CONNECTED",
    "PENDING",
    "FLAGGED",
    "RATE_LIMITED",
    "RESTRICTED",
    "UNVERIFIED",
    "PAUSED",
    "OFFLINE",
    "DISCONNECTED",
    "MIGRATED",
    "DELETED",
    "BANNED",
    "UNKNOWN",
)
QUALITY_RATINGS = ("GREEN", "YELLOW", "RED", "UNKNOWN")

_UNKNOWN = "UNKNOWN"  # says that the service does not know, neither good nor bad
_CONNECTED, _NOT_CONNECTED, _LOST = 2, 1, 0
_STATUS_RANKS = {"CONNECTED": _CONNECTED, "DELETED": _LOST, "BANNED": _LOST}
_TIER = re.compile(r"(?:TIER_)?(?:(?P<number>[0-9]+)(?P<thousands>K?)|UNLIMITED)", re.ASCII)


def tier_limit(tier: t.Any) -> float | None:
    """Return how many customers a messaging limit allows in a day, infinity for no limit, ``None`` for no number."""
    found = _TIER.fullmatch(tier) if isinstance(tier, str) else None
    if found is None:
        return None
    return math.inf if found["number"] is None else float(found["number"]) * (1000 if found["thousands"] else 1)


def direction(field: str, before: t.Any, after: t.Any) -> str | None:
    """Return ``worse`` or ``better``, or ``None`` where the service has no order for these values of a field."""
    rank = _RANKS.get(field)
    if rank is None:
        return None
    was, now = rank(before), rank(after)
    if was is None or now is None or was == now:
        return None
    return "worse" if now < was else "better"


def _status_rank(status: t.Any) -> float | None:
    return None if status not in STATUSES or status == _UNKNOWN else _STATUS_RANKS.get(status, _NOT_CONNECTED)


def _quality_rank(rating: t.Any) -> float | None:
    return None if rating not in QUALITY_RATINGS or rating == _UNKNOWN else -QUALITY_RATINGS.index(rating)


_RANKS: dict[str, t.Callable[[t.Any], float | None]] = {
    "status": _status_rank,
    "quality_rating": _quality_rank,
    "messaging_limit_tier": tier_limit,
}
