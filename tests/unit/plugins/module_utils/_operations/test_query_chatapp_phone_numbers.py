# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import TransportError
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations import (
    query_chatapp_phone_numbers as phone_numbers,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.errors import ServiceError
from hypothesis import given
from hypothesis import strategies as st
from published_answer import FACTS, SAMPLE


def facts_of(number, space_id=None):
    return phone_numbers.facts({"PhoneNumbers": [number]}, space_id)[0]


def test_query_sends_what_is_given():
    assert phone_numbers.query(None, None, None) == {}
    assert phone_numbers.query("code", "space", "") == {"IsvCode": "code", "CustSpaceId": "space", "Status": ""}


def test_every_field_of_the_published_answer():
    assert facts_of(SAMPLE) == FACTS


@pytest.mark.parametrize(
    "name, snake",
    [
        ("IsOfficial", "is_official"),
        ("CallingConfigure", "calling_configure"),
        ("TimezoneId", "timezone_id"),
        ("WhatsAppID", "whats_app_id"),
        ("HTTPStatus", "http_status"),
        ("Tier2Limit", "tier2_limit"),
        ("already_snake", "already_snake"),
        ("camelCase", "camel_case"),
        ("ID", "id"),
        ("", ""),
        ("Ünï Cöde", "ünï cöde"),
    ],
)
def test_names(name, snake):
    assert facts_of({name: 1}) == {snake: 1}


def test_values_are_untouched():
    value = {
        "Url": "https://ali.com/inbound\n",
        "Null": None,
        "Int": 5,
        "Float": 0.5,
        "Bool": True,
        "Text": "{{ 1 }}\x1b[2J",
    }
    expected = {
        "url": "https://ali.com/inbound\n",
        "null": None,
        "int": 5,
        "float": 0.5,
        "bool": True,
        "text": "{{ 1 }}\x1b[2J",
    }
    assert facts_of({"New": [value, [value]]}) == {"new": [expected, [expected]]}


@pytest.mark.parametrize(
    "wire, facts",
    [
        ({"PhoneNumber": 1, "phone_number": 2}, {"PhoneNumber": 1, "phone_number": 2}),
        ({"phone_number": 2, "PhoneNumber": 1}, {"PhoneNumber": 1, "phone_number": 2}),
        ({"UpURL": 1, "UpUrl": 2}, {"up_url": 1, "UpUrl": 2}),
        ({"CustSpaceId": "of the wire"}, {"CustSpaceId": "of the wire"}),
        ({"Nested": {"CustSpaceId": 1}}, {"nested": {"cust_space_id": 1}}),
        ({"ansible_facts": {"x": 1}}, {"ansible_facts": {"x": 1}}),
    ],
)
def test_taken_names_stay_as_on_the_wire(wire, facts):
    assert facts_of(wire) == facts


def test_sub_customer_is_told_where_one_was_asked_for():
    assert facts_of({"Status": "CONNECTED"}, "cams-x") == {"status": "CONNECTED", "cust_space_id": "cams-x"}
    assert facts_of({"CustSpaceId": "of the wire"}, "cams-x") == {
        "CustSpaceId": "of the wire",
        "cust_space_id": "cams-x",
    }


def leaves(value):
    """The values inside, in order, without the names."""
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


NAMES = st.text("AaBb1_", max_size=4)
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
# Two levels in a number: where a list or an object stands matters, how deep it is does not.
INNER = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(NAMES, SCALARS, max_size=4)
VALUES = INNER | st.lists(INNER, max_size=3) | st.dictionaries(NAMES, INNER, max_size=4)


@given(number=st.dictionaries(NAMES, VALUES, max_size=8))
def test_no_field_is_lost(number):
    found = facts_of(number)
    assert leaves(found) == leaves(number)
    assert len(found) == len(number)


@pytest.mark.parametrize("answer", [{}, {"PhoneNumbers": None}, {"PhoneNumbers": []}])
def test_no_numbers(answer):
    assert phone_numbers.facts(answer, "cams-x") == []


@pytest.mark.parametrize("numbers", [{}, "", "text", 0, False, True, 5, [None], ["text"], [[]], [{}, 1]])
def test_another_shape(numbers):
    with pytest.raises(TransportError) as caught:
        phone_numbers.facts({"PhoneNumbers": numbers, "RequestId": "R-1"}, None)
    assert (caught.value.code, caught.value.request_id) == ("UnexpectedAnswer", "R-1")
    with pytest.raises(TransportError) as caught:
        phone_numbers.facts({"PhoneNumbers": numbers, "RequestId": 5}, None)
    assert caught.value.request_id is None


def answered(request_id, *numbers):
    return SimpleNamespace(attempts=1, error=None, answer=(request_id, list(numbers)))


def failed(code="Code", request_id=None):
    return SimpleNamespace(attempts=3, error=ServiceError(code, "Why.", "Do this.", request_id, 400), answer=None)


def test_collected_in_the_order_asked_and_doubled_where_asked_twice():
    queries = {"b": answered("R-b", {"n": 1}, {"n": 2}), "a": failed(request_id="R-a"), "c": answered("R-c")}
    found = phone_numbers.merged(["a", "b", "c", "b"], queries, "CONNECTED")
    failure = {
        "cust_space_id": "a",
        "code": "Code",
        "message": "Why.",
        "request_id": "R-a",
        "http_status": 400,
        "remedy": "Do this.",
    }
    b = {"cust_space_id": "b", "status": "CONNECTED", "attempts": 1, "request_id": "R-b", "phone_number_count": 2}
    assert found == {
        "phone_numbers": [{"n": 1}, {"n": 2}, {"n": 1}, {"n": 2}],
        "queries": [
            {
                "cust_space_id": "a",
                "status": "CONNECTED",
                "attempts": 3,
                "request_id": "R-a",
                "phone_number_count": None,
            },
            b,
            {"cust_space_id": "c", "status": "CONNECTED", "attempts": 1, "request_id": "R-c", "phone_number_count": 0},
            b,
        ],
        "failures": [failure],
    }


def test_summary_of_the_own_numbers():
    failures = phone_numbers.merged([None], {None: failed("Denied", "R-1")}, None)["failures"]
    assert phone_numbers.summary(failures, 1) == (
        "Denied: Why. Do this.",
        {"code": "Denied", "message": "Why.", "request_id": "R-1", "http_status": 400, "remedy": "Do this."},
    )


def test_summary_of_sub_customers():
    failures = phone_numbers.merged(["a", "b"], {"a": failed("First"), "b": failed("Second")}, None)["failures"]
    failures[0]["remedy"] = None
    message, facts = phone_numbers.summary(failures, 7)
    assert message == "2 of 7 cust_space_ids could not be read. The first is a: First: Why."
    assert facts["code"] == "First"
    assert failures[0]["cust_space_id"] == "a"
