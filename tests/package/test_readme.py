# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README as Galaxy and Automation Hub show it, and the metadata that has to say the same as it does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import readme
import yaml
from conftest import ROOT
from markdown_it import MarkdownIt

TEXT = readme.README.read_text(encoding="utf-8")
GALAXY = yaml.safe_load(readme.GALAXY.read_text(encoding="utf-8"))
# Those of the template for certified collections, and those that the community asks for.
SECTIONS = [
    "Requirements",
    "Installation",
    "Use cases",
    "Testing",
    "Support",
    "Communication",
    "Code of conduct",
    "Release notes",
    "Related information",
    "License information",
]


def links() -> list[str]:
    found = []
    for block in MarkdownIt().enable("table").parse(TEXT):
        for token in block.children or []:
            found += [token.attrs[name] for name in ("href", "src") if name in token.attrs]
    return [str(link) for link in found]


def test_readme_has_the_sections_that_reviewers_look_for() -> None:
    headings = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    assert [heading for heading in headings if heading in SECTIONS] == SECTIONS


def test_readme_has_a_whole_address_in_every_link() -> None:
    assert len(links()) > 20
    assert [link for link in links() if not link.startswith("https://")] == []


def test_home_of_the_readme_is_that_of_galaxy_yml() -> None:
    assert readme.with_home(TEXT, readme.GALAXY.read_text(encoding="utf-8")) == TEXT, "Run nox -s readme."
    moved = readme.with_home(TEXT, "repository: https://git.example.net/somebody/chatapp\n")
    assert GALAXY["repository"] not in moved
    assert {GALAXY[name].removeprefix(GALAXY["repository"]) for name in ("homepage", "documentation", "issues")} == {
        "",
        "/docs",
        "/issues",
    }


def test_links_into_the_repository_lead_somewhere() -> None:
    inside = [link.removeprefix(GALAXY["repository"]) for link in links() if link.startswith(GALAXY["repository"])]
    assert len(inside) > 15
    for link in inside:
        if link.startswith("/docs/"):
            page = Path(link.removeprefix("/docs/")).with_suffix("")
            plugin = re.fullmatch(r"(\w+)_(module|filter|test|role|lookup)", str(page))
            kind = {"module": "modules"}.get(plugin[2], plugin[2]) if plugin else ""
            found = [ROOT / "docs" / "docsite" / "rst" / f"{page.name}.rst", ROOT / "docs" / f"{page}.rst"]
            found += [ROOT / "plugins" / kind / f"{plugin[1]}.py", ROOT / "roles" / plugin[1]] if plugin else []
        else:
            found = [ROOT / re.sub(r"^/(blob|raw)/main/", "", link)] if link != "/issues" else [ROOT]
        assert any(path.exists() for path in found), link


def test_installation_leaves_ansible_core_to_the_platform() -> None:
    """Who has the automation platform has it in execution environments; the rules of certification say so."""
    assert not re.search(r"pip3? install \S*ansible", TEXT)


def test_readme_names_what_the_collection_brings() -> None:
    brought = [path.stem for folder in ("modules", "test") for path in (ROOT / "plugins" / folder).glob("*.py")]
    brought += [path.name for path in (ROOT / "roles").iterdir()]
    brought += [f"alicloud.chatapp.{path.stem}" for path in (ROOT / "playbooks").glob("*.yml")]
    assert [name for name in brought if name not in TEXT] == []


def authors() -> dict[str, list[str]]:
    """Return who is named as an author, by file."""
    found = {"galaxy.yml": GALAXY["authors"]}
    for path in (ROOT / "roles").glob("*/meta/*.yml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "galaxy_info" in content:
            found[str(path)] = [content["galaxy_info"]["author"]]
        for name, entry in content.get("argument_specs", {}).items():
            found[f"{path}: {name}"] = entry["author"]
    for path in (ROOT / "plugins").glob("*/*.py"):
        for documentation in re.findall(r'DOCUMENTATION = r"""\n(.*?)"""', path.read_text(encoding="utf-8"), re.DOTALL):
            content = yaml.safe_load(documentation)
            if "short_description" in content:
                found[str(path)] = content["author"]
    return found


def test_authors_are_the_same_everywhere() -> None:
    assert len(authors()) > 8
    assert {tuple(names) for names in authors().values()} == {tuple(GALAXY["authors"])}


@pytest.mark.parametrize("name", ["LICENSE", "LICENSES/GPL-3.0-or-later.txt"])
def test_licence_is_the_one_that_galaxy_yml_names(name: str) -> None:
    assert GALAXY["license"] == ["GPL-3.0-or-later"]
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text == (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in text
    assert "Version 3, 29 June 2007" in text


def test_supported_releases_are_the_same_everywhere() -> None:
    [(oldest, newest)] = re.findall(r"^- ansible-core ([\d.]+) to ([\d.]+)\.$", TEXT, re.MULTILINE)
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime["requires_ansible"] == f">={oldest}.0"
    pythons = (ROOT / "tests" / "sessions" / "pythons.py").read_text(encoding="utf-8")
    cores = re.findall(r'^    "(2\.\d+)": ', pythons, re.MULTILINE)
    assert (cores[0], cores[-1]) == (oldest, newest)
    for role in (ROOT / "roles").glob("*/meta/main.yml"):
        assert yaml.safe_load(role.read_text(encoding="utf-8"))["galaxy_info"]["min_ansible_version"] == oldest
    [requests] = re.findall(r"`requests` ([\d.]+) or newer", TEXT)
    assert f"requests>={requests}\n" in (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8")
    assert f'"requests=={requests}"' in pythons
    fragment = (ROOT / "plugins" / "doc_fragments" / "connection.py").read_text(encoding="utf-8")
    [python] = re.findall(r"^- Python ([\d.]+) or newer", TEXT, re.MULTILINE)
    assert f"requirements:\n  - python >= {python}\n  - requests >= {requests}\n" in fragment
    assert f'OLDEST_TARGET = "{python}"' in pythons
