# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking from a queue ends in time, also where the interpreter's own way to do so sometimes does not."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._take import take

# Of Python 3.9 to 3.12 nearly every run hangs where get() is called alone. A process of its own ends with it.
SHORT_LIMITS = """
import queue
from ansible_collections.alicloud.chatapp.plugins.module_utils._take import take
for turn in range(100_000):
    try:
        take(queue.SimpleQueue(), 1e-9 if turn % 2 else 0.0)
    except queue.Empty:
        pass
"""


def test_a_short_limit_never_becomes_none():
    subprocess.run([sys.executable, "-c", SHORT_LIMITS], check=True, timeout=60)


def test_what_is_there_is_taken_whatever_the_limit():
    waiting = queue.SimpleQueue()
    for item, seconds in enumerate([0.0, -1.0, 5.0, None]):
        waiting.put(item)
        assert take(waiting, seconds) == item


@pytest.mark.parametrize("seconds", [60.0, None])
def test_what_comes_meanwhile_is_waited_for(seconds):
    waiting = queue.SimpleQueue()
    threading.Timer(0.05, waiting.put, ["it"]).start()
    assert take(waiting, seconds) == "it"


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 0.01])
def test_where_nothing_comes_that_is_said(seconds):
    with pytest.raises(queue.Empty):
        take(queue.SimpleQueue(), seconds)
