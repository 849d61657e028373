# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: how a callback URL is shown: without its query string, fragment and user information."""

from __future__ import annotations

import re

_USER_INFORMATION = re.compile(r"(://|^\s*(?://)?)[^/]*@")  # a URL may come without its scheme
_TAIL = re.compile(r"[?#]")


def redact_url(url: str) -> str:
    """Return ``url`` with ``?…`` for its query string, ``#…`` for its fragment and ``…@`` for its user information."""
    tail = _TAIL.search(url)
    head = url[: tail.start()] if tail else url
    return _USER_INFORMATION.sub(r"\1…@", head) + (f"{tail.group()}…" if tail else "")
