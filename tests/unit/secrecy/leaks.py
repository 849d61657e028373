# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds secrets in whatever left a process. It decodes what it reads, while the library encodes what it looks for."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote_plus

# As many characters of a secret, anywhere in it, are a leak.
FRAGMENT = 10
_ESCAPE = re.compile(r'\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u[0-9a-fA-F]{4}|\\["\\/bfnrt]')
_BASE64_RUN = re.compile(r"[A-Za-z0-9+/_-]{8,}")


def leaks(content: str | bytes, secrets: Mapping[str, str]) -> list[str]:
    """Return the names of the secrets of which a part can be read in ``content``, plain or encoded, in any case."""
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    readings = [reading.casefold() for reading in _readings(text)]
    found = []
    for name, secret in secrets.items():
        folded = secret.casefold()
        fragments = {folded[start : start + FRAGMENT] for start in range(max(1, len(folded) - FRAGMENT + 1))}
        if any(fragment in reading for reading in readings for fragment in fragments):
            found.append(name)
    return found


def _readings(text: str) -> Iterator[str]:
    for plain in _plain(text):
        yield plain
        decoded = []
        for run in _BASE64_RUN.findall(plain):
            run = run.replace("-", "+").replace("_", "/")
            for start in range(4):
                part = run[start : start + (len(run) - start) // 4 * 4]
                decoded.append(base64.b64decode(part).decode("utf-8", "replace"))
        yield "\n".join(decoded)


def _plain(text: str) -> set[str]:
    """Return the text as it is, and with percent-encoding and JSON escapes undone up to three times, in any order."""
    readings = {text}
    for _time in range(3):
        readings |= {undone for reading in readings for undone in (unquote_plus(reading), _unescaped(reading))}
    return readings


def _unescaped(text: str) -> str:
    def undo(escape: re.Match) -> str:
        try:
            return json.loads(f'"{escape.group()}"')
        except ValueError:
            return escape.group()

    return _ESCAPE.sub(undo, text)
