# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle

GUIDE = Path(__file__).parents[3] / "docs" / "docsite" / "rst" / "guide_quota.rst"
SVG = "{http://www.w3.org/2000/svg}"
# Seconds, task and calls, as the picture and the sentence below it have them.
ASKED = [(0.0, "A", 6), (0.4, "B", 8), (0.7, "C", 4)]


@pytest.fixture(name="granted")
def fixture_granted(tmp_path):
    """The moments in seconds of the slots that the throttle gives to the tasks, each with its task."""
    now = 5000.0
    throttle = open_throttle(tmp_path.as_uri(), None, "key", 10, 3600, clock=lambda: now)
    slots = []
    for moment, task, calls in ASKED:
        now = 5000.0 + moment
        slots += [(round(throttle.reserve().at - 5000.0, 3), task) for _call in range(calls)]
    return slots


def test_formula_gives_the_slots_of_the_throttle(granted):
    [formula] = re.findall(r"slot\[n\] = (.+)", GUIDE.read_text(encoding="utf-8"))
    slot = dict.fromkeys(range(-10, 0), float("-inf"))
    for moment, _task, calls in ASKED:
        for n in range(max(slot) + 1, max(slot) + 1 + calls):
            slot[n] = eval(formula, {"slot": slot, "n": n, "now": moment, "floor": 0.0, "limit": 10})
    assert [slot[n] for n in range(len(granted))] == pytest.approx([at for at, _task in granted], abs=1e-3)


def test_picture_shows_the_slots_of_the_throttle(granted):
    [picture] = re.findall(r"<svg .*?</svg>", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    root = ElementTree.fromstring(picture)
    groups = [list(group) for group in root.iter(SVG + "g")]
    moments = {
        text.get("x"): float(text.text.split()[0])
        for text in root.iter(SVG + "text")
        if re.fullmatch(r"[\d.]+ s", text.text) and text.get("y") == "295"
    }
    drawn = Counter(
        (moments[dot.get("cx")], letter.text)
        for group in groups
        for dot, letter in zip(group, group[1:])
        if dot.tag == SVG + "circle"
    )
    assert drawn == Counter(granted)
    # As far apart on the paper as in time.
    assert [(float(x) - 60) / 330 for x in moments] == pytest.approx(list(moments.values()), abs=1e-2)


def test_sentence_below_the_picture_says_the_same(granted):
    sentence = " ".join(GUIDE.read_text(encoding="utf-8").split("Three tasks share")[1].split("- The 0.1")[0].split())
    for moment, task, calls in ASKED:
        assert f"{task} asks for {calls} at {moment:g} s" in sentence
    assert Counter(granted) == {(0, "A"): 6, (0.4, "B"): 4, (1.1, "B"): 4, (1.1, "C"): 2, (1.5, "C"): 2}
    assert "at 1.1 s" in sentence
    assert "at 1.5 s" in sentence
