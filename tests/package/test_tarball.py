# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest
from conftest import ROOT, ansible

WANTED = {
    "CHANGELOG.md",
    "FILES.json",
    "LICENSE",
    "LICENSES",
    "MANIFEST.json",
    "README.md",
    "SECURITY.md",
    "changelogs",
    "docs",
    "meta",
    "playbooks",
    "plugins",
    "requirements.txt",
    "roles",
    "tests",
}


def documented(collections: Path, kind: str) -> dict[str, dict]:
    names = json.loads(ansible("doc", "-t", kind, "--list", "--json", "alicloud.chatapp", collections=collections))
    return json.loads(ansible("doc", "-t", kind, "--json", *names, collections=collections)) if names else {}


def test_tarball_holds_what_a_user_needs_and_no_more(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        names = archive.getnames()
    assert {name.split("/")[0] for name in names} <= WANTED
    assert {name.split("/")[1] for name in names if name.startswith("tests/")} == {"config.yml", "simulator"}
    assert {name.split("/")[1] for name in names if name.startswith("docs/")} == {"docsite", "monitoring"}
    assert not [name for name in names if "__pycache__" in name or name.startswith("changelogs/fragments")]


@pytest.mark.parametrize(("kind", "folder"), [("module", "modules"), ("filter", "filter"), ("test", "test")])
def test_every_plugin_is_documented_from_an_installed_copy(installed: Path, kind: str, folder: str) -> None:
    plugins = (ROOT / "plugins" / folder).glob("*.py")
    wanted = {f"alicloud.chatapp.{path.stem}" for path in plugins if path.stem != "__init__"}
    found = documented(installed, kind)
    assert set(found) == wanted
    for name, plugin in found.items():
        assert plugin["doc"]["short_description"], name
        assert plugin["examples"], name
        assert plugin["return"], name


def test_every_role_is_documented_from_an_installed_copy(installed: Path) -> None:
    wanted = {f"alicloud.chatapp.{path.name}" for path in (ROOT / "roles").glob("*")}
    assert set(documented(installed, "role")) == wanted


@pytest.mark.parametrize("playbook", sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml")))
def test_playbooks_are_found_by_name_in_an_installed_copy(installed: Path, playbook: str) -> None:
    ansible("playbook", "--syntax-check", f"alicloud.chatapp.{playbook}", collections=installed)
