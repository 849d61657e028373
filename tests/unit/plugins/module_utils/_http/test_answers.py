# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an answer begins and ends, so that one sub-customer's answer never becomes another's."""

from __future__ import annotations

import queue
import time
from http import client

import pytest
import requests
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import TransportError
from ansible_collections.alicloud.chatapp.plugins.module_utils._http import transport, trust
from attempts import failure, question, serving
from raw_server import RawServer, answering, http

HEAD = b"HTTP/1.1 200 OK\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"


def bodies(server, count=3, context=None):
    """The bodies of so many requests, one after the other over one Transport."""
    line = transport.Transport(server.url, 5.0, context)
    found = []
    for _request in range(count):
        line.connect()
        found.append(line.send(question(line)).body)
        # What comes late must have come.
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("over_tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize(
    "interim",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n",
        EARLY,
        b"HTTP/1.1 199 Whatever\r\nContent-Length: 5\r\n\r\n",
        EARLY * 3 + b"HTTP/1.1 100 Continue\r\n\r\n" + EARLY,
    ],
    ids=["100", "102", "103", "199", "several"],
)
def test_interim_answers_are_skipped(authority, ca_path, interim, over_tls):
    def answer(line):
        for body in (b"one", b"two", b"three"):
            line.send(interim)
            time.sleep(0.02)
            line.send(http(body))
            line.head()

    with answering(answer, tls=serving(authority, "127.0.0.1") if over_tls else None) as server:
        context = trust.ssl_context(True, ca_path) if over_tls else None
        assert bodies(server, context=context) == [b"one", b"two", b"three"]
        assert server.connections == 1


@pytest.mark.parametrize("end", [http(), b""], ids=["an answer", "the end"])
def test_interim_answers_without_end_are_no_answer(end):
    with answering(lambda line: line.send(EARLY * 150 + end)) as server:
        error = failure(server.url)
    assert (error.code, error.message) == ("UnexpectedAnswer", "The answer is not valid HTTP.")


def test_interim_answer_and_nothing_more():
    with answering(lambda line: line.send(EARLY)) as server:
        assert failure(server.url).code == "ConnectionLost"


def test_another_protocol_is_an_error():
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"
    with answering(lambda line: line.send(switch + http()) or line.hang(), http(b"good")) as server:
        line = transport.Transport(server.url, 5.0, None)
        with pytest.raises(TransportError, match="not valid HTTP"):
            line.send(question(line))
        assert not line.alive()
        assert line.send(question(line)).body == b"good"


@pytest.mark.parametrize(
    "answer",
    [
        http(b"mine") + http(b"stray"),
        http(b"mine") + b"\r\n",
        http(b"mine") + b"x",
        http(b"mine") + EARLY,
        HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nmine\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nmine\r\n0\r\n\r\n",
        HEAD + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nmine",
        HEAD + b"Transfer-Encoding: Chunked\r\n\r\n4\r\nmine\r\n0\r\n\r\n" + http(b"stray"),
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nmine\r\n0\r\n\r\n",
        HEAD + b"Connection: close\r\nContent-Length: 4\r\n\r\nmine",
    ],
    ids=[
        "a second answer",
        "an empty line",
        "a byte",
        "an interim answer behind",
        "length and chunks",
        "chunks twice",
        "length twice",
        "a second answer after chunks",
        "chunks of HTTP/1.0",
        "told to close",
    ],
)
@pytest.mark.parametrize("apart", [False, True], ids=["in one", "byte by byte"])
def test_an_answer_that_is_doubtful_ends_its_connection(answer, apart):
    def script(line):
        server.take(line)
        if apart:
            line.drip(answer, 0.0005)
        else:
            line.send(answer)
        line.hang()

    with RawServer(script) as server:
        assert bodies(server) == [b"mine"] * 3
        assert server.connections == 3


