# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The throttle's log in a file of this machine, guarded by C(flock).

The file holds native 64-bit integers: a checksum of the rest, the floor, and as many slots as the highest limit looks
back at. Its name carries the boot, because the monotonic clock starts anew with each one.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import pwd
import random
import stat
import time
import typing as t
import zlib
from array import array

from ansible_collections.alicloud.chatapp.plugins.module_utils.retry import delays
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import (
    HIGHEST_LIMIT,
    HORIZON,
    MICROSECONDS,
    Reservation,
    Throttle,
    unavailable,
)

LOCK_TIMEOUT = 5.0
LOCK_DELAYS = (0.001, 0.05)

BOOT_ID = "/proc/sys/kernel/random/boot_id"
PREFIX = "alicloud.chatapp-"
# A file that nobody touched for this many seconds holds no slot that matters, however long the queue was.
FORGOTTEN = 24 * 3600

CHECKSUM, FLOOR = 0, 1
LENGTH = 2 + HIGHEST_LIMIT
LONG_AGO = -(2**62)


class FileThrottle(Throttle):
    """The quota of the effective user on this machine, or of all who share a directory.

    Whoever may write in a directory that was given is trusted with the quota. The file in it has the directory's
    rights for owner and group, and can belong to any of them.
    """

    def __init__(self, directory: t.Optional[str], sleep: t.Callable[[float], None], **common: t.Any) -> None:
        """C(directory) is an absolute path, or None for the effective user's own.

        Raises ThrottleError with V(ThrottleUnavailable) for a directory that is missing or unsafe.
        """
        super().__init__(**common)
        self._sleep = sleep
        self._private = directory is None
        if directory is None:
            self.scope, self._mode, self._directory = "user", 0o600, _private_directory()
        else:
            self.scope, self._mode, self._directory = "directory", _shared_mode(directory), directory
        self._boot_id = _boot_id()
        self._path = os.path.join(self._directory, f"{PREFIX}{self._name}-{self._boot_id or os.uname().nodename}")

    def _append(self, not_before: float) -> t.Tuple[int, Reservation]:
        with self._locked() as fd:
            now = self._now()
            state = self._read(fd, now)
            slot = max(now, state[FLOOR], state[-1], state[-self._limit] + self._pause)
            granted = slot / MICROSECONDS >= not_before
            if granted and slot - now <= self._max_wait:
                state.append(slot)
                del state[FLOOR + 1]
                _write(fd, state)
        return slot - now, Reservation(slot / MICROSECONDS, granted, slot)

    def _floor(self) -> int:
        with self._locked(fcntl.LOCK_SH) as fd:
            return self._read(fd, self._now())[FLOOR]

    def _raise_floor(self, microseconds: int) -> None:
        with self._locked() as fd:
            now = self._now()
            state = self._read(fd, now)
            state[FLOOR] = max(state[FLOOR], now + microseconds)
            _write(fd, state)

    def _now(self) -> int:
        return int(self._clock() * MICROSECONDS)

    @contextlib.contextmanager
    def _locked(self, kind: int = fcntl.LOCK_EX) -> t.Iterator[int]:
        """Yield the file's descriptor while the lock is held."""
        deadline = self._clock() + LOCK_TIMEOUT
        waits = delays(*LOCK_DELAYS, random.uniform)
        try:
            while True:
                with self._opened() as fd:
                    # Never blocking: a holder that was stopped would keep everybody here.
                    while not _lock(fd, kind):
                        if self._clock() > deadline:
                            raise unavailable(
                                f"Another process has held the lock of {self._path} for {LOCK_TIMEOUT:g} s.",
                                "Continue or end the task that was stopped while it held the lock (fuser names it).",
                            )
                        self._sleep(next(waits))
                    if self._is_current(fd):
                        yield fd
                        return
        except OSError as error:
            linked = error.errno in (errno.ELOOP, errno.EMLINK)
            raise self._unusable("it is a symbolic link" if linked else os.strerror(error.errno or 0)) from None

    @contextlib.contextmanager
    def _opened(self) -> t.Iterator[int]:
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        try:
            fd = os.open(self._path, flags)
        except FileNotFoundError:
            fd = self._create(flags)
        try:
            self._check(os.fstat(fd))
            yield fd
        finally:
            os.close(fd)

    def _create(self, flags: int) -> int:
        self._remove_forgotten()
        # The file appears with its rights, so that nobody meets it with fewer.
        umask = os.umask(0)
        try:
            return os.open(self._path, flags | os.O_CREAT | os.O_EXCL, self._mode)
        except FileExistsError:
            return os.open(self._path, flags)
        finally:
            os.umask(umask)

    def _remove_forgotten(self) -> None:
        with contextlib.suppress(OSError):
            for entry in os.scandir(self._directory):
                age = time.time() - entry.stat(follow_symlinks=False).st_mtime
                if entry.name.startswith(PREFIX) and age > FORGOTTEN:
                    os.unlink(entry.path)

    def _check(self, info: os.stat_result) -> None:
        if not stat.S_ISREG(info.st_mode):
            raise self._unusable("it is not a regular file")
        if self._private and info.st_uid != os.geteuid():
            raise self._unusable(f"it belongs to the user with the id {info.st_uid}")
        if info.st_nlink > 1:
            raise self._unusable("it has a second name (a hard link)")
        if stat.S_IMODE(info.st_mode) != self._mode:
            raise self._unusable(f"its mode is {stat.S_IMODE(info.st_mode):04o} instead of {self._mode:04o}")

    def _unusable(self, reason: str) -> Exception:
        return unavailable(
            f"The throttle cannot use the file {self._path}: {reason}.",
            "Repair or remove it, or name another directory, throttle_url=file:///directory.",
        )

    def _is_current(self, fd: int) -> bool:
        try:
            return os.path.samestat(os.fstat(fd), os.lstat(self._path))
        except FileNotFoundError:
            return False

    def _read(self, fd: int, now: int) -> array:
        data = os.pread(fd, 8 * LENGTH + 1, 0)
        if not data or self._boot_id is None and os.fstat(fd).st_mtime < time.time() - time.monotonic():
            return _log_of(LONG_AGO)
        if len(data) == 8 * LENGTH:
            state = array("q", data)
            if state[CHECKSUM] == _checksum(state) and max(state[FLOOR], state[-1]) <= now + HORIZON:
                return state
        # Damaged: what was granted is not known, so that every window counts as full.
        return _log_of(now)


