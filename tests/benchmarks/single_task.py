# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure one task of the module against its peers: ``python tests/benchmarks/single_task.py``.

Whole plays run in turn, all against the simulator, and the system says how much processor time, of the user and of the
system, each took. It fails where the module costs more than it may. It takes some two minutes, and needs ansible-core,
requests and the official SDK (alibabacloud-cams20200606) beside the collection, and PyYAML for the simulator.

About half of what a task costs beyond one of ``ping`` is the import of requests, the other half that of our own files:
Ansible sends them in a zip file, and from Python 3.10 on ``zipimport`` compiles each file in it twice, since
``find_spec`` asks ``get_filename``, which compiles it to know its name. The SDK and requests have their bytecode.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "simulator"))

from testing import KEY_ID, KEY_SECRET, Simulator, account

MODULE = "alicloud.chatapp.alicloud_chatapp_phone_numbers_info"
TURNS = 9
# In each play, so that its own start counts for little.
TASKS = 5
# What a play of the module may cost, beside one of each of these.
ALLOWED = {"ansible.builtin.uri": 1.25, "official_sdk_info": 0.75}
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


def processor_time(playbook: Path) -> float:
    """Return the seconds of processor time that a play takes, with those of all its processes."""
    command = [sys.executable, "-m", "ansible", "playbook", "--inventory=localhost,", str(playbook)]
    variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    settings = {
        "ANSIBLE_COLLECTIONS_PATH": os.environ["PYTHONPATH"],
        "ANSIBLE_LIBRARY": str(Path(__file__).with_name("library")),
        "ANSIBLE_HOME": str(playbook.parent / "home"),
        "ALICLOUD_CHATAPP_THROTTLE_URL": playbook.parent.as_uri(),
    }
    with tempfile.TemporaryFile() as output:
        play = subprocess.Popen(
            [*command, "--extra-vars", json.dumps(variables)],
            env={**os.environ, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _pid, status, usage = os.wait4(play.pid, 0)
        play.returncode = os.waitstatus_to_exitcode(status)
        if play.returncode:
            output.seek(0)
            sys.exit(output.read().decode()[-3000:])
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Simulator({"accounts": [account()]}) as simulator:
        times: dict[str, list[float]] = {}
        for name, options in tasks(simulator.url).items():
            play = {"name": "Benchmark", "hosts": "all", "gather_facts": False}
            play["tasks"] = [{"name": name, name: options}] * TASKS
            Path(folder, f"{name}.json").write_text(json.dumps([play]), encoding="utf-8")
            times[name] = []
        # Once before anything counts: what is compiled once is compiled then.
        for turn in range(-1, TURNS):
            for name, taken in times.items():
                spent = processor_time(Path(folder, f"{name}.json"))
                taken += [spent] if turn >= 0 else []
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    print(ROW.format(f"a play of {TASKS} tasks, median of {TURNS}, in turn", "CPU, ms", "the module's"))
    ratios = {name: medians[MODULE] / median for name, median in medians.items()}
    for name, ratio in ratios.items():
        print(ROW.format(name, f"{medians[name] * 1000:.0f}", f"{ratio:.2f}"))
    dear = [f"Of {name}'s it may be {most:.2f} at most." for name, most in ALLOWED.items() if ratios[name] > most]
    sys.exit("\n".join(dear) or 0)


if __name__ == "__main__":
    main()
