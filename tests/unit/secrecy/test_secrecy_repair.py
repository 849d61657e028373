# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""However a repair ends, nothing that Ansible shows, logs or writes holds the query string of a URL."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from leaks import leaks
from secrecy_cases import SECRETS
from simulator.testing import Simulator, account

pytestmark = pytest.mark.long

TOKENS = {"read": "qF8sLw3Zx6vTb1Yn", "desired": "mK2pRj9Ud4hGc7Ae", "of another number": "yB5tHe0Wk3nVo8Si"}
SECRET = "SecretOfTheAccountThatRepairs"
NUMBERS = ("8613800000001", "8613800000002")


def url(name, scheme="https"):
    return f"{scheme}://hooks.example.com/in?token={TOKENS[name]}#{TOKENS[name]}"


# How the account writes, what the role is told, and what becomes of each number.
CASES = {
    "planned": ({}, {}, ["would", "would"]),
    "too-many": ({}, {"drift_check_max_changes": 1}, ["no", "no"]),
    "not-https": ({}, {"drift_check_desired": "http"}, ["no", "no"]),
    "done": ({}, {}, ["yes", "yes"]),
    "not-done": ({"answer": "ok_but_not_done"}, {}, ["unknown", "unknown"]),
    "an-error": ({"answer": "error_but_done", "shown_after": 60}, {}, ["unknown", "unknown"]),
    "refused": ({"refused_numbers": [NUMBERS[1]]}, {}, ["yes", "no"]),
    "another-writer": ({"other_writer": {"UpCallbackUrl": url("of another number")}}, {}, ["unknown", "unknown"]),
}


def desired(scheme):
    numbers = [{"phone_number": number, "up_callback_url": url("desired", scheme)} for number in NUMBERS]
    return {"spaces": [{"cust_space_id": "cams-1", "phone_numbers": numbers}]}


def task(name, sinks):
    _writing, variables, _outcomes = CASES[name]
    reports = {f"drift_check_report_{kind}": str(sinks / f"{name}.{kind}") for kind in ("json", "junit", "markdown")}
    repair = {
        "name": f"Repair, {name}",
        "ansible.builtin.include_role": {"name": "alicloud.chatapp.drift_check", "tasks_from": "repair"},
        "vars": {
            "drift_check_http": True,
            "drift_check_queue": False,
            "drift_check_verify_seconds": 1,
            **reports,
            **variables,
            "drift_check_desired": desired(variables.get("drift_check_desired", "https")),
        },
    }
    note = {
        "name": f"Note the outcomes, {name}",
        "ansible.builtin.set_fact": {
            "outcomes": "{{ outcomes | default({}) | combine({'%s': drift_check_report.repairs | map(attribute='repaired')}) }}"
            % name
        },
    }
    return {
        "name": f"A case, {name}",
        "block": [repair],
        "rescue": [{"name": f"It failed, {name}", "ansible.builtin.debug": {"var": "ansible_failed_result"}}],
        "always": [note],
        "module_defaults": {
            "group/alicloud.chatapp.all": {"access_key_id": f"LTAI5t-{name}", "access_key_secret": SECRET}
        },
    }


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "for good"])
def test_nothing_leaves_a_repair(check_mode, surroundings, tmp_path):
    sinks, environment = surroundings
    chosen = [name for name in CASES if (name == "planned") == check_mode]
    rows = [{"PhoneNumber": number, "UpCallbackUrl": url("read")} for number in NUMBERS]
    rows.append({"PhoneNumber": "8613800000003", "StatusCallbackUrl": url("of another number")})
    accounts = [
        account(
            name=name,
            keys=[{"id": f"LTAI5t-{name}", "secret": SECRET}],
            sub_customers=[{"cust_space_id": "cams-1", "phone_numbers": rows}],
            writing=CASES[name][0],
        )
        for name in chosen
    ]
    keep = {
        "name": "Keep the outcomes",
        "check_mode": False,
        "ansible.builtin.copy": {
            "content": "{{ outcomes | to_json }}",
            "dest": str(sinks / "outcomes"),
            "mode": "0600",
        },
    }
    play = {
        "name": "Every way to end",
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": [*(task(name, sinks) for name in chosen), keep],
    }
    (tmp_path / "play.json").write_text(json.dumps([play]))
    with Simulator({"accounts": accounts}, "--qps", "unlimited") as simulator:
        environment.update(
            ALICLOUD_CHATAPP_ENDPOINT=simulator.url,
            ALICLOUD_CHATAPP_QPS_LIMIT="1000",
            ALICLOUD_CHATAPP_THROTTLE_URL=sinks.as_uri(),
            ANSIBLE_COLLECTIONS_PATH=os.environ["PYTHONPATH"].split(os.pathsep)[0],
            ANSIBLE_CALLBACKS_ENABLED="ansible.builtin.junit",
            ANSIBLE_DISPLAY_TRACEBACK="always",
            ANSIBLE_LOCALHOST_WARNING="false",
            ANSIBLE_LOG_PATH=str(sinks / "log"),
            ANSIBLE_LOCAL_TEMP=str(sinks / "local"),
            ANSIBLE_REMOTE_TEMP=str(sinks / "remote"),
            JUNIT_OUTPUT_DIR=str(sinks / "junit"),
        )
        command = [sys.executable, "-m", "ansible", "playbook", "-vvvvv", "--diff", str(tmp_path / "play.json")]
        command += ["--check"] if check_mode else []
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout[-3000:]
        written = {entry["account"] for entry in simulator.log() if entry["write"]}
    assert json.loads((sinks / "outcomes").read_text()) == {name: CASES[name][2] for name in chosen}
    assert written == set(chosen) - {"planned", "too-many", "not-https"}
    left = {path.name: path.read_bytes() for path in sinks.rglob("*") if path.is_file()}
    for sink in ("syslog", "log", *(f"{name}.{kind}" for name in chosen for kind in ("json", "junit", "markdown"))):
        assert left[sink], sink
    left |= {"output": ended.stdout, "errors": ended.stderr}
    known = {**SECRETS, **TOKENS, "key of the account": SECRET}
    assert {sink: leaks(text, known) for sink, text in left.items()} == dict.fromkeys(left, [])
