#!/usr/bin/python
# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: repair
short_description: Do the work of the entry point repair of the role alicloud.chatapp.drift_check
version_added: 1.0.0
author:
  - alicloud.chatapp contributors (!UNKNOWN)
description:
  - One task of this action is one run of the entry point C(repair) of the role P(alicloud.chatapp.drift_check#role). Use
    the role.
  - It compares the phone numbers with their desired state, has M(alicloud.chatapp.alicloud_chatapp_phone_number_webhook)
    write the callback URLs that differ, and compares again.
  - It is apart from M(alicloud.chatapp.drift_check), which cannot write.
options:
  entry_point:
    description: The entry point of the role that runs; V(repair) puts right the callback URLs that are not as desired.
    type: str
    required: true
    choices: [repair]
extends_documentation_fragment:
  - alicloud.chatapp.attributes.writes
attributes:
  check_mode:
    details: Reports are written in check mode too, since they are output.
  diff_mode:
    details: Query strings and vaulted URLs are not shown.
  action_group:
    details: It hands the options of the group on to the modules that it runs.
notes:
  - The files that it writes lie on the controller.
seealso:
  - module: alicloud.chatapp.alicloud_chatapp_phone_number_webhook
  - module: alicloud.chatapp.drift_check
"""

EXAMPLES = r"""
- name: Put callback URLs right by the role
  ansible.builtin.import_role:
    name: alicloud.chatapp.drift_check
    tasks_from: repair
  vars:
    drift_check_desired_files: desired/*.yml
    drift_check_http: true
    drift_check_queue: false
"""

RETURN = r"""
status:
  description:
    - As P(alicloud.chatapp.phone_number_drift#filter) returns it, like C(schema), C(summary), C(rows) and C(verdict), of
      what was so at the end.
    - Each row has a key C(repaired) more. V(yes), V(no), V(unknown) or, in check mode, V(would) say what became of the
      callback URL that the row is about. It is V(null) where none was to be put right.
  returned: always
  type: str
  sample: in_sync
repairs:
  description: Each phone number whose callback URLs differed and could be written.
  returned: unless the run was refused
  type: list
  elements: dict
  contains:
    cust_space_id:
      description: The sub-customer.
      type: str
      sample: cams-8c8d7e1f
    phone_number:
      description: The phone number.
      type: str
      sample: "8613800001234"
    fields:
      description: The fields that differed.
      type: list
      elements: str
      sample: [up_callback_url]
    repaired:
      description: What became of them, as in the rows.
      type: str
      sample: "yes"
    reason:
      description: Why they were not put right, or why that is not known.
      type: str
      sample: null
findings:
  description: What is not as desired, and what was put right, in lines for a person.
  returned: always
  type: list
  elements: str
fails:
  description: Whether the role has to fail. It does where a write failed or it is not known what became of it.
  returned: on success
  type: bool
changes:
  description: Whether the role has to report a change for what is not as desired.
  returned: on success
  type: bool
message:
  description: What the role says at its end.
  returned: on success
  type: str
facts:
  description: As M(alicloud.chatapp.drift_check) returns them, of the last reading.
  returned: with the role variable C(drift_check_show_facts)
  type: list
  elements: dict
"""
