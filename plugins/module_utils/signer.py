# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alibaba Cloud's signature version 3, ``ACS3-HMAC-SHA256``, as an auth object of ``requests``.

Source: Alibaba Cloud SDK documentation, "Request syntax and signature method V3". Pure: no clock, no nonce of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import typing as t
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

ALGORITHM = "ACS3-HMAC-SHA256"


class Signature(t.NamedTuple):
    """A signature with every intermediate value, so that a mismatch can be traced."""

    signed_headers: str
    canonical_request: str
    string_to_sign: str
    signature: str


def canonical_query(pairs: t.Iterable[tuple[str, str]]) -> str:
    """Encode ``pairs`` of str by RFC 3986 in UTF-8, sorted by key; an empty value keeps its ``=``."""
    return urlencode(sorted(pairs), quote_via=quote)


def sign(
    method: str, path: str, query: str, headers: t.Mapping[str, str], body_sha256: str, access_key_secret: str
) -> Signature:
    """Sign ``host`` and every ``x-acs-*`` of ``headers``.

    ``query`` is canonical already, ``body_sha256`` is lower-case hex.
    """
    signed = {name.lower(): value.strip() for name, value in headers.items()}
    names = sorted(name for name in signed if name == "host" or name.startswith("x-acs-"))
    signed_headers = ";".join(names)
    canonical_headers = "".join(f"{name}:{signed[name]}\n" for name in names)
    canonical_request = f"{method}\n{path}\n{query}\n{canonical_headers}\n{signed_headers}\n{body_sha256}"
    string_to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical_request.encode()).hexdigest()}"
    signature = hmac.new(access_key_secret.encode(), string_to_sign.encode(), hashlib.sha256).hexdigest()
    return Signature(signed_headers, canonical_request, string_to_sign, signature)


class Acs3Auth:
    """Signs a prepared request for one attempt.

    ``requests`` calls it last, after session headers and in place of ``~/.netrc``, so nothing can replace what it sets.
    The query of the URL is rewritten in canonical form: what goes over the wire is byte for byte what was signed.

    ``date`` is UTC, ``YYYY-MM-DDTHH:MM:SSZ``, within 15 minutes of the server's; ``nonce`` was never used before.
    """

    def __init__(
        self,
        access_key_id: str,
        access_key_secret: str,
        security_token: str | None,
        action: str,
        version: str,
        date: str,
        nonce: str,
    ) -> None:
        self._access_key_id = access_key_id
        self._access_key_secret = access_key_secret
        self._headers = {
            "x-acs-action": action,
            "x-acs-version": version,
            "x-acs-date": date,
            "x-acs-signature-nonce": nonce,
        }
        if security_token:
            self._headers["x-acs-accesskey-id"] = access_key_id
            self._headers["x-acs-security-token"] = security_token

    def __call__(self, request: t.Any) -> t.Any:
        """Set URL, ``Host``, ``x-acs-*`` and ``Authorization`` of a ``requests.PreparedRequest`` and return it."""
        parts = urlsplit(request.url)
        query = canonical_query(parse_qsl(parts.query, keep_blank_values=True))
        request.url = urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
        body = request.body or b""
        body_sha256 = hashlib.sha256(body.encode() if isinstance(body, str) else body).hexdigest()
        request.headers.update(self._headers)
        request.headers["Host"] = parts.netloc
        request.headers["x-acs-content-sha256"] = body_sha256
        result = sign(request.method, parts.path, query, request.headers, body_sha256, self._access_key_secret)
        request.headers["Authorization"] = (
            f"{ALGORITHM} Credential={self._access_key_id},"
            f"SignedHeaders={result.signed_headers},Signature={result.signature}"
        )
        return request
