# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How values are shown, and what of them is not."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import (
    HIDDEN,
    Vaulted,
    quoted,
    redact_url,
    truncate,
    without_hidden,
)


@pytest.mark.parametrize(
    "value, shown",
    [
        (None, "absent"),
        ("", "empty"),
        ("a\u202eé", r"'a\u202eé'"),
        (5, "5"),
        ({"b": "é\x9b", "a": [datetime.date(2026, 1, 2)]}, r'{"a": ["2026-01-02"], "b": "é\x9b"}'),
        ("x" * 201, f"'{'x' * 200}… (1 more characters)'"),
        (["x" * 200], f'["{"x" * 198}… (4 more characters)'),
    ],
)
def test_quoted(value, shown):
    assert quoted(value) == shown


def test_a_text_of_the_longest_length_is_whole():
    assert truncate("x" * 200) == "x" * 200
    assert truncate("abc", 2) == "ab… (1 more characters)"


@pytest.mark.parametrize(
    "text, url, shown, without",
    [
        ("What? a@b #1", False, "What? a@b #1", "What? a@b #1"),
        ("a@b.example? See https://h/x", False, "a@b.example? See https://h/x", "a@b.example? See https://h/x"),
        ("See? https://u:p@h/x?a=b#c", False, "See? https://…@h/x?…", "See? https://h/x"),
        ("https://h/x#c?a=b", False, "https://h/x#…", "https://h/x"),
        ("u:p@h/x", True, "…@h/x", "h/x"),
        (" //u:p@h/x?a ", True, " //…@h/x?…", "//h/x"),
        ("?a", True, "?…", ""),
        ("h/x@y", True, "h/x@y", "h/x@y"),
    ],
)
def test_what_may_be_secret_is_hidden(text, url, shown, without):
    assert redact_url(text, url) == shown
    assert without_hidden(text, url) == without


def test_what_may_be_secret_is_hidden_at_any_depth():
    assert redact_url("Why not?") == "Why not?"
    assert redact_url({"a_url": ["h?a"], "b": ["h?a", 5, None, {"c_url": {"d": "h?a"}}]}) == {
        "a_url": ["h?…"],
        "b": ["h?a", 5, None, {"c_url": {"d": "h?…"}}],
    }


def test_text_out_of_a_vault_is_shown_in_no_way():
    text = Vaulted("https://h/secret")
    assert {str(text), repr(text), f"{text}", f"{text:>3}", "%s" % text, redact_url(text), quoted(text)} == {HIDDEN}
    assert text == text.plain == "https://h/secret"
