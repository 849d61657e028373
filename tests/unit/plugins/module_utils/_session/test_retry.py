# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import itertools

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import (
    REMEDIES,
    CredentialsError,
    OptionError,
    ThrottleError,
    TransportError,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.errors import ServiceError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import (
    FINAL,
    SKEWED,
    THROTTLING,
    TRANSIENT,
    Retries,
    delays,
    is_fatal,
    kind_of,
)


def service(code, status=400, retry_after=None, seconds=None):
    error = ServiceError(code, "said the service", http_status=status, retry_after=retry_after)
    error.retry_after_seconds = seconds
    return error


def transport(code, status=None, seconds=None):
    error = TransportError(code, "came back", http_status=status)
    error.retry_after_seconds = seconds
    return error


def highest(_low, bound):
    """Stand in for random.uniform, so that a delay shows its bound."""
    return bound


KINDS = [
    (service("Throttling"), THROTTLING),
    (service("Throttling.User"), THROTTLING),
    (service("Throttling.Api"), THROTTLING),
    (service("Throttling.Unheard.Of"), THROTTLING),
    (service("Rejected.Throttling"), THROTTLING),
    (service("System.LimitControl"), THROTTLING),
    (service("Throttling.User", 200), THROTTLING),
    (service("Throttling", 503), THROTTLING),
    (service("Unheard.Of", 429), THROTTLING),
    (transport("UnexpectedAnswer", 429), THROTTLING),
    (service("TooManyRequests", 429), THROTTLING),
    (service("TooManyRequests"), THROTTLING),
    (service("RequestThrottled"), THROTTLING),
    # The vendor's header, whatever the code is called, and whatever it asks for.
    (service("isv.BUSINESS_LIMIT_CONTROL", retry_after="1500"), THROTTLING),
    (service("Unheard.Of", 200, retry_after=""), THROTTLING),
    (service("InternalError", 500, retry_after="-1"), THROTTLING),
    (service("SignatureDoesNotMatch", 403, retry_after="10"), THROTTLING),
    (service("SystemBusy"), TRANSIENT),
    (service("isp.SYSTEM_ERROR"), TRANSIENT),
    (service("999999"), TRANSIENT),
    (service("ERR-COMMON-001"), TRANSIENT),
    (service("ERR-COMMON-001", 500), TRANSIENT),
    (service("CHAT.APIError"), TRANSIENT),
    (service("CHAT.APIError", 500), TRANSIENT),
    (service("InternalError", 500), TRANSIENT),
    (service("InternalError", 200), TRANSIENT),
    (service("ServiceUnavailable", 503), TRANSIENT),
    (service("ServiceUnavailable", 200), TRANSIENT),
    (service("SignatureNonceUsed"), TRANSIENT),
    (service("Unheard.Of", 500), TRANSIENT),
    (service("Unheard.Of", 502), TRANSIENT),
    (service("Unheard.Of", 503), TRANSIENT),
    (service("Unheard.Of", 504), TRANSIENT),
    (transport("UnexpectedAnswer", 408), TRANSIENT),
    (transport("UnexpectedAnswer", 425), TRANSIENT),
    (transport("UnexpectedAnswer", 502), TRANSIENT),
    (transport("UnexpectedAnswer", 520), TRANSIENT),
    (transport("UnexpectedAnswer", 522), TRANSIENT),
    (transport("UnexpectedAnswer", 529), TRANSIENT),
    (transport("UnexpectedAnswer", 501), FINAL),
    (transport("UnexpectedAnswer", 505), FINAL),
    (transport("UnexpectedAnswer", 530), FINAL),
    (transport("OutOfResources"), TRANSIENT),
    (transport("Unreachable"), TRANSIENT),
    (transport("TimedOut"), TRANSIENT),
    (transport("ConnectionLost"), TRANSIENT),
    (service("InvalidTimeStamp.Expired"), SKEWED),
    (service("InvalidTimeStamp.Format"), FINAL),
    (service("Product.Unsubscript"), FINAL),
    (service("Ram.PermissionDeny"), FINAL),
    (service("Unknown.ResourceOwnerId"), FINAL),
    (service("Unknown.ResourceOwnerId", 500), FINAL),
    (service("Authentication.NoAuth"), FINAL),
    (service("ERR-OPERATION-MAAP-0060"), FINAL),
    (service("ERR-OPERATION-MAAP-0065"), FINAL),
    (service("SignatureDoesNotMatch"), FINAL),
    (service("SignatureDoesNotMatch", 403), FINAL),
    (service("SignatureDoesNotMatch", 500), FINAL),
    (service("IncompleteSignature"), FINAL),
    (service("InvalidAccessKeyId.Inactive"), FINAL),
    (service("InvalidAccessKeyId.NotFound", 404), FINAL),
    (service("InvalidParameter.SecurityToken.Expired"), FINAL),
    (service("InvalidSecurityToken.Expired"), FINAL),
    (service("InvalidSecurityToken.Malformed"), FINAL),
    (service("NoPermission", 403), FINAL),
    (service("NoPermission", 503), FINAL),
    (service("Forbidden.RAM", 403), FINAL),
    (service("NotAuthorized", 403), FINAL),
    (service("InvalidApi.NotFound", 404), FINAL),
    (service("InvalidAction.NotFound", 404), FINAL),
    (service("InvalidVersion"), FINAL),
    (service("InvalidParameter"), FINAL),
    (service("Unheard.Of"), FINAL),
    (service("Unheard.Of", 200), FINAL),
    (service("NotThrottling"), FINAL),
    (transport("TLSFailure"), FINAL),
    (transport("UnexpectedAnswer", 200), FINAL),
    (transport("UnexpectedAnswer", 404), FINAL),
    (OptionError("qps_limit is not a number"), FINAL),
    (CredentialsError("NoCredentials", "none found"), FINAL),
    (ThrottleError("QueueTooLong", "too long"), FINAL),
    (ThrottleError("ThrottleUnavailable", "unavailable"), FINAL),
]

FATAL = {
    "IncompleteSignature",
    "InvalidAccessKeyId.Inactive",
    "InvalidAccessKeyId.NotFound",
    "InvalidAction.NotFound",
    "InvalidApi.NotFound",
    "InvalidOption",
    "InvalidParameter.SecurityToken.Expired",
    "InvalidSecurityToken.Expired",
    "InvalidSecurityToken.Malformed",
    "InvalidTimeStamp.Expired",
    "InvalidTimeStamp.Format",
    "InvalidVersion",
    "NoCredentials",
    "QueueTooLong",
    "SignatureDoesNotMatch",
    "TLSFailure",
    "ThrottleUnavailable",
}


@pytest.mark.parametrize(("error", "kind"), KINDS, ids=[f"{error.code}-{error.http_status}" for error, _kind in KINDS])
def test_the_kind_of_each_error(error, kind):
    assert kind_of(error) == kind


@pytest.mark.parametrize(
    "error", [error for error, _kind in KINDS], ids=lambda error: f"{error.code}-{error.http_status}"
)
def test_what_ends_the_whole_task_early(error):
    throttled = getattr(error, "retry_after", None) is not None
    assert is_fatal(error) is (error.code in FATAL and not throttled)


def test_no_code_with_a_remedy_is_missing_from_the_table_above():
    listed = {error.code for error, _kind in KINDS} | {"SecurityToken.Expired", "NotAsked", "IncompleteList"}
    assert {code for code in REMEDIES if not code.startswith("InvalidSecurityToken")} <= listed


@pytest.mark.parametrize(
    ("asked", "delay"),
    [
        (None, 1.0),
        (float("nan"), 1.0),
        (0.0, 1.0),
        (-1.5, 1.0),
        (float("-inf"), 1.0),
        (1.5, 1.5),
        (0.0005, 0.0005),
        (30.0, 30.0),
        (30.001, 30.0),
        (float("inf"), 30.0),
    ],
)
def test_the_hint_of_the_service(asked, delay):
    assert Retries(1, uniform=highest).after(service("Throttling", retry_after="sent", seconds=asked)) == delay


def test_delays_double_up_to_the_cap_and_begin_at_nothing():
    asked = []

    def uniform(low, bound):
        asked.append((low, bound))
        return 0.25 * bound

    assert list(itertools.islice(delays(1.0, 20.0, uniform), 7)) == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    assert asked == [(0.0, bound) for bound in (1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0)]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (service("Throttling.User"), [1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0, None, None]),
        (service("InternalError", 500), [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, None, None]),
        (service("Throttling.User", retry_after="700", seconds=0.7), [0.7] * 7 + [None, None]),
        (service("InternalError", 500, retry_after="700", seconds=0.7), [0.7] * 7 + [None, None]),
        (service("InternalError", 500, retry_after="no number"), [1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0, None, None]),
        (service("InvalidTimeStamp.Expired"), [0.0] + [None] * 8),
        (service("NoPermission"), [None] * 9),
    ],
    ids=["throttling", "transient", "hinted", "hinted by the header alone", "a bad hint", "skewed", "final"],
)
def test_the_delays_of_one_query(error, expected):
    retries = Retries(7, uniform=highest)
    assert [retries.after(error) for _attempt in expected] == pytest.approx(expected)
    assert retries.used == sum(delay is not None for delay in expected)


