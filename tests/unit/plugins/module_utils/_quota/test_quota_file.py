# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
import subprocess
import sys
import time
from array import array
from pathlib import Path

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota import file as quota_file
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota import locked_file as quota_locked_file
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import MAX_LATENESS
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refusals import of_no_use, raiser, refusal

PAUSES = {0.1: 10.1, 1: 1.1, 3: 1.1, 1000: 1.1}


@pytest.fixture(name="throttle")
def fixture_throttle(make):
    return make()


@pytest.fixture(name="file")
def fixture_file(throttle, home):
    """The throttle's file, with one slot in it."""
    throttle.reserve()
    [file] = (home / ".ansible" / "alicloud.chatapp").iterdir()
    return file


# What stands in the file's place


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


@pytest.mark.parametrize("mode", [0o640, 0o602, 0o660, 0o4600, 0o700])
def test_a_file_of_ones_own_is_given_the_rights_that_it_should_have(throttle, file, mode):
    """Nobody else can enter its directory; a volume gives all that is in it to a group whenever it is mounted."""
    file.chmod(mode)
    assert throttle.reserve().granted
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


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
            assert make().reserve().at == pytest.approx(clock.now + 1.1, abs=1e-5)
    file.write_bytes(sound)
    assert make().reserve().at == clock.now


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


def test_a_floor_further_away_than_any_lawful_one_is_damage(make, throttle, file, clock):
    throttle.push_back(3661)
    damaged(make, file, clock)


@pytest.mark.parametrize("back", [1e-5, 20, 3600, 4999])
def test_a_clock_that_goes_back_makes_nobody_wait_longer_than_for_a_full_window(make, file, clock, back):
    """Two containers of one boot can have different monotonic clocks where nothing tells that they do."""
    clock.now -= back
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
        make()._write(opened.fileno(), array("q", bytes(8 * (quota_file.LONGEST + 1))), 0, 0)
    damaged(make, file, clock)


@pytest.mark.parametrize("seconds", [0, 5])
def test_push_back_before_the_first_reservation(throttle, clock, seconds):
    throttle.push_back(seconds)
    assert [throttle.reserve().at - clock.now for _call in range(4)] == pytest.approx([seconds] * 3 + [seconds + 1.1])


REMOVED = "The throttle's log {} was removed or replaced while tasks were using it"
CLEANER = "Look for what cleans up in that directory."


def test_whoever_wrote_in_a_file_that_is_gone_takes_the_window_for_full_and_warns(make, throttle, file, clock):
    waiting = [throttle.reserve() for _call in range(5)][-1]
    file.unlink()
    assert not throttle.usable(waiting)
    for _early in range(2):
        assert not throttle.reserve(not_before=clock.now + 60).granted
    assert throttle.reserve().at == pytest.approx(clock.now + 1.1)
    assert throttle.warnings == [f"{REMOVED.format(file)}, so one window of calls was waited for. {CLEANER}"]
    assert make().reserve().at == pytest.approx(clock.now + 1.1)
    file.unlink()
    with pytest.raises(ThrottleError) as caught:
        throttle.reserve()
    assert caught.value.message == f"{REMOVED.format(file)}. It was not the first time."
    assert caught.value.remedy == CLEANER


def test_whoever_did_not_know_the_file_that_is_gone_begins_anew(make, throttle, file, clock):
    for _call in range(5):
        waiting = throttle.reserve()
    clock.now += 0.5
    file.unlink()
    another = make()
    assert another.reserve().at == clock.now
    assert not throttle.usable(waiting)
    # Now there is one who knows that the other could not know.
    assert throttle.reserve().at == pytest.approx(clock.now + 1.1)
    assert another.reserve().at == pytest.approx(clock.now + 1.1)
    assert (len(throttle.warnings), another.warnings) == (1, [])


def test_the_window_that_another_counted_as_full_is_waited_for_once(make, throttle, file, clock):
    another = make()
    another.reserve()
    file.write_bytes(b"damage")
    another.reserve()
    end = clock.now + 1.1
    clock.now += 0.5
    assert throttle.reserve().at == pytest.approx(end, abs=1e-5)
    assert throttle.warnings == []


