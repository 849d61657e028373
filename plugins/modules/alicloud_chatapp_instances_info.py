#!/usr/bin/python
# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: alicloud_chatapp_instances_info
short_description: List the instances of an Alibaba Cloud Chat App account
version_added: 1.0.0
author:
  - alicloud.chatapp contributors (!UNKNOWN)
description:
  - Asks Alibaba Cloud's Chat App Message Service for the instances (channels, spaces) of an account, all pages of them.
  - For an ISV these are its sub-customers, so that nobody has to type C(cust_space_ids), and none is forgotten.
  - Needs permission for the action C(cams:ListInstance), which C(AliyunCamsReadOnlyAccess) holds.
  - >-
    How the service pages is not published. The list is read whole whichever page is the first, whatever the greatest page
    size is, and where instances move between pages meanwhile. A list whose length is not the service's own count after
    another look fails the task with all that was read, so that a partial list never looks whole.
extends_documentation_fragment:
  - alicloud.chatapp.attributes
  - alicloud.chatapp.credentials
  - alicloud.chatapp.connection
  - alicloud.chatapp.throttle
options:
  channel_type:
    description:
      - Ask only for instances of this channel. The service filters, and its values are not settled.
      - Seen are V(whatsapp) and V(VIBER).
    type: str
  instance_id:
    description: Ask only for the instance with this ID. The service filters.
    type: str
  name:
    description: Ask only for instances of this name. The service filters.
    type: str
  resource_group_id:
    description: Ask only for instances of this resource group. The service filters.
    type: str
  state:
    description:
      - Return only instances of exactly this state, such as V(published).
      - All are read, and this module filters, since it is not known what the service would make of such a filter.
    type: str
  page_size:
    description:
      - How many instances to ask for in one call, from 1 to 1000. The service may give fewer.
    type: int
    default: 100
  personal_data:
    description:
      - Whether to return RV(instances[].contact_mail) and RV(instances[].office_address), personal data of customers.
    type: bool
    default: false
seealso:
  - module: alicloud.chatapp.alicloud_chatapp_phone_numbers_info
"""

EXAMPLES = r"""
- name: List every sub-customer
  alicloud.chatapp.alicloud_chatapp_instances_info:
  register: chatapp_instances

- name: Gather the numbers of them all, a thousand in each task
  alicloud.chatapp.alicloud_chatapp_phone_numbers_info:
    cust_space_ids: "{{ batch }}"
  loop: "{{ chatapp_instances.cust_space_ids | batch(1000) }}"
  loop_control:
    loop_var: batch
    label: "{{ batch | length }} sub-customers"
  register: chatapp

- name: Show how the service pages, and nothing of any customer
  alicloud.chatapp.alicloud_chatapp_instances_info:
    state: none-of-them
  register: chatapp_paging
"""

RETURN = r"""
instances:
  description:
    - Every instance, in the order of the service, each once.
    - >-
      Each has every field that the service returned, its name in snake_case and its value untouched. Fields and values
      that are not listed here are returned too.
  returned: always
  type: list
  elements: dict
  contains:
    instance_id:
      description: ID of the instance.
      type: str
      sample: cams-8c8d7e1f
    cust_space_id:
      description: Space ID, which the other module takes. Can be missing or empty.
      type: str
      sample: cams-8c8d7e1f
    instance_name:
      description: Its name.
      type: str
      sample: Example Shop
    channel_type:
      description: Its channel.
      type: str
      sample: whatsapp
    state:
      description: Its state. The values are not published.
      type: str
      sample: published
    submit_time:
      description: When it was submitted.
      type: str
      sample: '2026-01-02 03:04:05'
    country_id:
      description: Country of the customer.
      type: str
      sample: SG
    facebook_bm_id:
      description: ID of the customer's business at Meta.
      type: str
      sample: '1234567890'
    instance_description:
      description: What it is for.
      type: str
      sample: ''
    isv_terms:
      description: Terms of the ISV.
      type: str
      sample: ''
    resource_group_id:
      description: Resource group.
      type: str
      sample: rg-acfmexample
    resource_region_id:
      description: Region.
      type: str
      sample: ap-southeast-1
    contact_mail:
      description: Mail address of the customer. Only with O(personal_data).
      type: str
      sample: contact@shop.example
    office_address:
      description: Address of the customer. Only with O(personal_data).
      type: str
      sample: 1 Example Road
