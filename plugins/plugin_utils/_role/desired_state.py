# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the desired state of one host, out of a variable, of files, or of both."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.desired import merge
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._plain import Plain, plain_state
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role import desired_files, values
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.host import Host
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.variables import OMITTED

VARIABLE = "drift_check_desired"
FILES = "drift_check_desired_files"


class DesiredState(t.NamedTuple):
    """One or several desired states, plain, and the vaulted texts in them."""

    states: list[dict[str, t.Any]]
    vaulted: frozenset[str]


def desired_state(host: Host) -> DesiredState:
    """Return what a host desires. Raises ``DriftInputError`` with the variable's name or the file's path."""
    refuse_twice(host, VARIABLE, FILES)
    found: list[tuple[str, t.Any]] = []
    given = host.variables.value(VARIABLE)
    if given is not OMITTED:
        found.append((VARIABLE, values.state(VARIABLE, given)))
    paths = host.variables.read(FILES, _paths, OMITTED)
    found += [(path, desired_files.load(path, host.read_file, host.vaulted)) for path in paths]
    if not found:
        raise DriftInputError(
            f"{VARIABLE}: there is no desired state; set this variable, by -e @desired.yml for instance, or name files "
            f"in {FILES}."
        )
    plain = [(name, _plain(name, state)) for name, state in found]
    states = merge([(name, state.value) for name, state in plain])
    return DesiredState(states, frozenset().union(*(state.vaulted for _name, state in plain)))


def _paths(name: str, value: t.Any) -> list[str]:
    return [] if value is OMITTED else desired_files.find_all(name, value)


def _plain(name: str, state: t.Any) -> Plain:
    try:
        return plain_state(state)
    except DriftInputError as error:
        raise DriftInputError(f"{name}: {error}") from error


def refuse_twice(host: Host, *names: str) -> None:
    """Refuse a variable that two ``-e`` options set, of which Ansible keeps the last in silence.

    Raises ``DriftInputError`` with both places.
    """
    # What is large is read as YAML only where the variable's name is found in two places.
    options = [option for option in host.extra_vars if _names_one(names, host.read_extra_vars(option))]
    first: dict[str, str] = {}
    for option in options if len(options) > 1 else ():
        content = host.load_extra_vars(option)
        place = option if option.startswith("@") else "-e"
        for name in names if isinstance(content, Mapping) else ():
            if name not in content:
                continue
            if name in first:
                raise DriftInputError(
                    f"{name}: {first[name]} and {place} both set it, and Ansible would look at the last alone; "
                    f"name several files of desired state in {FILES}."
                    if name in (VARIABLE, FILES)
                    else f"{name}: {first[name]} and {place} both set it, and Ansible would look at the last alone."
                )
            first[name] = place


def _names_one(names: Sequence[str], text: bytes) -> bool:
    return any(name.encode() in text for name in names)
