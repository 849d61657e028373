# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Floors and rooms of the library: who may import whom, what is private, and how large a file may be."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[3] / "plugins"
PACKAGE = "ansible_collections.alicloud.chatapp.plugins."
PUBLIC = {"module_utils/signer.py", "module_utils/throttler.py"}

# Arrows go down: from a room to those of a lower floor, or within the room.
FLOORS = [
    {"_errors", "_backoff", "_orphan", "_take", "_url"},
    {"_http", "_quota"},
    {"signer", "throttler"},
    {"_session"},
    {"_options", "_operations"},
    {"_module"},
    {"_webhook"},
    {"modules"},
]
CONTROLLER_FLOORS = [{"_drift"}, {"_plain"}, {"filter", "test"}, {"_role"}, {"action", "vars", "lookup", "callback"}]

FILES = {str(path.relative_to(PLUGINS)): path for path in PLUGINS.rglob("*.py")}
UTILS = sorted(name for name in FILES if name.startswith(("module_utils/", "plugin_utils/")))
MODULES = sorted(name for name in FILES if name.startswith("modules/"))


def room(name: str) -> str:
    parts = name.removesuffix(".py").split("/")
    return parts[1] if parts[0] in ("module_utils", "plugin_utils") else parts[0]


def imports(name: str) -> set[str]:
    """The files of the collection that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(FILES[name].read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.ImportFrom) and node.level), f"{name} imports by a relative name"
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            base = node.module.removeprefix(PACKAGE).replace(".", "/")
            inner = {f"{base}/{alias.name}.py" for alias in node.names} & set(FILES)
            found |= inner or {f"{base}.py"}
    return found


GRAPH = {name: imports(name) for name in FILES}


def floor_of(name: str) -> int:
    floors = FLOORS if name.startswith("module") else CONTROLLER_FLOORS
    found = [place for place, rooms in enumerate(floors) if room(name) in rooms]
    assert found, f"{room(name)} is a new room: give it a floor above"
    return found[0]


CODE = sorted(name for name in FILES if not name.startswith("doc_fragments/"))


@pytest.mark.parametrize("name", CODE)
def test_arrows_go_down_only(name):
    for other in GRAPH[name]:
        assert other in FILES, f"{name} imports {other}, which is not there"
        assert room(other) == room(name) or floor_of(other) < floor_of(name), f"{name} imports {other}"
        both = {"module_utils", "plugin_utils"}
        assert not ({name.split("/")[0], other.split("/")[0]} >= both), f"{name} imports {other}"


def test_there_is_no_circle():
    done: set[str] = set()

    def visit(name, above):
        assert name not in above, " -> ".join([*above[above.index(name) :], name])
        if name not in done:
            for other in GRAPH[name]:
                visit(other, [*above, name])
            done.add(name)

    for name in GRAPH:
        visit(name, [])


@pytest.mark.parametrize("name", UTILS)
def test_what_is_private_says_so_in_its_first_line(name):
    docstring = ast.get_docstring(ast.parse(FILES[name].read_text(encoding="utf-8"))) or ""
    private = any(part.startswith("_") for part in name.split("/"))
    assert private is (name not in PUBLIC)
    assert docstring.splitlines()[0].startswith("Private to this collection") is private
    assert private or "Public, with interface version 1" in docstring


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_what_is_public_is_listed_and_documented(name):
    tree = ast.parse(FILES[name].read_text(encoding="utf-8"))
    [listed] = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"
    ]
    defined = {
        node.name: node
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name[0] != "_"
    }
    assert set(defined) <= set(listed)
    assert all(ast.get_docstring(node) for node in defined.values())


@pytest.mark.parametrize("name", UTILS)
def test_a_file_of_the_library_can_be_read_in_one_go(name):
    """Some 250 lines of code; what explains it does not count."""
    text = FILES[name].read_text(encoding="utf-8")
    strings = [
        node.body[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None
    ]
    explained = {line for string in strings for line in range(string.lineno, string.end_lineno + 1)}
    lines = [line for number, line in enumerate(text.splitlines(), 1) if number not in explained]
    assert len([line for line in lines if line.strip() and not line.strip().startswith("#")]) <= 250


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_its_documentation_and_forty_lines(name):
    text = FILES[name].read_text(encoding="utf-8")
    code = re.sub(r'^(DOCUMENTATION|EXAMPLES|RETURN) = r?""".*?^"""$', "", text, flags=re.DOTALL | re.MULTILINE)
    lines = [line for line in code.splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) <= 40


def test_connection_and_quota_do_not_know_the_service():
    for name in UTILS:
        if room(name) in ("_http", "_quota", "signer", "throttler"):
            text = FILES[name].read_text(encoding="utf-8")
            assert not re.search(r"QueryChatapp|ListInstance|UpdatePhone|\bcams\b|PhoneNumber", text), name
