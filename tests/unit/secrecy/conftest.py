# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cases need: a simulator with faults, one that nobody trusts, a hostile Redis, another server."""

from __future__ import annotations

import json
import os
import socketserver
import sys
import threading
from pathlib import Path

import pytest
import trustme

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from secrecy_cases import PROFILES, SECRETS, cases, faults, quoted
from simulator.testing import Simulator, account

SHIMS = Path(__file__).parent / "shims"


class Listener(socketserver.ThreadingTCPServer):
    """Counts connections and keeps what they bring, on a free port; ``reply`` makes an answer of it."""

    daemon_threads = True

    def __init__(self, reply=lambda received: b""):
        self.received = []
        listener = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                while received := self.request.recv(65536):
                    listener.received.append(received)
                    self.request.sendall(reply(received))

        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture(name="elsewhere", scope="session")
def fixture_elsewhere():
    with Listener() as listener:
        yield listener
        listener.shutdown()


@pytest.fixture(name="all_cases", scope="session")
def fixture_all_cases(elsewhere, tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    certificate = trustme.CA().issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    key = {"id": SECRETS["key ID"], "secret": SECRETS["secret"], "security_token": SECRETS["token"]}
    known = account(
        keys=[key],
        isv_code=SECRETS["ISV code"],
        sub_customers=[
            {"cust_space_id": "cams-fact", "phone_numbers": [{"VerifiedName": SECRETS["key ID"]}]},
            {"cust_space_id": "one"},
            {"cust_space_id": "two"},
        ],
    )
    unlimited = ("--qps", "unlimited")
    tls = (*unlimited, "--cert", str(folder / "cert.pem"), "--key", str(folder / "key.pem"))
    with (
        Listener(lambda received: b"-ERR refused: " + received.replace(b"\r\n", b" ") + b"\r\n") as redis,
        Simulator(
            {"accounts": [known], "faults": faults(f"http://127.0.0.1:{elsewhere.port}")}, *unlimited
        ) as simulator,
        Simulator({"accounts": [known]}, *tls) as tls_simulator,
    ):
        yield simulator.url, cases(simulator.url, tls_simulator.url, redis.port, str(folder))
        redis.shutdown()


@pytest.fixture(name="surroundings")
def fixture_surroundings(tmp_path):
    """A folder for what a run leaves, and its environment: a home with a profile, the shims, a proxy's password."""
    home, sinks = tmp_path / "home", tmp_path / "sinks"
    (home / ".aliyun").mkdir(parents=True)
    (home / ".aliyun" / "config.json").write_text(json.dumps(PROFILES))
    (home / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    (home / ".netrc").chmod(0o600)
    sinks.mkdir()
    (tmp_path / "text").write_text(quoted(SECRETS), encoding="utf-8")
    return sinks, {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join((str(SHIMS), os.environ.get("PYTHONPATH", ""))),
        "LANG": "C.UTF-8",
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
        "HTTPS_PROXY": f"http://user:{SECRETS['proxy password']}@127.0.0.1:1",
        "SECRECY_SYSLOG": str(sinks / "syslog"),
        "SECRECY_TEXT": str(tmp_path / "text"),
        # A module is measured like every process of the tests.
        **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")},
    }
