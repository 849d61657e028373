# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each operation is called by the service, and whether it changes something there."""

from __future__ import annotations

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations.list_instance import ListInstance
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations.query_chatapp_phone_numbers import (
    QueryChatappPhoneNumbers,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations.update_phone_webhook import (
    UpdatePhoneWebhook,
)


@pytest.mark.parametrize(
    ("operation", "name", "writes"),
    [
        (ListInstance, "ListInstance", False),
        (QueryChatappPhoneNumbers, "QueryChatappPhoneNumbers", False),
        (UpdatePhoneWebhook, "UpdatePhoneWebhook", True),
    ],
)
def test_an_operation_by_its_name(operation, name, writes):
    assert (operation.action, operation.version, operation.writes) == (name, "2020-06-06", writes)
