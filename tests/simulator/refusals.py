# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# Code: (HTTP status, message).
GATEWAY = {
    "IncompleteSignature": (400, "The request signature does not conform to Alibaba Cloud standards."),
    "InvalidAccessKeyId.Inactive": (400, "Specified access key is disabled."),
    "InvalidAccessKeyId.NotFound": (404, "Specified access key is not found."),
    "InvalidApi.NotFound": (404, "Specified api is not found, please check your url and method."),
    "InvalidSecurityToken.Expired": (400, "Specified SecurityToken is expired."),
    "InvalidSecurityToken.MismatchWithAccessKey": (400, "Specified SecurityToken mismatch with the AccessKey."),
    "InvalidTimeStamp.Expired": (400, "Specified time stamp or date value is expired."),
    "InvalidTimeStamp.Format": (400, "Specified time stamp or date value is not well formatted."),
    "InvalidVersion": (400, "Specified parameter Version is not valid."),
    "MissingParameter": (400, "A parameter that is mandatory for this action is missing."),
    "MissingSecurityToken": (400, "SecurityToken is mandatory for this action."),
    "SignatureDoesNotMatch": (400, "Specified signature does not match our calculation."),
    "SignatureNonceUsed": (400, "Specified signature nonce was used already."),
    "UnsupportedHTTPMethod": (405, "This http method is not supported."),
}
PERMISSION = {
    "Forbidden.RAM": (403, "User not authorized to operate on the specified resource."),
    "NoPermission": (403, "You are not authorized to do this action."),
    "NotAuthorized": (403, "You are not authorized to do this action."),
    "Ram.PermissionDeny": (400, "You are not authorized to perform the operation."),
}
BUSINESS = {
    "Product.Unsubscript": (400, "You have not subscribed to the specified product."),
    "System.LimitControl": (400, "The system is under flow control."),
    "Unknown.ResourceOwnerId": (400, "The resource does not belong to the current user."),
}
_KNOWN = {**GATEWAY, **PERMISSION, **BUSINESS}


@dataclass
class Refusal(Exception):
    """An answer with a Code other than OK. Status and message, left out, are the known ones of the code."""

    code: str
    message: str = ""
    status: int | None = None
    details: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        status, message = _KNOWN.get(self.code, (400, "Request was denied."))
        self.status = self.status or status
        self.message = self.message or message

    def body(self, request_id: str, host: str) -> dict[str, Any]:
        return {
            "RequestId": request_id,
            "HostId": host,
            "Code": self.code,
            "Message": self.message,
            "Recommend": f"https://api.alibabacloud.com/troubleshoot?q={self.code}&product=cams&requestId={request_id}",
            **self.details,
        }
