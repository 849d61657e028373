# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from .refusals import Refusal
from .shapes import Field

URLS = ("StatusCallbackUrl", "UpCallbackUrl")
FLAGS = ("HttpFlag", "QueueFlag")

FIELDS = {
    "omitted_url": Field(str, "kept", choices=("kept", "cleared", "refused")),
    "empty_url": Field(str, "clears", choices=("clears", "kept", "refused")),
    "omitted_flag": Field(str, "kept", choices=("kept", "reset")),
    "shown_after": Field(float, 0.0, least=0),
    "answer": Field(str, "true", choices=("true", "error_but_done", "ok_but_not_done")),
    "checks_url": Field(bool, False),
    "respells": Field(bool, False),
    "refused_numbers": Field(list, []),
    "other_writer": Field(dict, {}),
    "qps": Field(int, None, least=1),
}

Number = dict[str, Any]


def _respelled(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.lower(), path=parts.path or "/", query=unquote(parts.query)))


@dataclass
class Writing:
    """How an account's writes behave: half of it is not published, so each way is a switch."""

    omitted_url: str
    empty_url: str
    omitted_flag: str
    shown_after: float
    answer: str
    checks_url: bool
    respells: bool
    refused_numbers: list[str]
    other_writer: dict[str, Any]
    qps: int | None
    clock: Callable[[], float] = time.monotonic
    _pending: list[tuple[float, Number, dict[str, str]]] = field(default_factory=list)
    _flags: dict[str, dict[str, str]] = field(default_factory=dict)

    def write(self, numbers: list[Number], parameters: Mapping[str, str]) -> None:
        """Change a number of a space as the parameters say; raises Refusal."""
        [number] = [entry for entry in numbers if entry.get("PhoneNumber") == parameters.get("PhoneNumber")] or [None]
        if number is None:
            raise Refusal("ERR-OPERATION-MAAP-0065", "The phone number is not bound to the space.", status=400)
        if number["PhoneNumber"] in self.refused_numbers:
            raise Refusal("PhoneNumber.StatusNotSupported", "The phone number cannot be changed.", status=400)
        change = self._urls(parameters) | self._flags_of(number, parameters)
        if self.answer != "ok_but_not_done":
            self._pending.append((self.clock() + self.shown_after, number, change))
            if self.other_writer:
                self._pending.append((self.clock() + self.shown_after, number, self.other_writer))
        if self.answer == "error_but_done":
            raise Refusal("InternalError", status=500)

    def settle(self) -> None:
        """Let what was written show, as far as its time has come."""
        now = self.clock()
        due = [entry for entry in self._pending if entry[0] <= now]
        self._pending = [entry for entry in self._pending if entry[0] > now]
        for _moment, number, change in due:
            number.update({name: value for name, value in change.items() if name in URLS})
            self._flags.setdefault(number["PhoneNumber"], {}).update(
                {name: value for name, value in change.items() if name in FLAGS}
            )

    def _urls(self, parameters: Mapping[str, str]) -> dict[str, str]:
        change = {}
        for name in URLS:
            url = parameters.get(name)
            how = self.omitted_url if url is None else self.empty_url if url == "" else "set"
            if how == "refused":
                raise Refusal(
                    "MissingParameter" if url is None else f"InvalidParameter.{name}", f"{name} is mandatory."
                )
            if how == "set" and self.checks_url and urlsplit(url or "").scheme != "https":
                raise Refusal(f"InvalidParameter.{name}", f"The URL of {name} could not be called.", status=400)
            if how != "kept":
                change[name] = (_respelled(url) if url and self.respells else url) or ""
        return change

    def _flags_of(self, number: Number, parameters: Mapping[str, str]) -> dict[str, str]:
        change = {}
        for name in FLAGS:
            flag = parameters.get(name)
            if flag is None and self.omitted_flag == "reset":
                flag = "N"
            if flag not in (None, "Y", "N"):
                raise Refusal(f"InvalidParameter.{name}", f"{name} must be Y or N.", status=400)
            if flag is not None:
                change[name] = flag
        return change
