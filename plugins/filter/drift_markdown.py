# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: drift_markdown
short_description: Write a drift report as Markdown
version_added: 1.0.0
author:
  - alicloud.chatapp contributors (!UNKNOWN)
description:
  - Takes the report of P(alicloud.chatapp.phone_number_drift#filter) or P(alicloud.chatapp.phone_number_changes#filter).
  - The text has the verdict, the first cause, the counts and a table of what is not in sync, for a job summary or a
    comment on a merge request.
  - The table ends after 100 rows or 60,000 bytes, with the number of rows left off, and long values are cut. So a
    comment on GitHub, which holds 65,536 characters, has room for it.
  - Names and values are escaped; no viewer makes links, markup or mentions of them.
options:
  _input:
    description: The report.
    type: dict
    required: true
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
    content: "{{ facts | alicloud.chatapp.phone_number_drift(desired) | alicloud.chatapp.drift_markdown }}"
    dest: drift.md
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

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.markdown import markdown
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._plain import plain, plugin


@plugin
def drift_markdown(report: t.Any) -> str:
    """Return a report as Markdown."""
    return markdown(plain(report, "report"))


class FilterModule:
    """Filter plugins of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"drift_markdown": drift_markdown}
