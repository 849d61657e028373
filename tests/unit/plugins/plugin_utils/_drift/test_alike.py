# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In what two texts differ that a reader takes for the same."""

from __future__ import annotations

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift import alike

FORMS = "they look alike, in two forms of Unicode: one is composed (NFC), the other is not"
BLANKS = "they differ only in blanks"
CASE = "they differ only in upper and lower case"


@pytest.mark.parametrize(
    "wanted, actual, said",
    [
        ("Café", "Cafe\u0301", FORMS),
        ("Cafe\u0301", "Café", FORMS),
        ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8", FORMS),
        ("Shop", "Shop ", BLANKS),
        ("My Shop", "My\u00a0Shop", BLANKS),
        ("My Shop", "MyShop", BLANKS),
        ("My  Shop", "My Shop", BLANKS),
        ("Shop", "\tShop\r\n", BLANKS),
        ("CONNECTED", "Connected", CASE),
        ("Shop", "Sh\u200bop", "they differ only in what nobody sees: U+200B ZERO WIDTH SPACE"),
        ("\ufeffShop", "Shop", "they differ only in what nobody sees: U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("Shop", "Sho\u00adp\u3164", "they differ only in what nobody sees: U+00AD SOFT HYPHEN, U+3164 HANGUL FILLER"),
        ("Shop", "S\x08hop", "they differ only in what nobody sees: U+0008"),
        (
            "Cafe",
            "\u0421afe",
            "they look alike: U+0421 CYRILLIC CAPITAL LETTER ES is where U+0043 LATIN CAPITAL LETTER C is desired",
        ),
        (
            "\u0421\u041e\u0421\u0410",
            "COCA",
            "they look alike: U+0043 LATIN CAPITAL LETTER C is where U+0421 CYRILLIC CAPITAL LETTER ES is desired",
        ),
        (
            "Bill",
            "BiIl",
            "they look alike: U+0049 LATIN CAPITAL LETTER I is where U+006C LATIN SMALL LETTER L is desired",
        ),
        (
            "TIER_10K",
            "TIER_1OK",
            "they look alike: U+004F LATIN CAPITAL LETTER O is where U+0030 DIGIT ZERO is desired",
        ),
        (
            "O'Brien",
            "O\u2019Brien",
            "they look alike: U+2019 RIGHT SINGLE QUOTATION MARK is where U+0027 APOSTROPHE is desired",
        ),
        ("A-B", "A\u2013B", "they look alike: U+2013 EN DASH is where U+002D HYPHEN-MINUS is desired"),
        (
            "Acme",
            "\uff21cme",
            "they look alike: U+FF21 FULLWIDTH LATIN CAPITAL LETTER A is where U+0041 LATIN CAPITAL LETTER A is desired",
        ),
        # A letter of another script that no table knows, in an otherwise equal text.
        (
            "Example",
            "Ex\u10d0mple",
            "they look alike: U+10D0 GEORGIAN LETTER AN is where U+0061 LATIN SMALL LETTER A is desired",
        ),
        ("GREEN", "RED", None),
        ("Hello", "Hallo", None),
        ("a", "aa", None),
        ("東京", "大阪", None),
        ("Shop", "", None),
        ("Müller", "Muller", None),
    ],
)
def test_difference(wanted, actual, said):
    assert alike.difference(wanted, actual) == said


def test_each_pair_of_the_table_is_a_character_and_what_it_looks_like():
    for ones, others in alike._LOOKS_LIKE:
        assert len(ones) == len(others)
    assert all(alike.difference(f"x{other}x", f"x{chr(one)}x") for one, other in alike._FOLDED.items())
