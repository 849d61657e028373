# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: check, write the callback URLs that differ and nothing else, and check again.

No other file of the role knows how to write, and none imports this one but the action that repairs.
"""

from __future__ import annotations

import functools
import typing as t
from collections import Counter
from collections.abc import Callable, Iterable

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift import reasons
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.repairs import (
    URLS,
    Plan,
    Repair,
    mark,
    plan_repairs,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.rows import Place, Row
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import hider, plural
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.verdict import SHOWN, findings
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role import values
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.check import (
    Reports,
    Settings,
    compared,
    concluded,
    run,
    settings_of,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.gather import Result, gather
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.host import Host

Write = Callable[[dict[str, t.Any]], Result]


class Repairing(t.NamedTuple):
    """What the role's variables say of one repair; ``options`` are those of the module that writes."""

    check: Settings
    max_changes: int
    options: dict[str, t.Any]


class Written(t.NamedTuple):
    """What became of each number that was to be written, and why where it is not so."""

    outcomes: dict[Place, str]
    why: dict[Place, str]


def repair(host: Host, write: Write) -> dict[str, t.Any]:
    """Repair the callback URLs of one host's account; return the result of the role's task, the report and more.

    ``write`` runs the module that writes, with these options and in check mode where the play is in it.
    """
    return run(host, _settings, functools.partial(_repair, write=write))


def _repair(host: Host, reports: Reports, settings: Repairing, write: Write) -> dict[str, t.Any]:
    now = compared(host, settings.check)
    desired = settings.check.desired
    plan = plan_repairs(now.results, desired.states, desired.vaulted)
    diff = _diff(now.report["rows"], plan)
    refusal = _refusal(host, settings, plan, write)
    if refusal:
        places = [it.place for it in plan.repairs]
        written = Written(dict.fromkeys(places, "no"), dict.fromkeys(places, refusal))
    else:
        written = _write(host, settings, plan, write)
        if plan.repairs and not host.check_mode:
            now = compared(host, settings.check)
            _look(now.report["rows"], plan, written)
    mark(now.report["rows"], plan, written.outcomes, written.why)
    now.report["repairs"] = [_shown(it, written) for it in plan.repairs]
    now.report["findings"] = findings(now.report["rows"]) + _lines(now.report["repairs"])
    ended = concluded(reports, settings.check, now)
    outcomes = set(written.outcomes.values())
    message = " ".join(filter(None, [ended["message"], _said(plan, written)]))
    fails = ended["fails"] or not outcomes.isdisjoint(("no", "unknown"))
    changed = not outcomes.isdisjoint(("yes", "unknown", "would"))
    return {**ended, "message": message, "fails": fails, "changed": changed, "diff": diff}


def _settings(host: Host) -> Repairing:
    check = settings_of(host)
    read = host.variables.read
    options = {
        "http": read("drift_check_http", _flag),
        "queue": read("drift_check_queue", _flag),
        "allow_http": read("drift_check_allow_http", values.flag, False),
        "verify_seconds": read("drift_check_verify_seconds", values.positive, 30),
    }
    return Repairing(check, read("drift_check_max_changes", values.positive, 10), options)


def _flag(name: str, value: t.Any) -> bool:
    if value is None:
        raise DriftInputError(
            f"{name}: is missing; say true or false: it is sent with each write, and what it is today cannot be read."
        )
    return values.flag(name, value)


def _refusal(host: Host, settings: Repairing, plan: Plan, write: Write) -> str | None:
    """Return why nothing at all is written, before the first write of any sub-customer, or None."""
    if len(plan.repairs) > settings.max_changes:
        of = plural(len(plan.repairs), "phone number")
        return f"{of} would be changed, and drift_check_max_changes allows {settings.max_changes}"
    for space, repairs in _by_space(plan):
        # Where no change is allowed, the module looks at its options and writes nothing.
        result = _run(write, _options(settings, space, repairs, 0), host)
        if result.get("code") == "InvalidOption":
            refusal = f"nothing was written, since for {space} {reasons.of_task(dict(result))}"
            return str(hider(settings.check.desired.vaulted)(refusal))
    return None


def _by_space(plan: Plan) -> Iterable[tuple[str, list[Repair]]]:
    for space in dict.fromkeys(it.cust_space_id for it in plan.repairs):
        yield space, [it for it in plan.repairs if it.cust_space_id == space]


