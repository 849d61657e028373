# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: which error is worth another attempt, how long to wait before it, and how often.

Nothing here sleeps or looks at a clock: the caller waits.
"""

from __future__ import annotations

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
# The same for a service that has answered this task before. At least half of each bound is waited, so that the five
# retries of the default outlast 8 s, whatever is drawn.
OUTAGE_DELAYS = (1.0, 5.0)
LONGEST_HINT = 30.0

# The codes of the service are those of its error centre; the transport's own are listed in errors.TransportError.
KIND_OF_CODE = {
    "System.LimitControl": THROTTLING,
    "TooManyRequests": THROTTLING,
    "RequestThrottled": THROTTLING,
    "InternalError": TRANSIENT,
    "ServiceUnavailable": TRANSIENT,
    "SystemBusy": TRANSIENT,
    "isp.SYSTEM_ERROR": TRANSIENT,
    "999999": TRANSIENT,
    "ERR-COMMON-001": TRANSIENT,
    "CHAT.APIError": TRANSIENT,
    # Every attempt has a nonce of its own, so this one arrived twice and the first answer was lost on the way.
    "SignatureNonceUsed": TRANSIENT,
    "Unreachable": TRANSIENT,
    "TimedOut": TRANSIENT,
    "ConnectionLost": TRANSIENT,
    "OutOfResources": TRANSIENT,
    "InvalidTimeStamp.Expired": SKEWED,
    # What can be about one space alone: a policy can name a resource group, a customer can end its subscription.
    "Authentication.NoAuth": FINAL,
    "ERR-OPERATION-MAAP-0060": FINAL,
    "ERR-OPERATION-MAAP-0065": FINAL,
    "Forbidden.RAM": FINAL,
    "NoPermission": FINAL,
    "NotAuthorized": FINAL,
    "Product.Unsubscript": FINAL,
    "Ram.PermissionDeny": FINAL,
    "Unknown.ResourceOwnerId": FINAL,
}

# For codes that the table above does not know, and for answers that carry none. 52x are those of content delivery
# networks whose origin does not answer.
KIND_OF_STATUS = {
    429: THROTTLING,
    **dict.fromkeys((408, 425, 500, 502, 503, 504, *range(520, 530)), TRANSIENT),
}

# What can only fail again, whichever sub-customer is asked for: the key, the signature, the operation, the endpoint.
FATAL_CODES = frozenset(
    (
        "IncompleteSignature",
        "InvalidAccessKeyId.Inactive",
        "InvalidAccessKeyId.NotFound",
        "InvalidAction.NotFound",
        "InvalidApi.NotFound",
        "InvalidTimeStamp.Expired",
        "InvalidTimeStamp.Format",
        "InvalidVersion",
        "SignatureDoesNotMatch",
        "TLSFailure",
    )
)


def _fatal_for_all(error: ChatappError) -> bool:
    # Temporary credentials have many codes: InvalidSecurityToken.Expired, InvalidParameter.SecurityToken.Expired, ...
    return error.code in FATAL_CODES or "SecurityToken" in error.code


def kind_of(error: ChatappError) -> str:
    """Return ``THROTTLING``, ``TRANSIENT``, ``SKEWED`` or ``FINAL``."""
    # The vendor's own clients take the header for the sign of throttling, whatever the code is called.
    if isinstance(error, ServiceError) and error.retry_after is not None:
        return THROTTLING
    if "Throttling" in error.code.split("."):
        return THROTTLING
    known = KIND_OF_CODE.get(error.code)
    if known:
        return known
    if _fatal_for_all(error) or error.http_status is None:
        return FINAL
    return KIND_OF_STATUS.get(error.http_status, FINAL)


def is_fatal(error: ChatappError) -> bool:
    """Tell whether every other query would fail in the same way."""
    if isinstance(error, (CredentialsError, OptionError, ThrottleError)):
        return True
    return _fatal_for_all(error) and kind_of(error) != THROTTLING


def _hint(error: ChatappError) -> float | None:
    """Return the seconds that the answer asks to wait, within reason, or None."""
    seconds = error.retry_after_seconds
    return min(seconds, LONGEST_HINT) if seconds is not None and seconds > 0 else None


class Retries:
    """The budget of a query, or of all of them in an outage: ``used`` (int) of ``max_retries`` retries of any kind."""

    def __init__(self, max_retries: int, uniform: t.Callable[[float, float], float] = random.uniform) -> None:
        self.used = 0
        self._max_retries = max_retries
        self._uniform = uniform
        self._delays = {
            THROTTLING: delays(*THROTTLING_DELAYS, uniform),
            TRANSIENT: delays(*TRANSIENT_DELAYS, uniform),
            # The offset of the clocks is known after the first refusal, so a second one has another reason.
            SKEWED: iter((0.0,)),
            FINAL: iter(()),
        }

    def after(self, error: ChatappError) -> float | None:
        """Return the seconds to back off before the next attempt, None when there is to be none."""
        if not self.left():
            return None
        kind = kind_of(error)
        delay = _hint(error) if kind in (THROTTLING, TRANSIENT) else None
        if delay is None:
            delay = next(self._delays[kind], None)
        if delay is not None:
            self.used += 1
        return delay

    def left(self) -> bool:
        """Tell whether there can be another retry, if the error allows one."""
        return self.used < self._max_retries

    def shared(self, patient: bool) -> Retries:
        """Return an unused budget of the same size for an outage; ``patient`` takes ``OUTAGE_DELAYS``."""
        budget = Retries(self._max_retries, self._uniform)
        if patient:
            budget._delays[TRANSIENT] = delays(*OUTAGE_DELAYS, lambda _low, bound: self._uniform(bound / 2, bound))
        return budget