def test_retries_of_every_kind_share_one_budget_and_each_kind_has_its_own_doubling():
    retries = Retries(5, uniform=highest)
    throttled, lost = service("Throttling"), transport("ConnectionLost")
    mixture = [throttled, lost, throttled, lost, service("InvalidTimeStamp.Expired"), throttled]
    assert [retries.after(error) for error in mixture] == [1.0, 0.2, 2.0, 0.4, 0.0, None]
    assert retries.used == 5


def test_no_retries_means_none():
    retries = Retries(0)
    assert [retries.after(error) for error, _kind in KINDS] == [None] * len(KINDS)
    assert retries.used == 0


def test_the_jitter_is_random_without_being_asked():
    drawn = {Retries(1).after(service("Throttling")) for _query in range(20)}
    assert len(drawn) > 1
    assert all(0 <= delay <= 1 for delay in drawn)


@pytest.mark.parametrize(
    ("error", "delay"),
    [
        (service("ServiceUnavailable", 503, seconds=7.0), 7.0),
        (transport("UnexpectedAnswer", 503, seconds=7.0), 7.0),
        (service("Throttling", seconds=7.0), 7.0),
        (service("NoPermission", 403, seconds=7.0), None),
        (service("InvalidTimeStamp.Expired", seconds=7.0), 0.0),
    ],
    ids=str,
)
def test_what_may_be_hinted_without_the_vendors_header(error, delay):
    assert Retries(1, uniform=highest).after(error) == delay


def test_a_standard_hint_alone_is_no_sign_of_throttling():
    assert kind_of(service("ServiceUnavailable", 503, seconds=7.0)) == TRANSIENT


def test_a_shared_budget_is_as_large_unused_and_patient_where_it_is_asked_to_be():
    retries = Retries(5, uniform=highest)
    lost = transport("ConnectionLost")
    retries.after(lost)
    hasty, patient = retries.shared(patient=False), retries.shared(patient=True)
    assert [hasty.after(lost) for _attempt in range(6)] == [0.2, 0.4, 0.8, 1.6, 3.2, None]
    assert [patient.after(lost) for _attempt in range(6)] == [1.0, 2.0, 4.0, 5.0, 5.0, None]
    assert (retries.used, hasty.left(), patient.left(), retries.left()) == (1, False, False, True)


def test_the_patience_of_the_default_outlasts_eight_seconds_whatever_is_drawn():
    lowest = Retries(5, uniform=lambda low, _high: low).shared(patient=True)
    assert sum(lowest.after(transport("Unreachable")) for _attempt in range(5)) == pytest.approx(8.5)
