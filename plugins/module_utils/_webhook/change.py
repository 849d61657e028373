# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: put callback URLs right: read, compare, write what differs, read until it is so.

Half of how the service behaves is not published, so nothing here trusts a word of it but what is read back. A write is
the same however often it is sent. A write whose answer was lost, or whose answer says neither yes nor no, is looked at
by reading before it is sent again.
"""

from __future__ import annotations

import time
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ChatappError, TransportError
from ansible_collections.alicloud.chatapp.plugins.module_utils._module import Task
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations.query_chatapp_phone_numbers import (
    QueryChatappPhoneNumbers,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations.update_phone_webhook import (
    UpdatePhoneWebhook,
    Write,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.errors import DENIALS, ServiceError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import TRANSIENT, is_fatal, kind_of
from ansible_collections.alicloud.chatapp.plugins.module_utils._url import redact_url
from ansible_collections.alicloud.chatapp.plugins.module_utils._webhook.targets import (
    FIELDS,
    Target,
    digits_of,
    targets_of,
)

# Seconds between two readings of what was written: the first, and the bound that its doubling ends at.
READING_DELAYS = (0.5, 5.0)
UNSEEN = " (another one in what is not shown)"


class Found(t.NamedTuple):
    """A phone number as the service spells it, and its URLs as they were read."""

    spelling: str
    urls: dict[str, str]


def put_right(
    task: Task, clock: t.Callable[[], float] = time.monotonic, sleep: t.Callable[[float], None] = time.sleep
) -> None:
    """Do what the options of the module alicloud_chatapp_phone_number_webhook say, and fill its result.

    Raises OptionError before anything is asked; ChatappError ``NotFound``, ``TooManyChanges`` or that of a reading
    before anything is written; after that ``NotVerified``, or the error of the write that the service refused.
    """
    targets = targets_of(task.params)
    change = _Change(task, targets)
    before = change.read()
    missing = [target.label for target in targets if target.digits not in before]
    if missing:
        raise ChatappError(
            "NotFound",
            f"{_numbers(len(missing))} not found in {task.params['cust_space_id']}, nothing was written:"
            f" {', '.join(missing[:5])}{', …' if len(missing) > 5 else ''}.",
            "Check phone_numbers and cust_space_id against alicloud_chatapp_phone_numbers_info.",
        )
    plan = [target for target in targets if not _is_as_desired(target, before[target.digits])]
    _show(task.result, targets, before, {**before, **_planned(plan, before)})
    if len(plan) > task.params["max_changes"]:
        raise ChatappError(
            "TooManyChanges",
            f"{_numbers(len(plan))} to be changed, and max_changes allows {task.params['max_changes']}:"
            " nothing was written.",
            "Look at the difference with --check --diff; if all of it is meant, raise max_changes.",
        )
    task.result["changed"] = bool(plan)
    if plan and not task.check_mode:
        change.write_until_read(plan, before, clock, sleep)


class _Change:
    """The readings and writes of one task."""

    def __init__(self, task: Task, targets: t.Sequence[Target]) -> None:
        self._task = task
        self._targets = targets
        self._space = task.params["cust_space_id"]
        # Never with a status, which would hide numbers.
        self._query = QueryChatappPhoneNumbers(task.params["isv_code"])
        self._update = UpdatePhoneWebhook(self._space, task.params["http"], task.params["queue"])

    def read(self) -> dict[str, Found]:
        """Return the numbers that are targets, by their digits. Raises ChatappError for what could not be read."""
        queries = self._task.session.ask(self._query, [self._space])
        collected = self._query.collect(queries)
        self._task.result["queries"] += [{"action": self._query.action, **row} for row in collected["queries"]]
        if queries[0].error is not None:
            raise queries[0].error
        wanted = {target.digits for target in self._targets}
        found: dict[str, Found] = {}
        for number in collected["phone_numbers"]:
            spelling = str(number.get("phone_number") or "")
            now = Found(spelling, {field: str(number.get(field) or "") for field in FIELDS})
            if digits_of(spelling) not in wanted:
                continue
            if found.setdefault(digits_of(spelling), now).urls != now.urls:
                raise TransportError("UnexpectedAnswer", f"{spelling} is answered twice, with different URLs.")
        return found

    def write_until_read(
        self,
        plan: t.Sequence[Target],
        before: t.Mapping[str, Found],
        clock: t.Callable[[], float],
        sleep: t.Callable[[float], None],
    ) -> None:
        """Write the ``plan`` and read until it is so or the time is up. Raises ChatappError, with the result filled."""
        writes = {target.digits: _write(target, before[target.digits]) for target in plan}
        end = clock() + self._task.params["verify_seconds"]
        errors: dict[str, ChatappError | None] = {}
        now: dict[str, Found] | None = None
        failure: ChatappError | None = None
        due, delay, rounds = list(plan), READING_DELAYS[0], 0
        try:
            while True:
                errors.update(self._write([writes[target.digits] for target in due]))
                try:
                    now, failure = self.read(), None
                except ChatappError as error:
                    now, failure = None, error
                waiting = [target for target in plan if now is None or not _holds(target, now)]
                given_up = all(_is_given_up(errors, target) for target in waiting)
                if given_up or clock() >= end:
                    break
                rounds += 1
                lost = now is not None and rounds <= self._task.params["max_retries"]
                due = [target for target in waiting if lost and _is_lost(errors.get(target.digits))]
                sleep(max(0.0, min(delay, end - clock())))
                delay = min(2 * delay, READING_DELAYS[1])
        finally:
            self._report(plan, before, now, errors)
        if waiting:
            raise self._not_verified(plan, waiting, now, errors, failure)

    def _write(self, writes: t.Sequence[Write]) -> dict[str, ChatappError | None]:
        """Send the writes; return the error of each that was sent, None for one that the service says it has done."""
        if not writes:
            return {}
        result, params = self._task.result, self._task.params
        errors: dict[str, ChatappError | None] = {}
        for query in self._task.session.ask(self._update, writes):
            write, error = query.subject, query.error
            row = {"action": self._update.action, "cust_space_id": self._space, "phone_number": write.phone_number}
            request_id = error.request_id if error else query.answer.request_id
            result["queries"].append({**row, "attempts": query.attempts, "request_id": request_id})
            if error is not None:
                result["failures"].append({**error.facts(), **row})
            if query.attempts:
                errors[digits_of(write.phone_number)] = error
                urls = {field: redact_url(getattr(write, field)) for field in FIELDS}
                flags = {"http": params["http"], "queue": params["queue"]}
                result["sent"].append({"phone_number": write.phone_number, **urls, **flags})
        return errors

    def _report(
        self,
        plan: t.Sequence[Target],
        before: t.Mapping[str, Found],
        now: t.Mapping[str, Found] | None,
        errors: t.Mapping[str, ChatappError | None],
    ) -> None:
        result = self._task.result
        outcomes: dict[str, list[str]] = {"changed": [], "unchanged": [], "unknown": []}
        for target in plan:
            outcomes[_outcome(target, before, now, errors)].append(target.label)
        result.update({f"{outcome}_numbers": labels for outcome, labels in outcomes.items()})
        result["written"] = [target.label for target in plan if target.digits in errors]
        result["changed"] = bool(outcomes["changed"] or outcomes["unknown"])
        _show(result, self._targets, before, now or {})

    def _not_verified(
        self,
        plan: t.Sequence[Target],
        waiting: t.Sequence[Target],
        now: t.Mapping[str, Found] | None,
        errors: t.Mapping[str, ChatappError | None],
        failure: ChatappError | None,
    ) -> ChatappError:
        result = self._task.result
        counts = ", ".join(f"{len(result[f'{name}_numbers'])} {name}" for name in ("changed", "unchanged", "unknown"))
        text = f"Of {_numbers(len(plan))} to be changed: {counts}. "
        first = next((target for target in waiting if errors.get(target.digits)), waiting[0])
        refused = errors.get(first.digits)
        if refused is not None:
            text += f"The first refusal is of {first.label}, {refused.code}: {refused.message}"
            return ChatappError(
                "NotVerified" if failure else refused.code,
                text,
                refused.remedy,
                refused.request_id,
                refused.http_status,
            )
        if failure is not None:
            text += f"What was written could not be read back, {failure.code}: {failure.message}"
        else:
            found = (now or {}).get(first.digits)
            text += f"The first is {first.label}: {_difference(first, found) if found else 'gone'}."
        return ChatappError(
            "NotVerified",
            text,
            "Read the numbers again after a while. If they stay as they are, look for another tool that writes them;"
            " and where the service only spells a URL in another way, desire it in that spelling.",
        )


def _holds(target: Target, found: t.Mapping[str, Found]) -> bool:
    return target.digits in found and _is_as_desired(target, found[target.digits])


def _is_as_desired(target: Target, found: Found) -> bool:
    # As the drift check compares URLs: without the white space that the service's own samples end in.
    return all(found.urls[field].strip() == url for field, url in target.urls.items())


def _write(target: Target, found: Found) -> Write:
    return Write(found.spelling, **{**found.urls, **target.urls})


def _planned(plan: t.Iterable[Target], before: t.Mapping[str, Found]) -> dict[str, Found]:
    return {
        target.digits: Found(before[target.digits].spelling, {**before[target.digits].urls, **target.urls})
        for target in plan
    }


def _is_lost(error: ChatappError | None) -> bool:
    """Tell whether the service may not have heard of the write: a lost answer, or one that says neither yes nor no."""
    return isinstance(error, TransportError) or (isinstance(error, ServiceError) and kind_of(error) == TRANSIENT)


def _is_given_up(errors: t.Mapping[str, ChatappError | None], target: Target) -> bool:
    """Tell whether no waiting will help: the write was never sent, or was denied, or refused as all others would be."""
    error = errors.get(target.digits)
    return target.digits not in errors or (error is not None and (error.code in DENIALS or is_fatal(error)))


def _outcome(
    target: Target,
    before: t.Mapping[str, Found],
    now: t.Mapping[str, Found] | None,
    errors: t.Mapping[str, ChatappError | None],
) -> str:
    if now is not None and _holds(target, now):
        return "changed"
    if target.digits not in errors:
        return "unchanged"
    error = errors[target.digits]
    read_as_before = now is not None and now.get(target.digits) == before[target.digits]
    return "unchanged" if read_as_before and error is not None and not _is_lost(error) else "unknown"


def _difference(target: Target, found: Found) -> str:
    """Say of each URL that is not as desired what it is, without what a URL hides."""
    parts = []
    for field, url in target.urls.items():
        if found.urls[field].strip() != url:
            shown = redact_url(found.urls[field])
            unseen = UNSEEN if shown == redact_url(url) else ""
            parts.append(f"{field} is '{shown}'{unseen}")
    return ", ".join(parts)


def _show(
    result: dict[str, t.Any],
    targets: t.Iterable[Target],
    before: t.Mapping[str, Found],
    after: t.Mapping[str, Found],
) -> None:
    """Fill in ``before``, ``after`` and ``diff``, without what a URL hides."""
    result.update(before=[], after=[], diff={"before": {}, "after": {}})
    for target in targets:
        old, new = before[target.digits].urls, after[target.digits].urls if target.digits in after else {}
        shown_old = {field: redact_url(old[field]) for field in FIELDS}
        shown_new = {field: redact_url(new[field]) if field in new else None for field in FIELDS}
        result["before"].append({"phone_number": target.label, **shown_old})
        result["after"].append({"phone_number": target.label, **shown_new})
        for field in FIELDS:
            if field in new and old[field] != new[field] and shown_old[field] == shown_new[field]:
                shown_new[field] = f"{shown_new[field]}{UNSEEN}"
        result["diff"]["before"][target.label] = shown_old
        result["diff"]["after"][target.label] = shown_new


def _numbers(count: int) -> str:
    return f"{count} phone number{'' if count == 1 else 's'}"
