# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: a circuit breaker, which tells failures of some queries from those of the service.

After some failures in a row that may be everybody's it opens: one query is asked alone, a probe, whose end decides.
Nothing here sleeps or looks at a clock: the dispatcher waits.
"""

from __future__ import annotations

import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ChatappError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import (
    TRANSIENT,
    Retries,
    is_fatal,
    kind_of,
)

# So many failures in a row that may be everybody's open the breaker.
MAX_CONSECUTIVE_FATAL = 5


class Breaker:
    """``is_open``: only ``probe`` (Query) may be asked, not before ``not_before`` (seconds of the dispatcher's clock).

    All queries share one budget for an outage, as large as each one's own. Connections that cannot be made are charged
    to it alone: else the queries in front would have used up theirs before the service is back. Once it is used up,
    passing failures open the breaker no more until an answer comes.
    """

    def __init__(self) -> None:
        self.is_open = False
        self.not_before = 0.0
        self.probe: t.Any = None
        self._in_a_row = 0
        self._patient = False
        self._budget: Retries | None = None

    def answered(self) -> None:
        """Close: the service has answered, whatever it said of one query."""
        self.is_open = False
        self._in_a_row = 0
        # A service that has answered this task before is worth more patience than one that perhaps never will.
        self._patient = True
        self._budget = None

    def failed(self, query: t.Any, error: ChatappError, now: float) -> bool:
        """Take in how a query failed, now or for good; return whether asking others is worth it."""
        passing = kind_of(error) == TRANSIENT
        if not passing and not is_fatal(error):
            self.answered()
        elif self.is_open and query is self.probe:
            if not passing:
                return False
            self.is_open = self._pause(query, error, now)
            self._in_a_row = 0
        elif not self.is_open and (not passing or self._shared(query).left()):
            self._in_a_row += 1
            if self._in_a_row >= MAX_CONSECUTIVE_FATAL:
                self.is_open, self.not_before, self.probe = True, now, None
        return True

    def unreachable(self, query: t.Any, error: ChatappError, now: float) -> int | None:
        """Take in that no connection can be made, while ``query`` is next.

        Return None where it is worth trying again, at ``not_before``, else how often it was tried.
        """
        self.is_open = self._pause(query, error, now)
        return None if self.is_open else self._shared(query).used + 1

    def _pause(self, query: t.Any, error: ChatappError, now: float) -> bool:
        delay = self._shared(query).after(error)
        if delay is not None:
            self.not_before = now + delay
        return delay is not None

    def _shared(self, query: t.Any) -> Retries:
        if self._budget is None:
            self._budget = query.retries.shared(self._patient)
        return self._budget
