# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the service's refusals, what each code means, and what the user can do about it."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ChatappError

_WRONG_ID = "Check access_key_id: it may be misspelt, deleted, disabled, or of another account."
_WRONG_SECRET = "Check access_key_secret: it does not belong to the access_key_id that was used."
_SKEW = "Set the clock of the host the module runs on (NTP); it must be within 15 minutes of the service's."
_TOKEN = "The temporary credentials have expired or do not fit their key. Fetch new ones."
_QUOTA = (
    "The account's quota of calls per second is used up, perhaps by other tools or the console. "
    "Lower qps_limit, and let every task share one throttle_url."
)
_FAILED = "The service failed. Run the task again later; quote the request id to Alibaba Cloud support if it stays."
_OUT_OF_ORDER = "The service is out of order for now. Run the task again later."
_UNKNOWN_ACTION = "Check endpoint: only cams.ap-southeast-1.aliyuncs.com offers this operation."

_ACTION = re.compile("cams:([A-Za-z]{1,100})")

# What to do about them depends on the operation: permission() says it.
DENIALS = ("Ram.PermissionDeny", "NoPermission", "Forbidden.RAM", "NotAuthorized")

# https://www.alibabacloud.com/help/en/chatapp: error codes of QueryChatappPhoneNumbers.
# The rest is common to the platform, or stands on the product-wide pages.
REMEDIES: dict[str, str] = {
    "Product.Unsubscript": (
        "Activate Chat App Message Service for this account in the console; nothing can be read before."
    ),
    "System.LimitControl": _QUOTA,
    "TooManyRequests": _QUOTA,
    "RequestThrottled": _QUOTA,
    "Throttling": _QUOTA,
    "Throttling.User": _QUOTA,
    "Throttling.Api": _QUOTA,
    "Rejected.Throttling": _QUOTA,
    "Unknown.ResourceOwnerId": (
        "The space does not belong to the account of these credentials. "
        "Check cust_space_ids, isv_code, and which account the access key is of."
    ),
    "Authentication.NoAuth": (
        "These credentials may not ask for this space. "
        "Check cust_space_ids, isv_code, and which account the access key is of."
    ),
    "ERR-OPERATION-MAAP-0060": (
        "No WhatsApp Business Account is bound to the space. "
        "Finish the customer's onboarding in the console, or leave the space out of cust_space_ids."
    ),
    "ERR-OPERATION-MAAP-0065": (
        "The number is not bound to the space. Check cust_space_ids, and the number's place in the console."
    ),
    "InvalidAccessKeyId.NotFound": _WRONG_ID,
    "InvalidAccessKeyId.Inactive": _WRONG_ID,
    "SignatureDoesNotMatch": _WRONG_SECRET,
    "IncompleteSignature": _WRONG_SECRET,
    "InvalidTimeStamp.Expired": _SKEW,
    "InvalidTimeStamp.Format": _SKEW,
    "SecurityToken.Expired": _TOKEN,
    "InvalidSecurityToken.Expired": _TOKEN,
    "InvalidParameter.SecurityToken.Expired": _TOKEN,
    "InvalidSecurityToken": _TOKEN,
    "InvalidSecurityToken.Malformed": _TOKEN,
    "InvalidSecurityToken.MismatchWithAccessKey": _TOKEN,
    "InvalidApi.NotFound": _UNKNOWN_ACTION,
    "InvalidAction.NotFound": _UNKNOWN_ACTION,
    "InvalidVersion": _UNKNOWN_ACTION,
    "SignatureNonceUsed": "A proxy or gateway may have sent one request twice. Run the task again.",
    "InternalError": _FAILED,
    "isp.SYSTEM_ERROR": _FAILED,
    "999999": _FAILED,
    "ERR-COMMON-001": _FAILED,
    "CHAT.APIError": (
        "The service failed, or the access key may do less than it should: check its permissions. "
        "Run the task again later; quote the request id to Alibaba Cloud support if it stays."
    ),
    "ServiceUnavailable": _OUT_OF_ORDER,
    "SystemBusy": _OUT_OF_ORDER,
}


def permission(action: str) -> str:
    """Return what to do about a denial of the operation ``action``, with the smallest policy that helps."""
    # AliyunCamsReadOnlyAccess holds cams:Get* and cams:List*.
    covered = action.startswith(("Get", "List"))
    return (
        f"Allow the RAM user or role the action cams:{action}; the smallest policy is "
        f'{{"Version": "1", "Statement": [{{"Effect": "Allow", "Action": "cams:{action}", "Resource": "*"}}]}}. '
        f"The system policy AliyunCamsReadOnlyAccess {'covers' if covered else 'does not cover'} this action."
    )


class ServiceError(ChatappError):
    """The service answered with a ``Code`` other than ``OK``.

    ``retry_after`` and ``server_date`` hold the raw text of the headers ``x-acs-retry-after`` and ``Date``, or None.
    """

    def __init__(
        self,
        *args: t.Any,
        retry_after: str | None = None,
        server_date: str | None = None,
        **kwargs: t.Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.retry_after = retry_after
        self.server_date = server_date


def service_error(
    answer: t.Mapping[str, t.Any], http_status: int, retry_after: str | None, server_date: str | None, action: str
) -> ServiceError:
    """Make the error of an answer of the service or of the gateway before it.

    ``answer`` is the decoded JSON object; its ``Code`` is a non-empty str. ``action`` is the operation that was asked.
    """
    code = _printable(answer["Code"])
    message = _printable(answer.get("Message"))
    if not message:
        message = "The service gave no reason."
    elif "Signature" in code and code != "SignatureNonceUsed":
        # The server echoes what it was asked to verify, secrets of the query among it.
        message = "The signature does not match the one the service calculated."
    return ServiceError(
        code,
        message,
        remedy=_remedy(code, answer, action),
        request_id=_printable(answer.get("RequestId")) or None,
        http_status=http_status,
        retry_after=retry_after,
        server_date=server_date,
    )


def _remedy(code: str, answer: t.Mapping[str, t.Any], action: str) -> str | None:
    if code.startswith("Throttling."):
        return _QUOTA
    # On success the field is a placeholder text; on a RAM denial an object, spelt either way.
    detail = answer.get("AccessDeniedDetail", answer.get("accessDeniedDetail"))
    denied = detail if isinstance(detail, dict) else None
    remedy = REMEDIES.get(code)
    if remedy is None and (code in DENIALS or denied is not None):
        named = _ACTION.fullmatch(_printable((denied or {}).get("AuthAction")))
        remedy = permission(named[1] if named else action)
    principal = _printable((denied or {}).get("AuthPrincipalDisplayName"))
    return f"The denied identity is {principal}. {remedy}" if principal else remedy


def _printable(value: t.Any) -> str:
    """Return a text as one line without control characters, which a terminal would obey; of anything else nothing."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(character if character.isprintable() else " " for character in value).split())
