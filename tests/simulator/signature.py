# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote, unquote

ALGORITHM = "ACS3-HMAC-SHA256"
_AUTHORIZATION = re.compile(ALGORITHM + r" Credential=([^,\s]+),SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{64})")


class Authorization(NamedTuple):
    access_key_id: str
    signed_headers: tuple[str, ...]
    signature: str


def parse_authorization(value: str) -> Authorization | None:
    """The three parts of an Authorization header, or None where it is not of the form that the gateway demands."""
    match = _AUTHORIZATION.fullmatch(value)
    return match and Authorization(match[1], tuple(match[2].split(";")), match[3])


def canonical_query(query: str) -> str:
    """The query as the signature sees it: decoded, ordered by key, encoded anew by RFC 3986."""
    if not query:
        return ""
    pairs = sorted(tuple(unquote(side) for side in pair.partition("=")[::2]) for pair in query.split("&"))
    return "&".join(f"{quote(key, safe='~')}={quote(value, safe='~')}" for key, value in pairs)


def canonical_request(
    method: str, path: str, query: str, headers: Mapping[str, str], signed_headers: Sequence[str], body: bytes
) -> str:
    """`headers` have lower-case names and trimmed values; a signed header that is missing counts as empty."""
    lines = "".join(f"{name}:{headers.get(name, '')}\n" for name in signed_headers)
    names = ";".join(signed_headers)
    return "\n".join((method, path, canonical_query(query), lines, names, hashlib.sha256(body).hexdigest()))


def string_to_sign(canonical: str) -> str:
    # Header bytes were read as Latin-1, one character a byte: so they are hashed as they came.
    return f"{ALGORITHM}\n{hashlib.sha256(canonical.encode('latin-1')).hexdigest()}"


def sign(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
