# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters as Ansible sees them: found by name, documented as they are, errors of Ansible's kind."""

from __future__ import annotations

import inspect

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.alicloud.chatapp.plugins.filter import (
    desired_from,
    drift_junit,
    drift_markdown,
    phone_number_changes,
    phone_number_drift,
    phone_numbers_prometheus,
)

FACTS = {
    "queries": [{"cust_space_id": None, "phone_number_count": 1}],
    "phone_numbers": [{"phone_number": "1", "status": "CONNECTED"}],
    "failures": [],
}
DESIRED = {"spaces": [{"phone_numbers": [{"phone_number": "1", "status": "CONNECTED"}]}]}
FILES = {
    "desired_from": desired_from,
    "drift_junit": drift_junit,
    "drift_markdown": drift_markdown,
    "phone_number_changes": phone_number_changes,
    "phone_number_drift": phone_number_drift,
    "phone_numbers_prometheus": phone_numbers_prometheus,
}


def door(name):
    return FILES[name].FilterModule().filters()[name]


def test_each_filter_does_its_job():
    report = door("phone_number_drift")(FACTS, DESIRED)
    assert report["status"] == "in_sync"
    assert door("drift_junit")(report).startswith("<?xml")
    assert door("drift_markdown")(report).startswith("## ")
    assert door("desired_from")(FACTS, ["status"]) == DESIRED
    changes = door("phone_number_changes")(FACTS, FACTS)
    assert changes["status"] == "unchanged"
    assert door("drift_markdown")(changes).startswith("## ChatApp phone numbers: nothing changed")
    assert "\nchatapp_drift" in door("phone_numbers_prometheus")(FACTS, report)
    assert door("drift_junit")(changes, "facts.json").count('file="facts.json"') == 1


@pytest.mark.parametrize(
    "name, arguments, message",
    [
        ("phone_number_drift", (FACTS, {"spaces": []}), "spaces: nothing is desired here"),
        ("phone_number_drift", (5, DESIRED), "The facts must be"),
        ("phone_number_changes", (5, FACTS), "The facts must be"),
        ("phone_numbers_prometheus", (FACTS, {}), "The report must be"),
        ("phone_numbers_prometheus", (FACTS, None, "", "status"), "fields: must be a list"),
        ("desired_from", (FACTS, ["x"]), "fields: 'x': unknown key"),
        ("drift_junit", (FACTS,), "The report must be"),
        ("drift_markdown", (FACTS,), "The report must be"),
    ],
)
def test_errors_are_ansibles_with_the_same_sentence(name, arguments, message):
    with pytest.raises(AnsibleFilterError, match=f"^{message}"):
        door(name)(*arguments)


@pytest.mark.parametrize("name", FILES)
def test_the_documentation_names_the_arguments_and_defaults_that_there_are(name):
    documented = yaml.safe_load(FILES[name].DOCUMENTATION)
    _given, *parameters = inspect.signature(door(name)).parameters.values()
    assert documented["name"] == name
    assert set(documented["options"]) == {"_input", *(parameter.name for parameter in parameters)}
    for parameter in parameters:
        option = documented["options"][parameter.name]
        if parameter.default is inspect.Parameter.empty:
            assert option["required"]
        elif isinstance(parameter.default, tuple):
            assert option["default"] == list(parameter.default)
        else:
            assert option.get("default") == parameter.default


def test_samples_of_a_row_are_one_real_row():
    space = {"cust_space_id": "cams-8c8d7e1f"}
    number = {"phone_number": "8613800005678"}
    facts = {
        "queries": [{**space, "phone_number_count": 1}],
        "phone_numbers": [{**space, **number, "status": "BANNED"}],
        "failures": [],
    }
    desired = {"spaces": [{**space, "phone_numbers": [{**number, "status": ["CONNECTED", "PENDING"]}]}]}
    fields = yaml.safe_load(phone_number_drift.RETURN)["_value"]["contains"]["rows"]["contains"]
    report = door("phone_number_drift")(facts, desired)
    [row] = report["rows"]
    assert {name: field["sample"] for name, field in fields.items()} == row
    contains = yaml.safe_load(phone_number_drift.RETURN)["_value"]["contains"]
    assert list(contains) == list(report)
    assert list(fields) == list(row)
    for name in ("verdict", "findings"):
        assert contains[name]["sample"] == report[name]
