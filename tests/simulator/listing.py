# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .refusals import Refusal
from .shapes import Field

Instance = dict[str, Any]

FIELDS = {
    "page_base": Field(str, "1", choices=("0", "1", "either")),
    "beyond": Field(str, "empty", choices=("empty", "refused", "last")),
    "default_page_size": Field(int, 10, least=1),
    "cap": Field(int, None, least=1),
    "greatest_page_size": Field(int, None, least=1),
    "cap_moves_pages": Field(bool, True),
    "order": Field(str, "stable", choices=("stable", "moving", "shuffled")),
    "total": Field(str, "true", choices=("true", "changing", "missing", "text", "of_page")),
    "total_offset": Field(int, 0),
    "cust_space_id": Field(str, "given", choices=("given", "empty", "missing", "other")),
    "state": Field(str, "published"),
    "qps": Field(int, None, least=1),
}
_FILTERS = ("InstanceId", "InstanceName", "ChannelType", "ResourceGroupId")


@dataclass
class Listing:
    """How an account's list of instances is paged: nobody knows, so each way is a switch."""

    page_base: str
    beyond: str
    default_page_size: int
    cap: int | None
    greatest_page_size: int | None
    cap_moves_pages: bool
    order: str
    total: str
    total_offset: int
    cust_space_id: str
    state: str
    qps: int | None
    asked: int = field(default=0)

    def instance(self, space_id: str) -> Instance:
        """The row of an instance that the data file only implies, by naming its space."""
        row = {
            "InstanceId": space_id,
            "CustSpaceId": {"given": space_id, "empty": "", "other": f"space-of-{space_id}"}.get(self.cust_space_id),
            "InstanceName": f"Customer {space_id}",
            "ChannelType": "whatsapp",
            "State": self.state,
            "SubmitTime": "2026-01-02 03:04:05",
            "ContactMail": f"contact@{space_id}.example",
            "CountryId": "SG",
            "OfficeAddress": f"1 {space_id} Road",
            "FacebookBmId": "1234567890",
            "InstanceDescription": "",
            "IsvTerms": "",
            "ResourceGroupId": "rg-acfmexample",
            "ResourceRegionId": "ap-southeast-1",
        }
        if self.cust_space_id == "missing":
            del row["CustSpaceId"]
        return row

    def page(self, instances: Sequence[Instance], parameters: dict[str, str]) -> dict[str, Any]:
        """The part of an answer that speaks of `instances`; raises Refusal."""
        self.asked += 1
        wanted = {name: parameters[name] for name in _FILTERS if parameters.get(name)}
        found = [row for row in instances if all(row.get(name) == value for name, value in wanted.items())]
        index, size = _number(parameters, "PageIndex", 1, 0), _number(parameters, "PageSize", self.default_page_size, 1)
        if self.greatest_page_size and size > self.greatest_page_size:
            raise Refusal("InvalidParameter.PageSize", "The parameter PageSize is not valid.")
        given = min(size, self.cap or size)
        first = self._first(index, given if self.cap_moves_pages else size, len(found))
        rows = self._ordered(found)[first : first + given] if first >= 0 else []
        return {**self._count(len(rows) if self.total == "of_page" else len(found)), "Data": rows}

    def _first(self, index: int, size: int, count: int) -> int:
        """Where the page begins, -1 for a page that does not exist."""
        page = max(0, index - 1) if self.page_base == "either" else index - int(self.page_base)
        last = max(0, count - 1) // size
        if 0 <= page <= last:
            return page * size
        if self.beyond == "refused":
            raise Refusal("InvalidParameter.PageIndex", "PageIndex is out of range.")
        return last * size if self.beyond == "last" and page > last else -1

    def _ordered(self, rows: list[Instance]) -> list[Instance]:
        if self.order == "shuffled":
            return random.sample(rows, len(rows))
        moved = self.asked % max(1, len(rows)) if self.order == "moving" else 0
        return rows[moved:] + rows[:moved]

    def _count(self, count: int) -> dict[str, Any]:
        told = max(0, count + self.total_offset + (self.asked % 7 if self.total == "changing" else 0))
        return {} if self.total == "missing" else {"TotalCount": str(told) if self.total == "text" else told}


def _number(parameters: dict[str, str], name: str, default: int, least: int) -> int:
    try:
        value = int(parameters.get(name) or default)
    except ValueError:
        value = least - 1
    if value < least:
        raise Refusal(f"InvalidParameter.{name}", f"The parameter {name} is not valid.")
    return value
