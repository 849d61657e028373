# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One quota for every process, and with Redis every host, that names it: reserve a slot, wait, send.

Public, with interface version 1: what is listed in ``__all__`` keeps its meaning until version 2.0.0 of the collection.

.. code-block:: python

    throttle = open_throttle(None, None, key="api.example.com", qps_limit=5, max_wait=60)
    for request in requests:
        throttle.acquire()
        send(request)
    for sentence in throttle.warnings:
        module.warn(sentence)
"""

from __future__ import annotations

import time
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError, ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import (
    MAX_LATENESS,
    Reservation,
    Throttle,
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
    max_retries: int = 5,
) -> Throttle:
    """Return the throttle that ``url`` names, this machine's file without one; ``key`` names the quota.

    ``url`` is ``file:///directory``, ``redis://``, ``rediss://``, ``unix://``, ``redis+sentinel://`` or
    ``redis+cluster://``, the last two also with ``rediss``; ``password`` serves where a Redis URL has none.
    ``qps_limit`` is in calls a second, from 0.1 to 1000. ``max_wait`` bounds in seconds how long one call waits for its
    slot, and how long a Redis that is away is waited for; ``max_retries`` bounds how often it is asked again.
    Raises OptionError for a URL that cannot be used, ThrottleError for a storage that cannot be had.
    """
    common: dict[str, t.Any] = {
        "key": key,
        "qps_limit": qps_limit,
        "max_wait": max_wait,
        "clock": clock,
        "sleep": sleep,
    }
    # Only what is used is imported; each storage builds on the class above.
    if not url or url.startswith("file:"):
        from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.file import FileThrottle

        if not url:
            return FileThrottle(None, **common)
        from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.address import directory

        return FileThrottle(directory(url), **common)
    from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.redis import RedisThrottle

    return RedisThrottle(url, password, max_retries, **common)
