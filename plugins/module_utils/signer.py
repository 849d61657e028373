# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alibaba Cloud's signature version 3, ``ACS3-HMAC-SHA256``, as an auth object of ``requests``.

Public, with interface version 1: what is listed in ``__all__`` keeps its meaning until version 2.0.0 of the collection.

.. code-block:: python

    date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    auth = Acs3Auth(key_id, secret, None, "DescribeRegions", "2014-05-26", date, secrets.token_hex(16))
    answer = requests.post("https://ecs.aliyuncs.com/", params={"AcceptLanguage": "en-US"}, auth=auth)

Source: Alibaba Cloud SDK documentation, "Request syntax and signature method V3". Pure: no clock, no nonce of its own,
so that a request can be signed again and compared. It needs neither ``requests`` nor any other package itself.
"""

from __future__ import annotations

import hashlib
import hmac
import typing as t
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

__all__ = ["ALGORITHM", "Acs3Auth", "Signature", "canonical_query", "sign"]

ALGORITHM = "ACS3-HMAC-SHA256"


class Signature(t.NamedTuple):
    """A signature with every intermediate value, all of them str, so that a mismatch can be traced.

    ``signed_headers``: names joined by ``;``. ``canonical_request`` and ``string_to_sign`` as the vendor has them; the
    first holds the query, and with it whatever is secret there. ``signature``: 64 digits of lower-case hex.
    """

    signed_headers: str
    canonical_request: str
    string_to_sign: str
    signature: str


def canonical_query(pairs: t.Iterable[tuple[str, str]]) -> str:
    """Return ``pairs`` of str as a query: encoded by RFC 3986 in UTF-8, sorted by key; an empty value keeps its ``=``.

    Raises UnicodeEncodeError for an unpaired surrogate.
    """
    return urlencode(sorted(pairs), quote_via=quote)


def sign(
    method: str, path: str, query: str, headers: t.Mapping[str, str], body_sha256: str, access_key_secret: str
) -> Signature:
    """Return the signature of a request, which covers ``host`` and every ``x-acs-*`` of ``headers``.

    ``method`` is in capitals, ``path`` begins with ``/``, ``query`` is canonical already, and ``body_sha256`` is
    lower-case hex. Raises UnicodeEncodeError for an unpaired surrogate in any of them.
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

    One object serves one attempt: ``date`` is UTC, ``YYYY-MM-DDTHH:MM:SSZ``, within 15 minutes of the server's, and
    ``nonce`` (str) was never used with this key before. ``security_token`` is None for a key that stays. ``action`` and
    ``version`` name the operation.
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
        """Set URL, ``Host``, ``x-acs-*`` and ``Authorization`` of a ``requests.PreparedRequest`` and return it.

        Its body is None, bytes or str. Raises ValueError for a URL that is none.
        """
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
