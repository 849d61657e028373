# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics that a run of the role leaves behind, whichever entry point ran and however it went."""

from __future__ import annotations

import json
import os
import stat

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role import metrics_file
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.changes import changes
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.check import check
from role_host import Module, answer, host, number

DESIRED = {"spaces": [{"phone_numbers": [{"phone_number": "1", "status": "CONNECTED"}]}]}
FINE = answer(number("1", status="CONNECTED"), spaces=[None])
DRIFTED = answer(number("1", status="BANNED"), spaces=[None])
CRASHED = {"failed": True, "msg": "no key"}
SUCCESS = "chatapp_last_success_timestamp_seconds"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    clock = iter(range(1_000, 2_000))
    monkeypatch.setattr(metrics_file.time, "time", lambda: next(clock))
    return tmp_path


def ran(entry_point, *script, name="shop", run_folder="", **variables):
    made = {f"drift_check_{name}": value for name, value in variables.items()}
    made = {"drift_check_desired": DESIRED, "drift_check_report_prometheus": "m.prom", **made}
    return entry_point(host(made, Module(*script), name=name, run_folder=run_folder))


def lines(folder, beginning, file="m.prom"):
    return [line for line in (folder / file).read_text().splitlines() if line.startswith(beginning)]


@pytest.mark.parametrize("entry_point", [check, changes])
def test_a_run_writes_what_it_read(entry_point, folder):
    ran(entry_point, DRIFTED)
    assert 'status="BANNED"} 1' in " ".join(lines(folder, "chatapp_phone_number_status"))
    assert lines(folder, SUCCESS) == [f"{SUCCESS} 1000"]
    assert stat.S_IMODE(os.stat(folder / "m.prom").st_mode) == 0o644
    drift = lines(folder, "chatapp_drift")
    assert bool(drift) is (entry_point is check)
    assert not drift or 'chatapp_drift{kind="differs"} 1' in drift


@pytest.mark.parametrize("entry_point", [check, changes])
def test_a_run_that_could_read_nothing_leaves_the_time_of_the_last_success(entry_point, folder):
    ran(entry_point, FINE)
    ran(entry_point, CRASHED)
    assert lines(folder, SUCCESS) == [f"{SUCCESS} 1000"]
    assert lines(folder, "chatapp_unreadable_spaces") == ["chatapp_unreadable_spaces 1"]
    assert lines(folder, "chatapp_phone_number_info") == []
    ran(entry_point, FINE)
    assert lines(folder, SUCCESS) == [f"{SUCCESS} 1002"]


def test_until_a_run_has_ended_the_metrics_are_those_of_the_last(folder):
    ran(check, FINE)
    before = (folder / "m.prom").read_text()
    with pytest.raises(KeyboardInterrupt):
        ran(check, KeyboardInterrupt())
    assert ran(check, on_drift="explode")["failed"]
    assert (folder / "m.prom").read_text() == before


def test_the_collector_finds_no_half_of_a_file(folder, monkeypatch):
    ran(check, FINE)
    seen = []
    replace = os.replace

    def replaced(new, old):
        seen.append([name for name in os.listdir(folder) if name.endswith(".prom")])
        replace(new, old)

    monkeypatch.setattr(os, "replace", replaced)
    ran(check, DRIFTED)
    assert seen == [["m.prom"]]


def test_labels_stand_at_every_sample(folder):
    ran(check, FINE, report_prometheus_labels={"account": "shop"})
    assert all('account="shop"' in line for line in lines(folder, "chatapp_"))


@pytest.mark.parametrize(
    "entry_point, variables, problem",
    [
        (check, {"report_prometheus": 5}, "drift_check_report_prometheus: must be the path of a file"),
        (check, {"report_prometheus": "no/m.prom"}, "drift_check_report_prometheus: 'no/m.prom'"),
        (check, {"report_prometheus_labels": "x"}, "drift_check_report_prometheus_labels: must be a mapping"),
        (check, {"report_prometheus_labels": {"kind": "x"}}, "drift_check_report_prometheus_labels: 'kind' cannot be"),
        (check, {"report_json": "m.prom"}, "drift_check_report_json: names the same file as drift_check_report_prom"),
        (changes, {"report_json": "s.json", "state_file": "./s.json"}, "drift_check_"),
        (changes, {"state_file": "m.prom"}, "drift_check_state_file: names the same file as drift_check_report_prom"),
    ],
)
def test_refuses_before_anything_is_asked_or_written(folder, entry_point, variables, problem):
    for name in ("m.prom", "s.json"):
        (folder / name).write_text("as it was")
    ended = ran(entry_point, **variables)
    assert ended["failed"] and ended["msg"].replace(f"{folder}/", "").startswith(problem)
    assert [(folder / name).read_text() for name in ("m.prom", "s.json")] == ["as it was"] * 2


def test_two_hosts_with_one_file_are_refused(folder):
    run_folder = folder / "run"
    run_folder.mkdir()
    ran(check, FINE, name="shop", run_folder=run_folder)
    ended = ran(check, name="support", run_folder=run_folder)
    assert ended["failed"] and "inventory_hostname" in ended["msg"]


def test_metrics_that_cannot_be_written_fail_the_run_and_the_verdict_is_given(folder):
    (folder / "metrics").mkdir()
    module = Module(FINE)

    def spoilt(options):
        (folder / "metrics").rmdir()
        return module(options)

    variables = {"drift_check_desired": DESIRED, "drift_check_report_prometheus": "metrics/m.prom"}
    ended = check(host({**variables, "drift_check_report_json": "r.json"}, spoilt))
    assert ended["fails"] and ended["message"].startswith("IN SYNC") and "could not be written" in ended["message"]
    assert json.loads((folder / "r.json").read_text())["status"] == "in_sync"
