# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection.

How facts and desired values are shown: harmless to a terminal, and without what may be secret.
"""

from __future__ import annotations

import json
import re
import typing as t

HIDDEN = "(vaulted)"  # stands for a vaulted value, and for whatever is the same

LONGEST_SHOWN = 200  # characters of one value in a message; the row itself holds the whole value

_SHORTEST_PART = 4

_USER_INFORMATION = re.compile(r"(://)[^/]*@")
_USER_INFORMATION_OF_A_URL = re.compile(r"(://|^\s*(?://)?)[^/]*@")  # a URL's field may leave the scheme out
_KINDS = (
    (str, "text"),
    (int, "a whole number"),
    (float, "a number with a fraction"),
    (list, "a list"),
    (dict, "a mapping"),
    (object, "a value that is no text, number, list or mapping"),
)
_TAIL = re.compile(r"[?#]")


class Vaulted(str):
    """Text that came out of a vault: it is compared as any other text and never shown."""

    __slots__ = ()

    def __str__(self) -> str:
        return HIDDEN

    def __repr__(self) -> str:
        return HIDDEN

    def __format__(self, specification: str) -> str:
        return HIDDEN

    @property
    def plain(self) -> str:
        """The text itself, as plain ``str``."""
        return str.__str__(self)


def hider(vaulted: t.Collection[str]) -> t.Callable[[t.Any], t.Any]:
    """Return a function that takes texts out of a value, at any depth and in any case.

    Of texts shorter than 4 characters only the very same is taken out: they stand in ordinary words.
    """
    if not vaulted:
        return lambda value: value
    longest_first = sorted((text for text in vaulted if len(text) >= _SHORTEST_PART), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)) or "(?!)", re.IGNORECASE)

    def hide(value: t.Any) -> t.Any:
        if isinstance(value, str):
            return HIDDEN if value in vaulted else pattern.sub(HIDDEN, value)
        if isinstance(value, dict):
            return {key: hide(item) for key, item in value.items()}
        if isinstance(value, list):
            return [hide(item) for item in value]
        return value

    return hide


def is_list(value: t.Any) -> bool:
    """Say whether ``value`` is a list of things; text is none."""
    return isinstance(value, list)


def plural(count: int, noun: str) -> str:
    """Return ``count`` and ``noun``, with an s where there is not one of it."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def kind_of(value: t.Any) -> str:
    """Return what kind of plain value this is, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    return next(name for kind, name in _KINDS if isinstance(value, kind))


def is_url_field(name: str) -> bool:
    """Say whether the field of this name holds a URL by its meaning, whatever it looks like."""
    return name.endswith("_url")


def escape_control(text: str) -> str:
    """Return ``text`` with an escape in place of each character that a terminal or a viewer would act on."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def truncate(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Return ``text`` cut to ``longest`` characters, with the number of those left off."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]}… ({len(text) - longest} more characters)"


def quoted(value: t.Any) -> str:
    """Return any value as it stands in a message: one escape_control line of bounded length."""
    if value is None:
        return "absent"
    if isinstance(value, Vaulted) or value == HIDDEN:
        return HIDDEN
    if isinstance(value, str):
        return f"'{truncate(escape_control(value))}'" if value else "empty"
    return truncate(escape_control(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)))


def redact_url(value: t.Any, url: bool = False) -> t.Any:
    """Return a plain copy of ``value`` in which no URL shows its query string, its fragment or its user information.

    Whatever text holds ``://`` is taken for a URL; with ``url`` any text is. Where a URL ends inside other text is
    anybody's guess, so all that follows its first ``?`` or ``#`` is hidden.
    """
    if isinstance(value, Vaulted):
        return HIDDEN
    if isinstance(value, str):
        if not url and "://" not in value:
            return value
        head, sign = _cut(value, url)
        return _user_information(url).sub(r"\1…@", head) + (sign and sign + "…")
    if isinstance(value, dict):
        return {key: redact_url(item, url or is_url_field(str(key))) for key, item in value.items()}
    if is_list(value):
        return [redact_url(item, url) for item in value]
    return value


def label(name: str) -> str:
    """Return a name, of a phone number or a sub-customer, as reports show it."""
    return escape_control(redact_url(name))


def without_hidden(text: str, url: bool) -> str:
    """Return ``text`` without what ``redact_url`` hides, to tell whether two URLs differ in anything else."""
    return _user_information(url).sub(r"\1", _cut(text.strip() if url else text, url)[0])


def _user_information(url: bool) -> re.Pattern[str]:
    return _USER_INFORMATION_OF_A_URL if url else _USER_INFORMATION


def _cut(text: str, url: bool) -> tuple[str, str]:
    start = 0 if url else text.find("://")
    tail = _TAIL.search(text, start) if start >= 0 else None
    return (text[: tail.start()], tail.group()) if tail else (text, "")
