# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import readme
from conftest import Demo, is_gone, running_demo


def test_demo_shows_the_numbers_and_leaves_nothing_behind(demo: Demo) -> None:
    output = demo.output.read_text(encoding="utf-8")
    assert demo.status == 0
    assert "8613800001234  Example Shop     CONNECTED  GREEN    TIER_100K" in output
    assert "All 3 are CONNECTED." in output
    assert "They report to https://hooks.example.com/status and https://hooks.example.com/inbound." in output
    assert "https://elsewhere.example.net/status" in output
    assert "FLAGGED" in output
    assert "unlisted: all numbers of cams-1a2b3c4d: " in output
    assert "(1 phone number: 8613922220002)" in output
    assert "DRIFT: 4 phone numbers checked, 2 differ, 0 missing, 1 unlisted." in output
    assert not demo.processes
    assert demo.files == []


def test_picture_is_of_what_the_demo_says_today(demo: Demo) -> None:
    drawn = readme.render(demo.coloured)
    assert drawn == readme.PICTURE.read_text(encoding="utf-8"), "Run nox -s readme."
    assert f'<tspan fill="{readme.COLOURS["31"]}">    msg: &#x27;DRIFT: ' in drawn


def test_readme_shows_the_report_of_the_demo(demo: Demo) -> None:
    text = readme.README.read_text(encoding="utf-8")
    assert readme.with_report(text, demo.report) == text, "Run nox -s readme."
    assert demo.report.count("\n| differs |") == 2
    assert demo.report.count("\n| unlisted |") == 1


@pytest.mark.parametrize("moment", ["1.", "2.", "3.", "TASK [Gather"])
def test_demo_leaves_nothing_behind_after_ctrl_c(tmp_path: Path, moment: str) -> None:
    with running_demo(tmp_path) as demo:
        while not demo.stdout.readline().startswith(moment):
            assert demo.poll() is None
        # As a terminal does, which sends it to every process in the foreground.
        os.killpg(demo.pid, signal.SIGINT)
        demo.communicate(timeout=60)
    assert demo.returncode == 130
    assert is_gone(demo.pid)
    assert list(tmp_path.iterdir()) == []
