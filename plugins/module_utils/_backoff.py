# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: how the seconds between attempts grow."""

from __future__ import annotations

import typing as t


def delays(first: float, cap: float, uniform: t.Callable[[float, float], float]) -> t.Iterator[float]:
    """Yield seconds without end: full jitter below a bound that doubles from ``first`` to ``cap``."""
    bound = first
    while True:
        yield uniform(0.0, bound)
        bound = min(cap, 2 * bound)
