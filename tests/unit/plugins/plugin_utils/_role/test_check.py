# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import json
import os
import re
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role import output_file
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.check import check
from role_host import OMIT, UNDEFINED, Encrypted, Module, answer, host, number

GOLDEN = Path(__file__).with_name("mixed_report.json")
DESIRED = {"defaults": {"status": "CONNECTED"}, "spaces": [{"phone_numbers": [{"phone_number": "1"}]}]}
OTHER = {"spaces": [{"cust_space_id": "cams-beta", "phone_numbers": []}]}
AS_DESIRED = answer(number("1", status="CONNECTED"), spaces=[None])
DRIFTED = answer(number("1", status="BANNED"), spaces=[None])
DENIED = {
    "cust_space_id": "cams-beta",
    "code": "Unknown.ResourceOwnerId",
    "message": "It is not yours.",
    "request_id": "1-2",
    "http_status": 400,
    "remedy": "Check whose it is.",
}
UNREAD = answer(spaces=["cams-beta"], failures=[DENIED])
BOTH = {"drift_check_desired": {**DESIRED, "spaces": DESIRED["spaces"] + OTHER["spaces"]}}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def checked(module, **variables):
    made = {f"drift_check_{name}": value for name, value in variables.items()}
    return check(host({"drift_check_desired": DESIRED, **made}, module))


def test_the_report_of_a_mixed_check_is_this_one():
    """A change of its shape is a deliberate act, and one of every consumer's."""
    desired = {
        "defaults": {"status": "CONNECTED"},
        "spaces": [
            {
                "phone_numbers": [
                    {"phone_number": "+86 138 0000 1234"},
                    {"phone_number": "6591234567", "status": ["CONNECTED", "PENDING"]},
                    {"phone_number": "4915112345678"},
                ]
            },
            {
                "cust_space_id": "cams-alpha",
                "phone_numbers": [
                    {
                        "phone_number": "8613911110001",
                        "status_callback_url": "https://hooks.example.com/receipt?token=one",
                        "verified_name": {"matches": "Example .*"},
                    }
                ],
            },
            {"cust_space_id": "cams-empty", "phone_numbers": []},
            {"cust_space_id": "cams-beta", "phone_numbers": []},
        ],
    }
    url = "https://hooks.example.com/receipt?token=other"
    own = answer(
        number("8613800001234", status="CONNECTED"),
        number("6591234567", status="BANNED"),
        number("5511999999999", status="CONNECTED"),
        spaces=[None],
    )
    customers = answer(
        number("8613911110001", "cams-alpha", status="CONNECTED", status_callback_url=url, verified_name="Shop"),
        spaces=["cams-alpha", "cams-empty", "cams-beta"],
        failures=[DENIED],
    )
    checked(Module(own, customers), desired=desired, report_json="r.json")
    assert json.loads(Path("r.json").read_text()) == json.loads(GOLDEN.read_text())


@pytest.mark.parametrize(
    ("module", "fails", "message"),
    [
        ([AS_DESIRED], False, "IN SYNC: 1 phone number is as desired."),
        (
            [DRIFTED],
            True,
            "DRIFT: 1 phone number checked, 1 differs, 0 missing, 0 unlisted. The first: 1 of the account: ",
        ),
    ],
)
def test_a_check_ends_by_what_it_found(module, fails, message):
    result = checked(Module(*module))
    assert result["fails"] is fails
    assert result["message"].startswith(message)
    assert not result["changes"]
    assert "failed" not in result
    assert "facts" not in result


@pytest.mark.parametrize(
    ("on_unreadable", "on_drift", "fails", "changes", "first"),
    [
        ("fail", "fail", True, False, "UNREADABLE: "),
        ("fail", "warn", True, False, "UNREADABLE: "),
        ("warn", "fail", True, False, "DRIFT: "),
        ("warn", "warn", False, False, "UNREADABLE: "),
        ("warn", "change", False, True, "UNREADABLE: "),
        ("fail", "change", True, True, "UNREADABLE: "),
    ],
)
def test_what_it_fails_for_stands_first(on_unreadable, on_drift, fails, changes, first):
    result = checked(
        Module(DRIFTED, UNREAD), desired=BOTH["drift_check_desired"], on_unreadable=on_unreadable, on_drift=on_drift
    )
    assert (result["fails"], result["changes"]) == (fails, changes)
    assert result["message"].startswith(first)
    assert "UNREADABLE: " in result["message"]
    assert "DRIFT: " in result["message"]


def test_facts_leave_it_on_demand_alone():
    url = "https://hooks.example.com/?token=s3cret"
    facts = answer(number("1", status="CONNECTED", status_callback_url=url), spaces=[None])
    assert "s3cret" not in json.dumps(checked(Module(facts)))
    assert checked(Module(facts), show_facts="yes")["facts"] == [facts]


