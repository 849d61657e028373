# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .listing import FIELDS as _LISTING
from .listing import Instance, Listing
from .shapes import BadData, Field, check, mapping
from .writing import FIELDS as _WRITING
from .writing import Writing

PhoneNumber = dict[str, Any]

_DENIALS = ("Ram.PermissionDeny", "NoPermission", "Forbidden.RAM", "NotAuthorized")
_ACCOUNT = {
    "name": Field(str),
    "keys": Field(list),
    "qps": Field(int, None, least=1),
    "subscribed": Field(bool, True),
    "instance_id": Field(str, None),
    "isv_code": Field(str, None),
    "error_status": Field(int, None, choices=(200, 400)),
    "access_denied_detail": Field(str, "object", choices=("object", "string", "lower_case")),
    "phone_numbers": Field(list, []),
    "sub_customers": Field(list, []),
    "instances": Field(list, None),
    "listing": Field(dict, {}),
    "writing": Field(dict, {}),
}
_KEY = {
    "id": Field(str),
    "secret": Field(str),
    "security_token": Field(str, None),
    "active": Field(bool, True),
    "expired": Field(bool, False),
    "denied": Field(str, None, choices=_DENIALS),
    "denied_actions": Field(list, None),
}
_SUB_CUSTOMER = {"cust_space_id": Field(str), "phone_numbers": Field(list, [])}
_GENERATE = {"count": Field(int, least=1), "numbers": Field(int, 1, least=0), "prefix": Field(str, "cams-")}


@dataclass(frozen=True)
class Key:
    id: str
    secret: str
    security_token: str | None
    active: bool
    expired: bool
    denied: str | None
    denied_actions: list[str] | None


@dataclass(frozen=True)
class Generated:
    """Sub-customers `<prefix>1` to `<prefix><count>`, made when they are asked for."""

    count: int
    numbers: int
    prefix: str

    def phone_numbers(self, cust_space_id: str) -> list[PhoneNumber] | None:
        match = re.fullmatch(re.escape(self.prefix) + "([1-9][0-9]*)", cust_space_id)
        if not match or int(match[1]) > self.count:
            return None
        first = (int(match[1]) - 1) * self.numbers
        return [_generated_number(first + place) for place in range(self.numbers)]


def _generated_number(index: int) -> PhoneNumber:
    return {
        "PhoneNumber": f"86{13_000_000_000 + index}",
        "VerifiedName": f"Shop {index}",
        "Status": "CONNECTED",
        "QualityRating": "GREEN",
        "CodeVerificationStatus": "VERIFIED",
        "NameStatus": "Approval",
        "NewNameStatus": "Approval",
        "MessagingLimitTier": "TIER_10K",
        "StatusCallbackUrl": "https://hooks.example.com/status",
        "UpCallbackUrl": "https://hooks.example.com/inbound",
        "StatusQueue": f"Alicom-Queue-{index}-ChatAppStatus",
        "UpQueue": f"Alicom-Queue-{index}-ChatAppInbound",
        "IsOfficial": "N",
    }


