# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure gathering against the schedule of the quota, as the simulator logged it: ``python tests/benchmarks/gathering.py``.

It prints tables of ratios, in about four minutes. It needs requests, trustme, ansible-core and the official SDK
(alibabacloud-cams20200606) beside the collection, and PyYAML for the simulator.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import trustme
from ansible_collections.alicloud.chatapp.plugins.module_utils import _options
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations.query_chatapp_phone_numbers import (
    QueryChatappPhoneNumbers,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import WINDOW, WINDOW_MARGIN
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.redaction import Redactor
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.session import Session

sys.path.insert(0, str(Path(__file__).parents[1] / "simulator"))

from testing import KEY_ID, KEY_SECRET, Simulator, account, most_in_a_second

MODULE = "alicloud.chatapp.alicloud_chatapp_phone_numbers_info"
ROW = "{:<58}{:>7}{:>12}{:>12}{:>9}{:>14}"
FOREIGN_CALLS_A_SECOND = 3


def customers(count: int) -> list[dict]:
    return [{"generate": {"count": count, "numbers": 2, "prefix": "cams-"}}]


def names(count: int) -> list[str]:
    return [f"cams-{place}" for place in range(1, count + 1)]


def row(what: str, log: list[dict], limit: int) -> None:
    """Print a line about the calls that the service answered, and how often it refused."""
    answered = [entry for entry in log if entry["code"] == "OK"]
    arrivals = sorted(entry["monotonic"] for entry in answered)
    took = arrivals[-1] - arrivals[0]
    windows = (len(arrivals) - 1) // limit
    refused = len(log) - len(answered)
    ideal, quota = windows * (WINDOW + WINDOW_MARGIN), windows * WINDOW
    print(
        ROW.format(what, len(arrivals), f"{took / ideal:.3f}", f"{took / quota:.3f}", refused, most_in_a_second(log)),
        flush=True,
    )


def certificates(folder: Path) -> list[str]:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    return ["--cert", str(folder / "cert.pem"), "--key", str(folder / "key.pem")]


def run_play(folder: Path, tasks: list[dict], hosts: int = 1, forks: int = 1) -> float:
    """Run the tasks on so many hosts, all of them this machine; return the seconds that it took."""
    inventory = {"all": {"hosts": {f"host{number}": {"number": number} for number in range(hosts)}}}
    variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    inventory["all"]["vars"] = variables
    (folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
    play = [{"name": "Benchmark", "hosts": "all", "gather_facts": False, "strategy": "free", "tasks": tasks}]
    (folder / "play.json").write_text(json.dumps(play), encoding="utf-8")
    command = [sys.executable, "-m", "ansible.cli.playbook", "--forks", str(forks), "-i", "inventory.json", "play.json"]
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": os.environ["PYTHONPATH"],
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY_SECRET,
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
        "ALICLOUD_CHATAPP_THROTTLE_URL": f"file://{folder}",
    }
    started = time.monotonic()
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    if result.returncode:
        sys.exit(result.stdout[-3000:] + result.stderr[-1000:])
    return time.monotonic() - started


def play_of_many_hosts(what: str, hosts: int = 40, tls: bool = False, **options: object) -> None:
    """Hosts with 20 forks and five sub-customers each, against a quota of 10 a second."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        secured = certificates(folder) if tls else []
        with Simulator({"accounts": [account(sub_customers=customers(200))]}, *secured) as simulator:
            module = {"endpoint": simulator.url, "max_retries": 20, **options}
            module["cust_space_ids"] = (
                "{{ range(number * 5 + 1, number * 5 + 6) | map('regex_replace', '^', 'cams-') }}"
            )
            if tls:
                module["ca_path"] = str(folder / "authority.pem")
            run_play(folder, [{"name": "Gather", MODULE: module}], hosts=hosts, forks=20)
            row(what, simulator.log(), 10)


def one_task(
    what: str, count: int, limit: int, latency: int, connect: int = 0, push_back: bool = True, foreign: bool = False
) -> None:
    """So many sub-customers by one session, as one task has it."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        options = ["--qps", str(limit), "--latency-ms", str(latency)]
        params = {name: option.get("default") for name, option in _options.argument_spec().items()}
        params |= {"access_key_id": KEY_ID, "access_key_secret": KEY_SECRET}
        params |= {"throttle_url": folder.as_uri(), "qps_limit": limit, "max_retries": 20}
        if connect:
            options += [*certificates(folder), "--connect-ms", str(connect)]
            params["ca_path"] = str(folder / "authority.pem")
        simulator = stack.enter_context(Simulator({"accounts": [account(sub_customers=customers(count))]}, *options))
        session, operation = Session({**params, "endpoint": simulator.url}, Redactor()), QueryChatappPhoneNumbers()
        if not push_back:
            _client, throttle = session._route(operation)
            throttle.push_back = lambda seconds: None
        if foreign:
            stack.enter_context(foreign_client(simulator.url))
        queries = session.ask(operation, names(count))
        failed = [query.error.sentence() for query in queries if query.error]
        if failed:
            sys.exit(failed[0])
        row(what, [entry for entry in simulator.log() if entry["cust_space_id"]], limit)


@contextlib.contextmanager
def foreign_client(url: str):
    """Somebody who knows nothing of the throttle and asks for the account's own numbers, a few times a second."""
    script = f"""
import sys, time
from alibabacloud_cams20200606.client import Client
from alibabacloud_cams20200606.models import QueryChatappPhoneNumbersRequest
from alibabacloud_tea_openapi.models import Config
client = Client(Config(access_key_id={KEY_ID!r}, access_key_secret={KEY_SECRET!r}, endpoint={url[7:]!r}, protocol="http"))
print("ready", flush=True)
end = time.monotonic() + 60
while time.monotonic() < end:
    try:
        client.query_chatapp_phone_numbers(QueryChatappPhoneNumbersRequest())
    except Exception:
        pass
    time.sleep(1 / {FOREIGN_CALLS_A_SECOND})
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield
        process.kill()


def others(latency: int) -> None:
    """The same work as a task loop, and by the official SDK in a loop: calls a second of each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = {"accounts": [account(sub_customers=customers(1000))]}
        with Simulator(data, "--qps", "100", "--latency-ms", str(latency)) as simulator:
            module = {"endpoint": simulator.url, "qps_limit": 100, "cust_space_ids": "cams-{{ item }}"}
            task = {"name": "Gather", MODULE: module, "loop": "{{ range(1, 31) | list }}"}
            run_play(folder, [task])
            log = simulator.log()
            seconds = log[-1]["monotonic"] - log[0]["monotonic"]
            print(f"{f'30 items of a task loop, {latency} ms latency':<58}{29 / seconds:>7.1f} calls a second")
            script = f"""
from alibabacloud_cams20200606.client import Client
from alibabacloud_cams20200606.models import QueryChatappPhoneNumbersRequest
from alibabacloud_tea_openapi.models import Config
client = Client(Config(access_key_id={KEY_ID!r}, access_key_secret={KEY_SECRET!r}, endpoint={simulator.url[7:]!r}, protocol="http"))
for place in range(1, 31):
    client.query_chatapp_phone_numbers(QueryChatappPhoneNumbersRequest(cust_space_id=f"cams-{{place}}"))
"""
            subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
            log = simulator.log()[len(log) :]
            seconds = log[-1]["monotonic"] - log[0]["monotonic"]
            print(
                f"{f'30 calls of the official SDK in a loop, {latency} ms latency':<58}{29 / seconds:>7.1f} calls a second",
                flush=True,
            )


def main() -> None:
    print(ROW.format("gathering", "calls", "time/ideal", "time/quota", "refused", "most in 1 s"))
    play_of_many_hosts("a play: 40 hosts, 20 forks, 5 sub-customers each, HTTP")
    play_of_many_hosts("the same over TLS", tls=True)
    play_of_many_hosts("10 such hosts, HTTP, qps_limit 1000: retries alone", hosts=10, qps_limit=1000)
    one_task("100 sub-customers, a stranger takes 3 a second of the 10", 100, 10, 10, foreign=True)
    one_task("the same without push_back", 100, 10, 10, foreign=True, push_back=False)
    for latency in (10, 300, 2000):
        one_task(f"1,000 sub-customers in one task at 100/s, {latency} ms latency", 1000, 100, latency)
    one_task("the same, 10 ms latency, 500 ms for each connection (TLS)", 1000, 100, 10, connect=500)
    for latency in (10, 300):
        others(latency)


if __name__ == "__main__":
    main()
