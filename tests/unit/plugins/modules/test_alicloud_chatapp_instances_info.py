# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module as Ansible runs it, with the simulator's list in every way that the service's may be."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from ansible_collections.alicloud.chatapp.plugins.modules import alicloud_chatapp_instances_info as module

TESTS = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TESTS))

from module_documentation import check_examples, check_options, check_result
from module_process import MODULES, start, wait
from simulator.testing import KEY_ID, KEY_SECRET, Simulator, account

NAME = f"{MODULES}.alicloud_chatapp_instances_info"


def customers(count):
    return [{"generate": {"count": count}}] if count else []


@pytest.fixture(scope="module")
def simulator():
    with Simulator({"accounts": [account()]}, "--qps", "unlimited") as running:
        yield running
        running.set_faults([])


@pytest.fixture
def run(simulator, tmp_path):
    """Run the module on an account that is made so; return what it printed."""

    def run_module(count=3, listing=None, faults=(), given=None, **changes):
        simulator.write_data(
            {
                "accounts": [account(sub_customers=customers(count), listing=listing or {}, **changes)],
                "faults": list(faults),
            }
        )
        simulator.reload()
        return result_of(simulator.url, tmp_path, **(given or {}))

    return run_module


def result_of(url, folder, **given):
    options = {
        "endpoint": url,
        "access_key_id": KEY_ID,
        "access_key_secret": KEY_SECRET,
        "throttle_url": folder.as_uri(),
        "qps_limit": 1000,
        "max_retries": 0,
    }
    ended = wait(start({**options, **given}, {**os.environ, "HOME": str(folder)}, ("-m", NAME)))
    assert ended.error == ""
    assert KEY_SECRET not in ended.output
    found = ended.result
    found.pop("invocation", None)
    assert ended.code == bool(found.get("failed"))
    check_result(module, found, bool(found.get("failed")))
    return found


def test_options_are_documented_as_they_are(monkeypatch):
    check_options(module, monkeypatch)


def test_examples_use_documented_names():
    check_examples(module)


def test_every_instance(run):
    found = run(instance_id="cams-own")
    assert found["cust_space_ids"] == ["cams-own", "cams-1", "cams-2", "cams-3"]
    assert [row["instance_name"] for row in found["instances"]][1] == "Customer cams-1"
    assert (found["total_count"], found["failures"]) == (4, [])
    assert found["paging"] == {
        "first_page": "1",
        "page_size_asked": 100,
        "page_size_seen": 4,
        "pages": 1,
        "looks": 1,
    }
    assert found["throttle"].pop("waited_seconds") < 0.1
    assert found["throttle"] == {"refused": 0, "retries": 0, "scope": "directory"}
    assert "ansible_facts" not in found
    assert "warnings" not in found


def test_check_mode_is_the_same(run):
    found, checked = run(), run(given={"_ansible_check_mode": True})
    for result in (found, checked):
        result.pop("throttle")
        for query in result["queries"]:
            query.pop("request_id")
    assert checked == found


def test_no_instance_is_no_failure(run):
    found = run(0)
    assert (found["instances"], found["cust_space_ids"], found["total_count"]) == ([], [], 0)


def test_personal_data_only_where_it_is_asked_for(run):
    hidden, shown = run(1), run(1, given={"personal_data": True})
    assert "contact@" not in json.dumps(hidden) and "Road" not in json.dumps(hidden)
    assert shown["instances"][0]["contact_mail"] == "contact@cams-1.example"
    assert shown["instances"][0]["office_address"] == "1 cams-1 Road"


def test_the_output_for_a_report_names_nobody(run):
    found = run(3, given={"state": "none-of-them"})
    assert (found["paging"]["page_size_seen"], found["total_count"]) == (3, 3)
    assert "cams-" not in json.dumps(found) and "Customer" not in json.dumps(found)


def test_the_filters_of_the_service(run, simulator):
    given = {"channel_type": "VIBER", "instance_id": "cams-2", "name": "A B", "resource_group_id": "rg"}
    found = run(3, given=given)
    assert (found["instances"], found["total_count"]) == ([], 0)
    assert run(3, given={"instance_id": "cams-2"})["cust_space_ids"] == ["cams-2"]
    assert run(3, given={"instance_id": ""})["total_count"] == 3


