# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation as HTML: the project's own site, and what antsibull-docs makes of it for everybody."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nox
from sessions.environment import home
from sessions.tree import copy_tree

NAME = "alicloud.chatapp"


def build_site(session: nox.Session) -> Path:
    """Build the site, and let a warning fail; return its folder."""
    collection = copy_tree(session)
    site = Path(session.create_tmp())
    shutil.rmtree(site)
    pages, html = site / "rst", site / "html"
    pages.mkdir(parents=True, mode=0o755)
    env = {**home(session), "ANSIBLE_COLLECTIONS_PATH": str(collection.parents[2])}
    generate = ["antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error"]
    session.run(*generate, "--dest-dir", str(pages), NAME, env=env)
    # The page that antsibull-docs writes for the collection lists the same as the first page does.
    shutil.copy2("docs/index.rst", pages)
    shutil.copytree("docs/images", pages / "images")
    session.run("sphinx-build", "-q", "-c", "docs", "--fail-on-warning", "--keep-going", str(pages), str(html), env=env)
    return html


def build_standard_site(session: nox.Session) -> Path:
    """Build what ``antsibull-docs sphinx-init`` sets up, as Ansible's own site is built; return its folder."""
    folder = Path(session.create_tmp()) / "standard"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755)
    env = {**home(session), "ANSIBLE_COLLECTIONS_PATH": str(copy_tree(session).parents[2])}
    session.run("antsibull-docs", "sphinx-init", "--use-current", "--dest-dir", str(folder), NAME, silent=True, env=env)
    with (folder / "conf.py").open("a", encoding="utf-8") as settings:
        # References to other sites stay open: nothing here asks one.
        settings.write("\nintersphinx_mapping = {}\nnitpicky = False\nsuppress_warnings = ['ref.ref']\n")
    with session.chdir(folder):
        Path("rst").chmod(0o755)
        configuration = ["--config-file", "antsibull-docs.cfg"]
        generate = ["collection", "--use-current", "--cleanup", "everything", "--dest-dir", "rst", NAME]
        session.run("antsibull-docs", *configuration, *generate, env=env)
        session.run("sphinx-build", "-q", "-c", ".", "rst", "html", env=env)
    for page in (folder / "html").rglob("guide_*.html"):
        for source in re.findall(r'<img[^>]* src="([^"]+)"', page.read_text(encoding="utf-8")):
            if not (page.parent / source).is_file():
                session.error(f"In {page.name}, the picture {source} is missing.")
    return folder / "html"
