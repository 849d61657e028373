# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: what a throttle_url names. No message shows the URL: it can hold a password."""

from __future__ import annotations

import os
import re
import sys
import typing as t
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError

DEFAULT_PORTS = {"": 6379, "sentinel": 26379, "cluster": 6379}
TLS_PARAMETERS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
SENTINEL_PARAMETERS = ("sentinel_username", "sentinel_password")
_LIST = re.compile(r"(?P<scheme>[^:/?#]*://)(?P<netloc>[^/?#]*,[^/?#]*)(?P<rest>.*)", re.DOTALL)
PARAMETERS = ("db", *TLS_PARAMETERS, *SENTINEL_PARAMETERS)


class Address(t.NamedTuple):
    """Where the Redis is: ``mode`` is empty for one server, else ``sentinel`` or ``cluster``."""

    mode: str
    tls: bool
    socket: str | None
    hosts: list[tuple[str, int]]
    service: str
    database: int
    username: str | None
    password: str | None
    parameters: dict[str, str]

    @property
    def place(self) -> str:
        """Return the place as messages name it."""
        if self.socket is not None:
            return "the unix socket"
        hosts = ", ".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.hosts)
        return {"": hosts, "sentinel": f"{self.service} of the Sentinels {hosts}", "cluster": f"the cluster {hosts}"}[
            self.mode
        ]


def split_url(url: str) -> SplitResult:
    """Return the URL's parts. Raises OptionError for what is no URL."""
    try:
        parts = _split(url)
        # Looked at here, because it is only then that a port is checked; a list of hosts is looked at later.
        usable = not parts.fragment and ("," in parts.netloc or parts.port != 0)
    except ValueError:
        usable = False
    if not usable:
        raise _no_url()
    return parts


def _split(url: str) -> SplitResult:
    hosts = _LIST.fullmatch(url)
    if not hosts:
        return urlsplit(url)
    # Newer releases of each Python refuse an IPv6 address that is not all of the host.
    return urlsplit(hosts["scheme"] + hosts["rest"])._replace(netloc=hosts["netloc"])


def directory(url: str) -> str:
    """Return the path that a file URL names. Raises OptionError."""
    parts = split_url(url)
    path = unquote(parts.path)
    if parts.netloc or parts.query or not path.startswith("/") or "\0" in path:
        raise OptionError("throttle_url: a file URL is file:///directory, with an absolute path and nothing else.")
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        encoding = sys.getfilesystemencoding()
        raise OptionError(
            f"throttle_url names a directory that the locale's encoding, {encoding}, cannot spell:"
            " run the module with LC_ALL=C.UTF-8, or name a directory of plain letters."
        ) from None
    return path


def redis_address(url: str, password: str | None) -> Address:
    """Return what a Redis URL names; ``password`` serves where the URL has none. Raises OptionError."""
    parts = split_url(url)
    family, plus, mode = parts.scheme.partition("+")
    modes = ("",) if family == "unix" else tuple(DEFAULT_PORTS)
    if family not in ("redis", "rediss", "unix") or mode not in modes or (plus and not mode):
        raise OptionError(
            "throttle_url must begin with file:///, redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://."
        )
    userinfo, _at_sign, hosts = parts.netloc.rpartition("@")
    username, _colon, url_password = userinfo.partition(":")
    parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
    path = "" if family == "unix" else parts.path[1:]
    service, _slash, rest = path.partition("/") if mode == "sentinel" else ("", "", path)
    database = parameters.pop("db", rest or "0")
    known = TLS_PARAMETERS + (SENTINEL_PARAMETERS if mode == "sentinel" else ())
    if not all(name in known for name in parameters) or not (database.isascii() and database.isdecimal()):
        raise OptionError(
            "throttle_url has a database or a parameter that is not known: a database is a number, the parameters are"
            f" {', '.join(PARAMETERS)}; write special characters of a password in their percent-encoded form."
        )
    if mode == "sentinel" and not service:
        raise OptionError("throttle_url names no service: redis+sentinel://host:port,host:port/service/database.")
    if mode == "cluster" and int(database):
        raise OptionError("throttle_url names a database, and a cluster has none but 0: redis+cluster://host:port.")
    addresses = [] if family == "unix" else [_host(host, DEFAULT_PORTS[mode]) for host in hosts.split(",")]
    if not (parts.path if family == "unix" else addresses and all(host for host, _port in addresses)):
        raise OptionError("throttle_url names no host or socket: redis://host:port/database, unix:///path?db=0.")
    if len(addresses) > 1 and not mode:
        raise OptionError("throttle_url names several hosts: that is for redis+sentinel:// and redis+cluster://.")
    return Address(
        mode,
        family == "rediss",
        unquote(parts.path) if family == "unix" else None,
        addresses,
        unquote(service),
        int(database),
        unquote(username) or None,
        unquote(url_password) or password or None,
        parameters,
    )


def _host(text: str, default_port: int) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        port = default_port if parts.port is None else parts.port
    except ValueError:
        port = 0
    if not port:
        raise _no_url()
    return unquote(parts.hostname or ""), port


def _no_url() -> OptionError:
    return OptionError(
        "throttle_url is not a usable URL: check its host and its port,"
        " and write each special character of a password or a path in its percent-encoded form."
    )
