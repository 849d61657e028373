# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the file in which one run keeps for the next what it knows of phone numbers.

Whenever a run ends, by whatever, the file is the old one or the new one, whole.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift import state
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.state import State
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import quoted
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.output_file import OutputFile


class StateFile(OutputFile):
    """A file that a role variable names, read before the work and replaced after it."""

    def read(self) -> State | None:
        """Return the state of the last run, ``None`` where there is none yet. Raises ``DriftInputError``."""
        try:
            with open(self.target, "rb") as file:
                content = file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._refused(f"cannot be read: {error.strerror}") from error
        try:
            return state.check(json.loads(content))
        except (ValueError, RecursionError) as error:
            # What the check says is an error of a value too.
            problem = str(error) if isinstance(error, DriftInputError) else "is not whole; move it away, to begin anew"
            raise self._refused(problem) from error

    def keep(self, kept: State) -> None:
        """Replace the file, readable by its owner alone. Raises ``DriftInputError``."""
        self.write(json.dumps(kept, separators=(",", ":")) + "\n")

    def _write(self, content: bytes) -> None:
        folder = os.path.dirname(self.target)
        descriptor, new = tempfile.mkstemp(prefix=".alicloud-chatapp-", dir=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, self.target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(new)
            raise
        # Without this, a machine that loses its power can still have the old name for the new file.
        with contextlib.suppress(OSError):
            folder_descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(folder_descriptor)
            finally:
                os.close(folder_descriptor)

    def _refused(self, problem: str) -> DriftInputError:
        return DriftInputError(f"{self.variable}: {quoted(self.path)} {problem}.")
