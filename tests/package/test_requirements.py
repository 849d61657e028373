# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page about reviewers' criteria says that no other test and no tool would notice."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from readme import README

PAGE = ROOT / "docs" / "docsite" / "rst" / "guide_requirements.rst"
PUBLIC = {"signer.py", "throttler.py"}
# Those of ansible-core that a collection may have, and the two that the criteria add.
PLUGIN_FOLDERS = {
    *("action", "become", "cache", "callback", "cliconf", "connection", "doc_fragments", "filter", "httpapi"),
    *("inventory", "lookup", "module_utils", "modules", "netconf", "plugin_utils", "shell", "strategy", "terminal"),
    *("test", "vars", "sub_plugins"),
}
UTILS = [path for name in ("module_utils", "plugin_utils") for path in sorted((ROOT / "plugins" / name).rglob("*.py"))]
MODULES = sorted((ROOT / "plugins" / "modules").glob("*.py"))


def test_each_session_that_the_page_names_exists() -> None:
    noxfile = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    rows = re.findall(
        r"^   \* - .+\n(?:     .+\n)*?     - .+\n(?:     [^-].*\n)*     - (.+)$", PAGE.read_text(), re.MULTILINE
    )
    assert len(rows) > 25
    for row in rows:
        names = re.findall(r"``(\w+)``", row)
        assert names or row in ("a person", "Checked by"), row
        assert [name for name in names if f"\ndef {name}(session" not in noxfile] == []


def test_plugins_are_in_folders_that_ansible_knows() -> None:
    folders = {path.name for path in (ROOT / "plugins").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders <= PLUGIN_FOLDERS


@pytest.mark.parametrize("path", UTILS, ids=[str(path.relative_to(ROOT / "plugins")) for path in UTILS])
def test_private_code_says_so(path: Path) -> None:
    parts = path.relative_to(ROOT / "plugins").parts[1:]
    documented = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    if parts[0] in PUBLIC:
        assert not documented.startswith("Private")
    else:
        assert parts[0].startswith("_")
        assert documented.startswith("Private to this collection")


@pytest.mark.parametrize("path", MODULES, ids=[path.stem for path in MODULES])
def test_modules_that_gather_are_named_so_and_no_other_gathers(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "ansible_facts=" not in text
    reads_only = re.search(r"short_description: (Gather|List|Get|Read)\b", text) is not None
    assert path.stem.endswith("_info") is reads_only
    assert reads_only or not re.search(r"^  state:$", text, re.MULTILINE)
    assert "alicloud.chatapp.attributes" in text or "\nattributes:\n" in text


@pytest.mark.parametrize("module", MODULES, ids=[path.stem for path in MODULES])
def test_the_changelog_names_a_module_under_the_release_that_added_it(module: Path) -> None:
    log = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"]
    [version] = re.findall(r"^version_added: (\S+)$", module.read_text(encoding="utf-8"), re.MULTILINE)
    # One of a release to come is named when that is made.
    assert version not in log or module.stem in [named["name"] for named in log[version]["modules"]]


def test_there_are_no_dependencies_and_no_ignored_checks() -> None:
    assert yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["dependencies"] == {}
    assert list((ROOT / "tests").glob("sanity/ignore*.txt")) == []


def test_readme_links_the_code_of_conduct_and_the_forum() -> None:
    text = README.read_text(encoding="utf-8")
    assert "(https://docs.ansible.com/ansible/latest/community/code_of_conduct.html)" in text
    assert "(https://forum.ansible.com/" in text
    assert "Semantic Versioning" in text


def test_every_supported_release_is_tested_each_week() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    assert {"push", "pull_request", "schedule"} <= set(workflow["on"])
    [schedule] = workflow["on"]["schedule"]
    assert schedule["cron"].split()[2:4] == ["*", "*"]
