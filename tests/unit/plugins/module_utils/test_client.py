# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from email.utils import formatdate
from pathlib import Path

import pytest
import yaml
from ansible_collections.alicloud.chatapp.plugins.module_utils import phone_numbers
from ansible_collections.alicloud.chatapp.plugins.module_utils.client import USER_AGENT, Client, classified
from ansible_collections.alicloud.chatapp.plugins.module_utils.credentials import Credentials
from ansible_collections.alicloud.chatapp.plugins.module_utils.errors import ServiceError, TransportError
from ansible_collections.alicloud.chatapp.plugins.module_utils.transport import Response, Transport
from hypothesis import example, given
from hypothesis import strategies as st
from raw_server import answering, http
from requests.structures import CaseInsensitiveDict

NUMBERS = yaml.safe_load((Path(__file__).parents[3] / "simulator/sample.yml").read_text(encoding="utf-8"))["accounts"][
    0
]["phone_numbers"]
SAMPLE = {
    "RequestId": "R-1",
    "Code": "OK",
    "Message": "SUCCESS",
    "PhoneNumbers": NUMBERS[:1],
    "AccessDeniedDetail": "None",
}
DOCUMENTED = ["Product.Unsubscript", "Ram.PermissionDeny", "System.LimitControl", "Unknown.ResourceOwnerId"]


def response(answer, status=200, **headers):
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return Response(
        status, CaseInsensitiveDict({name.replace("_", "-"): value for name, value in headers.items()}), body
    )


def ending(answer, status=200, **headers):
    """What the module would make of an answer: facts, or the one error."""
    try:
        found = phone_numbers.facts(classified(response(answer, status, **headers)), None)
    except (ServiceError, TransportError) as error:
        found = error
        assert error.message.isprintable()
    # Ansible refuses a result that is not Unicode all through.
    json.dumps(found.facts() if isinstance(found, Exception) else found, ensure_ascii=False).encode("utf-8")
    return found


def refused(answer, status=200, **headers):
    found = ending(answer, status, **headers)
    assert isinstance(found, TransportError)
    assert (found.code, found.http_status) == ("UnexpectedAnswer", status)
    assert found.message.endswith("(HTTP %d)." % status)
    return found.message


# What the Code decides


@pytest.mark.parametrize("status", [200, 400, 403, 500])
@pytest.mark.parametrize("code", [*DOCUMENTED, "Some.New.Code", "ok", "OK.", "Success"])
def test_another_code_than_ok_fails_whatever_the_status(code, status):
    error = ending({**SAMPLE, "Code": code, "Message": "Why.", "RequestId": "R-2"}, status)
    assert isinstance(error, ServiceError)
    assert (error.code, error.message, error.request_id, error.http_status) == (code, "Why.", "R-2", status)
    if code in DOCUMENTED:
        assert error.remedy


@pytest.mark.parametrize("code", DOCUMENTED)
@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    "detail",
    [
        {"AccessDeniedDetail": "None"},
        {"AccessDeniedDetail": {"AuthPrincipalDisplayName": "2000123"}},
        {"accessDeniedDetail": {"AuthPrincipalDisplayName": "2000123"}},
    ],
    ids=["text", "object", "lower case"],
)
def test_detail_of_a_denial(code, status, detail):
    error = ending({"Code": code, "RequestId": "R-2", "HostId": "cams", "Recommend": "x", **detail}, status)
    assert error.code == code
    assert ("2000123" in error.remedy) is isinstance(list(detail.values())[0], dict)


@pytest.mark.parametrize(
    "numbers", [{}, {"PhoneNumbers": None}, {"PhoneNumbers": []}], ids=["missing", "null", "empty"]
)
@pytest.mark.parametrize("more", [{}, {"AccessDeniedDetail": "无"}, {"Success": True, "Data": "text"}])
def test_no_numbers_only_where_the_code_is_ok(numbers, more):
    assert ending({"Code": "OK", **numbers, **more}) == []
    for code in (None, "", 0, 200, True, ["OK"], {"OK": 1}):
        assert "has no Code" in refused({"Code": code, **numbers, **more})
    assert "has no Code" in refused({**numbers, **more})
    assert isinstance(ending({"Code": "Denied", **numbers, **more}), ServiceError)


@pytest.mark.parametrize("status", [201, 204, 206, 302, 400, 500])
def test_ok_with_another_status_contradicts_itself(status):
    assert "contradicts itself" in refused(SAMPLE, status)


def test_hints_of_the_headers():
    error = ending({"Code": "Throttling"}, 400, X_Acs_Retry_After="250", date="Thu, 01 Jan 2026 00:00:00 GMT")
    assert (error.retry_after, error.server_date) == ("250", "Thu, 01 Jan 2026 00:00:00 GMT")


