# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import PartialReadError, TransportError
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations.query_chatapp_phone_numbers import (
    QueryChatappPhoneNumbers,
    check_whole,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.errors import ServiceError
from hypothesis import given
from hypothesis import strategies as st
from published_answer import FACTS, SAMPLE


def facts_of(number, space_id=None):
    return QueryChatappPhoneNumbers().facts({"PhoneNumbers": [number]}, space_id)[0]


def test_query_sends_what_is_given():
    assert QueryChatappPhoneNumbers().request(None) == {}
    assert QueryChatappPhoneNumbers("code", "BANNED").request("space") == {
        "IsvCode": "code",
        "CustSpaceId": "space",
        "Status": "BANNED",
    }


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
    assert QueryChatappPhoneNumbers().facts(answer, "cams-x") == []


@pytest.mark.parametrize("numbers", [{}, "", "text", 0, False, True, 5, [None], ["text"], [[]], [{}, 1]])
def test_another_shape(numbers):
    with pytest.raises(TransportError) as caught:
        QueryChatappPhoneNumbers().facts({"PhoneNumbers": numbers, "RequestId": "R-1"}, None)
    assert (caught.value.code, caught.value.request_id) == ("UnexpectedAnswer", "R-1")
    with pytest.raises(TransportError) as caught:
        QueryChatappPhoneNumbers().facts({"PhoneNumbers": numbers, "RequestId": 5}, None)
    assert caught.value.request_id is None


def answered(space_id, request_id, *numbers):
    answer = SimpleNamespace(request_id=request_id, facts=list(numbers))
    return SimpleNamespace(subject=space_id, attempts=1, error=None, answer=answer)


def failed(space_id, code="Code", request_id=None, remedy="Do this."):
    error = ServiceError(code, "Why.", remedy, request_id, 400)
    return SimpleNamespace(subject=space_id, attempts=3, error=error, answer=None)


def test_collected_in_the_order_asked_and_doubled_where_asked_twice():
    a, b, c = failed("a", request_id="R-a"), answered("b", "R-b", {"n": 1}, {"n": 2}), answered("c", "R-c")
    found = QueryChatappPhoneNumbers(status="CONNECTED").collect([a, b, c, b])
    failure = {
        "cust_space_id": "a",
        "code": "Code",
        "message": "Why.",
        "request_id": "R-a",
        "http_status": 400,
        "remedy": "Do this.",
    }
    asked = {"status": "CONNECTED"}
    row = {"cust_space_id": "b", "attempts": 1, "request_id": "R-b", "phone_number_count": 2, **asked}
    assert found == {
        "phone_numbers": [{"n": 1}, {"n": 2}, {"n": 1}, {"n": 2}],
        "queries": [
            {"cust_space_id": "a", "attempts": 3, "request_id": "R-a", "phone_number_count": None, **asked},
            row,
            {"cust_space_id": "c", "attempts": 1, "request_id": "R-c", "phone_number_count": 0, **asked},
            row,
        ],
        "failures": [failure],
    }


def sentence_of(*queries):
    with pytest.raises(PartialReadError) as caught:
        check_whole(QueryChatappPhoneNumbers().collect(queries))
    return caught.value.sentence(), caught.value.facts()


def test_own_numbers_that_could_not_be_read():
    assert sentence_of(failed(None, "Denied", "R-1")) == (
        "Denied: Why. Do this.",
        {"code": "Denied", "message": "Why.", "request_id": "R-1", "http_status": 400, "remedy": "Do this."},
    )


def test_sub_customers_that_could_not_be_read():
    message, facts = sentence_of(answered("x", "R"), failed("a", "First", remedy=None), failed("b", "Second"))
    assert message == "2 of 3 cust_space_ids could not be read. The first is a: First: Why."
    assert facts["code"] == "First"


def test_what_is_whole_is_no_failure():
    check_whole(QueryChatappPhoneNumbers().collect([answered("x", "R")]))
