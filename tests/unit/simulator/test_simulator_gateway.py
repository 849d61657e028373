# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signed_requests import OMIT, ask, signed
from simulator.accounts import accounts_from
from simulator.data import Data
from simulator.faults import faults_from
from simulator.quota import SlidingWindow
from simulator.service import Service, Throttling
from simulator.testing import account

NOON = 1_800_000_000
KEYS = [
    {"id": "plain", "secret": "secret-1"},
    {"id": "other", "secret": "secret-2"},
    {"id": "session", "secret": "secret-3", "security_token": "token"},
    {"id": "ended", "secret": "secret-4", "security_token": "token", "expired": True},
    {"id": "disabled", "secret": "secret-5", "active": False},
]


class Clock:
    """Seconds since 1970 that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def service(clock):
    data = Data(accounts_from([account(keys=KEYS)]), faults_from([]))
    return Service(data, Throttling(SlidingWindow(), None, "Throttling.User", 400, None), now=clock)


def refusal(service, request):
    """Status and Code of the answer to a request."""
    exchange = service.answer(request.as_request())
    return exchange.reply.status, exchange.entry["code"]


def plain(parameters=None, **changes):
    return signed(parameters, **{"key_id": "plain", "secret": "secret-1", "at": NOON, **changes})


def test_a_good_request_passes_by_get_and_by_post(service):
    assert refusal(service, plain()) == (200, "OK")
    assert refusal(service, plain(method="GET")) == (200, "OK")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"method": "PUT"}, (405, "UnsupportedHTTPMethod")),
        ({"path": "/other"}, (404, "InvalidApi.NotFound")),
        ({"x_acs_action": "QueryChatappPhoneNumber"}, (404, "InvalidApi.NotFound")),
        ({"x_acs_version": "2020-06-07"}, (400, "InvalidVersion")),
        ({"x_acs_action": OMIT}, (400, "MissingParameter")),
        ({"x_acs_version": OMIT}, (400, "MissingParameter")),
        ({"x_acs_date": OMIT}, (400, "MissingParameter")),
        ({"x_acs_signature_nonce": OMIT}, (400, "MissingParameter")),
        ({"x_acs_content_sha256": OMIT}, (400, "MissingParameter")),
        ({"host": OMIT}, (400, "MissingParameter")),
        ({"x_acs_signature_nonce": ""}, (400, "MissingParameter")),
        ({"x_acs_date": "2027-01-15 08:00:00"}, (400, "InvalidTimeStamp.Format")),
        ({"x_acs_date": "2027-01-15T08:00:00+00:00"}, (400, "InvalidTimeStamp.Format")),
        ({"x_acs_date": "2027-1-15T8:00:00Z"}, (400, "InvalidTimeStamp.Format")),
        ({"x_acs_date": "2027-02-30T08:00:00Z"}, (400, "InvalidTimeStamp.Format")),
        ({"x_acs_content_sha256": "0" * 64}, (400, "SignatureDoesNotMatch")),
        ({"secret": "secret-2"}, (400, "SignatureDoesNotMatch")),
        ({"key_id": "unknown"}, (404, "InvalidAccessKeyId.NotFound")),
        ({"key_id": "disabled", "secret": "secret-5"}, (400, "InvalidAccessKeyId.Inactive")),
        ({"key_id": "session", "secret": "secret-3"}, (400, "MissingSecurityToken")),
        ({"key_id": "session", "secret": "secret-3", "token": "token"}, (200, "OK")),
        (
            {"key_id": "session", "secret": "secret-3", "token": "another"},
            (400, "InvalidSecurityToken.MismatchWithAccessKey"),
        ),
        (
            {"key_id": "session", "secret": "secret-3", "token": "token", "x_acs_accesskey_id": "plain"},
            (400, "InvalidSecurityToken.MismatchWithAccessKey"),
        ),
        ({"token": "token"}, (400, "InvalidSecurityToken.MismatchWithAccessKey")),
        ({"key_id": "ended", "secret": "secret-4", "token": "token"}, (400, "InvalidSecurityToken.Expired")),
    ],
    ids=str,
)
def test_what_the_gateway_says_to(service, changes, expected):
    assert refusal(service, plain(**changes)) == expected


def test_a_request_without_authorization(service):
    request = plain()
    del request.headers["authorization"]
    assert refusal(service, request) == (400, "MissingParameter")


@pytest.mark.parametrize("name", ["x-acs-anything", "x-acs-security-token"])
def test_every_header_of_the_platform_must_be_signed(service, name):
    request = plain()
    request.headers[name] = "value"
    assert refusal(service, request) == (400, "IncompleteSignature")


def test_the_host_must_be_signed(service):
    request = plain(host=OMIT)
    request.headers["host"] = "127.0.0.1"
    assert refusal(service, request) == (400, "IncompleteSignature")


def test_signed_headers_that_were_not_sent(service):
    request = plain(user_agent="tests")
    del request.headers["user-agent"]
    assert refusal(service, request) == (400, "IncompleteSignature")


@pytest.mark.parametrize("order", [lambda names: names[::-1], lambda names: names + names[-1:]], ids=["order", "twice"])
def test_signed_headers_are_in_order_and_named_once(service, order):
    request = plain()
    names = request.headers["authorization"].split("SignedHeaders=")[1].split(",")[0]
    other = ";".join(order(names.split(";")))
    request.headers["authorization"] = request.headers["authorization"].replace(names, other)
    assert refusal(service, request) == (400, "IncompleteSignature")


@pytest.mark.parametrize(
    ("parameters", "sent"),
    [
        ({"Status": "A B"}, "Status=A+B"),
        ({"Status": "A*"}, "Status=A*"),
        ({"Status": "~"}, "Status=%7E"),
        ({"Status": "é"}, "Status=%c3%a9"),
        ({"IsvCode": "a", "Status": "b"}, "Status=b&IsvCode=a"),
        ({"Status": ""}, "Status"),
    ],
)
def test_a_query_sent_otherwise_than_it_was_signed(service, parameters, sent):
    request = plain(parameters)
    assert refusal(service, request)[1] == "OK"
    request = plain(parameters)
    request.query = sent
    assert refusal(service, request) == (400, "SignatureDoesNotMatch")


@given(st.dictionaries(st.sampled_from(["CustSpaceId", "IsvCode", "Status", "Any"]), st.text()))
def test_any_text_in_a_parameter_is_verified(parameters):
    data = Data(accounts_from([account(keys=KEYS, instance_id=parameters.get("CustSpaceId"))]), faults_from([]))
    service = Service(data, Throttling(SlidingWindow(), None, "", 400, None), now=Clock())
    assert refusal(service, plain(parameters)) == (200, "OK")


def test_a_mismatch_echoes_what_the_server_signs(service):
    request = plain({"IsvCode": "code"}, secret="wrong-secret")
    message = service.answer(request.as_request()).reply.body.decode()
    assert "server string to sign is:ACS3-HMAC-SHA256\\n" in message
    assert "IsvCode=code" in message
    assert "secret-1" not in message


@pytest.mark.parametrize(
    ("skew", "code"),
    [(0, "OK"), (900, "OK"), (-900, "OK"), (901, "InvalidTimeStamp.Expired"), (-901, "InvalidTimeStamp.Expired")],
)
def test_a_date_is_good_for_fifteen_minutes_either_way(service, skew, code):
    assert refusal(service, plain(at=NOON + skew))[1] == code


def test_a_nonce_is_good_once_for_each_key(service):
    assert refusal(service, plain(x_acs_signature_nonce="n"))[1] == "OK"
    assert refusal(service, plain(x_acs_signature_nonce="n")) == (400, "SignatureNonceUsed")
    other = signed(key_id="other", secret="secret-2", at=NOON, x_acs_signature_nonce="n")
    assert refusal(service, other)[1] == "OK"


def test_a_nonce_is_remembered_as_long_as_its_request_could_come_again(service, clock):
    request = plain(at=NOON + 900)
    assert refusal(service, request)[1] == "OK"
    clock.now += 1800
    assert refusal(service, request)[1] == "SignatureNonceUsed"
    clock.now += 1
    assert refusal(service, request)[1] == "InvalidTimeStamp.Expired"
    nonce = request.headers["x-acs-signature-nonce"]
    assert refusal(service, plain(at=clock.now, x_acs_signature_nonce=nonce))[1] == "OK"


def test_a_request_that_was_refused_does_not_spend_its_nonce(service):
    assert refusal(service, plain(secret="wrong", x_acs_signature_nonce="n"))[1] == "SignatureDoesNotMatch"
    assert refusal(service, plain(x_acs_signature_nonce="n"))[1] == "OK"


def test_an_error_has_the_shape_of_the_gateway(simulator):
    answer = ask(simulator.url, signed(x_acs_action="Unknown"))
    assert answer.headers["Content-Type"].startswith("application/json")
    assert set(answer.body) == {"RequestId", "HostId", "Code", "Message", "Recommend"}
    assert answer.body["HostId"] == "127.0.0.1"


def test_a_replay_over_the_wire_is_refused(simulator):
    request = signed()
    assert ask(simulator.url, request).status == 200
    assert ask(simulator.url, request).code == "SignatureNonceUsed"
