# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# A subclass is what must not pass here, so that types are compared.
# pylint: disable=unidiomatic-typecheck,invalid-str-returned

from __future__ import annotations

import pytest
from ansible.errors import AnsibleError, AnsibleUndefinedVariable
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.variables import (
    OMITTED,
    Variables,
    without_omitted,
)


def returned(_name, value):
    return value


def test_a_variable_that_is_not_there_or_omitted_means_the_default():
    variables = Variables({"omitted": 1}, lambda _value: OMITTED)
    assert variables.read("omitted", returned, "default") == "default"
    assert variables.read("not there", returned, "default") == "default"


def test_a_variable_is_made_plain():
    class Text(str):
        pass

    read = Variables({"x": [Text("a")]}, returned.__get__("x")).read("x", returned)
    assert type(read[0]) is str


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (AnsibleUndefinedVariable("'a' is undefined. 'a' is undefined"), "x: 'a' is undefined."),
        (AnsibleUndefinedVariable("no"), "x: something in it is undefined."),
        (AnsibleError("broken"), "x: cannot be read: broken"),
    ],
)
def test_a_variable_that_cannot_be_made_is_refused_by_its_name(error, message):
    def fail(_value):
        raise error

    with pytest.raises(DriftInputError) as refused:
        Variables({"x": 1}, fail).read("x", returned)
    assert str(refused.value) == message


def test_what_was_omitted_is_left_out_at_any_depth():
    value = {"a": "omit", "b": [{"c": "omit", "d": 1}, "omit", "e"], "f": None, "g": {"h": "omit"}}
    assert without_omitted("omit", value) == {"b": [{"d": 1}, "e"], "f": None, "g": {}}
    assert without_omitted("omit", "omit") is OMITTED
    assert without_omitted("omit", "other") == "other"


@pytest.mark.parametrize("raw", [["{{ omit }}"], {"a": "{{ omit }}"}])
def test_all_that_was_omitted_is_not_taken_for_nothing(raw):
    variables = Variables({"x": raw}, lambda value: type(value)())
    with pytest.raises(DriftInputError, match=r"^x: all that it holds was omitted; "):
        variables.read("x", returned)
    assert Variables({"x": []}, lambda value: value).read("x", returned) == []
