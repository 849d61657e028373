# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota import folder as quota_folder
from refusals import of_no_use, raiser, refusal

# Where the file is


@pytest.mark.parametrize("umask", [0, 0o027, 0o077])
def test_the_file_is_in_the_home_of_the_password_database_for_the_user_alone(make, home, umask):
    previous = os.umask(umask)
    try:
        throttle = make()
        throttle.reserve()
        assert os.umask(umask) == umask
    finally:
        os.umask(previous)
    directory = home / ".ansible" / "alicloud.chatapp"
    [file] = directory.iterdir()
    assert throttle.scope == "user"
    assert stat.S_IMODE(directory.parent.stat().st_mode) == stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not (home.parent / "environment").exists()


def test_neither_the_name_nor_the_content_shows_the_key(make, home):
    make().reserve()
    [file] = (home / ".ansible" / "alicloud.chatapp").iterdir()
    # Every release finds the log of the others by this name.
    assert file.name == f"alicloud.chatapp-{hashlib.sha256(b'sekret key').hexdigest()[:32]}"
    assert b"sekret" not in file.read_bytes()


def test_nobody_is_given_another_umask(make, monkeypatch):
    """It is the whole process's: what its other threads make meanwhile would be open to everybody."""
    monkeypatch.setattr(os, "umask", lambda _mask: pytest.fail("the umask was changed"))
    make().reserve()


def lose_home(monkeypatch, home):
    os.rmdir(home)


def forget_user(monkeypatch, home):
    monkeypatch.setattr(quota_folder.pwd, "getpwuid", lambda uid: {}[uid])


def lose_home_entry(monkeypatch, home):
    monkeypatch.setattr(quota_folder.pwd, "getpwuid", lambda uid: SimpleNamespace(pw_dir="/dev/null"))


def close_home(monkeypatch, home):
    mkdir = os.mkdir

    def refuse(path, mode):
        if str(path).startswith(str(home)):
            raise PermissionError(errno.EACCES, "no")
        mkdir(path, mode)

    monkeypatch.setattr(os, "mkdir", refuse)


def write_protect_home(monkeypatch, home):
    """Only the effective user, not the real one, may not write in it."""

    def access(path, mode, effective_ids=False):
        return not (str(path).startswith(str(home)) and mode == os.W_OK and effective_ids)

    monkeypatch.setattr(os, "access", access)
    monkeypatch.setattr(os, "supports_effective_ids", {access})


def own_by_another(monkeypatch, home):
    """Somebody else's files can be made in a home that is shared_folder, and root can leave some behind."""
    real = os.stat
    folder = home / ".ansible" / "alicloud.chatapp"
    folder.mkdir(parents=True)

    def stat_as_another(path, *arguments, **options):
        info = real(path, *arguments, **options)
        return SimpleNamespace(st_mode=info.st_mode, st_uid=12345, st_dev=0) if str(path) == str(folder) else info

    monkeypatch.setattr(os, "stat", stat_as_another)


def link_where_others_may_write(monkeypatch, home):
    (home / "open").mkdir()
    (home / "open").chmod(0o777)
    (home / ".ansible").mkdir()
    (home / ".ansible" / "alicloud.chatapp").symlink_to(home / "open")


def put_a_file_in_its_place(monkeypatch, home):
    (home / ".ansible").mkdir()
    (home / ".ansible" / "alicloud.chatapp").write_text("")


def mount_over_the_network(monkeypatch, home):
    (home / ".ansible").mkdir()
    mounts(monkeypatch, home, "nfs4")


