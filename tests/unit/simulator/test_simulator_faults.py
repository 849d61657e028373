# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import email.utils
import gzip
import socket
import ssl
import time

import pytest
from signed_requests import Line, ask, signed
from simulator.faults import KINDS, faults_from
from simulator.shapes import BadData
from simulator.testing import Simulator, account


@pytest.fixture
def under(simulator):
    """Sets the faults of the requests that follow."""
    yield lambda *faults: simulator.set_faults(list(faults))
    simulator.set_faults([])


@pytest.fixture
def line(simulator):
    with Line(simulator.url) as line:
        yield line


def is_true(answer):
    return answer.status == 200 and answer.body["PhoneNumbers"] == account()["phone_numbers"]


def chosen(entries, cust_space_ids):
    """The kinds of the faults of requests for these sub-customers, one after the other."""
    faults = faults_from(entries)
    found = [faults.choose(cust_space_id) for cust_space_id in cust_space_ids]
    return [fault and fault.kind for fault in found]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, ["hang"] * 6),
        ({"nth": 2}, [None, "hang", None, None, None, None]),
        ({"nth": [1, 4]}, ["hang", None, None, "hang", None, None]),
        ({"every": 3}, [None, None, "hang", None, None, "hang"]),
        ({"times": 2}, ["hang", "hang", None, None, None, None]),
        ({"cust_space_id": "b"}, [None, "hang", None, "hang", None, "hang"]),
        ({"cust_space_id": "b", "nth": 2}, [None, None, None, "hang", None, None]),
        ({"cust_space_id": "b", "every": 2, "times": 1}, [None, None, None, "hang", None, None]),
    ],
    ids=str,
)
def test_which_requests_a_fault_is_for(conditions, expected):
    assert chosen([{"kind": "hang", **conditions}], ["a", "b", None, "b", "", "b"]) == expected


def test_a_fault_of_one_operation_and_of_one_page():
    faults = faults_from(
        [{"kind": "hang", "action": "ListInstance", "page_index": "2"}, {"kind": "close", "action": "ListInstance"}]
    )
    asked = [("ListInstance", "1"), ("ListInstance", "2"), ("QueryChatappPhoneNumbers", None)]
    found = [faults.choose(None, action, page) for action, page in asked]
    assert [fault and fault.kind for fault in found] == ["close", "hang", None]


def test_the_first_that_fits_is_chosen_and_all_count():
    entries = [{"kind": "hang", "nth": [1, 2]}, {"kind": "close", "nth": 2}, {"kind": "reset", "times": 1}]
    assert chosen(entries, [None] * 4) == ["hang", "hang", "reset", None]


def test_an_unsigned_request_meets_no_fault(simulator, under):
    under({"kind": "status", "status": 500})
    assert ask(simulator.url, signed(secret="wrong")).code == "SignatureDoesNotMatch"


def test_a_code(simulator, under):
    under(
        {
            "kind": "code",
            "code": "Throttling.Api",
            "status": 429,
            "message": "Slow down.",
            "retry_after": "2500",
            "details": {"AccessDeniedDetail": {"A": 1}},
        }
    )
    answer = ask(simulator.url, signed())
    assert (answer.status, answer.code, answer.body["Message"]) == (429, "Throttling.Api", "Slow down.")
    assert (answer.headers["x-acs-retry-after"], answer.body["AccessDeniedDetail"]) == ("2500", {"A": 1})
    entry = simulator.log()[-1]
    assert (entry["fault"], entry["http_status"], entry["code"]) == ("code", 429, "Throttling.Api")


def test_a_code_alone_has_its_known_status_and_takes_no_quota():
    faults = [{"kind": "code", "code": "NoPermission", "times": 3}]
    with Simulator({"accounts": [account()], "faults": faults}, "--qps", "1") as simulator:
        answers = [ask(simulator.url, signed()) for _time in range(5)]
    assert [answer.status for answer in answers] == [403, 403, 403, 200, 400]


STATUSES = [200, 204, 301, 302, 307, 400, 401, 403, 404, 407, 408, 413, 429, 500, 502, 503, 504, 599]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("body", ["", "<html>Bad gateway</html>", '{"Code": "OK"}'])
def test_a_status(line, simulator, under, status, body):
    under({"kind": "status", "status": status, "body": body, "headers": {"Location": "http://127.0.0.1:9/"}})
    answer = line.ask(signed())
    assert (answer.status, answer.headers["Location"]) == (status, "http://127.0.0.1:9/")
    assert answer.raw.decode() == ("" if status == 204 else body)
    entry = simulator.log()[-1]
    assert (entry["fault"], entry["http_status"], entry["code"]) == ("status", status, None)


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("\u00e9", "utf-8", b"\xc3\xa9"),
        ("\u00ff\u00fe\u00e9", "latin-1", b"\xff\xfe\xe9"),
        ("\ud800", "utf-8", b"\xed\xa0\x80"),
        ("\ufeff{}", "utf-8", b"\xef\xbb\xbf{}"),
    ],
)
def test_a_body_of_any_bytes(line, under, text, encoding, expected):
    under({"kind": "status", "status": 200, "body": text, "encoding": encoding, "content_type": "application/json"})
    assert line.ask(signed()).raw == expected


