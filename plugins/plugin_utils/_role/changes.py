# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: what changed since the last run, from the role's variables to report and state."""

from __future__ import annotations

import secrets
import time
import typing as t

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift import changes as comparison
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError, collect
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.roster import Roster, compare_lists
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.state import State, facts_of, remember
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import plural
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role import values
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.check import (
    Report,
    Reports,
    ending,
    on_unreadable,
    run,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.discovery import (
    Discovery,
    asked_for,
    gather_all,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.host import Host
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.metrics_file import Metrics, metrics
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.state_file import StateFile


class Settings(t.NamedTuple):
    """What the role's variables say of one run, and what the last run has kept for it."""

    on_change: str
    on_unreadable: str
    batch_size: int
    shows_facts: bool
    hashes_urls: bool
    spaces: list[str | None]
    discovery: Discovery
    file: StateFile
    earlier: State | None
    metrics: Metrics | None


def changes(host: Host) -> dict[str, t.Any]:
    """Compare the phone numbers of one host with those of the last run; return the result of the role's task.

    The state is kept at the very end: a run that was interrupted before tells the same changes again, and none is lost.
    """
    return run(host, _settings, _changes, _state_file)


def _changes(host: Host, reports: Reports, settings: Settings) -> dict[str, t.Any]:
    found = settings.discovery.find(host)
    results = gather_all(host, found, settings.spaces, settings.batch_size)
    answers = collect(results)
    roster = compare_lists(found.listing, found.spaces, settings.spaces, answers, settings.earlier)
    if found.failure:
        results = [*(it for it in results if it is not found.result), {"failed": True, "msg": found.failure}]
    report = _report(results, settings.earlier, roster)
    unwritten = reports.write(report)
    if settings.metrics:
        unwritten += settings.metrics.write(results)
    if not unwritten and not host.check_mode:
        unwritten = _keep(results, settings, roster)
    facts = {"facts": results} if settings.shows_facts else {}
    unread = bool(answers.unread or answers.unusable or found.failure)
    # What is new since the last run is no reason to fail for what could not be read.
    changed = any(row["kind"] != "unknown" for row in report["rows"])
    end = ending(report, (unread, settings.on_unreadable), (changed, settings.on_change), unwritten)
    return {**report, **facts, **end}


def _settings(host: Host) -> Settings:
    read = host.variables.read
    spaces, wanted = asked_for(host)
    file, made = _state_file(host), metrics(host)
    if made and made.file.target == file.target:
        raise DriftInputError(f"{file.variable}: names the same file as {made.file.variable}; give each its own.")
    file.claim(host.run_folder, host.name)
    return Settings(
        read("drift_check_on_change", _on_change, "change"),
        read("drift_check_on_unreadable", on_unreadable, "fail"),
        read("drift_check_batch_size", values.positive, 500),
        read("drift_check_show_facts", values.flag, False),
        read("drift_check_state_hash_urls", values.flag, True),
        spaces,
        wanted,
        file,
        file.read(),
        made,
    )


def _state_file(host: Host) -> StateFile:
    name = "drift_check_state_file"
    return StateFile(name, host.variables.read(name, values.path, "phone_numbers.state.json"))


def _report(results: t.Any, earlier: State | None, roster: Roster) -> Report:
    if earlier is not None:
        return comparison.changes(facts_of(earlier), results, new=roster.new, gone=roster.gone)
    report = comparison.changes(results, results)
    read = plural(report["summary"]["compared"], "phone number")
    first = f"FIRST RUN: {read} read; there is nothing yet to compare with."
    # What could not be read is told; that nothing differs from itself is not.
    told = [sentence for sentence in report["verdict"] if not sentence.startswith("UNCHANGED")]
    return {**report, "verdict": [*told, first]}


def _keep(results: t.Any, settings: Settings, roster: Roster) -> list[str]:
    """Keep the state for the next run; return the sentence by which that is refused."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    salt = secrets.token_hex(16) if settings.hashes_urls else None
    try:
        settings.file.keep(remember(results, roster.asked, settings.earlier, now, salt, roster.listed))
    except DriftInputError as error:
        return [str(error)]
    return []


def _on_change(name: str, value: t.Any) -> str:
    return values.choice(name, value, ("change", "warn", "fail"))
