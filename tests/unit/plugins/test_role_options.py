# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the role: they show what the role takes, and leave it to the role to refuse the rest."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.desired import read_desired
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.fields import FIELDS
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError

SPECS = yaml.safe_load(
    (Path(__file__).parents[3] / "roles/drift_check/meta/argument_specs.yml").read_text(encoding="utf-8")
)["argument_specs"]
DESIRED = SPECS["main"]["options"]["drift_check_desired"]["options"]
SPACE = DESIRED["spaces"]["options"]
NUMBER = SPACE["phone_numbers"]["options"]
SECRET = "https://hooks.example.com/?token=tokenOfTheHook"

WRONG = {
    "text": SECRET,
    "text in place of the spaces": {"spaces": SECRET},
    "unknown key": {"spaces": [], SECRET: 1},
    "unknown key of a space": {"spaces": [{"phone_numbers": [], "token": SECRET}]},
    "nothing required": {},
    "no mapping in place of a number": {"spaces": [{"phone_numbers": [SECRET]}]},
    "a number without its number": {"spaces": [{"phone_numbers": [{"up_callback_url": SECRET}]}]},
    "unlisted": {"spaces": [{"phone_numbers": [], "unlisted": SECRET}]},
    "nothing": None,
}


@pytest.mark.parametrize("entry_point", SPECS)
def test_ansible_refuses_no_option_before_the_role_has_seen_to_its_reports(entry_point):
    for name, option in SPECS[entry_point]["options"].items():
        assert option["type"] == "raw", name
        assert not option.keys() & {"required", "choices", "elements"}, name


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_ansible_neither_refuses_nor_changes_nor_shows_a_desired_state(wrong):
    given = copy.copy(wrong)
    result = ArgumentSpecValidator(copy.deepcopy(SPECS["main"]["options"])).validate(
        {"drift_check_desired": given}, validate_role_argument_spec=True
    )
    assert result.error_messages == []
    assert result.validated_parameters["drift_check_desired"] == wrong


def accepts(state):
    try:
        read_desired(state)
    except DriftInputError:
        return False
    return True


def state_with(**fields):
    return {"spaces": [{"phone_numbers": [{"phone_number": "8613800001234", **fields}]}]}


def test_the_fields_shown_are_those_that_a_desired_state_can_name():
    fields = {*FIELDS, "other"}
    assert DESIRED["defaults"]["options"].keys() == fields
    assert NUMBER.keys() == {"phone_number", *fields}


def test_the_structure_shown_is_what_a_desired_state_can_have():
    assert DESIRED.keys() == {"defaults", "spaces"}
    assert SPACE.keys() == {"cust_space_id", "unlisted", "phone_numbers"}
    number = {"phone_number": "8613800001234"}
    for choice in SPACE["unlisted"]["choices"]:
        space = {"cust_space_id": "cams-1", "unlisted": choice, "phone_numbers": [number]}
        assert accepts({"defaults": {"status": "CONNECTED"}, "spaces": [space]})
    assert not accepts({"spaces": [{"phone_numbers": [number], "unlisted": "other"}]})
    required = {name for name, option in {**DESIRED, **SPACE, **NUMBER}.items() if option.get("required")}
    assert required == {"spaces", "phone_numbers", "phone_number"}
    for lacking in ({}, {"spaces": [{}]}, {"spaces": [{"phone_numbers": [{"status": "CONNECTED"}]}]}):
        assert not accepts(lacking)


def test_a_field_is_a_mapping_where_it_is_shown_as_one():
    for name, option in DESIRED["defaults"]["options"].items():
        is_mapping = name == "other" or isinstance(FIELDS[name], dict)
        assert option["type"] == ("dict" if is_mapping else "raw"), name
        assert accepts(state_with(**{name: SECRET})) is not is_mapping, name
