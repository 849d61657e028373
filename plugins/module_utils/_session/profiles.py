# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: profiles of the vendor's command line tool, and what gives their credentials."""

from __future__ import annotations

import json
import math
import os
import re
import time
import typing as t

CLI_FILE = "~/.aliyun/config.json"
INI_FILE = "~/.alibabacloud/credentials.ini"

_ROLE = {
    "role_arn": "ram_role_arn",
    "role_session_name": "ram_session_name",
    "duration_seconds": "expired_seconds",
    "policy": "policy",
    "sts_region_id": "sts_region",
    "enable_vpc": "enable_vpc",
}
# The package's provider for each mode, and from which field of the profile each of its arguments is.
_PROVIDERS = {
    "RamRoleArn": ("RamRoleArnCredentialsProvider", {**_ROLE, "external_id": "external_id"}),
    "ChainableRamRoleArn": ("RamRoleArnCredentialsProvider", {**_ROLE, "external_id": "external_id"}),
    "EcsRamRole": ("EcsRamRoleCredentialsProvider", {"role_name": "ram_role_name"}),
    "OIDC": (
        "OIDCRoleArnCredentialsProvider",
        {**_ROLE, "oidc_provider_arn": "oidc_provider_arn", "oidc_token_file_path": "oidc_token_file"},
    ),
    "CloudSSO": (
        "CloudSSOCredentialsProvider",
        {
            "sign_in_url": "cloud_sso_sign_in_url",
            "account_id": "cloud_sso_account_id",
            "access_config": "cloud_sso_access_config",
            "access_token": "access_token",
            "access_token_expire": "cloud_sso_access_token_expire",
        },
    ),
    "External": ("ExternalCredentialsProvider", {"process_command": "process_command"}),
}
_SIGN_IN_ENDED = "its sign-in has ended; sign in again with the command line tool"


class Unusable(Exception):  # noqa: N818 - it is caught where it is raised, and only its text is shown
    """A place that has no credentials; the text says why in a few words, without anything that could be secret."""


class Key:
    """A key that a profile holds, as a provider of the official package and as what such a provider gives."""

    def __init__(self, key_id: str, secret: str, token: str | None, expiration: float = math.inf) -> None:
        self._parts = (key_id, secret, token)
        self._expiration = expiration

    def get_credentials(self) -> Key:
        return self

    def get_access_key_id(self) -> str:
        return self._parts[0]

    def get_access_key_secret(self) -> str:
        return self._parts[1]

    def get_security_token(self) -> str | None:
        return self._parts[2]

    def get_expiration(self) -> float:
        return self._expiration

    def get_provider_name(self) -> str:
        return "profile"


def cli_provider(name: str | None, package: t.Callable[[], t.Any]) -> t.Any:
    """Return what gives the credentials of a profile, the current one without a ``name``.

    ``package()`` returns the providers of the official package. Raises Unusable, and what the package raises.
    """
    config = _config()
    name = name or config.get("current")
    if not isinstance(name, str) or not name:
        raise Unusable("it names no current profile")
    return _provider(config, name, package, ())


def ini_provider(path: str, section: str, package: t.Callable[[], t.Any]) -> t.Any:
    """Return what gives the credentials of a section of the INI file at ``path``. Raises Unusable."""
    _read(path)
    return package().ProfileCredentialsProvider(profile_file=os.path.expanduser(path), profile_name=section)


def _provider(config: dict[str, t.Any], name: str, package: t.Callable[[], t.Any], above: tuple[str, ...]) -> t.Any:
    profile = _profile(config, name)
    mode = profile.get("mode")
    if name in above:
        raise Unusable("its source_profile leads back to itself")
    if mode == "AK":
        return Key(*_pair(profile), None)
    if mode == "StsToken":
        token = profile.get("sts_token")
        if not token:
            raise Unusable("its sts_token is missing")
        return Key(*_pair(profile), token)
    if mode not in _PROVIDERS:
        # A rotating sign-in (OAuth), which the package has to write down, and modes of tomorrow.
        return _Kept(name, package().CLIProfileCredentialsProvider(profile_name=name))
    if mode == "CloudSSO" and not _is_after(profile.get("cloud_sso_access_token_expire")):
        raise Unusable(_SIGN_IN_ENDED)
    provider, fields = _PROVIDERS[mode]
    given = {argument: profile[field] for argument, field in fields.items() if profile.get(field) not in (None, "")}
    if mode == "RamRoleArn":
        given["credentials_provider"] = Key(*_pair(profile), None)
    if mode == "ChainableRamRoleArn":
        given["credentials_provider"] = _provider(config, str(profile.get("source_profile")), package, (*above, name))
    made = getattr(package(), provider, None)
    if made is None:
        raise Unusable(f"mode {mode} needs a newer alibabacloud-credentials")
    return made(**given)


class _Kept:
    """A profile whose session the package keeps in the user's file, with its end."""

    def __init__(self, name: str, provider: t.Any) -> None:
        self._name = name
        self._provider = provider

    def get_credentials(self) -> Key:
        try:
            found = self._provider.get_credentials()
        except Exception as error:
            if re.search(r"(?:http_code|status code)\W{0,3}4\d\d", str(error)):
                raise Unusable(_SIGN_IN_ENDED) from None
            raise
        token = found.get_security_token() or None
        end = _profile(_config(), self._name).get("sts_expiration") if token else math.inf
        # Without an end that is known, none: whoever asks has a rule for that.
        known = end if isinstance(end, (int, float)) else 0
        return Key(found.get_access_key_id(), found.get_access_key_secret(), token, known)


def _config() -> dict[str, t.Any]:
    try:
        config = json.loads(_read(CLI_FILE))
    except (ValueError, RecursionError):
        raise Unusable("it is not JSON") from None
    if not isinstance(config, dict):
        raise Unusable("it is not a JSON object")
    return config


def _profile(config: dict[str, t.Any], name: str) -> dict[str, t.Any]:
    profiles = config.get("profiles")
    for profile in profiles if isinstance(profiles, list) else []:
        if isinstance(profile, dict) and profile.get("name") == name:
            return profile
    raise Unusable("it has no such profile")


def _pair(profile: dict[str, t.Any]) -> tuple[str, str]:
    key_id, secret = profile.get("access_key_id"), profile.get("access_key_secret")
    if not key_id or not secret:
        missing = "access_key_secret" if key_id else "access_key_id"
        raise Unusable(f"its {missing} is missing")
    return key_id, secret


def _is_after(moment: t.Any) -> bool:
    return isinstance(moment, (int, float)) and moment > time.time()


def _read(path: str) -> str:
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        raise Unusable("it is not there") from None
    except OSError as error:
        raise Unusable(f"it cannot be read: {str(error.strerror).lower()}") from None
    except UnicodeDecodeError:
        raise Unusable("it is not UTF-8") from None
    if text.startswith("\ufeff"):
        raise Unusable("it begins with a byte-order mark; save it without one")
    return text
