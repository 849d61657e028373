# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ansible-core releases and Pythons there are to test with, on this machine and in all."""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOX = ROOT / ".nox"

CORES = {
    "2.16": (["3.10", "3.11", "3.12"], "23.1.2"),
    "2.17": (["3.10", "3.11", "3.12"], "23.1.2"),
    "2.18": (["3.11", "3.12", "3.13"], "24.2"),
    "2.19": (["3.11", "3.12", "3.13"], "24.2"),
    "2.20": (["3.12", "3.13", "3.14"], "25.2"),
    "2.21": (["3.12", "3.13", "3.14"], "25.2"),
}
"""ansible-core releases: the Pythons a controller runs on, and the pip that ansible-test bootstraps."""
CORE_ENDS = (min(CORES), max(CORES))
OLDEST_TARGET = "3.9"
OLDEST_CONTROLLER = ("2.16", "3.10")
PYTHONS = [OLDEST_TARGET, "3.10", "3.11", "3.12", "3.13"]
NEW_PYTHON = "3.14"
"""One that is supported, but that few systems have yet: where it is missing, a whole check says so and goes on."""
# What the oldest supported enterprise distributions ship.
OLDEST_REQUESTS = ["requests==2.25.1", "urllib3==1.26.5", "idna<3"]
# What throttle_url says that it needs.
OLDEST_REDIS = "redis==5.0.0"


def runs(executable: Path, version: str) -> bool:
    """Tell whether this is a whole Python of that version: a version manager's shim may exist and yet fail."""
    script = f"import ensurepip, ssl, sys; sys.exit(sys.version_info[:2] != ({version.replace('.', ', ')}))"
    return subprocess.run([executable, "-c", script], capture_output=True, check=False).returncode == 0


def find_pythons() -> list[str]:
    """Put the Pythons of this machine, as python3.X, on the path of every session; return their versions."""
    homes = [Path(sys.base_prefix).parent, Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"]
    # Another user's, left in the environment by sudo or su, may be closed to this one.
    siblings = [home for home in homes if os.access(home, os.R_OK | os.X_OK)]
    links = NOX / ".pythons"
    links.mkdir(parents=True, exist_ok=True)
    found = []
    for version in [*PYTHONS, NEW_PYTHON]:
        link = links / f"python{version}"
        candidates = itertools.chain(
            [link],
            *(sorted(folder.glob(f"{version}*/bin/python{version}")) for folder in siblings),
            (Path(folder, f"python{version}") for folder in os.get_exec_path()),
        )
        executable = next((path for path in candidates if os.path.isfile(path) and runs(path, version)), None)
        if executable:
            found.append(version)
        if executable != link:
            link.unlink(missing_ok=True)
            if executable:
                # Somebody else can be at it.
                with contextlib.suppress(FileExistsError):
                    link.symlink_to(executable)
    os.environ["PATH"] = f"{links}{os.pathsep}{os.environ['PATH']}"
    return found


FOUND_PYTHONS = find_pythons()
MATRIX = {core: [python for python in CORES[core][0] if python in FOUND_PYTHONS] for core in CORES}
OLDEST_CORE = {python: core for core in reversed(MATRIX) for python in MATRIX[core]}
CONTROLLERS = [python for python in [*PYTHONS, NEW_PYTHON] if python in OLDEST_CORE]
PYTHON_ENDS = (*CONTROLLERS[:1], *CONTROLLERS[-1:])
NEWEST_PYTHON = {core: pythons[-1] for core, pythons in MATRIX.items() if pythons}
