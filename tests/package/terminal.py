# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shell that stays open, the commands that a page shows for it, and what it shows of their output."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

SECONDS = 120


class Terminal:
    """A shell that stays open; ``with`` ends it, and everything that it left running."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._shell = subprocess.Popen(
            ["bash"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._kill()
        self._shell.wait()
        self._shell.stdin.close()
        self._shell.stdout.close()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._shell.pid, signal.SIGKILL)

    def type(self, command: str) -> tuple[int, str]:
        """Return the command's exit status and what it printed."""
        self._shell.stdin.write(f"{{ {command}\n}} </dev/null; printf '\\nENDED WITH %d\\n' $?\n")
        self._shell.stdin.flush()
        lines: list[str] = []
        timer = threading.Timer(SECONDS, self._kill)
        timer.start()
        try:
            for line in self._shell.stdout:
                if line.startswith("ENDED WITH "):
                    return int(line.split()[-1]), "".join(lines)
                lines.append(line)
        finally:
            timer.cancel()
        raise AssertionError(f"The shell ended, or after {SECONDS} s was ended, within: {command}\n{''.join(lines)}")


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Give each command of a block, a line after ``$`` or several where a quote is open, and the output it shows."""
    command, shown = "", ""
    for line in text.splitlines():
        if command and _is_open(command):
            command += "\n" + line
        elif line.startswith("$ "):
            if command:
                yield command, shown
            command, shown = line[2:], ""
        else:
            assert command, f"There is no command before: {line}"
            shown += line + "\n"
    yield command, shown


def _is_open(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:
        return True
    return False


def fits(shown: str, output: str) -> bool:
    """Tell whether this is the output: ``…`` stands for anything, alone in a line for any lines, and ports differ."""
    shown, output = (re.sub(r"(127\.0\.0\.1):\d+", r"\1", text.strip("\n")) for text in (shown, output))
    lines = [re.escape(line).replace("…", ".*") + "\n" if line != "…" else "(?:.*\n)*" for line in shown.splitlines()]
    return bool(re.fullmatch("".join(lines), output + "\n"))
