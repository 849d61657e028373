# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the entry points make of a list of instances."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.changes import changes
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.check import check
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.snapshot import snapshot
from role_host import answer, host, number

WRONG_KEY = {"code": "InvalidAccessKeyId.NotFound", "message": "It is not found.", "remedy": "Check the key."}
INCOMPLETE = {"code": "IncompleteList", "message": "1 row was read, and the service counts 9.", "remedy": "Run again."}
REFUSED = {"failed": True, "msg": "requests is missing."}


class Service:
    """Answers by which sub-customers exist, each with its numbers; a failing list has some of them all the same."""

    def __init__(self, spaces, listed=None, failure=None, unread=()):
        self.spaces, self.failure, self.unread = {None: [number("0")], **spaces}, failure, unread
        self.listed = list(spaces) if listed is None else listed
        self.asked: list[str | None] = []
        self.lists = 0

    def __call__(self, options):
        asked = options.get("cust_space_ids", [None])
        self.asked += asked
        failures = [
            {"cust_space_id": it, **(WRONG_KEY if self.failure is WRONG_KEY else {"code": "Denied", "message": "No."})}
            for it in asked
            if it not in self.spaces or it in self.unread or self.failure is WRONG_KEY
        ]
        failed = [it["cust_space_id"] for it in failures]
        numbers = [it for space in asked if space not in failed for it in self.spaces[space]]
        return answer(*numbers, spaces=asked, failures=failures)

    def list_instances(self):
        self.lists += 1
        if isinstance(self.failure, BaseException):
            raise self.failure
        if self.failure is REFUSED:
            return {**REFUSED, "queries": [], "cust_space_ids": [], "failures": []}
        failures = [] if self.failure is None else [{**self.failure, "page_index": None}]
        result = {"queries": [{"page_index": 1}], "cust_space_ids": self.listed, "failures": failures}
        return {**result, "failed": bool(failures), **({"msg": failures[0]["message"]} if failures else {})}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def played(entry_point, service, **variables):
    made = {f"drift_check_{name}": value for name, value in {"discover": True, **variables}.items()}
    return entry_point(host(made, service, list_instances=service.list_instances))


def desired(**spaces):
    return {
        "spaces": [
            {"cust_space_id": space.replace("_", "-"), "phone_numbers": [{"phone_number": it} for it in numbers]}
            for space, numbers in spaces.items()
        ]
    }


def of(space, *numbers):
    return [number(it, space, status="CONNECTED") for it in numbers]


ALPHA, BETA, NEW = of("cams-alpha", "1"), of("cams-beta", "2"), of("cams-new", "3", "4", "5", "6")
ALL = {"cams-alpha": ALPHA, "cams-beta": BETA}


def seen(report):
    return [(row["kind"], row["cust_space_id"], row["phone_number"]) for row in report["rows"]]


def test_nothing_is_listed_unless_it_is_wanted():
    service = Service({**ALL, "cams-new": NEW})
    report = played(check, service, discover=False, desired=desired(cams_alpha="1"))
    assert (report["status"], service.lists, service.asked) == ("in_sync", 0, ["cams-alpha"])


def test_what_exists_without_being_desired_is_unlisted_and_its_numbers_are_named():
    report = played(check, Service({**ALL, "cams-new": NEW}), desired=desired(cams_beta="2", cams_alpha="1"))
    assert seen(report) == [
        ("in_sync", "cams-beta", "2"),
        ("in_sync", "cams-alpha", "1"),
        ("unlisted", "cams-new", None),
    ]
    assert report["rows"][2]["message"] == (
        "was read, but the desired state has no space for it (4 phone numbers: 3, 4, 5 and 1 more)"
    )
    assert (report["status"], report["summary"]["unlisted"], report["summary"]["checked"]) == ("drift", 1, 2)


