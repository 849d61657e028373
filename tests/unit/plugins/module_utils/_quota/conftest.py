# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the quota share: a clock, a home and throttles of this machine."""

from __future__ import annotations

import contextlib
import os
from types import SimpleNamespace

import pytest
import redis_server
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota import folder as quota_folder
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle


class Clock:
    """A clock that moves only when somebody sleeps, and remembers who did."""

    def __init__(self):
        self.now = 5000.0
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture(name="clock")
def fixture_clock():
    return Clock()


@pytest.fixture(name="home")
def fixture_home(tmp_path, monkeypatch):
    """The effective user's home, as the password database has it; the environment's is another."""
    home = tmp_path / "home"
    home.mkdir()

    def getpwuid(uid):
        return SimpleNamespace(pw_dir=str(home if uid == os.geteuid() else "/dev/null"))

    monkeypatch.setattr(quota_folder.pwd, "getpwuid", getpwuid)
    monkeypatch.setattr(quota_folder, "FALLBACK", str(tmp_path / "fallback-%d"))
    for variable in ("HOME", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_STATE_HOME", "TMPDIR"):
        monkeypatch.setenv(variable, str(tmp_path / "environment"))
    return home


@pytest.fixture(name="shared_folder")
def fixture_shared_folder(tmp_path):
    directory = tmp_path / "shared directory"
    directory.mkdir(mode=0o700)
    return directory


@pytest.fixture(name="make")
def fixture_make(home, clock):
    """Make a throttle, of this user's own file unless a URL is given."""

    def make(limit=3, url=None, max_wait=3600.0):
        return open_throttle(url, None, "sekret key", limit, max_wait, clock=clock, sleep=clock.sleep)

    return make


@pytest.fixture(name="foreign")
def fixture_foreign(monkeypatch):
    """From the call on, whatever belongs to this user belongs to somebody else."""
    return lambda: monkeypatch.setattr(os, "geteuid", lambda uid=os.geteuid(): uid + 1)


def there_or_skipped(path, kind):
    if path is None and os.environ.get("CI") == "true":
        pytest.fail(f"no redis-server ({kind}): tests/unit/redis_server.py --all provides them")
    if path is None:
        pytest.skip(f"no redis-server ({kind}): tests/unit/redis_server.py --all provides them")
    return path


@pytest.fixture(name="binary", scope="session", params=redis_server.KINDS)
def fixture_binary(request):
    """The path of a redis-server: the system's own, and the embedded one."""
    return there_or_skipped(redis_server.find_all().get(request.param), request.param)


@pytest.fixture(name="one_binary", scope="session")
def fixture_one_binary():
    """The path of any redis-server, for what is the same on all."""
    return there_or_skipped(redis_server.find(), "of any kind")


@pytest.fixture(name="start")
def fixture_start(binary, tmp_path):
    """Start a server with the settings given; all are closed in the end."""
    with contextlib.ExitStack() as servers:

        def start(*settings):
            server = redis_server.Server(binary, tmp_path, *settings)
            servers.callback(server.close)
            return server

        yield start
