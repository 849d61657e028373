# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import socket
import stat
import time
from array import array
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota import file as quota_file
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PAUSES = {0.1: 10.1, 1: 1.1, 3: 1.1, 1000: 1.1}


class Clock:
    """A clock that moves only when somebody sleeps, and remembers who did."""

    def __init__(self):
        self.now = 5000.0
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture(name="clock")
def fixture_clock():
    return Clock()


@pytest.fixture(name="home")
def fixture_home(tmp_path, monkeypatch):
    """The effective user's home, as the password database has it; the environment's is another."""
    home = tmp_path / "home"
    home.mkdir()

    def getpwuid(uid):
        return SimpleNamespace(pw_dir=str(home if uid == os.geteuid() else "/dev/null"))

    monkeypatch.setattr(quota_file.pwd, "getpwuid", getpwuid)
    monkeypatch.setattr(quota_file, "FALLBACK", str(tmp_path / "fallback-%d"))
    for variable in ("HOME", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_STATE_HOME", "TMPDIR"):
        monkeypatch.setenv(variable, str(tmp_path / "environment"))
    return home


@pytest.fixture(name="make")
def fixture_make(home, clock):
    """Make a throttle, of this user's own file unless a URL is given."""

    def make(limit=3, url=None):
        return open_throttle(url, None, "sekret key", limit, 3600.0, clock=clock, sleep=clock.sleep)

    return make


@pytest.fixture(name="throttle")
def fixture_throttle(make):
    return make()


@pytest.fixture(name="file")
def fixture_file(throttle, home):
    """The throttle's file, with one slot in it."""
    throttle.reserve()
    [file] = (home / ".ansible" / "alicloud.chatapp").iterdir()
    return file


@pytest.fixture(name="foreign")
def fixture_foreign(monkeypatch):
    """From the call on, whatever belongs to this user belongs to somebody else."""
    return lambda: monkeypatch.setattr(os, "geteuid", lambda uid=os.geteuid(): uid + 1)


def raiser(number):
    def raise_it(*_arguments, **_options):
        raise OSError(number, os.strerror(number))

    return raise_it


REMEDIES = {
    "The throttle cannot use ": "Repair or remove it, or name another directory, throttle_url=file:///directory;"
    " one that users share belongs to their group and has the mode 2770.",
    "Another process has held": "Continue or end the task that was stopped while it held the lock (fuser names it).",
}


def refusal(call):
    """Return the message of the clear error that the call ends with."""
    with pytest.raises(ThrottleError) as caught:
        call()
    assert caught.value.code == "ThrottleUnavailable"
    assert caught.value.remedy == REMEDIES[caught.value.message[:24]]
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value.message


def of_no_use(path, reason):
    return f"The throttle cannot use {path}: {reason}."


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


def test_neither_the_name_nor_the_content_shows_the_key(file):
    # Every release finds the log of the others by this name.
    boot = Path("/proc/sys/kernel/random/boot_id")
    boot_id = boot.read_text(encoding="ascii").strip() if boot.exists() else os.uname().nodename
    assert file.name == f"alicloud.chatapp-{hashlib.sha256(b'sekret key').hexdigest()[:32]}-{boot_id}"
    assert b"sekret" not in file.read_bytes()


def lose_home(monkeypatch, home):
    os.rmdir(home)


def forget_user(monkeypatch, home):
    monkeypatch.setattr(quota_file.pwd, "getpwuid", lambda uid: {}[uid])


def lose_home_entry(monkeypatch, home):
    monkeypatch.setattr(quota_file.pwd, "getpwuid", lambda uid: SimpleNamespace(pw_dir="/dev/null"))


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


@pytest.mark.parametrize("harm", [lose_home, forget_user, lose_home_entry, close_home, write_protect_home])
def test_where_no_home_can_be_written_the_file_is_in_tmp(make, home, tmp_path, monkeypatch, harm):
    harm(monkeypatch, home)
    throttle = make()
    throttle.reserve()
    directory = tmp_path / f"fallback-{os.geteuid()}"
    assert len(list(directory.iterdir())) == 1
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert throttle.scope == "user"


def test_a_home_that_is_relative_is_one_of_the_root(make, monkeypatch):
    """The current directory is another one in each process."""
    asked = []

    def refuse(path, mode):
        asked.append(path)
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(quota_file.pwd, "getpwuid", lambda uid: SimpleNamespace(pw_dir="home/of/somebody"))
    monkeypatch.setattr(os, "mkdir", refuse)
    refusal(make)
    assert asked[0] == "/home/of/somebody/.ansible"


def test_the_directory_in_tmp_is_the_users_own():
    assert quota_file.FALLBACK % 1000 == "/tmp/alicloud-chatapp-1000"


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


def test_a_directory_that_is_a_symbolic_link_is_refused(make, directory, tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    directory.symlink_to(tmp_path / "elsewhere")
    assert refusal(make) == of_no_use(directory, "it is not a directory")


def test_a_directory_that_is_a_file_is_refused(make, directory):
    directory.write_text("")
    directory.chmod(0o700)
    assert refusal(make) == of_no_use(directory, "it is not a directory")


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o1700, 0o500])
def test_a_directory_of_another_mode_is_refused(make, directory, mode):
    directory.mkdir()
    directory.chmod(mode)
    assert refusal(make) == of_no_use(directory, f"its mode is {mode:04o} instead of 0700")


