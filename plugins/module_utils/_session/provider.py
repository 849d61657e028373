# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: who calls.

The order: a pair of options, the option ``profile``, a pair of the environment, a profile that the environment names,
all other sources. What names its source is never replaced by another source.
"""

from __future__ import annotations

import os
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.credentials import (
    Credentials,
    from_environment,
    from_options,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.redaction import Redactor

PROFILE_VARIABLES = ("ALIBABA_CLOUD_PROFILE", "ALICLOUD_PROFILE")


def provider(params: t.Mapping[str, t.Any], redactor: Redactor) -> t.Callable[[], Credentials]:
    """Return what gives the credentials for the next attempt, at once and to any thread.

    Raises OptionError for half of a pair and for two sources at once, CredentialsError when no source has credentials.
    """
    pair = from_options(params)
    profile = params["profile"]
    if pair and profile:
        raise OptionError("profile and access_key_id are both given; leave one of them out.")
    pair = pair or (None if profile else from_environment())
    if pair:
        return lambda: pair
    # Only a task that needs another source than a pair pays for what looks for one.
    from ansible_collections.alicloud.chatapp.plugins.module_utils._session.renewal import Renewed
    from ansible_collections.alicloud.chatapp.plugins.module_utils._session.sources import sources

    return Renewed(sources(profile or _profile_from_environment()), redactor)


def _profile_from_environment() -> str | None:
    for name in PROFILE_VARIABLES:
        profile = os.environ.get(name)
        if profile:
            if not profile.isprintable():
                raise OptionError(f"The environment variable {name} holds a control character; remove it.")
            return profile
    return None