REPORTS = {"report_json": "r.json", "report_junit": "r.xml", "report_markdown": "r.md"}


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"desired": {"spaces": [{"staus": 1}]}}, "drift_check_desired: spaces[0].staus: unknown key"),
        ({"desired": UNDEFINED}, "drift_check_desired: 'undefined' is undefined."),
        ({"desired": OMIT}, "drift_check_desired: there is no desired state; set this variable, "),
        ({"desired_files": "nowhere.yml"}, "drift_check_desired_files[0]: there is no file "),
        ({"on_drift": "explode"}, "drift_check_on_drift: must be fail, warn or change, not 'explode'."),
        ({"on_unreadable": UNDEFINED}, "drift_check_on_unreadable: 'undefined' is undefined."),
        ({"batch_size": 0}, "drift_check_batch_size: must be a whole number"),
        ({"show_facts": "maybe"}, "drift_check_show_facts: must be true or false"),
    ],
)
def test_a_check_that_is_refused_asks_nothing_and_says_so_in_every_report(variables, message):
    for name in REPORTS.values():
        Path(name).write_text("in_sync, said another run")
    module = Module()
    result = checked(module, **{**REPORTS, **variables})
    assert module.asked == []
    assert result["failed"]
    assert result["msg"].startswith(message)
    report = json.loads(Path("r.json").read_text())
    assert report["status"] == result["status"] == "error"
    assert [row["message"] for row in report["rows"]] == [result["msg"]]
    for name in ("r.xml", "r.md"):
        text = Path(name).read_text()
        assert "another run" not in text
        assert message.split(":", maxsplit=1)[0].split("_")[-1].split("[")[0] in text


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"report_json": "nowhere/r.json"}, "drift_check_report_json: .* does not exist; make it first"),
        ({"report_json": UNDEFINED}, "drift_check_report_json: 'undefined' is undefined"),
        ({"report_json": "./r.md"}, "drift_check_report_markdown: names the same file as drift_check_report_json"),
    ],
)
def test_a_report_that_cannot_be_keeps_no_other_from_being_written(variables, message):
    module = Module()
    result = checked(module, **{**REPORTS, **variables})
    assert module.asked == []
    assert result["failed"]
    assert re.match(message, result["msg"])
    assert "<error" in Path("r.xml").read_text()


def test_before_anything_is_asked_every_report_says_that_the_check_has_not_ended():
    def module(_options):
        assert json.loads(Path("r.json").read_text())["verdict"] == [
            "UNREADABLE: The check has not ended: it is still at work, or was interrupted."
        ]
        assert "<error" in Path("r.xml").read_text()
        assert "not ended" in Path("r.md").read_text()
        return AS_DESIRED

    assert checked(module, **REPORTS)["status"] == "in_sync"
    assert json.loads(Path("r.json").read_text())["status"] == "in_sync"
    assert "<error" not in Path("r.xml").read_text()


def test_a_report_that_cannot_be_written_after_all_takes_the_place_of_nothing(monkeypatch):
    write = output_file.OutputFile._write

    def fill_the_disk(file, content):
        if file.path.endswith("r.json") and b"not ended" not in content:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(file, content)

    monkeypatch.setattr(output_file.OutputFile, "_write", fill_the_disk)
    result = checked(Module(AS_DESIRED), **REPORTS)
    assert result["fails"]
    assert result["message"].startswith("IN SYNC: 1 phone number is as desired. drift_check_report_json: '/")
    assert result["message"].endswith("r.json' could not be written: No space left on device.")
    assert json.loads(Path("r.json").read_text())["status"] == "error"
    assert "<error" not in Path("r.xml").read_text()
    assert "in sync" in Path("r.md").read_text()


def test_a_pipe_gets_one_report(folder):
    os.mkfifo(folder / "pipe")
    descriptor = os.open(folder / "pipe", os.O_RDWR)
    try:
        checked(Module(AS_DESIRED), report_json="pipe")
        assert json.loads(os.read(descriptor, 65536))["status"] == "in_sync"
    finally:
        os.close(descriptor)


def test_several_states_are_one_desired_state(folder):
    (folder / "a.yml").write_text(json.dumps(DESIRED))
    (folder / "b.json").write_text(json.dumps({"drift_check_desired": OTHER}))
    module = Module(DRIFTED, answer(spaces=["cams-gamma", "cams-beta"]))
    state = {"spaces": [{"cust_space_id": "cams-gamma", "phone_numbers": []}]}
    result = checked(module, desired=state, desired_files=["a.yml", "b.json"])
    assert module.asked == [{}, {"cust_space_ids": ["cams-gamma", "cams-beta"]}]
    assert result["summary"]["checked"] == 1


