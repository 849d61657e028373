# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For PYTHONPATH: lets one function of the library raise an unexpected exception, whose text is full of secrets.

SECRECY_INJECT names it, MODULE:FUNCTION or MODULE:CLASS.METHOD, and SECRECY_TEXT the file with the text.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys

MODULE, _colon, FUNCTION = os.environ.get("SECRECY_INJECT", "").partition(":")
LIBRARY = "ansible_collections.alicloud.chatapp.plugins.module_utils."


def explode(*_arguments: object, **_named: object) -> None:
    with open(os.environ["SECRECY_TEXT"], encoding="utf-8") as text:
        raise RuntimeError(text.read())


class Saboteur:
    """Finds the module where the others do, and replaces the function as soon as the module is loaded."""

    def find_spec(self, name: str, path: object = None, _target: object = None) -> object:
        if name != LIBRARY + MODULE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        # The loader itself is left alone: that of a zip file loads all modules in it.
        self.loader, spec.loader = spec.loader, self
        return spec

    def create_module(self, _spec: object) -> None:
        """Leave it to Python."""

    def exec_module(self, module: object) -> None:
        self.loader.exec_module(module)
        *owner, function = FUNCTION.split(".")
        place = getattr(module, owner[0]) if owner else module
        getattr(place, function)
        setattr(place, function, explode)


if "syslog" in sys.builtin_module_names:
    # Some distributions build it into Python, where no path comes before it.
    spec = importlib.machinery.PathFinder.find_spec("syslog", [os.path.dirname(__file__)])
    sys.modules["syslog"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["syslog"])
if MODULE:
    sys.meta_path.insert(0, Saboteur())