def mounts(monkeypatch, folder, kind):
    info = os.stat(folder)
    device = f"{os.major(info.st_dev)}:{os.minor(info.st_dev)}"
    table = folder.parent / "mountinfo"
    table.write_text(
        f"20 1 0:1 / / rw - ext4 /dev/sda rw\n36 20 {device} / /mnt rw shared:1 - {kind} host:/export rw\n"
    )
    monkeypatch.setattr(quota_folder, "MOUNTS", str(table))


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lose_home, os.strerror(errno.ENOENT)),
        (forget_user, f"the user with the id {os.geteuid()} is not in the password database"),
        (lose_home_entry, os.strerror(errno.ENOTDIR)),
        (close_home, "no"),
        (write_protect_home, os.strerror(errno.EACCES)),
        (own_by_another, "it belongs to the user with the id 12345"),
        (link_where_others_may_write, "others may write in it (its mode is 0777)"),
        (put_a_file_in_its_place, "it is not a directory"),
        (mount_over_the_network, "it lies on a network file system (nfs4)"),
    ],
)
def test_where_the_homes_folder_cannot_be_used_the_file_is_in_tmp_and_that_is_said(
    make, home, tmp_path, monkeypatch, harm, reason
):
    harm(monkeypatch, home)
    if harm is mount_over_the_network:
        # The one in /tmp is on another file system.
        monkeypatch.setattr(quota_folder, "FALLBACK", "/dev/shm/alicloud-chatapp-test-%d")
    throttle = make()
    directory = Path(quota_folder.FALLBACK % os.geteuid())
    try:
        throttle.reserve()
        assert len(list(directory.iterdir())) == 1
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert [stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()] == [0o600]
    finally:
        shutil.rmtree(directory)
    assert throttle.scope == "fallback"
    home = "/dev/null" if harm is lose_home_entry else home
    place = "a home" if harm is forget_user else f"{home}/.ansible/alicloud.chatapp"
    [warning] = throttle.warnings
    assert warning == (
        f"The throttle cannot use {place}: {reason}. It keeps the quota in {directory}, which only tasks of this user"
        " that see the same /tmp share. Repair what is wrong, or name a directory: throttle_url=file:///directory."
    )


def test_a_home_that_is_relative_is_one_of_the_root(make, monkeypatch):
    """The current directory is another one in each process."""
    asked = []

    def refuse(path, mode):
        asked.append(path)
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(quota_folder.pwd, "getpwuid", lambda uid: SimpleNamespace(pw_dir="home/of/somebody"))
    monkeypatch.setattr(os, "mkdir", refuse)
    refusal(make)
    assert asked[0] == "/home/of/somebody/.ansible"


def test_the_directory_in_tmp_is_the_users_own():
    assert quota_folder.FALLBACK % 1000 == "/tmp/alicloud-chatapp-1000"


def test_without_any_directory_the_error_is_clear(make, home, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "mkdir", raiser(errno.EROFS))
    assert refusal(make) == of_no_use(tmp_path / f"fallback-{os.geteuid()}", os.strerror(errno.EROFS))


# Who may have made it


@pytest.fixture(name="directory", params=["home", "tmp"])
def fixture_directory(request, home, tmp_path):
    """The path of the directory that will be used, with everything above it."""
    if request.param == "home":
        (home / ".ansible").mkdir()
        return home / ".ansible" / "alicloud.chatapp"
    home.rmdir()
    return tmp_path / f"fallback-{os.geteuid()}"


@pytest.mark.parametrize("mode", [0o700, 0o2700, 0o1700, 0o755, 0o2750])
def test_a_directory_that_lets_nobody_else_write_is_used_as_it_is(make, directory, mode):
    """Under a home or a /tmp with the set-group-ID bit each new directory has it, too."""
    directory.mkdir()
    directory.chmod(mode)
    assert make().reserve().granted
    assert stat.S_IMODE(directory.stat().st_mode) == mode
    assert len(list(directory.iterdir())) == 1


@pytest.mark.parametrize("parent_mode", [0o2770, 0o2775, 0o3777])
def test_a_new_directory_may_inherit_the_group(make, directory, parent_mode):
    directory.parent.chmod(parent_mode)
    assert make().reserve().granted
    assert stat.S_IMODE(directory.stat().st_mode) == 0o2700


@pytest.mark.parametrize("mode", [0o770, 0o2770, 0o777, 0o500])
def test_a_directory_of_ones_own_that_lets_others_in_is_closed(make, directory, mode):
    """Kubernetes gives all of a volume to its fsGroup, 2770, whenever it mounts it."""
    directory.mkdir()
    directory.chmod(mode)
    throttle = make()
    assert throttle.reserve().granted
    assert stat.S_IMODE(directory.stat().st_mode) & 0o777 == 0o700
    assert len(list(directory.iterdir())) == 1


@pytest.mark.parametrize("link", ["ansible", "folder"])
def test_a_home_folder_that_is_a_link_is_followed(make, home, tmp_path, link):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    if link == "ansible":
        (home / ".ansible").symlink_to(elsewhere)
    else:
        (home / ".ansible").mkdir()
        (home / ".ansible" / "alicloud.chatapp").symlink_to(elsewhere)
    throttle = make()
    throttle.reserve()
    assert (throttle.scope, throttle.warnings) == ("user", [])
    assert len(list(elsewhere.rglob("alicloud.chatapp-*"))) == 1


@pytest.fixture(name="fallback")
def fixture_fallback(home, tmp_path):
    home.rmdir()
    return tmp_path / f"fallback-{os.geteuid()}"