cust_space_ids:
  description:
    - The space IDs of RV(instances), in order, each once, ready for the other module.
    - Where the service gave no space ID, the ID of the instance stands in for it, and a warning says so.
  returned: always
  type: list
  elements: str
  sample: [cams-8c8d7e1f, cams-1a2b3c4d]
total_count:
  description: How many instances there are by the service's own count, before O(state). Null when it gave none.
  returned: always
  type: int
  sample: 2
paging:
  description: How the service paged, without anything of any customer. Empty when nothing was read.
  returned: always
  type: dict
  contains:
    first_page:
      description: What the service calls its first page, V(0), V(1) or V(0 and 1). Null where no page had rows.
      type: str
      sample: '1'
    page_size_asked:
      description: The page size that was asked for.
      type: int
      sample: 100
    page_size_seen:
      description: Rows of the longest page. Less than was asked for, with more than one page, means a silent cap.
      type: int
      sample: 50
    pages:
      description: How many pages had rows.
      type: int
      sample: 3
    looks:
      description: How often all pages were read. More than one means that rows and count did not agree at first.
      type: int
      sample: 1
queries:
  description: One for each page that was asked for, in order, read or not. One page before and after the list are asked for.
  returned: always
  type: list
  elements: dict
  contains:
    page_index:
      description: The page, as the service was asked for it.
      type: int
      sample: 1
    page_size:
      description: The page size that was asked for.
      type: int
      sample: 100
    instance_count:
      description: How many instances the page had. Null when the query was not answered.
      type: int
      sample: 50
    total_count:
      description: The service's count in this answer. Null when it gave none.
      type: int
      sample: 123
    request_id:
      description: The service's ID of the last answer, for its support. Null when there was none.
      type: str
      sample: 90E63D28-E31D-1EB2-8939-A94866411B20
    attempts:
      description: How often it was asked.
      type: int
      sample: 1
failures:
  description: Why the list is not whole. Empty when it is.
  returned: always
  type: list
  elements: dict
  contains:
    page_index:
      description: The page that could not be read. Null when all were read, and do not agree with the count.
      type: int
      sample: 3
    code:
      description: As in the other module; V(IncompleteList) where rows and count do not agree.
      type: str
      sample: IncompleteList
    message:
      description: What is wrong, in the service's words where it gave some.
      type: str
      sample: 99 rows were read, and the service counts 100; 3 looks at all pages did not agree.
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
      sample: Run the task again while nobody adds or removes instances.
throttle:
  description: What sharing the quota meant for this task. The quota of this operation is counted apart from others'.
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
      description: What the quota was shared with, V(user), V(directory) or V(redis).
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
  sample: Allow the RAM user or role the action cams:ListInstance.
"""

from ansible_collections.alicloud.chatapp.plugins.module_utils._module import Task, run
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations._pages import read_whole
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations.list_instance import (
    ListInstance,
    check_whole,
    without_space_id,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._options import check_number

FILTERS = ("channel_type", "instance_id", "name", "resource_group_id")


def list_instances(task: Task) -> None:
    """Read all pages of the list."""
    check_number(task.params, "page_size", 1, 1000, "instances")
    operation = ListInstance(**{name: task.params[name] for name in FILTERS})
    listing = read_whole(lambda pages: task.session.ask(operation, pages), task.params["page_size"])
    task.result.update(operation.collect(listing, task.params["state"], task.params["personal_data"]))
    check_whole(task.result)
    without = without_space_id(task.result)
    if without:
        task.warn(f"The service gave no CustSpaceId for {without} instances; cust_space_ids has their InstanceId.")


def main() -> None:
    run(
        list_instances,
        {
            **{name: {"type": "str"} for name in (*FILTERS, "state")},
            "page_size": {"type": "int", "default": 100},
            "personal_data": {"type": "bool", "default": False},
        },
        {"instances": [], "cust_space_ids": [], "total_count": None, "paging": {}, "queries": [], "failures": []},
    )


if __name__ == "__main__":
    main()
