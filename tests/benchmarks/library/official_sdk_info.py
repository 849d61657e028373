# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least that a module around the official SDK can be; what the benchmark of a single task compares with."""

from __future__ import annotations

from alibabacloud_cams20200606.client import Client
from alibabacloud_cams20200606.models import QueryChatappPhoneNumbersRequest
from alibabacloud_tea_openapi.models import Config
from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "access_key_id": {"type": "str", "no_log": True},
            "access_key_secret": {"type": "str", "no_log": True},
            "endpoint": {"type": "str"},
        }
    )
    client = Client(Config(protocol="http", **module.params))
    answer = client.query_chatapp_phone_numbers(QueryChatappPhoneNumbersRequest())
    module.exit_json(phone_numbers=[number.to_map() for number in answer.body.phone_numbers])


if __name__ == "__main__":
    main()
