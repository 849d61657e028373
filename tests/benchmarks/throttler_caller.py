# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One process of the throttler's benchmark: ``python throttler_caller.py LIMITER PLACE LIMIT CALLS``.

It says a line when it has opened its limiter, reads the moment of the common start (seconds of the monotonic clock),
makes its calls as the limiter allows, and reports a line of JSON: the slots and arrivals, and the CPU, in seconds.
"""

from __future__ import annotations

import json
import sys
import time


def ours(place: str, limit: float, ahead: float = 0.0):
    from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import MAX_LATENESS, open_throttle

    def clock() -> float:
        return time.monotonic() + ahead

    def sleep_until(moment: float) -> None:
        # A sleep of no time costs more CPU than a slot.
        if moment > clock():
            time.sleep(max(0.0, moment - clock()))

    throttle = open_throttle(place, None, "benchmark", limit, 3600.0, clock=clock)
    # As a task does that is not connected yet: nothing is reserved.
    throttle.reserve(not_before=clock() + 3600)

    def acquire(wanted: int) -> float:
        """As the dispatcher does, which knows how much is left to send."""
        while True:
            reservation = throttle.reserve(0.0, wanted)
            sleep_until(reservation.at - throttle.lead)
            if throttle.usable(reservation):
                sleep_until(reservation.at)
                if clock() - reservation.at <= MAX_LATENESS:
                    return reservation.mark / 1e6

    return acquire


def ours_ahead(place: str, limit: float):
    """The throttler on a host whose clock differs by a day."""
    return ours(place, limit, ahead=86400.0)


def pyrate_limiter(place: str, limit: float):
    from pyrate_limiter import Duration, limiter_factory

    limiter = limiter_factory.create_sqlite_limiter(int(limit), Duration.SECOND, place, use_file_lock=True)

    def acquire(_wanted: int) -> None:
        limiter.try_acquire("benchmark", blocking=True)

    return acquire


def limits(place: str, limit: float):
    from limits import RateLimitItemPerSecond, storage, strategies

    server = storage.RedisStorage(place)
    server.check()
    limiter = strategies.MovingWindowRateLimiter(server)
    item = RateLimitItemPerSecond(int(limit))

    def acquire(_wanted: int) -> None:
        while not limiter.hit(item, "benchmark"):
            time.sleep(max(0.001, limiter.get_window_stats(item, "benchmark").reset_time - time.time()))

    return acquire


if __name__ == "__main__":
    name, where, per_second, calls = sys.argv[1:]
    acquire = {"ours": ours, "ours_ahead": ours_ahead, "pyrate_limiter": pyrate_limiter, "limits": limits}[name](
        where, float(per_second)
    )
    print("ready", flush=True)
    start = float(sys.stdin.readline())
    time.sleep(max(0.0, start - time.monotonic()))
    cpu = time.process_time()
    slots, arrivals = [], []
    for left in range(int(calls), 0, -1):
        slots.append(acquire(left))
        arrivals.append(time.monotonic())
    print(json.dumps({"slots": slots, "arrivals": arrivals, "cpu": time.process_time() - cpu}), flush=True)
