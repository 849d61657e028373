# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role's actions hand to an entry point, and what they make of its end; plays of them are tested elsewhere."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible import constants, context
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.plugins.action import ActionBase
from ansible.template import Templar
from ansible.utils.context_objects import CLIArgs
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.action import LISTING_MODULE, MODULE, RoleAction
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.variables import OMITTED

SECRET = VaultSecret(b"the password")
WRITING_MODULE = "alicloud.chatapp.alicloud_chatapp_phone_number_webhook"


class Action(RoleAction):
    """Its one entry point is a test's own; modules answer as the test says."""

    def __init__(self, loader, entry_point, answers=(), defaults=(), **args):
        task = SimpleNamespace(
            args={"entry_point": "main", **args}, module_defaults=list(defaults), check_mode=True, async_val=0
        )
        self._entry_point = entry_point
        self._answers = list(answers)
        self.executed = []
        self.told = []
        super().__init__(task, None, None, loader, Templar(loader, {}), None)
        self._display = SimpleNamespace(display=lambda text, **options: self.told.append((text, options)))

    def entry_points(self):
        return {"main": self._entry_point}

    def _execute_module(self, module_name=None, module_args=None, task_vars=None, **_more):
        self.executed.append((module_name, module_args, task_vars))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(name="loader")
def fixture_loader():
    loader = DataLoader()
    loader.set_vault_secrets([("default", SECRET)])
    return loader


@pytest.fixture(name="play")
def fixture_play(loader, monkeypatch):
    """Run an action of an entry point; return its result and what it did."""
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp=None, task_vars=None: {"of": "Ansible"})
    monkeypatch.setattr(context, "CLIARGS", CLIArgs({"extra_vars": ("a=1", "@file")}))

    def run(entry_point, variables=None, **more):
        action = Action(loader, entry_point, **more)
        return action.run(task_vars={"inventory_hostname": "shop", **(variables or {})}), action

    return run


def host_of(play, **more):
    hosts = []
    _result, action = play(lambda host: hosts.append(host) or {}, **more)
    return hosts[0], action


def test_the_result_is_the_entry_points_with_ansibles(play):
    result, _action = play(lambda _host: {"changed": True, "status": "drift"})
    assert result == {"of": "Ansible", "changed": True, "status": "drift"}
    assert play(lambda _host: {})[0] == {"of": "Ansible", "changed": False}


def test_what_nobody_expected_shows_its_kind_alone(play):
    def fail(_host):
        raise ZeroDivisionError("SECRET")

    result, _action = play(fail)
    assert result == {
        "of": "Ansible",
        "changed": False,
        "failed": True,
        "msg": "An unexpected ZeroDivisionError occurred.",
    }


def test_an_entry_point_gets_ansibles_world(play):
    host, action = host_of(play, variables={"drift_check_x": "{{ 1 + 1 }}"})
    assert (host.name, host.check_mode, host.run_folder) == ("shop", True, constants.DEFAULT_LOCAL_TMP)
    assert host.extra_vars == ("a=1", "@file")
    host.progress("halfway")
    assert action.told == [("halfway", {"stderr": True})]
    assert host.variables.read("drift_check_nothing", lambda _name, value: value, "its default") == "its default"


@pytest.mark.parametrize(
    "error, raised",
    [(KeyError("'x'"), AnsibleError), (ZeroDivisionError("zero"), AnsibleError), (TypeError("t"), TypeError)],
)
def test_what_an_expression_raises_is_an_error_of_ansibles(play, error, raised):
    _host, action = host_of(play)

    def template(_value):
        raise error

    action._templar = SimpleNamespace(template=template)
    with pytest.raises(raised, match=str(error.args[0])):
        action._template("{{ x }}")


def test_what_is_omitted_is_left_out(play):
    _host, action = host_of(play, variables={"omit": "__omit_place_holder__1"})
    action._templar = SimpleNamespace(template=lambda value: value)
    assert action._template("__omit_place_holder__1") is OMITTED
    assert action._template({"a": "__omit_place_holder__1", "b": [1]}) == {"b": [1]}
    action._vars = {}
    assert action._template("__omit_place_holder__1") == "__omit_place_holder__1"


