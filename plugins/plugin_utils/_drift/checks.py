# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection.

What one entry of a desired state accepts of a fact. Each check keeps in ``wanted`` what the user wrote, as far as that
may be shown: of a vaulted text it says no more than that it is one.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift import alike
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import (
    HIDDEN,
    is_list,
    quoted,
    redact_url,
    without_hidden,
)

EMPTY: tuple[t.Any, ...] = (None, "", [], {})


class Exactly(t.NamedTuple):
    """One value; the empty text stands for an empty or absent one. A URL counts without the white space around it.

    A ``loose`` one is of a field whose type nobody knows: a number or a truth value and its text count as equal.
    """

    value: t.Any
    url: bool
    vaulted: bool = False
    loose: bool = False

    @property
    def wanted(self) -> t.Any:
        return HIDDEN if self.vaulted else self.value

    def accepts(self, actual: t.Any) -> bool:
        if self.url and isinstance(actual, str):
            actual = actual.strip()
        if self.value == "":
            return actual in EMPTY
        if actual == self.value:
            return isinstance(actual, bool) == isinstance(self.value, bool)
        return self.loose and _same_as_text(self.value, actual)


class Matches(t.NamedTuple):
    """A regular expression that the whole value must match; an absent value counts as empty text."""

    pattern: re.Pattern[str]
    url: bool
    vaulted: bool = False

    @property
    def wanted(self) -> dict[str, str]:
        return {"matches": HIDDEN if self.vaulted else self.pattern.pattern}

    def accepts(self, actual: t.Any) -> bool:
        text = _written(actual)
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
        return isinstance(facts, dict) and all(check.accepts(facts.get(field)) for field, check in self.fields.items())


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


class OrderedOrAnyOf(t.NamedTuple):
    """A list for a field that nobody knows: the entries of a fact that is a list, else alternatives."""

    entries: list[t.Any]

    @property
    def wanted(self) -> list[t.Any]:
        return [entry.wanted for entry in self.entries]

    def accepts(self, actual: t.Any) -> bool:
        return Ordered(self.entries).accepts(actual) or AnyOf(self.entries).accepts(actual)


Check = t.Union[Exactly, Matches, AnyOf, Nested, Ordered, OrderedOrAnyOf]


def is_vaulted(check: Check) -> bool:
    """Say whether anything that a check accepts came out of a vault."""
    if isinstance(check, (Exactly, Matches)):
        return check.vaulted
    parts = check.fields.values() if isinstance(check, Nested) else check[0]
    return any(is_vaulted(part) for part in parts)


def described(check: Check, url: bool, hide: t.Callable[[t.Any], t.Any]) -> str:
    """Return what a check accepts, in words, for a field which holds a URL or does not.

    ``hide`` takes out of a value what came out of a vault.
    """
    if isinstance(check, AnyOf):
        return " or ".join(described(alternative, url, hide) for alternative in check.alternatives)
    if isinstance(check, Matches):
        return f"a match of {quoted(redact_url(hide(check.wanted['matches']), url))}"
    return quoted(redact_url(hide(check.wanted), url))


def hint(check: Check, actual: t.Any) -> str | None:
    """Return in what a text that was not accepted differs from one that would be, where that is easily missed."""
    if isinstance(check, (AnyOf, OrderedOrAnyOf)):
        return next(filter(None, (hint(alternative, actual) for alternative in check[0])), None)
    if not isinstance(check, Exactly) or check.vaulted:
        return None
    if not isinstance(check.value, str) or not isinstance(actual, str):
        return None
    wanted, found = without_hidden(check.value, check.url), without_hidden(actual, check.url)
    if wanted == found:
        return "they differ only in what is not shown: query string, fragment or user information"
    return alike.difference(wanted, found)


def _written(value: t.Any) -> str:
    """Return a value as text; true and false as JSON and YAML write them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _same_as_text(wanted: t.Any, actual: t.Any) -> bool:
    if isinstance(wanted, bool) or isinstance(actual, bool):
        return _written(wanted).casefold() == _written(actual).casefold()
    # A number that is not one does not equal itself.
    return isinstance(actual, (str, int, float)) and _written(wanted) == _written(actual)
