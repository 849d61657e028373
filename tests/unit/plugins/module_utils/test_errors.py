# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils import _errors as errors
from ansible_collections.alicloud.chatapp.plugins.module_utils._session import errors as service_errors
from ansible_collections.alicloud.chatapp.plugins.module_utils._session import retry

# What the remedy of each code must speak of, so that it helps.
HELP = {
    "Product.Unsubscript": "Activate Chat App Message Service",
    "Ram.PermissionDeny": "cams:QueryChatappPhoneNumbers",
    "NoPermission": "cams:QueryChatappPhoneNumbers",
    "Forbidden.RAM": "cams:QueryChatappPhoneNumbers",
    "NotAuthorized": "cams:QueryChatappPhoneNumbers",
    "System.LimitControl": "qps_limit",
    "TooManyRequests": "qps_limit",
    "RequestThrottled": "qps_limit",
    "Throttling": "throttle_url",
    "Throttling.User": "throttle_url",
    "Throttling.Api": "throttle_url",
    "Throttling.Something.New": "throttle_url",
    "Rejected.Throttling": "throttle_url",
    "Unknown.ResourceOwnerId": "cust_space_ids",
    "Authentication.NoAuth": "cust_space_ids",
    "ERR-OPERATION-MAAP-0060": "onboarding",
    "ERR-OPERATION-MAAP-0065": "cust_space_ids",
    "InvalidAccessKeyId.NotFound": "access_key_id",
    "InvalidAccessKeyId.Inactive": "access_key_id",
    "SignatureDoesNotMatch": "access_key_secret",
    "IncompleteSignature": "access_key_secret",
    "InvalidTimeStamp.Expired": "clock",
    "InvalidTimeStamp.Format": "clock",
    "SecurityToken.Expired": "temporary credentials",
    "InvalidSecurityToken.Expired": "temporary credentials",
    "InvalidParameter.SecurityToken.Expired": "temporary credentials",
    "InvalidSecurityToken": "temporary credentials",
    "InvalidSecurityToken.Malformed": "temporary credentials",
    "InvalidSecurityToken.MismatchWithAccessKey": "temporary credentials",
    "InvalidApi.NotFound": "endpoint",
    "InvalidAction.NotFound": "endpoint",
    "InvalidVersion": "endpoint",
    "SignatureNonceUsed": "Run the task again",
    "InternalError": "request id",
    "ServiceUnavailable": "later",
    "SystemBusy": "later",
    "isp.SYSTEM_ERROR": "request id",
    "999999": "request id",
    "ERR-COMMON-001": "request id",
    "CHAT.APIError": "permissions",
}
OF_THE_COLLECTION = {
    "Unreachable",
    "TLSFailure",
    "TimedOut",
    "ConnectionLost",
    "UnexpectedAnswer",
    "OutOfResources",
    "NotAsked",
    "IncompleteList",
}


QUERY = "QueryChatappPhoneNumbers"


def service_error(code="Any.Code", **answer):
    return service_errors.service_error({"Code": code, **answer}, 400, None, None, QUERY)


@pytest.mark.parametrize("code", HELP)
def test_remedy_helps(code):
    assert HELP[code] in service_error(code).remedy


def test_no_remedy_is_forgotten():
    assert (
        set(errors.REMEDIES) | set(service_errors.REMEDIES) | {*service_errors.DENIALS} | {"Throttling.Something.New"}
        == set(HELP) | OF_THE_COLLECTION
    )
    assert (retry.FATAL_CODES | set(retry.KIND_OF_CODE)) <= {
        *errors.REMEDIES,
        *service_errors.REMEDIES,
        *service_errors.DENIALS,
    }


def test_remedies_are_sentences():
    for code in set(HELP) | OF_THE_COLLECTION:
        remedy = errors.ChatappError(code, "Message.").remedy or service_error(code).remedy
        assert remedy.endswith(".")
        assert remedy.isprintable()


@pytest.mark.parametrize(
    ("action", "covered"), [(QUERY, False), ("ListInstance", True), ("UpdatePhoneWebhook", False), ("GetPhone", True)]
)
def test_a_denial_names_the_action_that_was_denied_and_the_smallest_policy(action, covered):
    remedy = service_errors.permission(action)
    policy = json.loads(remedy[remedy.index("{") : remedy.rindex("}") + 1])
    assert policy == {
        "Version": "1",
        "Statement": [{"Effect": "Allow", "Action": f"cams:{action}", "Resource": "*"}],
    }
    assert remedy.startswith(f"Allow the RAM user or role the action cams:{action}; ")
    assert ("AliyunCamsReadOnlyAccess covers" in remedy, "AliyunCamsReadOnlyAccess does not" in remedy) == (
        covered,
        not covered,
    )


