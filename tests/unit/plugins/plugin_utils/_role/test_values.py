# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role import values

REFUSED = [None, [], {}, object(), ["x"], {"a": 1}]


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        (True, True),
        ("no", False),
        ("False", False),
        ("yes", True),
        (0, False),
        ("1", True),
    ],
)
def test_flag_means_what_it_says(value, meaning):
    assert values.flag("name", value) is meaning


@pytest.mark.parametrize("value", [*REFUSED, "maybe", "", 2, 0.5])
def test_flag_refuses_what_says_neither(value):
    with pytest.raises(DriftInputError, match="^name: must be true or false, not "):
        values.flag("name", value)


def test_choice_is_one_of_the_choices():
    assert values.choice("name", "warn", ("fail", "warn")) == "warn"


@pytest.mark.parametrize("value", [*REFUSED, "Fail", "", False])
def test_choice_refuses_another_with_what_there_is(value):
    with pytest.raises(DriftInputError, match="^name: must be fail, warn or change, not "):
        values.choice("name", value, ("fail", "warn", "change"))


@pytest.mark.parametrize(("value", "meaning"), [(1, 1), ("500", 500), (" 7\n", 7)])
def test_positive_takes_a_number_that_a_template_made_text_of(value, meaning):
    assert values.positive("name", value) == meaning


@pytest.mark.parametrize("value", [*REFUSED, True, 0, -1, 1.5, "1e3", "", "9" * 5000, "\N{SUPERSCRIPT TWO}"])
def test_positive_refuses_what_is_no_size(value):
    with pytest.raises(DriftInputError, match="^name: must be a whole number, 1 or more, not "):
        values.positive("name", value)


@pytest.mark.parametrize("value", [None, ""])
def test_no_path_means_no_file(value):
    assert values.optional_path("name", value) is None


def test_path_is_taken_as_it_is():
    assert values.optional_path("name", " a b,c.xml") == " a b,c.xml"


@pytest.mark.parametrize("value", [[], {}, True, 5, ["a"], " ", "a\0b"])
def test_path_refuses_what_is_none(value):
    with pytest.raises(DriftInputError, match="^name: must be the path of a file, not "):
        values.optional_path("name", value)


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        (["a", "b"], ["a", "b"]),
        ("a,b", ["a", "b"]),
        (" a , b ", ["a", "b"]),
        ("a", ["a"]),
        (12345, ["12345"]),
        ([12345, "a"], ["12345", "a"]),
        ('["a", 5]', ["a", "5"]),
        ([], []),
    ],
)
def test_one_text_means_a_list(value, meaning):
    assert values.texts("name", value) == meaning


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "name: must be a list, not absent."),
        ({"a": 1}, 'name: must be a list, not {"a": 1}.'),
        (True, "name: must be a list, not true."),
        ("", "name: is empty; leave it out, or name at least one."),
        (" ", "name: is empty; leave it out, or name at least one."),
        ("[a", "name: is text that looks like JSON, but is none."),
        ("a,,b", "name[1]: is empty; leave it out."),
        (["a", None], "name[1]: must be text, not absent."),
        ([True], "name[0]: must be text, not true."),
        ([["a"]], 'name[0]: must be text, not ["a"].'),
        ([""], "name[0]: is empty; leave it out."),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused_with_its_place(value, message):
    with pytest.raises(DriftInputError) as refused:
        values.texts("name", value)
    assert str(refused.value) == message


def test_an_identifier_counts_once():
    assert values.identifiers("name", "b,a,b") == ["b", "a"]


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("cams-alpha\n", "has white space or a line break at an end"),
        (" cams-alpha", "has white space or a line break at an end"),
        ("cams\u200balpha", "holds a character that is not to be seen"),
        ("cams\x00alpha", "holds a character that is not to be seen"),
        ("cams\ud800", "holds a character that is not to be seen"),
    ],
)
def test_an_identifier_that_looks_like_another_is_refused_with_its_place(value, what):
    with pytest.raises(DriftInputError, match=rf"^name\[1\]: .* {what}; remove it\.$"):
        values.identifiers("name", ["cams-beta", value])


def test_a_state_is_a_mapping_or_its_json():
    assert values.state("name", {"spaces": []}) == {"spaces": []}
    assert values.state("name", ' {"spaces": []}') == {"spaces": []}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "desired.yml",
            "name: is text; hand over a mapping, or name files in drift_check_desired_files.",
        ),
        ("", "name: is empty; hand over a mapping, or name files in drift_check_desired_files."),
        ("{spaces", "name: is text that looks like JSON, but is none."),
    ],
)
def test_a_state_that_is_none_is_refused(value, message):
    with pytest.raises(DriftInputError) as refused:
        values.state("name", value)
    assert str(refused.value) == message


@pytest.mark.parametrize("value", [True, False, "0", "-1", "1.0", "1" * 10, "²", ""])
def test_a_number_that_is_none_is_refused_and_shown(value):
    with pytest.raises(DriftInputError) as raised:
        values.positive("name", value)
    assert str(raised.value) == f"name: must be a whole number, 1 or more, not {values.quoted(value)}."
    assert values.positive("name", "9" * 9) == 999_999_999


def test_what_is_refused_is_shown():
    with pytest.raises(DriftInputError, match=r'name: must be the path of a file, not \["x"\].$'):
        values.path("name", ["x"])
    for text, why in ((" x", "white space"), ("x\u200b", "not to be seen")):
        with pytest.raises(DriftInputError) as raised:
            values.check_identifier("name", text)
        assert why in str(raised.value) and values.quoted(text) in str(raised.value)
