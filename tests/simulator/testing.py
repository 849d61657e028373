# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import json
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
KEY_ID = "LTAI5tKeyOfTheTests"
KEY_SECRET = "SecretOfTheTests-0123456789"


def account(**changes: Any) -> dict[str, Any]:
    """An account for a data file: `test`, one key (KEY_ID, KEY_SECRET), one number; `changes` replace fields."""
    return {
        "name": "test",
        "keys": [{"id": KEY_ID, "secret": KEY_SECRET}],
        "phone_numbers": [{"PhoneNumber": "8613800001234", "Status": "CONNECTED"}],
        **changes,
    }


def most_in_a_second(entries: Iterable[Mapping[str, Any]], window: float = 1.0) -> int:
    """The most arrivals in any stretch of `window` seconds, of entries of the log."""
    times = sorted(entry["monotonic"] for entry in entries)
    first = most = 0
    for last, arrival in enumerate(times):
        while arrival - times[first] >= window:
            first += 1
        most = max(most, last - first + 1)
    return most


class Simulator:
    """A simulator in a process of its own, on a free port, for the length of a `with` block.

    with Simulator({"accounts": [account()]}, "--qps", "unlimited") as simulator:
        ask(simulator.url)
        assert len(simulator.log()) == 1

    `data` is the content of a data file, or the path of one; `options` are further ones of the command line.
    Raises RuntimeError, with what the process said, where it does not start.
    """

    def __init__(self, data: Mapping[str, Any] | Path, *options: str, python: str = sys.executable) -> None:
        self._data = data
        self._options = options
        self._python = python
        self.url = ""

    def __enter__(self) -> Simulator:
        self._folder = tempfile.TemporaryDirectory(prefix="simulator-")
        folder = Path(self._folder.name)
        self._log = folder / "log.jsonl"
        self._log.touch()
        self.data_file = self._data if isinstance(self._data, Path) else folder / "data.yml"
        if not isinstance(self._data, Path):
            self.write_data(self._data)
        command = [self._python, str(FOLDER), "--data", str(self.data_file), "--log", str(self._log), *self._options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        # A process that hangs before its first line is ended, so that the reading below ends too.
        with _deadline(15, self.process.kill):
            self.url = self.process.stdout.readline().strip()
        if not self.url:
            said = self.process.communicate()[1]
            self._folder.cleanup()
            raise RuntimeError(f"the simulator did not start: {said.strip()}")
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()
        self._folder.cleanup()

    def stop(self) -> int:
        """Ends the process, and returns its exit code; the log can still be read inside the `with` block."""
        self.process.terminate()
        with _deadline(5, self.process.kill):
            self.process.communicate()
        return self.process.returncode

    def log(self) -> list[dict[str, Any]]:
        """The entries written so far, in the order of arrival."""
        return [json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines()]

    def wait_for_log(self, count: int, seconds: float = 10.0) -> list[dict[str, Any]]:
        """The entries, as soon as there are `count` of them; raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while len(entries := self.log()) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(entries)} entries in the log after {seconds} s, not {count}")
            time.sleep(0.02)
        return entries

    def write_data(self, data: Mapping[str, Any]) -> None:
        """Writes the data file; a running simulator reads it upon `reload`."""
        self.data_file.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")

    def reload(self) -> None:
        """Has the data file read anew; raises RuntimeError, with the sentence about it, where it is bad."""
        self._control("reload", None)

    def hang_up(self) -> None:
        """Sends SIGHUP, the reload of a user at a shell; it is over some time later."""
        self.process.send_signal(signal.SIGHUP)

    def set_number(
        self, phone_number: str, field: str, value: Any, cust_space_id: str = "", account: str = "test"
    ) -> None:
        """Changes one field of one number, as drift would."""
        change = {"account": account, "cust_space_id": cust_space_id, "phone_number": phone_number, "field": field}
        self._control("number", {**change, "value": value})

    def set_faults(self, faults: list[Mapping[str, Any]]) -> None:
        """Replaces all faults by these, each counting from now."""
        self._control("faults", faults)

    def _control(self, name: str, body: Any) -> None:
        trusting = ssl.create_default_context()
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting)
        )
        request = urllib.request.Request(f"{self.url}/_simulator/{name}", json.dumps(body).encode())
        try:
            opener.open(request, timeout=10).close()
        except urllib.error.HTTPError as error:
            with error:
                raise RuntimeError(json.loads(error.read())["error"]) from None


@contextlib.contextmanager
def _deadline(seconds: float, act: Any):
    timer = threading.Timer(seconds, act)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
