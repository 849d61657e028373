# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of connections share: an environment without proxies, a certificate authority, names, a silent address."""

from __future__ import annotations

import contextlib
import os
import socket
import time

import pytest
import trustme
from attempts import NAME, serving
from raw_server import answering, http


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="module")
def authority():
    return trustme.CA(organization_name="Tests", organization_unit_name="Chat App")


@pytest.fixture(scope="module")
def ca_path(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


def family_of(address):
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET


@pytest.fixture
def names(monkeypatch):
    """What getaddrinfo() answers for a name: a list of (address, port). Names that are not here are refused."""
    known = {}
    original = socket.getaddrinfo

    def look_up(host, port, *args, **kwargs):
        if host in known:
            found = known[host]() if callable(known[host]) else known[host]
            return [(family_of(address), socket.SOCK_STREAM, 6, "", address) for address in found]
        if host[0].isdigit() or ":" in host or host == "localhost":
            return original(host, port, *args, **kwargs)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@contextlib.contextmanager
def silent():
    """An address that lets every connection wait: its queue of connections is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _attempt in range(4):
            sock = stack.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        time.sleep(0.05)
        yield listener.getsockname()


@pytest.fixture
def silent_address():
    with silent() as address:
        yield address


@pytest.fixture
def silent_addresses():
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(silent()) for _address in range(9)]


@pytest.fixture
def endpoint(authority):
    """The service under the name of the tests, which only a proxy can reach."""
    with answering(http(), tls=serving(authority, NAME)) as server:
        yield server
