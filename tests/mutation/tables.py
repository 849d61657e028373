# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutants of what stands outside of functions: the tables of codes, remedies and fields, and the limits.

mutmut makes its mutants of functions only. Its operators change the rest here, and each mutant meets the tests of its
file in a process of its own. To be run in a folder that holds ansible_collections; prints a line a mutant, as mutmut.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import libcst
import pytest
from mutmut.configuration import config
from mutmut.mutation.file_mutation import create_mutations, deep_replace

TESTS = Path("ansible_collections/alicloud/chatapp/tests/unit")
MORE_TESTS = {
    "answers": ["plugins/plugin_utils/test_drift.py"],
    "checks": ["plugins/plugin_utils/test_drift.py"],
    "desired": ["plugins/plugin_utils/test_drift.py", "plugins/plugin_utils/test_snapshot.py"],
    "errors": ["docs/test_guide_errors.py"],
    "throttler": ["plugins/module_utils/test_throttler_file.py", "plugins/module_utils/test_throttler_redis.py"],
}
LONGEST = 120  # seconds
# Imported once for all, which saves most of the time of a mutant.
for library in ("ansible.module_utils.basic", "hypothesis.strategies", "junitparser", "redis", "requests", "trustme"):
    importlib.import_module(library)


def mutants(path: Path) -> Iterator[tuple[str, str]]:
    """Yield what each mutant changes, in a line, and its source."""
    module, mutations, _classes, _functions = create_mutations(str(path), path.read_text(encoding="utf-8"))
    for mutation in mutations:
        if not isinstance(mutation.contained_by_top_level_function, libcst.FunctionDef):
            old, new = (module.code_for_node(node) for node in (mutation.original_node, mutation.mutated_node))
            changed = deep_replace(module, mutation.original_node, mutation.mutated_node)
            yield f"{' '.join(old.split())} -> {' '.join(new.split())}", changed.code


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
        own = TESTS / "plugins" / path.parent.name / f"test_{path.stem}.py"
        tests = [str(test) for test in (own, *(TESTS / more for more in MORE_TESTS.get(path.stem, []))) if test.exists()]
        status = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *config().pytest_add_cli_args, *tests])
    finally:
        os._exit(status)


def main() -> None:
    running: dict[int, str] = {}

    def finish() -> None:
        child, status = os.wait()
        print(f"{running.pop(child)}: {'killed' if status else 'survived'}")

    sys.path.insert(0, os.getcwd())
    for folder in config().source_paths:
        for path in sorted(filter(config().should_mutate, folder.glob("*.py"))):
            for change, source in mutants(path):
                if len(running) == os.cpu_count():
                    finish()
                running[start(path, source)] = f"{'.'.join(path.with_suffix('').parts)} {change}"
    while running:
        finish()


if __name__ == "__main__":
    main()