@pytest.mark.parametrize("unread", [(), ("cams-beta",)])
def test_what_is_desired_and_does_not_exist_is_missing_whatever_it_answers(unread):
    service = Service({"cams-alpha": ALPHA, "cams-beta": []}, ["cams-alpha"], unread=unread)
    report = played(check, service, desired=desired(cams_beta=["2", "3"], cams_alpha="1", cams_gone=[]))
    assert seen(report) == [
        ("missing", "cams-beta", "2"),
        ("missing", "cams-beta", "3"),
        ("in_sync", "cams-alpha", "1"),
        ("missing", "cams-gone", None),
    ]
    told = "is desired, but the sub-customer does not exist: the list of instances does not have it"
    assert [row["message"] for row in report["rows"]][::3] == [
        told + ("; asked for it, the service says Denied: No." if unread else ""),
        f"{told}; asked for it, the service says Denied: No.",
    ]
    assert report["summary"] == {
        "checked": 4,
        "in_sync": 1,
        "differs": 0,
        "missing": 3,
        "unlisted": 0,
        "unreadable": 0,
    }


def test_one_that_answers_with_numbers_exists_whatever_the_list_says():
    report = played(check, Service(ALL, ["cams-beta"]), desired=desired(cams_alpha="1", cams_beta="2"))
    assert report["status"] == "in_sync"


def test_one_that_is_ignored_is_nobodys_business_unless_it_is_desired():
    service = Service({**ALL, "cams-new": NEW})
    report = played(check, service, desired=desired(cams_beta="7"), discover_ignore=["cams-(new|beta)", "alpha"])
    assert seen(report) == [
        ("missing", "cams-beta", "7"),
        ("unlisted", "cams-beta", "2"),
        ("unlisted", "cams-alpha", None),
    ]
    assert "cams-new" not in service.asked


def test_a_list_that_is_not_whole_is_the_first_cause_and_all_that_was_read_is_there():
    service = Service({**ALL, "cams-new": NEW}, ["cams-alpha", "cams-new"], INCOMPLETE)
    report = played(check, service, desired=desired(cams_beta="2", cams_gone="9"), report_junit="r.xml")
    assert seen(report) == [
        ("unreadable", None, None),
        ("in_sync", "cams-beta", "2"),
        ("unreadable", "cams-gone", None),
        ("unlisted", "cams-alpha", None),
        ("unlisted", "cams-new", None),
    ]
    assert report["rows"][0]["message"] == (
        "the whole list of instances could not be read: IncompleteList: 1 row was read, and the service counts 9. "
        "Run again."
    )
    assert (report["status"], report["fails"]) == ("error", True)
    assert (report["summary"]["unreadable"], report["summary"]["missing"]) == (2, 0)
    assert report["message"].startswith(
        "UNREADABLE: the list of instances is not whole, and 1 of 4 spaces could not be read. The first: the whole list"
    )
    assert report["findings"][0].startswith("unreadable: the whole list of instances")
    assert Path("r.xml").read_text().count("IncompleteList") > 0


def test_a_list_alone_that_is_not_whole_is_no_answer_that_says_nothing():
    report = played(check, Service(ALL, failure=INCOMPLETE), desired=desired(cams_alpha="1", cams_beta="2"))
    assert report["status"] == "error"
    assert report["verdict"][0].startswith("UNREADABLE: the list of instances is not whole. The first: ")


@pytest.mark.parametrize("failure", [WRONG_KEY, REFUSED, TimeoutError()])
def test_a_cause_that_is_the_same_for_all_is_told_once(failure):
    service = Service(ALL, [], failure)
    report = played(check, service, desired=desired(cams_alpha="1", cams_beta="2"))
    [row] = report["rows"]
    assert row["message"].startswith(
        "the list of instances and 2 sub-customers (cams-alpha and cams-beta) could not be read: "
    )
    assert (row["cust_space_ids"], report["summary"]["unreadable"]) == (["cams-alpha", "cams-beta"], 3)
    assert service.asked == (["cams-alpha", "cams-beta"] if failure is WRONG_KEY else [])