@pytest.mark.parametrize(
    "answer",
    [
        http(b"mine") + b"x",
        http(b"mine", headers=["Connection: close"]),
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["doubtful", "told to close", "HTTP/1.0"],
)
def test_a_connection_that_is_of_no_more_use_is_closed_at_once(answer):
    ends = queue.SimpleQueue()

    def script(line):
        line.head()
        line.send(answer)
        ends.put(line.sock.recv(1))

    with RawServer(script) as server:
        line = transport.Transport(server.url, 5.0, None)
        line.send(question(line))
        assert ends.get(timeout=5) == b""


@pytest.mark.parametrize(
    "headers",
    [b"", b"X-A: b", b"X-A: b\r\n", b"Content-Length: 0\r\n", b"Content-Length: 0\r\nX-A"],
    ids=["none", "a part of a line", "a line", "a length", "a length and more"],
)
def test_headers_that_end_with_the_connection_are_not_whole(headers):
    with answering(lambda line: line.send(HEAD + headers)) as server:
        assert failure(server.url).code == "ConnectionLost"


def test_body_where_none_belongs_ends_the_connection():
    with answering(b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nstray") as server:
        assert bodies(server) == [b""] * 3
        assert server.connections == 3


def test_an_answer_before_the_question_is_not_taken():
    """It may be meant for whoever asked over this connection before: a gateway that mixes them up."""

    def script(line):
        line.send(http(b"stray"))
        while server.take(line):
            line.send(http(b"mine"))

    with RawServer(script) as server:
        line = transport.Transport(server.url, 5.0, None)
        line.connect()
        deadline = time.monotonic() + 10
        while line.alive():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert server.heads == []


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 4\r\nContent-Length: 9\r\n",
        b"Content-Length: 4, 9\r\n",
        b"Content-Length: 4, 4\r\n",
        b"Content-Length: +4\r\n",
        b"Content-Length: 0x4\r\n",
        b"Content-Length: 4_0\r\n",
        b"Content-Length: -4\r\n",
        b"Content-Length:\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: gzip\r\nContent-Length: 4\r\n",
    ],
)
def test_an_end_that_cannot_be_known_is_no_answer(headers):
    def script(line):
        line.head()
        line.send(HEAD + headers + b"\r\nmine")
        line.hang()

    with RawServer(script) as server:
        started = time.monotonic()
        error = failure(server.url)
    assert (error.code, error.message) == ("UnexpectedAnswer", "The answer is not valid HTTP.")
    assert time.monotonic() - started < 2


def test_a_chunk_size_below_zero_does_not_mean_all_that_is_ever_sent():
    sent = []

    def script(line):
        line.head()
        line.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n")
        while True:
            line.send(b"x" * 65536)
            sent.append(65536)

    with RawServer(script) as server:
        assert failure(server.url).code in ("ConnectionLost", "UnexpectedAnswer")
    assert sum(sent) < transport.MAX_BODY


def test_repeated_headers_are_joined():
    with answering(http(headers=["X-A: 1", "x-a: 2", "X-B: 3"])) as server:
        line = transport.Transport(server.url, 5.0, None)
        headers = line.send(question(line)).headers
    assert (headers["X-A"], headers["x-b"]) == ("1, 2", "3")


# Whatever goes wrong


class Interrupt(BaseException):
    """As a signal raises it, or the end of memory."""


@pytest.mark.parametrize("trouble", [Interrupt, MemoryError, ValueError, RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("moment", ["request", "getresponse"])
def test_any_exception_closes_the_connection(monkeypatch, trouble, moment):
    """The answer that is on the way belongs to nobody any more."""

    def script(line):
        while head := server.take(line):
            line.send(http(head.split()[1]))

    def asked(number):
        return requests.Request("POST", f"{server.url}/{number}")

    with RawServer(script) as server:
        line = transport.Transport(server.url, 5.0, None)
        assert line.send(asked(1)).body == b"/1"
        with monkeypatch.context() as patch:

            def fail(*_args, **_kwargs):
                raise trouble

            holder, name = {
                "request": (client.HTTPConnection, "request"),
                "getresponse": (client.HTTPResponse, "begin"),
            }[moment]
            patch.setattr(holder, name, fail)
            with pytest.raises(trouble):
                line.send(asked(2))
        assert not line.alive()
        assert line.send(asked(3)).body == b"/3"
        assert server.connections == 2


def test_headers_that_cannot_be_sent_close_the_connection():
    with answering(http()) as server:
        line = transport.Transport(server.url, 5.0, None)
        line.send(question(line))
        request = requests.Request("POST", server.url + "/", headers={"X-A": "ä€"})
        with pytest.raises(UnicodeEncodeError):
            line.send(request)
        assert not line.alive()
        assert len(server.heads) == 1
