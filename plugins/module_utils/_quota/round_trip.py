# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: how long a storage takes to answer, as TCP estimates it (RFC 6298)."""

from __future__ import annotations

# Seconds; who takes longer does not answer at all.
LONGEST = 2.0


class RoundTrip:
    """The last answers, in seconds: their ``mean``, and the ``bound`` of nearly all; ``measured`` after the first."""

    def __init__(self) -> None:
        self.mean = 0.0
        self._deviation = 0.0
        self.measured = False

    def note(self, seconds: float) -> None:
        """Count an answer that took so long."""
        if not self.measured:
            # A first deviation of half the mean, as TCP has it, would hold the first calls back for nothing.
            self.mean, self._deviation, self.measured = seconds, seconds / 8, True
            return
        self._deviation += (abs(seconds - self.mean) - self._deviation) / 4
        self.mean += (seconds - self.mean) / 8

    @property
    def bound(self) -> float:
        """Seconds within which nearly every answer comes."""
        return min(LONGEST, self.mean + 4 * self._deviation)
