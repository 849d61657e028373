# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
import yaml
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role import desired_files
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.desired_files import File, find_all, load

STATE = {"spaces": [{"phone_numbers": [{"phone_number": "1", "status": "CONNECTED"}]}]}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ["b.yml", "a.yml", "c,d.yml", "customers/x.json"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(STATE))
    return tmp_path


def content_of(text, name="a.yml", is_secret=False):
    return load(name, lambda _path: File(text.encode(), is_secret), lambda text: text.strip()[::-1])


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a.yml", ["a.yml"]),
        ("c,d.yml", ["c,d.yml"]),
        ("a.yml,b.yml", ["a.yml", "b.yml"]),
        (["b.yml", "a.yml"], ["b.yml", "a.yml"]),
        (["b.yml", "*.yml", "./a.yml"], ["b.yml", "a.yml", "c,d.yml"]),
        # The folder "customers" is passed over.
        (["c*"], ["c,d.yml"]),
        ("**/*.json", ["customers/x.json"]),
        ("~/a.yml", ["{home}/a.yml"]),
    ],
)
def test_paths_and_globs_name_files_each_once(folder, monkeypatch, value, found):
    monkeypatch.setenv("HOME", str(folder))
    assert find_all("name", value) == [path.format(home=folder) for path in found]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("e.yml", r"^name\[0\]: there is no file '/.*/e\.yml'\.$"),
        (["a.yml", "e*.yml"], r"^name\[1\]: there is no file '/.*/e\*\.yml'\.$"),
        ("customers", r"^name\[0\]: 'customers' is a folder; name files, as in customers/\*\.yml\.$"),
        ([], r"^name: names no file\.$"),
        (None, r"^name: must be a list, not absent\.$"),
    ],
)
def test_a_path_that_names_no_file_is_refused_with_its_place(folder, value, message):
    with pytest.raises(DriftInputError, match=message):
        find_all("name", value)


@pytest.mark.parametrize("name", ["a.yml", "a.json", "A.JSON"])
def test_a_state_is_read_in_each_form(name):
    assert content_of(json.dumps(STATE), name) == STATE
    assert content_of("---\n" + yaml.safe_dump(STATE)) == STATE
    assert content_of("") is None


def test_what_ansible_writes_into_yaml_is_read():
    text = """
    a: !vault |
      $ANSIBLE_VAULT;1.1
    b: !unsafe "{{ x }}"
    c: !unsafe [5, {d: yes}]
    d: "{{ nothing happens to this }}"
    e: &e {f: g}
    h: {<<: *e, i: j}
    """
    assert content_of(text) == {
        "a": "1.1;TLUAV_ELBISNA$",
        "b": "{{ x }}",
        "c": [5, {"d": True}],
        "d": "{{ nothing happens to this }}",
        "e": {"f": "g"},
        "h": {"f": "g", "i": "j"},
    }


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("a: [", "a.yml", "a.yml: is no YAML (line 2, column 1): did not find expected node content."),
        ("a: 1\n---\nb: 2", "a.yml", "a.yml: is no YAML (line 2, column 1): but found another document."),
        (
            "a: !other 1",
            "a.yml",
            "a.yml: is no YAML (line 1, column 4): could not determine a constructor for the tag '!other'.",
        ),
        ('{"a": 1', "a.json", "a.json: is no JSON (line 1, column 8)."),
        ("a: 1", "a.json", "a.json: is no JSON (line 1, column 1)."),
        ("a: {b: 1, c: 2, b: 3}", "a.yml", "a.yml: a key stands twice in one mapping (line 1, column 17); keep one."),
        ('{"a": 1, "a": 2}', "a.json", "a.json: a key stands twice in one mapping; keep one."),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_with_its_path(text, name, message):
    with pytest.raises(DriftInputError) as refused:
        content_of(text, name)
    assert str(refused.value) == message


def test_a_file_that_is_no_text_is_refused():
    for name, kind in {"a.yml": "YAML", "a.json": "JSON"}.items():
        with pytest.raises(DriftInputError, match=rf"^{name}: is no {kind}"):
            load(name, lambda _path: File(b"\xff\xfe\xff", False), str)


def test_what_was_encrypted_is_not_quoted():
    with pytest.raises(DriftInputError) as refused:
        content_of("a: *s3cret", is_secret=True)
    assert str(refused.value) == "a.yml: is no YAML (line 1, column 4)."


def test_without_libyaml_the_same_is_read(monkeypatch):
    monkeypatch.setattr(desired_files, "_SafeLoader", yaml.SafeLoader)
    assert content_of(yaml.safe_dump(STATE)) == STATE


def test_a_number_of_aliases_is_looked_at_once():
    # A mapping that is named a thousand times is one mapping; checked anew each time, this would never end.
    levels = "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    assert set(content_of("a0: &a0 {b: c}\n" + levels)) == {f"a{n}" for n in range(40)}


def test_a_glob_goes_as_deep_as_two_stars_say(folder):
    (folder / "customers" / "deep").mkdir()
    (folder / "customers" / "deep" / "y.json").write_text(json.dumps(STATE))
    found = find_all("at", "customers/**/*.json")
    assert [name.rpartition("customers/")[2] for name in found] == ["deep/y.json", "x.json"]


def test_a_file_whose_name_is_a_pattern_is_that_file(folder):
    (folder / "[ab].yml").write_text(json.dumps(STATE))
    assert [name.rpartition("/")[2] for name in find_all("at", ["[ab].yml"])] == ["[ab].yml"]


def test_a_folder_is_refused_with_what_to_write(folder):
    with pytest.raises(DriftInputError) as raised:
        find_all("at", ["customers/"])
    assert str(raised.value) == "at[0]: 'customers/' is a folder; name files, as in customers/*.yml."


@pytest.mark.parametrize("tag", ["!vault", "!vault-encrypted"])
def test_both_tags_of_a_vault_are_read(tag):
    assert content_of(f"spaces: {tag} txet\n") == {"spaces": "text"}


def test_a_mapping_that_is_merged_in_is_no_key_of_its_own():
    text = "a: &a {x: 1}\nb: &b {y: 2}\nspaces: {<<: *a, z: 3}\nmore: {<<: [*a, *b]}\n"
    assert content_of(text)["spaces"] == {"x": 1, "z": 3}
    with pytest.raises(DriftInputError):
        content_of("spaces: {z: 1, z: 2}\n")
