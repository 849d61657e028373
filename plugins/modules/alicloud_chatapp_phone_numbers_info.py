#!/usr/bin/python
# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: alicloud_chatapp_phone_numbers_info
short_description: Gather the phone numbers of an Alibaba Cloud Chat App account
version_added: 1.0.0
author:
  - alicloud.chatapp contributors (!UNKNOWN)
description:
  - Asks Alibaba Cloud's Chat App Message Service for the phone numbers that send WhatsApp and Viber messages.
  - Reads the account's own numbers, or those of any number of an ISV's sub-customers in one task.
  - Needs permission for the action C(cams:QueryChatappPhoneNumbers), which C(AliyunCamsReadOnlyAccess) does not hold.
extends_documentation_fragment:
  - alicloud.chatapp.attributes
  - alicloud.chatapp.credentials
  - alicloud.chatapp.connection
  - alicloud.chatapp.throttle
options:
  isv_code:
    description:
      - Verification code of an independent software vendor (ISV). A secret.
      - When not given, E(ALICLOUD_CHATAPP_ISV_CODE) of the module's environment counts.
    type: str
  cust_space_ids:
    description:
      - Space IDs of an ISV's sub-customers, or of the account's own instances. Each is one call.
      - Without it one call asks for the account's own numbers. An empty list is refused.
      - One that stands here twice is asked once and answered in both places.
    type: list
    elements: str
    aliases: [cust_space_id]
  status:
    description:
      - Ask only for numbers of this status. Any value is sent as it is, since the service's own list is not settled.
      - The service filters. To learn about unwanted statuses, leave it out and check the answer.
    type: str
  fail_on_unreadable:
    description:
      - Whether the task fails when a query could not be answered. It returns what was read either way.
      - With V(false) it warns, and RV(failures) tells what is missing.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Gather the account's phone numbers
  alicloud.chatapp.alicloud_chatapp_phone_numbers_info:
  register: chatapp

- name: Every number is connected
  ansible.builtin.assert:
    that: item.status == 'CONNECTED'
    fail_msg: "{{ item.phone_number }} is {{ item.status }}"
  loop: "{{ chatapp.phone_numbers }}"
  loop_control:
    label: "{{ item.phone_number }}"

- name: Gather the numbers of sub-customers, and go on when some cannot be read
  alicloud.chatapp.alicloud_chatapp_phone_numbers_info:
    cust_space_ids:
      - cams-8c8d7e1f
      - cams-1a2b3c4d
    fail_on_unreadable: false
  register: customers

- name: Show who could not be read, and why
  ansible.builtin.debug:
    msg: "{{ item.cust_space_id }}: {{ item.code }}. {{ item.remedy }}"
  loop: "{{ customers.failures }}"
  loop_control:
    label: "{{ item.cust_space_id }}"
"""

RETURN = r"""
phone_numbers:
  description:
    - Every phone number, in the order of the queries and then of the answer.
    - >-
      Each has every field that the service returned, its name in snake_case and its value untouched. Fields and values
      that are not listed here are returned too. A field whose snake_case name is taken keeps its original name.
  returned: always
  type: list
  elements: dict
  contains:
    phone_number:
      description: The number.
      type: str
      sample: '8613800001234'
    verified_name:
      description: The display name that was asked for.
      type: str
      sample: Example Shop
    status:
      description:
        - Whether the number can send.
        - Known values are V(CONNECTED), V(PENDING), V(DELETED), V(MIGRATED), V(BANNED), V(RESTRICTED), V(RATE_LIMITED),
          V(FLAGGED), V(DISCONNECTED), V(UNKNOWN), V(UNVERIFIED), V(OFFLINE), V(PAUSED).
      type: str
      sample: CONNECTED
    quality_rating:
      description: How recipients react. V(GREEN) is high, V(YELLOW) medium, V(RED) low; V(UNKNOWN).
      type: str
      sample: GREEN
    messaging_limit_tier:
      description:
        - How many customers may be written to in a day.
        - Known values are V(TIER_50), V(TIER_250), V(TIER_1K), V(TIER_2K), V(TIER_10K), V(TIER_100K), V(TIER_UNLIMITED).
      type: str
      sample: TIER_10K
    code_verification_status:
      description:
        - Whether the number was verified.
        - Known values are V(VERIFIED), V(NOT_VERIFIED), V(EXPIRED), V(REJECTED), V(REVOKED), V(MORE_INFORMATION_REQUESTED).
      type: str
      sample: VERIFIED
    name_status:
      description: Review of the name. Seen are V(Approval), V(Pending_Review), V(Rejected).
      type: str
      sample: Approval
    new_name_status:
      description: Review of a new name, with the values of C(name_status).
      type: str
      sample: Approval
    status_callback_url:
      description: Where delivery reports go. Can end in white space. Its query can hold a token.
      type: str
      sample: https://hooks.example.com/receipt
    up_callback_url:
      description: Where messages from customers go. Can end in white space. Its query can hold a token.
      type: str
      sample: https://hooks.example.com/inbound
    status_queue:
      description: The message queue for delivery reports.
      type: str
      sample: Alicom-Queue-1234567890-ChatAppStatus
    up_queue:
      description: The message queue for messages from customers.
      type: str
      sample: Alicom-Queue-1234567890-ChatAppInbound
    is_official:
      description: Whether it is an official business account, V(Y) or V(N).
      type: str
      sample: N
    calling_configure:
      description: Settings for calls, nested as the service returns them.
      type: dict
      sample:
        calling_callback_url: https://hooks.example.com/call
        max_talk_time: 60
        calling:
          status: ENABLED
    cust_space_id:
      description: The sub-customer that was asked for. Only with O(cust_space_ids).
      type: str
      sample: cams-8c8d7e1f
