# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: a row of a drift report."""

from __future__ import annotations

import typing as t

Row = dict[str, t.Any]
Place = tuple[t.Optional[str], t.Optional[str]]  # labels of sub-customer and phone number


def row_of(
    place: Place,
    kind: str,
    message: str,
    field: str | None = None,
    desired: t.Any = None,
    actual: t.Any = None,
    cust_space_ids: list[str | None] | None = None,
) -> Row:
    """Return a row; one about several sub-customers, or about none, names them in ``cust_space_ids``."""
    return {
        "cust_space_id": place[0],
        "phone_number": place[1],
        "kind": kind,
        "field": field,
        "desired": desired,
        "actual": actual,
        "message": message,
        "cust_space_ids": cust_space_ids,
    }
