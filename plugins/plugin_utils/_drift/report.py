# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: what a report is, for those who write one down."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import is_list

Row = Mapping[str, t.Any]

OWN_NUMBERS = "account"  # stands where a row names no sub-customer

PASSED = frozenset({"in_sync"})
UNREAD = frozenset({"unreadable", "unknown"})

_KEYS_OF_A_ROW = {"cust_space_id", "phone_number", "kind", "field", "message"}


def rows_of(report: t.Any) -> t.Sequence[Row]:
    """Return the rows of a report of the filters ``phone_number_drift`` and ``phone_number_changes``.

    Raises ``DriftInputError`` for anything else.
    """
    if (
        isinstance(report, Mapping)
        and is_list(report.get("rows"))
        and isinstance(report.get("summary"), Mapping)
        and "status" in report
        and all(isinstance(row, Mapping) and row.keys() >= _KEYS_OF_A_ROW for row in report["rows"])
    ):
        rows: t.Sequence[Row] = report["rows"]
        return rows
    raise DriftInputError(
        "The report must be what the filter alicloud.chatapp.phone_number_drift or phone_number_changes returned."
    )


def by_sub_customer(rows: t.Iterable[Row]) -> t.Iterator[Row]:
    """Yield the rows, one that several sub-customers share once for each of them."""
    for row in rows:
        shared = row.get("cust_space_ids")
        if shared:
            yield from ({**row, "cust_space_id": space} for space in shared)
        else:
            yield row
