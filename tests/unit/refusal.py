# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for the refusal of any option."""

from __future__ import annotations

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError

SENTINEL = "Sentinel:Of@The/Secret"


def refusal(function, *args):
    """The one sentence of a refusal: it ends, it is short, and it says what to do."""
    with pytest.raises(OptionError) as caught:
        function(*args)
    sentence = caught.value.sentence()
    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert len(sentence) < 200
    assert SENTINEL not in sentence
    return sentence
