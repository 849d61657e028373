# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module in a process of its own, as on a target host: options in, one JSON object out."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import in_process

MODULES = "ansible_collections.alicloud.chatapp.plugins.modules"
NAME = f"{MODULES}.alicloud_chatapp_phone_numbers_info"


class Ended(NamedTuple):
    """What a process left: its standard output as it was and as the result that it holds, standard error, exit code."""

    result: dict[str, Any]
    output: str
    error: str
    code: int


def start(
    options: Mapping[str, Any], environment: Mapping[str, str] | None = None, python: Sequence[str] = ("-m", NAME)
) -> subprocess.Popen | in_process.InProcess:
    """Start it; an option that is None is not given, and without ``environment`` the test's own counts."""
    given = {name: value for name, value in options.items() if value is not None}
    # A text of Python changes more than itself.
    if in_process.WANTED and python[0] != "-c":
        return in_process.InProcess(python, json.dumps({"ANSIBLE_MODULE_ARGS": given}), environment)
    with tempfile.TemporaryFile("w+") as arguments:
        json.dump({"ANSIBLE_MODULE_ARGS": given}, arguments)
        arguments.seek(0)
        return subprocess.Popen(
            [sys.executable, *python],
            stdin=arguments,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )


def wait(process: subprocess.Popen, seconds: float = 120) -> Ended:
    """Wait for its end. Raises subprocess.TimeoutExpired, and ValueError for an output that is not one JSON object."""
    try:
        output, error = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Ended(json.loads(output, parse_constant=_refuse), output, error, process.returncode)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
