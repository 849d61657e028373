# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guides show, done from an installed copy."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

GUIDES = Path(__file__).parents[2] / "docs" / "docsite" / "rst"
KEY = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI5tKeyOfTheShop", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "SecretOfTheShopAccount01"}


def blocks(guide: str, language: str) -> list[str]:
    found = re.findall(rf"^\.\. code-block:: {language}\n\n((?:    .*\n|\n)+)", (GUIDES / guide).read_text(), re.MULTILINE)
    return [textwrap.dedent(block).strip() + "\n" for block in found]


@pytest.fixture
def environment(installed: Path, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(installed),
        "ALICLOUD_CHATAPP_THROTTLE_URL": tmp_path.as_uri(),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }


@pytest.fixture
def account(tmp_path: Path) -> Path:
    path = tmp_path / "account.yml"
    path.write_text(blocks("guide_simulator.rst", "yaml")[0])
    return path


@pytest.fixture
def simulator(installed: Path, account: Path) -> Iterator[str]:
    """The URL of a simulator that has the account of the guide."""
    program = installed / "ansible_collections" / "alicloud" / "chatapp" / "tests" / "simulator"
    with subprocess.Popen([sys.executable, program, "--data", account], stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.terminate()


def run(environment: dict[str, str], folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_checks_fail_as_the_guide_to_the_simulator_says(environment: dict[str, str], simulator: str, tmp_path: Path) -> None:
    environment = {**environment, **KEY, "ALICLOUD_CHATAPP_ENDPOINT": simulator}
    check = ["ansible-playbook", "alicloud.chatapp.drift_check", "-e", "@desired.yml"]
    assert run(environment, tmp_path, "ansible-playbook", "alicloud.chatapp.snapshot").returncode == 0
    assert run(environment, tmp_path, *check).returncode == 0
    banned, unsubscribed = blocks("guide_simulator.rst", "json")
    for control, body, word in [("number", banned, "DRIFT:"), ("faults", unsubscribed, "UNREADABLE:")]:
        urllib.request.urlopen(f"{simulator}/_simulator/{control}", body.encode(), timeout=10).close()
        checked = run(environment, tmp_path, *check)
        assert checked.returncode == 2
        assert word in checked.stdout


def test_pipeline_of_the_guide_to_the_simulator(environment: dict[str, str], account: Path, installed: Path) -> None:
    folder = account.parent
    (folder / "tests").symlink_to(installed / "ansible_collections" / "alicloud" / "chatapp" / "tests")
    number = {"phone_number": "8613800001234", "status": "CONNECTED"}
    (folder / "desired.yml").write_text(yaml.dump({"drift_check_desired": {"spaces": [{"phone_numbers": [number]}]}}))
    pipeline = run(environment, folder, "bash", "-e", "-c", blocks("guide_simulator.rst", "bash")[0])
    assert pipeline.returncode == 0, pipeline.stdout + pipeline.stderr
    assert len((folder / "requests.jsonl").read_text().splitlines()) == 1


def test_execution_environment_of_the_guide_is_accepted(environment: dict[str, str], tmp_path: Path) -> None:
    definition = next(block for block in blocks("guide_getting_started.rst", "yaml") if "execution-environment.yml" in block)
    (tmp_path / "execution-environment.yml").write_text(definition)
    created = run(environment, tmp_path, "ansible-builder", "create")
    assert created.returncode == 0, created.stdout + created.stderr
    wanted = yaml.safe_load(definition)["dependencies"]["python"]
    assert (tmp_path / "context" / "_build" / "requirements.txt").read_text().split() == wanted


def test_execution_environment_brings_what_the_module_needs(environment: dict[str, str], installed: Path) -> None:
    found = run(environment, installed, "ansible-builder", "introspect", str(installed))
    assert [line.split()[0] for line in yaml.safe_load(found.stdout)["python"]] == ["requests"]
