# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the errors that every floor raises, and what the user can do about each."""

from __future__ import annotations

import typing as t

# The codes of the collection itself; those of the service are in _session/errors.py.
REMEDIES: dict[str, str] = {
    "Unreachable": (
        "Check endpoint, name resolution, firewall, and the HTTPS_PROXY and NO_PROXY of the host the module runs on."
    ),
    "TLSFailure": (
        "Check what stands between this host and the endpoint. "
        "For a private certificate authority set ca_path; do not turn validate_certs off in production."
    ),
    "TimedOut": "Raise timeout, or look for what slows or blocks the connection to the endpoint.",
    "ConnectionLost": "Run the task again; if it stays, look at the proxies and firewalls on the way to the endpoint.",
    "OutOfResources": (
        "Give the host the module runs on more memory, threads (ulimit -u) or open files (ulimit -n), "
        "or lower qps_limit, so that the task needs fewer connections."
    ),
    "UnexpectedAnswer": "Check endpoint, and whether a proxy or captive portal answers in place of the service.",
    "IncompleteList": (
        "Run the task again while nobody adds or removes instances, or set another page_size; "
        "if it stays, report what paging of this task's result says."
    ),
    "NotAsked": "Mend the failure that stopped the task; this question was not sent.",
}


class ChatappError(Exception):
    """One thing that went wrong, with all that a user needs to act on it.

    Attributes: ``code`` (str), ``message`` (str, one sentence), ``remedy`` (str or None),
    ``request_id`` (str or None), ``http_status`` (int or None), ``retry_after_seconds`` (float or None): how long the
    other side asks to wait, as it says it, be it negative, infinite or not a number.
    """

    retry_after_seconds: float | None = None

    def __init__(
        self,
        code: str,
        message: str,
        remedy: str | None = None,
        request_id: str | None = None,
        http_status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy or REMEDIES.get(code)
        self.request_id = request_id
        self.http_status = http_status

    def facts(self) -> dict[str, t.Any]:
        """Return the error as a module returns it: code, message, request_id, http_status, remedy."""
        return {name: getattr(self, name) for name in ("code", "message", "request_id", "http_status", "remedy")}

    def sentence(self) -> str:
        """Return the error as a person reads it."""
        code = "" if isinstance(self, OptionError) else f"{self.code}: "
        return " ".join(part for part in (code + self.message, self.remedy) if part)


class OptionError(ChatappError):
    """An option that cannot be used; the message names it and says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__("InvalidOption", message)


class PartialReadError(ChatappError):
    """Some of what was asked for could not be read.

    ``first`` has the facts() of the first failure, which tells most; ``introduction`` (str) speaks of all of them.
    """

    def __init__(self, first: t.Mapping[str, t.Any], introduction: str) -> None:
        super().__init__(first["code"], first["message"], first["remedy"], first["request_id"], first["http_status"])
        self.introduction = introduction

    def sentence(self) -> str:
        return self.introduction + super().sentence()


class CredentialsError(ChatappError):
    """No credentials can be had: ``NoCredentials``."""


class TransportError(ChatappError):
    """No usable answer.

    ``Unreachable``, ``TLSFailure``, ``TimedOut``, ``ConnectionLost``, ``UnexpectedAnswer``, ``OutOfResources``.
    """


def out_of(what: str) -> TransportError:
    """Return the error of a host that has no more of ``what``, such as threads."""
    return TransportError("OutOfResources", f"The host the module runs on gives the task no more {what}.")


class ThrottleError(ChatappError):
    """The shared throttle cannot grant a slot: ``ThrottleUnavailable``, ``QueueTooLong``."""


# Made beforehand, since by then there may be no memory to make it.
OUT_OF_MEMORY = out_of("memory")
