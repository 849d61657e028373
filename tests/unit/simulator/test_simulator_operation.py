# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from simulator.accounts import accounts_from
from simulator.operation import query_chatapp_phone_numbers
from simulator.refusals import Refusal
from simulator.testing import account

NUMBERS = [
    {"PhoneNumber": "1", "Status": "CONNECTED", "Nested": {"List": [1, None, {"Deep": 1.5}]}, "NeverSeen": True},
    {"PhoneNumber": "2", "Status": "PENDING"},
    {"PhoneNumber": "3"},
]
SUB_CUSTOMERS = [
    {"cust_space_id": "cams-a", "phone_numbers": [{"PhoneNumber": "4", "Status": "CONNECTED"}]},
    {"cust_space_id": "cams-empty"},
    {"generate": {"count": 5000, "numbers": 20, "prefix": "many-"}},
]


def made(**changes):
    given = account(**{"phone_numbers": NUMBERS, "sub_customers": SUB_CUSTOMERS, "instance_id": "own", **changes})
    accounts = accounts_from([given])
    return accounts.of_key(given["keys"][0]["id"])


def numbers(parameters, **changes):
    answer = query_chatapp_phone_numbers(*made(**changes), parameters)
    assert (answer["Code"], answer["Message"], answer["Success"]) == ("OK", "SUCCESS", True)
    return [number["PhoneNumber"] for number in answer["PhoneNumbers"]]


def refusal(parameters=None, **changes):
    with pytest.raises(Refusal) as caught:
        query_chatapp_phone_numbers(*made(**changes), parameters or {})
    return caught.value


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, ["1", "2", "3"]),
        ({"CustSpaceId": "", "IsvCode": "", "Status": ""}, ["1", "2", "3"]),
        ({"CustSpaceId": "own"}, ["1", "2", "3"]),
        ({"Status": "CONNECTED"}, ["1"]),
        ({"Status": "connected"}, []),
        ({"CustSpaceId": "cams-a"}, ["4"]),
        ({"CustSpaceId": "cams-a", "Status": "PENDING"}, []),
        ({"CustSpaceId": "cams-empty"}, []),
    ],
)
def test_which_numbers_are_listed(parameters, expected):
    assert numbers(parameters) == expected


def test_numbers_pass_as_they_are_in_the_file():
    assert query_chatapp_phone_numbers(*made(), {})["PhoneNumbers"] == NUMBERS


def test_generated_sub_customers():
    assert len(numbers({"CustSpaceId": "many-1"})) == 20
    all_numbers = [number for place in (1, 2, 4999, 5000) for number in numbers({"CustSpaceId": f"many-{place}"})]
    assert len(set(all_numbers)) == 80


@pytest.mark.parametrize("cust_space_id", ["many-0", "many-01", "many-5001", "many-", "xmany-1", "CAMS-A", " "])
def test_the_space_of_nobody(cust_space_id):
    refused = refusal({"CustSpaceId": cust_space_id})
    assert (refused.code, refused.status) == ("Unknown.ResourceOwnerId", 400)


def test_an_isv_code_must_match_where_one_is_set():
    assert numbers({"IsvCode": "code"}, isv_code="code")
    assert refusal({"IsvCode": "Code"}, isv_code="code").code == "Ram.PermissionDeny"
    assert refusal({}, isv_code="code").code == "Ram.PermissionDeny"
    assert numbers({"IsvCode": "any"})


def denied(code):
    return [{"id": "k", "secret": "s", "denied": code}]


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"subscribed": False}, "Product.Unsubscript", 400),
        ({"subscribed": False, "error_status": 200}, "Product.Unsubscript", 200),
        ({"keys": denied("Ram.PermissionDeny")}, "Ram.PermissionDeny", 400),
        ({"keys": denied("Ram.PermissionDeny"), "error_status": 200}, "Ram.PermissionDeny", 200),
        ({"keys": denied("NoPermission")}, "NoPermission", 403),
        ({"keys": denied("Forbidden.RAM")}, "Forbidden.RAM", 403),
        ({"keys": denied("NotAuthorized")}, "NotAuthorized", 403),
    ],
)
def test_what_is_refused(changes, code, status):
    refused = refusal(**changes)
    assert (refused.code, refused.status) == (code, status)


@pytest.mark.parametrize(
    ("form", "name", "kind"),
    [
        ("object", "AccessDeniedDetail", dict),
        ("string", "AccessDeniedDetail", str),
        ("lower_case", "accessDeniedDetail", dict),
    ],
)
def test_the_forms_of_a_denial(form, name, kind):
    details = refusal(keys=denied("NoPermission"), access_denied_detail=form).details
    assert isinstance(details.pop(name), kind)
    assert details == {}
