# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from simulator.accounts import accounts_from
from simulator.operation import list_instance
from simulator.refusals import Refusal
from simulator.shapes import BadData
from simulator.testing import account


def made(count=25, listing=None, **changes):
    customers = [{"generate": {"count": count}}]
    given = account(sub_customers=customers, listing=listing or {}, **changes)
    return accounts_from([given]).of_key(given["keys"][0]["id"])


def page(index=None, size=None, account_and_key=None, parameters=None, **listing):
    found = {"PageIndex": index, "PageSize": size}
    asked = {name: str(value) for name, value in found.items() if value is not None}
    return list_instance(*(account_and_key or made(listing=listing)), {**asked, **(parameters or {})})


def ids(answer):
    return [int(row["InstanceId"].removeprefix("cams-")) for row in answer["Data"]]


def refusal(*arguments, **named):
    with pytest.raises(Refusal) as caught:
        page(*arguments, **named)
    return caught.value


def test_the_first_page_without_any_parameter():
    answer = page()
    assert (answer["Code"], answer["Success"], answer["TotalCount"]) == ("OK", True, 25)
    assert ids(answer) == list(range(1, 11))
    assert {type(value) for value in answer["Data"][0].values()} == {str}


@pytest.mark.parametrize(
    ("listing", "pages"),
    [
        ({}, {0: [], 1: [1, 10], 2: [11, 20], 3: [21, 25], 4: []}),
        ({"page_base": "0"}, {0: [1, 10], 1: [11, 20], 2: [21, 25], 3: []}),
        ({"page_base": "either"}, {0: [1, 10], 1: [1, 10], 2: [11, 20], 3: [21, 25], 4: []}),
        ({"beyond": "last"}, {0: [], 1: [1, 10], 3: [21, 25], 4: [21, 25], 9: [21, 25]}),
        ({"cap": 5}, {1: [1, 5], 2: [6, 10], 5: [21, 25], 6: []}),
        ({"cap": 5, "cap_moves_pages": False}, {1: [1, 5], 2: [11, 15], 3: [21, 25], 4: []}),
        ({"cap": 50}, {1: [1, 10]}),
    ],
    ids=str,
)
def test_the_ways_of_paging(listing, pages):
    for index, ends in pages.items():
        found = ids(page(index, 10, **listing))
        assert ([found[0], found[-1]] if found else []) == ends


def test_a_page_that_does_not_exist_can_be_refused():
    assert ids(page(3, 10, beyond="refused"))
    for index in (0, 4):
        assert refusal(index, 10, beyond="refused").code == "InvalidParameter.PageIndex"


@pytest.mark.parametrize(("index", "size"), [("-1", 10), ("x", 10), (1, 0), (1, "x")])
def test_what_is_no_number(index, size):
    assert refusal(index, size).code.startswith("InvalidParameter.Page")


def test_a_page_size_that_is_refused():
    assert ids(page(1, 5, greatest_page_size=5))
    assert refusal(1, 6, greatest_page_size=5).code == "InvalidParameter.PageSize"


def test_rows_that_move():
    moving = made(listing={"order": "moving"})
    assert [ids(page(1, 3, moving)) for _time in range(3)] == [[2, 3, 4], [3, 4, 5], [4, 5, 6]]
    shuffled = made(listing={"order": "shuffled"})
    orders = [ids(page(1, 25, shuffled)) for _time in range(3)]
    assert orders[0] != orders[1]
    assert {tuple(sorted(order)) for order in orders} == {tuple(range(1, 26))}


@pytest.mark.parametrize(
    ("listing", "total"),
    [
        ({"total_offset": 3}, 28),
        ({"total_offset": -25}, 0),
        ({"total_offset": -99}, 0),
        ({"total": "text"}, "25"),
        ({"total": "missing"}, None),
        ({"total": "of_page"}, 10),
    ],
)
def test_totals_that_lie(listing, total):
    assert page(**listing).get("TotalCount") == total


def test_a_total_that_changes():
    changing = made(listing={"total": "changing"})
    assert len({page(1, 5, changing)["TotalCount"] for _time in range(3)}) == 3


@pytest.mark.parametrize(
    ("switch", "space_id"), [("given", "cams-1"), ("empty", ""), ("missing", None), ("other", "space-of-cams-1")]
)
def test_the_space_id(switch, space_id):
    assert page(cust_space_id=switch)["Data"][0].get("CustSpaceId") == space_id


def test_which_instances_there_are():
    spaces = [{"cust_space_id": "b"}, {"generate": {"count": 2, "prefix": "g-"}}]
    found = made(listing={"state": "of tomorrow"}, instance_id="own")
    assert found[0].instances[0]["InstanceId"] == "own"
    given = account(sub_customers=spaces, instance_id="own")
    [one] = accounts_from([given]).by_name.values()
    assert [row["CustSpaceId"] for row in one.instances] == ["own", "b", "g-1", "g-2"]
    given = account(sub_customers=spaces, instances=[{"InstanceId": "i", "New": 1}])
    [one] = accounts_from([given]).by_name.values()
    assert one.instances == [{"InstanceId": "i", "New": 1}]


def test_the_filters():
    rows = [{"InstanceId": "1", "ChannelType": "VIBER"}, {"InstanceId": "2", "ChannelType": "whatsapp"}]
    asked = made(instances=rows)
    assert page(account_and_key=asked, parameters={"ChannelType": "VIBER"})["Data"] == rows[:1]
    assert page(account_and_key=asked, parameters={"ChannelType": ""})["TotalCount"] == 2
    assert page(account_and_key=asked, parameters={"InstanceId": "2"})["TotalCount"] == 1


def test_permission_is_by_operation():
    def key(**changes):
        return [{"id": "k", "secret": "s", "denied": "Ram.PermissionDeny", **changes}]

    denied = refusal(account_and_key=made(keys=key()))
    assert (denied.code, denied.details["AccessDeniedDetail"]["AuthAction"]) == (
        "Ram.PermissionDeny",
        "cams:ListInstance",
    )
    assert page(account_and_key=made(keys=key(denied_actions=["QueryChatappPhoneNumbers"])))["Code"] == "OK"
    assert refusal(account_and_key=made(keys=key(denied_actions=["ListInstance"]))).code == "Ram.PermissionDeny"


@pytest.mark.parametrize("listing", [{"page_base": 0}, {"order": "none"}, {"cap": 0}, {"unheard": 1}])
def test_a_switch_that_cannot_be(listing):
    with pytest.raises(BadData):
        made(listing=listing)
