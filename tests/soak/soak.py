# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gather under mixed faults for a long time: ``python tests/soak/soak.py [SECONDS]``, ten minutes without a number.

20 processes share one quota, each with one long task of the library. It fails where a process keeps more descriptors,
threads or memory the longer it runs, or where requests in the simulator's log and attempts do not add up. It needs
Linux, requests and trustme beside the collection, and PyYAML for the simulator.
"""

from __future__ import annotations

import collections
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import trustme
from ansible_collections.alicloud.chatapp.plugins.module_utils import _options
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ChatappError
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations.query_chatapp_phone_numbers import (
    QueryChatappPhoneNumbers,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._session import workers
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.client import Client
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.redaction import Redactor
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.session import Session

sys.path.insert(0, str(Path(__file__).parents[1] / "simulator"))

from testing import KEY_ID, KEY_SECRET, Simulator, account, most_in_a_second

PROCESSES = 20
LIMIT = 100
# Fewer than the limit: some are asked again, and a refusal makes all wait.
QUESTIONS_A_SECOND = 60
TIMEOUT = 1.0
# Who is refused for good would leave the others more of the quota.
MAX_RETRIES = 10
# What a process may hold more of in the last quarter of its time than in the second, by the median: a flood is read
# up to its bound, and held for a moment. A burst of late answers brings a few more workers, which stay; what a leak
# of one for each lost connection brings is more in a run of ten minutes.
GROWTH = {"descriptors": 24, "threads": 24, "KiB": 6 * 1024}
FAULTS = [
    {"kind": "code", "code": "System.LimitControl", "retry_after": "50", "every": 97},
    {"kind": "code", "code": "InternalError", "every": 43},
    {"kind": "status", "status": 502, "body": "<html>Bad gateway</html>", "every": 37},
    {"kind": "close", "every": 31},
    {"kind": "close", "part": "body", "after": 20, "every": 41},
    {"kind": "reset", "every": 47},
    {"kind": "hang", "every": 151},
    {"kind": "drip", "part": "head", "interval_ms": 200, "every": 157},
    {"kind": "garbage", "every": 53},
    {"kind": "chunks", "broken": True, "every": 59},
    {"kind": "flood", "size": 20 << 20, "every": 499},
    {"kind": "headers", "padding": 100_000, "every": 61},
    {"kind": "stale", "every": 7},
    {"kind": "chunks", "every": 11},
    {"kind": "delay", "jitter_ms": 300, "every": 3},
]
NO_ANSWER = {"ConnectionLost", "TimedOut", "Unreachable"}


class Report(NamedTuple):
    """Of one process: samples of what it held, and for each sub-customer the end of every attempt, a code."""

    samples: list[dict[str, int]]
    attempts: dict[str, list[str]]


def held() -> dict[str, int]:
    """Return what this process holds now."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines())
    return {
        "descriptors": len(os.listdir("/proc/self/fd")),
        "threads": int(status["Threads"]),
        "KiB": int(status["VmRSS"].split()[0]),
    }


def soak(url: str, folder: str, space_ids: list[str]) -> Report:
    """Ask for each sub-customer, and sample meanwhile."""
    params = {name: option.get("default") for name, option in _options.argument_spec().items()}
    params |= {"endpoint": url, "ca_path": f"{folder}/authority.pem", "timeout": TIMEOUT, "max_retries": MAX_RETRIES}
    params |= {"access_key_id": KEY_ID, "access_key_secret": KEY_SECRET}
    params |= {"throttle_url": f"file://{folder}/throttle", "qps_limit": LIMIT, "throttle_max_wait": 3600.0}
    attempts: dict[str, list[str]] = {space_id: [] for space_id in space_ids}
    samples: list[dict[str, int]] = []
    ask_once = Client.ask

    def ask(client: Client, transport: object, parameters: dict[str, str]) -> object:
        ended = attempts[parameters["CustSpaceId"]]
        try:
            answer = ask_once(client, transport, parameters)
        except ChatappError as error:
            ended.append(error.code)
            raise
        ended.append("OK")
        return answer

    def sample() -> None:
        while True:
            samples.append(held())
            time.sleep(0.1)

    threading.Thread(target=sample, daemon=True).start()
    Client.ask = ask
    # A task alone has a connection for each slot of a second; so many of so many tasks would measure the machine.
    workers.MAX_WORKERS = 5
    Session(params, Redactor()).ask(QueryChatappPhoneNumbers(), space_ids)
    return Report(samples, attempts)


