# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: in what two texts differ that look the same to a reader."""

from __future__ import annotations

import unicodedata

# Letters, digits and marks that many fonts draw alike, over the one that is easiest to type.
_LOOKS_LIKE = (
    (
        "АВЕЗІЈКМНОРСЅТУХԚԜаеіјорсѕухԁһԛԝѵгкбЬвмнт",
        "ABE3IJKMHOPCSTYXQWaeijopcsyxdhqwvrk6bBMHT",
    ),
    (
        "ոՕօՏհՍᎪᏴᏟᎬᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃסıɑɡƅƖǀ01l58ʼʹーǃː",
        "nOoShUABCEHJKLMPRSTVWZoiagbIIOIISB''-!:",
    ),
    (
        "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοναικρυγωτχ",
        "ABEZHIKMNOPTYXovaikpuywtx",
    ),
    (
        "\u2018\u2019\u201b\u2032`´\u201c\u201d\u201e‐‑‒–—―−‚٫․。∕⁄∶׃∗﹡‹›",
        "''''''\"\"\"-------,,..//::**<>",
    ),
)
_FOLDED = {ord(one): other for ones, others in _LOOKS_LIKE for one, other in zip(ones, others)}

# Printable by their category, and yet nothing is to be seen of them.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u180b\u180c\u180d\ufe00\ufe0e\ufe0f")


def difference(wanted: str, actual: str) -> str | None:
    """Return in what two unequal texts differ that are easily taken for each other, None where they are not."""
    composed = [unicodedata.normalize("NFC", text) for text in (wanted, actual)]
    if composed[0] == composed[1]:
        return "they look alike, in two forms of Unicode: one is composed (NFC), the other is not"
    if _unspaced(wanted) == _unspaced(actual):
        return "they differ only in blanks"
    if wanted.lower() == actual.lower():
        return "they differ only in upper and lower case"
    if _unspaced(_visible(wanted)) == _unspaced(_visible(actual)):
        unseen = sorted({character for text in (wanted, actual) for character in text if _is_invisible(character)})
        return f"they differ only in what nobody sees: {', '.join(map(_named, unseen))}"
    pair = next((pair for pair in zip(*composed) if pair[0] != pair[1]), None)
    if pair and (_skeleton(wanted) == _skeleton(actual) or _mixes_scripts(*composed)):
        return f"they look alike: {_named(pair[1])} is where {_named(pair[0])} is desired"
    return None


def _unspaced(text: str) -> str:
    return "".join(text.split())


def _is_invisible(character: str) -> bool:
    return character in _BLANK or (unicodedata.category(character) in ("Cf", "Cc") and not character.isspace())


def _visible(text: str) -> str:
    return text if text.isascii() and text.isprintable() else "".join(c for c in text if not _is_invisible(c))


def _skeleton(text: str) -> str:
    """Return what is left of a text when all that looks alike is the same."""
    compatible = unicodedata.normalize("NFKC", _visible(text).translate(_FOLDED))
    return _unspaced(compatible.translate(_FOLDED)).casefold()


def _mixes_scripts(one: str, other: str) -> bool:
    """Say whether two texts are the same but for a few letters, each of another script than its counterpart."""
    pairs = [pair for pair in zip(one, other) if pair[0] != pair[1]]
    if len(one) != len(other) or len(pairs) * 3 > len(one):
        return False
    return all(a.isalpha() and b.isalpha() and _script(a) != _script(b) for a, b in pairs)


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _named(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
