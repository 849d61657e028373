# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .fault_handshake import Handshake
from .fault_kinds import ANSWER_KINDS, Fault
from .shapes import BadData, Field, check, mapping

KINDS = {**ANSWER_KINDS, "handshake": Handshake}
_WHEN = {
    "kind": Field(str, choices=tuple(KINDS)),
    "cust_space_id": Field(str, None),
    "action": Field(str, None),
    "page_index": Field(str, None),
    "nth": Field(list, None),
    "every": Field(int, None, least=1),
    "times": Field(int, None, least=1),
}
_OF_A_REQUEST = ("cust_space_id", "action", "page_index")


class _Entry:
    """One fault and what it is for; all conditions given must hold."""

    def __init__(self, fault: Fault | Handshake, when: Mapping[str, Any]) -> None:
        self._fault = fault
        self._when = when
        self._seen = 0
        self._used = 0

    def counts(self, request: Mapping[str, str | None]) -> bool:
        """Counts one request or connection, and says whether this fault is for it."""
        when = self._when
        if any(when[name] is not None and when[name] != request.get(name) for name in _OF_A_REQUEST):
            return False
        self._seen += 1
        return (
            (when["nth"] is None or self._seen in when["nth"])
            and (when["every"] is None or self._seen % when["every"] == 0)
            and (when["times"] is None or self._used < when["times"])
        )

    def use(self) -> Fault | Handshake:
        self._used += 1
        return self._fault


class Faults:
    """The faults of a data file. Requests and connections are counted from the moment it was read."""

    def __init__(self, of_requests: list[_Entry], of_connections: list[_Entry]) -> None:
        self._of_requests = of_requests
        self._of_connections = of_connections

    def choose(
        self, cust_space_id: str | None, action: str | None = None, page_index: str | None = None
    ) -> Fault | None:
        """The fault of a request that the gateway has verified: that of the first entry which it fits."""
        request = {"cust_space_id": cust_space_id, "action": action, "page_index": page_index}
        return _first(self._of_requests, request)

    def choose_for_connection(self) -> Handshake | None:
        """The fault of a connection that was opened just now."""
        return _first(self._of_connections, {})


def _first(entries: list[_Entry], request: Mapping[str, str | None]) -> Any:
    # Every entry counts every request, whichever of them is chosen.
    fitting = [entry for entry in entries if entry.counts(request)]
    return fitting[0].use() if fitting else None


def faults_from(node: Any) -> Faults:
    """The faults of parsed YAML or JSON; BadData says in one sentence what is wrong with it."""
    check(node, "faults", Field(list))
    of_requests: list[_Entry] = []
    of_connections: list[_Entry] = []
    for place, given in enumerate(node, 1):
        where = f"faults, entry {place}"
        check(given, where, Field(dict))
        kind = KINDS[check(given.get("kind"), f"{where}, kind", _WHEN["kind"])]
        if isinstance(given.get("nth"), int):
            given = {**given, "nth": [given["nth"]]}
        found = mapping(given, where, {**_WHEN, **kind.OPTIONS})
        for number in found["nth"] or []:
            check(number, f"{where}, nth", Field(int, least=1))
        for name in _OF_A_REQUEST:
            if kind is Handshake and found[name] is not None:
                raise BadData(f"{where}: a fault of the handshake comes before any {name} is known.")
        try:
            entry = _Entry(kind(found), found)
        except UnicodeEncodeError as error:
            raise BadData(f"{where}, body: {error.encoding} has no bytes for {error.object[error.start]!r}.") from None
        (of_connections if kind is Handshake else of_requests).append(entry)
    return Faults(of_requests, of_connections)
