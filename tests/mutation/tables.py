# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutants of what mutmut leaves out: tables of codes, remedies and fields, limits, decorated functions, and Lua.

mutmut puts all mutants of a function beside it, which works for plain functions only. Here its operators, and one for
Lua, change the rest, and each mutant meets the tests of its file in a process of its own. To be run in a folder that
holds ansible_collections; prints a line a mutant, as mutmut does.
"""

from __future__ import annotations

import importlib
import os
import re
import signal
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import libcst
import pytest
from mutmut.configuration import config
from mutmut.mutation.file_mutation import MutationVisitor, deep_replace
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import get_ignored_lines

PLUGINS = Path("ansible_collections/alicloud/chatapp/plugins")
TESTS = PLUGINS.parent / "tests" / "unit"
LONGEST = 120  # seconds
LUA = re.compile(r"<=|>=|>| [-+*/] |\bmath\.max\b|\band\b|\bor\b|\b\d+\b|\b[LR](?=POP|PUSH)")
SWAPPED = {"<=": "<", ">=": ">", ">": ">=", " + ": " - ", " - ": " + ", " * ": " / ", " / ": " * "}
SWAPPED |= {"math.max": "math.min", "and": "or", "or": "and", "L": "R", "R": "L"}
# Imported once for all, which saves most of the time of a mutant.
for library in ("ansible.module_utils.basic", "hypothesis.strategies", "junitparser", "redis", "requests", "trustme"):
    importlib.import_module(library)


def changed_lua(node: libcst.FormattedStringText | libcst.SimpleString) -> Iterator[libcst.CSTNode]:
    """Yield the text with one of its operators swapped or one of its numbers raised, where it is a part of a script."""
    scripted = (isinstance(node, libcst.FormattedStringText) and "\n" in node.value) or "redis.call(" in node.value
    for token in LUA.finditer(node.value) if scripted else ():
        other = SWAPPED.get(token.group()) or str(int(token.group()) + 1)
        yield node.with_changes(value=f"{node.value[: token.start()]}{other}{node.value[token.end() :]}")


OPERATORS = [*mutation_operators, (libcst.FormattedStringText, changed_lua), (libcst.SimpleString, changed_lua)]


class Visitor(MutationVisitor):
    """Makes mutants of decorated functions too."""

    def _skip_node_and_children(self, node: libcst.CSTNode) -> bool:
        decorated = isinstance(node, libcst.FunctionDef) and node.decorators
        return not decorated and super()._skip_node_and_children(node)


def shown(old: str, new: str) -> str:
    """Return what differs between two texts, in one line."""
    start = max(0, len(os.path.commonprefix([old, new])) - 40)
    return " -> ".join(" ".join(text[start : start + 80].split()) for text in (old, new))


def mutants(path: Path) -> Iterator[tuple[str, str]]:
    """Yield what each mutant changes, in a line, and its source."""
    source = path.read_text(encoding="utf-8")
    wrapper = libcst.MetadataWrapper(libcst.parse_module(source))
    visitor = Visitor(OPERATORS, get_ignored_lines(str(path), source, wrapper, None))
    module = wrapper.visit(visitor)
    for mutation in visitor.mutations:
        function = mutation.contained_by_top_level_function
        if not isinstance(function, libcst.FunctionDef) or function.decorators:
            old, new = (module.code_for_node(node) for node in (mutation.original_node, mutation.mutated_node))
            changed = deep_replace(module, mutation.original_node, mutation.mutated_node)
            yield shown(old, new), changed.code


def start(path: Path, source: str) -> int:
    """Start a process that imports the source in place of the file, and ends with 0 when its tests notice nothing."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        signal.alarm(LONGEST)
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        name = ".".join(path.with_suffix("").parts)
        sys.modules[name] = types.ModuleType(name)
        exec(compile(source, path, "exec"), vars(sys.modules[name]))
        # tests/unit mirrors plugins; what all storages of the throttle or all comparisons share is tested through them.
        tests = [str(test) for test in sorted((TESTS / path.parent.relative_to(PLUGINS.parent)).glob("test_*.py"))]
        tests += [str(TESTS / "docs" / "test_guide_errors.py")] if path.stem.endswith("errors") else []
        status = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *config().pytest_add_cli_args, *tests])
    finally:
        os._exit(status)


def main() -> None:
    running: dict[int, str] = {}
    # Most tests wait for something.
    at_once = 2 * (os.cpu_count() or 1)

    def finish() -> None:
        child, status = os.wait()
        print(f"{running.pop(child)}: {'killed' if status else 'survived'}")

    sys.path.insert(0, os.getcwd())
    for folder in config().source_paths:
        for path in sorted(filter(config().should_mutate, folder.rglob("*.py"))):
            if os.waitpid(start(path, path.read_text(encoding="utf-8")), 0)[1]:
                sys.exit(f"The tests of {path} fail without any change.")
            for change, source in mutants(path):
                if len(running) == at_once:
                    finish()
                running[start(path, source)] = f"{'.'.join(path.with_suffix('').parts)} {change}"
    while running:
        finish()


if __name__ == "__main__":
    main()
