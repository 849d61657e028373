# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests run in a process of its own, run in theirs: mutation testing knows nothing of other processes."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from unittest import mock

WANTED = os.environ.get("CHATAPP_TEST_SCALE") == "mutation"


class InProcess:
    """Stands for the subprocess.Popen of a Python that runs a module, ``-m`` and its name, or a file."""

    def __init__(self, python: Sequence[str], given: str, environment: Mapping[str, str] | None) -> None:
        self.returncode: int | None = None
        self._python = list(python)
        self._given = given
        self._environment = dict(os.environ if environment is None else environment)
        # By which mutmut knows the mutant.
        self._environment |= {name: value for name, value in os.environ.items() if name.startswith("MUTANT_")}

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Run it to its end, however long that takes; return standard output and standard error."""
        # Not every ansible-core has all of them, and only mutation testing, which runs on the newest, needs them.
        from ansible.module_utils import _internal, basic
        from ansible.module_utils.common import warnings
        from ansible_collections.alicloud.chatapp.plugins.module_utils import _module

        output, error = io.StringIO(), io.StringIO()
        standard_input = io.TextIOWrapper(io.BytesIO(self._given.encode()), encoding="utf-8")
        # What Ansible keeps from one module to the next, which a process of its own does not have.
        basic._ANSIBLE_ARGS = None
        for kept in (warnings._global_warnings, warnings._global_deprecations):
            kept.clear()
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.dict(os.environ, self._environment, clear=True))
            stack.enter_context(mock.patch.object(sys, "stdin", standard_input))
            stack.enter_context(mock.patch.object(sys, "argv", self._python[-1:]))
            # Which it is once another test has imported what runs on a controller.
            stack.enter_context(mock.patch.object(_internal, "is_controller", False))
            # It would end the tests.
            stack.enter_context(mock.patch.object(_module, "exit_when_orphaned", lambda: None))
            stack.enter_context(contextlib.redirect_stdout(output))
            stack.enter_context(contextlib.redirect_stderr(error))
            try:
                self._run()
                self.returncode = 0
            except SystemExit as end:
                self.returncode = end.code if isinstance(end.code, int) else int(end.code is not None)
        return output.getvalue(), error.getvalue()

    def _run(self) -> None:
        if self._python[0] == "-m":
            importlib.import_module(self._python[1]).main()
        else:
            runpy.run_path(self._python[0], run_name="__main__")
