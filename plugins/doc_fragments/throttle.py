# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  qps_limit:
    description:
      - Calls a second that this account may make, from 0.1 to 1000. The service allows 10 for each account.
      - From one on it is rounded down to whole calls a second; below one it is one call in 1/O(qps_limit) seconds.
      - Every task that shares a throttle keeps its own limit over everybody's calls.
      - When not given, E(ALICLOUD_CHATAPP_QPS_LIMIT) of the module's environment counts.
    type: float
    default: 10
  throttle_url:
    description:
      - Where the calls are counted. Without it, in a file of the user that the module runs as, on the host where it runs.
      - A secret, since it can hold a password.
      - V(file:///directory) shares the count between containers or users who are given that directory.
      - >-
        V(redis://), V(rediss://) and V(unix://) share it between hosts, through Redis 6 or newer, Valkey or Tair.
        V(redis+sentinel://host,host/service/0) names the master that Sentinels know, V(redis+cluster://host,host) a
        cluster; V(rediss+sentinel://) and V(rediss+cluster://) do so with TLS.
        They need the Python package C(redis), 5 or newer, where the module runs.
      - When not given, E(ALICLOUD_CHATAPP_THROTTLE_URL) of the module's environment counts.
    type: str
  throttle_password:
    description:
      - Password of Redis, where O(throttle_url) does not hold it.
      - When not given, E(ALICLOUD_CHATAPP_THROTTLE_PASSWORD) of the module's environment counts.
    type: str
  throttle_key:
    description:
      - Names the account, where one machine or one Redis serves several accounts. Each name has a quota of its own.
      - The access key does not matter, since all keys of an account share its quota.
      - When not given, E(ALICLOUD_CHATAPP_THROTTLE_KEY) of the module's environment counts.
    type: str
    default: ''
  throttle_max_wait:
    description:
      - Seconds that one call may wait for its slot, from 0 to 3600. A longer queue is refused before a slot is reserved.
      - So long, and O(max_retries) times, a Redis that is away is asked again.
    type: float
    default: 600
notes:
  - The quota is counted where the module runs. For hosts other than the controller use C(delegate_to) or O(throttle_url).
"""
