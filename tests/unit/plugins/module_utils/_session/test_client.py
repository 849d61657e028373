# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import subprocess
import sys
import time
from email.utils import formatdate

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import TransportError
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.transport import MAX_BODY, Response, Transport
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations.query_chatapp_phone_numbers import (
    QueryChatappPhoneNumbers,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.client import USER_AGENT, Client, classified
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.credentials import Credentials
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.errors import ServiceError
from hostile_bodies import ANSWER, BODY, READ, REFUSED, with_value
from hypothesis import example, given
from hypothesis import strategies as st
from published_answer import FACTS, SAMPLE
from raw_server import answering, http
from requests.structures import CaseInsensitiveDict

DOCUMENTED = ["Product.Unsubscript", "Ram.PermissionDeny", "System.LimitControl", "Unknown.ResourceOwnerId"]


def response(answer, status=200, **headers):
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return Response(
        status, CaseInsensitiveDict({name.replace("_", "-"): value for name, value in headers.items()}), body
    )


def ending(answer, status=200, **headers):
    """What the module would make of an answer: facts, or the one error."""
    try:
        found = QueryChatappPhoneNumbers().facts(
            classified(response(answer, status, **headers), "QueryChatappPhoneNumbers"), None
        )
    except (ServiceError, TransportError) as error:
        found = error
        assert error.message.isprintable()
    # Ansible refuses a result that is not JSON, and Unicode all through.
    result = found.facts() if isinstance(found, Exception) else found
    json.dumps(result, ensure_ascii=False, allow_nan=False).encode("utf-8")
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
    error = ending({**ANSWER, "Code": code, "Message": "Why.", "RequestId": "R-2"}, status)
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
    assert "contradicts itself" in refused(ANSWER, status)


def test_hints_of_the_headers():
    error = ending({"Code": "Throttling"}, 400, X_Acs_Retry_After="250", date="Thu, 01 Jan 2026 00:00:00 GMT")
    assert (error.retry_after, error.server_date) == ("250", "Thu, 01 Jan 2026 00:00:00 GMT")


# Bodies


@pytest.mark.parametrize("name", REFUSED)
def test_body_that_is_refused(name):
    body, words = REFUSED[name]
    error = ending(body)
    assert isinstance(error, TransportError)
    assert error.code == "UnexpectedAnswer"
    assert words in error.message


@pytest.mark.parametrize("name", ["empty body", "HTML", "depth 65", "null", "Code missing"])
@pytest.mark.parametrize("status", [200, 302, 502])
def test_refused_body_with_any_status(name, status):
    body, words = REFUSED[name]
    assert words in refused(body, status)


@pytest.mark.parametrize("name", READ)
def test_body_that_is_read(name):
    body, facts = READ[name]
    assert ending(body) == facts


@pytest.mark.skipif(not hasattr(sys, "set_int_max_str_digits"), reason="this Python knows no bound anyway")
def test_integer_is_bounded_where_python_has_no_bound():
    bound = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        assert "is not JSON" in refused(REFUSED["integer of 5000 digits"][0])
    finally:
        sys.set_int_max_str_digits(bound)


def test_answer_cut_at_every_byte():
    for end in range(len(BODY)):
        assert "is not JSON" in refused(BODY[:end])


@pytest.mark.parametrize(
    "coding", ["gzip", "GZIP", "x-gzip", "br", "zstd", "deflate", "identity, gzip", "gzip, identity"]
)
def test_compressed_answer(coding):
    assert "is compressed" in refused(BODY, Content_Encoding=coding)


@pytest.mark.parametrize("coding", ["", " ", "Identity", "identity, identity", ",", "none", "utf-8", "UTF-8, identity"])
def test_an_encoding_that_encodes_nothing(coding):
    assert ending(BODY, Content_Encoding=coding) == [FACTS]


def test_encodings_of_two_headers():
    headers = ["Content-Encoding: identity", "Content-Encoding: gzip"]
    with answering(http(BODY, headers=headers)) as server, pytest.raises(TransportError, match="is compressed"):
        client().ask(Transport(server.url, 5, None), {})


# Depth

QUOTE = b'"'


@pytest.mark.parametrize(
    "text",
    [
        QUOTE + b"[" * 500 + QUOTE,
        QUOTE + b'\\"' + b"[{" * 500 + b'\\"' + QUOTE,
        QUOTE + b"\\\\" + QUOTE,
        QUOTE + b'\\\\\\"' + b"[" * 500 + QUOTE,
        b"[" + b",".join([b"[]"] * 500) + b"]",
        b'{"[[[[": ' + b"[]" + b', "]": {}}',
    ],
    ids=["in a string", "between quotation marks", "a backslash", "backslash and mark", "side by side", "in a name"],
)
def test_brackets_that_are_no_depth(text):
    body = with_value(text)
    assert ending(body) == [{"new": json.loads(text), **FACTS}]


@pytest.mark.parametrize(
    "around",
    [(QUOTE + b"\\\\" + QUOTE + b", ", b""), (QUOTE + b'\\"]]]]' + QUOTE + b", ", b""), (b"[]," * 99, b"")],
    ids=["after a backslash", "after brackets in a string", "after many lists"],
)
def test_depth_beside_other_things(around):
    before, after = around
    body = b'{"Code": "OK", "New": [' + before + b"[" * 63 + b"]" * 63 + after + b"]}"
    assert json.loads(body)
    assert "nested deeper than 64 levels" in refused(body)


@given(
    value=st.recursive(
        st.text('[]{}\\"a', max_size=4) | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('[{\\"', max_size=3), inner, max_size=3),
        max_leaves=20,
    ),
    more=st.integers(0, 70),
)
def test_the_depth_is_that_of_the_parsed_value(value, more):
    def depth(node):
        if not isinstance(node, (dict, list)):
            return 0
        return 1 + max(map(depth, node.values() if isinstance(node, dict) else node), default=0)

    for _level in range(more):
        value = [value]
    answer = {"Code": "OK", "New": value}
    found = ending(answer)
    assert isinstance(found, TransportError) is (depth(answer) > 64)


