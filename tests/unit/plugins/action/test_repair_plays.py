# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry point that repairs, by the real ansible-playbook. What was written is told by the simulator's log."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))

from simulator.testing import Simulator, account
from test_drift_check_action import Play

pytestmark = pytest.mark.long

OLD, NEW = "https://old.example.com/in?token=old-token", "https://hooks.example.com/in?token=new-token"
REPORT = "https://hooks.example.com/receipt"


def number(digits: str, **urls: str) -> dict:
    return {"PhoneNumber": digits, "Status": "CONNECTED", "StatusCallbackUrl": REPORT, "UpCallbackUrl": NEW, **urls}


def wanted(digits: str, **fields: object) -> dict:
    return {"phone_number": digits, "status_callback_url": REPORT, "up_callback_url": NEW, **fields}


IMPORT = re.compile(r"^from ansible_collections\.alicloud\.chatapp\.plugins\.([\w.]+) import(?: (\w+)$)?", re.MULTILINE)


class World:
    def __init__(self, simulator: Simulator, play: Play) -> None:
        self.simulator, self.play = simulator, play

    def make(self, *customers: dict, own: tuple = (), faults: tuple = (), **writing: object) -> None:
        made = account(phone_numbers=list(own), sub_customers=list(customers), writing=writing)
        self.simulator.write_data({"accounts": [made], "faults": list(faults)})
        self.simulator.reload()
        self.logged = len(self.simulator.log())

    def repair(self, *options: str, **variables: object) -> dict:
        given = {"http": True, "queue": False, "report_json": "report.json", **variables}
        report = self.play.check(*options, action=("repair", "repair"), **given)
        assert "-token" not in self.play.said + self.play.errors + json.dumps(report)
        return report

    def log(self) -> list[dict]:
        return self.simulator.log()[self.logged :]

    def written(self) -> list[tuple]:
        return [
            (it["cust_space_id"], it["write"]["PhoneNumber"])
            for it in self.log()
            if it["action"] == "UpdatePhoneWebhook"
        ]


@pytest.fixture
def world(tmp_path):
    with Simulator({"accounts": [account()]}, "--qps", "unlimited") as simulator:
        yield World(simulator, Play(tmp_path, simulator))


def space(name: str, *numbers: dict, **other: object) -> dict:
    return {"cust_space_id": name, "phone_numbers": list(numbers), **other}


def marks(report: dict) -> dict:
    return {(row["phone_number"], row["field"]): (row["kind"], row["repaired"]) for row in report["rows"]}


def test_what_differs_is_written_and_nothing_else(world):
    """Two sub-customers, one number each to be put right; every other finding is reported as before."""
    world.make(
        space("cams-1", number("861", UpCallbackUrl=OLD), number("862", Status="BANNED"), number("863")),
        space("cams-2", number("864", StatusCallbackUrl="", UpCallbackUrl=OLD), number("865")),
    )
    desired = {
        "spaces": [
            {"cust_space_id": "cams-1", "phone_numbers": [wanted("861"), wanted("862", status="CONNECTED")]},
            {"cust_space_id": "cams-2", "phone_numbers": [wanted("864"), wanted("865"), wanted("866")]},
        ]
    }
    planned = world.repair("--check", "--diff", desired=desired)
    assert world.written() == []
    assert marks(planned) == {
        ("861", "up_callback_url"): ("differs", "would"),
        ("862", "status"): ("differs", None),
        ("863", None): ("unlisted", None),
        ("864", "status_callback_url"): ("differs", "would"),
        ("864", "up_callback_url"): ("differs", "would"),
        ("865", None): ("in_sync", None),
        ("866", None): ("missing", None),
    }
    assert (planned["changed"], planned["fails"], planned["status"]) == (True, True, "drift")
    assert [part["after_header"] for part in planned["diff"]] == [
        "861 of cams-1: up_callback_url",
        "864 of cams-2: status_callback_url",
        "864 of cams-2: up_callback_url",
    ]
    assert "+https://hooks.example.com/receipt" in world.play.said
    assert "would be put right" in planned["message"]

    done = world.repair(desired=desired)
    assert world.written() == [("cams-1", "861"), ("cams-2", "864")]
    assert marks(done) == {
        ("861", None): ("in_sync", "yes"),
        ("862", "status"): ("differs", None),
        ("863", None): ("unlisted", None),
        ("864", None): ("in_sync", "yes"),
        ("865", None): ("in_sync", None),
        ("866", None): ("missing", None),
    }
    assert done["changed"] is True
    assert done["message"].startswith("DRIFT: ")
    assert done["message"].endswith("REPAIR: of 2 phone numbers with other callback URLs, 2 put right.")
    assert [it["repaired"] for it in done["repairs"]] == ["yes", "yes"]
    saved = json.loads((world.play.folder / "report.json").read_text())
    assert (saved["rows"], saved["repairs"]) == (done["rows"], done["repairs"])

    again = world.repair(desired=desired)
    assert (again["changed"], again["repairs"], len(world.written())) == (False, [], 2)


