# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Typed errors, what each code means, and what the user can do about it."""
from __future__ import annotations

import typing as t

RAM_POLICY = (
    '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "cams:QueryChatappPhoneNumbers", "Resource": "*"}]}'
)

_PERMISSION = (
    "Allow the RAM user or role the action cams:QueryChatappPhoneNumbers; the smallest policy is %s. "
    "The system policy AliyunCamsReadOnlyAccess does not cover this action." % RAM_POLICY
)
_WRONG_ID = "Check access_key_id: it may be misspelt, deleted, disabled, or of another account."
_WRONG_SECRET = "Check access_key_secret: it does not belong to the access_key_id that was used."
_SKEW = "Set the clock of the host the module runs on (NTP); it must be within 15 minutes of the service's."
_TOKEN = "The temporary credentials have expired or do not fit their key. Fetch new ones."
_QUOTA = (
    "The account's quota of calls per second is used up, perhaps by other tools or the console. "
    "Lower qps_limit, and let every task share one throttle_url."
)
_UNKNOWN_ACTION = "Check endpoint: only cams.ap-southeast-1.aliyuncs.com offers this operation."

# https://www.alibabacloud.com/help/en/chatapp: error codes of QueryChatappPhoneNumbers.
# The rest is common to the platform.
REMEDIES: t.Dict[str, str] = {
    "Product.Unsubscript": (
        "Activate Chat App Message Service for this account in the console; nothing can be read before."
    ),
    "Ram.PermissionDeny": _PERMISSION,
    "NoPermission": _PERMISSION,
    "Forbidden.RAM": _PERMISSION,
    "NotAuthorized": _PERMISSION,
    "System.LimitControl": _QUOTA,
    "Throttling": _QUOTA,
    "Throttling.User": _QUOTA,
    "Throttling.Api": _QUOTA,
    "Rejected.Throttling": _QUOTA,
    "Unknown.ResourceOwnerId": (
        "The space does not belong to the account of these credentials. "
        "Check cust_space_ids, isv_code, and which account the access key is of."
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
    "InternalError": (
        "The service failed. Run the task again later; quote the request id to Alibaba Cloud support if it stays."
    ),
    "ServiceUnavailable": "The service is out of order for now. Run the task again later.",
    "Unreachable": (
        "Check endpoint, name resolution, firewall, and the HTTPS_PROXY and NO_PROXY of the host the module runs on."
    ),
    "TLSFailure": (
        "Check what stands between this host and the endpoint. "
        "For a private certificate authority set ca_path; do not turn validate_certs off in production."
    ),
    "TimedOut": "Raise timeout, or look for what slows or blocks the connection to the endpoint.",
    "ConnectionLost": "Run the task again; if it stays, look at the proxies and firewalls on the way to the endpoint.",
    "UnexpectedAnswer": "Check endpoint, and whether a proxy or captive portal answers in place of the service.",
    "NotAsked": "Mend the failure that stopped the task; this question was not sent.",
}


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
        self.remedy = remedy or REMEDIES.get(code)
        self.request_id = request_id
        self.http_status = http_status

    def facts(self) -> t.Dict[str, t.Any]:
        """Return the error as a module returns it: code, message, request_id, http_status, remedy."""
        return {name: getattr(self, name) for name in ("code", "message", "request_id", "http_status", "remedy")}

    def sentence(self) -> str:
        """Return the error as a person reads it."""
        code = "" if isinstance(self, OptionError) else "%s: " % self.code
        return " ".join(part for part in (code + self.message, self.remedy) if part)


class OptionError(ChatappError):
    """An option that cannot be used; the message names it and says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__("InvalidOption", message)


class CredentialsError(ChatappError):
    """No credentials can be had: V(NoCredentials)."""


class TransportError(ChatappError):
    """Nothing usable came back: V(Unreachable), V(TLSFailure), V(TimedOut), V(ConnectionLost), V(UnexpectedAnswer)."""


class ServiceError(ChatappError):
    """The service answered with a C(Code) other than V(OK).

    C(retry_after) and C(server_date) hold the raw text of the headers C(x-acs-retry-after) and C(Date), or None.
    """

    def __init__(
        self,
        *args: t.Any,
        retry_after: t.Optional[str] = None,
        server_date: t.Optional[str] = None,
        **kwargs: t.Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.retry_after = retry_after
        self.server_date = server_date


class ThrottleError(ChatappError):
    """The shared throttle cannot grant a slot: V(ThrottleUnavailable), V(QueueTooLong)."""


def service_error(
    answer: t.Mapping[str, t.Any], http_status: int, retry_after: t.Optional[str], server_date: t.Optional[str]
) -> ServiceError:
    """Make the error of an answer of the service or of the gateway before it.

    C(answer) is the decoded JSON object; its C(Code) is a non-empty str.
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
        remedy=_remedy(code, answer),
        request_id=_printable(answer.get("RequestId")) or None,
        http_status=http_status,
        retry_after=retry_after,
        server_date=server_date,
    )


def _remedy(code: str, answer: t.Mapping[str, t.Any]) -> t.Optional[str]:
    remedy = REMEDIES.get(code)
    if remedy is None and code.startswith("Throttling."):
        return _QUOTA
    # On success the field is a placeholder text; on a RAM denial an object, spelt either way.
    detail = answer.get("AccessDeniedDetail", answer.get("accessDeniedDetail"))
    if not isinstance(detail, dict):
        return remedy
    principal = _printable(detail.get("AuthPrincipalDisplayName"))
    if not principal:
        return remedy or _PERMISSION
    return "The denied identity is %s. %s" % (principal, remedy or _PERMISSION)


def _printable(value: t.Any) -> str:
    """Return a text as one line without control characters, which a terminal would obey; of anything else nothing."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(character if character.isprintable() else " " for character in value).split())
