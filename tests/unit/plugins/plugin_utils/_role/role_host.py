# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host for an entry point of the role, without Ansible: its variables, and a module that answers as it is told."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleUndefinedVariable
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.desired_files import File
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.host import Host
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.variables import OMITTED, Variables

UNDEFINED, OMIT = "{{ undefined }}", "{{ omit }}"


def template(value: Any) -> Any:
    if value == UNDEFINED:
        raise AnsibleUndefinedVariable("'undefined' is undefined. 'undefined' is undefined")
    return OMITTED if value == OMIT else value


class Encrypted:
    """A value out of a vault, as up to ansible-core 2.18."""

    __ENCRYPTED__ = True

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


def number(phone_number: str, space: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"phone_number": phone_number, **fields, **({} if space is None else {"cust_space_id": space})}


def answer(*numbers: dict[str, Any], spaces: list[str | None], failures: list[dict[str, Any]] | None = None) -> Any:
    """Return the module's result: ``spaces`` were asked for, all but those in ``failures`` were read."""
    failures = failures or []
    unread = [failure["cust_space_id"] for failure in failures]
    counts = {
        space: None if space in unread else sum(1 for it in numbers if it.get("cust_space_id") == space)
        for space in spaces
    }
    queries = [{"cust_space_id": space, "phone_number_count": count, "status": None} for space, count in counts.items()]
    result = {"queries": queries, "phone_numbers": list(numbers), "failures": failures, "failed": bool(failures)}
    return {**result, "msg": "Some could not be read."} if failures else result


class Module:
    """Answers a call after the other as scripted; ``asked`` are the options of each."""

    def __init__(self, *script: Any) -> None:
        self.asked: list[dict[str, Any]] = []
        self._script = list(script)

    def __call__(self, options: dict[str, Any]) -> Any:
        self.asked.append(options)
        scripted = self._script.pop(0)
        if isinstance(scripted, BaseException):
            raise scripted
        return scripted


def host(
    variables: dict[str, Any],
    module: Callable[[dict[str, Any]], Any],
    name: str = "shop",
    run_folder: str | Path = "",
    check_mode: bool = False,
    extra_vars: tuple[str, ...] = (),
    list_instances: Callable[[], Any] = dict,
) -> Host:
    return Host(
        name=name,
        variables=Variables(variables, template),
        run_folder=str(run_folder or tempfile.mkdtemp()),
        check_mode=check_mode,
        run_module=module,
        list_instances=list_instances,
        progress=lambda _text: None,
        read_file=lambda path: File(Path(path).read_bytes(), False),
        vaulted=lambda text: text,
        extra_vars=extra_vars,
        read_extra_vars=str.encode,
        load_extra_vars=lambda option: dict([option.split("=", 1)]),
    )
