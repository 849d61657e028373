# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: drift_junit
short_description: Write a drift report as JUnit XML
version_added: 1.0.0
author:
  - alicloud.chatapp contributors (!UNKNOWN)
description:
  - Takes the report of P(alicloud.chatapp.phone_number_drift#filter) or P(alicloud.chatapp.phone_number_changes#filter).
  - Each sub-customer is a test suite, each phone number a test case. One more case of each suite, C(can be read), says
    whether the sub-customer was read.
  - Drift or a change is a failure; what could not be read is an error.
  - Suites and cases keep their names from run to run, so that tools can tell what is new and what has been put right.
    The suite of the account's own numbers is C(account), the others begin with C(sub-customer).
  - The time of the run, in UTC, stands in C(timestamp). How long a case took cannot be told and is C(0.000).
  - Characters that XML cannot hold are replaced.
  - GitLab reads no file with more than 30 MB or with more cases than its administrator allows.
positional: file
options:
  _input:
    description: The report.
    type: dict
    required: true
  file:
    description:
      - The path of the desired state, from the root of the repository. Each case names it, so that a reader can lead
        there.
      - The schema of Jenkins' xUnit plugin knows no such attribute. Leave it out for a reader that checks by it.
    type: str
seealso:
  - module: alicloud.chatapp.alicloud_chatapp_phone_numbers_info
  - plugin: alicloud.chatapp.phone_number_drift
    plugin_type: filter
  - plugin: alicloud.chatapp.phone_number_changes
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Gather the account's own phone numbers
  alicloud.chatapp.alicloud_chatapp_phone_numbers_info:
    fail_on_unreadable: false
  register: facts

- name: Write the report for the pipeline
  ansible.builtin.copy:
    content: "{{ facts | alicloud.chatapp.phone_number_drift(desired) | alicloud.chatapp.drift_junit('desired.yml') }}"
    dest: drift.xml
    mode: "0600"
  vars:
    desired:
      spaces:
        - phone_numbers:
            - phone_number: "8613800001234"
              status: CONNECTED
"""

RETURN = r"""
_value:
  description: The text of the file.
  type: str
"""

import typing as t
from datetime import datetime, timezone

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.junit import junit
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._plain import plain, plugin


@plugin
def drift_junit(report: t.Any, file: t.Any = None) -> str:
    """Return a report as JUnit XML, with the time of now."""
    path = None if file is None else str(plain(file, "file"))
    return junit(plain(report, "report"), datetime.now(timezone.utc), path)


class FilterModule:
    """Filter plugins of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"drift_junit": drift_junit}
