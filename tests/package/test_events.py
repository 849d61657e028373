# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebook of the page on Event-Driven Ansible, run from an installed copy by the program that it is for."""

from __future__ import annotations

import importlib.metadata
import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from blocks import blocks
from simulator.testing import KEY_ID, KEY_SECRET, Simulator, account

TEXTS = {
    block.text.split()[1]: block.text
    for block in blocks(Path("docs", "docsite", "rst", "guide_events.rst"))
    if block.text.startswith("# ")
}
NUMBER = "8613800001234"
SECONDS = 90  # for what takes a few on a machine with nothing else to do


class Chat(ThreadingHTTPServer):
    """Where the rulebook tells what changed: ``told`` are the texts, ``url`` is its address."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.told: queue.Queue[str] = queue.Queue()


class _Hook(BaseHTTPRequestHandler):
    server: Chat

    def do_POST(self) -> None:
        self.server.told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def chat() -> Iterator[Chat]:
    with Chat() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def program() -> str:
    """The path of ansible-rulebook, which runs on Java."""
    release = tuple(map(int, importlib.metadata.version("ansible-core").split(".")[:2]))
    found = shutil.which("ansible-rulebook", path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip("ansible-rulebook is not here; nox -s recipes brings it along.")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            "Java, which ansible-rulebook needs, is not here."
        )
    if " " in str(Path(found).resolve()) and release < (2, 19):
        pytest.skip("Releases before ansible-core 2.19 cannot run a Python whose path has a blank.")
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(happened: Callable[[], bool], rulebook: subprocess.Popen[str], log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while not happened():
        assert rulebook.poll() is None and time.monotonic() < deadline, log.read_text(encoding="utf-8")
        time.sleep(0.2)


def ask(port: int, token: str) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/phone_numbers", b'{"check": "phone_numbers"}')
    request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_rulebook_tells_what_changed_and_what_could_not_be_read(
    program: str, installed: Path, chat: Chat, tmp_path: Path
) -> None:
    port, log, owned = free_port(), tmp_path / "log", tmp_path / "owned"
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text.replace("port: 5000", f"port: {port}"), encoding="utf-8")
    given = {"state_file": str(tmp_path / "state.json"), "chat_url": chat.url, "webhook_token": "TokenOfTheWebhook"}
    assert yaml.safe_load(TEXTS["vars.yml"]).keys() == given.keys()
    (tmp_path / "vars.yml").write_text(json.dumps(given), encoding="utf-8")
    # What cannot be copied, such as a half of an environment, does not matter.
    (tmp_path / "beside").symlink_to(tmp_path / "nowhere")
    command = [program, "--rulebook", "rulebook.yml", "--inventory", "inventory.yml", "--vars", "vars.yml"]
    with Simulator({"accounts": [account()]}) as simulator, log.open("w") as output:
        environment = {
            **os.environ,
            "HOME": str(tmp_path),
            "PATH": os.pathsep.join([str(Path(program).parent), os.environ["PATH"]]),
            "ANSIBLE_COLLECTIONS_PATH": str(installed),
            "ALICLOUD_CHATAPP_ENDPOINT": simulator.url,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY_SECRET,
        }
        with subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=output, stderr=subprocess.STDOUT, text=True
        ) as rulebook:
            try:
                # The schedule starts the first check.
                wait_for((tmp_path / "state.json").exists, rulebook, log)

                def told() -> str:
                    assert ask(port, given["webhook_token"]) == 200
                    wait_for(lambda: not chat.told.empty(), rulebook, log)
                    return chat.told.get()

                assert ask(port, "another") == 401
                simulator.set_number(NUMBER, "Status", "BANNED")
                assert told().startswith("CHANGED: 1 phone number compared, 1 changed")
                # A display name is somebody else's text.
                simulator.set_number(NUMBER, "VerifiedName", "{{ lookup('pipe', 'touch " + str(owned) + "') }}")
                assert "verified_name was absent, is '(( lookup(" in told()
                simulator.set_faults([{"kind": "code", "code": "Product.Unsubscript"}])
                assert "Product.Unsubscript" in told()
                assert KEY_SECRET not in log.read_text(encoding="utf-8")
            finally:
                rulebook.terminate()
    assert chat.told.empty(), "It told what did not change."
    assert not owned.exists()
