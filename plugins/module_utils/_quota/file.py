# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the throttle's log in a file, guarded by ``flock``.

The file holds native 64-bit integers: a checksum of the rest, the number of slots, the generation, when and by which
clock it was written last, the floor, and the slots that a lawful limit can look back at.

The log has a clock of its own, which goes on by what passed since the log was written last: on the same boot by the
monotonic clock, which nobody sets, and otherwise by the wall clock, which containers of one host have in common even
where their monotonic clocks or boot ids differ. So the log outlives a boot and is never cleaned up: there is one file
of at most 8 kB for each quota.
"""

from __future__ import annotations

import bisect
import contextlib
import errno
import hashlib
import os
import time
import typing as t
import zlib
from array import array

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.folder import private_folder, shared_folder
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.locked_file import LockedFile
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import (
    CLOCK_TOLERANCE,
    HIGHEST_LIMIT,
    HORIZON,
    LONGEST_PAUSE,
    MAX_LATENESS,
    MICROSECONDS,
    Reservation,
    Seen,
    Throttle,
    queue_of,
    unavailable,
)

BOOT_ID = "/proc/sys/kernel/random/boot_id"
TIME_NAMESPACE = "/proc/self/ns/time"
PREFIX = "alicloud.chatapp-"

CHECKSUM, COUNT, GENERATION, WRITTEN, MONOTONIC, WALL, BOOT, FLOOR, FIRST = range(9)
LONGEST = FIRST + HIGHEST_LIMIT
ANOTHER_CLOCK = 0


class FileThrottle(Throttle):
    """The quota of the effective user on this machine, or of all who share a directory.

    Whoever may write in a directory that was given is trusted with the quota. The file in it has the directory's
    rights for owner and group, and can belong to any of them.
    """

    def __init__(self, directory: str | None, **common: t.Any) -> None:
        """``directory`` is an absolute path, or None for the effective user's own.

        Raises ThrottleError with ``ThrottleUnavailable`` for a directory that is missing or unsafe.
        """
        super().__init__(**common)
        folder = private_folder() if directory is None else shared_folder(directory)
        self.scope = folder.scope
        self.warnings += folder.warnings
        self._boot = _boot()
        # What the time was by the log's clock and by this process's, when this process read the log last.
        self._seen = 0, 0
        self._file = LockedFile(
            os.path.join(folder.path, PREFIX + self._name), folder.mode, directory is None, self._sleep
        )

    def _append(self, not_before: float, wanted: int) -> tuple[int, Reservation, bool]:
        with self._file.locked() as fd:
            state, now, moment = self._read(fd)
            # A slot that will not have passed when the log is written, which takes about as long as to read it.
            soonest = now + max(0, round((self._round_trip.bound - MAX_LATENESS / 2) * MICROSECONDS))
            slot = max(soonest, state[FLOOR], state[-1])
            if len(state) - FIRST >= self._limit:
                slot = max(slot, state[-self._limit] + self._pause)
            at = moment + (slot - now)
            granted = at >= int(not_before * MICROSECONDS)
            queue = queue_of(slot, soonest, state[GENERATION], self._pause)
            if granted and queue <= self._max_wait:
                state.append(slot)
                forgotten = bisect.bisect_left(state, now - LONGEST_PAUSE, FIRST)
                del state[FIRST : max(forgotten, len(state) - HIGHEST_LIMIT)]
                self._write(fd, state, now, moment)
                self._wrote(state[GENERATION], slot)
                written = self._clock()
                self._round_trip.note(written - moment / MICROSECONDS)
                if written - at / MICROSECONDS > MAX_LATENESS:
                    self._lose_slot()
        return queue, Reservation(at / MICROSECONDS, granted, slot, state[GENERATION]), slot == soonest

    def _look(self, reservation: Reservation) -> bool:
        began = self._clock()
        with self._file.locked(shared=True) as fd:
            state = _sound(os.pread(fd, 8 * LONGEST, 0))
        self._round_trip.note(self._clock() - began)
        return state is not None and Seen(state[FLOOR], state[GENERATION], state[-1]).holds(reservation)

    def _raise_floor(self, microseconds: int) -> None:
        with self._file.locked() as fd:
            state, now, moment = self._read(fd)
            state[FLOOR] = max(state[FLOOR], now + microseconds)
            self._write(fd, state, now, moment)

    def _read(self, fd: int) -> tuple[array[int], int, int]:
        """Return the log, and what the time is by its clock and by this process's, in microseconds."""
        began = self._clock()
        data = os.pread(fd, 8 * LONGEST, 0)
        ended = self._clock()
        self._round_trip.note(ended - began)
        moment = int(ended * MICROSECONDS)
        if not data and not self._generation:
            # A generation below 0 tells others, who know of an earlier log, that nobody waited for its window.
            fresh = array("q", bytes(8 * FIRST))
            fresh[GENERATION] = -max(1, moment)
            return fresh, moment, moment
        found = _sound(data)
        if found:
            now = self._time_of(found, moment)
            if now is not None and max(found[FLOOR], found[-1]) <= now + HORIZON and not self._is_lost(found):
                self._seen = now, moment
                return found, now, moment
        elif not data:
            self._lose()
        # What was granted is not known, so that every window counts as full.
        state = array("q", bytes(8 * FIRST)) + array("q", [moment] * HIGHEST_LIMIT)
        state[GENERATION] = max(1, moment)
        self._write(fd, state, moment, moment)
        self._wrote(state[GENERATION], moment)
        self._seen = moment, moment
        return state, moment, moment

    def _time_of(self, state: array[int], moment: int) -> int | None:
        """Return what the time is by the log's clock, or None where a clock has gone back since."""
        if self._boot != ANOTHER_CLOCK and state[BOOT] == self._boot:
            passed = moment - state[MONOTONIC]
            return int(state[WRITTEN] + passed) if passed >= 0 else None
        passed = int(time.time() * MICROSECONDS) - state[WALL]
        if passed >= -CLOCK_TOLERANCE:
            now: int = state[WRITTEN] + max(0, passed)
            earlier, then = self._seen
            # A wall clock that was put forward would let a window pass that has not.
            stepped = state[GENERATION] == self._generation and now - earlier > moment - then + CLOCK_TOLERANCE
            return None if stepped else now
        if not self._file.private:
            self._lose_log(
                f"The throttle's log in {self._file.path} was written by a machine whose clock is"
                f" {-passed / MICROSECONDS:.1f} s ahead of this one's",
                "Machines that share a directory need one time (NTP); for several hosts name a Redis:"
                " throttle_url=redis://host:port/database.",
            )
        return None

    def _is_lost(self, state: array[int]) -> bool:
        """Tell whether what this process wrote is gone, and nobody counted its window as full."""
        if not self._generation or (state[GENERATION] == self._generation and state[-1] >= self._newest):
            return False
        if state[GENERATION] != self._generation and state[GENERATION] > 0:
            return False
        self._lose()
        return True

    def _lose(self) -> None:
        self._lose_log(
            f"The throttle's log {self._file.path} was removed or replaced while tasks were using it",
            "Look for what cleans up in that directory.",
        )

    def _write(self, fd: int, state: array[int], now: int, moment: int) -> None:
        state[COUNT] = len(state) - FIRST
        state[WRITTEN], state[MONOTONIC], state[BOOT] = now, moment, self._boot
        state[WALL] = int(time.time() * MICROSECONDS)
        state[CHECKSUM] = _checksum(state)
        if os.pwrite(fd, state, 0) != len(state) * state.itemsize:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _too_slow(self) -> ThrottleError:
        return unavailable(
            f"The throttle's file {self._file.path} is too slow: {self._lost_slots} slots in a row had passed before it"
            f" was read or written, which takes {self._round_trip.mean:.2f} s.",
            "Name a directory on a disk of this machine, throttle_url=file:///directory, or a Redis.",
        )


def _sound(data: bytes) -> array[int] | None:
    """Return the log that was read, or None where it is damaged."""
    state = array("q", data[: len(data) // 8 * 8])
    if len(state) < FIRST or state[COUNT] < 0:
        return None
    del state[FIRST + state[COUNT] :]
    return state if state[CHECKSUM] == _checksum(state) else None


def _checksum(state: array[int]) -> int:
    return zlib.crc32(memoryview(state)[COUNT:])


def _boot() -> int:
    """Return a number that stands for this boot and its monotonic clock, or ANOTHER_CLOCK where the system has none."""
    try:
        with open(BOOT_ID, encoding="ascii") as file:
            boot_id = file.read().strip()
    except OSError:
        return ANOTHER_CLOCK
    with contextlib.suppress(OSError):
        # Containers of one boot can have monotonic clocks of their own.
        boot_id += os.readlink(TIME_NAMESPACE)
    return int.from_bytes(hashlib.sha256(boot_id.encode()).digest()[:7], "big") + 1
