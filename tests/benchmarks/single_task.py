# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure one task of the module against its peers: ``python tests/benchmarks/single_task.py``.

One play runs them in turn, all against the simulator, and Ansible's own events say how long each took. It fails where
the module costs more than it may. It takes about a minute, and needs ansible-runner, requests and the official SDK
(alibabacloud-cams20200606) beside the collection, and PyYAML for the simulator.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

import ansible_runner

sys.path.insert(0, str(Path(__file__).parents[1] / "simulator"))

from testing import KEY_ID, KEY_SECRET, Simulator, account

MODULE = "alicloud.chatapp.alicloud_chatapp_phone_numbers_info"
TURNS = 15
# What a task of the module may cost, beside one of each of these.
ALLOWED = {"ansible.builtin.uri": 1.10, "official_sdk_info": 0.70}
ROW = "{:<60}{:>10}{:>14}"


def tasks(url: str) -> dict[str, dict]:
    key = {"access_key_id": KEY_ID, "access_key_secret": KEY_SECRET}
    return {
        MODULE: {"endpoint": url, **key},
        # The service refuses it, being unsigned: a GET and an answer all the same.
        "ansible.builtin.uri": {"url": url, "status_code": 400},
        "official_sdk_info": {"endpoint": url.removeprefix("http://"), **key},
        "ansible.builtin.ping": {},
    }


def seconds(folder: Path) -> dict[str, float]:
    """Return the median of what a task of each module takes, by the module's name."""
    variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    settings = {
        "ANSIBLE_COLLECTIONS_PATH": os.environ["PYTHONPATH"],
        "ANSIBLE_LIBRARY": str(Path(__file__).with_name("library")),
        "ALICLOUD_CHATAPP_THROTTLE_URL": folder.as_uri(),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    with Simulator({"accounts": [account()]}) as simulator:
        turn = [{"name": name, name: options} for name, options in tasks(simulator.url).items()]
        run = ansible_runner.run(
            private_data_dir=str(folder),
            inventory={"all": {"hosts": {"localhost": variables}}},
            playbook=[{"name": "Benchmark", "hosts": "all", "gather_facts": False, "tasks": turn * TURNS}],
            envvars=settings,
            quiet=True,
        )
        ends = [event["event_data"] for event in run.events if event["event"] == "runner_on_ok"]
        if run.status != "successful" or len(ends) != len(turn) * TURNS:
            sys.exit(run.stdout.read()[-3000:])
    durations = {name: [end["duration"] for end in ends if end["task"] == name] for name in tasks("")}
    return {name: statistics.median(durations[name]) for name in durations}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        medians = seconds(Path(name))
    print(ROW.format(f"one task, median of {TURNS}, in turn", "ms", "the module's"))
    ratios = {name: medians[MODULE] / median for name, median in medians.items()}
    for name, ratio in ratios.items():
        print(ROW.format(name, f"{medians[name] * 1000:.0f}", f"{ratio:.2f}"))
    dear = [f"Of {name}'s it may be {most:.2f} at most." for name, most in ALLOWED.items() if ratios[name] > most]
    sys.exit("\n".join(dear) or 0)


if __name__ == "__main__":
    main()
