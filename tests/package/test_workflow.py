# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workflow of the project's home runs the sessions of noxfile.py, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml
from conftest import ROOT

JOBS = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
CHECKS = {"unit", "integration", "sanity", "lint", "package", "docs", "release", "full", "tools"}


def run(job: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the one script of a job, with the nox that is here."""
    [script] = [step["run"] for step in JOBS[job]["steps"] if "run" in step]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = ["bash", "-e", "-o", "pipefail", "-c", script.replace("pipx run nox", "python -m nox")]
    environment = {**os.environ, "PATH": path, **environment}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_workflow_lists_every_check_and_proof(tmp_path: Path) -> None:
    assert run("sessions", GITHUB_OUTPUT=str(tmp_path / "output")).returncode == 0
    name, value = (tmp_path / "output").read_text().split("=", 1)
    names = json.loads(value)
    assert name == "names"
    assert set(names) >= CHECKS
    assert {found.partition("(")[0] for found in names} == CHECKS | {"matrix", "recipes", "target"}


def test_workflow_runs_the_session_that_it_is_given() -> None:
    ended = run("session", SESSION="matrix(no such core)")
    assert ended.returncode != 0
    assert "matrix(no such core)" in ended.stderr


def test_workflow_names_the_servers_that_it_runs_for_the_test_that_asks_them() -> None:
    job = JOBS["servers"]
    ports = [service["ports"][0].partition(":")[0] for service in job["services"].values()]
    [step] = [step for step in job["steps"] if "run" in step]
    assert step["env"] == {"CHATAPP_REDIS_URLS": " ".join(f"redis://127.0.0.1:{port}/0" for port in ports)}
    file = ROOT / "tests/unit/plugins/module_utils/_quota/test_quota_high_availability.py"
    assert f"def test_{step['run'].rpartition(' ')[2]}_" in file.read_text(encoding="utf-8")


def test_workflow_warns_of_what_is_upcoming_and_never_fails_for_it() -> None:
    job = JOBS["upcoming"]
    assert job["continue-on-error"] is True
    assert job["if"] == "github.event_name == 'schedule'"
    command = [sys.executable, "-m", "nox", "--list", "--json", "--session", "upcoming"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    sessions = {found["session"] for found in json.loads(listed.stdout)}
    assert {f"upcoming({what})" for what in job["strategy"]["matrix"]["what"]} == sessions