queries:
  description: One for each query, in order, read or not.
  returned: always
  type: list
  elements: dict
  contains:
    cust_space_id:
      description: The sub-customer, or null for the account's own numbers.
      type: str
      sample: cams-8c8d7e1f
    status:
      description:
        - The O(status) that was asked for, or null when numbers of every status were.
        - An answer to a query with a status says nothing about numbers of another one.
      type: str
      sample: CONNECTED
    request_id:
      description: The service's ID of the last answer, for its support. Null when there was none.
      type: str
      sample: 90E63D28-E31D-1EB2-8939-A94866411B20
    phone_number_count:
      description: How many numbers were read. Null when the query was not answered, which is not the same as 0.
      type: int
      sample: 3
    attempts:
      description: How often it was asked.
      type: int
      sample: 1
failures:
  description: One for each query that was not answered, in order. Empty when everything was read.
  returned: always
  type: list
  elements: dict
  contains:
    cust_space_id:
      description: The sub-customer, or null for the account's own numbers.
      type: str
      sample: cams-1a2b3c4d
    code:
      description:
        - The service's code, or one of the collection's, V(Unreachable), V(TLSFailure), V(TimedOut), V(ConnectionLost),
          V(UnexpectedAnswer), V(ThrottleUnavailable), V(QueueTooLong), V(NotAsked).
        - V(NotAsked) stands for a query left out after an early stop.
      type: str
      sample: Unknown.ResourceOwnerId
    message:
      description: What is wrong, in the service's words where it gave some.
      type: str
      sample: The resource does not belong to the current user.
    request_id:
      description: The service's ID of the answer, for its support.
      type: str
      sample: 5A3F1B0C-7D2E-5C4B-9A8F-0E1D2C3B4A59
    http_status:
      description: HTTP status of the answer, null when there was none. A failure can come with 200.
      type: int
      sample: 400
    remedy:
      description: What to do about it.
      type: str
      sample: Check cust_space_ids, isv_code, and which account the access key is of.
throttle:
  description: What sharing the quota meant for this task.
  returned: always
  type: dict
  contains:
    waited_seconds:
      description: Seconds that the task waited for slots.
      type: float
      sample: 1.1
    refused:
      description: Calls that the service refused because its quota was used up.
      type: int
      sample: 0
    retries:
      description: Calls made again, for whatever reason.
      type: int
      sample: 0
    scope:
      description:
        - What the quota was shared with, V(user), V(directory) or V(redis).
        - V(fallback) stands for the user's folder in C(/tmp), where the one in the home cannot be used; a warning says why.
      type: str
      sample: user
code:
  description: The code of the first failure.
  returned: on failure
  type: str
  sample: Ram.PermissionDeny
message:
  description: The message of the first failure.
  returned: on failure
  type: str
  sample: You are not authorized to perform the operation.
request_id:
  description: The request ID of the first failure.
  returned: on failure
  type: str
  sample: 5A3F1B0C-7D2E-5C4B-9A8F-0E1D2C3B4A59
http_status:
  description: The HTTP status of the first failure.
  returned: on failure
  type: int
  sample: 400
remedy:
  description: What to do about the first failure.
  returned: on failure
  type: str
  sample: Allow the RAM user or role the action cams:QueryChatappPhoneNumbers.
"""

from ansible_collections.alicloud.chatapp.plugins.module_utils._module import Task, run
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations.query_chatapp_phone_numbers import (
    QueryChatappPhoneNumbers,
    check_whole,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._options import check_space_ids, from_environment


def gather(task: Task) -> None:
    """Ask for the numbers of each sub-customer, or for the account's own."""
    check_space_ids(task.params["cust_space_ids"])
    operation = QueryChatappPhoneNumbers(task.params["isv_code"], task.params["status"])
    queries = task.session.ask(operation, task.params["cust_space_ids"] or [None])
    task.result.update(operation.collect(queries))
    check_whole(task.result)


def main() -> None:
    run(
        gather,
        {
            "isv_code": {"type": "str", "no_log": True, **from_environment("ALICLOUD_CHATAPP_ISV_CODE")},
            "cust_space_ids": {"type": "list", "elements": "str", "aliases": ["cust_space_id"]},
            "status": {"type": "str"},
            "fail_on_unreadable": {"type": "bool", "default": True},
        },
        {"phone_numbers": [], "queries": [], "failures": []},
    )


if __name__ == "__main__":
    main()
