#!/usr/bin/python
# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: alicloud_chatapp_phone_number_webhook
short_description: Put right where phone numbers report to
version_added: 1.0.0
author:
  - alicloud.chatapp contributors (!UNKNOWN)
description:
  - Sets the callback URLs of phone numbers of Alibaba Cloud's Chat App Message Service, to which the service sends
    status reports and inbound messages.
  - Reads first, compares, writes only what differs, and reads again until the service shows what was written.
  - Needs permission for the actions C(cams:QueryChatappPhoneNumbers) and C(cams:UpdatePhoneWebhook). Each has a quota of
    its own.
extends_documentation_fragment:
  - alicloud.chatapp.attributes.writes
  - alicloud.chatapp.credentials
  - alicloud.chatapp.connection
  - alicloud.chatapp.throttle
options:
  cust_space_id:
    description:
      - Space ID of the ISV's sub-customer, or of the account's own instance, that the phone numbers belong to.
      - The service reads an account's own numbers without it, but writes none.
        M(alicloud.chatapp.alicloud_chatapp_instances_info) lists it, and the console shows it under Channel Management.
    type: str
    required: true
  isv_code:
    description:
      - Verification code of an independent software vendor (ISV), for the reading. A secret.
      - When not given, E(ALICLOUD_CHATAPP_ISV_CODE) of the module's environment counts.
    type: str
  phone_numbers:
    description:
      - The phone numbers, and the URLs that they are to have. Phone numbers are compared by their digits.
      - One that the service does not have in this space fails the task before anything is written.
    type: list
    elements: dict
    required: true
    suboptions:
      phone_number:
        description: The phone number, with its country code.
        type: str
        required: true
      status_callback_url:
        description:
          - The URL for status reports. Left out, it stays as it is; V("") means none.
          - At most 2,048 characters, without user name or password. Its query string is never shown.
        type: str
      up_callback_url:
        description: The URL for inbound messages, by the same rules.
        type: str
  http:
    description:
      - Whether the service calls the URLs (C(HttpFlag)). Sent with each write.
      - The service does not say how it is set today, so that it has no default, is not compared, and stands under
        RV(sent) only.
    type: bool
    required: true
  queue:
    description:
      - Whether the service puts messages into its queues (C(QueueFlag)). Sent with each write, like O(http).
      - The names of queues that the service returns do not stand for this setting.
    type: bool
    required: true
  allow_http:
    description: Whether URLs may begin with V(http://), which anybody on the way can read.
    type: bool
    default: false
  max_changes:
    description: How many phone numbers may be changed. If more differ, the task fails before anything is written.
    type: int
    default: 10
  verify_seconds:
    description:
      - How long to read until the service shows what was written, in seconds from 0 to 3600. After that the task fails
        with C(NotVerified).
      - A write whose answer was lost is sent again within this time, after a reading that does not show it.
    type: float
    default: 30
notes:
  - Every write sends both URLs, the one that was not given as it was read, and both flags. What the service does with a
    parameter that is left out is not published.
  - The service has no versions. Of two tasks that write one number at the same time, the last wins.
seealso:
  - module: alicloud.chatapp.alicloud_chatapp_phone_numbers_info
  - module: alicloud.chatapp.alicloud_chatapp_instances_info
"""

EXAMPLES = r"""
- name: Status reports go to our gateway
  alicloud.chatapp.alicloud_chatapp_phone_number_webhook:
    cust_space_id: cams-8c8d7e1f
    phone_numbers:
      - phone_number: "8613800001234"
        status_callback_url: https://hooks.example.com/receipt
    http: true
    queue: false

- name: Say what would change, and change nothing
  alicloud.chatapp.alicloud_chatapp_phone_number_webhook:
    cust_space_id: cams-8c8d7e1f
    phone_numbers:
      - phone_number: "8613800001234"
        status_callback_url: https://hooks.example.com/receipt
        up_callback_url: ""
    http: true
    queue: false
  check_mode: true
  diff: true
"""

RETURN = r"""
before:
  description: The callback URLs as they were read first. Query strings, fragments and user information are not shown.
  returned: always
  type: list
  elements: dict
  sample:
    - phone_number: "8613800001234"
      status_callback_url: https://old.example.com/receipt?…
      up_callback_url: ""
after:
  description:
    - The callback URLs as they were read last, or in check mode as they would be.
    - V(null) where they could not be read after a write.
  returned: always
  type: list
  elements: dict
  sample:
    - phone_number: "8613800001234"
      status_callback_url: https://hooks.example.com/receipt
      up_callback_url: ""
sent:
  description: Each write that was sent, with the flags that cannot be read back.
  returned: always
  type: list
  elements: dict
  sample:
    - phone_number: "8613800001234"
      status_callback_url: https://hooks.example.com/receipt
      up_callback_url: ""
      http: true
      queue: false
written:
  description: The phone numbers for which a write was sent.
  returned: always
  type: list
  elements: str
  sample: ["8613800001234"]
changed_numbers:
  description: The phone numbers that differed, and were read as desired at the end.
  returned: always
  type: list
  elements: str
  sample: ["8613800001234"]
unchanged_numbers:
  description: The phone numbers that differ and were not changed, because no write was sent or each was refused.
  returned: always
  type: list
  elements: str
  sample: []
unknown_numbers:
  description: The phone numbers for which a write was sent, and of which it is not known whether it took effect.
  returned: always
  type: list
  elements: str
  sample: []
queries:
  description: Each query, readings and writes, in order.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: The operation.
      type: str
      sample: UpdatePhoneWebhook
    cust_space_id:
      description: The space that was asked for.
      type: str
      sample: cams-8c8d7e1f
    attempts:
      description: How often it was sent.
      type: int
      sample: 1
    request_id:
      description: The service's ID of the last answer.
      type: str
      sample: 5A3F1B0C-7D2E-5C4B-9A8F-0E1D2C3B4A59
failures:
  description: The writes that the service did not confirm, also those that took effect all the same.
  returned: always
  type: list
  elements: dict
  sample: []
throttle:
  description: What sharing the quotas meant for this task, as the other modules return it.
  returned: always
  type: dict
  sample: {"waited_seconds": 0.0, "refused": 0, "retries": 0, "scope": "user"}
code:
  description:
    - The code of what failed, such as C(NotFound), C(TooManyChanges), C(NotVerified), or the service's code of a write
      that it refused.
  returned: on failure
  type: str
  sample: NotVerified
message:
  description: What failed.
  returned: on failure
  type: str
  sample: "Of 2 phone numbers to be changed: 1 changed, 0 unchanged, 1 unknown."
request_id:
  description: The request ID of what failed.
  returned: on failure
  type: str
  sample: 5A3F1B0C-7D2E-5C4B-9A8F-0E1D2C3B4A59
http_status:
  description: The HTTP status of what failed.
  returned: on failure
  type: int
  sample: 400
remedy:
  description: What to do about it.
  returned: on failure
  type: str
  sample: Read the numbers again after a while.
"""

from ansible_collections.alicloud.chatapp.plugins.module_utils._module import run
from ansible_collections.alicloud.chatapp.plugins.module_utils._options import from_environment
from ansible_collections.alicloud.chatapp.plugins.module_utils._webhook.change import put_right
from ansible_collections.alicloud.chatapp.plugins.module_utils._webhook.targets import FIELDS

RESULT = ("before", "after", "sent", "written", "changed_numbers", "unchanged_numbers", "unknown_numbers")


def main() -> None:
    run(
        put_right,
        {
            "cust_space_id": {"type": "str", "required": True},
            "isv_code": {"type": "str", "no_log": True, **from_environment("ALICLOUD_CHATAPP_ISV_CODE")},
            "phone_numbers": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "phone_number": {"type": "str", "required": True},
                    **{field: {"type": "str", "no_log": True} for field in FIELDS},
                },
            },
            "http": {"type": "bool", "required": True},
            "queue": {"type": "bool", "required": True},
            "allow_http": {"type": "bool", "default": False},
            "max_changes": {"type": "int", "default": 10},
            "verify_seconds": {"type": "float", "default": 30.0},
        },
        {name: [] for name in (*RESULT, "queries", "failures")},
    )


if __name__ == "__main__":
    main()