def test_a_directory_of_somebody_else_is_refused(make, home, foreign):
    directory = home / ".ansible" / "alicloud.chatapp"
    directory.mkdir(mode=0o700, parents=True)
    owner = os.geteuid()
    foreign()
    assert refusal(make) == of_no_use(directory, f"it belongs to the user with the id {owner}")


def plant_link(file):
    target = file.with_name("target")
    target.write_bytes(b"")
    target.chmod(0o600)
    file.symlink_to(target)


def plant_dangling_link(file):
    file.symlink_to(file.with_name("target"))


def plant_hard_link(file):
    target = file.with_name("target")
    target.write_bytes(b"")
    target.chmod(0o600)
    os.link(target, file)


def plant_pipe(file):
    os.mkfifo(file, 0o600)


def plant_socket(file):
    os.chdir(file.parent)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(file.name)
    file.chmod(0o600)


def plant_directory(file):
    file.mkdir(mode=0o600)


@pytest.mark.parametrize(
    ("plant", "reason"),
    [
        (plant_link, "it is a symbolic link"),
        (plant_dangling_link, "it is a symbolic link"),
        (plant_hard_link, "it has a second name (a hard link)"),
        (plant_pipe, "it is not a regular file"),
        (plant_socket, os.strerror(errno.ENXIO)),
        (plant_directory, os.strerror(errno.EISDIR)),
    ],
)
def test_what_somebody_put_in_the_files_place_is_refused_and_left_alone(throttle, file, monkeypatch, plant, reason):
    monkeypatch.chdir("/")
    file.unlink()
    plant(file)
    target = file.with_name("target")
    before = os.lstat(file), target.exists() and target.read_bytes()
    assert refusal(throttle.reserve) == of_no_use(file, reason)
    assert refusal(lambda: throttle.push_back(1)) == of_no_use(file, reason)
    assert before == (os.lstat(file), target.exists() and target.read_bytes())


@pytest.mark.parametrize("mode", [0o640, 0o602, 0o4600, 0o700])
def test_a_file_of_another_mode_is_refused(throttle, file, mode):
    file.chmod(mode)
    assert refusal(throttle.reserve) == of_no_use(file, f"its mode is {mode:04o} instead of 0600")


def test_a_file_of_somebody_else_is_refused(throttle, file, foreign):
    owner = os.geteuid()
    foreign()
    assert refusal(throttle.reserve) == of_no_use(file, f"it belongs to the user with the id {owner}")


# What is in it


def damaged(make, file, clock):
    """Assert that every lawful limit starts as if its window were full."""
    content = file.read_bytes()
    for limit, pause in PAUSES.items():
        file.write_bytes(content)
        assert make(limit).reserve().at == pytest.approx(clock.now + pause, abs=1e-5)
    file.write_bytes(content)


