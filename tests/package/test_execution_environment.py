# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-builder makes of the collection, and of the definition that the documentation shows."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from blocks import PAGES, blocks
from conftest import ROOT, ansible
from simulator.testing import KEY_ID, KEY_SECRET, Simulator, account

RUN_TIME = ["meta", "playbooks", "plugins", "roles"]
"""The folders that a collection has to work with when everything else is deleted."""


def builder(folder: Path, *arguments: object) -> str:
    """Run ansible-builder, which says of a base image that is out of date, and of odd lines, in a warning only."""
    command = [Path(sys.executable).with_name("ansible-builder"), *map(str, arguments)]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    said = ended.stdout + ended.stderr
    assert ended.returncode == 0, said
    assert not [word for word in ("warning", "outdated", "deprecat", "non-pep508") if word in said.lower()], said
    return ended.stdout


@pytest.fixture
def run_time_only(installed: Path, tmp_path: Path) -> Path:
    """A copy of the installed collection with those folders, and the manifest by which tools know a collection."""
    place = Path("ansible_collections", "alicloud", "chatapp")
    for name in RUN_TIME:
        shutil.copytree(installed / place / name, tmp_path / place / name)
    shutil.copy2(installed / place / "MANIFEST.json", tmp_path / place)
    return tmp_path


def test_definition_of_the_guide_is_accepted_without_a_warning(tmp_path: Path) -> None:
    [definition] = [
        block.text for page in PAGES for block in blocks(page) if block.text.startswith("# execution-environment.yml")
    ]
    (tmp_path / "execution-environment.yml").write_text(definition)
    builder(tmp_path, "create", "-v", "3")
    wanted = yaml.safe_load(definition)
    built = tmp_path / "context" / "_build"
    assert (built / "requirements.txt").read_text().split() == wanted["dependencies"]["python"]
    assert yaml.safe_load((built / "requirements.yml").read_text()) == wanted["dependencies"]["galaxy"]
    recipe = next(path for path in built.parent.iterdir() if path.is_file()).read_text()
    assert f'ARG EE_BASE_IMAGE="{wanted["images"]["base_image"]["name"]}"' in recipe
    assert f'ARG PYPKG="{wanted["dependencies"]["python_interpreter"]["package_system"]}"' in recipe


def test_a_collection_of_what_runs_only_brings_its_requirements(run_time_only: Path) -> None:
    told = yaml.safe_load((ROOT / "meta" / "execution-environment.yml").read_text(encoding="utf-8"))
    assert set(told) == {"dependencies"}, "ansible-builder ignores everything else in a collection's file."
    found = yaml.safe_load(builder(run_time_only, "introspect", "-v", "3", run_time_only))
    assert found["python"] == ["requests>=2.25.1  # from collection alicloud.chatapp"]
    assert found["system"] == []


def test_a_collection_of_what_runs_only_works(run_time_only: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run_time_only)
    with Simulator({"accounts": [account()]}) as simulator:
        monkeypatch.setenv("ALICLOUD_CHATAPP_ENDPOINT", simulator.url)
        monkeypatch.setenv("ALICLOUD_CHATAPP_THROTTLE_URL", run_time_only.as_uri())
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", KEY_ID)
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", KEY_SECRET)
        ansible("playbook", "alicloud.chatapp.snapshot", collections=run_time_only)
        said = ansible("playbook", "alicloud.chatapp.drift_check", "-e", "@desired.yml", collections=run_time_only)
    assert "IN SYNC" in said


def test_requirements_are_the_same_for_pip() -> None:
    assert (ROOT / "requirements.txt").read_text().splitlines()[-1] == "-r meta/ee-requirements.txt"
