# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-test on a copy of the tree, with its pip from the package index."""

from __future__ import annotations

from pathlib import Path

import nox
from sessions.environment import home, python_of, python_without_blanks
from sessions.pythons import CORES
from sessions.tree import copy_tree


def provide_get_pip(session: nox.Session, core: str) -> None:
    """Put pip's wheel from the package index where ansible-test keeps get-pip.py, which it loads from a site of its own."""
    version = CORES[core][1]
    cache = Path(home(session)["HOME"], ".ansible", "test", "cache")
    script = cache / f"get_pip_{version.replace('.', '_')}.py"
    if script.exists():
        return
    session.run("python", "-m", "pip", "--quiet", "download", "--no-deps", "--dest", str(cache), f"pip=={version}")
    script.write_text(f"""\
import pathlib, runpy, sys
sys.path.insert(0, str(pathlib.Path(__file__).with_name("pip-{version}-py3-none-any.whl")))
sys.argv[1:] = ["install"] + [argument for argument in sys.argv[1:] if not argument.startswith("--no-")]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
""")


def ansible_test(session: nox.Session, *arguments: str) -> None:
    with python_without_blanks(session.virtualenv.location) as python, session.chdir(copy_tree(session)):
        session.run(str(python), str(python.with_name("ansible-test")), *arguments, env=home(session), external=True)


def run_integration(session: nox.Session, *arguments: str, python: str | None = None) -> None:
    # ansible-test insists on a pair of SSH keys, which a local run never uses.
    keys = Path(home(session)["HOME"], ".ansible", "test")
    keys.mkdir(parents=True, exist_ok=True)
    for name in ["id_rsa", "id_rsa.pub"]:
        (keys / name).touch()
    python = python or python_of(session)
    ansible_test(
        session, "integration", "--local", "--python", python, "--retry-on-error", "--continue-on-error", *arguments
    )


def run_sanity(session: nox.Session, core: str, *arguments: str) -> None:
    provide_get_pip(session, core)
    ansible_test(session, "sanity", "--python", python_of(session), *arguments)
