# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: phone numbers that were meant to be the same, and are written so that they are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_TAIL = 6  # digits at the end, by which a counterpart is looked for
_SHORTEST = 7  # digits of a number that is taken for the end of another
_LONGEST_COUNTRY_CODE = 4

# Mobile numbers of Mexico, Argentina and Brazil: what WhatsApp and others put in or leave out, after how many digits.
_SOMETIMES = (("52", 2, "1"), ("54", 2, "9"), ("55", 4, "9"))

_TRUNK_ZERO = "leave out the zero after the country code (a trunk zero, dialled within the country only)"
_NEEDS_ZERO = "this number keeps the zero after its country code; write it"
_PREFIX = "leave out the {} before the country code"
_ZERO_BEFORE = "leave out the zero before the country code"
_NATIONAL = "whether a {} stands after {} differs from service to service; write it as it is here"
_COUNTRY = "write it with its country code"
_OCTAL = "put it in quotes, since YAML reads a number that begins with 0 as octal"


def counterparts(missing: Iterable[str], unlisted: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield desired digits that were not found, digits that were found instead, and what to write differently."""
    by_tail: dict[str, list[str]] = {}
    for found in sorted(unlisted):
        by_tail.setdefault(found[-_TAIL:], []).append(found)
    for desired in missing if by_tail else ():
        for written, octal in ((desired, False), (_read_as_octal(desired), True)):
            advice = ((found, _advice(written, found)) for found in by_tail.get(written[-_TAIL:], ()))
            match = next(((found, text) for found, text in advice if text is not None), None)
            if match:
                found, text = match
                yield desired, found, _OCTAL if octal and not text else f"{_OCTAL}; {text}" if octal else text
                break


def _read_as_octal(digits: str) -> str:
    """Return the digits that YAML made these of, if it took them for octal."""
    return f"{int(digits):o}"


def _advice(desired: str, found: str) -> str | None:
    """Return what to write differently, nothing when the numbers are the same, None when they are not."""
    if desired == found:
        return ""
    for prefix in ("00", "011", "0011", "810"):
        if desired.startswith(prefix) and desired[len(prefix) :] == found:
            return _PREFIX.format(prefix)
        if desired.startswith(prefix) and _drops_a_zero(desired[len(prefix) :], found):
            return f"{_PREFIX.format(prefix)}, and {_TRUNK_ZERO}"
    if _drops_a_zero(desired, found):
        return _TRUNK_ZERO
    if _drops_a_zero(found, desired):
        return _NEEDS_ZERO
    for country, place, digit in _SOMETIMES:
        if _drops(desired, found, country, place, digit) or _drops(found, desired, country, place, digit):
            return _NATIONAL.format(digit, found[:place])
    national = desired.lstrip("0")
    if national == found:
        return _ZERO_BEFORE
    if len(national) >= _SHORTEST and found.endswith(national):
        return _COUNTRY if len(found) - len(national) <= _LONGEST_COUNTRY_CODE else None
    return None


def _drops_a_zero(longer: str, shorter: str) -> bool:
    """Say whether two numbers are the same but for a zero right after what can be a country code."""
    return len(longer) == len(shorter) + 1 and any(
        longer[place] == "0" and longer[:place] + longer[place + 1 :] == shorter
        for place in range(1, _LONGEST_COUNTRY_CODE + 1)
    )


def _drops(longer: str, shorter: str, country: str, place: int, digit: str) -> bool:
    """Say whether two numbers of a country are the same but for a digit in this place."""
    return (
        longer.startswith(country)
        and longer[place : place + 1] == digit
        and (longer[:place] + longer[place + 1 :] == shorter)
    )
