# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: which error is worth another attempt, how long to wait before it, and how often.

Nothing here sleeps or looks at a clock: the caller waits.
"""

from __future__ import annotations

import math
import random
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._backoff import delays
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import (
    ChatappError,
    CredentialsError,
    OptionError,
    ThrottleError,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.errors import ServiceError

THROTTLING = "throttling"
TRANSIENT = "transient"
SKEWED = "skewed"
FINAL = "final"

# Seconds: the first bound of a full-jitter delay, and the bound that its doubling ends at.
THROTTLING_DELAYS = (1.0, 20.0)
TRANSIENT_DELAYS = (0.2, 5.0)
LONGEST_HINT = 30.0

# The codes of the service are those of its error centre; the transport's own are listed in errors.TransportError.
KIND_OF_CODE = {
    "System.LimitControl": THROTTLING,
    "InternalError": TRANSIENT,
    "ServiceUnavailable": TRANSIENT,
    # Every attempt has a nonce of its own, so this one arrived twice and the first answer was lost on the way.
    "SignatureNonceUsed": TRANSIENT,
    "Unreachable": TRANSIENT,
    "TimedOut": TRANSIENT,
    "ConnectionLost": TRANSIENT,
    "InvalidTimeStamp.Expired": SKEWED,
}

# For codes that the table above does not know, and for answers that carry none.
KIND_OF_STATUS = {429: THROTTLING, 500: TRANSIENT, 502: TRANSIENT, 503: TRANSIENT, 504: TRANSIENT}

# What can only fail again, whichever sub-customer is asked for.
FATAL_CODES = frozenset(
    (
        "Forbidden.RAM",
        "IncompleteSignature",
        "InvalidAccessKeyId.Inactive",
        "InvalidAccessKeyId.NotFound",
        "InvalidAction.NotFound",
        "InvalidApi.NotFound",
        "InvalidTimeStamp.Expired",
        "InvalidTimeStamp.Format",
        "InvalidVersion",
        "NoPermission",
        "NotAuthorized",
        "Product.Unsubscript",
        "Ram.PermissionDeny",
        "SignatureDoesNotMatch",
        "TLSFailure",
        "Unreachable",
    )
)


def _fatal_for_all(error: ChatappError) -> bool:
    # Temporary credentials have many codes: InvalidSecurityToken.Expired, InvalidParameter.SecurityToken.Expired, ...
    return error.code in FATAL_CODES or "SecurityToken" in error.code


def kind_of(error: ChatappError) -> str:
    """Return ``THROTTLING``, ``TRANSIENT``, ``SKEWED`` or ``FINAL``."""
    if "Throttling" in error.code.split("."):
        return THROTTLING
    known = KIND_OF_CODE.get(error.code)
    if known:
        return known
    if _fatal_for_all(error):
        return FINAL
    return KIND_OF_STATUS.get(error.http_status, FINAL)


def is_fatal(error: ChatappError) -> bool:
    """Tell whether every other question would fail in the same way."""
    return isinstance(error, (CredentialsError, OptionError, ThrottleError)) or _fatal_for_all(error)


def hinted(retry_after: str | None) -> float | None:
    """Return the seconds that the header ``x-acs-retry-after`` (milliseconds) asks for, None where it asks for none."""
    try:
        milliseconds = float(retry_after)
    except (TypeError, ValueError):
        return None
    if math.isnan(milliseconds) or milliseconds <= 0:
        return None
    return min(milliseconds / 1000, LONGEST_HINT)


class Retries:
    """The budget of one question: ``used`` (int) of ``max_retries`` retries of any kind."""

    def __init__(self, max_retries: int, uniform: t.Callable[[float, float], float] = random.uniform) -> None:
        self.used = 0
        self._max_retries = max_retries
        self._delays = {
            THROTTLING: delays(*THROTTLING_DELAYS, uniform),
            TRANSIENT: delays(*TRANSIENT_DELAYS, uniform),
            # The offset of the clocks is known after the first refusal, so a second one has another reason.
            SKEWED: iter((0.0,)),
            FINAL: iter(()),
        }

    def after(self, error: ChatappError) -> float | None:
        """Return the seconds to back off before the next attempt, None when there is to be none."""
        if self.used >= self._max_retries:
            return None
        kind = kind_of(error)
        delay = hinted(error.retry_after) if kind == THROTTLING and isinstance(error, ServiceError) else None
        if delay is None:
            delay = next(self._delays[kind], None)
        if delay is not None:
            self.used += 1
        return delay