def _options(settings: Repairing, space: str, repairs: list[Repair], max_changes: int) -> dict[str, t.Any]:
    numbers = [{"phone_number": it.phone_number, **it.urls} for it in repairs]
    return {**settings.options, "cust_space_id": space, "phone_numbers": numbers, "max_changes": max_changes}


def _write(host: Host, settings: Repairing, plan: Plan, write: Write) -> Written:
    """Have each sub-customer's numbers written by one run of the module, and take its word for what became of them."""
    written = Written({}, {})
    hide = hider(settings.check.desired.vaulted)
    for space, repairs in _by_space(plan):
        result = _run(write, _options(settings, space, repairs, len(repairs)), host)
        reason = reasons.of_task(hide(dict(result)))
        if any(it.secret for it in repairs):
            # The module shows the host and path of a URL, and these are secret too.
            reason = str(result.get("code") or "the task that writes failed")
        for it in repairs:
            written.outcomes[it.place] = _outcome(result, it, host.check_mode)
            if written.outcomes[it.place] in ("no", "unknown"):
                written.why[it.place] = reason
    return written


def _run(write: Write, options: dict[str, t.Any], host: Host) -> Result:
    """Run the module once. What ends it early, such as Ansible's limit of a task's time, is a failed result."""
    return gather(lambda _of_a_batch: write(options), [None], 1, host.progress)[-1]


def _outcome(result: Result, it: Repair, check_mode: bool) -> str:
    if "written" not in result:
        # The module has said nothing, so that nobody knows how far it came.
        return "no" if check_mode else "unknown"
    if check_mode:
        return "no" if result.get("failed") else "would"
    if it.phone_number in result["unknown_numbers"]:
        return "unknown"
    # Somebody else may have put it right since it was read.
    is_so = it.phone_number in result["changed_numbers"] or not result.get("failed")
    return "yes" if is_so else "no"


def _look(rows: Iterable[Row], plan: Plan, written: Written) -> None:
    """What is read at the end counts, whatever the module said."""
    wrong = {(row["cust_space_id"], row["phone_number"], row["field"]) for row in rows if row["kind"] == "differs"}
    read = {(row["cust_space_id"], row["phone_number"]) for row in rows if row["kind"] in ("differs", "in_sync")}
    for it in plan.repairs:
        if it.place not in read:
            continue
        if any((*it.place, field) in wrong for field in it.urls):
            if written.outcomes[it.place] == "yes":
                written.outcomes[it.place] = "no"
                written.why[it.place] = "it was, and is another one again"
        else:
            written.outcomes[it.place] = "yes"
            written.why.pop(it.place, None)


def _diff(rows: Iterable[Row], plan: Plan) -> list[dict[str, t.Any]]:
    """Return before and after of each planned URL as Ansible shows a difference, as far as a report shows them."""
    urls = {it.place: it.urls for it in plan.repairs}
    diff = []
    for row in rows:
        place = row["cust_space_id"], row["phone_number"]
        if row["kind"] == "differs" and row["field"] in urls.get(place, ()):
            name = f"{place[1]} of {place[0]}: {row['field']}"
            before, after = (f"{row[side] or ''}\n" for side in ("actual", "desired"))
            diff.append({"before_header": name, "after_header": name, "before": before, "after": after})
    return diff


def _shown(it: Repair, written: Written) -> dict[str, t.Any]:
    return {
        "cust_space_id": it.place[0],
        "phone_number": it.place[1],
        "fields": [field for field in URLS if field in it.urls],
        "repaired": written.outcomes[it.place],
        "reason": written.why.get(it.place),
    }


def _lines(repairs: Iterable[dict[str, t.Any]]) -> list[str]:
    done = [it for it in repairs if it["repaired"] == "yes"]
    lines = [f"put right: {it['phone_number']} of {it['cust_space_id']}: {', '.join(it['fields'])}" for it in done]
    return lines[:SHOWN] + ([f"and {len(lines) - SHOWN} more put right"] if len(lines) > SHOWN else [])


def _said(plan: Plan, written: Written) -> str:
    if not plan.repairs:
        return ""
    counts = Counter(written.outcomes.values())
    words = {
        "yes": "put right",
        "would": "would be put right",
        "no": "not put right",
        "unknown": "of which that is not known",
    }
    parts = [f"{counts[outcome]} {text}" for outcome, text in words.items() if counts[outcome]]
    why = next(iter(written.why.values()), None)
    of = plural(len(plan.repairs), "phone number")
    return f"REPAIR: of {of} with other callback URLs, {', '.join(parts)}.{f' The first: {why}' if why else ''}"
