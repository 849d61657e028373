# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: how secrets are kept out of every text that leaves."""

from __future__ import annotations

import base64
import json
import re
import typing as t
from urllib.parse import quote

MASK = "********"

# Anything shorter occurs in ordinary sentences. Secrets that are options have at least 8 characters;
# a password inside throttle_url can have fewer.
_SHORTEST = 4

# What quote() and its kin in other languages leave as it is.
_SAFE = ("", "/", "!~*'()", "/!~*'()", ":/?#[]@!$&'()*+,;=")


class Redactor:
    """Masks secrets in texts, whatever the case: raw, percent-encoded (also twice), JSON-escaped and within base64."""

    def __init__(self) -> None:
        self._forms: set[str] = set()

    def add(self, secrets: t.Iterable[str | None]) -> None:
        """Mask these values from now on; None and values shorter than 4 characters are left out."""
        known = [secret for secret in secrets if secret and len(secret) >= _SHORTEST]
        # A new set, since another thread may be looking through the old one.
        self._forms = self._forms | {form.casefold() for secret in known for form in _forms(secret)}

    def clean(self, value: t.Any) -> t.Any:
        """Return ``value`` (str, None, number, or lists and dicts of them) with every secret in a text masked."""
        if isinstance(value, str):
            return self._cleaned(value)
        if isinstance(value, dict):
            return {self.clean(key): self.clean(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.clean(item) for item in value]
        return value

    def _cleaned(self, text: str) -> str:
        folded = text.casefold()
        found = [form for form in self._forms if form in folded]
        if not found:
            return text
        # Each form before its own beginnings, so that none is cut.
        pattern = "|".join(re.escape(form) for form in sorted(found, reverse=True))
        # Folded, a character can become several: this leads from each of them back to its own.
        origins = [place for place, character in enumerate(text) for _part in character.casefold()]
        shown, end = "", 0
        for match in re.finditer(pattern, folded):
            shown += text[end : origins[match.start()]] + MASK
            end = origins[match.end() - 1] + 1
        return shown + text[end:]


def _forms(secret: str) -> t.Iterator[str]:
    escaped = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    for text in (secret, *escaped, *(form.replace("/", "\\/") for form in escaped)):
        yield text
        for safe in _SAFE:
            percent = _quoted(text, safe)
            yield from (percent, percent.replace("%20", "+"), _quoted(percent, safe))
    raw = secret.encode(errors="surrogatepass")
    # Inside a longer text a secret begins at any of three offsets of the base64 alphabet's groups;
    # the characters that also hold bits of its neighbours are left out.
    for offset, start in enumerate((0, 2, 3)):
        encoded = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        own = encoded[start : len(encoded) - ((offset + len(raw)) % 3 != 0)]
        yield from (own, own.replace("+", "-").replace("/", "_"), quote(own, safe=""))


def _quoted(text: str, safe: str) -> str:
    return quote(text, safe=safe, errors="surrogatepass")
