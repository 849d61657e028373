# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "docs")]

import readme


def ansible(*arguments: object, collections: Path | None = None) -> str:
    """Run one of Ansible's commands, such as ``doc`` or ``galaxy``; return what it prints."""
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections or "")}
    command = [sys.executable, "-m", "ansible", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout


def build(folder: Path) -> Path:
    ansible("galaxy", "collection", "build", "--output-path", folder, ROOT)
    return next(folder.glob("*.tar.gz"))


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="session")
def installed(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    collections = tmp_path_factory.mktemp("a folder")
    ansible("galaxy", "collection", "install", "--offline", "-p", collections, tarball, collections=collections)
    return collections


class Demo(NamedTuple):
    """A run of the demo that is over: its status, a file with what it said, the same in colours, its report, what it left."""

    status: int
    output: Path
    coloured: str
    report: str
    processes: bool
    files: list[Path]


@contextlib.contextmanager
def running_demo(folder: Path, report: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run the demo in a group of processes of its own, with an empty folder for temporary files."""
    # A shell that starts the tests in the background lets them, and what they start, ignore it.
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    environment = {**os.environ, "DEMO_PYTHON": sys.executable, "TMPDIR": str(folder), "ANSIBLE_FORCE_COLOR": "true"}
    if report:
        environment["DEMO_REPORT"] = str(report)
    command = [ROOT / "demo" / "run"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            # One that hangs is to fail its test, and to hang no other.
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            signal.signal(signal.SIGINT, earlier)


def is_gone(group: int) -> bool:
    """Tell whether the group of processes ends, within ten seconds."""
    for _try in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    return False


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder, kept = tmp_path_factory.mktemp("demo"), tmp_path_factory.mktemp("kept")
    output, report = kept / "output", kept / "report"
    with running_demo(folder, report) as process:
        coloured = process.communicate(timeout=120)[0]
    output.write_text(readme.plain(coloured), encoding="utf-8")
    told = report.read_text(encoding="utf-8") if report.exists() else ""
    return Demo(process.returncode, output, coloured, told, not is_gone(process.pid), list(folder.iterdir()))
