# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import (
    ChatappError,
    PartialReadError,
    TransportError,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations._pages import Listing
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations.list_instance import (
    ListInstance,
    check_whole,
    without_space_id,
)

ROW = {"InstanceId": "i-1", "CustSpaceId": "s-1", "State": "published", "ContactMail": "a@b.example", "New": [1]}
PAGING = {"first_page": "1"}


def page(*rows, **answer):
    return ListInstance().facts({"Data": list(rows), "TotalCount": 5, **answer}, (1, 10))


def collected(*rows, state=None, personal_data=False, error=None, failed=()):
    facts = list(page(*rows).rows.values())
    query = SimpleNamespace(
        subject=(1, 10), attempts=2, error=None, answer=SimpleNamespace(request_id="R", facts=page(*rows))
    )
    listing = Listing(facts, 5, [query, *failed], list(failed), error, PAGING)
    return ListInstance.collect(listing, state, personal_data)


def test_the_request_has_the_filters_that_were_given():
    assert ListInstance().request((0, 100)) == {"PageIndex": "0", "PageSize": "100"}
    assert ListInstance("VIBER", "i", "n", "rg").request((2, 5)) == {
        "ChannelType": "VIBER",
        "InstanceId": "i",
        "InstanceName": "n",
        "ResourceGroupId": "rg",
        "PageIndex": "2",
        "PageSize": "5",
    }


def test_every_field_is_a_fact_unknown_ones_too():
    [row] = page(ROW).rows.values()
    assert row == {
        "instance_id": "i-1",
        "cust_space_id": "s-1",
        "state": "published",
        "contact_mail": "a@b.example",
        "new": [1],
    }


@pytest.mark.parametrize(
    ("total", "count"),
    [(5, 5), (0, 0), ("5", 5), (None, None), ("five", None), ("", None), (True, None), (5.0, None), ([], None)],
)
def test_the_total(total, count):
    assert page(TotalCount=total).total == count


@pytest.mark.parametrize("data", ["text", 5, {}, {"List": []}, [1], [None]])
def test_another_shape_is_no_empty_list(data):
    with pytest.raises(TransportError, match="Data of the answer"):
        ListInstance().facts({"Data": data}, (1, 10))


@pytest.mark.parametrize("data", [None, []])
def test_no_rows(data):
    assert page(Data=data).rows == {}


def test_who_is_who():
    two_channels = [ROW, {**ROW, "CustSpaceId": "s-2"}, {**ROW, "InstanceId": "i-2"}]
    assert len(page(*two_channels, ROW, {**ROW, "State": "other"}).rows) == 3
    assert len(page({"State": "a"}, {"State": "b"}, {"State": "a"}, {"InstanceId": None, "CustSpaceId": ""}).rows) == 3


def test_one_without_a_name_is_known_by_its_fields_in_any_order():
    assert len(page({"State": "a", "New": 1}, {"New": 1, "State": "a"}).rows) == 1


def test_personal_data_only_where_it_is_asked_for():
    row = {**ROW, "OfficeAddress": "1 Road"}
    assert not {"contact_mail", "office_address"} & set(collected(row)["instances"][0])
    assert {"contact_mail", "office_address"} <= set(collected(row, personal_data=True)["instances"][0])


def test_the_state_is_filtered_here_and_the_count_is_the_service_s():
    other = {**ROW, "InstanceId": "i-2", "CustSpaceId": "s-2", "State": "of tomorrow"}
    found = collected(ROW, other, state="of tomorrow")
    assert [row["instance_id"] for row in found["instances"]] == ["i-2"]
    assert (found["cust_space_ids"], found["total_count"]) == (["s-2"], 5)
    assert collected(ROW, other, state="OF TOMORROW")["instances"] == []


def test_space_ids_in_order_each_once_with_the_instance_s_own_where_there_is_none():
    rows = [ROW, {**ROW, "InstanceId": "i-2"}, {"InstanceId": "i-3"}, {"InstanceId": "i-4", "CustSpaceId": " "}]
    found = collected(*rows)
    assert found["cust_space_ids"] == ["s-1", "i-3", "i-4"]
    check_whole(found)
    assert without_space_id(found) == 2
    assert without_space_id(collected({"InstanceId": "i-3", "CustSpaceId": ""})) == 1


def test_an_instance_that_nobody_can_ask_for_fails_the_task():
    with pytest.raises(ChatappError) as caught:
        check_whole(collected(ROW, {"State": "published"}))
    assert caught.value.sentence().startswith(
        "UnexpectedAnswer: An instance has neither CustSpaceId nor InstanceId. Check endpoint"
    )


def test_how_it_was_asked():
    error = TransportError("TimedOut", "Why.", request_id="R-2")
    failed = SimpleNamespace(subject=(2, 10), attempts=6, error=error, answer=None)
    found = collected(ROW, error=error, failed=[failed])
    assert found["queries"] == [
        {"page_index": 1, "page_size": 10, "attempts": 2, "request_id": "R", "instance_count": 1, "total_count": 5},
        {
            "page_index": 2,
            "page_size": 10,
            "attempts": 6,
            "request_id": "R-2",
            "instance_count": None,
            "total_count": None,
        },
    ]
    assert found["failures"] == [{"page_index": 2, **error.facts()}]
    assert found["paging"] == PAGING
    with pytest.raises(PartialReadError) as caught:
        check_whole(found)
    assert caught.value.sentence().startswith("The list of instances is not whole, 1 are returned. TimedOut: Why. ")


def test_rows_and_count_that_do_not_agree_are_a_failure_without_a_page():
    error = ChatappError("IncompleteList", "Why.")
    found = collected(error=error)
    assert found["failures"] == [{"page_index": None, **error.facts()}]
    with pytest.raises(PartialReadError) as caught:
        check_whole(found)
    assert caught.value.sentence().startswith("IncompleteList: Why. Run the task again")


@pytest.mark.parametrize(
    ("message", "remedy", "said"),
    [
        ("PageSize is too large.", None, "Set a smaller page_size, such as 10: the greatest one is not published."),
        ("PageSize is too large.", "Theirs.", "Theirs."),
        ("Another trouble.", None, None),
        ("Another trouble.", "Theirs.", "Theirs."),
    ],
)
def test_what_to_do_about_a_page_that_is_refused(message, remedy, said):
    error = ChatappError("Some.Code", message, remedy)
    failed = SimpleNamespace(subject=(2, 10), attempts=1, error=error, answer=None)
    assert [row["remedy"] for row in collected(error=error, failed=[failed])["failures"]] == [said]
