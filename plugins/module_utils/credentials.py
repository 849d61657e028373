# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls: the first source that has a whole key pair."""
from __future__ import annotations

import os
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils.errors import CredentialsError, OptionError, Redactor
from ansible_collections.alicloud.chatapp.plugins.module_utils.options import check_secret

# Key ID, secret, token, each under any of its names: a pair is taken from one family, never from both.
FAMILIES = (
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


def provider(params: t.Mapping[str, t.Any], redactor: Redactor) -> t.Callable[[], Credentials]:
    """Return what gives the credentials for the next attempt: those of the options, else of the environment.

    Raises OptionError for half of a pair, CredentialsError when there is no source.
    """
    static = _from_options(params) or _from_environment()
    if static is None:
        raise CredentialsError(
            "NoCredentials",
            "No credentials were found: neither access_key_id and access_key_secret nor their environment variables are set.",
            "Set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET in the environment of the module, "
            "or give access_key_id and access_key_secret.",
        )
    return lambda: static


def _from_options(params: t.Mapping[str, t.Any]) -> t.Optional[Credentials]:
    key_id, secret, token = (params[name] for name in ("access_key_id", "access_key_secret", "security_token"))
    if key_id and secret:
        return Credentials(key_id, secret, token)
    for given, missing in (("access_key_id", "access_key_secret"), ("access_key_secret", "access_key_id")):
        if params[given]:
            raise OptionError(
                "%s is given without %s; give both as options, or neither: halves are never completed from the environment."
                % (given, missing)
            )
    if token:
        raise OptionError("security_token is given without access_key_id and access_key_secret; give all three.")
    return None


def _from_environment() -> t.Optional[Credentials]:
    halves = []
    for names in FAMILIES:
        found = [next(((name, os.environ[name]) for name in aliases if os.environ.get(name)), None) for aliases in names]
        for variable in found:
            if variable:
                check_secret(*variable)
        if found[0] and found[1]:
            return Credentials(found[0][1], found[1][1], found[2][1] if found[2] else None)
        halves += [(found[place][0], names[1 - place][0]) for place in (0, 1) if found[place]]
    if halves:
        raise OptionError("The environment variable %s is set without %s; set both, or neither." % halves[0])
    return None


def environment_secrets() -> t.List[str]:
    """Return the values of every environment variable that may hold a part of a key pair."""
    return [os.environ[name] for names in FAMILIES for aliases in names for name in aliases if os.environ.get(name)]