@pytest.mark.parametrize("code", service_errors.DENIALS)
def test_the_service_s_word_for_the_action_comes_before_ours(code):
    def remedy(**detail):
        answer = {"Code": code, "AccessDeniedDetail": detail}
        return service_errors.service_error(answer, 400, None, None, "ListInstance").remedy

    assert remedy() == service_errors.permission("ListInstance")
    assert remedy(AuthAction="cams:GetOther") == service_errors.permission("GetOther")
    for odd in ("cams:*", "other:GetOther", 'cams:X", "Effect', "", None, 5, "cams:" + "A" * 101):
        assert remedy(AuthAction=odd) == service_errors.permission("ListInstance")


DETAIL = {
    "AuthAction": "cams:QueryChatappPhoneNumbers",
    "AuthPrincipalDisplayName": "2000123",
    "NoPermissionType": "ImplicitDeny",
}


@pytest.mark.parametrize("field", ["AccessDeniedDetail", "accessDeniedDetail"])
def test_denied_identity_is_shown(field):
    remedy = service_error("Ram.PermissionDeny", **{field: DETAIL}).remedy
    assert remedy.startswith("The denied identity is 2000123. Allow the RAM user")
    assert service_error("Some.NewDenial", **{field: DETAIL}).remedy == remedy
    assert service_error("Product.Unsubscript", **{field: DETAIL}).remedy.startswith(
        "The denied identity is 2000123. Activate"
    )


@pytest.mark.parametrize(
    "detail",
    ["None", "无", "{}", "", None, [], 5, {}, {"AuthPrincipalDisplayName": ""}, {"AuthPrincipalDisplayName": 5}],
)
def test_detail_without_an_identity(detail):
    assert service_error("Ram.PermissionDeny", AccessDeniedDetail=detail).remedy == service_errors.permission(QUERY)
    expected = service_errors.permission(QUERY) if isinstance(detail, dict) else None
    assert service_error("Some.NewCode", AccessDeniedDetail=detail).remedy == expected


@pytest.mark.parametrize("code", ["SignatureDoesNotMatch", "IncompleteSignature", "Invalid.Signature.New"])
def test_string_to_sign_is_not_repeated(code):
    error = service_error(code, Message="server string to sign is: POST IsvCode=Sentinel")
    assert error.message == "The signature does not match the one the service calculated."


def test_message_is_the_service_s_own():
    assert service_error("SignatureNonceUsed", Message=" Used before. ").message == "Used before."
    for message in (None, "", " \n", 5, ["list"], {}):
        assert service_error(Message=message).message == "The service gave no reason."


def test_terminal_is_not_reached():
    error = service_error("Bad\x1b[2JCode", Message="one\r\ntwo\x1b]0;title\x07\u202ethree", RequestId="R\x1b-1")
    for text in (error.code, error.message, error.request_id, error.sentence()):
        assert text.isprintable()
    assert error.message == "one two ]0;title three"


@pytest.mark.parametrize("request_id, found", [("R-1", "R-1"), (None, None), (5, None), ({}, None)])
def test_request_id(request_id, found):
    error = service_error(RequestId=request_id)
    assert error.request_id == found
    assert error.http_status == 400


def test_headers_are_kept():
    error = service_errors.service_error({"Code": "Throttling"}, 429, "250", "Thu, 01 Jan 2026 00:00:00 GMT", QUERY)
    assert (error.http_status, error.retry_after, error.server_date) == (429, "250", "Thu, 01 Jan 2026 00:00:00 GMT")


def test_facts_and_sentence():
    error = errors.ChatappError("Code", "Why.", "Do this.", "R-1", 400)
    assert error.facts() == {
        "code": "Code",
        "message": "Why.",
        "request_id": "R-1",
        "http_status": 400,
        "remedy": "Do this.",
    }
    assert error.sentence() == "Code: Why. Do this."
    assert str(error) == "Why."
    assert errors.ChatappError("Code", "Why.").sentence() == "Code: Why."
    assert errors.OptionError("timeout is wrong.").sentence() == "timeout is wrong."
    assert errors.OptionError("timeout is wrong.").code == "InvalidOption"
    assert errors.TransportError("TimedOut", "Why.", http_status=200).facts()["remedy"] == errors.REMEDIES["TimedOut"]
