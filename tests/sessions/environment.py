# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environments of the sessions: what is installed in them, their home, and what a whole check needs of the machine."""

from __future__ import annotations

import ast
import configparser
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nox
from nox.command import CommandFailed
from sessions.desk import CANNOT_INSTALL, last_line
from sessions.pythons import CORES, NOX
from sessions.tree import link_tree


def python_of(session: nox.Session) -> str:
    """Return the version of the session's Python, such as 3.12."""
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    return session.run("python", "-c", script, silent=True, log=False).strip()


def install(session: nox.Session, *packages: str, core: str | None = None) -> str:
    """Install ansible-core, by default the newest for the session's Python, and packages; return the core's release."""
    core = core or [core for core, (pythons, _pip) in CORES.items() if python_of(session) in pythons][-1]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        try:
            session.install("--quiet", f"ansible-core~={core}.0", *packages, silent=False, stdout=said)
        except CommandFailed:
            said.seek(0)
            session.error(f"{CANNOT_INSTALL} {last_line(said.read())}")
    return core


def must_not_be_missing(session: nox.Session, what: str, missing: object) -> None:
    """Say what this machine lacks for a whole check; where CI runs, nothing may be missing."""
    if missing:
        (session.error if os.environ.get("CI") else session.warn)(f"Not on this machine, {what}: {missing}.")


def home(session: nox.Session) -> dict[str, str]:
    """Return an environment whose HOME is the session's own, with this machine's settings of pip as a file in it.

    ansible-test hands no other variable on to the pips that it runs.
    """
    folder = Path(session.virtualenv.location).resolve() / "home"
    settings = configparser.RawConfigParser()
    settings["global"] = {"quiet": "1", "cache-dir": str(NOX / ".pip")}
    for option, variables in {"cert": ["REQUESTS_CA_BUNDLE"], "proxy": ["HTTPS_PROXY", "https_proxy"]}.items():
        for variable in variables:
            if os.environ.get(variable):
                settings["global"][option] = os.environ[variable]
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    for line in sorted(listed.stdout.splitlines(), key=lambda line: line.startswith(":env:")):
        name, value = line.split("=", 1)
        section, option = name.replace(":env:", "global", 1).split(".", 1)
        if not settings.has_section(section):
            settings.add_section(section)
        settings[section][option] = ast.literal_eval(value)
    path = folder / ".config" / "pip" / "pip.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        settings.write(file)
    return {"HOME": str(folder)}


@contextlib.contextmanager
def python_without_blanks(location: str | Path) -> Iterator[Path]:
    """Give an environment's Python a path without blanks: ansible-test and older releases of Ansible cannot do with one."""
    with tempfile.TemporaryDirectory() as folder:
        venv = Path(folder, "venv")
        venv.symlink_to(Path(location).resolve())
        yield venv / "bin" / "python"


def provide_redis(session: nox.Session) -> None:
    # Where none can be had, a desk's tests of it are skipped, and those of CI fail.
    session.run("python", "tests/unit/redis_server.py", "--all", success_codes=[0, 1])


def provide_prometheus(session: nox.Session) -> None:
    """Have Prometheus' tools in the session's search path. Where none can be had, it is as with Redis."""
    session.run("python", "tests/unit/prometheus_tools.py", success_codes=[0, 1])
    kept = Path("tests/output").resolve()
    session.env["PATH"] = os.pathsep.join([session.env.get("PATH") or os.environ["PATH"], str(kept)])


def run_unit(session: nox.Session, *arguments: str, scale: str | None = None, workers: int | str = "auto") -> None:
    """Run unit tests in so many ``workers``; where nothing else runs, more than there are cores, since many tests wait."""
    provide_redis(session)
    provide_prometheus(session)
    with python_without_blanks(session.virtualenv.location) as python:
        # Machines are shared: what a busy moment spoilt gets another chance, and is named at the end.
        chances = ["--reruns=2", "-rR"]
        command = [
            str(python),
            "-m",
            "pytest",
            "--numprocesses",
            str(workers),
            "--dist",
            "worksteal",
            *chances,
            *arguments,
        ]
        env = {"PYTHONPATH": str(link_tree()), **({"CHATAPP_TEST_SCALE": scale} if scale else {})}
        session.run(*command, env=env, external=True)