def test_garbage_at_every_offset_counts_as_full_windows(make, throttle, file, clock):
    throttle.push_back(0)
    for _call in range(4):
        throttle.reserve()
    sound = file.read_bytes()
    clock.now += 60
    for offset in range(len(sound)):
        for change in (0x01, 0x80, 0xFF):
            file.write_bytes(sound[:offset] + bytes([sound[offset] ^ change]) + sound[offset + 1 :])
            assert throttle.reserve().at == pytest.approx(clock.now + 1.1, abs=1e-5)
    file.write_bytes(sound)
    assert throttle.reserve().at == clock.now


def test_a_file_cut_at_any_length_counts_as_full_windows(make, throttle, file, clock):
    sound = file.read_bytes()
    clock.now += 60
    for length in range(1, len(sound)):
        file.write_bytes(sound[:length])
        assert throttle.reserve().at == pytest.approx(clock.now + 1.1, abs=1e-5)


@pytest.mark.parametrize("content", [b"\0", b"\0" * 24, b"\0" * 8192, b"\xff" * 8192, b"{}\n"])
def test_damage_counts_as_full_for_every_lawful_limit(make, throttle, file, clock, content):
    file.write_bytes(content)
    damaged(make, file, clock)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(min_size=1, max_size=9000))
def test_no_content_makes_it_fail(throttle, file, clock, content):
    file.write_bytes(content)
    assert throttle.reserve().at == pytest.approx(clock.now + 1.1, abs=1e-5)


def test_a_slot_or_a_floor_further_away_than_any_lawful_queue_is_damage(make, throttle, file, clock):
    clock.now += 3661
    throttle.reserve()
    clock.now -= 3661
    damaged(make, file, clock)
    file.unlink()
    throttle.reserve()
    throttle.push_back(3661)
    damaged(make, file, clock)


def test_a_slot_at_the_end_of_the_longest_lawful_queue_is_not(throttle, file, clock):
    throttle.push_back(3600)
    far = throttle.reserve()
    assert throttle.reserve().at == far.at == pytest.approx(clock.now + 3600)


def test_a_floor_as_far_away_as_a_lawful_one_can_be_is_not(throttle):
    throttle.push_back(3660)
    with pytest.raises(ThrottleError, match=r"3660\.0 s away"):
        throttle.reserve()


def test_after_damage_the_others_go_on_with_the_new_state(throttle, make, file, clock):
    file.write_bytes(b"garbage")
    slots = [make().reserve().at - clock.now for _call in range(7)]
    assert slots == pytest.approx([1.1] * 3 + [2.2] * 3 + [3.3], abs=1e-5)


def test_a_log_longer_than_any_lawful_limit_looks_back_is_damage(make, file, clock):
    with open(file, "r+b") as opened:
        quota_file._write(opened.fileno(), array("q", bytes(8 * (quota_file.LONGEST + 1))))
    damaged(make, file, clock)


@pytest.mark.parametrize("seconds", [0, 5])
def test_push_back_before_the_first_reservation(throttle, clock, seconds):
    throttle.push_back(seconds)
    assert [throttle.reserve().at - clock.now for _call in range(4)] == pytest.approx([seconds] * 3 + [seconds + 1.1])


def test_the_file_removed_in_mid_run_starts_anew(throttle, file, clock):
    for _call in range(5):
        throttle.reserve()
    file.unlink()
    assert throttle.reserve().at == clock.now
    assert file.exists()


def test_a_file_that_another_made_just_before_is_shared(make, clock, monkeypatch):
    throttle = make(1)
    monkeypatch.setattr(throttle, "_remove_forgotten", make(1).reserve)
    assert throttle.reserve().at == pytest.approx(clock.now + 1.1)


@pytest.mark.parametrize("calls", [0, 2], ids=["removed", "replaced"])
def test_the_file_removed_or_replaced_while_somebody_waits_for_its_lock(make, throttle, file, clock, calls):
    holder = os.open(file, os.O_RDWR)
    fcntl.flock(holder, fcntl.LOCK_EX)

    def replace_and_release(seconds):
        file.unlink()
        for _call in range(calls):
            make(1).reserve()
        os.close(holder)

    waiting = open_throttle(None, None, "sekret key", 1, 3600.0, clock=clock, sleep=replace_and_release)
    assert waiting.reserve().at == pytest.approx(clock.now + calls * 1.1)
    assert make(1).reserve().at == pytest.approx(clock.now + (calls + 1) * 1.1)


