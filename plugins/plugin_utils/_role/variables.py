# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the variables of a role, each read when it is needed, and only then."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable, Mapping

from ansible.errors import AnsibleError, AnsibleUndefinedVariable
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._plain import plain

T = t.TypeVar("T")

OMITTED: t.Any = object()  # what a variable holds that was set to ``omit``

_UNDEFINED = re.compile(r"^.*? is undefined")


class Variables:
    """The variables of one host in one task. ``template`` makes a value of what one holds, ``OMITTED`` of ``omit``."""

    def __init__(self, raw: Mapping[str, t.Any], template: Callable[[t.Any], t.Any]) -> None:
        self._raw = raw
        self._template = template

    def read(self, name: str, meaning: Callable[[str, t.Any], T], default: t.Any = None) -> T:
        """Return what a variable means, by one of the functions of ``values``.

        One that is not there, or was omitted, means what ``default`` means. Raises ``DriftInputError`` with the
        variable's name.
        """
        value = self.value(name)
        return meaning(name, default if value is OMITTED else plain(value, name))

    def value(self, name: str) -> t.Any:
        """Return what a variable holds, as Ansible makes it; ``OMITTED`` for one that is not there or was omitted."""
        raw = self._raw.get(name, OMITTED)
        if raw is OMITTED:
            return OMITTED
        try:
            value = self._template(raw)
        except AnsibleUndefinedVariable as error:
            found = _UNDEFINED.search(str(error.message))
            raise DriftInputError(f"{name}: {found[0] if found else 'something in it is undefined'}.") from error
        except AnsibleError as error:
            raise DriftInputError(f"{name}: cannot be read: {error.message}") from error
        if raw and isinstance(raw, (list, dict)) and isinstance(value, (list, dict)) and not value:
            raise DriftInputError(
                f"{name}: all that it holds was omitted; leave the variable out, or give it something."
            )
        return value


def without_omitted(placeholder: str, value: t.Any) -> t.Any:
    """Return a value as later releases of ansible-core make it: what was omitted is left out, at any depth."""
    if isinstance(value, Mapping):
        kept = {key: without_omitted(placeholder, item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not OMITTED}
    if isinstance(value, list):
        kept_items = (without_omitted(placeholder, item) for item in value)
        return [item for item in kept_items if item is not OMITTED]
    return OMITTED if isinstance(value, str) and value == placeholder else value
