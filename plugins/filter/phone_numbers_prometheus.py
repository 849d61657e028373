# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: phone_numbers_prometheus
short_description: Write phone numbers as metrics for Prometheus
version_added: 1.0.0
author:
  - alicloud.chatapp contributors (!UNKNOWN)
description:
  - Takes what M(alicloud.chatapp.alicloud_chatapp_phone_numbers_info) returned, and makes a text of it that the textfile
    collector of Prometheus' node_exporter reads.
  - Write the text to a file in that collector's folder whose name ends in C(.prom), under another name first, so that
    no half of it is read, and let the collector's user read it, C(mode 0644).
  - Numbers of a sub-customer that was not read have no sample; C(chatapp_space_readable) says which those are.
options:
  _input:
    description:
      - A registered result of M(alicloud.chatapp.alicloud_chatapp_phone_numbers_info), one with a loop, or a list of
        such results.
      - A failing result is welcome. What it read becomes metrics.
    type: raw
    required: true
  report:
    description:
      - The report of P(alicloud.chatapp.phone_number_drift#filter) for the same facts, for C(chatapp_drift).
    type: dict
  earlier:
    description:
      - What an earlier run wrote to the file, V("") for nothing.
      - When this run could not read everything, C(chatapp_last_success_timestamp_seconds) keeps its value from there.
        Otherwise it is the time of now.
    type: str
    default: ""
  fields:
    description:
      - The fields that are labels of C(chatapp_phone_number_info).
      - Names, C(verified_name), and URLs are labels only if they are asked for here. Query strings, fragments and user
        information of URLs are never shown.
    type: list
    elements: str
    default:
      - code_verification_status
      - is_official
      - messaging_limit_tier
      - name_status
  labels:
    description:
      - Labels for every sample, such as one that names the account.
      - Files of several accounts in one folder need them, because the collector accepts no sample twice.
    type: dict
notes:
  - C(chatapp_phone_number_info) is 1 for each phone number.
  - C(chatapp_phone_number_status) and C(chatapp_phone_number_quality_rating) have a sample for each value that the
    service is known for, 1 for the one that the phone number has and 0 for the others. A value that is not known here
    has a sample too.
  - C(chatapp_phone_number_messaging_limit_tier) is the number of customers that may be written to in a day, C(+Inf) for
    no limit. It is absent where the tier is no number.
  - C(chatapp_space_readable) is 1 for each sub-customer that was read and 0 for one that was not. Its C(cust_space_id)
    is empty for the account's own numbers.
  - C(chatapp_drift) counts phone numbers by C(kind), V(differs), V(missing) or V(unlisted).
  - C(chatapp_unreadable_spaces) counts sub-customers that could not be read and results that say nothing.
  - C(chatapp_last_success_timestamp_seconds) is the time when everything was read.
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

- name: Write them for node_exporter
  ansible.builtin.copy:
    content: "{{ facts | alicloud.chatapp.phone_numbers_prometheus(labels={'account': 'shop'}) }}"
    dest: /var/lib/node_exporter/textfile_collector/chatapp.prom
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The text of the file.
  type: str
"""

import time
import typing as t

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.metrics import DEFAULT_FIELDS, prometheus
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._plain import plain, plain_facts, plugin


@plugin
def phone_numbers_prometheus(
    results: t.Any,
    report: t.Any = None,
    earlier: t.Any = "",
    fields: t.Any = DEFAULT_FIELDS,
    labels: t.Any = None,
) -> str:
    """Return registered results as the text of a ``.prom`` file, with the time of now."""
    facts = plain_facts(results)
    return prometheus(
        facts.value,
        time.time(),
        plain(report, "report"),
        plain(earlier, "earlier"),
        plain(fields, "fields"),
        plain(labels, "labels"),
        facts.vaulted,
    )


class FilterModule:
    """Filter plugins of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"phone_numbers_prometheus": phone_numbers_prometheus}
