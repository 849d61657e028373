# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .accounts import Account, Key
from .refusals import Refusal

Operation = Callable[[Account, Key, dict[str, str]], dict[str, Any]]


def query_chatapp_phone_numbers(account: Account, key: Key, parameters: dict[str, str]) -> dict[str, Any]:
    """The fields of a successful answer, without its request id; raises Refusal. An empty parameter counts as none."""
    _admit(account, key, "QueryChatappPhoneNumbers")
    if account.isv_code and parameters.get("IsvCode", "") != account.isv_code:
        raise _denial(account, key, "Ram.PermissionDeny", "QueryChatappPhoneNumbers")
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


def list_instance(account: Account, key: Key, parameters: dict[str, str]) -> dict[str, Any]:
    """As above, of the account's instances, a page at a time; the ISV's code has no part in it."""
    _admit(account, key, "ListInstance")
    page = account.listing.page(account.instances, parameters)
    return {"Code": "OK", "Message": "SUCCESS", "Success": True, **page, "AccessDeniedDetail": "None"}


def update_phone_webhook(account: Account, key: Key, parameters: dict[str, str]) -> dict[str, Any]:
    """As above, of where one phone number reports to. The answer says nothing of what was done."""
    _admit(account, key, "UpdatePhoneWebhook")
    for name in ("CustSpaceId", "PhoneNumber"):
        if not parameters.get(name):
            raise Refusal("MissingParameter", f"{name} is mandatory for this action.")
    numbers = account.numbers_of(parameters["CustSpaceId"])
    if numbers is None:
        raise _business(account, "Unknown.ResourceOwnerId")
    account.keep(parameters["CustSpaceId"], numbers)
    account.writing.write(numbers, parameters)
    return {"Code": "OK", "Message": "SUCCESS", "AccessDeniedDetail": "None"}


OPERATIONS: dict[str, Operation] = {
    "QueryChatappPhoneNumbers": query_chatapp_phone_numbers,
    "ListInstance": list_instance,
    "UpdatePhoneWebhook": update_phone_webhook,
}


def _admit(account: Account, key: Key, action: str) -> None:
    if key.denied and (key.denied_actions is None or action in key.denied_actions):
        raise _denial(account, key, key.denied, action)
    if not account.subscribed:
        raise _business(account, "Product.Unsubscript")


def _business(account: Account, code: str) -> Refusal:
    return Refusal(code, status=account.error_status, details={"AccessDeniedDetail": "None", "Success": False})


def _denial(account: Account, key: Key, code: str, action: str) -> Refusal:
    name = "accessDeniedDetail" if account.access_denied_detail == "lower_case" else "AccessDeniedDetail"
    detail: Any = {
        "AuthAction": f"cams:{action}",
        "AuthPrincipalDisplayName": key.id,
        "AuthPrincipalOwnerId": account.name,
        "AuthPrincipalType": "SubUser",
        "NoPermissionType": "ImplicitDeny",
        "PolicyType": "AccountLevelIdentityBasedPolicy",
        "EncodedDiagnosticMessage": "AQEAAAAAZ1nUxjA4QzVDNkI1",
    }
    if account.access_denied_detail == "string":
        detail = f"The caller {key.id} has no permission for cams:{action}."
    return Refusal(code, status=account.error_status, details={name: detail})
