# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "demo" / "run"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The running demo, in a group of processes of its own, with an empty folder for temporary files."""
    # A shell that starts the tests in the background lets them, and what they start, ignore it.
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    environment = {**os.environ, "DEMO_PYTHON": sys.executable, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([DEMO], stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True) as process:
        yield process
    signal.signal(signal.SIGINT, earlier)


def is_gone(group: int) -> bool:
    """Tell whether the group of processes ends, within two seconds."""
    for _try in range(20):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    os.killpg(group, signal.SIGKILL)
    return False


def test_demo_shows_the_numbers_and_leaves_nothing_behind(demo: subprocess.Popen[str], tmp_path: Path) -> None:
    output = demo.communicate(timeout=120)[0]
    assert demo.returncode == 0
    assert "8613800001234  Example Shop     CONNECTED  GREEN    TIER_100K" in output
    assert "All 3 are CONNECTED." in output
    assert "They report to https://hooks.example.com/status and https://hooks.example.com/inbound." in output
    assert "https://elsewhere.example.net/status" in output
    assert "FLAGGED" in output
    assert "DRIFT: 3 phone numbers checked, 2 differ, 0 missing, 0 unlisted." in output
    assert is_gone(demo.pid)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("moment", ["1.", "2.", "3.", "TASK [Gather"])
def test_demo_leaves_nothing_behind_after_ctrl_c(demo: subprocess.Popen[str], tmp_path: Path, moment: str) -> None:
    while not demo.stdout.readline().startswith(moment):
        assert demo.poll() is None
    # As a terminal does, which sends it to every process in the foreground.
    os.killpg(demo.pid, signal.SIGINT)
    demo.communicate(timeout=60)
    assert demo.returncode == 130
    assert is_gone(demo.pid)
    assert list(tmp_path.iterdir()) == []
