# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the server is connected to and asked again, with a package that notes what it is told and fails as a test wants.

Whether real servers, Sentinels and clusters take it so is for the other tests.
"""

from __future__ import annotations

import random
import types

import pytest
import redis
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota import server as quota_server
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.address import redis_address

GREETING = ("the greeting", "the key")


def comparable(options):
    """Return the options with what the retries are in place of which object they are."""
    retry = options["retry"]
    return {**options, "retry": (type(retry._backoff).__name__, retry._retries)}


class Client:
    """What any of the package's classes makes: it notes what it was made of and asked, and answers as it is told."""

    def __init__(self, package, kind, arguments, options):
        self.package, self.kind, self.arguments, self.options = package, kind, arguments, options
        self.closed = False

    def eval(self, script, keys, *arguments):
        package = self.package
        package.asked.append((script, keys, *arguments))
        package.clock.now += package.seconds.get(script, 0.0)
        if script == GREETING[0]:
            return b""
        told = package.told.pop(0) if package.told else b"1 2 3"
        if isinstance(told, Exception):
            raise told
        return told

    def master_for(self, service):
        self.arguments = (*self.arguments, service)
        return self

    def close(self):
        self.closed = True


class Package:
    """The package redis, with its own exceptions, of which nothing speaks to a server."""

    RedisError, exceptions = redis.RedisError, redis.exceptions
    retry, backoff = redis.retry, redis.backoff

    def __init__(self, clock):
        self.clock = clock
        self.made, self.asked, self.told = [], [], []
        # How long a script takes, by its text.
        self.seconds = {}
        self.Redis = self._class("Redis")
        self.sentinel = types.SimpleNamespace(Sentinel=self._class("Sentinel"))
        self.cluster = types.SimpleNamespace(
            RedisCluster=self._class("RedisCluster"), ClusterNode=lambda host, port: f"node {host}:{port}"
        )

    def _class(self, kind):
        def make(*arguments, **options):
            self.made.append(Client(self, kind, arguments, comparable(options)))
            return self.made[-1]

        return make


@pytest.fixture(name="package")
def fixture_package(clock, monkeypatch):
    package = Package(clock)
    modes = []
    monkeypatch.setattr(quota_server, "_package", lambda mode: modes.append(mode) or package)
    package.modes = modes
    return package


@pytest.fixture(name="make")
def fixture_make(package, clock):
    def make(url, password=None, max_retries=0, max_wait=60.0):
        return quota_server.Server(redis_address(url, password), GREETING, max_retries, max_wait, clock, clock.sleep)

    return make


def common(**more):
    return {
        "db": 0,
        "username": None,
        "password": None,
        "protocol": 2,
        "socket_timeout": 2.0,
        "socket_connect_timeout": 2.0,
        "retry": ("NoBackoff", 0),
        **more,
    }


KEPT = {
    "socket_keepalive": True,
    "socket_keepalive_options": {
        number: seconds
        for name, seconds in (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))
        if (number := getattr(quota_server.socket, name, None)) is not None
    },
}


def test_one_server(make, package):
    assert make("redis://me:sekret@redis.example.com:7000/3").ask("a script", 5, 6) == (5000.0, 5000.0, [1, 2, 3])
    [client] = package.made
    assert (package.modes, client.kind, client.arguments) == ([""], "Redis", ())
    place = {"host": "redis.example.com", "port": 7000}
    assert client.options == common(**place, **KEPT, db=3, username="me", password="sekret")
    assert package.asked == [("the greeting", 1, "the key"), ("a script", 1, "the key", "5 6")]


def test_a_socket(make, package):
    make("unix:///run/redis.sock?db=2", "sekret").ask("a script")
    [client] = package.made
    assert client.options == common(unix_socket_path="/run/redis.sock", db=2, password="sekret")


def test_tls(make, package):
    make("rediss://redis.example.com/0?ssl_ca_certs=/ca.pem&ssl_certfile=/c.pem&ssl_keyfile=/k.pem").ask("a script")
    [client] = package.made
    tls = {"ssl_ca_certs": "/ca.pem", "ssl_certfile": "/c.pem", "ssl_keyfile": "/k.pem"}
    place = {"host": "redis.example.com", "port": 6379}
    assert client.options == common(**place, **KEPT, ssl=True, ssl_check_hostname=True, **tls)


