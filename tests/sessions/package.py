# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests of the package: the tarball, what is installed from it, and what the documentation says of that."""

from __future__ import annotations

import zipfile
from pathlib import Path

import nox
from sessions.environment import home, install, provide_prometheus, python_without_blanks
from sessions.tree import copy_tree

READERS = ["docutils", "markdown-it-py", "nox", "pytest", "PyYAML"]
# The last one that has the modules of AWX; it is a collection of collections, which need nothing to be read.
WITH_AWX = "ansible~=11.0"


def run_package(session: nox.Session, *arguments: str, core: str | None = None, **env: str) -> None:
    install(session, "alibabacloud-credentials", "ansible-builder", *READERS, "-r", "requirements.txt", core=core)
    provide_prometheus(session)
    with python_without_blanks(session.virtualenv.location) as python, session.chdir(copy_tree(session)):
        command = [str(python), "-m", "pytest", "-v", *arguments]
        session.run(*command, env={**home(session), **env}, external=True)


def provide_awx(session: nox.Session) -> Path:
    """Return a tree of collections with awx.awx in it, from the package index: Galaxy is another site."""
    folder = Path(session.create_tmp()).resolve() / "awx"
    if not folder.exists():
        options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--ignore-requires-python", "--dest", str(folder)]
        session.run("python", "-m", "pip", "download", *options, WITH_AWX)
        [wheel] = folder.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if name.startswith("ansible_collections/awx/awx/")]
            archive.extractall(folder, names)
        wheel.unlink()
    return folder
