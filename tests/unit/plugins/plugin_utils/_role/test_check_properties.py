# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For any sequence of runs, what the last report says is what the last run read.

Each run reads a status that no other run reads, and desires another one. So a report that is not this run's own, or
that holds a part of another's, has the status of another run in it.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.check import check
from hypothesis import given
from hypothesis import strategies as st
from role_host import UNDEFINED, host

TOKEN = re.compile(r"READ_BY_\d+")
SPACES = [None, "cams-alpha", "cams-beta"]


class TimeLimit(BaseException):
    """As Ansible's is, no Exception."""


class Run(NamedTuple):
    """One run: of which host, in a process of Ansible's own or in the last run's, and what goes wrong in it."""

    host: str
    begins_anew: bool
    trouble: str
    at_call: int
    file: str


RUNS = st.builds(
    Run,
    st.sampled_from(["shop", "support"]),
    st.booleans(),
    st.sampled_from(
        [
            *("", "", "fails", "says nothing", "time limit", "interrupted", "error"),
            *("slip", "undefined", "wrong option", "no folder", "two files in one"),
        ]
    ),
    st.integers(0, 2),
    st.sampled_from(["shared.json", "{host}.json"]),
)


def variables(run: Run, number: int, folder: Path) -> dict[str, Any]:
    path = str(folder / run.file.format(host=run.host))
    desired: dict[str, Any] = {
        "defaults": {"status": "CONNECTED"},
        "spaces": [
            {**({} if space is None else {"cust_space_id": space}), "phone_numbers": [{"phone_number": "1"}]}
            for space in SPACES
        ],
    }
    made = {"drift_check_desired": desired, "drift_check_report_json": path, "drift_check_batch_size": 1}
    if run.trouble == "slip":
        desired["spaces"][0]["phone_numbers"][0]["staus"] = "CONNECTED"
    elif run.trouble == "undefined":
        made["drift_check_desired"] = UNDEFINED
    elif run.trouble == "wrong option":
        made["drift_check_on_drift"] = "explode"
    elif run.trouble == "no folder":
        made["drift_check_report_junit"] = str(folder / "nowhere" / "r.xml")
    elif run.trouble == "two files in one":
        made["drift_check_report_markdown"] = path
    return made


def module(run: Run, number: int):
    calls = []

    def answer(options: dict[str, Any]) -> dict[str, Any]:
        calls.append(options)
        if len(calls) - 1 == run.at_call:
            if run.trouble == "time limit":
                raise TimeLimit
            if run.trouble == "interrupted":
                raise KeyboardInterrupt
            if run.trouble == "error":
                raise RuntimeError
            if run.trouble == "says nothing":
                return {"failed": True, "msg": f"READ_BY_{number}"}
        [space] = options.get("cust_space_ids", [None])
        query = {"cust_space_id": space, "phone_number_count": 1, "status": None}
        if run.trouble == "fails" and len(calls) - 1 == run.at_call:
            failure = {"cust_space_id": space, "code": "InternalError", "message": f"READ_BY_{number}", "remedy": None}
            return {
                "failed": True,
                "queries": [{**query, "phone_number_count": None}],
                "failures": [failure],
                "phone_numbers": [],
            }
        number_read = {"phone_number": "1", "status": f"READ_BY_{number}"}
        owner = {} if space is None else {"cust_space_id": space}
        return {"queries": [query], "failures": [], "phone_numbers": [{**number_read, **owner}]}

    return answer


def play(run: Run, number: int, folder: Path, run_folder: str) -> dict[str, Any] | None:
    """Return the result of the run's task, nothing for one that was interrupted."""

    try:
        return check(host(variables(run, number, folder), module(run, number), run.host, run_folder))
    except KeyboardInterrupt:
        return None


@given(st.lists(RUNS, min_size=1, max_size=6))
def test_the_last_report_says_what_the_last_run_read(runs: list[Run]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        owners: dict[str, tuple[str, int]] = {}  # of each file, in this process of Ansible: host and run
        run_folder = ""
        for number, run in enumerate(runs):
            if run.begins_anew or not run_folder:
                run_folder = tempfile.mkdtemp(dir=folder)
                owners = {}
            file = run.file.format(host=run.host)
            result = play(run, number, folder, run_folder)
            report = json.loads((folder / file).read_text())
            if owners.get(file, (run.host,))[0] != run.host:
                # It was refused; the file is the other host's still, and says what that one read.
                assert result is not None
                assert result["failed"]
                assert run.trouble or "inventory_hostname" in result["msg"]
                assert set(TOKEN.findall(json.dumps(report))) <= {f"READ_BY_{owners[file][1]}"}
                continue
            owners[file] = (run.host, number)
            assert set(TOKEN.findall(json.dumps(report))) <= {f"READ_BY_{number}"}
            if result is None or result.get("failed"):
                assert report["status"] == "error"
                assert TOKEN.search(json.dumps(report)) is None
            else:
                assert {key: result[key] for key in report} == report
                read = [row for row in report["rows"] if row["kind"] == "differs"]
                lost = {"": 0, "fails": 1, "says nothing": 1}.get(run.trouble, 3 - run.at_call)
                assert len(read) == 3 - lost
                assert (report["status"] == "error") is (lost > 0)
