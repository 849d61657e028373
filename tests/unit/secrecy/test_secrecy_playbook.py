# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""However the tasks of a play end, nothing that Ansible shows, logs or writes holds a part of a secret.

At a desk a few cases are played, with CHATAPP_TEST_SCALE=full all of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import ansible_runner
import pytest
from leaks import leaks
from secrecy_cases import ENVIRONMENT, OPTIONS, SECRETS, cases

MODULE = "alicloud.chatapp.alicloud_chatapp_phone_numbers_info"
DESK = (
    "success",
    "a message that quotes",
    "a warning that quotes",
    "a signature that does not match",
    "a Redis that quotes",
    "an exception in _session.client:classified",
)
CHOSEN = cases("", "", 0, "") if os.environ.get("CHATAPP_TEST_SCALE") == "full" else DESK

pytestmark = [pytest.mark.scaled, pytest.mark.long]


def play(chosen, sinks):
    """Return a play of the chosen cases whose secrets are variables, and that notes each case's code in a file."""
    tasks = [
        {
            "name": name,
            MODULE: {option: f"{{{{ cases['{name}'].options['{option}'] }}}}" for option in options},
            "environment": {"SECRECY_INJECT": case.inject},
            "ignore_errors": True,
            "register": f"case_{number}",
        }
        for number, (name, case) in enumerate(chosen.items())
        for options in [{key: value for key, value in case.options.items() if value is not None}]
    ]
    for task, case in zip(tasks, chosen.values()):
        if None in case.options.values():
            # Without the pair that the other cases have as a default.
            task["module_defaults"] = {"group/alicloud.chatapp.all": "{{ without_pair }}"}
    codes = ", ".join(
        f"'{name}': case_{number}.code | default(case_{number} is failed)" for number, name in enumerate(chosen)
    )
    note = {
        "name": "Note the codes",
        "ansible.builtin.copy": {
            "content": f"{{{{ {{{codes}}} | to_json }}}}",
            "dest": str(sinks / "codes"),
            "mode": "0600",
        },
    }
    reports = {f"drift_check_report_{kind}": str(sinks / f"report.{kind}") for kind in ("json", "junit", "markdown")}
    report = {
        "name": "Report",
        "ansible.builtin.include_role": {"name": "alicloud.chatapp.drift_check"},
        "vars": {
            "drift_check_desired": {"spaces": [{"cust_space_id": "cams-quote", "phone_numbers": []}]},
            "drift_check_on_unreadable": "warn",
            **reports,
        },
    }
    return [
        {
            "name": "Every way to end",
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
            "module_defaults": {"group/alicloud.chatapp.all": "{{ defaults }}"},
            "tasks": [*tasks, note, report],
        }
    ]


@pytest.fixture(name="prepared", params=["options", "environment"])
def fixture_prepared(request, all_cases, surroundings, tmp_path):
    """A playbook, a file with its variables, and the environment in which every sink is on."""
    url, table = all_cases
    sinks, environment = surroundings
    chosen = {name: table[name] for name in CHOSEN}
    throttle = tmp_path / "throttle"
    throttle.mkdir(mode=0o700)
    common = {"throttle_url": throttle.as_uri(), "max_retries": 0, "endpoint": url}
    given = OPTIONS if request.param == "options" else {}
    variables = {
        "cases": {name: {"options": case.options} for name, case in chosen.items()},
        "defaults": {**common, **given},
        "without_pair": {**common, **{name: value for name, value in given.items() if name == "isv_code"}},
    }
    (tmp_path / "playbook.json").write_text(json.dumps(play(chosen, sinks)))
    (tmp_path / "variables.json").write_text(json.dumps(variables))
    environment.update(
        {} if given else ENVIRONMENT,
        ANSIBLE_COLLECTIONS_PATH=os.environ.get("ANSIBLE_COLLECTIONS_PATH")
        or os.environ["PYTHONPATH"].split(os.pathsep)[0],
        ANSIBLE_CALLBACKS_ENABLED="ansible.builtin.junit",
        ANSIBLE_DISPLAY_TRACEBACK="always",
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_LOG_PATH=str(sinks / "log"),
        ANSIBLE_LOCAL_TEMP=str(sinks / "local"),
        ANSIBLE_REMOTE_TEMP=str(sinks / "remote"),
        JUNIT_OUTPUT_DIR=str(sinks / "junit"),
    )
    return (
        sinks,
        environment,
        {name: False if case.code == "OK" else case.code for name, case in chosen.items()},
        throttle,
    )


def check(sinks, throttle, codes, *outputs):
    """Every case ended as it should, every sink has something in it, and no secret is in any of them."""
    assert json.loads((sinks / "codes").read_text()) == codes
    files = {
        str(path): path.read_bytes() for folder in (sinks, throttle) for path in folder.rglob("*") if path.is_file()
    }
    for sink in ("syslog", "log", "junit", "report.json", "report.junit", "report.markdown"):
        assert any(str(sinks / sink) in path and content for path, content in files.items()), sink
    assert any(path.startswith(str(throttle)) for path in files)
    left = {**files, **{f"output {number}": output for number, output in enumerate(outputs)}}
    assert {sink: leaks(content, SECRETS) for sink, content in left.items()} == dict.fromkeys(left, [])


def test_nothing_leaves_a_playbook(prepared, tmp_path):
    sinks, environment, codes, throttle = prepared
    command = [
        sys.executable,
        "-m",
        "ansible",
        "playbook",
        "-vvvvv",
        "-e",
        f"@{tmp_path}/variables.json",
        f"{tmp_path}/playbook.json",
    ]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-3000:]
    check(sinks, throttle, codes, ended.stdout, ended.stderr)


@pytest.mark.full
def test_nothing_leaves_a_runner(prepared, tmp_path, monkeypatch):
    sinks, environment, codes, throttle = prepared
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in {
        **environment,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}",
    }.items():
        monkeypatch.setenv(name, value)
    ended = ansible_runner.run(
        private_data_dir=str(tmp_path),
        artifact_dir=str(sinks / "artifacts"),
        playbook=str(tmp_path / "playbook.json"),
        cmdline=f"-e @{tmp_path}/variables.json",
        verbosity=5,
        quiet=True,
    )
    assert ended.rc == 0
    # Runner's own record of its whole environment, of which the guide warns.
    next((sinks / "artifacts").glob("*/command")).unlink()
    assert len(list((sinks / "artifacts").rglob("job_events/*.json"))) > len(codes)
    check(sinks, throttle, codes)
