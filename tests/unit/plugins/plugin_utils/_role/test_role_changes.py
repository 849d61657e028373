# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry point that says what changed, run after run."""

from __future__ import annotations

import json
import os

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.changes import changes
from role_host import OMIT, UNDEFINED, Module, answer, host, number

URL = "https://hooks.example.com/receipt?token=SECRET"
DENIED = {"cust_space_id": "cams-beta", "code": "Unknown.ResourceOwnerId", "message": "Not yours.", "remedy": "Check."}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def ran(*script, check_mode=False, **variables):
    """Run the entry point; the module answers its calls as scripted."""
    made = {f"drift_check_{name}": value for name, value in variables.items()}
    return changes(host(made, Module(*script), check_mode=check_mode))


def own(**facts):
    return answer(number("1", **{"status": "CONNECTED", **facts}), spaces=[None])


def customers(*numbers, failures=None, spaces=("cams-alpha", "cams-beta")):
    return answer(*numbers, spaces=list(spaces), failures=failures)


ALPHA, BETA = number("2", "cams-alpha", status="CONNECTED"), number("3", "cams-beta", status="CONNECTED")
BOTH = {"cust_space_ids": ["cams-alpha", "cams-beta"]}


def test_run_after_run():
    first = ran(own(quality_rating="GREEN"))
    assert first["message"] == "FIRST RUN: 1 phone number read; there is nothing yet to compare with."
    assert (first["status"], first["fails"], first["changes"]) == ("unchanged", False, False)

    second = ran(own(quality_rating="GREEN"))
    assert second["message"] == "UNCHANGED: 1 phone number is as it was."
    assert (second["fails"], second["changes"]) == (False, False)

    third = ran(own(quality_rating="YELLOW"))
    assert third["message"].endswith("The first: 1 of the account: quality_rating was 'GREEN', is 'YELLOW' (worse).")
    assert third["findings"] == ["changed: 1 of the account: quality_rating was 'GREEN', is 'YELLOW' (worse)"]
    assert (third["status"], third["fails"], third["changes"]) == ("changed", False, True)

    assert ran(own(quality_rating="YELLOW"))["status"] == "unchanged"


@pytest.mark.parametrize(
    "on_change, fails, is_change", [("change", False, True), ("warn", False, False), ("fail", True, False)]
)
def test_how_it_ends_after_a_change(on_change, fails, is_change):
    ran(own())
    ended = ran(own(status="BANNED"), on_change=on_change)
    assert (ended["fails"], ended["changes"]) == (fails, is_change)
    assert ended["message"].startswith("CHANGED: ")


def test_what_could_not_be_read_is_kept_as_it_was_and_compared_when_it_can_be_read():
    ran(customers(ALPHA, BETA), **BOTH)
    ended = ran(customers(ALPHA, failures=[DENIED]), **BOTH)
    assert (ended["status"], ended["fails"], ended["changes"]) == ("unknown", True, False)
    assert ended["message"].startswith("UNKNOWN: 1 space cannot be compared. The first: all numbers of cams-beta")
    assert not ran(customers(ALPHA, failures=[DENIED]), **BOTH, on_unreadable="warn")["fails"]
    ended = ran(customers(ALPHA, {**BETA, "status": "BANNED"}), **BOTH)
    assert [(row["phone_number"], row["before"], row["after"]) for row in ended["rows"]] == [
        ("3", "CONNECTED", "BANNED")
    ]


def test_a_task_that_crashes_forgets_nothing():
    ran(customers(ALPHA, BETA), **BOTH)
    ended = ran({"failed": True, "msg": "no key"}, **BOTH)
    assert (ended["status"], ended["fails"]) == ("unknown", True)
    assert ended["message"].count("no key") == 1
    assert ran(customers(ALPHA, BETA), **BOTH)["status"] == "unchanged"


def test_a_change_and_what_could_not_be_read_are_both_told():
    ran(customers(ALPHA, BETA), **BOTH)
    changed = {**ALPHA, "status": "BANNED"}
    ended = ran(customers(changed, failures=[DENIED]), **BOTH, on_unreadable="warn", on_change="fail")
    assert ended["message"].startswith("CHANGED: ") and "UNKNOWN: " in ended["message"]
    assert ended["fails"]


def test_a_sub_customer_that_is_new_is_told_and_is_no_reason_to_fail():
    ran(customers(ALPHA, spaces=["cams-alpha"]), cust_space_ids=["cams-alpha"])
    ended = ran(customers(ALPHA, BETA), **BOTH)
    assert (ended["status"], ended["fails"]) == ("unknown", False)
    assert "before: was not asked for" in ended["message"]
    assert ran(customers(ALPHA, BETA), **BOTH)["status"] == "unchanged"


def test_a_sub_customer_that_is_asked_for_no_more_is_told_once():
    ran(customers(ALPHA, BETA), **BOTH)
    ended = ran(customers(ALPHA, spaces=["cams-alpha"]), cust_space_ids=["cams-alpha"])
    assert "now: was not asked for" in ended["message"] and not ended["fails"]
    assert ran(customers(ALPHA, spaces=["cams-alpha"]), cust_space_ids=["cams-alpha"])["status"] == "unchanged"


