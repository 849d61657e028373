# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import yaml
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.check import check
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.snapshot import HEADER, as_text, snapshot
from role_host import OMIT, UNDEFINED, Module, answer, host, number

URL = "https://hooks.example.com/receipt?token=s3cret"
OWN = answer(*(number(str(it), status="CONNECTED", status_callback_url=URL) for it in range(3)), spaces=[None])
ALPHA = answer(number("9", "cams-alpha", status="BANNED"), spaces=["cams-alpha"])


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def taken(module, check_mode=False, extra_vars=(), **variables):
    made = {f"drift_check_{name}": value for name, value in variables.items()}
    return snapshot(host(made, module, check_mode=check_mode, extra_vars=extra_vars))


@pytest.mark.parametrize("name", ["desired.yml", "desired.json"])
@pytest.mark.parametrize("shares", [True, False])
def test_what_is_written_is_what_is_there(name, shares):
    result = taken(
        Module(OWN, ALPHA), snapshot_file=name, cust_space_ids="cams-alpha", own_numbers=True, snapshot_defaults=shares
    )
    assert result == {"changed": True, "path": str(Path(name).absolute())}
    text = Path(name).read_text()
    assert stat.S_IMODE(Path(name).stat().st_mode) == 0o600
    assert ("ansible-vault" in text) is (name == "desired.yml")
    desired = (json.loads if name.endswith("json") else yaml.safe_load)(text)["drift_check_desired"]
    assert ("defaults" in desired) is shares
    assert text.count("&id") == text.count("*id") == 0
    checked = check(host({"drift_check_desired_files": name}, Module(OWN, ALPHA)))
    assert checked["status"] == "in_sync", checked["verdict"]


@pytest.mark.parametrize(
    ("variables", "asked"),
    [
        ({}, [{}]),
        ({"cust_space_ids": []}, [{}]),
        ({"cust_space_ids": OMIT, "own_numbers": OMIT}, [{}]),
        ({"cust_space_ids": ["cams-alpha"]}, [{"cust_space_ids": ["cams-alpha"]}]),
        ({"cust_space_ids": ["cams-alpha"], "own_numbers": "yes"}, [{}, {"cust_space_ids": ["cams-alpha"]}]),
    ],
)
def test_it_asks_for_what_is_named_and_else_for_the_own_numbers(variables, asked):
    module = Module(*(ALPHA if options else OWN for options in asked))
    assert taken(module, **variables)["changed"]
    assert module.asked == asked


def test_check_mode_writes_nothing():
    assert taken(Module(OWN), check_mode=True)["changed"]
    assert not Path("desired.yml").exists()


def test_facts_are_returned_on_demand_alone():
    assert taken(Module(OWN), show_facts=True)["facts"] == [OWN]
    assert "facts" not in taken(Module(OWN), snapshot_overwrite=True)


def test_an_older_state_is_replaced_on_demand_alone():
    Path("desired.yml").write_text("older")
    module = Module()
    refused = taken(module)
    assert refused["failed"]
    assert (
        refused["msg"]
        == f"{Path('desired.yml').absolute()} exists. To replace it, set drift_check_snapshot_overwrite to true."
    )
    assert Path("desired.yml").read_text() == "older"
    assert taken(Module(OWN), snapshot_overwrite="true")["changed"]
    assert "CONNECTED" in Path("desired.yml").read_text()


def test_a_failure_is_told_in_the_modules_own_words_and_ends_it():
    denied = {
        "failed": True,
        "queries": [],
        "msg": "Ram.PermissionDeny: You may not. Allow cams:QueryChatappPhoneNumbers.",
    }
    module = Module(denied)
    refused = taken(module, cust_space_ids=["cams-alpha"], own_numbers=True)
    assert refused == {
        "failed": True,
        "msg": f"{Path('desired.yml').absolute()} is not written. "
        "Ram.PermissionDeny: You may not. Allow cams:QueryChatappPhoneNumbers.",
    }
    assert module.asked == [{}]
    assert not Path("desired.yml").exists()


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"cust_space_ids": None}, "drift_check_cust_space_ids: must be a list"),
        ({"cust_space_ids": UNDEFINED}, "drift_check_cust_space_ids: 'undefined' is undefined."),
        ({"own_numbers": False}, "drift_check_own_numbers: is false, and drift_check_cust_space_ids names nobody."),
        ({"snapshot_fields": ["staus"]}, "drift_check_snapshot_fields: fields: 'staus': unknown key"),
        ({"snapshot_fields": "status,"}, "drift_check_snapshot_fields[1]: is empty"),
        ({"snapshot_defaults": "some"}, "drift_check_snapshot_defaults: must be true or false"),
        ({"snapshot_file": "nowhere/d.yml"}, "drift_check_snapshot_file: "),
        ({"batch_size": -1}, "drift_check_batch_size: must be a whole number"),
    ],
)
def test_what_cannot_have_been_meant_is_refused_before_anything_is_asked(variables, message):
    module = Module()
    refused = taken(module, **variables)
    assert refused["failed"]
    assert refused["msg"].startswith(message)
    assert module.asked == []


def test_a_list_that_ansible_would_forget_is_refused():
    refused = taken(Module(), extra_vars=("drift_check_cust_space_ids=a", "drift_check_cust_space_ids=b"))
    assert refused["msg"] == (
        "drift_check_cust_space_ids: -e and -e both set it, and Ansible would look at the last alone."
    )


def test_facts_that_are_not_whole_make_no_state():
    two = answer(number("1", status="CONNECTED"), number("1", status="BANNED"), spaces=[None])
    refused = taken(Module(two))
    assert refused["failed"]
    assert "2 versions" in refused["msg"]
    assert not Path("desired.yml").exists()


WRITTEN = {"spaces": [{"cust_space_id": "b", "verified_name": "Café " + "long " * 40}, {"a": [1, None]}]}


def test_the_text_of_a_file_is_what_a_person_would_write():
    name = WRITTEN["spaces"][0]["verified_name"]
    assert as_text(WRITTEN, "x.yml") == HEADER + (
        "drift_check_desired:\n"
        "  spaces:\n"
        "  - cust_space_id: b\n"
        f"    verified_name: '{name}'\n"
        "  - a:\n"
        "    - 1\n"
        "    - null\n"
    )
    assert as_text(WRITTEN, "x.JSON") == (
        '{\n  "drift_check_desired": {\n    "spaces": [\n      {\n        "cust_space_id": "b",\n'
        f'        "verified_name": "{name}"\n      }},\n'
        '      {\n        "a": [\n          1,\n          null\n        ]\n      }\n    ]\n  }\n}\n'
    )


def test_what_is_not_said_is_shared_values_and_batches_of_500():
    names = [f"cams-{place}" for place in range(501)]
    each = [answer(number("1", name, status="CONNECTED"), spaces=[name]) for name in names]
    merged = [
        answer(*(it["phone_numbers"][0] for it in part), spaces=names[begin : begin + 500])
        for begin, part in ((0, each[:500]), (500, each[500:]))
    ]
    module = Module(*merged)
    assert taken(module, cust_space_ids=names, snapshot_fields=["status"])["changed"]
    assert [len(options["cust_space_ids"]) for options in module.asked] == [500, 1]
    assert "defaults" in yaml.safe_load(Path("desired.yml").read_text())["drift_check_desired"]
