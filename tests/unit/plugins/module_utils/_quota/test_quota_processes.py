# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The throttle between real processes, on the file of this machine."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota import locked_file as quota_locked_file
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import MAX_LATENESS, WINDOW, WINDOW_MARGIN
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle

CALLER = Path(__file__).with_name("throttle_caller.py")
pytestmark = pytest.mark.load
FULL = os.environ.get("CHATAPP_TEST_SCALE") == "full"
KILLS = 200 if FULL else 40
PAUSE = round((WINDOW + WINDOW_MARGIN) * 1e6)


@pytest.fixture(name="url")
def fixture_url(tmp_path):
    return tmp_path.as_uri()


@pytest.fixture(name="start")
def fixture_start(url):
    """Start a caller; all that are left are killed in the end."""
    callers = []

    def start(*arguments):
        role, *rest = [str(argument) for argument in arguments]
        command = [sys.executable, str(CALLER), role, url, *rest]
        callers.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        return callers[-1]

    yield start
    for caller in callers:
        caller.kill()
        caller.communicate()


def go(*callers):
    """Wait until all are ready, and let them begin together."""
    for caller in callers:
        assert hear(caller) == {"ready": True}
    for caller in callers:
        say(caller)


def say(caller):
    caller.stdin.write("\n")
    caller.stdin.flush()


def hear(caller):
    return json.loads(caller.stdout.readline())


def test_fifty_processes_never_get_more_slots_than_the_limit(start):
    callers = [start("reserve", 10, 5) for _process in range(50)]
    go(*callers)
    marks = sorted(mark for caller in callers for mark in hear(caller)["marks"])
    assert len(marks) == 250
    assert all(later - earlier >= PAUSE for earlier, later in zip(marks, marks[10:]))
    # None of the quota is left unused either: the hundreds wait for nothing but the window.
    assert marks[-1] - marks[0] == pytest.approx(24 * PAUSE, abs=0.5e6)


@pytest.mark.scaled
def test_nobody_hangs_and_the_state_stays_sound_while_callers_are_killed(start, url):
    throttle = open_throttle(url, None, "one quota", 10, 3600.0)
    breeder = start("breed", 10)
    go(breeder)
    callers = [hear(breeder)["child"]]
    marks = []
    for _kill in range(KILLS):
        while len(callers) < 3:
            say(breeder)
            callers.append(hear(breeder)["child"])
        time.sleep(random.uniform(0, 0.01))
        os.kill(callers.pop(random.randrange(len(callers))), signal.SIGKILL)
        began = time.monotonic()
        marks.append(throttle.reserve().mark)
        assert time.monotonic() - began < 2
    assert all(later - earlier >= PAUSE for earlier, later in zip(marks, marks[10:]))
    assert marks == sorted(marks)


def test_while_a_holder_is_stopped_the_others_end_with_a_clear_error_in_time(start, url, monkeypatch):
    monkeypatch.setattr(quota_locked_file, "LOCK_TIMEOUT", 0.5)
    throttle = open_throttle(url, None, "one quota", 10, 3600.0)
    holder = start("hold", 10)
    go(holder)
    assert hear(holder) == {"held": True}
    os.waitid(os.P_PID, holder.pid, os.WSTOPPED | os.WNOWAIT)
    began = time.monotonic()
    with pytest.raises(ThrottleError, match=r"Another process has held the lock of .* for 0\.5 s"):
        throttle.reserve()
    assert time.monotonic() - began < 5
    holder.send_signal(signal.SIGCONT)
    holder.communicate()
    assert throttle.reserve().granted


def test_a_waiter_that_was_stopped_and_continued_does_not_send_late(start, url):
    throttle = open_throttle(url, None, "one quota", 1, 3600.0)
    throttle.reserve()
    waiter = start("send", 1)
    go(waiter)
    lost = hear(waiter)["slot"]
    waiter.send_signal(signal.SIGSTOP)
    time.sleep(lost - time.monotonic() + 2 * MAX_LATENESS)
    waiter.send_signal(signal.SIGCONT)
    heard = hear(waiter)
    while "sent" not in heard:
        heard = hear(waiter)
    assert heard["slot"] > lost + 2 * MAX_LATENESS
    assert heard["slot"] <= heard["sent"]
