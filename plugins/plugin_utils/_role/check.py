# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: one check, from the role's variables to the report and the files that hold it.

Everything of a run lives in this one call. No fact, variable or file of another run or host can be taken for this
one's, and no callback URL leaves it but as the comparison shows it.
"""

from __future__ import annotations

import contextlib
import json
import typing as t
from collections.abc import Callable
from datetime import datetime, timezone

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.compare import drift
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.desired import read_desired
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.junit import junit
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.markdown import markdown
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.rows import row_of
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role import values
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.desired_state import DesiredState, desired_state
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.discovery import Discovery, discovery, gather_all
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.gather import Result
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.host import Host
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.metrics_file import Metrics, metrics, metrics_file
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.output_file import OutputFile

Report = dict[str, t.Any]
Read = t.TypeVar("Read")

NOT_ENDED = "The check has not ended: it is still at work, or was interrupted."


def _as_json(report: Report) -> str:
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def _as_junit(report: Report) -> str:
    return junit(report, datetime.now(timezone.utc))


WRITERS: dict[str, Callable[[Report], str]] = {
    "drift_check_report_json": _as_json,
    "drift_check_report_junit": _as_junit,
    "drift_check_report_markdown": markdown,
}


def unread_report(why: str) -> Report:
    """Return the report of a run that has read nothing."""
    summary = dict.fromkeys(("checked", "in_sync", "differs", "missing", "unlisted"), 0)
    return {
        "schema": 1,
        "status": "error",
        "verdict": [f"UNREADABLE: {why}"],
        "summary": {**summary, "unreadable": 1},
        "findings": [f"unreadable: {why}"],
        "rows": [row_of((None, None), "unreadable", why, cust_space_ids=[])],
    }


class Reports:
    """The report files of one run. From the beginning they say that this run has not ended, whatever happens to it."""

    def __init__(self) -> None:
        self._files: list[OutputFile] = []
        self._reserved: list[OutputFile] = []

    def reserve(self, file_of: Callable[[Host], OutputFile | None], host: Host) -> None:
        """Let no report be written to a file that another variable names, and that holds something else."""
        # Whoever reads that variable for its own sake says what is wrong with it.
        with contextlib.suppress(DriftInputError):
            file = file_of(host)
            self._reserved += [] if file is None else [file]

    def begin(self, host: Host) -> None:
        """Take every file that this run may write, and put the notice into it.

        Raises ``DriftInputError`` for the first variable that names no such file, after the others were seen to.
        """
        taken = [_problem(self._take, name, host) for name in WRITERS]
        files = [file for file in self._files if file.keeps_one_text]
        written = [_problem(_write, file, unread_report(NOT_ENDED)) for file in files]
        problems = [*filter(None, (*taken, *written))]
        if problems:
            raise DriftInputError(problems[0])

    def _take(self, name: str, host: Host) -> None:
        path = host.variables.read(name, values.optional_path)
        if path is None:
            return
        file = OutputFile(name, path)
        for other in (*self._reserved, *self._files):
            if other.target == file.target:
                raise DriftInputError(f"{name}: names the same file as {other.variable}; give each its own.")
        file.claim(host.run_folder, host.name)
        self._files.append(file)

    def write(self, report: Report) -> list[str]:
        """Write the report into each file; return a sentence for each that could not be written."""
        return [*filter(None, [_problem(_write, file, report) for file in self._files])]


def _write(file: OutputFile, report: Report) -> None:
    file.write(WRITERS[file.variable](report))


def _problem(function: Callable[..., None], *arguments: t.Any) -> str | None:
    """Call a function; return the sentence by which it refuses."""
    try:
        function(*arguments)
    except DriftInputError as error:
        return str(error)
    return None


class Settings(t.NamedTuple):
    """What the role's variables say of one check."""

    on_drift: str
    on_unreadable: str
    batch_size: int
    shows_facts: bool
    desired: DesiredState
    spaces: list[str | None]
    discovery: Discovery
    metrics: Metrics | None


class Compared(t.NamedTuple):
    """What was gathered, call by call, and what the comparison says of it."""

    results: list[Result]
    report: Report


