# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role's action makes of Ansible: its variables, its connection, its vault, its command line and its time limit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

sys.path.insert(0, str(Path(__file__).parents[3]))

from simulator.testing import KEY_ID, KEY_SECRET, Simulator, account

CUSTOMERS = [
    {"cust_space_id": "cams-alpha", "phone_numbers": [{"PhoneNumber": "1", "Status": "CONNECTED"}]},
    {"cust_space_id": "cams-beta", "phone_numbers": []},
    {
        "cust_space_id": "cams-token",
        "phone_numbers": [
            {"PhoneNumber": "2", "Status": "BANNED", "StatusCallbackUrl": "https://h.example.com/?t=T0K3N"}
        ],
    },
]
NOTHING = {"spaces": [{"cust_space_id": "cams-beta", "phone_numbers": []}]}
HANGS = [{"kind": "hang", "cust_space_id": "cams-beta"}]


@pytest.fixture(scope="module")
def simulator():
    with Simulator({"accounts": [account(sub_customers=CUSTOMERS)]}) as running:
        yield running


class Play:
    """Runs plays in a folder of their own; ``said`` is what the last one said."""

    def __init__(self, folder: Path, simulator: Simulator) -> None:
        self.folder = folder
        self.said = self.errors = ""
        self.environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": os.environ["PYTHONPATH"].split(os.pathsep)[0],
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
            "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY_SECRET,
            "ALICLOUD_CHATAPP_ENDPOINT": simulator.url,
            "ALICLOUD_CHATAPP_QPS_LIMIT": "1000",
            "ALICLOUD_CHATAPP_THROTTLE_URL": folder.as_uri(),
        }

    def ansible(self, *command: str, **environment: str) -> int:
        ended = subprocess.run(
            [sys.executable, "-m", "ansible", *command],
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        self.said, self.errors = ended.stdout, ended.stderr
        return ended.returncode

    def check(
        self,
        *options: str,
        task: dict | None = None,
        play: dict | None = None,
        action: tuple[str, str] = ("drift_check", "main"),
        **variables: object,
    ) -> dict:
        """Run an action by its entry point with these variables; return its result."""
        name, entry_point = action
        checked = {f"alicloud.chatapp.{name}": {"entry_point": entry_point}, "register": "r", "ignore_errors": True}
        keep = {
            "check_mode": False,
            "ansible.builtin.copy": {
                "content": "{{ r | to_json }}",
                "dest": str(self.folder / "result"),
                "mode": "0600",
            },
        }
        made = {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars": {
                "ansible_python_interpreter": sys.executable,
                **{f"drift_check_{name}": value for name, value in variables.items()},
            },
            "tasks": [{**checked, **(task or {})}, keep],
            **(play or {}),
        }
        (self.folder / "play.json").write_text(json.dumps([made]))
        assert self.ansible("playbook", "play.json", *options) == 0, self.said
        return json.loads((self.folder / "result").read_text())


@pytest.fixture
def run(simulator, tmp_path):
    simulator.set_faults([])
    return Play(tmp_path, simulator)


def test_what_module_defaults_say_counts_but_not_what_the_role_asks_for(run):
    defaults = {
        "group/alicloud.chatapp.all": {"timeout": 7, "status": "BANNED", "cust_space_ids": "cams-beta"},
        "alicloud.chatapp.alicloud_chatapp_phone_numbers_info": {
            "cust_space_id": ["cams-beta"],
            "profile": "{{ nothing | default(omit) }}",
            "fail_on_unreadable": False,
            "validate_certs": False,
        },
    }
    desired = {
        "spaces": [{"cust_space_id": "cams-alpha", "phone_numbers": [{"phone_number": "1"}]}, *NOTHING["spaces"]]
    }
    result = run.check(play={"module_defaults": defaults}, desired=desired, batch_size="1")
    assert result["status"] == "in_sync", result["verdict"]
    assert [row["cust_space_id"] for row in result["rows"]] == ["cams-alpha", "cams-beta"]
    # The warning of validate_certs, once for both batches; and how far it is.
    assert (run.said + run.errors).count("validate_certs is off") == 1
    assert "1/2 sub-customers\n" in run.errors
    assert "2/2 sub-customers\n" in run.errors
    assert "sub-customers" not in run.said  # a machine may read it