DEFAULTS = [
    {MODULE: {"timeout": 1}, LISTING_MODULE: {"timeout": 5}},
    {MODULE: {"timeout": 2, "status": "BANNED"}, WRITING_MODULE: {"timeout": 3, "name": "x"}},
]
OWN = dict.fromkeys(("cust_space_ids", "cust_space_id", "status", "fail_on_unreadable"), "never")
GIVEN = {**OWN, "isv_code": "code", "profile": "p", "page_size": 5, "personal_data": True, "state": "x", "timeout": 9}


@pytest.mark.parametrize(
    "call, executed",
    [
        (
            lambda host, _action: host.run_module({"cust_space_ids": ["a"]}),
            (
                MODULE,
                {"isv_code": "code", "profile": "p", "timeout": 2, "cust_space_ids": ["a"], "fail_on_unreadable": True},
            ),
        ),
        (
            lambda host, _action: host.list_instances(),
            (LISTING_MODULE, {"profile": "p", "page_size": 5, "timeout": 5}),
        ),
        (
            lambda _host, action: action.run_module(WRITING_MODULE, {"cust_space_id": "a"}),
            (WRITING_MODULE, {"isv_code": "code", "profile": "p", "timeout": 3, "cust_space_id": "a"}),
        ),
    ],
    ids=["numbers", "instances", "writing"],
)
def test_a_module_gets_what_is_its_own_of_module_defaults(play, call, executed):
    answers = [{"msg": "x", "exception": object()}]
    host, action = host_of(play, answers=answers, defaults=DEFAULTS, **GIVEN)
    assert call(host, action) == {"failed": False, "msg": "x"}
    [(name, options, variables)] = action.executed
    assert (name, options) == executed
    assert variables["inventory_hostname"] == "shop"


def test_what_a_module_says_is_plain_and_its_warnings_are_the_tasks(play):
    def entry_point(host):
        answers = [host.run_module({}) for _call in range(3)]
        return {"answers": answers}

    said = {"failed": True, "msg": "x", "queries": ("a",), "item": object()}
    answers = [
        {**said, "warnings": ["one", "two"], "exception": "Traceback"},
        {"warnings": ["two", "three"]},
        AnsibleError("no connection"),
    ]
    result, _action = play(entry_point, answers=answers)
    assert result["warnings"] == ["one", "two", "three"]
    assert result["answers"] == [
        {"failed": True, "msg": "x", "queries": ["a"], "exception": "Traceback"},
        {"failed": False},
        {"failed": True, "msg": "no connection"},
    ]


def vaulted(text, password=SECRET):
    return VaultLib([("default", password)]).encrypt(text)


def test_files_are_read_with_the_passwords_of_the_play(play, tmp_path):
    host, _action = host_of(play)
    plain, secret, foreign = (tmp_path / name for name in ("plain", "secret", "foreign"))
    plain.write_bytes(b"text")
    secret.write_bytes(vaulted("text"))
    foreign.write_bytes(vaulted("text", VaultSecret(b"another")))
    assert host.read_file(str(plain)) == (b"text", False)
    assert host.read_file(str(secret)) == (b"text", True)
    with pytest.raises(DriftInputError) as raised:
        host.read_file(str(foreign))
    assert str(raised.value) == f"{foreign}: is encrypted and cannot be decrypted; give the password of its vault."
    with pytest.raises(DriftInputError) as raised:
        host.read_file(str(tmp_path / "missing"))
    assert str(raised.value) == f"{tmp_path / 'missing'}: cannot be read."


def test_a_file_is_named_from_where_the_play_began(play, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").write_bytes(b"text")
    assert host_of(play)[0].read_file("x").content == b"text"


def test_text_out_of_a_vault_is_read_when_it_is_looked_at(play):
    host, _action = host_of(play)
    assert str(host.vaulted(vaulted("text").decode())) == "text"


def test_options_on_the_command_line_are_read_as_ansible_reads_them(play, tmp_path):
    host, _action = host_of(play)
    file = tmp_path / "vars.yml"
    file.write_text("a: [1]\n")
    assert host.read_extra_vars(f"@{file}") == b"a: [1]\n"
    assert host.read_extra_vars("a=\udc80") == b"a=\x80"
    for option, found in (
        (f"@{file}", {"a": [1]}),
        ('{"a": [1]}', {"a": [1]}),
        ("  [1]", [1]),
        ("a=1 b='two words'", {"a": "1", "b": "two words"}),
        ("{a", None),
        ("a='1", None),
        (f"@{tmp_path / 'missing'}", None),
    ):
        assert host.load_extra_vars(option) == found