def test_the_metrics_of_a_list_that_is_not_whole_are_no_success():
    variables = {"desired": desired(cams_alpha="1"), "report_prometheus": "m.prom"}
    played(check, Service(ALL, failure=INCOMPLETE), **variables)
    assert "chatapp_unreadable_spaces 1\n" in Path("m.prom").read_text()
    played(changes, Service(ALL, failure=INCOMPLETE), report_prometheus="m.prom")
    assert "last_success" not in Path("m.prom").read_text()
    played(check, Service(ALL), **variables)
    assert "last_success" in Path("m.prom").read_text()


def test_a_snapshot_of_everything_is_in_sync_with_everything():
    service = Service({**ALL, "cams-new": NEW})
    assert played(snapshot, service, discover_ignore="cams-new")["changed"]
    assert service.asked == [None, "cams-alpha", "cams-beta"]
    written = yaml.safe_load(Path("desired.yml").read_text())["drift_check_desired"]
    assert [space.get("cust_space_id") for space in written["spaces"]] == service.asked
    report = played(check, service, desired=written)
    assert [row["cust_space_id"] for row in report["rows"] if row["kind"] != "in_sync"] == ["cams-new"]


def test_a_snapshot_of_a_list_that_is_not_whole_is_not_written():
    service = Service(ALL, failure=INCOMPLETE)
    result = played(snapshot, service)
    assert result["failed"]
    assert result["msg"].endswith("desired.yml is not written. 1 row was read, and the service counts 9.")
    assert (service.asked, Path("desired.yml").exists()) == ([], False)


def test_a_snapshot_of_nothing_is_refused():
    result = played(snapshot, Service({}), own_numbers=False)
    assert result["msg"] == "A desired state needs facts that are whole: nothing was read"


def test_run_after_run_of_what_changed():
    assert played(changes, Service(ALL))["status"] == "unchanged"
    assert seen(played(changes, Service({**ALL, "cams-new": NEW, "cams-empty": []}))) == [
        *(("appeared", "cams-new", it) for it in "3456"),
        ("appeared", "cams-empty", None),
    ]
    report = played(changes, Service({"cams-alpha": ALPHA, "cams-new": NEW}))
    assert seen(report) == [("disappeared", "cams-beta", "2"), ("disappeared", "cams-empty", None)]
    assert report["summary"]["compared"] == 8
    assert (report["fails"], report["changes"]) == (False, True)
    assert played(changes, Service({"cams-alpha": ALPHA, "cams-new": NEW}))["status"] == "unchanged"


def test_nobody_disappears_from_a_list_that_is_not_whole():
    played(changes, Service(ALL))
    some = Service({"cams-alpha": ALPHA, "cams-new": NEW}, failure=INCOMPLETE)
    report = played(changes, some)
    assert seen(report) == [*(("appeared", "cams-new", it) for it in "3456"), ("unknown", "cams-beta", None)]
    assert report["rows"][-1]["message"].startswith(
        "cannot be compared; now: could not be read: the list of instances is not whole: IncompleteList: "
    )
    assert (report["status"], report["fails"], report["message"].count("IncompleteList")) == ("unknown", True, 1)
    # What was known of the one that was not there is kept, and the new one is new once.
    assert played(changes, Service({**ALL, "cams-new": NEW}))["status"] == "unchanged"


def test_one_that_is_new_in_a_list_that_is_not_whole_is_new_once():
    played(changes, Service(ALL))
    more = {**ALL, "cams-empty": []}
    assert ("appeared", "cams-empty", None) in seen(played(changes, Service(more, failure=INCOMPLETE)))
    assert played(changes, Service(more))["status"] == "unchanged"


def test_one_that_is_named_and_gone_is_gone_once_unless_it_answers():
    named = {"cust_space_ids": ["cams-beta"]}
    played(changes, Service(ALL), **named)
    assert played(changes, Service(ALL, ["cams-alpha"]), **named)["status"] == "unchanged"
    assert seen(played(changes, Service({"cams-alpha": ALPHA}), **named)) == [("disappeared", "cams-beta", "2")]
    assert seen(played(changes, Service({"cams-alpha": ALPHA}), **named)) == [("unknown", "cams-beta", None)]


