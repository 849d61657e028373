# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What make says on a newcomer's machine, with a few small checks in the place of the real ones."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, is_gone

CHECKS = """\
import time

import nox


@nox.session(tags=["one"], venv_backend="none")
def good(session):
    print("Traceback of a failure that was expected")
    session.warn("Python 3.14 is not on this machine, so nothing is tested with it.")


@nox.session(tags=["other"], venv_backend="none")
def other(session):
    time.sleep(SECONDS)
    print("This is why")
    FAILS and session.error("It failed.")


@nox.session(tags=["other"], venv_backend="none")
def then(session):
    pass
"""


# A session's copy of the sources, without the rest of nox; then what git, and so ansible-test, would find in it.
COPY = """\
import subprocess, sys
from types import SimpleNamespace

sys.path.insert(0, "tests")
from sessions.tree import copy_tree, is_checkout

session = SimpleNamespace(
    virtualenv=SimpleNamespace(location=".nox/sanity"), run=lambda *command, **_options: subprocess.run(command, check=True)
)
folder = copy_tree(session)
command = ["git", "-C", folder, "ls-files", "--cached", "--others", "--exclude-standard"]
print(is_checkout(), *subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with what make needs, where nothing is set up yet."""
    folder = tmp_path / "a desk's folder"
    for name in ("Makefile", "requirements.txt", "meta/ee-requirements.txt", "tests/sessions/desk.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder


def with_checks(desk: Path, seconds: float = 0, fails: bool = False) -> Path:
    text = CHECKS.replace("SECONDS", str(seconds)).replace("FAILS", str(fails))
    (desk / "noxfile.py").write_text(text, encoding="utf-8")
    (desk / ".venv").symlink_to(Path(sys.executable).parents[1])
    return desk


def start(folder: Path, *command: object, **environment: str) -> subprocess.Popen[str]:
    """Start a command in a group of processes of its own, as a terminal does."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("CI", "MAKEFLAGS", "MAKELEVEL")}
    return subprocess.Popen(
        list(map(str, command)),
        cwd=folder,
        env={**inherited, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def test_checks_that_pass_are_quiet_but_for_what_is_missing(desk: Path) -> None:
    process = start(with_checks(desk), sys.executable, "tests/sessions/desk.py", "test")
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert "Python 3.14 is not on this machine" in said
    assert "good: passed after" in said


def test_check_that_fails_says_why(desk: Path) -> None:
    process = start(with_checks(desk, fails=True), sys.executable, "tests/sessions/desk.py", "test")
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "This is why" in said
    assert "Traceback" not in said
    assert said.endswith("These checks failed: other.\n")


def test_second_run_waits_for_the_first(desk: Path) -> None:
    command = [sys.executable, "tests/sessions/desk.py", "test"]
    first = start(with_checks(desk, seconds=3), *command)
    assert first.stdout.readline().startswith("Running good, other")
    second = start(desk, *command)
    assert second.stdout.readline() == "Waiting for the other run of make test in this folder\n"
    assert first.wait(timeout=60) == 0
    said = second.communicate(timeout=60)[0]
    assert second.returncode == 0, said
    assert said.startswith("Running good, other")
    first.stdout.close()


def test_run_that_was_interrupted_ends_at_once_and_leaves_the_next_one_alone(desk: Path) -> None:
    # A shell that starts the tests in the background lets what they start ignore it.
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = start(with_checks(desk, seconds=300), sys.executable, "tests/sessions/desk.py", "test")
    finally:
        signal.signal(signal.SIGINT, earlier)
    said = [process.stdout.readline(), process.stdout.readline()]
    assert said[0].startswith("Running good, other")
    os.killpg(process.pid, signal.SIGINT)
    rest = process.communicate(timeout=60)[0]
    assert process.returncode == 130, rest
    assert "Traceback" not in rest
    assert "then: " not in rest
    assert is_gone(process.pid)
    (desk / ".venv").unlink()
    second = start(with_checks(desk), sys.executable, "tests/sessions/desk.py", "test")
    said = second.communicate(timeout=60)[0]
    assert second.returncode == 0, said
    assert "Waiting" not in said


def test_without_a_package_index_make_says_so_in_one_sentence(desk: Path) -> None:
    # An earlier run was interrupted here.
    (desk / ".venv" / "bin").mkdir(parents=True)
    (desk / ".venv" / "bin" / "half").touch()
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0"}
    process = start(desk, "make", "setup", f"PYTHON={sys.executable}", PIP_FIND_LINKS="", **nowhere)
    said = process.communicate(timeout=120)[0].splitlines()
    assert process.returncode != 0
    assert said[0] == "Setting up .venv"
    assert said[1].startswith("The packages that are needed cannot be installed; is the package index in reach")
    assert said[2].startswith("make: ***")
    assert len(said) == 3
    assert not (desk / ".venv" / "bin" / "half").exists()
    assert not (desk / ".venv" / ".ready").exists()


def test_what_is_set_up_is_not_set_up_again(desk: Path) -> None:
    path = desk / "tests" / "sessions" / "desk.py"
    # What needs no package index.
    text = re.sub(r"^PACKAGES = .*", 'PACKAGES = ["pip"]', path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path.write_text(text, encoding="utf-8")
    said = [start(desk, "make", "setup", f"PYTHON={sys.executable}").communicate(timeout=120)[0] for _run in range(2)]
    assert said == ["Setting up .venv\n", ""]


@pytest.mark.parametrize("python", ["python3.nothing", "old-python"])
def test_without_a_python_that_is_new_enough_make_says_so_in_one_sentence(desk: Path, python: str) -> None:
    old = desk / "old-python"
    # What it does with the script of the Makefile, a Python of that version does too.
    old.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c \"import sys; sys.version_info = (3, 9, 18); $2\"\n")
    old.chmod(0o755)
    path = os.pathsep.join([str(desk), os.environ["PATH"]])
    process = start(desk, "make", "setup", f"PYTHON={python}", PATH=path)
    said = process.communicate(timeout=60)[0].splitlines()
    assert process.returncode != 0
    assert "3.10 or newer" in said[0]
    assert len(said) == 2, said


@pytest.mark.skipif(shutil.which("git") is None, reason="no git")
def test_sources_are_found_in_an_archive_that_lies_in_a_repository_which_ignores_it(desk: Path) -> None:
    subprocess.run(["git", "init", "--quiet", desk.parent], check=True)
    (desk.parent / ".gitignore").write_text("*\n", encoding="utf-8")
    shutil.copytree(ROOT / "tests" / "sessions", desk / "tests" / "sessions", dirs_exist_ok=True)
    (desk / "tests" / "output").mkdir()
    (desk / "tests" / "output" / "left").touch()
    said = start(desk, sys.executable, "-c", COPY).communicate(timeout=120)[0].split()
    assert said[0] == "False", said
    assert {"Makefile", "meta/ee-requirements.txt", "tests/sessions/desk.py"} <= set(said)
    assert not [name for name in said if name.startswith((".nox", "tests/output")) or name.endswith(".pyc")]


def test_demo_runs_where_the_locale_is_not_utf_8() -> None:
    text = (ROOT / "demo" / "run").read_text(encoding="utf-8")
    [chosen] = [part for part in text.split("\n\n") if "export LC_ALL=C.UTF-8" in part]
    choice = "case" + chosen.split("case", 1)[1].split("esac", 1)[0] + 'esac; echo "$LC_ALL"'
    for given, wanted in {"C": "C.UTF-8", "POSIX": "C.UTF-8", "de_DE.UTF-8": "de_DE.UTF-8", "C.utf8": "C.utf8"}.items():
        ended = subprocess.run(
            ["bash", "-c", choice], env={"LC_ALL": given}, capture_output=True, text=True, check=True
        )
        assert ended.stdout.strip() == wanted
