# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault on the way to the service, and what the module makes of it: one table.

Whatever happens, the module ends in time, says one JSON object and nothing else, shows no secret, asks exactly as often
as it should, and leaves a throttle behind that the next task can use.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations.query_chatapp_phone_numbers import (
    QueryChatappPhoneNumbers,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle

pytestmark = pytest.mark.long

TESTS = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(TESTS), str(TESTS / "unit" / "secrecy")]

from hostile_bodies import READ, REFUSED
from leaks import leaks
from module_process import start, wait
from simulator.testing import Simulator, account

SECRETS = {"key ID": "LTAI5tQv7XkZr2WmYc9B", "secret": "h8Gd3KsPz6Vn1RtUe5Yw", "ISV code": "jf4Xb9NqLm2Dc7Ta"}
# What a fault says about the request, as a careless proxy would.
SAYING = " ".join(SECRETS.values())
# The start of the process and a busy machine; the faults below would last for minutes, or for ever.
FIRST_CREDENTIALS_TIMEOUT = 25
SOON = {"timeout": 0.6}
ONCE_MORE = {"max_retries": 1}
# Milliseconds between bytes: each comes in time, the whole never does.
FOR_EVER = 400
# Attempts, where not every question takes as many.
MIXED = 0


class Case(NamedTuple):
    """``faults`` as the simulator takes them; ``codes`` of the failures, one a question, ``OK`` for one that was read.

    ``requests`` reach the service, ``attempts`` are counted for each question, and with ``options`` beside those of all
    cases. The next task's slot is at most ``pushed`` seconds away. ``server`` is a name of the fixture's. Where they
    matter, ``words`` are in the first failure's message, and ``facts`` are those of sub-customers.
    """

    codes: tuple[str, ...]
    requests: int
    attempts: int
    faults: list[Mapping[str, Any]] = []
    options: Mapping[str, Any] = {}
    pushed: float = 0.0
    server: str = "plain"
    words: str = ""
    facts: Mapping[str, list[Mapping[str, Any]]] = {}


def always(kind, **options):
    return [{"kind": kind, **options}]


def lost(kind, **options):
    """A connection lost in one way or another is tried again, each attempt with a request of its own."""
    return Case(("ConnectionLost",), 2, 2, always(kind, **options), ONCE_MORE)


def late(kind, server="plain", requests=2, **options):
    return Case(("TimedOut",), requests, 2, always(kind, **options), {**SOON, **ONCE_MORE}, server=server)


def unexpected(words, kind, **options):
    """What is no answer of the service will be none the next time."""
    return Case(("UnexpectedAnswer",), 1, 1, always(kind, **options), ONCE_MORE, words=words)


def read(kind, **options):
    return Case(("OK",), 1, 1, always(kind, **options), ONCE_MORE)


def handshake(code, how, server, attempts, **options):
    faults = always("handshake", how=how, interval_ms=FOR_EVER)
    return Case((code,), 0, attempts, faults, {**ONCE_MORE, **options}, server=server)


def status(number, json_code):
    """JSON of the service's shape, HTML, and nothing, each for a question of its own."""
    bodies = {
        "json": json.dumps({"Code": "Proxy.Says", "Message": SAYING, "RequestId": "1-2-3"}),
        "html": f"<html><body>{SAYING}</body></html>",
        "empty": "",
    }
    headers = {"Location": "/elsewhere"} if 300 <= number < 400 else {}
    faults = [
        {"kind": "status", "cust_space_id": name, "status": number, "body": body, "headers": headers}
        for name, body in bodies.items()
    ]
    again = number in (408, 429, 500, 502, 503, 504)
    return Case(
        (json_code, "UnexpectedAnswer", "UnexpectedAnswer"),
        6 if again else 3,
        2 if again else 1,
        faults,
        {"cust_space_ids": list(bodies), "qps_limit": 100, **ONCE_MORE},
        pushed=1.0 if number == 429 else 0.0,
    )


def body(name, content):
    # Latin-1 has a character for each byte.
    return {
        "kind": "status",
        "cust_space_id": name,
        "status": 200,
        "body": content.decode("latin-1"),
        "encoding": "latin-1",
    }