def test_the_log_keeps_what_lawful_limits_look_at_and_no_more(make, file, clock):
    for _call in range(3000):
        make(1000).reserve()
    assert file.stat().st_size <= 8 * (3 + 1000)
    clock.now += 20
    make(1000).reserve()
    assert make(0.1).reserve().at == pytest.approx(clock.now + 10.1)


def test_slots_that_no_lawful_limit_looks_back_at_are_forgotten(make, throttle, file, clock):
    clock.now += 10.2
    throttle.push_back(5)
    throttle.reserve()
    assert array("q", file.read_bytes())[quota_file.COUNT] == 1


def test_two_hosts_with_one_directory_do_not_reset_each_other(make, home, tmp_path, monkeypatch, clock):
    slots = []
    for boot_id in ("first", "second", "first"):
        (tmp_path / boot_id).write_text(boot_id + "\n")
        monkeypatch.setattr(quota_file, "BOOT_ID", str(tmp_path / boot_id))
        slots.append(make(1).reserve().at - clock.now)
    assert slots == pytest.approx([0, 0, 1.1])
    assert len(list((home / ".ansible" / "alicloud.chatapp").iterdir())) == 2


def test_without_a_boot_id_a_state_of_an_earlier_boot_is_none(make, home, tmp_path, monkeypatch, clock):
    monkeypatch.setattr(quota_file, "BOOT_ID", str(tmp_path / "none"))
    make(1).reserve()
    [file] = (home / ".ansible" / "alicloud.chatapp").iterdir()
    assert os.uname().nodename in file.name
    assert make(1).reserve().at == pytest.approx(clock.now + 1.1)
    booted = time.time() - time.monotonic()
    os.utime(file, (booted - 1, booted - 1))
    assert make(1).reserve().at == clock.now


def test_files_of_boots_long_gone_are_removed_and_nothing_else(make, throttle, file, monkeypatch):
    now = round(time.time())
    monkeypatch.setattr(quota_file.time, "time", lambda: now)
    long_ago = now - 24 * 3600
    names = {"alicloud.chatapp-0-gone": long_ago - 1, "alicloud.chatapp-0-young": long_ago, "notes": long_ago - 1}
    for name, moment in names.items():
        file.with_name(name).write_text("")
        os.utime(file.with_name(name), (moment, moment))
    file.with_name("alicloud.chatapp-0-link").symlink_to("notes")
    file.unlink()
    throttle.reserve()
    left = {file.name, "alicloud.chatapp-0-young", "alicloud.chatapp-0-link", "notes"}
    assert {path.name for path in file.parent.iterdir()} == left


# What the system refuses


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE, errno.EIO, errno.ENOSPC])
def test_a_file_that_cannot_be_opened_is_a_clear_error(throttle, file, monkeypatch, number):
    monkeypatch.setattr(os, "open", raiser(number))
    assert refusal(throttle.reserve) == of_no_use(file, os.strerror(number))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO])
def test_a_state_that_cannot_be_written_is_a_clear_error(throttle, file, clock, monkeypatch, number):
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", raiser(number))
        assert refusal(throttle.reserve) == of_no_use(file, os.strerror(number))
        assert refusal(lambda: throttle.push_back(1)) == of_no_use(file, os.strerror(number))
    assert throttle.reserve().at == clock.now


def test_a_state_that_is_written_in_part_is_a_clear_error_and_damage(make, throttle, file, clock, monkeypatch):
    pwrite = os.pwrite
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", lambda fd, data, offset: pwrite(fd, bytes(data)[:13], offset))
        assert refusal(throttle.reserve) == of_no_use(file, os.strerror(errno.ENOSPC))
    damaged(make, file, clock)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_a_clear_error(throttle, file, monkeypatch, number):
    monkeypatch.setattr(fcntl, "flock", raiser(number))
    assert refusal(throttle.reserve) == of_no_use(file, os.strerror(number))