# Bodies


BODY = json.dumps(SAMPLE).encode()


def test_sample():
    assert ending(BODY)[0]["verified_name"] == "Alibaba"
    assert ending(BODY, Content_Encoding="Identity") == ending(BODY)
    assert ending(b"\xef\xbb\xbf" + BODY) == ending(BODY)
    assert ending(b" \n" + BODY + b"\r\n") == ending(BODY)


def test_answer_cut_at_every_byte():
    for end in range(len(BODY)):
        assert "is not JSON" in refused(BODY[:end])


def with_value(text):
    """The sample with a further field of this raw JSON in its number."""
    return BODY.replace(b'{"UpQueue"', b'{"New": ' + text + b', "UpQueue"')


def nested(depth):
    """An answer whose objects are so deep."""
    return b'{"Code": "OK", "New": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


@pytest.mark.parametrize(
    "body, words",
    [
        pytest.param(b"", "is not JSON", id="empty"),
        pytest.param(b"<html>Sign in</html>", "is not JSON", id="HTML"),
        pytest.param(with_value('"é"'.encode("latin-1")), "is not JSON", id="Latin-1"),
        pytest.param(BODY.decode().encode("utf-16"), "is not JSON", id="UTF-16"),
        pytest.param(with_value(b"NaN"), "is not JSON", id="NaN"),
        pytest.param(with_value(b"-Infinity"), "is not JSON", id="Infinity"),
        pytest.param(with_value(b"1e999"), "is not JSON", id="beyond a float"),
        pytest.param(with_value(b"\xed\xa0\x80"), "is not JSON", id="raw surrogate"),
        pytest.param(with_value(b'"a\nb"'), "is not JSON", id="raw newline"),
        pytest.param(BODY + b"{}", "is not JSON", id="two answers"),
        pytest.param(nested(100_000), "is not JSON", id="depth 100000"),
        pytest.param(nested(900), "nested deeper than 64 levels", id="depth 900"),
        pytest.param(nested(65), "nested deeper than 64 levels", id="depth 65"),
        pytest.param(b"[" + BODY + b"]", "not a JSON object", id="list"),
        pytest.param(b"null", "not a JSON object", id="null"),
        pytest.param(b'"OK"', "not a JSON object", id="text"),
    ],
)
@pytest.mark.parametrize("status", [200, 502])
def test_unusable_body(body, words, status):
    assert words in refused(body, status)


def test_integer_of_5000_digits():
    # Python before 3.9.14 knows no bound.
    found = ending(with_value(b"7" * 5000))
    assert isinstance(found, TransportError) or found[0]["new"] == int("7" * 5000)


def test_depth_64_is_read():
    assert ending(nested(64)) == []


def test_compressed_answer():
    assert "is compressed" in refused(BODY, Content_Encoding="gzip")


@pytest.mark.parametrize(
    "raw, value",
    [
        (b'"\\ud800"', "\ufffd"),
        (b'"a\\uDFFFb"', "a\ufffdb"),
        (b'"\\ud83d\\ude00 \\ud83d"', "\U0001f600 \ufffd"),
        (b'["\\udc00", {"\\ud800": "\\ud800"}]', ["\ufffd", {"\ufffd": "\ufffd"}]),
        (b'"\\\\ud800"', "\\ud800"),
        (b"\"{{ lookup('pipe', 'id') }}\"", "{{ lookup('pipe', 'id') }}"),
        (b'"\\u001b[2J\\u0007\\u0000"', "\x1b[2J\x07\x00"),
        (b"12345678901234567890", 12345678901234567890),
        (b"0.1", 0.1),
        (b"null", None),
        (b'{"ansible_facts": {"X": 1}}', {"ansible_facts": {"x": 1}}),
    ],
)
def test_odd_values(raw, value):
    assert ending(with_value(raw))[0]["new"] == value


def test_the_last_of_equal_keys_counts():
    assert ending(with_value(b'1, "New": 2'))[0]["new"] == 2


@pytest.mark.parametrize("value", [None, True, 5, 0.5, "text", "", [], ["text"], {}, {"A": 1}])
@pytest.mark.parametrize("name", SAMPLE)
def test_wrong_type_of_each_field(name, value):
    found = ending({**SAMPLE, name: value})
    if name == "Code":
        assert isinstance(found, ServiceError if value == "text" else TransportError)
    elif name == "PhoneNumbers":
        assert found == [] if value in (None, []) else isinstance(found, TransportError)
    else:
        assert found == ending(SAMPLE)


@pytest.mark.parametrize("value", [None, True, 5, 0.5, [], {}])
@pytest.mark.parametrize("name", NUMBERS[0])
def test_wrong_type_of_each_field_of_a_number(name, value):
    found = ending({**SAMPLE, "PhoneNumbers": [{**NUMBERS[0], name: value}]})
    assert value in found[0].values()
    assert len(found[0]) == len(NUMBERS[0])


