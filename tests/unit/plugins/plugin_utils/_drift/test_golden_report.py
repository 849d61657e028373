# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole report of one mixed check, word for word: a change of its shape is a deliberate act."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.compare import drift
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import Vaulted
from test_compare import result, unread, want

GOLDEN = Path(__file__).with_name("golden_report.json")


def mixed():
    secret = Vaulted("https://hooks.example.com/receipt?token=secret")
    own = result(
        {"phone_number": "8613800001234", "status": "CONNECTED", "status_callback_url": str.__str__(secret)},
        {"phone_number": "8613800005678", "status": "BANNED", "status_callback_url": "https://elsewhere.example.net/"},
        {"phone_number": "442079460000", "status": "CONNECTED"},
    )
    desired = {
        "defaults": {"status": ["CONNECTED", "PENDING"], "other": {"can_send": True}},
        "spaces": [
            want(
                {"phone_number": "8613800001234", "status_callback_url": secret, "other": {"can_send": ""}},
                {"phone_number": "+86 138 0000 5678", "status_callback_url": secret},
                {"phone_number": "+44 (0)20 7946 0000"},
            ),
            want(space="cams-1a2b3c4d"),
            want({"phone_number": "8613911110001", "verified_name": "Cafe"}, space="cams-8c8d7e1f"),
            want(space="cams-c0ffee00"),
            want(space="cams-deadbeef"),
            want({"phone_number": "8613911110002"}, space="cams-gone"),
        ],
    }
    facts = [
        own,
        result(space="cams-1a2b3c4d"),
        result(
            {"phone_number": "8613911110001", "verified_name": "\u0421afe", "can_send": True}, space="cams-8c8d7e1f"
        ),
        unread("cams-c0ffee00", request_id="R-1", remedy="Raise timeout."),
        unread("cams-deadbeef", request_id="R-2", remedy="Raise timeout."),
        result({"phone_number": "1"}, space="cams-of-nobody"),
        {"failed": True, "msg": "MODULE FAILURE", "rc": 137, "module_stderr": "Killed\n"},
    ]
    listed = ["cams-1a2b3c4d", "cams-8c8d7e1f", "cams-c0ffee00", "cams-deadbeef", "cams-of-nobody"]
    listing = {"queries": [{"page_index": 1}], "cust_space_ids": listed, "failures": []}
    return drift(facts, desired, {str.__str__(secret)}, listing)


def test_word_for_word():
    assert mixed() == json.loads(GOLDEN.read_text(encoding="utf-8"))
