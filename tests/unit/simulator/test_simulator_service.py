# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from signed_requests import signed
from simulator.accounts import accounts_from
from simulator.data import Data
from simulator.faults import faults_from
from simulator.quota import SlidingWindow
from simulator.service import Service, Throttling
from simulator.testing import KEY_ID, KEY_SECRET, account

TWO_KEYS = [{"id": KEY_ID, "secret": KEY_SECRET}, {"id": "second", "secret": "secret"}]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def service_of(*accounts, qps=10, clock=None, faults=(), **throttling):
    given = {"code": "Throttling.User", "status": 400, "retry_after": None, **throttling}
    data = Data(accounts_from(list(accounts)), faults_from(list(faults)))
    return Service(data, Throttling(SlidingWindow(clock or Clock()), qps, **given))


def codes(service, *requests):
    return [service.answer(request.as_request()).entry["code"] for request in requests]


def test_ten_calls_a_second_and_the_eleventh_is_refused():
    clock = Clock()
    service = service_of(account(), clock=clock)
    assert codes(service, *(signed() for _time in range(12))) == ["OK"] * 10 + ["Throttling.User"] * 2
    clock.now += 1
    assert codes(service, *(signed() for _time in range(11))) == ["OK"] * 10 + ["Throttling.User"]


def test_the_keys_of_an_account_share_its_quota():
    service = service_of(account(keys=TWO_KEYS), qps=2)
    other = [signed(key_id="second", secret="secret") for _time in range(2)]
    assert codes(service, signed(), *other) == ["OK", "OK", "Throttling.User"]


def listing(**headers):
    return signed({"PageIndex": "1", "PageSize": "5"}, x_acs_action="ListInstance", **headers)


def test_each_operation_has_a_quota_of_its_own():
    service = service_of(account(), qps=1)
    assert codes(service, signed(), listing(), signed(), listing()) == ["OK", "OK"] + ["Throttling.User"] * 2
    service = service_of(account(listing={"qps": 2}), qps=1)
    assert codes(service, listing(), listing(), listing(), signed()) == ["OK", "OK", "Throttling.User", "OK"]


def test_the_entry_of_a_page():
    entry = service_of(account()).answer(listing().as_request()).entry
    assert (entry["action"], entry["page_index"], entry["page_size"]) == ("ListInstance", "1", "5")


def test_the_file_names_a_quota_for_one_account():
    service = service_of(account(qps=1), qps=None)
    assert codes(service, signed(), signed()) == ["OK", "Throttling.User"]


def test_no_quota():
    service = service_of(account(), qps=None)
    assert set(codes(service, *(signed() for _time in range(100)))) == {"OK"}


def test_what_the_gateway_refuses_does_not_count_but_what_the_operation_refuses_does():
    service = service_of(account(), qps=1)
    assert codes(service, signed(secret="wrong"), signed({"CustSpaceId": "nobody"}), signed()) == [
        "SignatureDoesNotMatch",
        "Unknown.ResourceOwnerId",
        "Throttling.User",
    ]


@pytest.mark.parametrize("code", ["Throttling", "Throttling.Api", "System.LimitControl", "Rejected.Throttling"])
@pytest.mark.parametrize("status", [200, 400, 429, 503])
@pytest.mark.parametrize("hint", [None, "1500", "-1", "soon", "9" * 30])
def test_the_spelling_of_a_refusal(code, status, hint):
    service = service_of(account(), qps=1, code=code, status=status, retry_after=hint)
    codes(service, signed())
    exchange = service.answer(signed().as_request())
    assert exchange.reply.status == exchange.entry["http_status"] == status
    assert json.loads(exchange.reply.body)["Code"] == exchange.entry["code"] == code
    assert exchange.reply.headers.get("x-acs-retry-after") == hint


def test_the_entry_of_the_log():
    service = service_of(account())
    request = signed({"CustSpaceId": "", "Status": "PENDING"})
    exchange = service.answer(request.as_request())
    assert exchange.entry == {
        "account": "test",
        "access_key_id": KEY_ID,
        "action": "QueryChatappPhoneNumbers",
        "cust_space_id": "",
        "status": "PENDING",
        "page_index": None,
        "page_size": None,
        "write": None,
        "http_status": 200,
        "code": "OK",
        "request_id": json.loads(exchange.reply.body)["RequestId"],
        "fault": None,
    }


def test_the_entry_of_a_caller_that_is_not_known():
    entry = service_of(account()).answer(signed(key_id="unknown").as_request()).entry
    assert (entry["account"], entry["access_key_id"]) == (None, None)
    assert (entry["http_status"], entry["code"], entry["cust_space_id"]) == (404, "InvalidAccessKeyId.NotFound", None)


def test_request_ids_differ():
    service = service_of(account())
    entries = [service.answer(signed().as_request()).entry for _time in range(3)]
    assert len({entry["request_id"] for entry in entries}) == 3
