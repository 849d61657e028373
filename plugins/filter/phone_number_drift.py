# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: phone_number_drift
short_description: Compare phone numbers with their desired state
version_added: 1.0.0
author:
  - alicloud.chatapp contributors (!UNKNOWN)
description:
  - Takes what M(alicloud.chatapp.alicloud_chatapp_phone_numbers_info) returned and says where it is not as desired.
  - What could not be read never looks as if it were in sync.
positional: desired
options:
  _input:
    description:
      - A registered result of M(alicloud.chatapp.alicloud_chatapp_phone_numbers_info), one with a loop, or a list of
        such results.
      - A failing result is welcome. What it read is compared, what it could not read is reported.
      - A result without C(queries), because its task was skipped or crashed, is reported as unreadable.
      - A sub-customer that was read more than once is reported as unreadable, unless all answers agree. A result does
        not tell which account it is of, so compare the facts of each account on their own.
      - Results that do not hold together, such as fewer phone numbers than their queries count, are reported as
        unreadable. Results of queries with O(alicloud.chatapp.alicloud_chatapp_phone_numbers_info#module:status) are
        refused, since they lack phone numbers.
    type: raw
    required: true
  desired:
    description:
      - The desired state, or a list of several, each with defaults of its own. A sub-customer may stand in one of them
        only.
      - A state may stand under the key C(drift_check_desired), as in a file for the role.
      - Unknown keys, keys without a value, duplicates, wrong types and a state that checks nothing are refused.
      - Text from C(!vault) in the state itself is compared and never shown, neither it nor what there is in its place.
        Text that a template made of another variable is shown as any other.
    type: raw
    required: true
    suboptions:
      defaults:
        description:
          - Fields that hold for every phone number which does not state the same field itself. A nested field is
            replaced as a whole.
        type: dict
      spaces:
        description: The sub-customers.
        type: list
        elements: dict
        required: true
        suboptions:
          cust_space_id:
            description: The sub-customer. Left out for the account's own numbers.
            type: str
          unlisted:
            description: What a phone number is that was found without being listed here.
            type: str
            default: drift
            choices:
              drift: It is reported and counts as drift.
              ignore: It is not reported.
          phone_numbers:
            description:
              - One mapping for each phone number, with C(phone_number) and the fields that are checked.
              - Phone numbers are compared by their digits alone.
              - A value is compared exactly; for a field that holds a URL, after white space at both ends is trimmed.
              - A list means any of these; V("") means empty or absent; a field that is left out is not checked.
              - A mapping with the one key C(matches) means a regular expression that the whole value must match. An
                absent value counts as empty text.
              - A nested field is checked by a mapping, in which the same rules hold. A nested field that is itself a
                list, such as C(weekly_operating_hours), is compared entry by entry in the order written.
              - A mapping C(other), in a phone number, a nested field or the defaults, holds fields which the collection
                does not know, by the same rules. There, a number and its text count as equal, and a list means its
                entries where the service has a list, else any of these.
              - Text that is a whole number counts as one where the service has one, since templates make text of numbers.
            type: list
            elements: dict
            required: true
seealso:
  - module: alicloud.chatapp.alicloud_chatapp_phone_numbers_info
  - plugin: alicloud.chatapp.drift_junit
    plugin_type: filter
  - plugin: alicloud.chatapp.drift_markdown
    plugin_type: filter
  - plugin: alicloud.chatapp.desired_from
    plugin_type: filter
  - plugin: alicloud.chatapp.in_sync_with
    plugin_type: test
"""

EXAMPLES = r"""
- name: Gather the account's own phone numbers
  alicloud.chatapp.alicloud_chatapp_phone_numbers_info:
    fail_on_unreadable: false
  register: facts

- name: Show what is not as desired
  ansible.builtin.debug:
    msg: "{{ report.rows | rejectattr('kind', '==', 'in_sync') | map(attribute='message') | list }}"
  vars:
    report: "{{ facts | alicloud.chatapp.phone_number_drift(desired) }}"
    desired:
      defaults:
        status: CONNECTED
      spaces:
        - phone_numbers:
            - phone_number: "8613800001234"
              status_callback_url: https://hooks.example.com/receipt
            - phone_number: "8613800005678"
              status: [CONNECTED, PENDING]
              up_callback_url: ""
              verified_name: {matches: "Example .*"}
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
        - V(error) when anything that is desired or was asked for could not be read, else V(drift) when anything is not
          as desired, else V(in_sync).
      type: str
      choices:
        - in_sync
        - drift
        - error
    verdict:
      description:
        - The report in a sentence or two, worst first, as a failing task says it.
        - A sentence begins with C(UNREADABLE:), C(DRIFT:) or C(IN SYNC:). One of the first two ends with its first
          finding.
      type: list
      elements: str
      sample:
        - "DRIFT: 1 phone number checked, 1 differs, 0 missing, 0 unlisted. The first: 8613800005678 of cams-8c8d7e1f:
          status is 'BANNED', desired 'CONNECTED' or 'PENDING'."
    summary:
      description: Counts of phone numbers.
      type: dict
      contains:
        checked:
          description: >-
            Desired phone numbers that were compared: those whose sub-customer was read, or does not exist. Each of them
            is counted once more, as C(in_sync), C(differs) or C(missing).
          type: int
        in_sync:
          description: Phone numbers that are as desired.
          type: int
        differs:
          description: Phone numbers with at least one field that is not as desired.
          type: int
        missing:
          description: >-
            Desired phone numbers that were not found, and sub-customers desired without any that do not exist.
          type: int
        unlisted:
          description: >-
            Phone numbers that were found without being desired, and sub-customers that were read without being desired.
          type: int
        unreadable:
          description: >-
            Sub-customers that were not read, results that say nothing, and a list of instances that is not whole.
          type: int
    findings:
      description:
        - A line for each of the first 20 rows that are not in sync, those that could not be read first, and how many
          more there are.
      type: list
      elements: str
      sample:
        - "differs: 8613800005678 of cams-8c8d7e1f: status is 'BANNED', desired 'CONNECTED' or 'PENDING'"
    rows:
      description:
        - What was found, in the order of the desired state.
        - A phone number that is in sync, missing or unlisted has one row, one that differs has a row for each field.
        - Sub-customers that could not be read for the same reason share a row.
        - A sub-customer that was read, with nothing listed and nothing found, has one row of kind V(in_sync), without a
          phone number.
        - In all values and messages the query string of a URL is shown as C(?…), its fragment as C(#…) and its user
          information as C(…@).
      type: list
      elements: dict
      contains:
        cust_space_id:
          description: >-
            The sub-customer, V(null) for the account's own numbers and where C(cust_space_ids) is not V(null).
            Characters that a terminal would act on are written as escapes.
          type: str
          sample: cams-8c8d7e1f
        phone_number:
          description: >-
            The phone number, V(null) where the row is about a whole sub-customer. Characters that a terminal would act
            on are written as escapes.
          type: str
          sample: '8613800005678'
        kind:
          description: What was found.
          type: str
          choices:
            - in_sync
            - differs
            - missing
            - unlisted
            - unreadable
          sample: differs
        field:
          description: The field that differs, with dots where it is nested; else V(null).
          type: str
          sample: status
        desired:
          description: What the desired state accepts in this field; else V(null).
          type: raw
          sample: [CONNECTED, PENDING]
        actual:
          description: What the service has in this field, V(null) where it has nothing.
          type: raw
          sample: BANNED
        message:
          description: The finding in one printable line of bounded length.
          type: str
          sample: status is 'BANNED', desired 'CONNECTED' or 'PENDING'
        cust_space_ids:
          description: >-
            The sub-customers that share the row, among them V(null) for the account's own numbers. An empty list where
            a result does not tell. V(null) where the row is about one sub-customer or phone number.
          type: list
          elements: str
          sample: null
"""

import typing as t

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.compare import drift
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._plain import plain_facts, plain_state, plugin


@plugin
def phone_number_drift(results: t.Any, desired: t.Any) -> dict[str, t.Any]:
    """Compare registered results with a desired state."""
    facts, state = plain_facts(results), plain_state(desired)
    return drift(facts.value, state.value, facts.vaulted | state.vaulted)


class FilterModule:
    """Filter plugins of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"phone_number_drift": phone_number_drift}
