# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t


class ChatappError(Exception):
    """One thing that went wrong, with all that a user needs to act on it.

    Attributes: C(code) (str), C(message) (str, one sentence), C(remedy) (str or None),
    C(request_id) (str or None), C(http_status) (int or None).
    """

    def __init__(
        self,
        code: str,
        message: str,
        remedy: t.Optional[str] = None,
        request_id: t.Optional[str] = None,
        http_status: t.Optional[int] = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.request_id = request_id
        self.http_status = http_status


class OptionError(ChatappError):
    """An option that cannot be used; the message names it and says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__("InvalidOption", message)


class TransportError(ChatappError):
    """Nothing usable came back: V(Unreachable), V(TLSFailure), V(TimedOut), V(ConnectionLost), V(UnexpectedAnswer)."""


class ServiceError(ChatappError):
    """The service answered with a C(Code) other than V(OK).

    C(retry_after) and C(server_date) hold the raw text of the headers C(x-acs-retry-after) and C(Date), or None.
    """

    def __init__(self, *args: t.Any, retry_after: t.Optional[str] = None, server_date: t.Optional[str] = None, **kwargs: t.Any):
        super().__init__(*args, **kwargs)
        self.retry_after = retry_after
        self.server_date = server_date


class ThrottleError(ChatappError):
    """The shared throttle cannot grant a slot: V(ThrottleUnavailable), V(QueueTooLong)."""
