# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import os
import stat
import threading

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.output_file import OutputFile


@pytest.fixture
def run_folder(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    return str(folder)


def test_a_file_is_replaced_as_a_whole_and_is_its_owners(tmp_path):
    path = tmp_path / "r.json"
    path.write_text("longer than what comes")
    path.chmod(0o644)
    OutputFile("name", str(path)).write("caf\u00e9 \ud800")
    assert path.read_bytes() == b"caf\xc3\xa9 \\ud800"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_relative_path_counts_from_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/somebody's")
    assert OutputFile("name", "r.json").path == str(tmp_path / "r.json")
    assert OutputFile("name", "~/r.json").path == "/somebody's/r.json"


def test_what_a_link_leads_to_is_written(tmp_path):
    (tmp_path / "there").mkdir()
    link, target = tmp_path / "r.json", tmp_path / "there" / "real.json"
    link.symlink_to(target)
    OutputFile("name", str(link)).write("text")
    assert link.is_symlink()
    assert target.read_text() == "text"


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("code", [errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS])
def test_a_file_that_cannot_be_put_in_anothers_place_is_written_in_place(tmp_path, monkeypatch, code, exists):
    path = tmp_path / "r.json"
    if exists:
        path.write_text("old, and longer than the new one")

    def replace(*_paths):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "replace", replace)
    OutputFile("name", str(path)).write("new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_is_full_keeps_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "r.json"
    path.write_text("old")

    def replace(*_paths):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(DriftInputError, match=r"^name: '.*r\.json' could not be written: No space left on device\.$"):
        OutputFile("name", str(path)).write("new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_device_and_a_pipe_are_written_once_and_never_waited_for(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    file = OutputFile("name", str(pipe))
    assert not file.keeps_one_text
    with pytest.raises(DriftInputError, match="could not be written: No such device or address"):
        file.write("nobody reads")
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    while not read:
        try:
            file.write("x" * 200_000)
            break
        except DriftInputError:
            pass
    reader.join(10)
    assert read == ["x" * 200_000]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_file_is_one_hosts_of_a_run(tmp_path, run_folder):
    path = str(tmp_path / "r.json")
    OutputFile("name", path).claim(run_folder, "shop")
    OutputFile("name", path).claim(run_folder, "shop")
    other_way = os.path.join(str(tmp_path), "run", "..", "r.json")
    with pytest.raises(
        DriftInputError, match=r"^name: the host 'shop' writes .*r\.json' in this run too; .*inventory_host"
    ):
        OutputFile("name", other_way).claim(run_folder, "support")
    OutputFile("name", str(tmp_path / "s.json")).claim(run_folder, "support")


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("nowhere/r.json", "cannot be written: the folder '.*nowhere' does not exist; make it first"),
        ("folder", "is a folder"),
        ("file/r.json", "cannot be written: the folder '.*file' does not exist; make it first"),
    ],
)
def test_a_path_that_cannot_be_written_is_told_before_it_is_needed(tmp_path, run_folder, path, problem):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(DriftInputError, match=rf"^name: '.*{path}' {problem}\.$"):
        OutputFile("name", str(tmp_path / path)).claim(run_folder, "shop")


@pytest.mark.parametrize(
    ("exists", "problem"), [(True, "may not be written"), (False, "cannot be written: '.*' is closed")]
)
def test_a_path_that_is_closed_is_told_before_it_is_needed(tmp_path, run_folder, monkeypatch, exists, problem):
    if exists:
        (tmp_path / "r.json").touch()
    # Nothing is closed to root, who may run these tests.
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with pytest.raises(DriftInputError, match=rf"^name: '.*r\.json' {problem}\.$"):
        OutputFile("name", str(tmp_path / "r.json")).claim(run_folder, "shop")
