# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from .data import load
from .faults import faults_from
from .service import Service
from .shapes import BadData, Field, mapping
from .wire import Reply, Request, reply_with

PREFIX = "/_simulator/"
_NUMBER = {
    "account": Field(str),
    "cust_space_id": Field(str, ""),
    "phone_number": Field(str),
    "field": Field(str),
}


class Controls:
    """Requests that change the simulator while it runs; they are neither signed, nor counted, nor logged."""

    def __init__(self, service: Service, path: Path) -> None:
        self._service = service
        self._path = path
        self._known = {"number": self._number, "faults": self._faults, "reload": self._reload}

    def answer(self, request: Request) -> Reply:
        control = self._known.get(request.path.removeprefix(PREFIX))
        if control is None or request.method != "POST":
            return _say(404, f"the controls are POST {', '.join(PREFIX + name for name in self._known)}")
        try:
            control(json.loads(request.body or b"null"))
        except (ValueError, RecursionError):
            return _say(400, "the body is not JSON")
        except BadData as error:
            return _say(400, str(error))
        return _say(200, None)

    def reload(self) -> None:
        """Reads the data file anew; raises BadData and keeps the old data where it is bad."""
        self._service.data = load(self._path)

    def _reload(self, _node: Any) -> None:
        self.reload()

    def _number(self, node: Any) -> None:
        node = dict(node) if isinstance(node, dict) else {}
        if "value" not in node:
            raise BadData("the body: value is missing.")
        value = node.pop("value")
        wanted = mapping(node, "the body", _NUMBER)
        account = self._service.data.accounts.by_name.get(wanted.pop("account"))
        if account is None or not account.change_number(value=value, **wanted):
            raise BadData("the body: there is no such account or phone number.")

    def _faults(self, node: Any) -> None:
        self._service.data.faults = faults_from(node)


def _say(status: int, error: str | None) -> Reply:
    body = json.dumps({"ok": error is None, "error": error}).encode()
    return reply_with(status, body, time.time(), content_type="application/json")
