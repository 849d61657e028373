# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the rows of what could not be read, one for each reason."""

from __future__ import annotations

import typing as t
from collections import Counter

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.reasons import Reason
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import Answers
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.rows import Row, row_of
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import label, plural, truncate

NAMED = 3  # sub-customers or numbers that a message names
_LONGEST_NAME = 60

_SAYS_NOTHING = "without queries says nothing of any phone number"


class Unread:
    """What was desired or asked for, and was not read. ``count`` is of sub-customers and of results that say nothing.

    A result that says nothing, of a task that failed for all, is the reason of all sub-customers nobody asked for.
    """

    def __init__(
        self, desired: dict[str | None, str | None], answers: Answers, hide: t.Callable[[t.Any], t.Any]
    ) -> None:
        self._labels = {space: None if space is None else label(hide(space)) for space in answers.unread}
        self._labels.update(desired)
        self._unusable = Counter(answers.unusable)
        self._reasons: dict[str | None, Reason | None] = {
            space: answers.unread.get(space) for space in (*desired, *answers.unread) if space not in answers.numbers
        }
        if self._unusable and None in self._reasons.values():
            cause = Reason("; ".join(self._unusable))
            self._reasons = {space: reason or cause for space, reason in self._reasons.items()}
            self._unusable.clear()
        self._groups: dict[str, list[str | None]] = {}
        for space, reason in self._reasons.items():
            if reason is not None:
                self._groups.setdefault(reason.text, []).append(space)
        self.count = len(self._reasons) + sum(self._unusable.values())

    def rows(self, space: str | None) -> list[Row]:
        """Return the row that a sub-customer shares with all others of the same reason, once."""
        if space not in self._reasons:
            return []
        reason = self._reasons.pop(space)
        if reason is None:
            return [self._row([space], Reason("it was never asked for"), 0)]
        group = self._groups.pop(reason.text, None)
        if group is None:
            return []
        others = [self._reasons.get(member) for member in group]
        return [self._row(group, reason, sum(1 for other in (reason, *others) if other and other.left_out))]

    def listing(self, reason: Reason) -> Row:
        """Return the row of a list of instances that is not whole, shared by what has the same reason."""
        group = self._groups.pop(reason.text, [])
        labels = [self._labels[space] for space in group]
        for space in group:
            del self._reasons[space]
        self.count += 1
        who = f"the list of instances and {named(labels)}" if labels else "the whole list of instances"
        message = f"{who} could not be read: {reason.told()}"
        return row_of((None, None), "unreadable", message, cust_space_ids=labels)

    def results(self) -> list[Row]:
        """Return the rows of results that say nothing."""
        return [
            row_of(
                (None, None),
                "unreadable",
                f"A result {_SAYS_NOTHING}: {why}"
                if times == 1
                else f"{times} results {_SAYS_NOTHING.replace('says', 'say')}: {why}",
                cust_space_ids=[],
            )
            for why, times in self._unusable.items()
        ]

    def _row(self, group: list[str | None], reason: Reason, left_out: int) -> Row:
        why = f"could not be read: {reason.told()}"
        if left_out:
            why += " (not asked after that)" if len(group) == 1 else f" ({left_out} of them were not asked after that)"
        labels = [self._labels[space] for space in group]
        if len(labels) == 1:
            return row_of((labels[0], None), "unreadable", why)
        return row_of((None, None), "unreadable", f"{named(labels)} {why}", cust_space_ids=labels)


def named(labels: list[str | None]) -> str:
    """Return the names of sub-customers, ``None`` for the account's own numbers, and how many more there are."""
    customers = [name for name in labels if name is not None]
    parts = ["the account's own numbers"] if None in labels else []
    parts += [f"{plural(len(customers), 'sub-customer')} ({enumerated(customers)})"] if customers else []
    return " and ".join(parts)


def enumerated(names: list[str]) -> str:
    """Return the first of these names, and how many more there are."""
    shown = [truncate(name, _LONGEST_NAME) for name in names[:NAMED]]
    if len(names) > NAMED:
        shown.append(f"{len(names) - NAMED} more")
    return " and ".join(filter(None, (", ".join(shown[:-1]), "".join(shown[-1:]))))
