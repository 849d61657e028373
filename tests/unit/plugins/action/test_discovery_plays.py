# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Discovery by the real ansible-playbook, over the simulator's list."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

sys.path.insert(0, str(Path(__file__).parents[3]))

from simulator.testing import Simulator, account
from test_drift_check_action import Play

COUNT = 1000
SPACES = [f"cams-{number}" for number in range(1, COUNT + 1)]
HALF_WAY = {"kind": "close", "action": "ListInstance", "page_index": "3"}


def customers(*spaces: str) -> list[dict]:
    return [
        {
            "cust_space_id": space,
            "phone_numbers": [{"PhoneNumber": f"86{space.removeprefix('cams-')}", "Status": "CONNECTED"}],
        }
        for space in spaces
    ]


class World:
    """A simulator whose sub-customers come and go, and a folder to play in."""

    def __init__(self, simulator: Simulator, play: Play) -> None:
        self.simulator, self.play = simulator, play

    def make(self, *spaces: str, faults=(), **listing: object) -> None:
        made = account(sub_customers=customers(*spaces), listing=listing)
        self.simulator.write_data({"accounts": [made], "faults": list(faults)})
        self.simulator.reload()


@pytest.fixture
def world(tmp_path):
    with Simulator({"accounts": [account()]}, "--qps", "unlimited") as simulator:
        yield World(simulator, Play(tmp_path, simulator))


def kinds(report: dict) -> list[tuple]:
    return [(row["kind"], row["cust_space_id"]) for row in report["rows"] if row["kind"] != "in_sync"]


def test_module_defaults_that_would_filter_the_list_do_not(world):
    """Nor does an option of one module reach the other, and each keeps what its own name says."""
    world.make("cams-1", "cams-2")
    defaults = {
        "group/alicloud.chatapp.all": {
            "timeout": 7,
            "name": "nobody",
            "isv_code": "code-of-the-isv",
            "personal_data": True,
        },
        "alicloud.chatapp.alicloud_chatapp_instances_info": {"state": "none", "page_size": 1},
        "alicloud.chatapp.alicloud_chatapp_phone_numbers_info": {"status": "BANNED"},
    }
    desired = {"spaces": [{"cust_space_id": "cams-1", "phone_numbers": [{"phone_number": "861"}]}]}
    report = world.play.check(play={"module_defaults": defaults}, desired=desired, discover="yes")
    assert kinds(report) == [("unlisted", "cams-2")], report["message"]
    sizes = [str(entry["page_size"]) for entry in world.simulator.log() if entry["action"] == "ListInstance"]
    assert len(sizes) > 2
    assert set(sizes) == {"1"}


@pytest.mark.full
@pytest.mark.load
def test_a_thousand_sub_customers(world):
    """Written down by one command; then one is added, one vanishes, they move, and the list fails half-way."""
    variables = {"discover": True, "desired_files": "desired.json"}
    everything = {"drift_check_discover": True, "drift_check_snapshot_file": "desired.json"}
    world.make(*SPACES)
    assert world.play.ansible("playbook", "alicloud.chatapp.snapshot", "-e", json.dumps(everything)) == 0, (
        world.play.said
    )
    written = json.loads((world.play.folder / "desired.json").read_text())["drift_check_desired"]
    assert {space.get("cust_space_id") for space in written["spaces"]} == {None, *SPACES}
    assert written["defaults"]["status"] == "CONNECTED"

    (world.play.folder / "state").mkdir()
    watched = {"drift_check_discover": True, "drift_check_state_file": "state/all.json"}
    assert world.play.ansible("playbook", "alicloud.chatapp.changes", "-e", json.dumps(watched)) == 0, world.play.said
    assert "FIRST RUN: 1001 phone numbers read" in world.play.said

    others = [*SPACES[500:], "cams-9999", *SPACES[:499]]  # each on another page than before
    world.make(*others, cap=30)
    report = world.play.check(**variables)
    assert kinds(report) == [("missing", "cams-500"), ("unlisted", "cams-9999")]
    assert "(1 phone number: 869999)" in report["rows"][-1]["message"]
    assert report["summary"]["in_sync"] == COUNT
    assert world.play.ansible("playbook", "alicloud.chatapp.changes", "-e", json.dumps(watched)) == 0, world.play.said
    assert "CHANGED: 1002 phone numbers compared, 0 changed, 1 appeared, 1 disappeared." in world.play.said

    world.make(*SPACES, "cams-9999", faults=[HALF_WAY])
    report = world.play.check(**variables, play={"environment": {"ALICLOUD_CHATAPP_MAX_RETRIES": "0"}})
    assert (report["status"], report["summary"]["in_sync"], report["summary"]["missing"]) == ("error", COUNT + 1, 0)
    assert kinds(report)[0] == ("unreadable", None)
    assert report["message"].startswith("UNREADABLE: the list of instances is not whole. The first: the whole list")
    assert report["message"].count("ConnectionLost") == 1
