# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import asyncio
import gzip
import os
import random
import socket
import struct
from collections.abc import Mapping
from typing import Any, ClassVar

from .refusals import Refusal
from .shapes import Field
from .wire import Reply, Stream, reply_with


class Fault:
    """What goes wrong with one request: with its answer, its form, or its way over the wire. As it is: nothing."""

    OPTIONS: ClassVar[Mapping[str, Field]] = {}
    of_connection = False

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.kind: str = options["kind"]
        self._given = options

    def refuse(self) -> None:
        """Raises the Refusal that takes the place of the operation's answer; such a call does not count."""

    def reshape(self, reply: Reply) -> Reply:
        return reply

    async def send(self, reply: Reply, stream: Stream) -> None:
        await stream.send(reply.head() + reply.body)


class Code(Fault):
    """The service refuses with this Code."""

    OPTIONS = {
        "code": Field(str),
        "status": Field(int, None, least=200),
        "message": Field(str, ""),
        "retry_after": Field(str, None),
        "details": Field(dict, {}),
    }

    def refuse(self) -> None:
        given = self._given
        headers = {} if given["retry_after"] is None else {"x-acs-retry-after": given["retry_after"]}
        raise Refusal(given["code"], given["message"], given["status"], given["details"], headers)


class Status(Fault):
    """Something before the service answers: this status, this body, these headers."""

    OPTIONS = {
        "status": Field(int, least=100),
        "body": Field(str, ""),
        "content_type": Field(str, "text/html"),
        "headers": Field(dict, {}),
    }

    def reshape(self, reply: Reply) -> Reply:
        given = self._given
        body = given["body"].encode("utf-8", "surrogatepass")
        reply.status, reply.body = given["status"], body
        reply.headers.update({"Content-Type": given["content_type"], "Content-Length": str(len(body))})
        reply.headers.update((name, str(value)) for name, value in given["headers"].items())
        return reply


KINDS: Mapping[str, type[Fault]] = {
    "code": Code,
    "status": Status,
}