def test_a_file_put_back_from_an_earlier_copy_lacks_what_was_written(make, throttle, file, clock):
    copy = file.read_bytes()
    clock.now += 0.2
    reservation = throttle.reserve()
    file.write_bytes(copy)
    assert make().usable(reservation) is False
    assert throttle.reserve().at == pytest.approx(clock.now + 1.1)


def test_a_file_that_another_made_just_before_is_shared(make, clock, monkeypatch):
    throttle, real = make(1), os.open

    def open_later(path, flags, mode=0o777):
        if flags & os.O_CREAT:
            monkeypatch.setattr(os, "open", real)
            make(1).reserve()
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", open_later)
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
    assert file.stat().st_size <= 8 * (8 + 1000)
    clock.now += 20
    make(1000).reserve()
    assert make(0.1).reserve().at == pytest.approx(clock.now + 10.1)


def test_slots_that_no_lawful_limit_looks_back_at_are_forgotten(make, throttle, file, clock):
    clock.now += 10.2
    throttle.push_back(5)
    throttle.reserve()
    assert array("q", file.read_bytes())[quota_file.COUNT] == 1


# The clock of the log


@pytest.fixture(name="box")
def fixture_box(make, tmp_path, monkeypatch):
    """A throttle in a box of its own: with another boot id, or another time namespace, or a system without either."""
    monkeypatch.setattr(quota_file.time, "time", lambda: wall[0])
    wall = [1e9]

    def box(boot_id, namespace="time:[1]", **options):
        for path, content, name in ((tmp_path / "boot_id", boot_id, "BOOT_ID"), (tmp_path / "ns", namespace, "NS")):
            path.unlink(missing_ok=True)
            if content and name == "BOOT_ID":
                path.write_text(content + "\n", encoding="ascii")
            elif content:
                path.symlink_to(content)
        monkeypatch.setattr(quota_file, "BOOT_ID", str(tmp_path / "boot_id"))
        monkeypatch.setattr(quota_file, "TIME_NAMESPACE", str(tmp_path / "ns"))
        return make(**options)

    box.wall = wall
    return box


@pytest.mark.parametrize(
    "boxes", [[("a",), ("b",)], [("a", "time:[1]"), ("a", "time:[2]")], [(None,), ("a",)], [(None,)]]
)
def test_boxes_with_clocks_and_boot_ids_of_their_own_share_one_quota(box, clock, boxes):
    callers, uptimes = [box(*arguments, limit=1) for arguments in boxes], [5000.0, 86400.0]
    start = box.wall[0]
    for number in range(6):
        clock.now = uptimes[number % len(boxes)] + box.wall[0] - start
        waited = callers[number % len(boxes)].reserve().at - clock.now
        assert waited == pytest.approx(1.1 * number - (box.wall[0] - start), abs=1e-4)
        box.wall[0] += 0.3
    assert [caller.warnings for caller in callers] == [[] for _caller in callers]


def test_a_reservation_in_another_box_holds_until_it_is_pushed_back(box, clock):
    here, there = box("a", limit=1), box("b", limit=1)
    here.reserve()
    clock.now += 1000
    waiting = there.reserve()
    clock.now = waiting.at
    assert there.usable(waiting)
    waiting = there.reserve()
    here.push_back(5)
    assert not there.usable(waiting)


@pytest.mark.parametrize("forward", [0.06, 2, 86400])
def test_on_one_boot_nobody_cares_for_the_wall_clock(box, clock, forward):
    throttle = box("a", limit=1)
    throttle.reserve()
    for step in (forward, -2 * forward):
        box.wall[0] += step
        assert box("a", limit=1).reserve(not_before=clock.now + 3600).at == pytest.approx(clock.now + 1.1)


