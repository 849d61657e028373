# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import hmac
import re
import time
from calendar import timegm
from collections import defaultdict
from collections.abc import Callable

from . import signature
from .accounts import Key
from .operation import OPERATIONS
from .refusals import Refusal
from .wire import Request

VERSION = "2020-06-06"
DATE_TOLERANCE = 15 * 60
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_MANDATORY = (
    "host",
    "x-acs-action",
    "x-acs-version",
    "x-acs-date",
    "x-acs-signature-nonce",
    "x-acs-content-sha256",
)


class Nonces:
    """Remembers each key's nonces for as long as a request of any acceptable date could be sent again."""

    def __init__(self) -> None:
        self._until: dict[str, dict[str, float]] = defaultdict(dict)

    def spend(self, key_id: str, nonce: str, now: float) -> bool:
        """False where the nonce was used before."""
        until = self._until[key_id]
        while until and (oldest := next(iter(until))) and until[oldest] < now:
            del until[oldest]
        if nonce in until:
            return False
        until[nonce] = now + 2 * DATE_TOLERANCE
        return True


class Gateway:
    """What every request passes before the operation sees it; each method raises Refusal."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._nonces = Nonces()

    def route(self, request: Request) -> None:
        """The request names an operation that exists."""
        if request.method not in ("GET", "POST"):
            raise Refusal("UnsupportedHTTPMethod")
        for name in _MANDATORY:
            if not request.headers.get(name):
                raise Refusal("MissingParameter", f"{name} is mandatory for this action.")
        if request.path != "/" or request.headers["x-acs-action"] not in OPERATIONS:
            raise Refusal("InvalidApi.NotFound")
        if request.headers["x-acs-version"] != VERSION:
            raise Refusal("InvalidVersion")

    def credential(self, request: Request) -> signature.Authorization:
        """The caller as the request names it, not yet verified."""
        if "authorization" not in request.headers:
            raise Refusal("MissingParameter", "Authorization is mandatory for this action.")
        authorization = signature.parse_authorization(request.headers["authorization"])
        if authorization is None:
            raise Refusal("IncompleteSignature")
        return authorization

    def verify(self, request: Request, authorization: signature.Authorization, key: Key) -> None:
        """The request is what the key's owner signed, now and for the first time."""
        if not key.active:
            raise Refusal("InvalidAccessKeyId.Inactive")
        self._check_date(request.headers["x-acs-date"])
        self._check_signature(request, authorization, key)
        self._check_token(request, key)
        if not self._nonces.spend(key.id, request.headers["x-acs-signature-nonce"], self._now()):
            raise Refusal("SignatureNonceUsed")

    def _check_date(self, text: str) -> None:
        try:
            if not _DATE.fullmatch(text):
                raise ValueError(text)
            date = timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))
        except ValueError:
            raise Refusal("InvalidTimeStamp.Format") from None
        if abs(date - self._now()) > DATE_TOLERANCE:
            raise Refusal("InvalidTimeStamp.Expired")

    def _check_signature(self, request: Request, authorization: signature.Authorization, key: Key) -> None:
        signed = authorization.signed_headers
        must = {"host", *(name for name in request.headers if name.startswith("x-acs-"))}
        if list(signed) != sorted(set(signed)) or not must <= set(signed) <= request.headers.keys():
            raise Refusal("IncompleteSignature")
        canonical = signature.canonical_request(
            request.method, request.path, request.query, request.headers, signed, request.body
        )
        text = signature.string_to_sign(canonical)
        matches = hmac.compare_digest(signature.sign(key.secret, text), authorization.signature)
        # The platform decodes and encodes anew; a client that sends what it did not sign shall be found here.
        as_signed = request.query == signature.canonical_query(request.query)
        whole = request.headers["x-acs-content-sha256"] == hashlib.sha256(request.body).hexdigest()
        if not (matches and as_signed and whole):
            raise Refusal(
                "SignatureDoesNotMatch",
                "Specified signature does not match our calculation. "
                f"server string to sign is:{text}, server canonical request is:{canonical}",
            )

    @staticmethod
    def _check_token(request: Request, key: Key) -> None:
        token = request.headers.get("x-acs-security-token")
        if key.security_token and not token:
            raise Refusal("MissingSecurityToken")
        if (token or None) != key.security_token or request.headers.get("x-acs-accesskey-id", key.id) != key.id:
            raise Refusal("InvalidSecurityToken.MismatchWithAccessKey")
        if key.expired:
            raise Refusal("InvalidSecurityToken.Expired")