def test_the_filter_of_ours(run):
    rows = [{"InstanceId": "1", "State": "published"}, {"InstanceId": "2", "State": "of tomorrow"}]
    found = run(instances=rows, given={"state": "of tomorrow"})
    assert ([row["instance_id"] for row in found["instances"]], found["total_count"]) == (["2"], 2)


def test_a_missing_space_id_is_warned_of(run):
    found = run(2, {"cust_space_id": "empty"})
    assert found["cust_space_ids"] == ["cams-1", "cams-2"]
    assert "no CustSpaceId for 2 instances" in json.dumps(found["warnings"])
    assert run(2, {"cust_space_id": "other"})["cust_space_ids"] == ["space-of-cams-1", "space-of-cams-2"]


def test_a_row_without_any_id_fails_with_all_that_was_read(run):
    found = run(instances=[{"InstanceId": "1"}, {"State": "published"}])
    assert (found["code"], len(found["instances"])) == ("UnexpectedAnswer", 2)


@pytest.mark.parametrize("listing", [{"page_base": "0"}, {"page_base": "either"}, {"cap": 30}, {"order": "moving"}])
def test_a_thousand_and_one(run, listing):
    found = run(1001, listing)
    assert sorted(found["cust_space_ids"]) == sorted(f"cams-{number}" for number in range(1, 1002))
    assert len(found["instances"]) == found["total_count"] == 1001


def test_rows_and_count_that_do_not_agree_fail_with_all_that_was_read(run):
    found = run(150, {"total_offset": 1})
    assert found["code"] == "IncompleteList"
    assert found["msg"].startswith(
        "The list of instances is not whole, 150 are returned. IncompleteList: "
        "150 rows were read, and the service counts 151; 4 looks at all pages did not agree."
    )
    assert len(found["instances"]) == 150
    assert found["failures"][0]["page_index"] is None


def test_a_list_that_fails_half_way(run):
    fault = {"kind": "close", "action": "ListInstance", "page_index": "3"}
    found = run(500, faults=[fault])
    assert (found["code"], [failure["page_index"] for failure in found["failures"]]) == ("ConnectionLost", [3])
    assert len(found["instances"]) == 400
    assert [query["page_index"] for query in found["queries"] if query["instance_count"] is None] == [3]


def test_a_denial_names_the_action_that_was_denied(run):
    found = run(keys=[{"id": KEY_ID, "secret": KEY_SECRET, "denied": "Ram.PermissionDeny"}])
    assert found["msg"].startswith("Ram.PermissionDeny: ")
    assert "cams:ListInstance" in found["remedy"]
    assert "cams:QueryChatappPhoneNumbers" not in found["remedy"]
    assert "AliyunCamsReadOnlyAccess" in found["remedy"]


def test_a_page_size_that_the_service_refuses(run):
    found = run(3, {"greatest_page_size": 50})
    assert found["msg"].startswith("InvalidParameter.PageSize: ")
    assert found["remedy"] == "Set a smaller page_size, such as 10: the greatest one is not published."
    assert run(3, {"greatest_page_size": 50}, given={"page_size": 50})["total_count"] == 3


@pytest.mark.parametrize("size", [0, 1001, -1])
def test_a_page_size_that_cannot_be(run, size):
    found = run(given={"page_size": size})
    assert found["msg"] == f"page_size is {size}; give a number from 1 to 1000 (instances)."
    assert (found["instances"], found["throttle"]) == ([], {})


@pytest.mark.load
def test_five_thousand_at_the_speed_of_the_quota(tmp_path):
    """52 calls: the two that can be the first page, then the others and the one behind the last, ten in 1.1 s.

    A slot that a busy machine comes too late for is given up, which costs time: the best of three counts.
    """
    ideal = 51 // 10 * 1.1
    took = []
    while len(took) < 3 and (not took or min(took) > ideal * 1.05):
        data = {"accounts": [account(sub_customers=customers(5000))]}
        with Simulator(data, "--qps", "10", "--latency-ms", "300") as simulator:
            found = result_of(simulator.url, tmp_path, qps_limit=10, max_retries=5)
            log = simulator.log()
        assert len(found["instances"]) == 5000
        assert len(log) == 52 + found["throttle"]["refused"]
        took.append(log[-1]["monotonic"] - log[0]["monotonic"])
    assert ideal - 0.1 <= min(took) <= ideal * 1.05
