# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.action import EntryPoint, RoleAction
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.changes import changes
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.check import check
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.snapshot import snapshot


class ActionModule(RoleAction):
    """Runs the entry points that read, and cannot write: nothing that it imports knows of a write."""

    def entry_points(self) -> dict[str, EntryPoint]:
        return {"main": check, "snapshot": snapshot, "changes": changes}
