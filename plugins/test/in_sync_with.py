# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: in_sync_with
short_description: Test whether phone numbers are as desired
version_added: 1.0.0
author:
  - alicloud.chatapp contributors (!UNKNOWN)
description:
  - Is true when P(alicloud.chatapp.phone_number_drift#filter) reports C(in_sync) for the same facts and desired state,
    and false for drift as well as for whatever could not be read.
positional: desired
options:
  _input:
    description:
      - A registered result of M(alicloud.chatapp.alicloud_chatapp_phone_numbers_info), one with a loop, or a list of
        such results.
      - A failing result is welcome. What it read is compared, what it could not read is reported.
      - A result without C(queries), because its task was skipped or crashed, is reported as unreadable.
      - A sub-customer that was read more than once counts as not read, unless all answers agree.
    type: raw
    required: true
  desired:
    description: The desired state or states, as P(alicloud.chatapp.phone_number_drift#filter) takes them.
    type: raw
    required: true
seealso:
  - module: alicloud.chatapp.alicloud_chatapp_phone_numbers_info
  - plugin: alicloud.chatapp.phone_number_drift
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Gather the account's own phone numbers
  alicloud.chatapp.alicloud_chatapp_phone_numbers_info:
    fail_on_unreadable: false
  register: facts

- name: Stop unless every phone number is connected
  ansible.builtin.assert:
    that: facts is alicloud.chatapp.in_sync_with(desired)
  vars:
    desired:
      spaces:
        - phone_numbers:
            - phone_number: "8613800001234"
              status: CONNECTED
"""

RETURN = r"""
_value:
  description: Whether the facts are in sync with the desired state.
  type: bool
"""

import typing as t

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.compare import drift
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._plain import plain_facts, plain_state, plugin


@plugin
def in_sync_with(results: t.Any, desired: t.Any) -> bool:
    """Say whether registered results are in sync with a desired state."""
    facts, state = plain_facts(results), plain_state(desired)
    return bool(drift(facts.value, state.value)["status"] == "in_sync")


class TestModule:
    """Test plugins of this file."""

    def tests(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"in_sync_with": in_sync_with}