def test_why_a_list_is_not_whole_comes_before_why_one_could_not_be_read():
    played(changes, Service(ALL))
    report = played(changes, Service(ALL, ["cams-alpha"], INCOMPLETE, unread=["cams-alpha"]))
    assert seen(report) == [("unknown", "cams-beta", None), ("unknown", "cams-alpha", None)]
    assert (
        "The first: all numbers of cams-beta: cannot be compared; now: could not be read: the list" in report["message"]
    )


@pytest.mark.parametrize("failure", [WRONG_KEY, REFUSED, TimeoutError()])
def test_nobody_disappears_with_the_key_or_the_connection(failure):
    played(changes, Service(ALL))
    report = played(changes, Service(ALL, [], failure))
    assert (report["status"], report["summary"]["disappeared"], report["fails"]) == ("unknown", 0, True)
    assert played(changes, Service(ALL))["message"] == "UNCHANGED: 3 phone numbers are as they were."


def test_a_list_that_is_not_whole_is_told_where_everybody_was_read():
    played(changes, Service(ALL))
    report = played(changes, Service(ALL, failure=INCOMPLETE))
    assert (report["status"], report["fails"]) == ("unknown", True)
    assert report["rows"][0]["message"].startswith("a result says nothing; now: the list of instances is not whole: ")


def test_a_new_one_that_cannot_be_read_is_new_when_it_can():
    played(changes, Service(ALL))
    both = {**ALL, "cams-new": NEW[:1]}
    for _time in range(2):
        assert seen(played(changes, Service(both, unread=["cams-new"]))) == [("unknown", "cams-new", None)]
    assert seen(played(changes, Service(both))) == [("appeared", "cams-new", "3")]


def test_one_that_is_ignored_has_neither_appeared_nor_disappeared():
    both = {**ALL, "cams-new": NEW[:1]}
    played(changes, Service(both), discover_ignore="cams-new")
    report = played(changes, Service(both))
    assert (seen(report), report["fails"]) == ([("unknown", "cams-new", None)], False)
    report = played(changes, Service(both), discover_ignore="cams-new")
    assert (seen(report), report["fails"]) == ([("unknown", "cams-new", None)], False)


def test_the_first_list_tells_nobody_new_and_everybody_who_is_gone():
    played(changes, Service(ALL), discover=False, cust_space_ids=["cams-alpha", "cams-beta"])
    report = played(changes, Service({"cams-alpha": ALPHA, "cams-new": NEW}), own_numbers=False)
    assert seen(report) == [("disappeared", "cams-beta", "2"), ("unknown", "cams-new", None)]
    assert not report["fails"]


def test_a_state_whose_list_is_none_is_refused():
    played(changes, Service(ALL))
    state = json.loads(Path("phone_numbers.state.json").read_text())
    Path("phone_numbers.state.json").write_text(json.dumps({**state, "listed": 1}))
    assert "is not whole" in played(changes, Service(ALL))["msg"]


@pytest.mark.parametrize(
    "variables, message",
    [
        ({"discover": "perhaps"}, "drift_check_discover: must be true or false, not 'perhaps'."),
        ({"discover_ignore": ["a{1,2}", "("]}, "drift_check_discover_ignore[1]: '(' is no regular expression: "),
        ({"discover_ignore": {}}, "drift_check_discover_ignore: must be a list"),
        ({"discover_ignore": ""}, "drift_check_discover_ignore[0]: is empty"),
    ],
)
@pytest.mark.parametrize("entry_point", [check, snapshot, changes])
def test_what_cannot_have_been_meant_is_refused_before_anything_is_asked(entry_point, variables, message):
    service = Service(ALL)
    result = played(entry_point, service, desired=desired(cams_alpha="1"), **variables)
    assert result["failed"]
    assert re.match(re.escape(message), result["msg"]), result["msg"]
    assert (service.lists, service.asked) == (0, [])


@pytest.mark.parametrize("given", ["[ab]eta{1,2}", '["cams-new", "x"]', ["[x]"], 7])
def test_patterns_in_every_form(given):
    assert played(check, Service(ALL), desired=desired(cams_alpha="1", cams_beta="2"), discover_ignore=given)["rows"]
