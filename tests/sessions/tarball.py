# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's tarball: built, made the same byte for byte, and looked at as Galaxy does."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import operator
import shutil
import tarfile
from pathlib import Path

import nox
from sessions.environment import home
from sessions.tree import copy_tree, git, is_checkout


def make_reproducible(tarball: Path) -> None:
    """Write the tarball anew without what depends on where and when it was built: the order of its files, and its times."""
    with tarfile.open(tarball) as archive:
        entries = {entry.name: entry for entry in archive}
        contents = {name: archive.extractfile(entry).read() for name, entry in entries.items() if entry.isfile()}
    listing, manifest = (json.loads(contents[name]) for name in ["FILES.json", "MANIFEST.json"])
    listing["files"].sort(key=operator.itemgetter("name"))
    contents["FILES.json"] = json.dumps(listing, indent=1).encode()
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(contents["FILES.json"]).hexdigest()
    contents["MANIFEST.json"] = json.dumps(manifest, indent=1).encode()
    moment = int(git("log", "-1", "--format=%ct")) if is_checkout() else 0
    with tarball.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=moment) as packed:
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name, entry in sorted(entries.items()):
                entry.mtime, entry.pax_headers = moment, {}
                entry.size = len(contents.get(name, b""))
                archive.addfile(entry, io.BytesIO(contents.get(name, b"")))


def build(session: nox.Session) -> Path:
    """Build the tarball from what git would keep; return its path."""
    artifacts = Path(session.create_tmp())
    shutil.rmtree(artifacts)
    session.run(
        "ansible-galaxy",
        "collection",
        "build",
        "--output-path",
        str(artifacts),
        str(copy_tree(session)),
        env=home(session),
    )
    tarball = next(artifacts.glob("*.tar.gz"))
    make_reproducible(tarball)
    return tarball


def check_import(session: nox.Session, tarball: Path) -> None:
    """Look at the tarball as Galaxy and Automation Hub do when it is uploaded; their ansible-lint is a check of its own here."""
    settings = {"run_ansible_lint": "no", "check_required_tags": "yes", "require_v1_or_greater": "yes"}
    with session.chdir(tarball.parent):
        env = {**home(session), **{f"GALAXY_IMPORTER_{name.upper()}": value for name, value in settings.items()}}
        said = session.run("python", "-m", "galaxy_importer.main", tarball.name, env=env, silent=True)
    complaints = [line for line in said.splitlines() if "WARNING" in line or "ERROR" in line]
    if complaints or "completed successfully" not in said:
        session.error(f"The importer says:\n{said}")