@dataclass
class Account:
    name: str
    keys: list[Key]
    qps: int | None
    subscribed: bool
    instance_id: str | None
    isv_code: str | None
    error_status: int | None
    access_denied_detail: str
    phone_numbers: list[PhoneNumber]
    sub_customers: dict[str, list[PhoneNumber]]
    generated: list[Generated]
    listing: Listing
    writing: Writing
    named_instances: list[Instance] | None

    @cached_property
    def instances(self) -> list[Instance]:
        """The instances that the file names, or one for each space that it speaks of."""
        if self.named_instances is not None:
            return self.named_instances
        spaces = [*([self.instance_id] if self.instance_id else []), *self.sub_customers]
        for generated in self.generated:
            spaces += [f"{generated.prefix}{number}" for number in range(1, generated.count + 1)]
        return [self.listing.instance(space) for space in dict.fromkeys(spaces)]

    def numbers_of(self, cust_space_id: str) -> list[PhoneNumber] | None:
        """The account's own numbers for an empty id, a sub-customer's for its id; None where the id is nobody's."""
        self.writing.settle()
        if cust_space_id in ("", self.instance_id):
            return self.phone_numbers
        if cust_space_id in self.sub_customers:
            return self.sub_customers[cust_space_id]
        for generated in self.generated:
            numbers = generated.phone_numbers(cust_space_id)
            if numbers is not None:
                return numbers
        return None

    def change_number(self, cust_space_id: str, phone_number: str, field: str, value: Any) -> bool:
        """Sets one field of one number; False where there is no such number."""
        numbers = self.numbers_of(cust_space_id) or []
        chosen = [number for number in numbers if number.get("PhoneNumber") == phone_number]
        for number in chosen:
            number[field] = value
        if chosen:
            self.keep(cust_space_id, numbers)
        return bool(chosen)

    def keep(self, cust_space_id: str, numbers: list[PhoneNumber]) -> None:
        """Keep the numbers of a generated sub-customer from its first change on."""
        if numbers is not self.phone_numbers:
            self.sub_customers[cust_space_id] = numbers


class Accounts:
    """All accounts of a data file, found by access key or by name."""

    def __init__(self, accounts: list[Account]) -> None:
        self.by_name: dict[str, Account] = {}
        self._by_key: dict[str, tuple[Account, Key]] = {}
        for account in accounts:
            if account.name in self.by_name:
                raise BadData(f"accounts: the name {account.name} occurs twice.")
            self.by_name[account.name] = account
            for key in account.keys:
                if key.id in self._by_key:
                    raise BadData(f"accounts, {account.name}: the key {key.id} occurs twice.")
                self._by_key[key.id] = (account, key)

    def of_key(self, key_id: str) -> tuple[Account, Key] | None:
        return self._by_key.get(key_id)


def accounts_from(node: Any) -> Accounts:
    """The accounts of parsed YAML; BadData says in one sentence what is wrong with it."""
    check(node, "accounts", Field(list))
    return Accounts([_account(entry, f"accounts, entry {place}") for place, entry in enumerate(node, 1)])


def _account(node: Any, where: str) -> Account:
    found = mapping(node, where, _ACCOUNT)
    where = f"accounts, {found['name']}"
    keys = [Key(**mapping(key, f"{where}, keys, entry {place}", _KEY)) for place, key in enumerate(found["keys"], 1)]
    own = _objects(found["phone_numbers"], f"{where}, phone_numbers")
    sub_customers: dict[str, list[PhoneNumber]] = {}
    generated = []
    for place, entry in enumerate(found["sub_customers"], 1):
        at = f"{where}, sub_customers, entry {place}"
        if isinstance(entry, dict) and "generate" in entry:
            entry = mapping(entry, at, {"generate": Field(dict)})
            generated.append(Generated(**mapping(entry["generate"], f"{at}, generate", _GENERATE)))
            continue
        entry = mapping(entry, at, _SUB_CUSTOMER)
        if entry["cust_space_id"] in sub_customers:
            raise BadData(f"{at}: the cust_space_id {entry['cust_space_id']} occurs twice.")
        sub_customers[entry["cust_space_id"]] = _objects(entry["phone_numbers"], f"{at}, phone_numbers")
    named = found.pop("instances")
    if named is not None:
        named = _objects(named, f"{where}, instances")
    listing = Listing(**mapping(found.pop("listing"), f"{where}, listing", _LISTING))
    writing = Writing(**mapping(found.pop("writing"), f"{where}, writing", _WRITING))
    found.update(keys=keys, phone_numbers=own, sub_customers=sub_customers)
    return Account(**found, generated=generated, listing=listing, writing=writing, named_instances=named)


def _objects(node: list[Any], where: str) -> list[dict[str, Any]]:
    return [dict(check(entry, f"{where}, entry {place}", Field(dict))) for place, entry in enumerate(node, 1)]