STATUSES = (200, 301, 302, 307, 400, 401, 403, 404, 407, 408, 413, 429, 500, 502, 503, 504)
STORM = {"kind": "code", "code": "System.LimitControl", "message": SAYING}
SPACES = ["json", "html", "empty"]
BODIES = [*REFUSED, *READ]

TABLE = {
    "nothing": Case(("OK",), 1, 1),
    "refused connection": Case(("Unreachable",), 0, 2, [], ONCE_MORE, server="nobody"),
    "closed when opened": handshake("ConnectionLost", "close", "plain", 2),
    "reset when opened": handshake("ConnectionLost", "reset", "plain", 2),
    "silence when opened": handshake("TimedOut", "hang", "plain", 2, **SOON),
    "TLS: closed in the handshake": handshake("Unreachable", "close", "TLS", 2),
    "TLS: reset in the handshake": handshake("Unreachable", "reset", "TLS", 2),
    "TLS: random bytes in the handshake": handshake("TLSFailure", "garbage", "TLS", 1),
    "TLS: silence in the handshake": handshake("TimedOut", "hang", "TLS", 2, **SOON),
    "TLS: slow drip in the handshake": handshake("TimedOut", "drip", "TLS", 2, **SOON),
    "TLS: good certificate": Case(("OK",), 1, 1, server="TLS"),
    "TLS: expired certificate": Case(("TLSFailure",), 0, 1, [], ONCE_MORE, server="TLS, expired"),
    "TLS: self-signed certificate": Case(("TLSFailure",), 0, 1, [], ONCE_MORE, server="TLS, self-signed"),
    "TLS: certificate of another host": Case(("TLSFailure",), 0, 1, [], ONCE_MORE, server="TLS, wrong host"),
    "TLS: certificate of another host, and no validation": Case(
        ("OK",), 1, 1, [], {"validate_certs": False, "ca_path": None}, server="TLS, wrong host"
    ),
    "TLS: closed without an answer": lost("close")._replace(server="TLS"),
    "TLS: body cut": lost("close", part="body", after=20)._replace(server="TLS"),
    "closed without an answer": lost("close"),
    "closed in the headers": lost("close", after=40),
    "reset before the headers": lost("reset"),
    "reset in the headers": lost("reset", after=40),
    "reset after the headers": lost("reset", part="body"),
    "reset in the body": lost("reset", part="body", after=20),
    "body cut before its first byte": lost("close", part="body"),
    "body cut after its first byte": lost("close", part="body", after=1),
    "body cut in the middle": lost("close", part="body", after=60),
    "lost once": Case(("OK",), 2, 2, always("close", times=1), ONCE_MORE),
    "lost, and no retries": Case(("ConnectionLost",), 1, 1, always("close"), {"max_retries": 0}),
    # At one call a second there is one connection, and it is idle before the next question.
    "kept connection that went stale": Case(
        ("OK", "OK"), 2, 1, always("stale"), {"cust_space_ids": SPACES[:2], "qps_limit": 1, "max_retries": 0}
    ),
    "random bytes for an answer": unexpected("not valid HTTP", "garbage"),
    "random bytes for a body": unexpected("not JSON", "garbage", part="body"),
    "silence": late("hang"),
    "silence in the headers": late("hang", after=40),
    "silence in the body": late("hang", part="body", after=20),
    "slow drip of the headers": late("drip", part="head", interval_ms=FOR_EVER),
    "slow drip of the body": late("drip", part="body", interval_ms=FOR_EVER),
    "slow drip of chunks": late("drip", part="chunks", interval_ms=FOR_EVER),
    "fast drip of the headers": read("drip", part="head", interval_ms=1),
    "fast drip of chunks": read("drip", part="chunks", interval_ms=1),
    "Content-Length too large": late("headers", set={"Content-Length": "100000"}),
    "Content-Length too small": unexpected("not JSON", "headers", set={"Content-Length": "10"}),
    "Content-Length of a flood": late("headers", set={"Content-Length": "99999999999999"}),
    "Content-Length below zero": unexpected("not valid HTTP", "headers", set={"Content-Length": "-5"}),
    "Content-Length that is no number": unexpected("not valid HTTP", "headers", set={"Content-Length": "many"}),
    "whole chunks": read("chunks"),
    "broken chunks": lost("chunks", broken=True),
    "header of 100 kB": unexpected("not valid HTTP", "headers", padding=100_000),
    "Date an hour off": read("headers", set={"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}),
    "Date that is none": read("headers", set={"Date": "\x1b[2J"}),
    "clocks an hour apart": Case(("OK",), 2, 2, [], {"max_retries": 5}, server="an hour ahead"),
    "clocks apart whatever the date": Case(
        ("InvalidTimeStamp.Expired",), 2, 2, always("code", code="InvalidTimeStamp.Expired"), {"max_retries": 5}
    ),
    "gzip bomb": unexpected("compressed", "flood", size=64 << 20, gzip=True),
    "body of 64 MiB": unexpected("larger than 16 MiB", "flood", size=64 << 20),
    "latency and jitter": read("delay", ms=300, jitter_ms=200),
    "latency beyond the time limit": late("delay", ms=60_000),
    "throttling storm": Case(("System.LimitControl",), 2, 2, [STORM], ONCE_MORE, pushed=1.0),
    "throttling storm, no retries": Case(("System.LimitControl",), 1, 1, [STORM], {"max_retries": 0}, pushed=1.0),
    "throttling storm that passes": Case(
        ("OK",), 3, 3, [{**STORM, "times": 2, "retry_after": "100"}], {"max_retries": 5}, pushed=0.1
    ),
    "throttling storm for all": Case(
        ("System.LimitControl",) * 3,
        6,
        2,
        [{**STORM, "retry_after": "100"}],
        {"cust_space_ids": SPACES, **ONCE_MORE},
        pushed=1.0,
    ),
    "throttling with an absurd hint": Case(
        ("System.LimitControl",), 2, 2, [{**STORM, "retry_after": "-1e999"}], ONCE_MORE, pushed=1.0
    ),
    "a service out of order": Case(("InternalError",), 2, 2, always("code", code="InternalError"), ONCE_MORE),
    "one question of three lost": Case(
        ("OK", "ConnectionLost", "OK"),
        4,
        MIXED,
        always("close", cust_space_id="html"),
        {"cust_space_ids": SPACES, **ONCE_MORE},
    ),
    "bodies of every kind": Case(
        ("UnexpectedAnswer",) * len(REFUSED) + ("OK",) * len(READ),
        len(BODIES),
        1,
        [body(name, content) for name, (content, _end) in {**REFUSED, **READ}.items()],
        {"cust_space_ids": BODIES, "qps_limit": 100, **ONCE_MORE},
        facts={name: facts for name, (_body, facts) in READ.items()},
    ),
    # Whatever follows the headers of a 204 is no body of it.
    "HTTP 204": status(204, "UnexpectedAnswer"),
    **{f"HTTP {number}": status(number, "Proxy.Says") for number in STATUSES},
}


class Servers:
    """Simulators by name, each started when it is first asked for; TLS with certificates made on the spot."""

    def __init__(self, stack: contextlib.ExitStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._running: dict[str, Simulator] = {}
        self._authority = trustme.CA()
        self.ca_path = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(str(self.ca_path))
        taken = stack.enter_context(socket.socket())
        # Bound and not listening: nobody else gets the port, and it refuses.
        taken.bind(("127.0.0.1", 0))
        self.nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"

    def get(self, name: str) -> Simulator:
        if name not in self._running:
            options = ["--qps", "unlimited"]
            if name.startswith("TLS"):
                options += self._certificate(name)
            if name == "an hour ahead":
                options += ["--clock-offset", "3600"]
            key = {"id": SECRETS["key ID"], "secret": SECRETS["secret"]}
            data = account(keys=[key], sub_customers=[{"cust_space_id": space} for space in SPACES + BODIES])
            self._running[name] = self._stack.enter_context(Simulator({"accounts": [data]}, *options))
        return self._running[name]

    def _certificate(self, name: str) -> list[str]:
        now = datetime.datetime.now(datetime.timezone.utc)
        until = now + datetime.timedelta(days=-1 if "expired" in name else 1)
        host = "elsewhere.example" if "wrong host" in name else "127.0.0.1"
        if "self-signed" in name:
            alone = trustme.CA()
            certificate, key = alone.cert_pem, alone.private_key_pem
        else:
            issued = self._authority.issue_cert(host, not_before=now - datetime.timedelta(days=9), not_after=until)
            certificate, key = issued.cert_chain_pems[0], issued.private_key_pem
        paths = [str(self._folder / f"{name} {part}.pem") for part in ("certificate", "key")]
        certificate.write_to_path(paths[0])
        key.write_to_path(paths[1])
        return ["--cert", paths[0], "--key", paths[1]]


@pytest.fixture(name="servers", scope="module")
def fixture_servers(tmp_path_factory):
    with contextlib.ExitStack() as stack:
        yield Servers(stack, tmp_path_factory.mktemp("certificates"))


@contextlib.contextmanager
def faulty(simulator, faults):
    """Set the faults for a while. A fault of the handshake would meet the control too, so a signal takes them away."""
    simulator.set_faults(list(faults))
    try:
        yield
    finally:
        simulator.hang_up()
        deadline = time.monotonic() + 10
        while True:
            try:
                simulator.set_faults([])
                break
            except (OSError, RuntimeError):
                assert time.monotonic() < deadline
                time.sleep(0.05)


@pytest.mark.sampled
@pytest.mark.parametrize("name", TABLE)
def test_fault(name, servers, tmp_path):
    case = TABLE[name]
    with contextlib.ExitStack() as stack:
        if case.server == "nobody":
            simulator, endpoint = None, servers.nobody
        else:
            simulator = servers.get(case.server)
            endpoint = simulator.url
            earlier = len(simulator.log())
            stack.enter_context(faulty(simulator, case.faults))
        tmp_path.chmod(0o700)
        given = {
            "endpoint": endpoint,
            "access_key_id": SECRETS["key ID"],
            "access_key_secret": SECRETS["secret"],
            "isv_code": SECRETS["ISV code"],
            "ca_path": str(servers.ca_path) if case.server.startswith("TLS") else None,
            "throttle_url": tmp_path.as_uri(),
            "timeout": FIRST_CREDENTIALS_TIMEOUT,
            **case.options,
        }
        ended = wait(start(given, {**os.environ, "HOME": str(tmp_path)}), FIRST_CREDENTIALS_TIMEOUT)
        log = simulator.log()[earlier:] if simulator else []

    result = ended.result
    failed = {failure["cust_space_id"]: failure["code"] for failure in result["failures"]}
    codes = tuple(failed.get(query["cust_space_id"], "OK") for query in result["queries"])
    assert (codes, len(log)) == (case.codes, case.requests), result["failures"]
    assert {query["attempts"] for query in result["queries"]} == {case.attempts} or case.attempts == MIXED
    assert case.requests in (0, sum(query["attempts"] for query in result["queries"]))
    assert (result.get("failed", False), ended.code) == (bool(failed), bool(failed))
    assert ended.error == ""
    assert "Traceback" not in ended.output
    assert leaks(ended.output, SECRETS) == []
    assert case.words in result.get("message", "")
    assert "ansible_facts" not in result
    for space, facts in case.facts.items():
        found = [number for number in result["phone_numbers"] if number["cust_space_id"] == space]
        assert found == [{**fact, "cust_space_id": space} for fact in facts]
    assert all(failure["remedy"] or failure["code"] == "Proxy.Says" for failure in result["failures"])
    check_throttle(tmp_path, endpoint, case.pushed)


def check_throttle(folder, endpoint, pushed):
    """The next task has a slot, at once or as soon as a refusal's push is over; a damaged log would keep it longer."""
    assert [path.name.partition("-")[0] for path in folder.iterdir()] == ["alicloud.chatapp"]
    key = f"{endpoint}\n{QueryChatappPhoneNumbers.action}\n"
    throttle = open_throttle(folder.as_uri(), None, key, 100, 600)
    assert throttle.reserve().at - time.monotonic() <= pushed + 0.001
    assert len(list(folder.iterdir())) == 1
