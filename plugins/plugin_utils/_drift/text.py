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
from collections.abc import Mapping, Sequence

LONGEST_SHOWN = 200  # characters of one value in a message; the row itself holds the whole value

_USER_INFORMATION = re.compile(r"(://)[^/]*@")
_USER_INFORMATION_OF_A_URL = re.compile(r"(://|^\s*(?://)?)[^/]*@")  # a URL's field may leave the scheme out
_TAIL = re.compile(r"[?#]")


def is_list(value: t.Any) -> bool:
    """Say whether ``value`` is a list of things; text is none."""
    return not isinstance(value, (str, bytes)) and isinstance(value, Sequence)


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
    if isinstance(value, str):
        return f"'{truncate(escape_control(value))}'" if value else "empty"
    return truncate(escape_control(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)))


def redact_url(value: t.Any, url: bool = False) -> t.Any:
    """Return a plain copy of ``value`` in which no URL shows its query string, its fragment or its user information.

    Whatever text holds ``://`` is taken for a URL; with ``url`` any text is. Where a URL ends inside other text is
    anybody's guess, so all that follows its first ``?`` or ``#`` is hidden.
    """
    if isinstance(value, str):
        if not url and "://" not in value:
            return value
        head, sign = _cut(value, url)
        return _user_information(url).sub(r"\1…@", head) + (sign and sign + "…")
    if isinstance(value, Mapping):
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