def test_a_connection_that_fails_is_a_cause(run):
    result = run.check(
        play={"environment": {}}, desired=NOTHING, task={"vars": {"ansible_remote_tmp": "/proc/nowhere"}}
    )
    assert result["status"] == "error"
    assert "/proc/nowhere" in result["verdict"][0]
    assert not result["failed"]


def test_what_nobody_expected_shows_its_kind_alone(run):
    result = run.check(task={"alicloud.chatapp.drift_check": {"entry_point": "s3cret"}})
    assert result["failed"]
    assert result["msg"] == "An unexpected KeyError occurred."


def test_a_time_limit_ends_the_gathering_and_not_the_check(run, simulator):
    simulator.set_faults(HANGS)
    desired = {
        "spaces": [{"cust_space_id": "cams-alpha", "phone_numbers": [{"phone_number": "1"}]}, *NOTHING["spaces"]]
    }
    result = run.check(desired=desired, batch_size=1, report_json="r.json", task={"timeout": 5})
    assert [row["kind"] for row in result["rows"]] == ["in_sync", "unreadable"]
    assert "time limit" in result["verdict"][0]
    assert json.loads((run.folder / "r.json").read_text())["rows"] == result["rows"]


def test_a_module_that_fails_is_compared_with_what_it_read(run):
    result = run.check(desired={"spaces": [*NOTHING["spaces"], {"cust_space_id": "nobody's", "phone_numbers": []}]})
    assert [row["kind"] for row in result["rows"]] == ["in_sync", "unreadable"]
    assert "Unknown.ResourceOwnerId" in result["verdict"][0]


@pytest.mark.parametrize("place", ["desired", "file"])
def test_vaulted_text_is_compared_and_never_shown(run, place):
    (run.folder / "password").write_text("password of the tests")
    vault = ("--vault-password-file", "password")
    assert run.ansible("vault", "encrypt_string", *vault, "SecretOfTheVault") == 0
    armoured = run.said[run.said.index("!vault") :].replace("\n", "\n          ")
    state = f"spaces:\n  - cust_space_id: cams-alpha\n    phone_numbers:\n      - phone_number: 1\n        status: {armoured}\n"
    variables = {}
    if place == "file":
        (run.folder / "own.yml").write_text(state)
        variables["desired_files"] = "own.yml"
    else:
        indented = state.replace("\n", "\n  ")
        (run.folder / "vars.yml").write_text(f"drift_check_desired:\n  {indented}")
    options = [] if place == "file" else ["-e", "@vars.yml"]
    result = run.check(*vault, *options, **variables)
    assert [row["field"] for row in result["rows"]] == ["status"]
    assert "SecretOfTheVault" not in run.said + run.errors + json.dumps(result)
    if place == "file":
        result = run.check(**variables)
        assert result["msg"].startswith(
            "own.yml: spaces[0].phone_numbers[0].status: is vaulted and cannot be decrypted"
        )
        (run.folder / "own.yml").write_text("spaces: [{phone_numbers: [{phone_number: 1, status: !vault nothing}]}]")
        assert "is vaulted and cannot be decrypted" in run.check(*vault, **variables)["msg"]


def test_an_encrypted_file_is_read_with_the_password_alone(run):
    (run.folder / "password").write_text("password of the tests")
    vault = ("--vault-password-file", "password")
    (run.folder / "own.json").write_text(json.dumps(NOTHING))
    assert run.ansible("vault", "encrypt", *vault, "own.json") == 0
    assert run.check(*vault, desired_files=["own.*"])["status"] == "in_sync"
    refused = run.check(desired_files=["own.*"])
    assert refused["msg"] == "own.json: is encrypted and cannot be decrypted; give the password of its vault."


