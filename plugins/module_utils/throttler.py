# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One quota for every process, and with Redis every host, that names it: reserve a slot, wait, send.

Public, with interface version 1: what is listed in ``__all__`` keeps its meaning until version 2.0.0 of the collection.
"""

from __future__ import annotations

import time
import typing as t
from urllib.parse import unquote

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError, ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import (
    MAX_LATENESS,
    Reservation,
    Throttle,
    split_url,
)

__all__ = ["MAX_LATENESS", "OptionError", "Reservation", "Throttle", "ThrottleError", "open_throttle"]


def open_throttle(
    url: str | None,
    password: str | None,
    key: str,
    qps_limit: float,
    max_wait: float,
    clock: t.Callable[[], float] = time.monotonic,
    sleep: t.Callable[[float], None] = time.sleep,
) -> Throttle:
    """Return the throttle that ``url`` names, this machine's file without one; ``key`` names the quota.

    Raises OptionError for a URL that cannot be used, ThrottleError for a storage that cannot be had.
    """
    common = {"key": key, "qps_limit": qps_limit, "max_wait": max_wait, "clock": clock}
    # Only the storage that is used is imported; each builds on the class above.
    if not url or url.startswith("file:"):
        from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.file import FileThrottle

        return FileThrottle(_directory(url) if url else None, sleep=sleep, **common)
    from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.redis import RedisThrottle

    return RedisThrottle(url, password, **common)


def _directory(url: str) -> str:
    parts = split_url(url)
    if parts.netloc or parts.query or not parts.path.startswith("/") or "\0" in unquote(parts.path):
        raise OptionError("throttle_url: a file URL is file:///directory, with an absolute path and nothing else.")
    return unquote(parts.path)
