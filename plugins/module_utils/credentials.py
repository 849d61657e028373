# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls: the first source that has a whole key pair."""
from __future__ import annotations

import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils.errors import CredentialsError, OptionError

# Key ID, secret, token: a pair is taken from one family of names or the other, never from both.
ENVIRONMENT = (
    (("ALIBABA_CLOUD_ACCESS_KEY_ID",), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET",), ("ALIBABA_CLOUD_SECURITY_TOKEN",)),
    (
        ("ALICLOUD_ACCESS_KEY_ID", "ALICLOUD_ACCESS_KEY"),
        ("ALICLOUD_SECRET_ACCESS_KEY", "ALICLOUD_SECRET_KEY"),
        ("ALICLOUD_SECURITY_TOKEN",),
    ),
)


class Credentials:
    """An access key, with the security token of a temporary one. Never shows itself."""

    def __init__(self, access_key_id: str, access_key_secret: str, security_token: t.Optional[str] = None) -> None:
        self.access_key_id = access_key_id
        self.access_key_secret = access_key_secret
        self.security_token = security_token

    def __repr__(self) -> str:
        return "Credentials(********)"

    def secrets(self) -> t.List[t.Optional[str]]:
        """Return every value of these credentials that must never leave."""
        return [self.access_key_id, self.access_key_secret, self.security_token]
