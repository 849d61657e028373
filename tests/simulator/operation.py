# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from .accounts import Account, Key
from .gateway import ACTION
from .refusals import Refusal


def query_chatapp_phone_numbers(account: Account, key: Key, parameters: dict[str, str]) -> dict[str, Any]:
    """The fields of a successful answer, without its request id; raises Refusal. An empty parameter counts as none."""
    if key.denied:
        raise Refusal(key.denied, status=account.error_status, details=_denial(account, key))
    if not account.subscribed:
        raise _business(account, "Product.Unsubscript")
    if account.isv_code and parameters.get("IsvCode", "") != account.isv_code:
        raise Refusal("Ram.PermissionDeny", status=account.error_status, details=_denial(account, key))
    numbers = account.numbers_of(parameters.get("CustSpaceId", ""))
    if numbers is None:
        raise _business(account, "Unknown.ResourceOwnerId")
    status = parameters.get("Status", "")
    return {
        "Code": "OK",
        "Message": "SUCCESS",
        "Success": True,
        "PhoneNumbers": [number for number in numbers if not status or number.get("Status") == status],
        "AccessDeniedDetail": "None",
    }


def _business(account: Account, code: str) -> Refusal:
    return Refusal(code, status=account.error_status, details={"AccessDeniedDetail": "None", "Success": False})


def _denial(account: Account, key: Key) -> dict[str, Any]:
    name = "accessDeniedDetail" if account.access_denied_detail == "lower_case" else "AccessDeniedDetail"
    if account.access_denied_detail == "string":
        return {name: f"The caller {key.id} has no permission for cams:{ACTION}."}
    return {
        name: {
            "AuthAction": f"cams:{ACTION}",
            "AuthPrincipalDisplayName": key.id,
            "AuthPrincipalOwnerId": account.name,
            "AuthPrincipalType": "SubUser",
            "NoPermissionType": "ImplicitDeny",
            "PolicyType": "AccountLevelIdentityBasedPolicy",
            "EncodedDiagnosticMessage": "AQEAAAAAZ1nUxjA4QzVDNkI1",
        }
    }
