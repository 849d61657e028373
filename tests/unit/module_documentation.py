# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds between any module of the collection and its documentation."""

from __future__ import annotations

import importlib
import json
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible_collections.alicloud.chatapp.plugins.module_utils import _module


def documented_options(module: ModuleType) -> dict[str, Any]:
    """The options of the module's documentation with those of its fragments."""
    documentation = yaml.safe_load(module.DOCUMENTATION)
    found = dict(documentation["options"])
    for fragment in documentation["extends_documentation_fragment"]:
        name = "ansible_collections.alicloud.chatapp.plugins.doc_fragments." + fragment.rpartition(".")[2]
        found.update(yaml.safe_load(importlib.import_module(name).ModuleDocFragment.DOCUMENTATION).get("options", {}))
    return found


def check_options(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The options are documented as they are."""

    class Captured(Exception):
        pass

    def capture(argument_spec, **others):
        assert others == {"supports_check_mode": True}
        raise Captured(argument_spec)

    monkeypatch.setattr(_module, "AnsibleModule", capture)
    with pytest.raises(Captured) as caught:
        module.main()
    spec, documented = caught.value.args[0], documented_options(module)
    assert set(spec) == set(documented)
    for name, option in spec.items():
        for part in ("type", "default", "elements", "aliases"):
            assert option.get(part) == documented[name].get(part), (name, part)
        if "fallback" in option:
            assert "E({})".format(option["fallback"][1][0]) in json.dumps(documented[name]["description"]), name


def check_examples(module: ModuleType) -> None:
    """The examples give options that there are, and one of them registers what it reads."""
    fqcn = "alicloud.chatapp." + module.__name__.rpartition(".")[2]
    used = [task.get(fqcn) or {} for task in yaml.safe_load(module.EXAMPLES) if "register" in task]
    assert used
    assert {name for given in used for name in given} <= set(documented_options(module))


def check_result(module: ModuleType, found: dict[str, Any], failed: bool) -> None:
    """Every key returned is documented, down to the rows, and every one that is promised is returned."""
    documented = yaml.safe_load(module.RETURN)
    returned: dict[str, set[str]] = {"always": {"changed"}, "on failure": {"failed", "msg"}}
    for name, key in documented.items():
        returned[key["returned"]].add(name)
    assert set(found) - {"warnings"} == returned["always"] | (returned["on failure"] if failed else set())
    assert found["changed"] is False
    for name in ("throttle", "paging"):
        assert not found.get(name) or set(found[name]) == set(documented[name]["contains"])
    for name in ("queries", "failures"):
        for row in found[name]:
            assert set(row) == set(documented[name]["contains"])
