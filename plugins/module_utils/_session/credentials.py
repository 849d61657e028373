# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: an access key, and the pairs of the options and of the environment."""

from __future__ import annotations

import math
import os
import re
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError

# Names that belong together: pairs of key ID and secret, in each spelling, and the token that goes with them. A pair is
# taken from one family, and of one spelling where more than one is set.
FAMILIES = (
    ((("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"),), "ALIBABA_CLOUD_SECURITY_TOKEN"),
    (
        (
            ("ALICLOUD_ACCESS_KEY_ID", "ALICLOUD_SECRET_ACCESS_KEY"),
            ("ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY"),
        ),
        "ALICLOUD_SECURITY_TOKEN",
    ),
)
# Ansible masks a secret wherever the same characters occur in a result; a short one would blank out phone numbers.
SHORTEST_SECRET = 8


def check_secret(name: str, value: str) -> None:
    """Refuse a secret that cannot be whole. ``name`` is the option or environment variable. Raises OptionError."""
    if len(value) < SHORTEST_SECRET:
        raise OptionError(
            f"{name} is shorter than {SHORTEST_SECRET} characters; Ansible would mask that text wherever it occurs"
            " in the result. Give the whole value, or leave it out."
        )
    if "\n" in value or "\r" in value:
        raise OptionError(f"{name} holds a line break; remove it (one at the end is a common cause).")
    if "\ufeff" in value:
        raise OptionError(f"{name} holds a byte-order mark; save the file that it comes from without one.")
    if not re.fullmatch(r"[!-~]+", value) and name not in ("isv_code", "throttle_password"):
        raise OptionError(f"{name} holds a blank or a character outside ASCII; copy the value again.")


class Credentials:
    """An access key, with the security token of a temporary one. Never shows itself.

    ``expiration`` is Unix time in seconds, infinite for a key that stays, or None where it is not known.
    """

    def __init__(
        self,
        access_key_id: str,
        access_key_secret: str,
        security_token: str | None = None,
        expiration: float | None = math.inf,
    ) -> None:
        self.access_key_id = access_key_id
        self.access_key_secret = access_key_secret
        self.security_token = security_token
        self.expiration = expiration

    def __repr__(self) -> str:
        return "Credentials(********)"

    def secrets(self) -> list[str | None]:
        """Return every value of these credentials that must never leave."""
        return [self.access_key_id, self.access_key_secret, self.security_token]


def from_options(params: t.Mapping[str, t.Any]) -> Credentials | None:
    """Return the pair of the options, None where there is none. Raises OptionError for a part of one."""
    key_id, secret, token = (params[name] for name in ("access_key_id", "access_key_secret", "security_token"))
    if key_id and secret:
        return Credentials(key_id, secret, token)
    for given, missing in (("access_key_id", "access_key_secret"), ("access_key_secret", "access_key_id")):
        if params[given]:
            raise OptionError(
                f"{given} is given without {missing}; give both as options, or neither: "
                "halves are never completed from the environment."
            )
    if token:
        raise OptionError("security_token is given without access_key_id and access_key_secret; give all three.")
    return None


def from_environment() -> Credentials | None:
    """Return the pair of the environment, None where there is none. Raises OptionError for a part of one."""
    for pairs, token_name in FAMILIES:
        found = _of_family(pairs, token_name)
        if found:
            return found
    return None


def _of_family(pairs: t.Sequence[tuple[str, str]], token_name: str) -> Credentials | None:
    """Return the credentials that the environment has under these names; empty variables count as not set.

    Raises OptionError for whatever is set of them and is no pair: it was meant, and nothing may take its place.
    """
    given = {name: os.environ[name] for pair in (*pairs, (token_name,)) for name in pair if os.environ.get(name)}
    for name, value in given.items():
        check_secret(name, value)
    for names in pairs:
        for present, absent in (names, names[::-1]):
            if present in given and os.environ.get(absent) == "":
                raise _half(present, absent, "is empty")
    key_ids, secrets = ({given[name]: None for name in names if name in given} for names in zip(*pairs))
    whole = [names for names in pairs if all(name in given for name in names)]
    if len(key_ids) == len(secrets) == 1 or (whole and len(whole) == max(len(key_ids), len(secrets))):
        # One pair in any spelling, or a whole one in each.
        return Credentials(next(iter(key_ids)), next(iter(secrets)), given.get(token_name))
    for names in pairs:
        for present, absent in (names, names[::-1]):
            if present in given and absent not in given:
                raise _half(present, absent, "is not set")
    if given:
        raise OptionError(
            f"The environment variable {token_name} is set without {' and '.join(pairs[0])}; set all three, or none."
        )
    return None


def _half(present: str, absent: str, how: str) -> OptionError:
    return OptionError(f"The environment variable {present} is set, and {absent} {how}; set both, or neither.")


def environment_secrets() -> list[str]:
    """Return the values of every environment variable that may hold a part of a key pair."""
    names = [name for pairs, token_name in FAMILIES for pair in pairs for name in (*pair, token_name)]
    return [os.environ[name] for name in dict.fromkeys(names) if os.environ.get(name)]