def test_a_space_in_two_states_is_refused_with_both_places(folder):
    (folder / "a.yml").write_text(json.dumps(OTHER))
    result = checked(Module(), desired=OTHER, desired_files="a.yml")
    assert result["msg"] == (
        "a.yml: spaces[0].cust_space_id: the same as in drift_check_desired: spaces[0]; make one of both."
    )


@pytest.mark.parametrize(
    ("extra_vars", "message"),
    [
        (("drift_check_desired=a", "x=y", "drift_check_desired=b"), "drift_check_desired: -e and -e both set it"),
        (
            ("@drift_check_desired_files=a", "drift_check_desired_files=b"),
            "drift_check_desired_files: @drift_check_desired_files=a and -e both set it",
        ),
        (("drift_check_desired=a", "drift_check_desired_files=b"), None),
        (("drift_check_desired=a", "y=drift_check_desired"), None),
        (("drift_check_desired=a",), None),
    ],
)
def test_what_ansible_would_forget_is_refused(extra_vars, message):
    here = host({"drift_check_desired": DESIRED}, Module(AS_DESIRED), extra_vars=extra_vars)
    load = here.load_extra_vars
    result = check(here._replace(load_extra_vars=lambda option: load(option.removeprefix("@"))))
    assert result.get("msg", "").startswith(message or "")
    assert bool(result.get("failed")) is bool(message)


def test_an_option_that_sets_nothing_hides_nothing():
    here = host({"drift_check_desired": DESIRED}, Module(AS_DESIRED), extra_vars=("drift_check_desired=a",) * 2)
    assert check(here._replace(load_extra_vars=lambda _option: None))["status"] == "in_sync"


def test_all_that_was_omitted_is_not_taken_for_nothing():
    here = host({"drift_check_desired": {"spaces": []}}, Module())
    variables = here.variables
    variables._template = lambda _value: {}
    assert check(here)["msg"].startswith("drift_check_desired: all that it holds was omitted")


def test_the_report_of_a_check_that_read_nothing_is_this_one():
    checked(None, desired=UNDEFINED, report_json="r.json")
    why = "drift_check_desired: 'undefined' is undefined."
    row = {"cust_space_id": None, "phone_number": None, "kind": "unreadable", "field": None}
    row |= {"desired": None, "actual": None, "message": why, "cust_space_ids": []}
    report = {
        "schema": 1,
        "status": "error",
        "verdict": [f"UNREADABLE: {why}"],
        "summary": {"checked": 0, "in_sync": 0, "differs": 0, "missing": 0, "unlisted": 0, "unreadable": 1},
        "findings": [f"unreadable: {why}"],
        "rows": [row],
    }
    assert Path("r.json").read_text() == json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def test_what_is_written_in_a_report_is_written_as_it_is():
    desired = {"spaces": [{"phone_numbers": [{"phone_number": "1", "verified_name": "Café"}]}]}
    checked(Module(answer(number("1", verified_name="Thé"), spaces=[None])), desired=desired, report_json="r.json")
    text = Path("r.json").read_text(encoding="utf-8")
    assert "Café" in text and "Thé" in text
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"


def test_the_time_in_a_report_for_junit_is_that_of_utc(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    checked(Module(AS_DESIRED), report_junit="r.xml")
    [stamp] = set(re.findall(r'timestamp="([^"]+)"', Path("r.xml").read_text()))
    told = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    told = told if told.tzinfo else told.replace(tzinfo=timezone.utc)
    monkeypatch.undo()
    time.tzset()
    assert abs((datetime.now(timezone.utc) - told).total_seconds()) < 600


def test_nothing_that_a_check_leaves_shows_what_is_vaulted():
    facts = answer(number("1", status="SECRET-OF-THE-VAULT", verified_name="SECRET-OF-THE-VAULT"), spaces=[None])
    wanted = {"phone_number": "1", "status": "CONNECTED", "verified_name": Encrypted("SECRET-OF-THE-VAULT")}
    desired = {"spaces": [{"phone_numbers": [wanted]}]}
    result = checked(Module(facts), desired=desired, report_prometheus="m.prom", **REPORTS)
    assert result["summary"]["differs"] == 1
    left = [path.read_text() for path in Path().iterdir() if path.is_file()]
    assert len(left) >= 4
    assert "SECRET" not in json.dumps(result) + "".join(left)


def test_every_file_that_could_not_be_written_is_named(monkeypatch):
    write = output_file.OutputFile._write

    def fill_the_disk(file, content):
        if b"not ended" not in content:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(file, content)

    monkeypatch.setattr(output_file.OutputFile, "_write", fill_the_disk)
    message = checked(Module(AS_DESIRED), report_prometheus="m.prom", **REPORTS)["message"]
    for name in ("report_json", "report_junit", "report_markdown", "report_prometheus"):
        assert f"drift_check_{name}: '/" in message
