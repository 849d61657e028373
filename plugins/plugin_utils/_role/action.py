# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: what the role's actions have in common: they hand Ansible's world to an entry point."""

from __future__ import annotations

import os
import typing as t
from collections.abc import Callable, Mapping

import yaml
from ansible import constants, context, errors
from ansible.errors import AnsibleError
from ansible.parsing.splitter import parse_kv
from ansible.parsing.vault import AnsibleVaultError
from ansible.plugins.action import ActionBase
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._plain import plain_facts
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role import desired_files
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.host import Host
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.variables import (
    OMITTED,
    Variables,
    without_omitted,
)

MODULE = "alicloud.chatapp.alicloud_chatapp_phone_numbers_info"
LISTING_MODULE = "alicloud.chatapp.alicloud_chatapp_instances_info"

# What the role asks for is the role's own, whatever module_defaults hold.
OWN_OPTIONS = {"entry_point", "cust_space_ids", "cust_space_id", "status", "fail_on_unreadable"}
# A filter would make of a list one that is not whole, and neither module knows the options of the other.
_OF_A_LISTING = {"channel_type", "instance_id", "name", "resource_group_id", "state"}
_NOT_OF = {LISTING_MODULE: {*_OF_A_LISTING, "personal_data", "isv_code"}}
_NOT_OF_OTHERS = {*_OF_A_LISTING, "page_size", "personal_data"}

EntryPoint = Callable[[Host], dict[str, t.Any]]

_OMITTED_ERRORS: tuple[type[Exception], ...] = tuple(
    getattr(errors, name) for name in ("AnsibleValueOmittedError",) if hasattr(errors, name)
)


class RoleAction(ActionBase):  # type: ignore[misc]  # ansible-core carries no types
    """Does the work of the role on the controller; only modules run where the play's connection leads."""

    TRANSFERS_FILES = False

    def entry_points(self) -> dict[str, EntryPoint]:
        """Return what each value of the option ``entry_point`` runs."""
        raise NotImplementedError

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        self._vars = task_vars or {}
        self._warnings: list[t.Any] = []
        try:
            outcome = self.entry_points()[self._task.args["entry_point"]](self._host())
        except Exception as error:
            # The text of an unexpected error can hold anything; its class cannot.
            outcome = {"failed": True, "msg": f"An unexpected {type(error).__name__} occurred."}
        if self._warnings:
            outcome["warnings"] = self._warnings
        return {**result, "changed": False, **outcome}

    def _host(self) -> Host:
        return Host(
            name=self._vars["inventory_hostname"],
            variables=Variables(self._vars, self._template),
            run_folder=constants.DEFAULT_LOCAL_TMP,
            check_mode=self._task.check_mode,
            run_module=lambda options: self.run_module(MODULE, {**options, "fail_on_unreadable": True}),
            list_instances=lambda: self.run_module(LISTING_MODULE, {}),
            # Standard output may be read by a machine.
            progress=lambda text: self._display.display(text, stderr=True),
            read_file=self._read_file,
            vaulted=self._vaulted,
            extra_vars=context.CLIARGS.get("extra_vars") or (),
            read_extra_vars=self._read_extra_vars,
            load_extra_vars=self._load_extra_vars,
        )

    def run_module(self, module: str, options: dict[str, t.Any]) -> Mapping[str, t.Any]:
        """Run a module with what module_defaults say and these options; return its result, be it a failed one."""
        given = {**self._task.args, **self._defaults_of(module)}
        kept = {
            name: value
            for name, value in given.items()
            if name not in OWN_OPTIONS | _NOT_OF.get(module, _NOT_OF_OTHERS)
        }
        try:
            result: dict[str, t.Any] = self._execute_module(
                module_name=module, module_args={**kept, **options}, task_vars=self._vars
            )
        except AnsibleError as error:
            return {"failed": True, "msg": str(error.message)}
        self._warnings += [warning for warning in result.pop("warnings", []) if warning not in self._warnings]
        if not isinstance(result.get("exception"), str):
            result.pop("exception", None)  # from ansible-core 2.19 on an object, until the task has ended
        return {"failed": bool(result.get("failed")), **plain_facts(result).value}

    def _defaults_of(self, module: str) -> dict[str, t.Any]:
        """Return what module_defaults say of a module by its own name; what they say of its group has come along."""
        found: dict[str, t.Any] = {}
        for defaults in self._task.module_defaults or ():
            found = defaults.get(module, found)
        return dict(self._template(found))

    def _template(self, value: t.Any) -> t.Any:
        """Return what a value means in this task, without whatever in it was omitted."""
        try:
            made = self._templar.template(value)
        except _OMITTED_ERRORS:  # pylint: disable=catching-non-exception  # it is inferred to be empty
            return OMITTED
        except (ArithmeticError, LookupError, ValueError) as error:
            # Before ansible-core 2.19 what an expression raises comes through as it is.
            raise AnsibleError(str(error)) from error
        # Before ansible-core 2.19 what is omitted is a text that no one else has.
        placeholder = self._vars.get("omit")
        return made if placeholder is None else without_omitted(placeholder, made)

    def _read_file(self, path: str) -> desired_files.File:
        try:
            content, is_plain = self._loader._get_file_contents(os.path.abspath(path))
        except AnsibleVaultError as error:
            raise DriftInputError(
                f"{path}: is encrypted and cannot be decrypted; give the password of its vault."
            ) from error
        except AnsibleError as error:
            raise DriftInputError(f"{path}: cannot be read.") from error
        return desired_files.File(bytes(content), not is_plain)

    def _vaulted(self, text: str) -> desired_files.VaultedText:
        return desired_files.VaultedText(text, self._loader._vault.decrypt)

    def _read_extra_vars(self, option: str) -> bytes:
        return self._read_file(option[1:]).content if option.startswith("@") else os.fsencode(option)

    def _load_extra_vars(self, option: str) -> t.Any:
        try:
            if option.startswith("@"):
                return desired_files.load(option[1:], self._read_file, self._vaulted)
            return yaml.safe_load(option) if option.lstrip()[:1] in ("{", "[") else parse_kv(option)
        except (DriftInputError, yaml.YAMLError, AnsibleError):
            return None  # Ansible has read it, and whether it is well written is not asked here