def test_a_directory_that_vanished_is_a_clear_error(throttle, file):
    file.unlink()
    file.parent.rmdir()
    assert refusal(throttle.reserve) == of_no_use(file, os.strerror(errno.ENOENT))


@pytest.mark.parametrize("act", ["reserve", "push back", "look"])
def test_a_lock_that_stays_taken_ends_with_a_clear_error_after_jittered_tries(make, file, clock, act):
    throttle = make(1)
    reservation = throttle.reserve()
    holder = os.open(file, os.O_RDWR)
    fcntl.flock(holder, fcntl.LOCK_EX)
    try:
        call = {
            "reserve": throttle.reserve,
            "push back": lambda: throttle.push_back(1),
            "look": lambda: throttle.usable(reservation),
        }[act]
        assert refusal(call) == f"Another process has held the lock of {file} for 5 s."
        assert 5.0 <= sum(clock.slept) <= 5.05
        assert len(set(clock.slept)) == len(clock.slept) > 20
        assert max(clock.slept) <= 0.05
    finally:
        os.close(holder)
    assert throttle.reserve().granted


def test_a_lock_is_tried_until_five_seconds_were_slept(throttle, file, clock, monkeypatch):
    monkeypatch.setattr(quota_file.random, "uniform", lambda low, bound: 0.5)
    with open(file, "rb") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        refusal(throttle.reserve)
    assert clock.slept == [0.5] * 10


def test_a_file_that_is_always_another_one_ends_with_a_clear_error(throttle, file, monkeypatch):
    monkeypatch.setattr(os, "lstat", raiser(errno.ENOENT))
    assert refusal(throttle.reserve) == of_no_use(file, "it was replaced whenever its lock was taken")


def test_no_descriptor_is_left_open(make, file, monkeypatch):
    throttle = make(1)
    opened = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda *arguments: opened.append(real(*arguments)) or opened[-1])
    throttle.usable(throttle.reserve())
    file.chmod(0o644)
    refusal(throttle.reserve)
    assert len(opened) == 3
    for fd in set(opened):
        with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
            os.fstat(fd)


# A directory that is given


@pytest.fixture(name="shared")
def fixture_shared(tmp_path):
    directory = tmp_path / "shared directory"
    directory.mkdir()
    return directory


@pytest.mark.parametrize(("mode", "expected"), [(0o700, 0o600), (0o750, 0o640), (0o2770, 0o660), (0o3775, 0o660)])
def test_a_given_directory_hands_its_rights_on_to_the_file(make, shared, mode, expected):
    shared.chmod(mode)
    previous = os.umask(0o077)
    try:
        throttle = make(url=shared.as_uri())
        throttle.reserve()
    finally:
        os.umask(previous)
    [file] = shared.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == expected
    assert throttle.scope == "directory"


def test_the_file_in_a_given_directory_can_belong_to_another_of_its_users(make, shared, clock, foreign):
    make(1, shared.as_uri()).reserve()
    foreign()
    assert make(1, shared.as_uri()).reserve().at == pytest.approx(clock.now + 1.1)


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o2772])
def test_a_given_directory_that_everybody_may_write_in_is_refused(make, shared, mode):
    shared.chmod(mode)
    reason = f"its mode is {mode:04o} instead of {mode & ~0o002:04o}"
    assert refusal(lambda: make(url=shared.as_uri())) == of_no_use(shared, reason)


def test_a_given_directory_must_be_one(make, shared):
    file = shared / "file"
    assert refusal(lambda: make(url=file.as_uri())) == of_no_use(file, os.strerror(errno.ENOENT))
    file.write_text("")
    assert refusal(lambda: make(url=file.as_uri())) == of_no_use(file, "it is not a directory")


@pytest.mark.parametrize("plant", [plant_link, plant_hard_link, plant_pipe])
def test_a_given_directory_is_no_less_careful_about_its_file(make, shared, plant):
    throttle = make(url=shared.as_uri())
    throttle.reserve()
    [file] = shared.iterdir()
    file.unlink()
    plant(file)
    refusal(throttle.reserve)
