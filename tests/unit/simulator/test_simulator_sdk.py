# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's own SDK as a client: nobody here wrote how it signs and what it sends."""

from __future__ import annotations

import pytest
from alibabacloud_cams20200606.client import Client
from alibabacloud_cams20200606.models import (
    ListInstanceRequest,
    QueryChatappPhoneNumbersRequest,
    UpdatePhoneWebhookRequest,
)
from alibabacloud_tea_openapi.models import Config
from simulator.testing import FOLDER, Simulator

SAMPLE = {
    "access_key_id": "LTAI5tSampleKeyOfTheDemo",
    "access_key_secret": "SampleSecretOfTheDemoAccount01",
}
SESSION = {
    "access_key_id": "STS.NSampleKeyOfTheDemo",
    "access_key_secret": "SampleSecretOfTheDemoSession01",
    "security_token": "CAISSampleTokenOfTheDemoSession+/=",
}
ISV = {"access_key_id": "LTAI5tSampleKeyOfTheIsv", "access_key_secret": "SampleSecretOfTheIsvAccount001"}


@pytest.fixture(scope="module")
def simulator():
    with Simulator(FOLDER / "sample.yml", "--qps", "unlimited") as running:
        yield running


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "DEBUG"):
        monkeypatch.delenv(name, raising=False)


def gather(simulator, credentials, **parameters):
    client = Client(Config(**credentials, endpoint=simulator.url.removeprefix("http://"), protocol="http"))
    return client.query_chatapp_phone_numbers(QueryChatappPhoneNumbersRequest(**parameters)).body


@pytest.mark.parametrize("credentials", [SAMPLE, SESSION], ids=["key", "session"])
def test_it_gathers_the_numbers(simulator, credentials):
    body = gather(simulator, credentials)

    assert body.code == "OK"
    assert len(body.phone_numbers) == 6
    first = body.phone_numbers[0]
    assert (first.phone_number, first.verified_name, first.messaging_limit_tier) == (
        "861380000****",
        "Alibaba",
        "TIER_10K",
    )
    assert body.phone_numbers[1].calling_configure.max_talk_time == 5


def test_it_filters_by_status_and_asks_for_sub_customers(simulator):
    assert len(gather(simulator, SAMPLE, status="CONNECTED").phone_numbers) == 3
    assert [one.phone_number for one in gather(simulator, SAMPLE, cust_space_id="cams-beta").phone_numbers] == [
        "8613922220001"
    ]
    assert len(gather(simulator, ISV, cust_space_id="cams-5000", isv_code="aksik93kdkkxmwol9****").phone_numbers) == 20


def test_it_pages_through_the_instances(simulator):
    client = Client(Config(**ISV, endpoint=simulator.url.removeprefix("http://"), protocol="http"))
    found = []
    for index in range(1, 12):
        body = client.list_instance(ListInstanceRequest(page_index=index, page_size=500)).body
        assert (body.success, body.total_count) == (True, 5000)
        found += [(row.instance_id, row.cust_space_id, row.channel_type, row.state) for row in body.data]
    assert found == [(f"cams-{number}",) * 2 + ("whatsapp", "published") for number in range(1, 5001)]


def test_it_writes_a_callback_url(simulator):
    number = {"cust_space_id": "cams-beta", "phone_number": "8613922220001"}
    urls = {"status_callback_url": "https://hooks.example.com/receipt?token=1", "up_callback_url": ""}
    client = Client(Config(**SAMPLE, endpoint=simulator.url.removeprefix("http://"), protocol="http"))
    request = UpdatePhoneWebhookRequest(**number, **urls, http_flag="Y", queue_flag="N")
    assert client.update_phone_webhook(request).body.code == "OK"
    written = simulator.log()[-1]["write"]
    assert (written["StatusCallbackUrl"], written["HttpFlag"], written["QueueFlag"]) == (
        urls["status_callback_url"],
        "Y",
        "N",
    )
    [found] = gather(simulator, SAMPLE, cust_space_id="cams-beta").phone_numbers
    assert (found.status_callback_url, found.up_callback_url) == tuple(urls.values())


def test_it_lists_where_the_vendor_s_read_only_policy_lets_it_read_no_number(simulator):
    reader = {"access_key_id": "LTAI5tSampleKeyWithoutRight", "access_key_secret": "SampleSecretOfTheReadOnlyUser1"}
    client = Client(Config(**reader, endpoint=simulator.url.removeprefix("http://"), protocol="http"))
    assert client.list_instance(ListInstanceRequest()).body.total_count == 4
    with pytest.raises(Exception) as caught:
        gather(simulator, reader)
    assert caught.value.code == "Ram.PermissionDeny"


def test_empty_parameters_are_sent_and_legal(simulator):
    assert len(gather(simulator, SAMPLE, status="", cust_space_id="", isv_code="").phone_numbers) == 6
    assert simulator.log()[-1]["status"] == ""


@pytest.mark.parametrize(
    ("credentials", "parameters", "code"),
    [
        ({**SAMPLE, "access_key_secret": "wrong"}, {}, "SignatureDoesNotMatch"),
        ({**SAMPLE, "access_key_id": "wrong"}, {}, "InvalidAccessKeyId.NotFound"),
        ({**SESSION, "security_token": "wrong"}, {}, "InvalidSecurityToken.MismatchWithAccessKey"),
        (SAMPLE, {"cust_space_id": "cams-unknown"}, "Unknown.ResourceOwnerId"),
        (ISV, {"isv_code": "wrong"}, "Ram.PermissionDeny"),
    ],
)
def test_it_hears_of_errors(simulator, credentials, parameters, code):
    with pytest.raises(Exception) as caught:
        gather(simulator, credentials, **parameters)
    assert caught.value.code == code