def test_deep_nesting_does_not_end_a_thread_with_a_small_stack():
    """As where the C library is musl: the parser of Python 3.13 goes on until the process is killed."""
    script = (
        "import threading\n"
        "from ansible_collections.alicloud.chatapp.plugins.module_utils._http.transport import Response\n"
        "from ansible_collections.alicloud.chatapp.plugins.module_utils._session.client import classified\n"
        "def ask():\n"
        "    for depth in (9_000, 100_000):\n"
        "        try:\n"
        "            classified(Response(200, {}, b'[' * depth), 'A')\n"
        "        except Exception as error:\n"
        "            print(error.message)\n"
        "threading.stack_size(128 * 1024)\n"
        "thread = threading.Thread(target=ask)\n"
        "thread.start()\n"
        "thread.join()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["The answer is nested deeper than 64 levels (HTTP 200)."] * 2
    assert done.returncode == 0


@pytest.mark.parametrize("piece", [b"[", b"[]", b'""', b'\\"', b"\\", b'"[', b"{}"], ids=repr)
def test_a_hostile_body_of_16_mib_is_looked_at_in_a_moment(piece):
    body = piece * (MAX_BODY // len(piece))
    started = time.process_time()
    refused(body)
    assert time.process_time() - started < 10


def test_a_certificate_of_the_client_that_nginx_demands():
    page = b"<html><head><title>400 No required SSL certificate was sent</title></head></html>"
    assert "demands a certificate of the client (HTTP 400)" in refused(page, 400)


# How long to wait


DATE = "Thu, 01 Jan 2026 00:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"x_acs_retry_after": "1500"}, 1.5),
        ({"x_acs_retry_after": "1500", "Retry_After": "7"}, 1.5),
        ({"x_acs_retry_after": "soon", "Retry_After": "7"}, 7.0),
        ({"x_acs_retry_after": "-1"}, -0.001),
        ({"Retry_After": "7"}, 7.0),
        ({"Retry_After": "0.5"}, 0.5),
        ({"Retry_After": "Thu, 01 Jan 2026 00:00:30 GMT", "Date": DATE}, 30.0),
        ({"Retry_After": "Thu Jan  1 00:00:30 2026", "Date": DATE}, 30.0),
        ({"Retry_After": "Thu, 01 Jan 2026 00:00:30 -0000", "Date": "Thu Jan  1 00:00:00 2026"}, 30.0),
        ({"Retry_After": "Wed, 31 Dec 2025 23:59:30 GMT", "Date": DATE}, -30.0),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "Thu, 01 Jan 2026 00:00:30 GMT", "Date": "now"}, None),
        ({"Retry_After": "Thu, 99 Jan 2026 00:00:30 GMT"}, None),
        ({"Retry_After": ""}, None),
    ],
)
@pytest.mark.parametrize("body", [b'{"Code": "Denied"}', b"<html>"], ids=["service", "gateway"])
def test_how_long_the_other_side_asks_to_wait(body, headers, seconds):
    error = ending(body, 503, **headers)
    assert error.retry_after_seconds == (pytest.approx(seconds) if seconds is not None else None)


def test_a_date_to_wait_for_by_our_clock():
    error = ending(b"<html>", 503, Retry_After=formatdate(time.time() + 60, usegmt=True))
    assert 55 < error.retry_after_seconds <= 60


@pytest.mark.parametrize("value", [None, True, 5, 0.5, "text", "", [], ["text"], {}, {"A": 1}])
@pytest.mark.parametrize("name", ANSWER)
def test_wrong_type_of_each_field(name, value):
    found = ending({**ANSWER, name: value})
    if name == "Code":
        assert isinstance(found, ServiceError if value == "text" else TransportError)
    elif name == "PhoneNumbers":
        assert found == [] if value in (None, []) else isinstance(found, TransportError)
    else:
        assert found == [FACTS]


@pytest.mark.parametrize("value", [None, True, 5, 0.5, [], {}])
@pytest.mark.parametrize("name", SAMPLE)
def test_wrong_type_of_each_field_of_a_number(name, value):
    found = ending({**ANSWER, "PhoneNumbers": [{**SAMPLE, name: value}]})
    assert list(found[0].values()) == [value if each == name else SAMPLE[each] for each in SAMPLE]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8)
LISTS = st.lists(SCALARS, max_size=3)
OBJECTS = st.dictionaries(st.text(st.characters(), max_size=8), SCALARS | LISTS, max_size=3)
VALUES = SCALARS | LISTS | OBJECTS
FIELDS = {
    **dict.fromkeys(ANSWER, VALUES),
    "Code": st.sampled_from(["OK", "Denied"]) | VALUES,
    "PhoneNumbers": st.lists(OBJECTS, max_size=3) | VALUES,
}
ANSWERS = st.fixed_dictionaries({}, optional=FIELDS).map(lambda answer: json.dumps(answer).encode())


def spliced(splices):
    """The body of a true answer, with other bytes in place of some of its own."""
    body = BODY
    for start, length, piece in splices:
        body = body[:start] + piece + body[start + length :]
    return body


SPLICES = st.tuples(st.integers(0, len(BODY)), st.integers(0, 20), st.binary(max_size=6))
DAMAGED = st.lists(SPLICES, min_size=1, max_size=4).map(spliced)


@given(body=st.one_of(st.binary(), ANSWERS, DAMAGED), status=st.sampled_from([200, 400, 502]))
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
    assert answer == ANSWER
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