def _log_of(slot: int) -> array:
    return array("q", [0, LONG_AGO]) + array("q", [slot]) * HIGHEST_LIMIT


def _checksum(state: array) -> int:
    return zlib.crc32(memoryview(state)[FLOOR:])


def _write(fd: int, state: array) -> None:
    state[CHECKSUM] = _checksum(state)
    if os.pwrite(fd, state, 0) != 8 * LENGTH:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _lock(fd: int, kind: int) -> bool:
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _boot_id() -> t.Optional[str]:
    try:
        with open(BOOT_ID, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return None


def _private_directory() -> str:
    """Return the directory that all processes of the effective user agree on, whatever their environment says."""
    uid = os.geteuid()
    try:
        home = os.path.join("/", pwd.getpwuid(uid).pw_dir, ".ansible")
        with contextlib.suppress(FileExistsError):
            os.mkdir(home, 0o700)
        directory = _made(os.path.join(home, "alicloud.chatapp"), uid)
        if os.access(directory, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            return directory
    except (KeyError, OSError):
        pass
    directory = f"/tmp/alicloud-chatapp-{uid}"
    try:
        return _made(directory, uid)
    except OSError as error:
        raise _unfit(directory, os.strerror(error.errno or 0)) from None


def _made(directory: str, uid: int) -> str:
    with contextlib.suppress(FileExistsError):
        os.mkdir(directory, 0o700)
    info = os.lstat(directory)
    if not stat.S_ISDIR(info.st_mode):
        raise _unfit(directory, "it is not a directory")
    if info.st_uid != uid:
        raise _unfit(directory, f"it belongs to the user with the id {info.st_uid}")
    if stat.S_IMODE(info.st_mode) != 0o700:
        raise _unfit(directory, f"its mode is {stat.S_IMODE(info.st_mode):04o} instead of 0700")
    return directory


def _shared_mode(directory: str) -> int:
    try:
        info = os.stat(directory)
    except OSError as error:
        raise _unfit(directory, os.strerror(error.errno or 0)) from None
    if not stat.S_ISDIR(info.st_mode):
        raise _unfit(directory, "it is not a directory")
    if info.st_mode & stat.S_IWOTH:
        raise _unfit(directory, "everybody may write in it")
    return stat.S_IMODE(info.st_mode) & 0o660


def _unfit(directory: str, reason: str) -> Exception:
    return unavailable(
        f"The throttle cannot use the directory {directory}: {reason}.",
        "Repair it, or name another one, throttle_url=file:///directory; one that users share belongs to a group"
        " that they are in and has the mode 2770.",
    )
