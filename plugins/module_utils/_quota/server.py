# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the connection to a Redis server, to the master that Sentinels know, or to a cluster.

What fails in passing is asked again with a new connection, which looks up the name, the master or the cluster anew.
"""

from __future__ import annotations

import contextlib
import importlib
import random
import re
import socket
import typing as t

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.alicloud.chatapp.plugins.module_utils._backoff import delays
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.address import Address
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import unavailable

TIMEOUT = 2.0
# Seconds: a connection that was idle for longer is made anew, since a NAT can have forgotten it without a word.
LONGEST_IDLE = 30.0
KEEP_ALIVE = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}
# Seconds: a failover takes some ten of them, so the bounds are higher than those of the service.
OUTAGE_DELAYS = (0.5, 8.0)

# The name and the text of a redis-py exception, of which a user is shown nothing; what they mean; whether it passes.
_REASONS = (
    ("CERTIFICATE_VERIFY_FAILED", "has a certificate that is not trusted (name its CA: ?ssl_ca_certs=FILE)", False),
    (
        "AuthenticationError|NOAUTH|WRONGPASS|unauthenticated|AUTH <password>|username-password",
        "refuses the user name or the password",
        False,
    ),
    (
        "NoPermissionError|NOPERM|can't run this command|ACL failure",
        "does not let this user run the throttle's commands",
        False,
    ),
    ("WRONGTYPE", "holds something else under the throttle's key", False),
    ("ReadOnlyError|READONLY|previous master is now a slave", "is a read-only replica", True),
    ("MISCONF|OutOfMemoryError|OOM", "accepts no writes at present (disk or memory)", False),
    ("NOREPLICAS", "accepts no writes at present (replicas)", True),
    ("BusyLoadingError|LOADING|MasterDownError|MASTERDOWN|BUSY", "is busy or still loading its data", True),
    ("MasterNotFoundError|No master found", "has no master: no Sentinel that answers knows one of that name", True),
    ("Cluster mode is not enabled|cluster support disabled", "is no cluster: name it with redis://", False),
    ("ClusterDown|CLUSTERDOWN|TryAgainError|TRYAGAIN|SlotNotCovered|MaxConnections", "is a cluster that is down", True),
    ("MovedError|MOVED|AskError", "is a node of a cluster: name it with redis+cluster://", False),
    ("DB index", "does not have the database that is asked for", False),
    ("Name or service not known|nodename nor servname|No address associated", "has a name that is not known", False),
    ("TimeoutError", f"did not answer within {TIMEOUT:g} s", True),
    ("ConnectionError|RedisClusterException|ConnectionRefused", "cannot be reached", True),
)


class Server:
    """Asks the server, as often as ``max_retries`` and ``max_wait`` seconds allow where it fails in passing."""

    def __init__(
        self,
        address: Address,
        greeting: tuple[str, str],
        max_retries: int,
        max_wait: float,
        clock: t.Callable[[], float],
        sleep: t.Callable[[float], None],
    ) -> None:
        """``greeting`` is a script that reads its key and nothing else, and the key.

        Raises ThrottleError ``ThrottleUnavailable`` without the package, or the part of it that the address needs.
        """
        self.place = address.place
        # How long it took to connect, and when something was last asked, in seconds.
        self.connecting = 0.0
        self.last_used = 0.0
        self._address = address
        self._greeting = greeting
        self._max_retries = max_retries
        self._max_wait = max_wait
        self._clock = clock
        self._sleep = sleep
        self._redis = _package(address.mode)
        # The one of clusters is no kind of the other.
        self._errors = (self._redis.RedisError, self._redis.exceptions.RedisClusterException, OSError, ValueError)
        self._client: t.Any = None

    def ask(self, script: str, *arguments: t.Any) -> tuple[float, float, list[int]]:
        """Return the moments of the question and of the answer, and the answer of the script.

        A script whose answer was lost may have run, and is run again: it takes a slot that nobody uses.
        Raises ThrottleError ``ThrottleUnavailable``.
        """
        if self._clock() - self.last_used > LONGEST_IDLE:
            self._drop()
        began = self._clock()
        waits = delays(*OUTAGE_DELAYS, lambda _low, bound: random.uniform(bound / 2, bound))
        for attempt, wait in enumerate(waits):
            try:
                return self._ask_once(script, *arguments)
            except self._errors as error:
                reason, passes = _reason(error)
            self._drop()
            if not passes or attempt >= self._max_retries or self._clock() - began + wait > self._max_wait:
                break
            self._sleep(wait)
        # Outside the handler, so that no traceback shows what the server or the package said.
        raise unavailable(
            f"The throttle's Redis at {self.place} {reason}.",
            "Check throttle_url, throttle_password and the server.",
        )

    def _ask_once(self, script: str, *arguments: t.Any) -> tuple[float, float, list[int]]:
        greeting, key = self._greeting
        if self._client is None:
            began = self._clock()
            self._client = self._connected()
            # The package connects with the first question, which so takes longer than any other.
            self._client.eval(greeting, 1, key)
            self.connecting = self._clock() - began
        asked = self._clock()
        answer = self._client.eval(script, 1, key, " ".join(map(str, arguments)))
        self.last_used = self._clock()
        if not isinstance(answer, bytes):
            raise ValueError("not an answer of the script")
        return asked, self.last_used, [int(number) for number in answer.split()]

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(*self._errors):
                client.close()

    def _connected(self) -> t.Any:
        address, common = self._address, self._settings()
        if address.mode == "sentinel":
            login = {name: address.parameters.get(f"sentinel_{name}") for name in ("username", "password")}
            sentinel = {**common, **login}
            del sentinel["db"]
            finder = self._redis.sentinel.Sentinel(address.hosts, sentinel_kwargs=sentinel, **common)
            return finder.master_for(address.service)
        if address.mode == "cluster":
            common.pop("db")
            nodes = [self._redis.cluster.ClusterNode(*host) for host in address.hosts]
            return self._redis.cluster.RedisCluster(startup_nodes=nodes, **common)
        if address.socket is not None:
            return self._redis.Redis(unix_socket_path=address.socket, **common)
        [(host, port)] = address.hosts
        return self._redis.Redis(host=host, port=port, **common)

    def _settings(self) -> dict[str, t.Any]:
        """Return what is said to the package, whose releases differ in their defaults."""
        address = self._address
        settings: dict[str, t.Any] = {
            "db": address.database,
            "username": address.username,
            "password": address.password,
            "protocol": 2,
            "socket_timeout": TIMEOUT,
            "socket_connect_timeout": TIMEOUT,
            # It is this file that asks again.
            "retry": self._redis.retry.Retry(self._redis.backoff.NoBackoff(), 0),
        }
        if address.socket is None:
            options = {getattr(socket, name): value for name, value in KEEP_ALIVE.items() if hasattr(socket, name)}
            settings.update(socket_keepalive=True, socket_keepalive_options=options)
        if address.tls:
            tls = {name: value for name, value in address.parameters.items() if name.startswith("ssl_")}
            settings.update(ssl=True, ssl_check_hostname=True, **tls)
        return settings


def _reason(error: Exception) -> tuple[str, bool]:
    said = f"{type(error).__name__} {error}"
    for pattern, reason, passes in _REASONS:
        if re.search(pattern, said):
            cause = error.__context__
            if reason == "cannot be reached" and isinstance(cause, OSError) and cause.strerror:
                reason = f"{reason}: {cause.strerror}"
            return reason, passes
    return "cannot be used", False


def _package(mode: str) -> t.Any:
    try:
        redis: t.Any = importlib.import_module("redis")
    except ImportError:
        redis = None
    if redis is None or int(redis.__version__.split(".")[0]) < 5:
        raise unavailable(missing_required_lib("redis 5 or newer"), "Install it: python -m pip install 'redis>=5'.")
    try:
        if mode:
            importlib.import_module(f"redis.{mode}")
    except ImportError:
        raise unavailable(
            f"The Python package redis of this interpreter does not support redis+{mode}://.",
            "Name the master: throttle_url=redis://host:port/database.",
        ) from None
    return redis