def check(host: Host) -> dict[str, t.Any]:
    """Check the phone numbers of one host; return the result of the role's task, which is the report and more.

    ``fails`` and ``changes`` say how the role has to end, with ``message``.
    A run that may ask nothing is a failed result, with a report that says why.
    """
    return run(host, settings_of, _check)


def run(
    host: Host,
    read: Callable[[Host], Read],
    work: Callable[[Host, Reports, Read], dict[str, t.Any]],
    *files: Callable[[Host], OutputFile | None],
) -> dict[str, t.Any]:
    """Mark the report files, read the variables, and do the ``work`` of a run; return its result.

    Of ``files``, as of the metrics, none may be a report too. Every variable is read before one is refused: a slip in
    one of them must not keep an old report alive. A run that may ask nothing has a report that says why.
    """
    reports = Reports()
    for file_of in (metrics_file, *files):
        reports.reserve(file_of, host)
    problem: DriftInputError | None = None
    try:
        reports.begin(host)
    except DriftInputError as error:
        problem = error
    try:
        settings = read(host)
        if problem:
            raise problem
    except DriftInputError as error:
        report = unread_report(str(error))
        reports.write(report)
        return {**report, "failed": True, "msg": str(error)}
    return work(host, reports, settings)


def _check(host: Host, reports: Reports, settings: Settings) -> dict[str, t.Any]:
    return concluded(reports, settings, compared(host, settings))


def compared(host: Host, settings: Settings) -> Compared:
    """Gather what is so now, and compare it."""
    found = settings.discovery.find(host)
    results = gather_all(host, found, settings.spaces, settings.batch_size)
    return Compared(results, drift(results, settings.desired.states, settings.desired.vaulted, found.result))


def concluded(reports: Reports, settings: Settings, now: Compared) -> dict[str, t.Any]:
    """Write the reports, and return the result of the role's task."""
    facts = {"facts": now.results} if settings.shows_facts else {}
    unwritten = reports.write(now.report)
    if settings.metrics:
        unwritten += settings.metrics.write(now.results, now.report, settings.desired.vaulted)
    return {**now.report, **facts, **_ending(now.report, settings, unwritten)}


def settings_of(host: Host) -> Settings:
    """Read the variables of a check. Raises ``DriftInputError`` with the variable's name."""
    read = host.variables.read
    desired = desired_state(host)
    return Settings(
        read("drift_check_on_drift", _on_drift, "fail"),
        read("drift_check_on_unreadable", on_unreadable, "fail"),
        read("drift_check_batch_size", values.positive, 500),
        read("drift_check_show_facts", values.flag, False),
        desired,
        [space.cust_space_id for space in read_desired(desired.states)],
        discovery(host),
        metrics(host),
    )


def _ending(report: Report, settings: Settings, unwritten: list[str]) -> dict[str, t.Any]:
    unread = report["status"] == "error"
    drifted = any(report["summary"][kind] for kind in ("differs", "missing", "unlisted"))
    return ending(report, (unread, settings.on_unreadable), (drifted, settings.on_drift), unwritten)


def ending(report: Report, unread: tuple[bool, str], found: tuple[bool, str], unwritten: list[str]) -> dict[str, t.Any]:
    """Return how the role has to end, and what it says then.

    ``unread`` and ``found`` each say whether there is any of it, and what the variable for it says to do then.
    """
    verdict = list(report["verdict"])
    fails_for_unread = unread == (True, "fail")
    fails_for_found = found == (True, "fail")
    if fails_for_found and not fails_for_unread:
        verdict.reverse()  # what it fails for stands first
    return {
        "fails": bool(fails_for_unread or fails_for_found or unwritten),
        "changes": found == (True, "change"),
        "message": " ".join([*verdict, *unwritten]),
    }


def _on_drift(name: str, value: t.Any) -> str:
    return values.choice(name, value, ("fail", "warn", "change"))


def on_unreadable(name: str, value: t.Any) -> str:
    return values.choice(name, value, ("fail", "warn"))
