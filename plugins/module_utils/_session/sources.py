# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: where credentials can come from besides a pair, each place as a user knows it.

Profiles are read here: the official package keeps to itself when the credentials of one end, why it gave none, and
writes what a command printed into the user's file. Whatever has to be asked of somebody is asked by that package.
"""

from __future__ import annotations

import logging
import os
import re
import typing as t

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import CredentialsError, OptionError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session import profiles
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.credentials import Credentials, check_secret
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.profiles import Unusable

OIDC_VARIABLES = ("ALIBABA_CLOUD_ROLE_ARN", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "ALIBABA_CLOUD_OIDC_TOKEN_FILE")

REMEDY = (
    "Set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET in the environment of the module, "
    "or set up one of the other sources for the user that the module runs as."
)

# What the package's exceptions begin with or hold, and what that means; nothing but numbers is taken from them.
_MEANINGS = (
    (r"failed to execute external command: exit status (-?\d+)", "its command ended with exit status {}"),
    (r"command process timed out", "its command did not end in time"),
    (r"failed to execute external command", "its command cannot be started"),
    (r"failed to parse external command output", "its command printed no JSON"),
    (r"invalid (?:StsToken )?credential response", "its command gave no whole key"),
    (r"failed to get credential from credentials file", "it has no such section"),
    (r"the access key (?:id|secret) is empty", "half of its pair is missing"),
    (r"session duration", "its duration is shorter than 900 s"),
    (r"unsupported profile mode", "its mode is not known to the alibabacloud-credentials installed here"),
    (r".*?(?:http_code|status code)\W{0,3}(\d{3})", "the answer was HTTP {}"),
)
_SERVER_CODE = re.compile(r'"Code"\s*:\s*"([A-Z][A-Za-z]{2,40}(?:\.[A-Z][A-Za-z]{2,40}){0,3})"')


class Source(t.NamedTuple):
    """A place that can have credentials. ``open()`` returns what asks it, each time anew; both raise any exception."""

    place: str
    open: t.Callable[[], t.Callable[[], Credentials]]


def sources(profile: str | None) -> list[Source]:
    """Return the places to look at, in order: those of the ``profile``, which nothing else replaces, or all."""
    cli_file, ini_file = profiles.CLI_FILE, os.environ.get("ALIBABA_CLOUD_CREDENTIALS_FILE") or profiles.INI_FILE
    found = []
    if not profile:
        found += [
            Source("the options access_key_id and access_key_secret", _not_given),
            Source("their environment variables", _not_given),
        ]
        if all(os.environ.get(name) for name in OIDC_VARIABLES):
            found.append(
                _asked("the environment's OIDC token", lambda package: package.OIDCRoleArnCredentialsProvider())
            )
    if not _is_true("ALIBABA_CLOUD_CLI_PROFILE_DISABLED"):
        place = f"profile {profile} of {cli_file}" if profile else f"the current profile of {cli_file}"
        found.append(Source(place, lambda: _asking(profiles.cli_provider(profile, official_package))))
    section = profile or "default"
    found.append(
        Source(
            f"section {section} of {ini_file}",
            lambda: _asking(profiles.ini_provider(ini_file, section, official_package)),
        )
    )
    if not profile:
        if not _is_true("ALIBABA_CLOUD_ECS_METADATA_DISABLED"):
            found.append(_asked("the instance's metadata", lambda package: package.EcsRamRoleCredentialsProvider()))
        if os.environ.get("ALIBABA_CLOUD_CREDENTIALS_URI"):
            found.append(
                _asked("the URL in ALIBABA_CLOUD_CREDENTIALS_URI", lambda package: package.URLCredentialsProvider())
            )
    return found


def official_package() -> t.Any:
    """Return the providers of the official package. Raises CredentialsError where it is not installed."""
    # It logs tracebacks with tokens in them and, under DEBUG=sdk, whole requests, to standard error.
    logging.disable(logging.CRITICAL)
    # It reads the environment when it is imported: it would complete half of a profile's pair from there, and take an
    # empty variable for a value.
    hidden = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("ALIBABA_CLOUD_") and (not value or "ACCESS_KEY" in name or "SECURITY_TOKEN" in name)
    }
    for name in hidden:
        del os.environ[name]
    try:
        from alibabacloud_credentials import provider
    except ImportError:
        provider = None
    finally:
        os.environ.update(hidden)
    if provider is None:
        raise CredentialsError(
            "NoCredentials",
            "No key pair is at hand. "
            + missing_required_lib(
                "alibabacloud-credentials 1.0 or newer", reason="for roles and other sources of credentials than a pair"
            ),
            REMEDY,
        )
    return provider


def reason_of(error: Exception) -> str:
    """Return in a few words, without anything that could be secret, why a place gave no credentials."""
    if isinstance(error, Unusable):
        return str(error)
    if isinstance(error, OptionError):
        return f"its {error.message.partition(';')[0].rstrip('.')}"
    text = str(error)
    for pattern, meaning in _MEANINGS:
        match = re.match(pattern, text, re.DOTALL)
        if match:
            code = _SERVER_CODE.search(text)
            return meaning.format(*match.groups()) + (f", {code[1]}" if code and "HTTP" in meaning else "")
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"failed with {type(error).__name__}"


def _asked(place: str, make: t.Callable[[t.Any], t.Any]) -> Source:
    return Source(place, lambda: _asking(make(official_package())))


def _asking(provider: t.Any) -> t.Callable[[], Credentials]:
    def ask() -> Credentials:
        found = provider.get_credentials()
        parts = {
            "access_key_id": found.get_access_key_id(),
            "access_key_secret": found.get_access_key_secret(),
            "security_token": found.get_security_token() or None,
        }
        for name, value in parts.items():
            if value is None and name == "security_token":
                continue
            if not isinstance(value, str):
                raise Unusable(f"its {name} is not a text")
            check_secret(name, value)
        expiration = found.get_expiration()
        if parts["security_token"] is None:
            return Credentials(**parts)
        known = isinstance(expiration, (int, float)) and expiration > 0
        return Credentials(**parts, expiration=float(expiration) if known else None)

    return ask


def _not_given() -> t.NoReturn:
    raise Unusable("not given")


def _is_true(variable: str) -> bool:
    return os.environ.get(variable, "").lower() == "true"
