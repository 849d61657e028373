# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  access_key_id:
    description:
      - ID of the access key to sign with. Needs O(access_key_secret).
      - >-
        Without it the environment of the module is asked, first for E(ALIBABA_CLOUD_ACCESS_KEY_ID) and
        E(ALIBABA_CLOUD_ACCESS_KEY_SECRET), then for E(ALICLOUD_ACCESS_KEY_ID) or E(ALICLOUD_ACCESS_KEY) and
        E(ALICLOUD_SECRET_ACCESS_KEY) or E(ALICLOUD_SECRET_KEY). Half of a pair is refused, and never completed or replaced
        from other names.
      - Without a pair in either place, the other sources of credentials are asked, see O(profile).
      - Prefer the environment, a profile or a role to a key in a playbook.
    type: str
    aliases: [alicloud_access_key]
  access_key_secret:
    description:
      - Secret of the access key. Needs O(access_key_id), and is taken from the environment together with it.
    type: str
    aliases: [alicloud_secret_key]
  security_token:
    description:
      - Token of temporary (STS) credentials, together with their O(access_key_id) and O(access_key_secret).
      - In the environment it is E(ALIBABA_CLOUD_SECURITY_TOKEN) or E(ALICLOUD_SECURITY_TOKEN), with its family's pair.
    type: str
    aliases: [alicloud_security_token]
  profile:
    description:
      - >-
        Name of a profile in the configuration file of Alibaba Cloud's command line tool, C(~/.aliyun/config.json),
        or else of a section in C(~/.alibabacloud/credentials.ini). Comes before the pairs of the environment;
        cannot be given together with O(access_key_id).
      - Without it and a pair, E(ALIBABA_CLOUD_PROFILE) or E(ALICLOUD_PROFILE) of the module's environment counts.
      - A profile that is named and cannot be used fails the task. No other source takes its place.
      - >-
        Without a name the sources are asked in turn that the official package knows: a role by OIDC token, the current
        profile, the section C(default), the instance's RAM role, E(ALIBABA_CLOUD_CREDENTIALS_URI).
      - >-
        These need the Python package C(alibabacloud-credentials), 1.0 or newer, where the module runs, except for a
        profile that holds a key as it is.
    type: str
"""