def test_the_first_run_says_what_could_not_be_read():
    ended = ran(customers(ALPHA, failures=[DENIED]), **BOTH)
    assert ended["message"].startswith("UNKNOWN: 1 space") and "FIRST RUN: 1 phone number" in ended["message"]
    assert ended["fails"]


def test_no_url_stands_in_the_state_unless_it_is_asked_for(folder):
    path = folder / "phone_numbers.state.json"
    ran(own(status_callback_url=URL))
    assert "hooks.example.com" not in path.read_text()
    assert ran(own(status_callback_url=URL), state_hash_urls=False)["status"] == "unchanged"
    assert URL in path.read_text()
    ended = ran(own(status_callback_url="https://elsewhere.example.net"))
    assert [row["before"] for row in ended["rows"]] == ["https://hooks.example.com/receipt?…"]
    assert "example" not in path.read_text()


def test_reports_are_written_and_the_state_last(folder):
    ran(own())
    before = (folder / "phone_numbers.state.json").read_text()
    (folder / "reports").mkdir()
    path = folder / "reports" / "changes.json"
    module = Module(own(status="BANNED"))

    def spoilt(options):
        # The file that was looked at first is a folder by the time that it is written.
        os.unlink(path)
        path.mkdir()
        return module(options)

    ended = changes(host({"drift_check_report_json": str(path)}, spoilt))
    assert ended["fails"] and "could not be written" in ended["message"]
    assert (folder / "phone_numbers.state.json").read_text() == before
    path.rmdir()
    ended = ran(own(status="BANNED"), report_json=str(path), report_junit="c.xml", report_markdown="c.md")
    assert json.loads(path.read_text())["rows"] == ended["rows"] != []
    assert 'name="1"' in (folder / "c.xml").read_text()
    assert (folder / "c.md").read_text().startswith("## ChatApp phone numbers: changed\n")


def test_an_interrupted_run_tells_its_changes_again(folder):
    ran(own())
    with pytest.raises(KeyboardInterrupt):
        ran(KeyboardInterrupt(), report_json="c.json")
    assert json.loads((folder / "c.json").read_text())["status"] == "error"
    assert ran(own(status="BANNED"))["status"] == "changed"


def test_check_mode_tells_and_keeps_nothing(folder):
    assert ran(own(), check_mode=True)["message"].startswith("FIRST RUN")
    assert not (folder / "phone_numbers.state.json").exists()
    ran(own())
    for _run in range(2):
        assert ran(own(status="BANNED"), check_mode=True)["status"] == "changed"


def test_a_state_that_cannot_be_written_fails_and_the_verdict_is_given(folder):
    (folder / "states").mkdir()
    module = Module(own())

    def spoilt(options):
        (folder / "states").rmdir()
        return module(options)

    ended = changes(host({"drift_check_state_file": "states/x.json"}, spoilt))
    assert ended["fails"] and ended["message"].startswith("FIRST RUN") and "could not be written" in ended["message"]


@pytest.mark.parametrize(
    "variables, problem",
    [
        ({"on_change": "explode"}, "drift_check_on_change: must be change, warn or fail"),
        ({"on_unreadable": "x"}, "drift_check_on_unreadable: must be fail or warn"),
        ({"state_file": ""}, "drift_check_state_file: must be the path of a file"),
        ({"state_file": UNDEFINED}, "drift_check_state_file: 'undefined' is undefined"),
        ({"state_file": "nowhere/x.json"}, "drift_check_state_file: '"),
        ({"state_hash_urls": "perhaps"}, "drift_check_state_hash_urls: must be true or false"),
        ({"own_numbers": False}, "drift_check_own_numbers: is false, and drift_check_cust_space_ids names nobody"),
        ({"cust_space_ids": ["a\n"]}, "drift_check_cust_space_ids[0]: "),
        ({"report_json": "nowhere/x.json"}, "drift_check_report_json: "),
    ],
)
def test_refuses_before_anything_is_asked(folder, variables, problem):
    ended = ran(report_markdown="r.md", **variables)
    assert ended["failed"] and ended["msg"].startswith(problem)
    assert ended["status"] == "error"
    assert "not everything could be read" in (folder / "r.md").read_text()


def test_refuses_a_state_that_was_spoilt_and_leaves_it(folder):
    path = folder / "phone_numbers.state.json"
    path.write_text("{")
    ended = ran()
    assert ended["failed"] and "is not whole; move it away" in ended["msg"]
    assert path.read_text() == "{"


def test_omitted_variables_mean_their_defaults():
    assert ran(own(), state_file=OMIT, on_change=OMIT, state_hash_urls=OMIT)["status"] == "unchanged"


def test_facts_are_returned_only_when_they_are_asked_for():
    assert "facts" not in ran(own(up_callback_url=URL))
    assert ran(own(up_callback_url=URL), show_facts=True)["facts"]
