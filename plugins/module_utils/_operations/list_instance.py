# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the operation ``ListInstance``: its request, and its answers as facts."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ChatappError, PartialReadError
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations._pages import Listing, Page
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations._wire import rows, snake_dict

PERSONAL = ("contact_mail", "office_address")


class ListInstance:
    """Asked once for each page, a tuple of index and size."""

    action = "ListInstance"
    version = "2020-06-06"
    writes = False

    def __init__(
        self,
        channel_type: str | None = None,
        instance_id: str | None = None,
        name: str | None = None,
        resource_group_id: str | None = None,
    ) -> None:
        self._filters = {
            "ChannelType": channel_type,
            "InstanceId": instance_id,
            "InstanceName": name,
            "ResourceGroupId": resource_group_id,
        }

    def request(self, page: tuple[int, int]) -> dict[str, str]:
        """Return the request's parameters; a filter that is None is not sent."""
        index, size = page
        filters = {name: value for name, value in self._filters.items() if value is not None}
        return {**filters, "PageIndex": str(index), "PageSize": str(size)}

    def facts(self, answer: t.Mapping[str, t.Any], _page: tuple[int, int]) -> Page:
        """Return the page; each instance has every wire field under its snake_case name, values untouched.

        Raises TransportError ``UnexpectedAnswer`` when ``Data`` is not a list of objects.
        """
        return Page({_identity(row): snake_dict(row) for row in rows(answer, "Data")}, _count(answer.get("TotalCount")))

    @staticmethod
    def collect(listing: Listing, state: str | None, personal_data: bool) -> dict[str, t.Any]:
        """Return what a module returns of the list: the instances of this ``state``, and how they were read."""
        chosen = [row for row in listing.rows if state is None or row.get("state") == state]
        hidden = () if personal_data else PERSONAL
        failures = [{"page_index": query.subject[0], **query.error.facts()} for query in listing.failed]
        for failure in failures:
            if not failure["remedy"] and "PageSize" in f"{failure['code']} {failure['message']}":
                failure["remedy"] = "Set a smaller page_size, such as 10: the greatest one is not published."
        if listing.error is not None and not failures:
            failures = [{"page_index": None, **listing.error.facts()}]
        return {
            "instances": [{name: row[name] for name in row if name not in hidden} for row in chosen],
            "cust_space_ids": list(dict.fromkeys(space for space in map(_space_id, chosen) if space)),
            "total_count": listing.total,
            "paging": listing.paging,
            "queries": [_query_facts(query) for query in listing.queries],
            "failures": failures,
        }


def check_whole(result: t.Mapping[str, t.Any]) -> None:
    """Raise ChatappError where what collect() returned is not all that there is, or has an instance without an ID."""
    read, failures = len(result["instances"]), result["failures"]
    if failures:
        raise PartialReadError(
            failures[0], f"The list of instances is not whole, {read} are returned. " if read else ""
        )
    if not all(map(_space_id, result["instances"])):
        raise ChatappError("UnexpectedAnswer", "An instance has neither CustSpaceId nor InstanceId.")


def without_space_id(result: t.Mapping[str, t.Any]) -> int:
    """Return for how many instances their own ID stands in for the space ID that the service did not give."""
    return sum(not _text(row, "cust_space_id") for row in result["instances"])


def _space_id(row: t.Mapping[str, t.Any]) -> str | None:
    return _text(row, "cust_space_id") or _text(row, "instance_id")


def _text(row: t.Mapping[str, t.Any], name: str) -> str | None:
    value = row.get(name)
    return value if isinstance(value, str) and value.strip() else None


def _identity(row: t.Mapping[str, t.Any]) -> t.Hashable:
    named = [row.get(name) for name in ("InstanceId", "CustSpaceId")]
    return json.dumps(named if any(named) else row, sort_keys=True)


def _count(total: t.Any) -> int | None:
    if isinstance(total, str) and total.isdecimal():
        return int(total)
    return total if isinstance(total, int) and not isinstance(total, bool) else None


def _query_facts(query: t.Any) -> dict[str, t.Any]:
    index, size = query.subject
    facts = {"page_index": index, "page_size": size, "attempts": query.attempts}
    if query.error is not None:
        return {**facts, "request_id": query.error.request_id, "instance_count": None, "total_count": None}
    page = query.answer.facts
    return {
        **facts,
        "request_id": query.answer.request_id,
        "instance_count": len(page.rows),
        "total_count": page.total,
    }
