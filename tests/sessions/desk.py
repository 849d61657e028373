# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What make does at a desk, of which it needs no more than a bare Python: ``setup`` the environment, ``test`` everything.

Whoever starts it twice at once has the second wait for the first. It is quiet but for what somebody has to act on.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV, LOGS = ROOT / ".venv", ROOT / ".nox" / ".logs"
PYTHON = VENV / "bin" / "python"
PACKAGES = ["nox", "ansible-core>=2.16,<2.22", "PyYAML", "-r", str(ROOT / "requirements.txt")]
CANNOT_INSTALL = (
    "The packages that are needed cannot be installed; is the package index in reach, or a proxy to be set? pip says:"
)
# Each lane leaves a part of two cores idle.
LANES = ["one", "other", "third"]


@contextlib.contextmanager
def alone(name: str) -> Iterator[None]:
    """Hold a lock, which ends with the process at the latest; say so when somebody else has it."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with (LOGS / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print(f"Waiting for the other run of make {name} in this folder", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def last_line(text: str) -> str:
    """Return the line of an error that says most: pip's own, or the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in reversed(lines) if line.startswith("ERROR")), lines[-1] if lines else "nothing")


def setup() -> str | None:
    """Make .venv, unless a whole one is there that is newer than what it is made of; return a sentence where it fails."""
    ready = VENV / ".ready"
    sources = [ROOT / "Makefile", Path(__file__), ROOT / "meta" / "ee-requirements.txt"]
    with alone("setup"):
        if ready.exists() and ready.stat().st_mtime >= max(path.stat().st_mtime for path in sources):
            return None
        print("Setting up .venv", flush=True)
        # What an interrupted run left behind is not to be trusted.
        shutil.rmtree(VENV, ignore_errors=True)
        made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
        if made.returncode:
            return (
                f"{sys.executable} cannot make a virtual environment, it says: {last_line(made.stdout + made.stderr)} "
                "On Debian and Ubuntu the package python3-venv helps; or name another Python: make PYTHON=python3.12 ..."
            )
        command = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *PACKAGES]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"{CANNOT_INSTALL} {last_line(done.stdout + done.stderr)}"
        ready.touch()
    return None


def is_note(line: str) -> bool:
    """Tell whether a line of a session that passed is for somebody to act on."""
    return "on this machine" in line and "nox > " in line


class Lane(threading.Thread):
    """The sessions with one tag, one after the other; ``failed`` are the names of those that did."""

    def __init__(self, tag: str) -> None:
        super().__init__(daemon=True)
        command = [PYTHON, "-m", "nox", "--tags", tag, "--list", "--json"]
        listed = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
        self.sessions = [found["session"] for found in json.loads(listed)]
        self.failed: list[str] = []

    def run(self) -> None:
        for session in self.sessions:
            begun, path = time.monotonic(), LOGS / f"{session}.log"
            with path.open("w", encoding="utf-8") as log:
                command = [PYTHON, "-m", "nox", "--session", session]
                ended = subprocess.run(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, check=False)
            said = path.read_text(encoding="utf-8", errors="replace")
            passed = ended.returncode == 0
            if not passed:
                self.failed.append(session)
            shown = said if not passed or os.environ.get("CI") else "\n".join(filter(is_note, said.splitlines()))
            verdict = "passed" if passed else "FAILED"
            # One call, so that the lanes do not mix.
            print(f"{shown.strip()}\n{session}: {verdict} after {time.monotonic() - begun:.0f} s".strip(), flush=True)


def test() -> str | None:
    """Run every check; return a sentence where one fails."""
    with alone("test"):
        lanes = [Lane(tag) for tag in LANES]
        print(
            f"Running {', '.join(name for lane in lanes for name in lane.sessions)}; logs are in .nox/.logs", flush=True
        )
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
    failed = [name for lane in lanes for name in lane.failed]
    return f"These checks failed: {', '.join(failed)}." if failed else None


if __name__ == "__main__":
    try:
        sys.exit({"setup": setup, "test": test}[sys.argv[1]]())
    except KeyboardInterrupt:
        sys.exit(130)
