# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scanner itself: it finds what is planted, and nothing where nothing is."""

from __future__ import annotations

import base64

import pytest
from leaks import leaks
from secrecy_cases import SECRETS, quoted

TEXT = 'A long text, with %41 percent signs, "quotes", \\u0041, QUJDREVGR0hJSktMTU5PUA== and {"JSON": "\\n"}. ' * 20


@pytest.mark.parametrize("name", SECRETS)
def test_every_form_is_found(name):
    secret = SECRETS[name]
    for form in quoted({name: secret}).split(" " if " " not in secret else "\0"):
        planted = f"{TEXT}{form}{TEXT}"
        assert leaks(planted, SECRETS) == [name], form
        assert leaks(planted.encode(), SECRETS) == [name]


@pytest.mark.parametrize("start", [0, 7, 25])
def test_a_part_is_found(start):
    assert leaks(TEXT + SECRETS["secret"][start : start + 12] + TEXT, SECRETS) == ["secret"]


def test_what_is_wrapped_twice_is_found():
    packed = base64.b64encode(quoted({"token": SECRETS["token"]}).encode()).decode()
    assert leaks(packed.replace("=", "%3D"), SECRETS) == ["token"]


def test_nothing_is_found_where_nothing_is():
    assert leaks(TEXT, SECRETS) == []
    assert leaks("*" * 80, SECRETS) == []
