# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: files on the controller that a run writes, each one this run's and this host's own."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import tempfile

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import quoted

# Where a file cannot be put in another's place, but can be written: a file that is mounted by itself, a folder of
# somebody else's.
_WRITE_IN_PLACE = {errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS}


class OutputFile:
    """A file that a role variable names. A relative path counts from the folder that Ansible was started in."""

    mode = 0o600

    def __init__(self, variable: str, path: str) -> None:
        self.variable = variable
        self.path = os.path.abspath(os.path.expanduser(path))
        self.target = os.path.realpath(self.path)  # what a link leads to is written, the link stays

    def claim(self, folder: str, owner: str) -> None:
        """Take the file for one host of this run, and look whether it can be written.

        ``folder`` is one that this run has to itself. Raises ``DriftInputError`` where another host has taken it.
        """
        name = hashlib.sha256(os.fsencode(self.target)).hexdigest()
        claim = os.path.join(folder, f"alicloud-chatapp-{name}")
        try:
            # A link is made, with all that it says, in one step; several hosts are at work at the same time.
            os.symlink(owner, claim)
        except FileExistsError:
            other = os.readlink(claim)
            if other != owner:
                raise DriftInputError(
                    f"{self.variable}: the host {quoted(other)} writes {quoted(self.path)} in this run too; "
                    "put inventory_hostname into the path, so that each host has a file of its own."
                ) from None
        self._check()

    def _check(self) -> None:
        parent = os.path.dirname(self.target)
        if os.path.isdir(self.target):
            problem = "is a folder"
        elif os.path.exists(self.target):
            problem = "" if os.access(self.target, os.W_OK) or os.access(parent, os.W_OK) else "may not be written"
        elif not os.path.isdir(parent):
            problem = f"cannot be written: the folder {quoted(parent)} does not exist; make it first"
        else:
            problem = "" if os.access(parent, os.W_OK | os.X_OK) else f"cannot be written: {quoted(parent)} is closed"
        if problem:
            raise DriftInputError(f"{self.variable}: {quoted(self.path)} {problem}.")

    @property
    def keeps_one_text(self) -> bool:
        """Say whether it is a file, and no device or pipe, where a second text would follow the first."""
        return not os.path.exists(self.target) or stat.S_ISREG(os.stat(self.target).st_mode)

    def write(self, text: str) -> None:
        """Replace the file as a whole, with the mode of its kind. Raises ``DriftInputError``."""
        try:
            self._write(text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise DriftInputError(
                f"{self.variable}: {quoted(self.path)} could not be written: {error.strerror}."
            ) from error

    def _write(self, content: bytes) -> None:
        if self.keeps_one_text:
            try:
                self._replace(content)
                return
            except OSError as error:
                if error.errno not in _WRITE_IN_PLACE:
                    raise
        # A pipe that nobody reads is no reason to wait for ever.
        descriptor = os.open(self.target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK, 0o600)
        os.set_blocking(descriptor, True)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)

    def _replace(self, content: bytes) -> None:
        descriptor, new = tempfile.mkstemp(prefix=".alicloud-chatapp-", dir=os.path.dirname(self.target))
        try:
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(descriptor, self.mode)
                file.write(content)
            os.replace(new, self.target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(new)
            raise
