# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection.

The throttle's log in Redis 6 or newer, Valkey or Tair, for many machines: one list, one script, the server's clock.

The list holds the floor and then the slots, the latest first. It expires when no slot in it matters any more.
A server that is started anew without its data forgets one window.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import parse_qsl

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import (
    HIGHEST_LIMIT,
    HORIZON,
    LONGEST_PAUSE,
    MICROSECONDS,
    Reservation,
    Throttle,
    split_url,
    unavailable,
)

TIMEOUT = 2.0
PREFIX = "alicloud.chatapp:"
DEFAULT_PORT = 6379
PARAMETERS = ("db", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile")

_COMMON = f"""
local key, limit = KEYS[1], tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * {MICROSECONDS} + time[2]
-- Lua's own conversion to text would lose microseconds.
local function text(number) return string.format('%.0f', number) end
local function at(index)
  local moment = tonumber(redis.call('LINDEX', key, index) or 0)
  -- Not for what is no number: such a moment is damage, as one too far away.
  return moment and moment >= 0 and moment or math.huge
end
local function keep(slot) redis.call('PEXPIRE', key, text((slot - now + {LONGEST_PAUSE}) / 1000 + 1000)) end
if math.max(at(0), at(1), at(limit)) > now + {HORIZON} then
  -- Damaged: what was granted is not known, so that every window counts as full.
  local full = {{}}
  for index = 1, {HIGHEST_LIMIT} + 1 do full[index] = text(now) end
  redis.call('DEL', key)
  redis.call('RPUSH', key, unpack(full))
  keep(now)
end
"""

RESERVE = (
    _COMMON
    + f"""
local pause, not_before, max_wait = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local slot = math.max(now, at(0), at(1), at(limit) + pause)
local granted = slot - now >= not_before
if granted and slot - now <= max_wait then
  local floor = at(0)
  redis.call('LPOP', key)
  redis.call('LPUSH', key, text(slot), text(floor))
  redis.call('LTRIM', key, 0, {HIGHEST_LIMIT})
  keep(slot)
end
return {{slot - now, slot, granted and 1 or 0}}
"""
)

PUSH_BACK = (
    _COMMON
    + """
local floor = math.max(at(0), now + tonumber(ARGV[2]))
redis.call('LPOP', key)
redis.call('LPUSH', key, text(floor))
keep(math.max(floor, at(1)))
"""
)

# The name and the text of a redis-py exception, of which a user is shown nothing, and what they mean.
_REASONS = (
    ("CERTIFICATE_VERIFY_FAILED", "has a certificate that is not trusted (name its CA: ?ssl_ca_certs=FILE)"),
    ("AuthenticationError|NOAUTH|WRONGPASS", "refuses the user name or the password"),
    ("NoPermissionError|NOPERM|can't run this command", "does not let this user run the throttle's commands"),
    ("WRONGTYPE", "holds something else under the throttle's key"),
    ("ReadOnlyError|READONLY", "is a read-only replica"),
    ("MISCONF|OutOfMemoryError|OOM|NOREPLICAS", "accepts no writes at present (disk, memory or replicas)"),
    ("BusyLoadingError|LOADING|MasterDownError|MASTERDOWN|BUSY", "is busy or still loading its data"),
    ("MovedError|MOVED|AskError|TryAgainError|Cluster|CLUSTERDOWN", "is a node of a cluster without room for the key"),
    ("DB index", "does not have the database that is asked for"),
    ("TimeoutError", f"did not answer within {TIMEOUT:g} s"),
)


class RedisThrottle(Throttle):
    """The quota of all who name the same server and database."""

    scope = "redis"

    def __init__(self, url: str, password: str | None, **common: t.Any) -> None:
        """``password`` serves where the URL has none.

        Raises OptionError for a URL that cannot be used, ThrottleError ``ThrottleUnavailable`` without the package.
        """
        super().__init__(**common)
        self._place = _place(url)
        self._redis = _package()
        self._key = PREFIX + self._name
        self._client = self._redis.Redis.from_url(
            url,
            password=password,
            protocol=2,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            # A reservation that is sent twice takes two slots.
            retry=self._redis.retry.Retry(self._redis.backoff.NoBackoff(), 0),
            **({"ssl_check_hostname": True} if url.startswith("rediss:") else {}),
        )

    def _append(self, not_before: float) -> tuple[int, Reservation]:
        delay = round((not_before - self._clock()) * MICROSECONDS)
        wait, mark, granted = self._ask("eval", RESERVE, 1, self._key, self._limit, self._pause, delay, self._max_wait)
        return wait, Reservation(self._clock() + wait / MICROSECONDS, bool(granted), mark)

    def _floor(self) -> int:
        return int(self._ask("lindex", self._key, 0) or 0)

    def _raise_floor(self, microseconds: int) -> None:
        self._ask("eval", PUSH_BACK, 1, self._key, self._limit, microseconds)

    def _ask(self, command: str, *arguments: t.Any) -> t.Any:
        try:
            return getattr(self._client, command)(*arguments)
        except (self._redis.RedisError, OSError, ValueError) as error:
            reason = _reason(error)
        # Outside the handler, so that no traceback shows what the server or the package said.
        raise unavailable(
            f"The throttle's Redis at {self._place} {reason}.",
            "Check throttle_url, throttle_password and the server.",
        )


def _reason(error: Exception) -> str:
    said = f"{type(error).__name__} {error}"
    for pattern, reason in _REASONS:
        if re.search(pattern, said):
            return reason
    cause = error.__context__
    if isinstance(cause, OSError) and cause.strerror:
        return f"cannot be reached: {cause.strerror}"
    return "cannot be used"


def _package() -> t.Any:
    try:
        import redis
    except ImportError:
        redis = None
    if redis is None or int(redis.__version__.split(".")[0]) < 5:
        raise unavailable(missing_required_lib("redis 5 or newer"), "Install it: python -m pip install 'redis>=5'.")
    return redis


def _place(url: str) -> str:
    """Return the server's place as messages name it. Raises OptionError for a URL that cannot be used."""
    parts = split_url(url)
    parameters = parse_qsl(parts.query, keep_blank_values=True)
    database = dict(parameters).get("db", "0") + ("" if parts.scheme == "unix" else parts.path[1:])
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise OptionError("throttle_url must begin with file:///, redis://, rediss:// or unix://.")
    if not all(name in PARAMETERS for name, _value in parameters) or not database.isdecimal():
        raise OptionError(
            f"throttle_url has a database or a parameter that is not known: a database is a number, the parameters are"
            f" {', '.join(PARAMETERS)}; write special characters of a password in their percent-encoded form."
        )
    if not (parts.path if parts.scheme == "unix" else parts.hostname):
        raise OptionError("throttle_url names no host or socket: redis://host:port/database, unix:///path?db=0.")
    if parts.scheme == "unix":
        return "the unix socket"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{host}:{parts.port or DEFAULT_PORT}"