def test_a_link_in_tmp_is_refused(make, fallback, tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    fallback.symlink_to(tmp_path / "elsewhere")
    assert refusal(make) == of_no_use(fallback, "it is not a directory")


def test_a_file_in_tmp_is_refused(make, fallback):
    fallback.write_text("")
    fallback.chmod(0o700)
    assert refusal(make) == of_no_use(fallback, "it is not a directory")


def test_a_directory_in_tmp_of_somebody_else_is_refused(make, fallback, foreign, monkeypatch):
    fallback.mkdir(mode=0o700)
    owner = os.geteuid()
    foreign()
    monkeypatch.setattr(quota_folder, "FALLBACK", str(fallback).replace("%", "%%") + "%.0s")
    assert refusal(make) == of_no_use(fallback, f"it belongs to the user with the id {owner}")


# A directory that is given


@pytest.mark.parametrize(("mode", "expected"), [(0o700, 0o600), (0o750, 0o640), (0o2770, 0o660), (0o3775, 0o660)])
def test_a_given_directory_hands_its_rights_on_to_the_file(make, shared_folder, mode, expected):
    shared_folder.chmod(mode)
    previous = os.umask(0o077)
    try:
        throttle = make(url=shared_folder.as_uri())
        throttle.reserve()
    finally:
        os.umask(previous)
    [file] = shared_folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == expected
    assert throttle.scope == "directory"


def test_the_file_in_a_given_directory_can_belong_to_another_of_its_users(make, shared_folder, clock, foreign):
    make(1, shared_folder.as_uri()).reserve()
    foreign()
    assert make(1, shared_folder.as_uri()).reserve().at == pytest.approx(clock.now + 1.1)


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o2772])
def test_a_given_directory_that_everybody_may_write_in_is_refused(make, shared_folder, mode):
    shared_folder.chmod(mode)
    reason = f"its mode is {mode:04o} instead of {mode & ~0o002:04o}"
    assert refusal(lambda: make(url=shared_folder.as_uri())) == of_no_use(shared_folder, reason)


def test_a_given_directory_must_be_one(make, shared_folder):
    file = shared_folder / "file"
    assert refusal(lambda: make(url=file.as_uri())) == of_no_use(file, os.strerror(errno.ENOENT))
    file.write_text("")
    assert refusal(lambda: make(url=file.as_uri())) == of_no_use(file, "it is not a directory")


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "9p", "virtiofs", "fuse.sshfs", "lustre"])
def test_a_given_directory_on_a_network_file_system_is_used_with_a_warning(make, shared_folder, monkeypatch, kind):
    mounts(monkeypatch, shared_folder, kind)
    throttle = make(url=shared_folder.as_uri())
    assert throttle.reserve().granted
    [warning] = throttle.warnings
    assert warning == (
        f"The throttle's directory {shared_folder} lies on a network file system ({kind}). Where its locks do not reach"
        " other hosts, or their clocks differ, these do not keep the quota together."
        " Name a Redis for several hosts: throttle_url=redis://host:port/database."
    )


@pytest.mark.parametrize("kind", ["ext4", "overlay", "tmpfs", "fuse.fuse-overlayfs", "xfs", "btrfs", "zfs"])
def test_a_given_directory_of_this_machine_is_used_without_one(make, shared_folder, monkeypatch, kind):
    mounts(monkeypatch, shared_folder, kind)
    assert make(url=shared_folder.as_uri()).warnings == []


@pytest.mark.parametrize("table", [None, "", "\n", "36 20\n", "36 20 0:1 / / rw - \n"])
def test_a_table_of_mounts_that_says_nothing_is_no_trouble(make, shared_folder, monkeypatch, tmp_path, table):
    monkeypatch.setattr(quota_folder, "MOUNTS", str(tmp_path / "mountinfo"))
    if table is not None:
        (tmp_path / "mountinfo").write_text(table)
    assert make(url=shared_folder.as_uri()).reserve().granted


def test_a_given_directory_that_the_locale_cannot_spell_is_refused_by_its_option(tmp_path):
    program = (
        "from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle, OptionError\n"
        "try:\n    open_throttle('file:///tmp/%E6%97%A5', None, 'key', 10, 60)\n"
        "except OptionError as error:\n    assert 'cannot spell' in str(error) and 'LC_ALL' in str(error), str(error)\n"
        "else:\n    raise SystemExit('not refused')"
    )
    environment = {
        **os.environ,
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
