# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the throttler against its schedule and its peers: ``python tests/benchmarks/throttler.py``.

It prints one table of ratios, in about two minutes. It needs requests, redis, limits and pyrate-limiter[all] beside the
collection, and a Redis server (see redis_server.py of the unit tests).
"""

from __future__ import annotations

import bisect
import itertools
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import WINDOW, WINDOW_MARGIN

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

import redis_server
import tcp_relay

CALLER = str(Path(__file__).with_name("throttler_caller.py"))
LIMIT = 50
CALLS = 280
PROCESSES = (1, 8, 50)
# Seconds to a Redis and back: another zone, another region, another continent.
ROUND_TRIPS = (0.005, 0.06, 0.2)
FAR_PROCESSES = (1, 8)
STARTS = 11

COLUMNS = ("limiter", "processes", "time/ideal", "time/quota", "slots in 1 s", "arrivals in 1 s", "CPU us a call")
ROW = "{:<44}{:>10}{:>12}{:>12}{:>14}{:>17}{:>15}"

FIRST_SLOT = """\
import requests
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle
open_throttle({!r}, None, str(__import__("os").getpid()), 10, 600.0).reserve()
"""
FIRST_GRANT = """\
import requests
from pyrate_limiter import Duration, limiter_factory
limiter_factory.create_sqlite_limiter(10, Duration.SECOND, {!r}, use_file_lock=True).try_acquire("first")
"""


def schedule(calls: int, limit: float, window: float) -> float:
    """Return the seconds from the start to the last of so many calls."""
    return (calls - 1) // limit * window


def most_in_a_second(moments: list[float]) -> int:
    moments = sorted(moments)
    return max(bisect.bisect_left(moments, moment + 1.0) - position for position, moment in enumerate(moments))


def run(limiters: list[str], place: str, processes: int) -> tuple[str, ...]:
    """Let the processes, which take turns with the limiters, make all calls; return the figures as columns."""
    callers = []
    for number, name in zip(range(processes), itertools.cycle(limiters)):
        calls = CALLS // processes + (number < CALLS % processes)
        command = [sys.executable, CALLER, name, place, str(LIMIT), str(calls)]
        callers.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    for caller in callers:
        caller.stdout.readline()
    # A log that was begun just now counts as full for a window.
    start = time.monotonic() + 2 * (WINDOW + WINDOW_MARGIN)
    for caller in callers:
        caller.stdin.write(f"{start}\n")
        caller.stdin.flush()
    reports = [json.loads(caller.communicate()[0]) for caller in callers]
    arrivals = [arrival for report in reports for arrival in report["arrivals"]]
    slots = [slot for report in reports for slot in report["slots"] if slot is not None]
    elapsed = max(arrivals) - start
    return (
        f"{elapsed / schedule(CALLS, LIMIT, WINDOW + WINDOW_MARGIN):.3f}",
        f"{elapsed / schedule(CALLS, LIMIT, WINDOW):.3f}",
        str(most_in_a_second(slots)) if slots else "-",
        str(most_in_a_second(arrivals)),
        f"{sum(report['cpu'] for report in reports) / CALLS * 1e6:.0f}",
    )


def starts(programs: dict[str, str]) -> None:
    """Print the shortest time of each program's process, beside the first's; they take turns."""
    elapsed: dict[str, list[float]] = {name: [] for name in programs}
    for _turn in range(STARTS):
        for name, program in programs.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=True)
            elapsed[name].append(time.perf_counter() - began)
    shortest = {name: min(values) for name, values in elapsed.items()}
    base = next(iter(shortest.values()))
    for name, seconds in shortest.items():
        print(f"{name:<44}{seconds * 1000:>7.0f} ms{(seconds - base) * 1000:>+8.1f} ms{seconds / base:>8.2f}")


def main() -> None:
    server_path = redis_server.provide()
    if server_path is None:
        sys.exit("The benchmark needs a redis-server.")
    print(
        f"{CALLS} calls at {LIMIT} a second; ideal: the schedule, {schedule(CALLS, LIMIT, WINDOW + WINDOW_MARGIN):.1f} s"
    )
    print(f"quota: the same without the guard, {schedule(CALLS, LIMIT, WINDOW):.1f} s\n")
    print(ROW.format(*COLUMNS))
    with tempfile.TemporaryDirectory() as folder:
        for processes in PROCESSES:
            server = redis_server.Server(server_path, Path(folder))
            try:
                files = Path(folder, str(processes))
                files.mkdir()
                for title, limiters, place in (
                    ("this throttler, file", ["ours"], files.as_uri()),
                    ("pyrate-limiter, SQLite and file lock", ["pyrate_limiter"], str(files / "pyrate.db")),
                    ("this throttler, Redis, two clocks", ["ours", "ours_ahead"], server.url),
                    ("limits, Redis moving window", ["limits"], server.url),
                ):
                    print(ROW.format(title, processes, *run(limiters, place, processes)), flush=True)
            finally:
                server.close()
        print()
        for seconds in ROUND_TRIPS:
            for processes in FAR_PROCESSES:
                server = redis_server.Server(server_path, Path(folder))
                relay = tcp_relay.Relay(server.port, seconds / 2, seconds / 2)
                try:
                    title = f"this throttler, Redis {seconds * 1000:g} ms away"
                    print(ROW.format(title, processes, *run(["ours"], relay.url, processes)), flush=True)
                finally:
                    relay.close()
                    server.close()
        print(f"\nA fresh process, from its start to its first slot (shortest of {STARTS}), and beside the first line:")
        starts(
            {
                "an interpreter that imports requests": "import requests",
                "and reserves a slot of this throttler's file": FIRST_SLOT.format(Path(folder).as_uri()),
                "and has a grant of pyrate-limiter's file": FIRST_GRANT.format(str(Path(folder, "start.db"))),
            }
        )


if __name__ == "__main__":
    main()