def test_ten_thousand_numbers():
    assert len(ending({**SAMPLE, "PhoneNumbers": NUMBERS * (10_000 // len(NUMBERS) + 1)})) >= 10_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=8), inner, max_size=3)
    ),
)
FIELDS = {name: st.sampled_from(["OK", "Denied"]) | JSON if name == "Code" else JSON for name in SAMPLE}
ANSWERS = st.fixed_dictionaries({}, optional=FIELDS).map(lambda answer: json.dumps(answer).encode())


@given(body=st.binary() | ANSWERS, status=st.sampled_from([200, 400, 502]))
@example(body=b'{"Code": "\\ud800"}', status=200)
@example(body=b'{"Code": "X", "Message": "\\ud800", "RequestId": "\\ud800"}', status=400)
def test_any_bytes_end_in_facts_or_one_error(body, status):
    ending(body, status)


# One attempt


def client(**changes):
    key = Credentials("LTAI5tSample", "SampleSecret", changes.pop("token", None))
    return Client(**{"credentials": lambda: key, "action": "Action", "version": "2020-06-06", **changes})


def headers_of(head):
    return CaseInsensitiveDict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:-2])


def test_request():
    with answering(http(BODY)) as server:
        answer = client(now=lambda: 1767323045.9, nonce=lambda: "n-1").ask(
            Transport(server.url, 5, None), {"Status": "", "IsvCode": "a b*~é"}
        )
    assert answer == SAMPLE
    head = server.heads[0]
    assert head.startswith(b"POST /?IsvCode=a%20b%2A~%C3%A9&Status= HTTP/1.1\r\n")
    headers = headers_of(head)
    assert (headers["x-acs-date"], headers["x-acs-signature-nonce"]) == ("2026-01-02T03:04:05Z", "n-1")
    assert (headers["x-acs-action"], headers["x-acs-version"]) == ("Action", "2020-06-06")
    assert (headers["Accept-Encoding"], headers["User-Agent"], headers["Content-Length"]) == (
        "identity",
        USER_AGENT,
        "0",
    )
    assert "x-acs-security-token" not in headers


def test_every_attempt_has_its_own_nonce_date_and_key():
    keys = iter([Credentials("LTAI5tFirst", "Secret-1"), Credentials("STS.Second", "Secret-2", "Token-2")])
    moments = iter([0.0, 60.0])
    asking = client(credentials=lambda: next(keys), now=lambda: next(moments))
    with answering(http(BODY)) as server:
        line = Transport(server.url, 5, None)
        for _attempt in range(2):
            asking.ask(line, {})
    first, second = map(headers_of, server.heads)
    assert first["x-acs-signature-nonce"] != second["x-acs-signature-nonce"]
    assert (first["x-acs-date"], second["x-acs-date"]) == ("1970-01-01T00:00:00Z", "1970-01-01T00:01:00Z")
    assert "Credential=LTAI5tFirst," in first["Authorization"]
    assert "Credential=STS.Second," in second["Authorization"]
    assert second["x-acs-security-token"] == "Token-2"


def skewed(date):
    headers = [] if date is None else ["Date: " + date]
    return http(b'{"Code": "InvalidTimeStamp.Expired"}', "400 Bad Request", headers)


def dates(answers, now=1_000_000.0):
    asking = client(now=lambda: now)
    with answering(*answers, http(BODY)) as server:
        line = Transport(server.url, 5, None)
        for _refusal in answers:
            with pytest.raises(ServiceError):
                asking.ask(line, {})
        asking.ask(line, {})
    return [headers_of(head)["x-acs-date"] for head in server.heads]


def test_a_skewed_clock_is_learned_from_the_refusal():
    assert dates([skewed(formatdate(1_007_200, usegmt=True))]) == ["1970-01-12T13:46:40Z", "1970-01-12T15:46:40Z"]


@pytest.mark.parametrize(
    "date", [None, "", "yesterday", "Thu, 99 Foo 2026 00:00:00 GMT", "Mon, 01 Jan 99999 00:00:00 GMT"]
)
def test_a_refusal_without_a_date_teaches_nothing(date):
    assert dates([skewed(date)]) == ["1970-01-12T13:46:40Z"] * 2


def test_another_refusal_teaches_nothing():
    date = "Date: " + formatdate(1_007_200, usegmt=True)
    assert dates([http(b'{"Code": "InternalError"}', "500 Error", [date])]) == ["1970-01-12T13:46:40Z"] * 2


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT"])
def test_an_absurd_date_harms_nothing(date):
    assert len(dates([skewed(date)])) == 2