@pytest.mark.parametrize(("ahead", "kept"), [(0.04, True), (0.06, False), (3.0, False), (3e7, False)])
def test_boxes_whose_wall_clocks_differ_are_told_so(box, shared_folder, ahead, kept):
    url = shared_folder.as_uri()
    fast, slow = box("a", limit=1, url=url), box("b", limit=1, url=url)
    box.wall[0] += ahead
    fast.reserve()
    box.wall[0] -= ahead
    assert slow.reserve().granted
    assert len(slow.warnings) == (not kept)
    if not kept:
        assert slow.warnings[0] == (
            f"The throttle's log in {slow._file.path} was written by a machine whose clock is {ahead:.1f} s ahead of"
            " this one's, so one window of calls was waited for. Machines that share a directory need one time (NTP);"
            " for several hosts name a Redis: throttle_url=redis://host:port/database."
        )
        box.wall[0] += ahead
        fast.reserve()
        box.wall[0] -= ahead
        with pytest.raises(ThrottleError, match=r"ahead of this one's\. It was not the first time"):
            slow.reserve()


def test_after_a_boot_with_a_clock_that_is_behind_one_window_counts_as_full_without_a_word(box, clock):
    box("a", limit=1).reserve()
    box.wall[0] -= 3600
    clock.now = 1.0
    throttle = box("b", limit=1)
    assert throttle.reserve().at == pytest.approx(clock.now + 1.1)
    assert throttle.warnings == []


def test_a_wall_clock_put_forward_is_seen_by_who_was_there_before(box, clock):
    here, there = box("a", limit=1), box("b", limit=1)
    for caller in (here, there, here):
        caller.reserve()
    box.wall[0] += 3600
    assert there.reserve().at == pytest.approx(clock.now + 1.1)


def test_a_live_log_stays_whatever_the_wall_clock_says(box, make, home, clock):
    box("a", limit=1).reserve()
    box.wall[0] += 10 * 365 * 86400
    open_throttle(None, None, "another key", 1, 3600.0, clock=clock, sleep=clock.sleep).reserve()
    assert box("a", limit=1).reserve().at == pytest.approx(clock.now + 1.1)
    assert len(list((home / ".ansible" / "alicloud.chatapp").iterdir())) == 2


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


def slow_down(monkeypatch, clock, reading, writing):
    """Let each reading and each writing of a file take so many seconds, as on a disk far away."""
    pread, pwrite = os.pread, os.pwrite
    monkeypatch.setattr(os, "pread", lambda *arguments: (clock.sleep(reading), pread(*arguments))[1])
    monkeypatch.setattr(os, "pwrite", lambda *arguments: (clock.sleep(writing), pwrite(*arguments))[1])


@pytest.mark.parametrize(
    "reading, writing", [(0.03, 0.03), (0.06, 0.06), (0.2, 0.2), (0.001, 0.2), (0.06, 0.3), (1, 1)]
)
@pytest.mark.parametrize("calls, max_wait", [(10, 0), (20, 3600)])
def test_a_slow_disk_costs_time_and_no_slots(make, clock, monkeypatch, reading, writing, calls, max_wait):
    slow_down(monkeypatch, clock, reading, writing)
    throttle = make(10, max_wait=max_wait)
    marks = []
    reserve = throttle.reserve
    monkeypatch.setattr(throttle, "reserve", lambda: (marks.append(reserve()), marks[-1])[1])
    for _call in range(calls):
        assert abs(throttle.acquire().at - clock.now) <= MAX_LATENESS
    # What a writing takes has to be seen once.
    assert len(marks) <= calls + 2


def test_a_disk_that_is_slower_than_any_slot_can_wait_is_a_clear_error(make, clock, monkeypatch):
    slow_down(monkeypatch, clock, 3.0, 3.0)
    with pytest.raises(ThrottleError) as caught:
        make(10).acquire()
    assert caught.value.code == "ThrottleUnavailable"
    assert caught.value.message.endswith(
        "is too slow: 5 slots in a row had passed before it was read or written, which takes 3.00 s."
    )
    assert caught.value.remedy == (
        "Name a directory on a disk of this machine, throttle_url=file:///directory, or a Redis."
    )


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
    monkeypatch.setattr(quota_locked_file.random, "uniform", lambda low, bound: 0.5)
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
    os.link(file, file.with_name("second"))
    refusal(throttle.reserve)
    assert len(opened) == 3
    for fd in set(opened):
        with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
            os.fstat(fd)


