# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process of its own that shares a throttle: ``python throttle_caller.py ROLE URL LIMIT [COUNT]``.

It says a line when it is ready, waits for one, and reports in lines of JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import Throttle
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle

KEY = "one quota"
MAX_WAIT = 30.0


def say(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


def reserve(throttle: Throttle, count: int) -> None:
    """Reserve at once, and leave the slots unused."""
    say(marks=[throttle.reserve().mark for _call in range(count)])


def send(throttle: Throttle, count: int) -> None:
    """Send, as a client would: wait for the slot, and reserve anew when it was lost."""
    for _call in range(count):
        usable = False
        while not usable:
            reservation = throttle.reserve()
            say(slot=reservation.at)
            time.sleep(max(0.0, reservation.at - time.monotonic()))
            usable = throttle.usable(reservation)
        say(sent=time.monotonic(), slot=reservation.at)


def breed(throttle: Throttle, _count: int) -> None:
    """For each line make a process that writes without a pause until it is killed, and tell its id."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    breeder = os.getpid()
    while True:
        child = os.fork()
        if child == 0:
            break
        say(child=child)
        sys.stdin.readline()
    while os.getppid() == breeder:
        throttle.push_back(0)
        try:
            throttle.reserve()
        except ThrottleError as error:
            if error.code != "QueueTooLong":
                raise


def hold(throttle: Throttle, _count: int) -> None:
    """Stop with the lock held."""
    with throttle._file.locked():
        say(held=True)
        os.kill(os.getpid(), signal.SIGSTOP)


if __name__ == "__main__":
    role, url, limit, *rest = sys.argv[1:]
    shared = open_throttle(url, None, KEY, float(limit), MAX_WAIT)
    say(ready=True)
    sys.stdin.readline()
    {"reserve": reserve, "send": send, "breed": breed, "hold": hold}[role](shared, int(*rest or [1]))
