# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module in a process, as a target host does, without Ansible's way there. Its options: JSON on standard input."""

from __future__ import annotations

import json
import sys

from ansible.module_utils import basic

from ansible_collections.alicloud.chatapp.plugins.modules import alicloud_chatapp_phone_numbers_info as module

basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": json.load(sys.stdin)}).encode()
# Looked at from ansible-core 2.19 on.
basic._ANSIBLE_PROFILE = "legacy"
module.main()