# A directory that is given


@pytest.mark.parametrize("plant", [plant_link, plant_hard_link, plant_pipe])
def test_a_given_directory_is_no_less_careful_about_its_file(make, shared_folder, plant):
    throttle = make(url=shared_folder.as_uri())
    throttle.reserve()
    [file] = shared_folder.iterdir()
    file.unlink()
    plant(file)
    refusal(throttle.reserve)


def test_a_given_directorys_file_that_everybody_may_write_in_is_refused(make, shared_folder, foreign):
    throttle = make(url=shared_folder.as_uri())
    throttle.reserve()
    [file] = shared_folder.iterdir()
    file.chmod(0o606)
    foreign()
    assert refusal(throttle.reserve) == of_no_use(file, "its mode is 0606 instead of 0600")


@pytest.mark.parametrize("given", [True, False])
def test_a_file_that_another_user_is_just_making_is_waited_for(make, shared_folder, clock, monkeypatch, given):
    """Between its making and the rights of its directory a umask keeps the others out."""
    shared_folder.chmod(0o2770)
    throttle = make(url=shared_folder.as_uri())
    file = Path(throttle._file.path)
    file.touch(mode=0o600)
    real = os.open

    def refuse(path, *arguments):
        if path == str(file) and stat.S_IMODE(file.stat().st_mode) != 0o660:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real(path, *arguments)

    monkeypatch.setattr(os, "open", refuse)
    sleep = clock.sleep
    monkeypatch.setattr(throttle._file, "_sleep", lambda seconds: (sleep(seconds), given and file.chmod(0o660)))
    if given:
        assert throttle.reserve().granted
        assert len(clock.slept) == 1
    else:
        assert refusal(throttle.reserve) == of_no_use(file, os.strerror(errno.EACCES))
        assert sum(clock.slept) >= 5


@pytest.mark.parametrize(("content", "mode"), [("x", 0o600), ("", 0o660)], ids=["not new", "with its rights"])
def test_a_file_that_is_made_and_refused_is_not_waited_for(make, shared_folder, clock, monkeypatch, content, mode):
    shared_folder.chmod(0o2770)
    throttle = make(url=shared_folder.as_uri())
    file = Path(throttle._file.path)
    file.write_text(content)
    file.chmod(mode)
    monkeypatch.setattr(os, "open", raiser(errno.EACCES))
    assert refusal(throttle.reserve) == of_no_use(file, os.strerror(errno.EACCES))
    assert clock.slept == []


def test_many_look_at_the_log_at_once(throttle, file, clock):
    reservation = throttle.reserve()
    with file.open() as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert throttle._look(reservation)
        assert clock.slept == []


LEASE_HOLDER = """
import fcntl, os, signal, sys
fd = os.open(sys.argv[1], os.O_RDWR)
signal.signal(signal.SIGIO, lambda *_: None)
fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.mark.skipif(not hasattr(fcntl, "F_SETLEASE"), reason="this system knows no leases")
def test_a_lease_of_a_file_server_is_waited_for_by_us_and_not_by_the_system(make, file):
    """The system would wait for as long as the holder is given, 45 s, and hold up whoever interrupts the task."""
    holder = subprocess.Popen(
        [sys.executable, "-c", LEASE_HOLDER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"
        slept = []

        def sleep(seconds):
            slept.append(seconds)
            holder.communicate("\n")

        began = time.monotonic()
        assert open_throttle(None, None, "sekret key", 3, 60, sleep=sleep).reserve().granted
        assert len(slept) == 1
        assert time.monotonic() - began < 10
    finally:
        holder.kill()
        holder.communicate()
