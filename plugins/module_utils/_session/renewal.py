# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: credentials that end, renewed by their expiration, beside the calls."""

from __future__ import annotations

import math
import threading
import time
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import CredentialsError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.credentials import Credentials
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.redaction import Redactor
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.sources import REMEDY, Source, reason_of

# Seconds. The slowest source, a command that a profile names, may take 60.
FIRST_CREDENTIALS_TIMEOUT = 90.0
# How long before their end credentials are renewed, and how often that is tried at most.
RENEWAL_LEAD = 300.0
SHORTEST_RENEWAL_INTERVAL = 60.0
# No session of the vendor lives shorter.
SHORTEST_SESSION = 900.0


def renewal_delay(expiration: float | None, now: float) -> float | None:
    """Return the seconds until credentials are to be renewed, None for never. Both arguments are Unix time in seconds.

    An ``expiration`` that is not known, None, is not before that of the shortest session.
    """
    if expiration is None:
        return SHORTEST_SESSION - RENEWAL_LEAD
    if expiration == math.inf:
        return None
    return max(SHORTEST_RENEWAL_INTERVAL, expiration - RENEWAL_LEAD - now)


class Renewed:
    """The credentials of the first source that has some: asked once, and again near the end of what it gave.

    One thread asks, so that no call waits for it. Where a renewal fails, what the source gave before is used on.
    ``now`` is Unix time in seconds. Raises CredentialsError when no source has credentials.
    """

    def __init__(
        self,
        sources: t.Sequence[Source],
        redactor: Redactor,
        now: t.Callable[[], float] = time.time,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self._redactor = redactor
        self._now = now
        self._sleep = sleep
        self._current: Credentials | None = None
        self._error: CredentialsError | None = None
        self._reasons: dict[str, str] = {}
        answered = threading.Event()
        threading.Thread(target=self._keep_current, args=(sources, answered), daemon=True).start()
        answered.wait(FIRST_CREDENTIALS_TIMEOUT)
        if self._current is None:
            raise self._error or _none_found(sources, self._reasons)

    def __call__(self) -> Credentials:
        return t.cast(Credentials, self._current)

    def _keep_current(self, sources: t.Sequence[Source], answered: threading.Event) -> None:
        ask = self._first_that_gives(sources)
        answered.set()
        while ask and self._current:
            delay = renewal_delay(self._current.expiration, self._now())
            if delay is None:
                return
            self._wait_until(self._now() + delay)
            try:
                self._take(ask())
            except Exception:
                # The next one may succeed; until then there is what was given before.
                continue

    def _first_that_gives(self, sources: t.Sequence[Source]) -> t.Callable[[], Credentials] | None:
        for source in sources:
            ask = self._opened(source)
            if ask or self._error:
                return ask
        return None

    def _opened(self, source: Source) -> t.Callable[[], Credentials] | None:
        try:
            ask = source.open()
            self._take(ask())
        except CredentialsError as error:
            self._error = error
        except Exception as error:
            # Its text can hold the token that was exchanged, or what the server said.
            self._reasons[source.place] = reason_of(error)
        else:
            return ask
        return None

    def _take(self, found: Credentials) -> None:
        self._redactor.add(found.secrets())
        self._current = found

    def _wait_until(self, moment: float) -> None:
        # In pieces: the clock can be set, and a machine that was suspended has slept longer than it knows.
        while self._now() < moment:
            self._sleep(min(moment - self._now(), SHORTEST_RENEWAL_INTERVAL))


def _none_found(sources: t.Sequence[Source], reasons: t.Mapping[str, str]) -> CredentialsError:
    places = []
    for source in sources:
        reason = reasons.get(source.place)
        places.append(f"{source.place} ({reason or f'has not answered within {FIRST_CREDENTIALS_TIMEOUT:g} s'})")
        if reason is None:
            break
    message = f"No usable credentials were found. These places were tried: {', '.join(places)}."
    return CredentialsError("NoCredentials", message, REMEDY)
