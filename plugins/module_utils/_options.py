# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection.

The options every module of the collection shares: their specification and the rules between them.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import typing as t
from urllib.parse import unquote, unquote_plus

from ansible.module_utils.basic import AnsibleFallbackNotFound
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.credentials import check_secret

SECRETS = ("access_key_id", "access_key_secret", "security_token", "isv_code", "throttle_password")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def from_environment(name: str) -> dict[str, t.Any]:
    """Return, for an option's specification, that the environment variable ``name`` stands in for the option.

    One that is there and empty, a blank field of an automation platform, counts as not given.
    """
    return {"fallback": (_filled, [name])}


def _filled(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise AnsibleFallbackNotFound
    return value


def without_empty(
    params: t.Mapping[str, t.Any], specification: t.Mapping[str, t.Mapping[str, t.Any]]
) -> dict[str, t.Any]:
    """Return the options, with each empty text as if it were not given: the environment's value, or the default."""
    return {name: _not_given(specification.get(name, {})) if value == "" else value for name, value in params.items()}


def _not_given(option: t.Mapping[str, t.Any]) -> t.Any:
    fallback, names = option.get("fallback", (None, []))
    with contextlib.suppress(AnsibleFallbackNotFound):
        if fallback:
            return fallback(*names)
    return option.get("default")


def argument_spec() -> dict[str, dict[str, t.Any]]:
    """Return the argument specification of credentials, connection and throttle.

    Credentials have no fallback here: their environment variables count as pairs, see ``credentials.py``.
    """
    return {
        "access_key_id": {"type": "str", "no_log": True, "aliases": ["alicloud_access_key"]},
        "access_key_secret": {"type": "str", "no_log": True, "aliases": ["alicloud_secret_key"]},
        "security_token": {"type": "str", "no_log": True, "aliases": ["alicloud_security_token"]},
        "profile": {"type": "str"},
        "endpoint": {
            "type": "str",
            "default": "https://cams.ap-southeast-1.aliyuncs.com",
            **from_environment("ALICLOUD_CHATAPP_ENDPOINT"),
        },
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "timeout": {"type": "float", "default": 10.0, **from_environment("ALICLOUD_CHATAPP_TIMEOUT")},
        "max_retries": {"type": "int", "default": 5, **from_environment("ALICLOUD_CHATAPP_MAX_RETRIES")},
        "qps_limit": {"type": "float", "default": 10.0, **from_environment("ALICLOUD_CHATAPP_QPS_LIMIT")},
        "throttle_url": {"type": "str", "no_log": True, **from_environment("ALICLOUD_CHATAPP_THROTTLE_URL")},
        "throttle_password": {"type": "str", "no_log": True, **from_environment("ALICLOUD_CHATAPP_THROTTLE_PASSWORD")},
        "throttle_key": {
            "type": "str",
            "default": "",
            "no_log": False,
            **from_environment("ALICLOUD_CHATAPP_THROTTLE_KEY"),
        },
        "throttle_max_wait": {"type": "float", "default": 600.0},
    }


def check(params: t.Mapping[str, t.Any]) -> None:
    """Refuse what no later layer could use. Raises OptionError with one sentence that names the option."""
    for name, value in sorted(params.items()):
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and _CONTROL.search(text):
                raise OptionError(
                    f"{name} holds a control character or an unpaired surrogate; "
                    "remove it (a trailing newline is a common cause)."
                )
    for name in SECRETS:
        if params.get(name) is not None:
            check_secret(name, params[name])
    check_number(params, "timeout", 0.1, 3600, "seconds")
    check_number(params, "max_retries", 0, 100, "retries")
    check_number(params, "qps_limit", 0.1, 1000, "calls a second")
    check_number(params, "throttle_max_wait", 0, 3600, "seconds")
    if params.get("ca_path") and not params["validate_certs"]:
        raise OptionError("ca_path has no effect with validate_certs=false; leave one of the two out.")


def secrets(params: t.Mapping[str, t.Any]) -> list[str | None]:
    """Return every option's value that must never leave, the passwords inside throttle_url too."""
    values = [params.get(name) for name in SECRETS]
    # The part before the last @ is what any parser could take for user and password.
    userinfo, at_sign, _host = (params.get("throttle_url") or "").partition("://")[2].rpartition("@")
    if at_sign:
        password = userinfo.partition(":")[2]
        values += [password, unquote(password)]
    # What Sentinels ask for stands behind a question mark.
    for word in re.findall(r"[?&]sentinel_password=([^&#]+)", params.get("throttle_url") or ""):
        values += [word, unquote_plus(word)]
    return values


def check_space_ids(space_ids: t.Sequence[str] | None) -> None:
    """Refuse a list of sub-customers that cannot mean what its author meant. Raises OptionError."""
    if space_ids is None:
        return
    if not space_ids:
        raise OptionError(
            "cust_space_ids is an empty list; "
            "leave it out to ask for the account's own numbers, or give at least one ID."
        )
    for place, space_id in enumerate(space_ids):
        if not space_id.strip():
            raise OptionError(f"cust_space_ids[{place}] is empty; remove it or give the sub-customer's space ID.")
        if space_id.startswith("__omit_place_holder__"):
            raise OptionError(
                f"cust_space_ids[{place}] is Ansible's omit placeholder; omit works for a whole option only."
            )


def check_number(params: t.Mapping[str, t.Any], name: str, least: float, most: float, unit: str) -> None:
    """Refuse a number outside the bounds. Raises OptionError."""
    value = params[name]
    if not (math.isfinite(value) and least <= value <= most):
        raise OptionError(f"{name} is {value}; give a number from {least} to {most} ({unit}).")
