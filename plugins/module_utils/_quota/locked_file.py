# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: a file of one's own or of several users, opened with care, and its lock."""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import stat
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._backoff import delays
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.folder import text_of, unusable
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import unavailable

LOCK_TIMEOUT = 5.0
LOCK_DELAYS = (0.001, 0.05)
ATTEMPTS = 100


class LockedFile:
    """A file that appears when it is first locked, with the rights ``mode``.

    A ``private`` one belongs to the effective user, another can belong to any of those who may write in its folder.
    """

    def __init__(self, path: str, mode: int, private: bool, sleep: t.Callable[[float], None]) -> None:
        self.path = path
        self.private = private
        self._mode = mode
        self._sleep = sleep

    @contextlib.contextmanager
    def locked(self, shared: bool = False) -> t.Iterator[int]:
        """Yield the file's descriptor while its lock is held. Raises ThrottleError with ``ThrottleUnavailable``."""
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            for _attempt in range(ATTEMPTS):
                with self._opened() as fd:
                    self._patiently(fcntl.flock, fd, kind | fcntl.LOCK_NB)
                    if self._is_current(fd):
                        yield fd
                        return
            raise unusable(self.path, "it was replaced whenever its lock was taken")
        except OSError as error:
            raise unusable(self.path, text_of(error)) from None

    def _patiently(self, call: t.Callable[..., t.Any], *arguments: t.Any) -> t.Any:
        """Return what the call returns as soon as it would not block."""
        # Counted in time slept: a caller that was stopped itself has not waited.
        left = LOCK_TIMEOUT
        waits = delays(*LOCK_DELAYS, random.uniform)
        while True:
            try:
                # Never blocking: a holder that was stopped would keep everybody here.
                return call(*arguments)
            except BlockingIOError as busy:
                refused = busy.__cause__
            if left <= 0:
                break
            wait = next(waits)
            self._sleep(wait)
            left -= wait
        if isinstance(refused, OSError):
            raise refused  # pylint: disable=raising-non-exception  # which the line above rules out
        raise unavailable(
            f"Another process has held the lock of {self.path} for {LOCK_TIMEOUT:g} s.",
            "Continue or end the task that was stopped while it held the lock (fuser names it).",
        )

    @contextlib.contextmanager
    def _opened(self) -> t.Iterator[int]:
        fd = self._patiently(self._open)
        try:
            info = os.fstat(fd)
            if not stat.S_ISREG(info.st_mode):
                raise unusable(self.path, "it is not a regular file")
            own = info.st_uid == os.geteuid()
            if self.private and not own:
                raise unusable(self.path, f"it belongs to the user with the id {info.st_uid}")
            if info.st_nlink > 1:
                raise unusable(self.path, "it has a second name (a hard link)")
            if own and stat.S_IMODE(info.st_mode) != self._mode:
                # The umask took rights away, or the one who made it was killed before it could give them.
                os.fchmod(fd, self._mode)
            elif info.st_mode & stat.S_IWOTH:
                raise unusable(self.path, f"its mode is {stat.S_IMODE(info.st_mode):04o} instead of {self._mode:04o}")
            yield fd
        finally:
            os.close(fd)

    def _open(self) -> int:
        # Without O_NONBLOCK the system itself would wait: for the holder of a lease, such as a file server.
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            try:
                return os.open(self.path, flags)
            except FileNotFoundError:
                return os.open(self.path, flags | os.O_CREAT | os.O_EXCL, self._mode)
        except FileExistsError:
            return os.open(self.path, flags)
        except PermissionError as error:
            if self.private or not self._is_being_made():
                raise
            raise BlockingIOError from error

    def _is_being_made(self) -> bool:
        """Tell whether another user has just made the file and not yet given it the rights of its directory."""
        info = os.lstat(self.path)
        return info.st_size == 0 and stat.S_IMODE(info.st_mode) != self._mode

    def _is_current(self, fd: int) -> bool:
        try:
            return os.path.samestat(os.fstat(fd), os.lstat(self.path))
        except FileNotFoundError:
            return False