@pytest.mark.parametrize(
    ("parameters", "username", "password"),
    [
        ("", None, None),
        ("?sentinel_username=watch&sentinel_password=other", "watch", "other"),
    ],
)
def test_sentinels_are_asked_without_what_is_the_masters(make, package, parameters, username, password):
    url = f"rediss+sentinel://me:sekret@one.example.com,two.example.com:7000/numbers/4{parameters}"
    make(url).ask("a script")
    [client] = package.made
    assert (package.modes, client.kind) == (["sentinel"], "Sentinel")
    assert client.arguments == ([("one.example.com", 26379), ("two.example.com", 7000)], "numbers")
    both = {**KEPT, "ssl": True, "ssl_check_hostname": True}
    asked = client.options.pop("sentinel_kwargs")
    assert client.options == common(**both, db=4, username="me", password="sekret")
    assert comparable(asked) == {
        **{name: value for name, value in common(**both).items() if name != "db"},
        "username": username,
        "password": password,
    }


def test_a_cluster_has_nodes_and_no_database(make, package):
    make("redis+cluster://:sekret@one.example.com,[::1]:7000").ask("a script")
    [client] = package.made
    assert (package.modes, client.kind, client.arguments) == (["cluster"], "RedisCluster", ())
    expected = common(**KEPT, password="sekret", startup_nodes=["node one.example.com:6379", "node ::1:7000"])
    del expected["db"]
    assert client.options == expected


def test_connecting_is_measured_apart_from_asking(make, package, clock):
    package.seconds = {"the greeting": 0.5, "a script": 0.25}
    server = make("redis://redis.example.com")
    assert (server.connecting, server.last_used) == (0.0, 0.0)
    assert server.ask("a script") == (5000.5, 5000.75, [1, 2, 3])
    assert (server.connecting, server.last_used) == (0.5, 5000.75)
    clock.now += 1
    assert server.ask("a script")[:2] == (5001.75, 5002.0)
    assert (len(package.made), server.connecting) == (1, 0.5)


@pytest.mark.parametrize(("idle", "connections"), [(30.0, 1), (30.001, 2)])
def test_a_connection_that_was_idle_for_long_is_made_anew(make, package, clock, idle, connections):
    server = make("redis://redis.example.com")
    server.ask("a script")
    clock.now = server.last_used + idle
    server.ask("a script")
    assert len(package.made) == connections
    assert [client.closed for client in package.made] == [True, False][-connections:]


@pytest.fixture(name="longest")
def fixture_longest(monkeypatch):
    """Each delay is the longest that could be drawn."""
    drawn = []
    monkeypatch.setattr(random, "uniform", lambda low, high: drawn.append((low, high)) or high)
    return drawn


def test_what_passes_is_asked_again_with_a_new_connection_ever_later(make, package, clock, longest):
    package.told = [redis.TimeoutError("sekret")] * 6 + [b"4"]
    server = make("redis://redis.example.com", max_retries=6)
    assert server.ask("a script")[2] == [4]
    assert clock.slept == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert longest[:6] == [(0.25, 0.5), (0.5, 1.0), (1.0, 2.0), (2.0, 4.0), (4.0, 8.0), (4.0, 8.0)]
    assert [client.closed for client in package.made] == [True] * 6 + [False]


@pytest.mark.parametrize(
    ("max_retries", "max_wait", "slept"),
    [(2, 60.0, [0.5, 1.0]), (0, 60.0, []), (9, 3.5, [0.5, 1.0, 2.0]), (9, 3.4, [0.5, 1.0]), (9, 0.0, [])],
)
def test_it_is_asked_again_as_often_and_as_long_as_allowed(make, package, clock, longest, max_retries, max_wait, slept):
    package.told = [redis.ConnectionError("sekret")] * 20
    with pytest.raises(ThrottleError) as refused:
        make("redis://redis.example.com", max_retries=max_retries, max_wait=max_wait).ask("a script")
    assert clock.slept == slept
    assert refused.value.facts() == {
        "code": "ThrottleUnavailable",
        "message": "The throttle's Redis at redis.example.com:6379 cannot be reached.",
        "request_id": None,
        "http_status": None,
        "remedy": "Check throttle_url, throttle_password and the server.",
    }
    assert refused.value.__context__ is None


@pytest.mark.parametrize(
    "told", [redis.AuthenticationError("x"), ValueError("what nobody knows"), [1, 2], b"no number"]
)
def test_what_does_not_pass_is_asked_once(make, package, clock, told):
    package.told = [told] * 2
    with pytest.raises(ThrottleError):
        make("redis://redis.example.com", max_retries=9).ask("a script")
    assert (clock.slept, len(package.told)) == ([], 1)
    assert [client.closed for client in package.made] == [True]


