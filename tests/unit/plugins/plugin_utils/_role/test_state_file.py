# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that one run keeps for the next: killed at any step, written by many at once, spoilt by hand."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import ansible_collections.alicloud.chatapp as collection
import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.state import remember
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.state_file import StateFile

COLLECTIONS = Path(next(iter(collection.__path__))).parents[2]
# In a process of its own: keep a state, and be killed before the step of this number, or in the midst of a write.
KILLED = """
import builtins, os, signal, sys, tempfile
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role import state_file
path, name, step, part = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
steps = 0

def counted(function):
    def call(*arguments, **options):
        global steps
        steps += 1
        if steps == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)
    return call

class File:
    def __init__(self, descriptor, mode):
        self._file = builtins.open(descriptor, mode, buffering=0)
    def __enter__(self):
        return self
    def __exit__(self, *_exception):
        self._file.close()
    def write(self, content):
        if part < 1:
            self._file.write(content[: int(len(content) * part)])
            os.kill(os.getpid(), signal.SIGKILL)
        self._file.write(content)
    def flush(self):
        self._file.flush()
    def fileno(self):
        return self._file.fileno()

os.fdopen = File
for module, function in ((tempfile, "mkstemp"), (File, "write"), (File, "flush"), (os, "fsync"), (os, "replace")):
    setattr(module, function, counted(getattr(module, function)))
from test_state_file import state
state_file.StateFile("drift_check_state_file", path).keep(state(name))
print(steps)
"""


def state(name, numbers=200):
    found = [{"phone_number": str(i), "status": name} for i in range(numbers)]
    results = {
        "queries": [{"cust_space_id": None, "phone_number_count": numbers}],
        "phone_numbers": found,
        "failures": [],
    }
    return remember(results, [None], None, "2026-01-01T00:00:00Z", None)


def file_at(path):
    return StateFile("drift_check_state_file", str(path))


def keeper(path, name, step=0, part=1.0):
    """Return the arguments that start a process which keeps a state there."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(COLLECTIONS), str(Path(__file__).parent)])}
    command = [sys.executable, "-c", KILLED, str(path), name, str(step), str(part)]
    return {"args": command, "env": env, "stdout": subprocess.PIPE, "text": True}


def test_killed_before_any_step_or_within_the_write_it_leaves_the_old_or_the_new_state_whole(tmp_path):
    path = tmp_path / "state.json"
    old, new = state("old"), state("new")
    file_at(path).keep(old)
    steps = int(subprocess.run(**keeper(tmp_path / "other.json", "new"), check=True).stdout)
    assert steps == 6  # the folder is synchronized too
    killed = [(step, 1.0) for step in range(1, steps + 1)] + [(0, part) for part in (0.0, 0.1, 0.5, 0.99)]
    seen = []
    for step, part in killed:
        assert subprocess.run(**keeper(path, "new", step, part), check=False).returncode == -signal.SIGKILL
        seen.append(file_at(path).read())
        assert seen[-1] in (old, new)
    assert old in seen and new in seen


def test_of_two_runs_at_once_one_counts(tmp_path):
    path = tmp_path / "state.json"
    names = ["one", "two", "three"]
    file_at(path).keep(state("one"))
    for _round in range(3):
        running = [subprocess.Popen(**keeper(path, name)) for name in names]
        while any(process.poll() is None for process in running):
            assert file_at(path).read() in [state(name) for name in names]
        assert [process.wait() for process in running] == [0] * len(names)
        for process in running:
            process.stdout.close()
    assert file_at(path).read() in [state(name) for name in names]
    assert os.listdir(tmp_path) == ["state.json"]


def test_there_is_no_state_before_the_first_run(tmp_path):
    assert file_at(tmp_path / "state.json").read() is None


def test_only_its_owner_can_read_it_whatever_the_umask_and_the_file_before(tmp_path):
    path = tmp_path / "state.json"
    path.write_text("{}")
    path.chmod(0o644)
    earlier = os.umask(0)
    try:
        file_at(path).keep(state("new"))
    finally:
        os.umask(earlier)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_stays_one(tmp_path):
    (tmp_path / "link.json").symlink_to(tmp_path / "state.json")
    file_at(tmp_path / "link.json").keep(state("new"))
    assert (tmp_path / "link.json").is_symlink()
    assert file_at(tmp_path / "state.json").read() == state("new")


@pytest.mark.parametrize(
    "content, problem",
    [
        ("", "is not whole; move it away, to begin anew."),
        ("{", "is not whole; move it away, to begin anew."),
        ("[" * 100_000, "is not whole; move it away, to begin anew."),
        ("\ufffe", "is not whole; move it away, to begin anew."),
        ("[]", "is no file that a run of this role has written; name another one, or move it away."),
        (json.dumps(state("new"))[:-3], "is not whole; move it away, to begin anew."),
        (json.dumps({**state("new"), "schema": 2}), "was written by a later release"),
    ],
)
def test_refuses_what_is_no_state_with_the_variables_name(tmp_path, content, problem):
    path = tmp_path / "state.json"
    path.write_bytes(content.encode("utf-16" if content == "\ufffe" else "utf-8"))
    with pytest.raises(DriftInputError) as refused:
        file_at(path).read()
    assert str(refused.value).startswith(f"drift_check_state_file: '{path}' {problem}")


def test_says_why_it_cannot_be_read_or_written(tmp_path):
    with pytest.raises(DriftInputError, match="cannot be read: Is a directory"):
        file_at(tmp_path).read()
    with pytest.raises(DriftInputError, match="could not be written: No such file"):
        file_at(tmp_path / "nowhere" / "state.json").keep(state("new"))


def test_a_disk_that_is_full_leaves_the_old_state_and_nothing_beside_it(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "state.json"
    file_at(path).keep(state("old"))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DriftInputError, match="could not be written: No space left on device"):
        file_at(path).keep(state("new"))
    assert file_at(path).read() == state("old")
    assert os.listdir(tmp_path) == ["state.json"]
