# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: write a desired state made of today's phone numbers."""

from __future__ import annotations

import json
import os
import typing as t

import yaml
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.snapshot import DEFAULT_FIELDS, desired_from
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role import values
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.desired_state import VARIABLE
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.discovery import asked_for, gather_all
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.host import Host
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.output_file import OutputFile

HEADER = """\
# Made of the phone numbers as they were. Callback URLs stand here with their query strings: where those hold
# tokens, encrypt this file with ansible-vault.
---
"""

# PyYAML without libyaml writes the same, several times slower.
_SafeDumper: t.Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def as_text(desired: t.Any, path: str) -> str:
    """Return the file's text: JSON where the file's name says so, else YAML."""
    content = {VARIABLE: desired}
    if path.lower().endswith(".json"):
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    written: str = yaml.dump(
        content, Dumper=_SafeDumper, allow_unicode=True, default_flow_style=False, sort_keys=False, width=10_000
    )
    return HEADER + written


def _check_fields(fields: list[str]) -> None:
    """Refuse what the snapshot would refuse after the gathering. Raises ``DriftInputError``."""
    nobody = {"queries": [{"cust_space_id": "nobody", "phone_number_count": 0}], "phone_numbers": [], "failures": []}
    try:
        desired_from(nobody, fields)
    except DriftInputError as error:
        raise DriftInputError(f"drift_check_snapshot_fields: {error}") from error


def snapshot(host: Host) -> dict[str, t.Any]:
    """Gather the phone numbers of one host and write them down; return the result of the role's task."""
    try:
        return _snapshot(host)
    except DriftInputError as error:
        return {"failed": True, "msg": str(error)}


def _snapshot(host: Host) -> dict[str, t.Any]:
    read = host.variables.read
    spaces, wanted = asked_for(host)
    fields = read("drift_check_snapshot_fields", values.texts, list(DEFAULT_FIELDS))
    hoist = read("drift_check_snapshot_defaults", values.flag, True)
    overwrite = read("drift_check_snapshot_overwrite", values.flag, False)
    batch_size = read("drift_check_batch_size", values.positive, 500)
    shows_facts = read("drift_check_show_facts", values.flag, False)
    file = OutputFile("drift_check_snapshot_file", read("drift_check_snapshot_file", values.path, "desired.yml"))
    if os.path.lexists(file.path) and not overwrite:
        raise DriftInputError(f"{file.path} exists. To replace it, set drift_check_snapshot_overwrite to true.")
    file.claim(host.run_folder, host.name)
    _check_fields(fields)
    found = wanted.find(host)
    results = [found.result or {}] if found.failure else gather_all(host, found, spaces, batch_size, needs_all=True)
    facts = {"facts": results} if shows_facts else {}
    if results and results[-1].get("failed"):
        # The module's own sentence says what is wrong, and what to do about it.
        return {**facts, "failed": True, "msg": f"{file.path} is not written. {results[-1].get('msg')}"}
    desired = desired_from(results, fields, hoist)
    if not host.check_mode:
        file.write(as_text(desired, file.path))
    return {**facts, "changed": True, "path": file.path}
