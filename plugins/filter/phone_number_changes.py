# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: phone_number_changes
short_description: Say what changed about phone numbers
version_added: 1.0.0
author:
  - alicloud.chatapp contributors (!UNKNOWN)
description:
  - Takes what M(alicloud.chatapp.alicloud_chatapp_phone_numbers_info) returned earlier and what it returns now, and says
    in what they differ. No desired state is needed.
  - A sub-customer that was not read, earlier or now, is reported as unknown. None of its phone numbers counts as
    appeared or disappeared.
  - An empty field and one that is absent are the same, and so are a URL and the same URL with white space around it.
positional: after
options:
  _input:
    description:
      - The earlier facts, a registered result of M(alicloud.chatapp.alicloud_chatapp_phone_numbers_info), one with a
        loop, or a list of such results. What was written to a file as JSON or YAML and read back does as well.
    type: raw
    required: true
  after:
    description: The facts of now, likewise.
    type: raw
    required: true
seealso:
  - module: alicloud.chatapp.alicloud_chatapp_phone_numbers_info
  - plugin: alicloud.chatapp.phone_number_drift
    plugin_type: filter
  - plugin: alicloud.chatapp.drift_junit
    plugin_type: filter
  - plugin: alicloud.chatapp.drift_markdown
    plugin_type: filter
  - plugin: alicloud.chatapp.phone_numbers_prometheus
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Gather the account's own phone numbers
  alicloud.chatapp.alicloud_chatapp_phone_numbers_info:
    fail_on_unreadable: false
  register: facts

- name: Show what changed since they were written to a file
  ansible.builtin.debug:
    msg: "{{ report.rows | map(attribute='message') | list }}"
  vars:
    report: "{{ yesterday | alicloud.chatapp.phone_number_changes(facts) }}"
    yesterday: "{{ lookup('ansible.builtin.file', 'facts.json') | from_json }}"
"""

RETURN = r"""
_value:
  description: The report.
  type: dict
  contains:
    schema:
      description: The version of this shape.
      type: int
      sample: 1
    status:
      description:
        - V(unknown) when anything could not be compared, else V(changed) when anything changed, else V(unchanged).
      type: str
      choices:
        - unchanged
        - changed
        - unknown
    verdict:
      description:
        - One sentence or two, the worst first, that begin with C(UNKNOWN), C(CHANGED) or C(UNCHANGED) and end with the
          first finding.
      type: list
      elements: str
      sample:
        - >-
          CHANGED: 1 phone number compared, 1 changed, 0 appeared, 0 disappeared. The first: 8613800005678 of
          cams-8c8d7e1f: quality_rating was 'GREEN', is 'YELLOW' (worse).
    summary:
      description: Counts of phone numbers.
      type: dict
      contains:
        compared:
          description: >-
            Phone numbers of the sub-customers that were read on both sides. Each of them is counted once more, as
            C(unchanged), C(changed), C(appeared) or C(disappeared).
          type: int
        unchanged:
          description: Phone numbers that are as they were.
          type: int
        changed:
          description: Phone numbers with at least one field that is not as it was.
          type: int
        appeared:
          description: Phone numbers that were not there earlier.
          type: int
        disappeared:
          description: Phone numbers that are there no more.
          type: int
        unknown:
          description: Sub-customers that were not read, earlier or now, and results that say nothing.
          type: int
    findings:
      description:
        - A line for each of the first 20 rows, what cannot be compared first, and a line that counts the others.
      type: list
      elements: str
      sample:
        - "changed: 8613800005678 of cams-8c8d7e1f: quality_rating was 'GREEN', is 'YELLOW' (worse)"
    rows:
      description:
        - What changed, and what cannot be compared.
        - A phone number that changed has a row for each field, one that appeared or disappeared has one row.
        - Sub-customers that cannot be compared for the same reason share a row.
        - In all values and messages the query string of a URL is shown as C(?…), its fragment as C(#…) and its user
          information as C(…@).
      type: list
      elements: dict
      contains:
        cust_space_id:
          description: The sub-customer, V(null) for the account's own numbers or where a result does not tell.
          type: str
          sample: cams-8c8d7e1f
        phone_number:
          description: The phone number, V(null) where the row is about a whole sub-customer.
          type: str
          sample: '8613800005678'
        kind:
          description: What happened.
          type: str
          choices:
            - appeared
            - disappeared
            - changed
            - unknown
          sample: changed
        field:
          description: The field that changed, with dots where it is nested; else V(null).
          type: str
          sample: quality_rating
        before:
          description: >-
            What the field was, V(null) where it was absent. Of a number that disappeared, all of its fields.
          type: raw
          sample: GREEN
        after:
          description: What the field is, V(null) where it is absent. Of a number that appeared, all of its fields.
          type: raw
          sample: YELLOW
        direction:
          description:
            - Whether a change is to the worse or to the better, V(null) where the service has no such order or one of
              the values is none that it is known for.
            - The order of C(quality_rating) is V(GREEN), V(YELLOW), V(RED). A higher C(messaging_limit_tier) is better.
              Of C(status), V(CONNECTED) is the best, V(BANNED) and V(DELETED) are the worst.
          type: str
          choices:
            - worse
            - better
          sample: worse
        message:
          description: What happened in one line of bounded length, with escapes for characters that a terminal would act on.
          type: str
          sample: quality_rating was 'GREEN', is 'YELLOW' (worse)
        cust_space_ids:
          description: >-
            The sub-customers that share the row, among them V(null) for the account's own numbers. An empty list where
            a result does not tell. V(null) where the row is about one sub-customer or phone number.
          type: list
          elements: str
          sample: null
"""

import typing as t

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.changes import changes
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._plain import plain_facts, plugin


@plugin
def phone_number_changes(before: t.Any, after: t.Any) -> dict[str, t.Any]:
    """Compare registered results with earlier ones."""
    earlier, later = plain_facts(before), plain_facts(after)
    return changes(earlier.value, later.value, earlier.vaulted | later.vaulted)


class FilterModule:
    """Filter plugins of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"phone_number_changes": phone_number_changes}
