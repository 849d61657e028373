# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection.

What one entry of a desired state accepts of a fact. Each check keeps in ``wanted`` what the user wrote.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import (
    is_list,
    quoted,
    redact_url,
    without_hidden,
)

EMPTY = (None, "", [], {})


class Exactly(t.NamedTuple):
    """One value; the empty text stands for an empty or absent one. A URL counts without the white space around it."""

    wanted: t.Any
    url: bool

    def accepts(self, actual: t.Any) -> bool:
        if self.url and isinstance(actual, str):
            actual = actual.strip()
        return actual in EMPTY if self.wanted == "" else actual == self.wanted


class Matches(t.NamedTuple):
    """A regular expression that the whole value must match; an absent value counts as empty text."""

    pattern: re.Pattern[str]
    url: bool

    @property
    def wanted(self) -> dict[str, str]:
        return {"matches": self.pattern.pattern}

    def accepts(self, actual: t.Any) -> bool:
        text = "" if actual is None else str(actual)
        return self.pattern.fullmatch(text.strip() if self.url else text) is not None


class AnyOf(t.NamedTuple):
    """Several alternatives, of which one is enough."""

    alternatives: list[t.Any]

    @property
    def wanted(self) -> list[t.Any]:
        return [alternative.wanted for alternative in self.alternatives]

    def accepts(self, actual: t.Any) -> bool:
        return any(alternative.accepts(actual) for alternative in self.alternatives)


class Nested(t.NamedTuple):
    """Some fields of a nested field; those left out are not checked."""

    fields: dict[str, t.Any]

    @property
    def wanted(self) -> dict[str, t.Any]:
        return {field: check.wanted for field, check in self.fields.items()}

    def accepts(self, actual: t.Any) -> bool:
        facts = {} if actual in EMPTY else actual
        return isinstance(facts, Mapping) and all(
            check.accepts(facts.get(field)) for field, check in self.fields.items()
        )


class Ordered(t.NamedTuple):
    """The entries of a field that is itself a list, each in its place."""

    entries: list[t.Any]

    @property
    def wanted(self) -> list[t.Any]:
        return [entry.wanted for entry in self.entries]

    def accepts(self, actual: t.Any) -> bool:
        facts = [] if actual in EMPTY else actual
        return (
            is_list(facts)
            and len(facts) == len(self.entries)
            and all(entry.accepts(fact) for entry, fact in zip(self.entries, facts))
        )


Check = t.Union[Exactly, Matches, AnyOf, Nested, Ordered]


def described(check: Check, url: bool) -> str:
    """Return what a check accepts, in words, for a field which holds a URL or does not."""
    if isinstance(check, AnyOf):
        return " or ".join(described(alternative, url) for alternative in check.alternatives)
    if isinstance(check, Matches):
        return f"a match of {quoted(redact_url(check.pattern.pattern, url))}"
    return quoted(redact_url(check.wanted, url))


def differs_only_hidden(check: Check, actual: t.Any) -> bool:
    """Say whether a value that was not accepted differs only in the parts of a URL that are never shown."""
    if isinstance(check, AnyOf):
        return any(differs_only_hidden(alternative, actual) for alternative in check.alternatives)
    if not isinstance(check, Exactly) or not isinstance(check.wanted, str) or not isinstance(actual, str):
        return False
    return without_hidden(actual, check.url) == without_hidden(check.wanted, check.url)
