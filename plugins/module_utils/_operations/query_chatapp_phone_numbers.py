# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the operation ``QueryChatappPhoneNumbers``: its request, and its answer as facts."""

from __future__ import annotations

import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import PartialReadError
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations._wire import rows, snake_dict

# Names of our own in a number's facts.
_RESERVED = ("cust_space_id",)


class QueryChatappPhoneNumbers:
    """Asked once for each sub-customer's space ID (str), or for None: the account's own numbers."""

    action = "QueryChatappPhoneNumbers"
    version = "2020-06-06"
    writes = False

    def __init__(self, isv_code: str | None = None, status: str | None = None) -> None:
        self._isv_code = isv_code
        self._status = status

    def request(self, space_id: str | None) -> dict[str, str]:
        """Return the request's parameters. None is not sent, an empty string is."""
        wanted = {"IsvCode": self._isv_code, "CustSpaceId": space_id, "Status": self._status}
        return {name: value for name, value in wanted.items() if value is not None}

    def facts(self, answer: t.Mapping[str, t.Any], space_id: str | None) -> list[dict[str, t.Any]]:
        """Return one dict a phone number, every wire field under its snake_case name, values untouched.

        ``answer`` is a successful one. ``PhoneNumbers`` missing or null means that there are none.
        Raises TransportError ``UnexpectedAnswer`` when it is of another shape.
        """
        own = {} if space_id is None else {"cust_space_id": space_id}
        return [{**snake_dict(number, _RESERVED), **own} for number in rows(answer, "PhoneNumbers")]

    def collect(self, queries: t.Iterable[t.Any]) -> dict[str, list[dict[str, t.Any]]]:
        """Return ``phone_numbers``, ``queries`` and ``failures`` of these Query objects, in their order.

        One that stands twice, because it was asked for twice, is in both places.
        """
        result: dict[str, list[dict[str, t.Any]]] = {"phone_numbers": [], "queries": [], "failures": []}
        for query in queries:
            row = {"cust_space_id": query.subject, "status": self._status, "attempts": query.attempts}
            if query.error is None:
                result["phone_numbers"] += query.answer.facts
                row.update(request_id=query.answer.request_id, phone_number_count=len(query.answer.facts))
            else:
                row.update(request_id=query.error.request_id, phone_number_count=None)
                result["failures"].append({**query.error.facts(), "cust_space_id": query.subject})
            result["queries"].append(row)
        return result


def check_whole(result: t.Mapping[str, t.Sequence[t.Mapping[str, t.Any]]]) -> None:
    """Raise PartialReadError for the ``failures`` of what collect() returned, if there are any."""
    failures, asked = result["failures"], len(result["queries"])
    if not failures:
        return
    space_id = failures[0]["cust_space_id"]
    introduction = f"{len(failures)} of {asked} cust_space_ids could not be read. The first is {space_id}: "
    raise PartialReadError(failures[0], "" if space_id is None else introduction)
