# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test plugin as Ansible sees it."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.alicloud.chatapp.plugins.test import in_sync_with as file

DESIRED = {"spaces": [{"phone_numbers": [{"phone_number": "1", "status": "CONNECTED"}]}]}


def facts(status):
    return {
        "queries": [{"cust_space_id": None, "phone_number_count": 1}],
        "phone_numbers": [{"phone_number": "1", "status": status}],
    }


@pytest.mark.parametrize(
    "given, answer", [(facts("CONNECTED"), True), (facts("BANNED"), False), ({"failed": True}, False)]
)
def test_is_true_for_in_sync_alone(given, answer):
    assert file.TestModule().tests()["in_sync_with"](given, DESIRED) is answer


def test_a_bad_desired_state_is_an_error_and_no_answer():
    with pytest.raises(AnsibleFilterError, match="^spaces: is missing"):
        file.TestModule().tests()["in_sync_with"](facts("CONNECTED"), {})