def test_a_connection_that_cannot_be_closed_is_left(make, package, monkeypatch):
    def close(_client):
        raise redis.ConnectionError("gone already")

    monkeypatch.setattr(Client, "close", close)
    package.told = [redis.ConnectionError("gone"), b"4"]
    server = make("redis://redis.example.com", max_retries=1, max_wait=60.0)
    assert server.ask("a script")[2] == [4]


# What servers and the package say, of every release that is known; whether it passes is told too.
SAID = {
    ("has a certificate that is not trusted (name its CA: ?ssl_ca_certs=FILE)", False): ["CERTIFICATE_VERIFY_FAILED"],
    ("refuses the user name or the password", False): [
        "AuthenticationError",
        "NOAUTH",
        "WRONGPASS",
        "unauthenticated",
        "AUTH <password>",
        "username-password",
    ],
    ("does not let this user run the throttle's commands", False): [
        "NoPermissionError",
        "NOPERM",
        "can't run this command",
        "ACL failure",
    ],
    ("holds something else under the throttle's key", False): ["WRONGTYPE"],
    ("is a read-only replica", True): ["ReadOnlyError", "READONLY", "previous master is now a slave"],
    ("accepts no writes at present (disk or memory)", False): ["MISCONF", "OutOfMemoryError", "OOM"],
    ("accepts no writes at present (replicas)", True): ["NOREPLICAS"],
    ("is busy or still loading its data", True): [
        "BusyLoadingError",
        "LOADING",
        "MasterDownError",
        "MASTERDOWN",
        "BUSY",
    ],
    ("has no master: no Sentinel that answers knows one of that name", True): [
        "MasterNotFoundError",
        "No master found",
    ],
    ("is no cluster: name it with redis://", False): ["Cluster mode is not enabled", "cluster support disabled"],
    ("is a cluster that is down", True): [
        "ClusterDown",
        "CLUSTERDOWN",
        "TryAgainError",
        "TRYAGAIN",
        "SlotNotCovered",
        "MaxConnections",
    ],
    ("is a node of a cluster: name it with redis+cluster://", False): ["MovedError", "MOVED", "AskError"],
    ("does not have the database that is asked for", False): ["DB index"],
    ("has a name that is not known", False): [
        "Name or service not known",
        "nodename nor servname",
        "No address associated",
    ],
    ("did not answer within 2 s", True): ["TimeoutError"],
    ("cannot be reached", True): ["ConnectionError", "RedisClusterException", "ConnectionRefused"],
    ("cannot be used", False): ["what nobody knows", "noauth", "busyloadingerror"],
}


@pytest.mark.parametrize(("said", "meant"), [(said, meant) for meant, many in SAID.items() for said in many])
def test_what_a_server_says_means(said, meant):
    assert quota_server._reason(redis.ResponseError(f"x {said} x")) == meant


def because(error, cause):
    error.__context__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "reason", "passes"),
    [
        (redis.TimeoutError("x"), "did not answer within 2 s", True),
        (redis.ConnectionError("x"), "cannot be reached", True),
        (because(redis.ConnectionError("x"), OSError(111, "Refused")), "cannot be reached: Refused", True),
        (because(redis.ConnectionError("x"), OSError("no number")), "cannot be reached", True),
        (because(redis.ConnectionError("x"), ValueError("x")), "cannot be reached", True),
        (because(redis.ResponseError("READONLY x"), OSError(111, "Refused")), "is a read-only replica", True),
        (redis.ResponseError("what nobody knows"), "cannot be used", False),
    ],
)
def test_what_an_error_means(error, reason, passes):
    assert quota_server._reason(error) == (reason, passes)


def test_a_package_without_the_part_that_is_asked_for(monkeypatch):
    real = quota_server.importlib.import_module

    def import_module(name):
        if name == "redis.cluster":
            raise ImportError(name)
        return real(name)

    monkeypatch.setattr(quota_server.importlib, "import_module", import_module)
    with pytest.raises(ThrottleError) as refused:
        quota_server._package("cluster")
    assert refused.value.message == ("The Python package redis of this interpreter does not support redis+cluster://.")
    assert refused.value.remedy == "Name the master: throttle_url=redis://host:port/database."
    assert quota_server._package("sentinel") is quota_server._package("") is redis