def grown(samples: list[dict[str, int]]) -> dict[str, int]:
    """Return how much more of each was held in the last quarter than in the second."""
    quarter = len(samples) // 4
    earlier, later = samples[quarter : 2 * quarter], samples[-quarter:]

    def median(part: list[dict[str, int]], name: str) -> int:
        return statistics.median_high(one[name] for one in part)

    return {name: median(later, name) - median(earlier, name) for name in GROWTH}


def unaccounted(reports: list[Report], log: list[dict]) -> list[str]:
    """Return a sentence for each sub-customer whose requests and attempts do not add up.

    Every request is an attempt's. An attempt without a request is one that lost its connection before it was read.
    """
    arrived = collections.Counter(entry["cust_space_id"] for entry in log)
    problems = []
    for space_id, codes in [item for report in reports for item in report.attempts.items()]:
        requests = arrived.pop(space_id, 0)
        lost = sum(code in NO_ANSWER for code in codes)
        if not len(codes) - lost <= requests <= len(codes):
            problems.append(f"{space_id}: {requests} requests in the log, attempts ended with {codes}")
    return problems + [f"{space_id}: nobody asked, and yet it is in the log" for space_id in arrived]


def run(seconds: float) -> list[str]:
    """Soak for about so long and print figures; return what is wrong."""
    share = max(1, round(seconds * QUESTIONS_A_SECOND / PROCESSES))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "throttle").mkdir(mode=0o700)
        authority = trustme.CA()
        certificate = authority.issue_cert("127.0.0.1")
        authority.cert_pem.write_to_path(str(folder / "authority.pem"))
        certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
        certificate.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
        customers = [{"generate": {"count": share * PROCESSES, "numbers": 20, "prefix": "cams-"}}]
        data = {"accounts": [account(sub_customers=customers)], "faults": FAULTS}
        tls = ["--cert", str(folder / "cert.pem"), "--key", str(folder / "key.pem")]
        with Simulator(data, "--qps", str(LIMIT), *tls) as simulator:
            space_ids = [f"cams-{place}" for place in range(1, share * PROCESSES + 1)]
            shares = [(simulator.url, name, space_ids[place::PROCESSES]) for place in range(PROCESSES)]
            # Else glibc learns from the first flood to keep as much memory for good, which looks like a leak.
            os.environ["MALLOC_MMAP_THRESHOLD_"] = "131072"
            with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
                reports = pool.starmap_async(soak, shares, chunksize=1).get(timeout=3 * seconds + 120)
            log = simulator.log()
    attempts = collections.Counter(code for report in reports for codes in report.attempts.values() for code in codes)
    print("attempts:", dict(attempts.most_common()), "requests:", len(log), "most in a second:", most_in_a_second(log))
    growths = [grown(report.samples) for report in reports]
    print("grown at most:", {name: max(growth[name] for growth in growths) for name in GROWTH}, "allowed:", GROWTH)
    problems = unaccounted(reports, log)
    leaking = [growth for growth in growths if any(growth[name] > GROWTH[name] for name in GROWTH)]
    problems += [f"a process holds more and more: {growth}" for growth in leaking]
    unread = sum("OK" not in codes for report in reports for codes in report.attempts.values())
    print("queries:", len(space_ids), "not read:", unread)
    unseen = {fault["kind"] for fault in FAULTS} - {entry["fault"] for entry in log}
    # The rarest of the faults comes once in 500 requests.
    return problems + [f"no request met the fault {kind}" for kind in unseen if len(log) > 2000]


if __name__ == "__main__":
    wrong = run(float(sys.argv[1]) if len(sys.argv) > 1 else 600.0)
    sys.exit("\n".join(wrong[:20]) or 0)
