#!/usr/bin/python
# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: drift_check
short_description: Do the work of the role alicloud.chatapp.drift_check
version_added: 1.0.0
author:
  - alicloud.chatapp contributors (!UNKNOWN)
description:
  - One task of this action is one run of the role P(alicloud.chatapp.drift_check#role). Use the role.
  - It runs on the controller and reads the role's variables itself. It has
    M(alicloud.chatapp.alicloud_chatapp_phone_numbers_info) run where the play's connection leads, with what
    C(module_defaults) say of that module and of C(group/alicloud.chatapp.all).
  - Facts do not leave it but as the comparison shows them, so that no callback URL is displayed with its query string.
options:
  entry_point:
    description:
      - The entry point of the role that runs.
      - With V(main) the phone numbers are compared with their desired state.
      - With V(snapshot) a desired state is made of today's phone numbers.
      - With V(changes) the phone numbers are compared with those of the last run.
    type: str
    required: true
    choices: [main, snapshot, changes]
extends_documentation_fragment:
  - alicloud.chatapp.attributes
attributes:
  check_mode:
    details: Reports are written in check mode too, since they are output. A desired state and the state of the last run
      are not.
  diff_mode:
    support: none
    details: What it writes can hold secrets.
  action_group:
    details: It hands the options of the group on to the module that it runs.
notes:
  - The files that it writes lie on the controller.
seealso:
  - module: alicloud.chatapp.alicloud_chatapp_phone_numbers_info
"""

EXAMPLES = r"""
- name: Compare the phone numbers with the desired state by the role
  ansible.builtin.import_role:
    name: alicloud.chatapp.drift_check
  vars:
    drift_check_desired_files: desired/*.yml

- name: Use the report
  ansible.builtin.debug:
    var: drift_check_report.summary
"""

RETURN = r"""
status:
  description:
    - As P(alicloud.chatapp.phone_number_drift#filter) returns it, like C(schema), C(summary), C(rows) and C(verdict).
    - By the entry point C(changes) as P(alicloud.chatapp.phone_number_changes#filter) returns it. A run that was refused
      has the status V(error).
  returned: by the entry points C(main) and C(changes), always
  type: str
  sample: in_sync
findings:
  description: What is not as desired, or has changed, in lines for a person.
  returned: by the entry points C(main) and C(changes), always
  type: list
  elements: str
fails:
  description: Whether the role has to fail.
  returned: by the entry points C(main) and C(changes), on success
  type: bool
changes:
  description: Whether the role has to report a change.
  returned: by the entry points C(main) and C(changes), on success
  type: bool
message:
  description: What the role says at its end.
  returned: by the entry points C(main) and C(changes), on success
  type: str
path:
  description: The file that was written.
  returned: by the entry point C(snapshot), on success
  type: str
facts:
  description:
    - What M(alicloud.chatapp.alicloud_chatapp_phone_numbers_info) returned, call by call, callback URLs with their query
      strings.
  returned: with the role variable C(drift_check_show_facts)
  type: list
  elements: dict
"""
