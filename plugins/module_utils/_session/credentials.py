# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection.

Who calls: static keys here, every other source through the official package ``alibabacloud-credentials``.

The order: a pair of options, the option ``profile``, a pair of the environment, a profile that the environment names,
the official chain. What names its source is never replaced by another source.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
import typing as t

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import CredentialsError, OptionError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.redaction import Redactor

# Key ID, secret, token, each under any of its names: a pair is taken from one family, never from both.
FAMILIES = (
    (("ALIBABA_CLOUD_ACCESS_KEY_ID",), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET",), ("ALIBABA_CLOUD_SECURITY_TOKEN",)),
    (
        ("ALICLOUD_ACCESS_KEY_ID", "ALICLOUD_ACCESS_KEY"),
        ("ALICLOUD_SECRET_ACCESS_KEY", "ALICLOUD_SECRET_KEY"),
        ("ALICLOUD_SECURITY_TOKEN",),
    ),
)
PROFILE_VARIABLES = ("ALIBABA_CLOUD_PROFILE", "ALICLOUD_PROFILE")
OIDC_VARIABLES = ("ALIBABA_CLOUD_ROLE_ARN", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "ALIBABA_CLOUD_OIDC_TOKEN_FILE")

# Ansible masks a secret wherever the same characters occur in a result; a short one would blank out phone numbers.
SHORTEST_SECRET = 8

# Seconds. The package's slowest source, a command that it runs, may take 60.
FIRST_CREDENTIALS_TIMEOUT = 90.0
RENEWAL_INTERVAL = 1.0

_REMEDY = (
    "Set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET in the environment of the module, "
    "or set up one of the other sources for the user that the module runs as."
)


def check_secret(name: str, value: str) -> None:
    """Refuse a secret that cannot be whole. ``name`` is the option or environment variable. Raises OptionError."""
    if len(value) < SHORTEST_SECRET:
        raise OptionError(
            f"{name} is shorter than {SHORTEST_SECRET} characters; Ansible would mask that text wherever it occurs"
            " in the result. Give the whole value, or leave it out."
        )
    if not re.fullmatch(r"[!-~]+", value) and name not in ("isv_code", "throttle_password"):
        raise OptionError(f"{name} holds a blank or a character outside ASCII; copy the value again.")


class Credentials:
    """An access key, with the security token of a temporary one. Never shows itself."""

    def __init__(self, access_key_id: str, access_key_secret: str, security_token: str | None = None) -> None:
        self.access_key_id = access_key_id
        self.access_key_secret = access_key_secret
        self.security_token = security_token

    def __repr__(self) -> str:
        return "Credentials(********)"

    def secrets(self) -> list[str | None]:
        """Return every value of these credentials that must never leave."""
        return [self.access_key_id, self.access_key_secret, self.security_token]


def provider(params: t.Mapping[str, t.Any], redactor: Redactor) -> t.Callable[[], Credentials]:
    """Return what gives the credentials for the next attempt, at once and to any thread.

    Raises OptionError for half of a pair and for two sources at once, CredentialsError when no source has credentials.
    """
    pair = _from_options(params)
    profile = params["profile"]
    if pair and profile:
        raise OptionError("profile and access_key_id are both given; leave one of them out.")
    pair = pair or (None if profile else _from_environment())
    if pair:
        return lambda: pair
    return _Renewed(profile or _profile_from_environment(), redactor)


def _from_options(params: t.Mapping[str, t.Any]) -> Credentials | None:
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


def _from_environment() -> Credentials | None:
    halves = []
    for names in FAMILIES:
        found = [
            next(((name, os.environ[name]) for name in aliases if os.environ.get(name)), None) for aliases in names
        ]
        for variable in found:
            if variable:
                check_secret(*variable)
        if found[0] and found[1]:
            return Credentials(found[0][1], found[1][1], found[2][1] if found[2] else None)
        halves += [(found[place][0], names[1 - place][0]) for place in (0, 1) if found[place]]
    if halves:
        raise OptionError("The environment variable {} is set without {}; set both, or neither.".format(*halves[0]))
    return None


def _profile_from_environment() -> str | None:
    for name in PROFILE_VARIABLES:
        profile = os.environ.get(name)
        if profile:
            if not profile.isprintable():
                raise OptionError(f"The environment variable {name} holds a control character; remove it.")
            return profile
    return None


def environment_secrets() -> list[str]:
    """Return the values of every environment variable that may hold a part of a key pair."""
    return [os.environ[name] for names in FAMILIES for aliases in names for name in aliases if os.environ.get(name)]


class _Renewed:
    """The credentials of the first of the official package's providers that has some.

    When it is asked, the provider renews them in time, 15 minutes ahead of their end where they live so long. It is
    asked beside the calls, so that no call waits for it. Where it fails, what it gave before is used while it lasts.
    """

    def __init__(self, profile: str | None, redactor: Redactor) -> None:
        self._redactor = redactor
        self._current: t.Any = None
        makers = _makers(profile)
        answered = threading.Event()
        threading.Thread(target=self._keep_current, args=(makers, answered), daemon=True).start()
        answered.wait(FIRST_CREDENTIALS_TIMEOUT)
        if self._current is None:
            raise CredentialsError(
                "NoCredentials",
                f"No usable credentials were found. These places were tried: {_tried(profile)}.",
                _REMEDY,
            )

    def __call__(self) -> Credentials:
        return self._current

    def _keep_current(self, makers: t.Sequence[t.Callable[[], t.Any]], answered: threading.Event) -> None:
        source = next((source for source in map(self._asked, makers) if source), None)
        answered.set()
        while source:
            time.sleep(RENEWAL_INTERVAL)
            self._asked(lambda: source)

    def _asked(self, make: t.Callable[[], t.Any]) -> t.Any:
        """Take over the credentials of the provider that ``make`` returns. Return it, or None where it has none."""
        try:
            source = make()
            found = source.get_credentials()
            current = Credentials(
                found.get_access_key_id(), found.get_access_key_secret(), found.get_security_token() or None
            )
            for part in ("access_key_id", "access_key_secret"):
                check_secret(part, getattr(current, part))
            if current.security_token:
                check_secret("security_token", current.security_token)
        except Exception:
            # Its text can hold the token that was exchanged, or what the server said.
            return None
        self._redactor.add(current.secrets())
        self._current = current
        return source


def _makers(profile: str | None) -> list[t.Callable[[], t.Any]]:
    """Return what makes the providers to ask, in order. Raises CredentialsError without the official package."""
    # The package logs tracebacks with tokens in them and, under DEBUG=sdk, whole requests, to standard error.
    logging.disable(logging.CRITICAL)
    # It reads the environment when it is imported, and would complete half of a profile's pair from there.
    hidden = {name: os.environ.pop(name) for names in FAMILIES[0] for name in names if name in os.environ}
    try:
        from alibabacloud_credentials import provider as official
    except ImportError:
        official = None
    finally:
        os.environ.update(hidden)
    if official is None:
        found = "" if profile else "No access key is in the options or in the environment. "
        wanted = f"for profile {profile}" if profile else "for every other source of credentials"
        raise CredentialsError(
            "NoCredentials",
            found + missing_required_lib("alibabacloud-credentials 1.0 or newer", reason=wanted),
            _REMEDY,
        )
    if profile:
        return [
            lambda: official.CLIProfileCredentialsProvider(profile_name=profile),
            lambda: official.ProfileCredentialsProvider(profile_name=profile),
        ]
    return [official.DefaultCredentialsProvider]


def _tried(profile: str | None) -> str:
    """Name the places where credentials were looked for, as a user knows them."""
    cli_file = os.environ.get("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "").lower() != "true"
    ini_file = os.environ.get("ALIBABA_CLOUD_CREDENTIALS_FILE") or "~/.alibabacloud/credentials.ini"
    if profile:
        places = {
            f"profile {profile} of ~/.aliyun/config.json": cli_file,
            f"section {profile} of {ini_file}": True,
        }
    else:
        places = {
            "the options access_key_id and access_key_secret": True,
            "their environment variables": True,
            "the environment's OIDC token": all(os.environ.get(name) for name in OIDC_VARIABLES),
            "the current profile of ~/.aliyun/config.json": cli_file,
            f"section default of {ini_file}": True,
            "the instance's metadata": os.environ.get("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "").lower() != "true",
            "the URL in ALIBABA_CLOUD_CREDENTIALS_URI": bool(os.environ.get("ALIBABA_CLOUD_CREDENTIALS_URI")),
        }
    return ", ".join(place for place, looked_at in places.items() if looked_at)
