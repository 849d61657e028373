# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the throttle's log in a file of this machine, guarded by ``flock``.

The file holds native 64-bit integers: a checksum of the rest, the number of slots, the floor, and the slots that a
lawful limit can look back at. Its name carries the boot, because the monotonic clock starts anew with each one.
"""

from __future__ import annotations

import bisect
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

from ansible_collections.alicloud.chatapp.plugins.module_utils._backoff import delays
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import (
    HIGHEST_LIMIT,
    HORIZON,
    LONGEST_PAUSE,
    MICROSECONDS,
    Reservation,
    Throttle,
    unavailable,
)

LOCK_TIMEOUT = 5.0
LOCK_DELAYS = (0.001, 0.05)
ATTEMPTS = 100

BOOT_ID = "/proc/sys/kernel/random/boot_id"
FALLBACK = "/tmp/alicloud-chatapp-%d"
PREFIX = "alicloud.chatapp-"
# A file that nobody touched for this many seconds holds no slot that matters, however long the queue was.
FORGOTTEN = 24 * 3600

CHECKSUM, COUNT, FLOOR, FIRST = range(4)
LONGEST = FIRST + HIGHEST_LIMIT


class FileThrottle(Throttle):
    """The quota of the effective user on this machine, or of all who share a directory.

    Whoever may write in a directory that was given is trusted with the quota. The file in it has the directory's
    rights for owner and group, and can belong to any of them.
    """

    def __init__(self, directory: str | None, sleep: t.Callable[[float], None], **common: t.Any) -> None:
        """``directory`` is an absolute path, or None for the effective user's own.

        Raises ThrottleError with ``ThrottleUnavailable`` for a directory that is missing or unsafe.
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

    def _append(self, not_before: float) -> tuple[int, Reservation]:
        with self._locked() as fd:
            now = self._now()
            state = self._read(fd, now)
            slot = max(now, state[FLOOR], state[-1])
            if len(state) - FIRST >= self._limit:
                slot = max(slot, state[-self._limit] + self._pause)
            granted = slot >= int(not_before * MICROSECONDS)
            if granted and slot - now <= self._max_wait:
                state.append(slot)
                forgotten = bisect.bisect_left(state, now - LONGEST_PAUSE, FIRST)
                del state[FIRST : max(forgotten, len(state) - HIGHEST_LIMIT)]
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
        try:
            for _attempt in range(ATTEMPTS):
                with self._opened() as fd:
                    self._lock(fd, kind)
                    if self._is_current(fd):
                        yield fd
                        return
            raise _unusable(self._path, "it was replaced whenever its lock was taken")
        except OSError as error:
            raise _unusable(self._path, _text(error)) from None

    def _lock(self, fd: int, kind: int) -> None:
        # Counted in time slept: a caller that was stopped itself has not waited.
        left = LOCK_TIMEOUT
        for wait in delays(*LOCK_DELAYS, random.uniform):
            with contextlib.suppress(BlockingIOError):
                # Never blocking: a holder that was stopped would keep everybody here.
                fcntl.flock(fd, kind | fcntl.LOCK_NB)
                return
            if left <= 0:
                raise unavailable(
                    f"Another process has held the lock of {self._path} for {LOCK_TIMEOUT:g} s.",
                    "Continue or end the task that was stopped while it held the lock (fuser names it).",
                )
            self._sleep(wait)
            left -= wait

    @contextlib.contextmanager
    def _opened(self) -> t.Iterator[int]:
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            fd = os.open(self._path, flags)
        except FileNotFoundError:
            fd = self._create(flags)
        try:
            info = os.fstat(fd)
            _check(self._path, info, "regular file", os.geteuid() if self._private else info.st_uid, self._mode)
            if info.st_nlink > 1:
                raise _unusable(self._path, "it has a second name (a hard link)")
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

    def _is_current(self, fd: int) -> bool:
        try:
            return os.path.samestat(os.fstat(fd), os.lstat(self._path))
        except FileNotFoundError:
            return False

    def _read(self, fd: int, now: int) -> array:
        empty = array("q", bytes(8 * FIRST))
        data = os.pread(fd, 8 * LONGEST, 0)
        if not data or (self._boot_id is None and os.fstat(fd).st_mtime < time.time() - time.monotonic()):
            return empty
        state = array("q", data[: len(data) // 8 * 8])
        if len(state) >= FIRST and state[COUNT] >= 0:
            del state[FIRST + state[COUNT] :]
            if state[CHECKSUM] == _checksum(state) and max(state[FLOOR], state[-1]) <= now + HORIZON:
                return state
        # Damaged: what was granted is not known, so that every window counts as full.
        return empty + array("q", [now] * HIGHEST_LIMIT)


def _checksum(state: array) -> int:
    return zlib.crc32(memoryview(state)[COUNT:])


def _write(fd: int, state: array) -> None:
    state[COUNT] = len(state) - FIRST
    state[CHECKSUM] = _checksum(state)
    if os.pwrite(fd, state, 0) != len(state) * state.itemsize:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _boot_id() -> str | None:
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
    directory = FALLBACK % uid
    try:
        return _made(directory, uid)
    except OSError as error:
        raise _unusable(directory, _text(error)) from None


def _made(directory: str, uid: int) -> str:
    with contextlib.suppress(FileExistsError):
        os.mkdir(directory, 0o700)
    _check(directory, os.lstat(directory), "directory", uid, 0o700)
    return directory


def _shared_mode(directory: str) -> int:
    try:
        info = os.stat(directory)
    except OSError as error:
        raise _unusable(directory, _text(error)) from None
    mode = stat.S_IMODE(info.st_mode)
    _check(directory, info, "directory", info.st_uid, mode & ~stat.S_IWOTH)
    return mode & 0o660


def _check(path: str, info: os.stat_result, kind: str, uid: int, mode: int) -> None:
    found = stat.S_IMODE(info.st_mode)
    if not (stat.S_ISDIR if kind == "directory" else stat.S_ISREG)(info.st_mode):
        raise _unusable(path, f"it is not a {kind}")
    if info.st_uid != uid:
        raise _unusable(path, f"it belongs to the user with the id {info.st_uid}")
    if found != mode:
        raise _unusable(path, f"its mode is {found:04o} instead of {mode:04o}")


def _text(error: OSError) -> str:
    return "it is a symbolic link" if error.errno in (errno.ELOOP, errno.EMLINK) else str(error.strerror)


def _unusable(path: str, reason: str) -> Exception:
    return unavailable(
        f"The throttle cannot use {path}: {reason}.",
        "Repair or remove it, or name another directory, throttle_url=file:///directory;"
        " one that users share belongs to their group and has the mode 2770.",
    )
