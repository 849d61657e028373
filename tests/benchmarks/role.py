# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the role at 100, 1,000 and 5,000 sub-customers, 5 numbers each: ``python tests/benchmarks/role.py``.

All processes of a play count together, those of the simulator do not, and the quota is off. The module in a loop over
batches, its results registered and never looked at, is what the role is compared with. It fails where the role costs
more than it may. It takes about two minutes, on Linux, and needs ansible-core and requests beside the collection, and
PyYAML for the simulator.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "simulator"))

from testing import KEY_ID, KEY_SECRET, Simulator, account

MODULE = "alicloud.chatapp.alicloud_chatapp_phone_numbers_info"
COUNTS = (100, 1000, 5000)
NUMBERS = 5
ROW = "{:<16}{:>8}{:>12}{:>14}{:>10}{:>14}"
# What the role may cost at the most sub-customers: CPU beside that of the module alone, and MiB.
ALLOWED_CPU, ALLOWED_MEMORY = 2.5, 600


class Cost(NamedTuple):
    """Seconds of CPU, and MiB at the worst moment, of all processes together."""

    cpu: float
    memory: float


def processes_of(root: int) -> Iterator[int]:
    """Give the process and its descendants."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(folder.name))
    found = [root]
    for process in found:
        found += children.get(process, [])
        yield process


def memory_of(root: int) -> float:
    """Return the MiB of a process and its descendants; what they share counts once."""
    total = 0
    for process in processes_of(root):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024


def run(folder: Path, *arguments: str) -> Cost:
    """Run ansible-playbook to its end."""
    settings = {
        "ANSIBLE_COLLECTIONS_PATH": os.environ["PYTHONPATH"],
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY_SECRET,
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
        "ALICLOUD_CHATAPP_QPS_LIMIT": "1000",
        "ALICLOUD_CHATAPP_THROTTLE_URL": folder.as_uri(),
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with (folder / "said").open("w") as said:
        command = [sys.executable, "-m", "ansible", "playbook", *arguments]
        # -m ansible starts a process, and is then replaced by it.
        play = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **settings}, stdout=said, stderr=subprocess.STDOUT
        )
        memory = 0.0
        while play.poll() is None:
            memory = max(memory, memory_of(play.pid))
            time.sleep(0.1)
    if play.returncode:
        sys.exit((folder / "said").read_text()[-3000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, memory)


def module_alone(folder: Path) -> Cost:
    gather = {
        "name": "Gather",
        MODULE: {"cust_space_ids": "{{ batch }}"},
        "no_log": True,
        "register": "gathered",
        "loop": "{{ drift_check_cust_space_ids | batch(500) | list }}",
        "loop_control": {"loop_var": "batch"},
    }
    play = {"name": "Benchmark", "hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [gather]}
    play["vars"] = {"ansible_python_interpreter": sys.executable}
    (folder / "module.json").write_text(json.dumps([play]), encoding="utf-8")
    return run(folder, "module.json", "-e", "@snapshot.json")


def measure(count: int) -> list[tuple[str, Cost]]:
    """Return what each play cost with so many sub-customers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = {
            "accounts": [account(sub_customers=[{"generate": {"count": count, "numbers": NUMBERS, "prefix": "c-"}}])]
        }
        reports = {f"drift_check_report_{kind}": f"report.{kind}" for kind in ("json", "junit", "markdown")}
        snapshot = {"drift_check_cust_space_ids": [f"c-{number}" for number in range(1, count + 1)]}
        (folder / "snapshot.json").write_text(json.dumps(snapshot), encoding="utf-8")
        (folder / "check.json").write_text(json.dumps({**reports, "drift_check_desired_files": "desired.yml"}))
        with Simulator(data, "--qps", "unlimited") as simulator:
            os.environ["ALICLOUD_CHATAPP_ENDPOINT"] = simulator.url
            return [
                ("module alone", module_alone(folder)),
                ("snapshot", run(folder, "alicloud.chatapp.snapshot", "-e", "@snapshot.json")),
                ("drift_check", run(folder, "alicloud.chatapp.drift_check", "-e", "@check.json")),
            ]


def main() -> None:
    print(ROW.format("role", "count", "CPU s", "the module's", "MiB", "ms a customer"))
    dear = []
    for count in COUNTS:
        costs = measure(count)
        alone = costs[0][1].cpu
        for what, cost in costs:
            ratio = cost.cpu / alone
            print(
                ROW.format(
                    what,
                    count,
                    f"{cost.cpu:.1f}",
                    f"{ratio:.2f}",
                    f"{cost.memory:.0f}",
                    f"{cost.cpu / count * 1000:.1f}",
                ),
                flush=True,
            )
            if count == COUNTS[-1] and (ratio > ALLOWED_CPU or cost.memory > ALLOWED_MEMORY):
                dear.append(f"{what}: {ALLOWED_CPU} of the module's CPU and {ALLOWED_MEMORY} MiB are allowed.")
    sys.exit("\n".join(dear) or 0)


if __name__ == "__main__":
    main()
