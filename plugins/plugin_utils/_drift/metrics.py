# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: facts as metrics, in Prometheus' text format for the textfile collector of node_exporter.

That collector refuses a file with a time stamp or without a line break at its end. Of a sample that stands twice in
its folder, it keeps one or, in older releases, loses everything.
"""

from __future__ import annotations

import functools
import json
import re
import typing as t
from collections.abc import Collection, Iterable, Iterator

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.report import rows_of
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError, Facts, collect
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.scales import (
    QUALITY_RATINGS,
    STATUSES,
    tier_limit,
)
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import (
    hider,
    is_url_field,
    quoted,
    redact_url,
)

DEFAULT_FIELDS = ("code_verification_status", "is_official", "messaging_limit_tier", "name_status")

_SUCCESS = "last_success_timestamp_seconds"
_EARLIER_SUCCESS = re.compile(rf"^chatapp_{_SUCCESS}(?:\{{.*\}})? (?P<seconds>[0-9]+)$", re.MULTILINE)
_DRIFT_KINDS = ("differs", "missing", "unlisted")
_LABEL_NAME = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
_OWN_LABELS = ("cust_space_id", "kind", "phone_number", "quality_rating", "status")
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})

Numbers = dict[str, list[Facts]]  # the versions of each phone number, by the labels that name it


def prometheus(
    results: t.Any,
    now: float,
    report: t.Any = None,
    earlier: t.Any = "",
    fields: t.Any = DEFAULT_FIELDS,
    labels: t.Any = None,
    vaulted: Collection[str] = (),
) -> str:
    """Return registered results of the module, and a report of what drifted, as the text of a ``.prom`` file.

    ``now`` is the time in seconds since the epoch. ``earlier`` is the text that an earlier run wrote: it knows when
    everything was read the last time, if this run could not read everything. ``fields`` stand as labels of
    ``chatapp_phone_number_info``, ``labels`` of every sample. ``vaulted`` are texts that no label shows. All values are
    plain.

    Raises ``DriftInputError`` for facts, a report, fields or labels that cannot be used.
    """
    answers = collect(hider(vaulted)(results))
    fixed = fixed_labels(labels)
    fields = _field_names(fields, labels)
    numbers: Numbers = {}
    spaces: dict[str, int] = {}
    for space, found in answers.numbers.items():
        owner = fixed + _label("cust_space_id", space)
        spaces[owner] = 1
        for digits, versions in found.items():
            numbers.setdefault(f"{owner},{_label('phone_number', digits)}", []).extend(versions)
    for space in answers.unread:
        spaces[fixed + _label("cust_space_id", space)] = 0
    unreadable = len(answers.unread) + len(answers.unusable)
    families = [
        _family("phone_number_info", "A phone number and what is known of it, always 1.", _info(numbers, fields)),
        _state_set("phone_number_status", "1 for the status that a phone number has.", numbers, "status", STATUSES),
        _state_set(
            "phone_number_quality_rating",
            "1 for the quality rating that a phone number has.",
            numbers,
            "quality_rating",
            QUALITY_RATINGS,
        ),
        _family(
            "phone_number_messaging_limit_tier",
            "How many customers may be written to in a day; +Inf for no limit.",
            _tiers(numbers),
        ),
        _family("space_readable", "1 for a sub-customer that was read, else 0.", spaces.items()),
    ]
    if report is not None:
        summary = _summary(report)
        unreadable = max(unreadable, summary["unreadable"])
        drift = [(fixed + _label("kind", kind), summary[kind]) for kind in _DRIFT_KINDS]
        families.append(_family("drift", "Phone numbers that are not as desired.", drift))
    own = fixed.rstrip(",")
    families.append(_family("unreadable_spaces", "Sub-customers that could not be read.", [(own, unreadable)]))
    known = _last_success(earlier)
    success = known if unreadable or not spaces else int(now)
    if success is not None:
        families.append(_family(_SUCCESS, "When everything was read the last time.", [(own, success)]))
    return "".join(families)


def _family(name: str, text: str, samples: Iterable[tuple[str, t.Any]]) -> str:
    return _headed(name, text, "".join(_line(name, labels, value) for labels, value in samples))


def _headed(name: str, text: str, lines: str) -> str:
    return f"# HELP chatapp_{name} {text}\n# TYPE chatapp_{name} gauge\n{lines}" if lines else ""


def _line(name: str, labels: str, value: t.Any) -> str:
    return f"chatapp_{name}{{{labels}}} {value}\n" if labels else f"chatapp_{name} {value}\n"


def _info(numbers: Numbers, fields: Iterable[str]) -> Iterator[tuple[str, int]]:
    urls = {field: is_url_field(field) for field in fields}
    for number, versions in numbers.items():
        facts = versions[0]
        shown = [_label(field, redact_url(facts.get(field), url)) for field, url in urls.items()]
        yield ",".join([number, *shown]), 1


def _state_set(name: str, text: str, numbers: Numbers, field: str, known: tuple[str, ...]) -> str:
    """Return each known state of each number, and a state that nobody knows where a number has it."""

    head = f"chatapp_{name}{{"

    @functools.lru_cache(maxsize=1024)  # a hundred thousand numbers share few states
    def between(states: frozenset[str]) -> list[str]:
        """Return what stands before, between and after a number in the lines of all states."""
        all_states = [*known, *sorted(states.difference(known))]
        tails = [f",{_label(field, state)}}} {int(state in states)}\n" for state in all_states]
        return [head, *(tail + head for tail in tails[:-1]), tails[-1]]

    made = []
    for number, versions in numbers.items():
        states = frozenset(str(version[field]) for version in versions if version.get(field) not in (None, ""))
        made.append(number.join(between(states)))
    return _headed(name, text, "".join(made))


def _tiers(numbers: Numbers) -> Iterator[tuple[str, str]]:
    for number, versions in numbers.items():
        limits = [tier_limit(version.get("messaging_limit_tier")) for version in versions]
        numeric = [limit for limit in limits if limit is not None]
        if numeric:
            yield number, f"{min(numeric):.0f}".replace("inf", "+Inf")


def _summary(report: t.Any) -> dict[str, int]:
    rows_of(report)
    summary: dict[str, int] = report["summary"]
    if not all(isinstance(summary.get(kind), int) for kind in (*_DRIFT_KINDS, "unreadable")):
        raise DriftInputError("report: must be what the filter alicloud.chatapp.phone_number_drift returned.")
    return summary


def _last_success(earlier: t.Any) -> int | None:
    if not isinstance(earlier, str):
        raise DriftInputError("earlier: must be text, what an earlier run wrote to the file.")
    found = _EARLIER_SUCCESS.search(earlier)
    return int(found["seconds"]) if found else None


def fixed_labels(labels: t.Any) -> str:
    """Return labels of every sample as they stand in a line. Raises ``DriftInputError`` for what cannot be labels."""
    if labels is None:
        return ""
    if not isinstance(labels, dict):
        raise DriftInputError("labels: must be a mapping of label names to texts.")
    for name in labels:
        if not isinstance(name, str) or not _LABEL_NAME.fullmatch(name) or name in _OWN_LABELS:
            raise DriftInputError(
                f"labels: {quoted(name)} cannot be a label of your own; take letters, digits and underscores, and none"
                f" of {', '.join(_OWN_LABELS)}."
            )
    return "".join(f"{_label(name, value)}," for name, value in labels.items())


def _field_names(fields: t.Any, labels: t.Any) -> list[str]:
    if not isinstance(fields, (list, tuple)):
        raise DriftInputError("fields: must be a list of field names.")
    for field in fields:
        if not isinstance(field, str) or not _LABEL_NAME.fullmatch(field) or field in (*_OWN_LABELS, *(labels or ())):
            raise DriftInputError(f"fields: {quoted(field)} cannot be a label of chatapp_phone_number_info.")
    return list(dict.fromkeys(fields))


def _label(name: str, value: t.Any) -> str:
    return _shown_label(name, redact_url(_text(value)))


def _text(value: t.Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, default=str)


@functools.lru_cache(maxsize=4096)  # a hundred thousand numbers share few values
def _shown_label(name: str, text: str) -> str:
    # Nothing but UTF-8 is read back, and no half of a surrogate pair is.
    return f'{name}="{text.encode("utf-8", "backslashreplace").decode("utf-8").translate(_ESCAPES)}"'
