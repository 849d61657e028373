# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


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
