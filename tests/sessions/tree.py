# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies and links of the working tree, as Ansible's tools want to have a collection: .../ansible_collections/alicloud/chatapp."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import nox
from sessions.pythons import NOX, ROOT

# What git ignores: for a copy of the sources that comes without git.
IGNORED = {".git", ".hypothesis", ".nox", ".pytest_cache", ".venv", "__pycache__"}


def git(*arguments: str) -> str:
    command = ["git", "-c", "safe.directory=*", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def is_checkout() -> bool:
    """Tell whether this folder is a checkout of its own: from an archive it is none, wherever it was unpacked."""
    return (ROOT / ".git").exists() and shutil.which("git") is not None


def sources() -> list[str]:
    """Return the path, from the root, of every file that git would keep."""
    if is_checkout():
        names = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
        return [name for name in names if name and (ROOT / name).exists()]
    found = []
    for folder, folders, files in os.walk(ROOT):
        place = Path(folder).relative_to(ROOT)
        folders[:] = sorted(set(folders) - IGNORED - ({"output"} if place == Path("tests") else set()))
        found += [str(place / name) for name in sorted(files) if not name.endswith((".tar.gz", ".pyc"))]
    return found


def copy_tree(session: nox.Session) -> Path:
    """Copy the sources into a tree of collections; return the collection's folder."""
    tree = NOX / ".trees" / Path(session.virtualenv.location).name
    shutil.rmtree(tree, ignore_errors=True)
    collection = tree / "ansible_collections" / "alicloud" / "chatapp"
    for name in sources():
        (collection / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, collection / name)
    if shutil.which("git"):
        # Without it, ansible-test finds a repository around this one, which ignores the folder, and tests nothing.
        session.run("git", "init", "--quiet", str(collection), external=True, log=False)
    return collection


def link_tree() -> Path:
    """Link the working tree into a tree of collections, so that its Python can be imported and measured."""
    link = NOX / ".linked" / "ansible_collections" / "alicloud" / "chatapp"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(ROOT, target_is_directory=True)
    return NOX / ".linked"