def test_a_file_that_cannot_be_read_is_refused(run):
    # Nothing is closed to root, but no file has such a name for long.
    os.mkfifo(run.folder / "own.yml")
    (run.folder / "own.yml").unlink()
    (run.folder / "own.yml").symlink_to("/proc/self/mem")
    assert run.check(desired_files="own.yml")["msg"] == "own.yml: cannot be read."


def test_one_variable_in_two_options_is_refused_however_they_are_written(run):
    (run.folder / "a.yml").write_text(json.dumps({"drift_check_desired": NOTHING}))
    (run.folder / "b.yml").write_text("a: drift_check_desired\na: b\n")
    inline = json.dumps({"drift_check_desired": NOTHING})
    for other in (inline, f"drift_check_desired='{json.dumps(NOTHING)}'", "@a.yml"):
        refused = run.check("-e", "@a.yml", "-e", other)
        assert refused["msg"].startswith("drift_check_desired: @")
        assert " both set it, and Ansible would look at the last alone; " in refused["msg"]
    assert run.check("-e", "@a.yml", "-e", "@b.yml", "-e", "x=drift_check_desired")["status"] == "in_sync"


def test_variables_that_cannot_be_made_are_refused_by_name(run):
    for value, message in {
        "{{ nothing.at.all }}": "drift_check_desired: 'nothing' is undefined.",
        "{{ 1 / 0 }}": "drift_check_desired: cannot be read: ",
    }.items():
        result = run.check(desired={"spaces": value}, report_json="r.json")
        assert result["msg"].startswith(message), result["msg"]
        assert json.loads((run.folder / "r.json").read_text())["status"] == "error"


def test_a_variable_that_is_omitted_is_not_given(run):
    result = run.check(desired=NOTHING, report_json="{{ omit }}", report_markdown="{{ undefined_one | default(omit) }}")
    assert (result["failed"], result["status"]) == (False, "in_sync")


def test_facts_leave_the_action_on_demand(run):
    assert "facts" not in run.check(desired=NOTHING)
    [facts] = run.check(desired=NOTHING, show_facts=True)["facts"]
    assert facts["queries"][0]["cust_space_id"] == "cams-beta"


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        (["-vvvvv"], {}),
        (["-v"], {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.minimal"}),
        (["-v"], {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.oneline"}),
        ([], {"ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit", "ANSIBLE_LOG_PATH": "log"}),
    ],
    ids=["verbose", "minimal", "oneline", "junit"],
)
@pytest.mark.parametrize("entry_point", ["main", "snapshot"])
def test_no_output_shows_a_callback_url_with_its_token(run, entry_point, options, environment):
    variables = {
        "main": {
            "drift_check_desired": {
                "defaults": {"status": "CONNECTED", "status_callback_url": "https://h.example.com/?t=other"},
                "spaces": [{"cust_space_id": "cams-token", "phone_numbers": [{"phone_number": "2"}]}],
            },
            "drift_check_report_json": "report.json",
        },
        "snapshot": {"drift_check_cust_space_ids": "cams-token", "drift_check_snapshot_file": "desired.yml"},
    }[entry_point]
    (run.folder / "variables.json").write_text(json.dumps(variables))
    playbook = {"main": "alicloud.chatapp.drift_check", "snapshot": "alicloud.chatapp.snapshot"}[entry_point]
    status = run.ansible(
        "playbook", playbook, "-e", "@variables.json", *options, **environment, JUNIT_OUTPUT_DIR="junit"
    )
    assert status == (2 if entry_point == "main" else 0), run.said
    said = run.said + run.errors
    written = [path for path in run.folder.rglob("*") if path.is_file() and path.name != "desired.yml"]
    said += "".join(path.read_text(errors="replace") for path in written)
    assert "T0K3N" not in said
    if entry_point == "main":
        # The findings and the verdict are there all the same.
        assert "status is 'BANNED', desired 'CONNECTED'" in said
        assert "DRIFT: 1 phone number checked, 1 differs" in said
    else:
        assert "T0K3N" in (run.folder / "desired.yml").read_text()