def test_more_than_may_be_changed_is_refused_before_the_first_write(world):
    world.make(space("cams-1", *(number(f"86{n}", UpCallbackUrl=OLD) for n in range(3))))
    desired = {"spaces": [{"cust_space_id": "cams-1", "phone_numbers": [wanted(f"86{n}") for n in range(3)]}]}
    refused = world.repair(desired=desired, max_changes=2, on_drift="warn")
    assert (world.written(), refused["fails"], refused["changed"]) == ([], True, False)
    assert "3 phone numbers would be changed, and drift_check_max_changes allows 2" in refused["message"]
    done = world.repair(desired=desired, max_changes=3)
    assert (len(world.written()), done["fails"], done["status"]) == (3, False, "in_sync")


def test_what_cannot_be_written_is_a_finding_that_says_why(world):
    pattern = {"matches": "https://hooks\\.example\\.com/.*"}
    world.make(
        space("cams-1", number("861", UpCallbackUrl=OLD, StatusCallbackUrl=OLD)),
        own=(number("862", UpCallbackUrl=OLD),),
    )
    desired = {
        "spaces": [
            {"phone_numbers": [wanted("862")]},
            {"cust_space_id": "cams-1", "phone_numbers": [wanted("861", up_callback_url=pattern)]},
        ]
    }
    done = world.repair(desired=desired)
    assert marks(done) == {("862", "up_callback_url"): ("differs", "no"), ("861", "up_callback_url"): ("differs", "no")}
    first, second = done["rows"]
    assert "not put right: the service writes no number without a space ID" in first["message"]
    assert "not put right: more than one URL is as desired" in second["message"]
    assert world.written() == [("cams-1", "861")], "the URL beside it"
    assert done["fails"] is True


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("writing", "outcome"),
    [
        ({"answer": "ok_but_not_done"}, "unknown"),
        ({"answer": "error_but_done"}, "yes"),
        ({"refused_numbers": ["861"]}, "no"),
        ({"other_writer": {"UpCallbackUrl": OLD}}, "unknown"),
        ({"shown_after": 0.7}, "yes"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value,
)
def test_the_verdict_is_of_what_is_read_at_the_end(world, writing, outcome):
    world.make(space("cams-1", number("861", UpCallbackUrl=OLD)), **writing)
    desired = {"spaces": [{"cust_space_id": "cams-1", "phone_numbers": [wanted("861")]}]}
    done = world.repair(desired=desired, verify_seconds=2, on_drift="warn")
    [row] = done["rows"]
    assert (row["kind"], row["repaired"]) == ("in_sync" if outcome == "yes" else "differs", outcome)
    assert done["fails"] is (outcome != "yes"), "a write that failed fails the role, whatever drift does"
    assert world.written()


def test_what_could_not_be_read_is_not_written(world):
    world.make(
        space("cams-1", number("861", UpCallbackUrl=OLD)),
        space("cams-2", number("862", UpCallbackUrl=OLD)),
        faults=({"kind": "code", "code": "Forbidden.RAM", "cust_space_id": "cams-1"},),
    )
    spaces = [{"cust_space_id": f"cams-{n}", "phone_numbers": [wanted(f"86{n}")]} for n in (1, 2)]
    done = world.repair(desired={"spaces": spaces})
    assert world.written() == [("cams-2", "862")]
    assert (done["status"], done["fails"]) == ("error", True)
    assert done["message"].startswith("UNREADABLE: ")


def test_a_vaulted_url_is_written_and_not_shown(world):
    world.make(space("cams-1", number("861", UpCallbackUrl=OLD)))
    (world.play.folder / "password").write_text("a password\n")
    secret = "https://hooks.example.com/secret-path"
    assert (
        world.play.ansible(
            "vault", "encrypt_string", "--vault-password-file", "password", "--name", "up_callback_url", secret
        )
        == 0
    ), world.play.errors
    vaulted = world.play.said.rstrip().replace("\n", "\n          ")
    (world.play.folder / "desired.yml").write_text(
        f'spaces:\n  - cust_space_id: cams-1\n    phone_numbers:\n      - phone_number: "861"\n        {vaulted}\n'
    )
    options = ("--vault-password-file", "password", "-vvvvv")
    for more in (("--check", "--diff"), ("--diff",)):
        done = world.repair(*options, *more, desired_files="desired.yml")
        assert "secret-path" not in world.play.said + world.play.errors + json.dumps(done)
    assert (done["status"], world.written()) == ("in_sync", [("cams-1", "861")])
    written = [it["write"]["UpCallbackUrl"] for it in world.log() if it["write"]]
    assert len(written) == 1


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"http": None}, "drift_check_http: is missing; say true or false"),
        ({"queue": "maybe"}, "drift_check_queue: must be true or false"),
        ({"max_changes": 0}, "drift_check_max_changes: must be a whole number, 1 or more"),
        ({"verify_seconds": "soon"}, "drift_check_verify_seconds: must be a whole number"),
        ({"allow_http": []}, "drift_check_allow_http: must be true or false"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(world, variables, said):
    world.make(space("cams-1", number("861", UpCallbackUrl=OLD)))
    desired = {"spaces": [{"cust_space_id": "cams-1", "phone_numbers": [wanted("861")]}]}
    refused = world.repair(desired=desired, **variables)
    assert refused["failed"] is True
    assert said in refused["msg"]
    assert world.log() == []


def test_a_url_that_anybody_can_read_is_not_written_unless_allowed(world):
    world.make(space("cams-1", number("861", UpCallbackUrl=OLD)))
    plain = wanted("861", up_callback_url="http://hooks.example.com/in")
    desired = {"spaces": [{"cust_space_id": "cams-1", "phone_numbers": [plain]}]}
    refused = world.repair(desired=desired)
    assert (world.written(), refused["fails"]) == ([], True)
    assert "is http://, which anybody on the way can read" in refused["message"]
    assert world.repair(desired=desired, allow_http=True)["status"] == "in_sync"


def test_the_entry_points_that_read_cannot_reach_the_write():
    plugins = Path(__file__).resolve().parents[4] / "plugins"

    def reached(name: str) -> set[str]:
        found, new = set(), {name}
        while new:
            texts = [(plugins / f"{one}.py").read_text(encoding="utf-8") for one in new]
            found |= new
            named = [it for text in texts for it in IMPORT.findall(text)]
            names = {f"{base}.{name}".replace(".", "/").rstrip("/") for base, name in named}
            names |= {base.replace(".", "/") for base, _name in named}
            new = {one for one in names - found if (plugins / f"{one}.py").exists()}
        return found

    reading, writing = reached("action/drift_check"), reached("action/repair")
    assert len(reading) > 20
    assert {name for name in writing - reading if "repair" not in name} == set()
    for name in reading:
        assert "webhook" not in (plugins / f"{name}.py").read_text(encoding="utf-8").lower(), name