def test_other_headers(simulator, under):
    under({"kind": "headers", "set": {"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}, "padding": 50000})
    answer = ask(simulator.url, signed())
    assert is_true(answer)
    assert email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp() == 0
    assert len(answer.headers["X-Padding"]) == 50000


def test_a_lying_length(line, under):
    under({"kind": "headers", "set": {"Content-Length": 10}})
    assert len(line.ask(signed()).raw) == 10


@pytest.mark.parametrize("packed", [False, True])
def test_a_flood(simulator, under, packed):
    under({"kind": "flood", "size": 5_000_000, "gzip": packed})
    answer = ask(simulator.url, signed())
    assert (len(answer.raw) < 10_000) == packed
    assert len(gzip.decompress(answer.raw) if packed else answer.raw) == 5_000_000


def test_garbage_for_the_whole_answer(line, under):
    under({"kind": "garbage", "size": 100})
    line.send(signed().as_bytes())
    received, end = line.rest()
    assert (len(received), received[:5] == b"HTTP/", end) == (100, False, "closed")


def test_garbage_for_the_body(line, under):
    under({"kind": "garbage", "part": "body", "size": 100, "times": 1})
    answer = line.ask(signed())
    assert (answer.status, len(answer.raw)) == (200, 100)
    assert is_true(line.ask(signed()))


@pytest.mark.parametrize(("kind", "expected_end"), [("close", "closed"), ("reset", "reset"), ("hang", "open")])
@pytest.mark.parametrize(("part", "after"), [("head", 0), ("head", 20), ("body", 0), ("body", 20)])
def test_an_answer_that_breaks_off(line, under, kind, expected_end, part, after):
    under({"kind": kind, "part": part, "after": after})
    line.send(signed().as_bytes())
    received, end = line.rest(seconds=0.5)
    assert end == expected_end
    if part == "head":
        assert received == b"HTTP/1.1 200 OK\r\nDat"[:after]
    else:
        assert len(received.partition(b"\r\n\r\n")[2]) == after
        assert received.endswith(b"\r\n\r\n") == (after == 0)


@pytest.mark.parametrize("part", ["head", "body", "chunks"])
def test_a_drip_is_slow_and_whole(line, under, part):
    under({"kind": "drip", "part": part, "interval_ms": 20, "size": 10, "times": 1})
    began = time.monotonic()
    assert is_true(line.ask(signed()))
    assert time.monotonic() - began > 0.2
    assert is_true(line.ask(signed()))


def test_chunks(line, under):
    under({"kind": "chunks", "size": 7, "times": 1})
    answer = line.ask(signed())
    assert is_true(answer)
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert is_true(line.ask(signed()))


def test_broken_chunks(line, under):
    under({"kind": "chunks", "size": 7, "broken": True})
    line.send(signed().as_bytes())
    received, end = line.rest()
    assert received.endswith(b'\r\n\r\n7\r\n{"Reque\r\nzz\r\n')
    assert end == "closed"


def test_a_kept_connection_goes_stale(line, under):
    under({"kind": "stale", "after_ms": 100})
    answer = line.ask(signed())
    assert is_true(answer)
    assert "Connection" not in answer.headers
    assert line.rest() == (b"", "closed")


def test_a_delay(line, under):
    under({"kind": "delay", "ms": 200, "jitter_ms": 10})
    began = time.monotonic()
    assert is_true(line.ask(signed()))
    assert 0.2 <= time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("how", "length", "expected_end"),
    [
        ("close", 0, "closed"),
        ("reset", 0, "reset"),
        ("garbage", 512, "closed"),
        ("hang", 0, "open"),
        ("drip", 0, "open"),
    ],
)
def test_a_connection_that_never_carries_a_request(how, length, expected_end):
    faults = [{"kind": "handshake", "how": how, "nth": 1}]
    with Simulator({"accounts": [account()], "faults": faults}) as simulator:
        with Line(simulator.url) as line:
            received, end = line.rest(seconds=0.5)
            assert (len(received), end) == (length, expected_end)
        assert is_true(ask(simulator.url, signed()))
        assert [entry["connection"] for entry in simulator.log()] == [2]


def test_a_tls_handshake_that_drips(certificate):
    faults = [{"kind": "handshake", "how": "drip", "interval_ms": 20, "times": 1}]
    with Simulator({"accounts": [account()], "faults": faults}, *certificate) as simulator:
        port = int(simulator.url.rpartition(":")[2])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        handshake = context.wrap_bio(incoming, outgoing)
        with pytest.raises(ssl.SSLWantReadError):
            handshake.do_handshake()
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(outgoing.read())
            sizes = [len(connection.recv(65536)) for _time in range(10)]
        assert max(sizes) < 10
        assert is_true(ask(simulator.url, signed()))


@pytest.mark.parametrize(
    ("faults", "sentence"),
    [
        ({}, "faults: {} is not a list."),
        (["hang"], "faults, entry 1: 'hang' is not a mapping."),
        ([{}], "faults, entry 1, kind: None is not text (put it in quotes)."),
        ([{"kind": "hnag"}], f"faults, entry 1, kind: 'hnag' is not one of {', '.join(KINDS)}."),
        (
            [{"kind": "delay", "seconds": 1}],
            "unknown key 'seconds'; known are kind, cust_space_id, action, page_index, nth, every, times, ms",
        ),
        ([{"kind": "code"}], "faults, entry 1: code is missing."),
        ([{"kind": "hang", "nth": 0}], "faults, entry 1, nth: 0 is less than 1."),
        ([{"kind": "hang", "nth": "1"}], "faults, entry 1, nth: '1' is not a list."),
        ([{"kind": "hang", "part": "tail"}], "faults, entry 1, part: 'tail' is not one of head, body."),
        (
            [{"kind": "status", "status": 200, "body": "\u4e2d", "encoding": "latin-1"}],
            "body: latin-1 has no bytes for",
        ),
        ([{"kind": "handshake", "cust_space_id": "a"}], "comes before any cust_space_id is known."),
    ],
    ids=str,
)
def test_a_fault_that_cannot_be(faults, sentence):
    with pytest.raises(BadData) as caught:
        faults_from(faults)
    assert sentence in str(caught.value)
