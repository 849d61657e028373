# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus' checker and its exporter for tests. ``python prometheus_tools.py`` provides them and prints their paths."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# Where the binaries of the system's packages are kept; git and the collection's tarball leave this folder out.
KEPT = Path(__file__).parents[1] / "output"
PACKAGES = {"promtool": "prometheus", "prometheus-node-exporter": "prometheus-node-exporter"}


def find(tool: str) -> str | None:
    """Return the path of a tool: the one of the search path, or the kept one."""
    return next((path for path in (shutil.which(tool), str(KEPT / tool)) if path and _runs(path)), None)


def provide(tool: str) -> str | None:
    """Return the path of a tool, taken out of the system's package when there is no other (Debian, Ubuntu).

    The package itself is not installed: it would start a server.
    """
    found = find(tool)
    if found or not shutil.which("apt-get"):
        return found
    with tempfile.TemporaryDirectory() as folder:
        download = ["apt-get", "-qq", "download", PACKAGES[tool]]
        # The lists of packages can be absent or old. To fetch them takes root.
        if not _run(folder, *download) and not (_run(folder, "apt-get", "-qq", "update") and _run(folder, *download)):
            return None
        [package] = Path(folder).glob("*.deb")
        if not _run(folder, "dpkg-deb", "--extract", str(package), "."):
            return None
        KEPT.mkdir(parents=True, exist_ok=True)
        fresh = KEPT / f"{tool}.{os.getpid()}"
        shutil.copy2(Path(folder, "usr", "bin", tool), fresh)
    fresh.replace(KEPT / tool)
    return find(tool)


def _run(folder: str, *command: str) -> bool:
    return subprocess.run(command, cwd=folder, stdout=sys.stderr, check=False).returncode == 0


def _runs(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    provided = {tool: provide(tool) for tool in PACKAGES}
    for tool, path in provided.items():
        print(path or f"No {tool}: tests that need it are skipped at a desk. Install the package {PACKAGES[tool]}.")
    sys.exit(None in provided.values())
