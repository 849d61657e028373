# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import functools

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.action import EntryPoint, RoleAction
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.repair import repair

MODULE = "alicloud.chatapp.alicloud_chatapp_phone_number_webhook"


class ActionModule(RoleAction):
    """Runs the one entry point that writes."""

    def entry_points(self) -> dict[str, EntryPoint]:
        return {"repair": functools.partial(repair, write=functools.partial(self.run_module, MODULE))}
