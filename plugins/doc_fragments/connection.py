# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  endpoint:
    description:
      - Where the service is. Without a scheme it is V(https://). Plain V(http://) is accepted for a loopback address only.
      - Only the default exists; another one is for a gateway of your own or for the simulator.
      - A region set for other tools is not regarded.
      - When not given, E(ALICLOUD_CHATAPP_ENDPOINT) of the module's environment counts.
    type: str
    default: https://cams.ap-southeast-1.aliyuncs.com
  validate_certs:
    description:
      - Whether to verify the endpoint's certificate. With V(false) anybody on the way can read and change the answers.
    type: bool
    default: true
  ca_path:
    description:
      - PEM file, or directory of hashed certificates, of a private certificate authority to trust instead of the usual ones.
      - Without it E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE) count, as they do for C(requests).
    type: path
  timeout:
    description:
      - Seconds that one attempt may take as a whole, from 0.1 to 3600. Connecting takes at most half of it.
      - Waiting for a slot of the quota is not part of it.
      - When not given, E(ALICLOUD_CHATAPP_TIMEOUT) of the module's environment counts.
    type: float
    default: 10
  max_retries:
    description:
      - How often one question is asked again after throttling or a passing failure. V(0) turns retries off.
      - Failures that would come again, such as a wrong key, are never retried.
      - When not given, E(ALICLOUD_CHATAPP_MAX_RETRIES) of the module's environment counts.
    type: int
    default: 5
requirements:
  - python >= 3.9
  - requests >= 2.25.1
notes:
  - The proxies of the module's environment count, E(NO_PROXY) too. A loopback O(endpoint) is never asked through a proxy.
    Special characters in a proxy's user name and password must be percent-encoded; a SOCKS proxy needs C(PySocks).
  - An option or a variable of the environment that is there and empty counts as not given.
"""
