# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from .data import Data
from .faults import Fault
from .gateway import Gateway
from .operation import OPERATIONS
from .quota import FixedWindow, SlidingWindow
from .refusals import Refusal
from .wire import Reply, Request, reply_with
from .writing import FLAGS, URLS


@dataclass(frozen=True)
class Throttling:
    """How the quota refuses. `qps` None is no quota; an account's own `qps` goes before it."""

    quota: SlidingWindow | FixedWindow
    qps: int | None
    code: str
    status: int
    retry_after: str | None

    def admit(self, account: str, own_qps: int | None) -> None:
        qps = own_qps or self.qps
        if qps and not self.quota.take(account, qps):
            headers = {} if self.retry_after is None else {"x-acs-retry-after": self.retry_after}
            raise Refusal(self.code, status=self.status, headers=headers)


@dataclass
class Exchange:
    """One request, what is answered to it, and all that the log says of it."""

    reply: Reply
    fault: Fault | None
    entry: dict[str, Any] = field(default_factory=dict)


class Service:
    """Judges requests at the moment of their arrival. `now` is the server's wall clock, seconds since 1970."""

    def __init__(self, data: Data, throttling: Throttling, now: Callable[[], float] = time.time) -> None:
        self.data = data
        self._throttling = throttling
        self._now = now
        self._gateway = Gateway(now)

    def answer(self, request: Request) -> Exchange:
        request_id = str(uuid.uuid4()).upper()
        parameters = dict(parse_qsl(request.query, keep_blank_values=True))
        entry: dict[str, Any] = {
            "account": None,
            "access_key_id": None,
            "action": request.headers.get("x-acs-action"),
            "cust_space_id": parameters.get("CustSpaceId"),
            "status": parameters.get("Status"),
            "page_index": parameters.get("PageIndex"),
            "page_size": parameters.get("PageSize"),
            "write": _written(parameters) if request.headers.get("x-acs-action") == "UpdatePhoneWebhook" else None,
            "request_id": request_id,
            "fault": None,
        }
        fault = None
        try:
            self._gateway.route(request)
            authorization = self._gateway.credential(request)
            found = self.data.accounts.of_key(authorization.access_key_id)
            if found is None:
                raise Refusal("InvalidAccessKeyId.NotFound")
            account, key = found
            entry.update(account=account.name, access_key_id=key.id)
            self._gateway.verify(request, authorization, key)
            fault = self.data.faults.choose(entry["cust_space_id"], entry["action"], entry["page_index"])
            if fault:
                entry["fault"] = fault.kind
                fault.refuse()
            action = entry["action"]
            own_qps = {"ListInstance": account.listing.qps, "UpdatePhoneWebhook": account.writing.qps}.get(action)
            self._throttling.admit(f"{account.name} {action}", own_qps or account.qps)
            status, body = 200, {"RequestId": request_id, **OPERATIONS[action](account, key, parameters)}
            headers = {}
        except Refusal as refusal:
            status, body = refusal.status, refusal.body(request_id, request.headers.get("host", ""))
            headers = refusal.headers
        answer = json.dumps(body).encode()
        reply = reply_with(status, answer, self._now())
        reply.headers.update(headers)
        if fault:
            reply = fault.reshape(reply)
        entry.update(http_status=reply.status, code=body["Code"] if reply.body == answer else None)
        return Exchange(reply, fault, entry)


def _written(parameters: dict[str, str]) -> dict[str, str]:
    return {name: parameters[name] for name in ("PhoneNumber", *URLS, *FLAGS) if name in parameters}
