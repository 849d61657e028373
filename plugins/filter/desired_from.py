# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: desired_from
short_description: Make a desired state out of today's phone numbers
version_added: 1.0.0
author:
  - alicloud.chatapp contributors (!UNKNOWN)
description:
  - Takes what M(alicloud.chatapp.alicloud_chatapp_phone_numbers_info) returned and makes a desired state with which
    these very facts are in sync.
  - Phone numbers are written as digits. Text that Ansible could take for a template is written as a pattern that
    matches exactly this text, so that the state can be stored and read back safely.
  - URLs are written whole, with their query strings, because the comparison needs them. Where those hold tokens, treat
    the desired state as a secret.
  - Facts that are not whole are refused, since they would make a desired state with holes.
  - In a nested field, what the collection does not know is written under C(other).
positional: fields, defaults
options:
  _input:
    description:
      - A registered result of M(alicloud.chatapp.alicloud_chatapp_phone_numbers_info), one with a loop, or a list of
        such results.
      - Results that say that anything could not be read are refused.
      - A sub-customer that was read more than once is refused, unless all answers agree, and so are results of queries
        with O(alicloud.chatapp.alicloud_chatapp_phone_numbers_info#module:status).
    type: raw
    required: true
  fields:
    description:
      - The fields to write down of each phone number.
      - The name V(other) stands for all fields of the facts that the collection does not know.
    type: list
    elements: str
    default:
      - status
      - status_callback_url
      - up_callback_url
  defaults:
    description:
      - Whether a value that more than half of the phone numbers share is written once, under C(defaults), so that a
        person sees what is special.
      - With V(false) each phone number states every field.
    type: bool
    default: true
seealso:
  - module: alicloud.chatapp.alicloud_chatapp_phone_numbers_info
  - plugin: alicloud.chatapp.phone_number_drift
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Gather the account's own phone numbers
  alicloud.chatapp.alicloud_chatapp_phone_numbers_info:
  register: facts

- name: Write the desired state for review
  ansible.builtin.copy:
    content: "{{ {'drift_check_desired': facts | alicloud.chatapp.desired_from} | to_nice_yaml(indent=2) }}"
    dest: desired.yml
    mode: "0600"
"""

RETURN = r"""
_value:
  description: The desired state, as P(alicloud.chatapp.phone_number_drift#filter) takes it.
  type: dict
  sample:
    spaces:
      - phone_numbers:
          - phone_number: "8613800001234"
            status: CONNECTED
            status_callback_url: https://hooks.example.com/receipt
            up_callback_url: ""
"""

import typing as t

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift import snapshot
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._plain import plain, plain_facts, plugin


@plugin
def desired_from(results: t.Any, fields: t.Any = snapshot.DEFAULT_FIELDS, defaults: t.Any = True) -> dict[str, t.Any]:
    """Make a desired state out of registered results."""
    names = plain(fields, "fields")
    facts = plain_facts(results)
    if facts.vaulted:
        raise DriftInputError("The facts hold vaulted text, which a desired state would show; hand over what was read.")
    return snapshot.desired_from(facts.value, names, plain(defaults, "defaults"))


class FilterModule:
    """Filter plugins of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"desired_from": desired_from}
