# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the folder of the throttle's log: who may write in it, and whether it has locks.

A folder of the user's own must let nobody else write in it; whatever else its mode has (a set-group-ID bit that it
inherited, a sticky bit, the right to look) does no harm. Whoever may write in a folder that was given is trusted.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pwd
import stat
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import unavailable

FALLBACK = "/tmp/alicloud-chatapp-%d"
MOUNTS = "/proc/self/mountinfo"
# File systems whose locks can end at this machine, as mountinfo names them.
NETWORK_FILE_SYSTEMS = (
    "9p afs beegfs ceph cifs fuse.ceph fuse.glusterfs fuse.juicefs fuse.sshfs gfs2 glusterfs gpfs lustre ncpfs nfs nfs4"
    " ocfs2 prl_fs smb3 smbfs vboxsf virtiofs"
)

OWNER_ONLY = 0o700
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class Folder(t.NamedTuple):
    """A folder that can be used: its path, the scope of a quota in it, its files' mode, and what to warn of."""

    path: str
    scope: str
    mode: int
    warnings: list[str]


def private_folder() -> Folder:
    """Return the folder that all processes of the effective user agree on, whatever their environment says.

    Raises ThrottleError ``ThrottleUnavailable`` where neither the home's nor the one in ``/tmp`` can be used.
    """
    uid = os.geteuid()
    try:
        path = os.path.join("/", pwd.getpwuid(uid).pw_dir, ".ansible", "alicloud.chatapp")
        with contextlib.suppress(FileExistsError):
            os.mkdir(os.path.dirname(path), OWNER_ONLY)
        # Followed: a home's folder can be elsewhere, and what counts is who may write where it is.
        reason = _made(path, uid, os.stat)
    except KeyError:
        path, reason = "a home", f"the user with the id {uid} is not in the password database"
    except OSError as error:
        reason = text_of(error)
    if not reason:
        return Folder(path, "user", 0o600, [])
    fallback = FALLBACK % uid
    try:
        # Not followed: everybody can put a link into /tmp.
        unusable_too = _made(fallback, uid, os.lstat)
    except OSError as error:
        unusable_too = text_of(error)
    if unusable_too:
        raise unusable(fallback, unusable_too)
    warning = (
        f"The throttle cannot use {path}: {reason}. It keeps the quota in {fallback},"
        " which only tasks of this user that see the same /tmp share."
        " Repair what is wrong, or name a directory: throttle_url=file:///directory."
    )
    return Folder(fallback, "fallback", 0o600, [warning])


def shared_folder(path: str) -> Folder:
    """Return the folder that was given. Raises ThrottleError ``ThrottleUnavailable`` where it is missing or unsafe."""
    try:
        info = os.stat(path)
    except OSError as error:
        raise unusable(path, text_of(error)) from None
    mode = stat.S_IMODE(info.st_mode)
    if not stat.S_ISDIR(info.st_mode):
        raise unusable(path, "it is not a directory")
    if mode & stat.S_IWOTH:
        raise unusable(path, f"its mode is {mode:04o} instead of {mode & ~stat.S_IWOTH:04o}")
    kind = _network_file_system(info)
    warnings = []
    if kind:
        warnings.append(
            f"The throttle's directory {path} lies on a network file system ({kind}). Where its locks do not reach"
            " other hosts, or their clocks differ, these do not keep the quota together."
            " Name a Redis for several hosts: throttle_url=redis://host:port/database."
        )
    return Folder(path, "directory", mode & 0o660, warnings)


def _made(path: str, uid: int, look: t.Callable[[str], os.stat_result]) -> str:
    """Make a folder of the user's own; return why it is of no use, or nothing."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, OWNER_ONLY)
    info = look(path)
    if not stat.S_ISDIR(info.st_mode):
        return "it is not a directory"
    if info.st_uid != uid:
        return f"it belongs to the user with the id {info.st_uid}"
    if info.st_mode & (WRITABLE_BY_OTHERS | OWNER_ONLY) != OWNER_ONLY:
        if stat.S_ISLNK(os.lstat(path).st_mode):
            return f"others may write in it (its mode is {stat.S_IMODE(info.st_mode):04o})"
        # Its name is the collection's, so that nobody shares it on purpose. A Kubernetes volume gives all that is in
        # it to a group whenever it is mounted.
        os.chmod(path, OWNER_ONLY)
    if not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        return os.strerror(errno.EACCES)
    kind = _network_file_system(info)
    return f"it lies on a network file system ({kind})" if kind else ""


def _network_file_system(info: os.stat_result) -> str | None:
    """Return the kind of a file system whose locks can end at this machine, or None."""
    device = f"{os.major(info.st_dev)}:{os.minor(info.st_dev)}"
    try:
        with open(MOUNTS, encoding="utf-8", errors="replace") as mounts:
            for line in mounts:
                mount, _separator, source = line.partition(" - ")
                if mount.split()[2:3] == [device] and source.split()[:1]:
                    kind = source.split()[0]
                    return kind if kind in NETWORK_FILE_SYSTEMS.split() else None
    except OSError:
        pass
    return None


def text_of(error: OSError) -> str:
    return "it is a symbolic link" if error.errno in (errno.ELOOP, errno.EMLINK) else str(error.strerror)


def unusable(path: str, reason: str) -> ThrottleError:
    return unavailable(
        f"The throttle cannot use {path}: {reason}.",
        "Repair or remove it, or name another directory, throttle_url=file:///directory;"
        " one that users share belongs to their group and has the mode 2770.",
    )
