# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: one call: signed, sent, bounded, parsed and classified by ``Code``."""

from __future__ import annotations

import contextlib
import json
import math
import re
import secrets
import time
import typing as t
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import TransportError
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.transport import Response, Transport
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.credentials import Credentials
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.errors import ServiceError, service_error
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import SKEWED, kind_of
from ansible_collections.alicloud.chatapp.plugins.module_utils.signer import Acs3Auth

# Where it cannot be had, the module says so before anything here is called.
with contextlib.suppress(ImportError, OSError):
    import requests

USER_AGENT = "alicloud.chatapp (Ansible collection)"

# What HTTP knows to compress with; whatever else a gateway may name there leaves JSON that can be read, or cannot.
_COMPRESSIONS = {"gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd"}

# Deeper JSON parses and then breaks the serialization of the module's result.
_MAX_DEPTH = 64
# Of longer ones Python before 3.9.14 makes an integer, and a newer one on the controller then refuses the whole result.
_MAX_DIGITS = 4300
# json.loads() recurses: in a thread with a small stack some 9,000 levels end the whole process.
_NO_MARKS = bytes(set(range(256)) - set(b'"[]{}'))
_OUTSIDE_STRINGS = re.compile(rb'"[^"]*"?|([^"]+)')
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class Client:
    """Calls one operation with one set of credentials, over whichever transport it is handed; safe to share by threads.

    ``credentials`` returns at once, to any thread, the credentials to sign the next attempt with.
    ``now`` is Unix time in seconds.
    """

    def __init__(
        self,
        credentials: t.Callable[[], Credentials],
        action: str,
        version: str,
        now: t.Callable[[], float] = time.time,
        nonce: t.Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._credentials = credentials
        self._action = action
        self._version = version
        self._now = now
        self._nonce = nonce
        self._skew = 0.0

    def ask(self, transport: Transport, query: t.Mapping[str, str]) -> dict[str, t.Any]:
        """Make one attempt; return the answer, whose ``Code`` is ``OK``. Raises ServiceError, TransportError."""
        credentials = self._credentials()
        auth = Acs3Auth(
            credentials.access_key_id,
            credentials.access_key_secret,
            credentials.security_token,
            self._action,
            self._version,
            time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._now() + self._skew)),
            self._nonce(),
        )
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": USER_AGENT}
        request = requests.Request("POST", transport.base_url + "/", params=dict(query), headers=headers, auth=auth)
        try:
            return classified(transport.send(request), self._action)
        except ServiceError as error:
            if kind_of(error) == SKEWED:
                self._learn_skew(error)
            raise

    def _learn_skew(self, error: ServiceError) -> None:
        """Sign later attempts with the server's time, as the ``Date`` of its refusal gives it."""
        try:
            date = parsedate_to_datetime(error.server_date or "").timestamp()
        except (TypeError, ValueError, OverflowError):
            return
        self._skew = date - self._now()


def classified(response: Response, action: str) -> dict[str, t.Any]:
    """Return the answer of a success, HTTP 200 with ``Code`` ``OK``; raise what anything else means.

    ``Code`` decides, whatever the HTTP status: refusals also come with HTTP 200.
    ``action`` is what was asked. Raises ServiceError; TransportError ``UnexpectedAnswer`` for an answer that is not the
    service's.
    """
    answer = _decoded(response)
    code = answer.get("Code")
    if not isinstance(code, str) or not code:
        raise _unexpected("The answer has no Code", response)
    if code != "OK":
        error = service_error(
            answer, response.status, response.headers.get("x-acs-retry-after"), response.headers.get("Date"), action
        )
        error.retry_after_seconds = _retry_after(response.headers)
        raise error
    if response.status != 200:
        raise _unexpected("The answer contradicts itself: Code is OK", response)
    return answer


def _decoded(response: Response) -> dict[str, t.Any]:
    codings = {coding.strip().lower() for coding in response.headers.get("Content-Encoding", "").split(",")}
    if codings & _COMPRESSIONS:
        raise _unexpected("The answer is compressed, although none was asked to be", response)
    if _is_too_deep(response.body):
        raise _unexpected(f"The answer is nested deeper than {_MAX_DEPTH} levels", response)
    try:
        answer = json.loads(
            response.body.decode("utf-8-sig"), parse_constant=_refuse_constant, parse_float=_finite, parse_int=_bounded
        )
    except ValueError:
        if b"No required SSL certificate" in response.body:
            # nginx answers so where it asks for a certificate of the client.
            raise _unexpected("What stands before the service demands a certificate of the client", response) from None
        raise _unexpected("The answer is not JSON", response) from None
    if not isinstance(answer, dict):
        raise _unexpected("The answer is not a JSON object", response)
    return _paired(answer) if _SURROGATE.search(response.body) else answer


def _unexpected(what: str, response: Response) -> TransportError:
    error = TransportError("UnexpectedAnswer", f"{what} (HTTP {response.status}).", http_status=response.status)
    error.retry_after_seconds = _retry_after(response.headers)
    return error


def _retry_after(headers: t.Mapping[str, str]) -> float | None:
    """Return the seconds that the headers ask to wait: the vendor's milliseconds, or the standard's seconds or date."""
    with contextlib.suppress(ValueError):
        return float(headers.get("x-acs-retry-after", "")) / 1000
    value = headers.get("Retry-After", "")
    with contextlib.suppress(ValueError):
        return float(value)
    try:
        # By the clock of whoever gave the date, where it tells.
        now = _moment(headers["Date"]) if "Date" in headers else datetime.now(timezone.utc)
        return (_moment(value) - now).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None


def _moment(date: str) -> datetime:
    moment = parsedate_to_datetime(date)
    # The oldest form of a date names no zone (RFC 9110, 5.6.7): all dates of HTTP are in GMT.
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _refuse_constant(name: str) -> t.NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("number out of range")
    return value


def _bounded(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise ValueError("integer out of range")
    return int(text)


def _is_too_deep(body: bytes) -> bool:
    """Tell whether JSON is nested deeper than it may be, by a look at its brackets outside strings."""
    if body.count(b"[") + body.count(b"{") <= _MAX_DEPTH:
        return False
    # Without what is escaped, a quotation mark begins or ends a string; two side by side change nothing.
    plain = body.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _NO_MARKS).replace(b'""', b"")
    depth = 0
    for outside in _OUTSIDE_STRINGS.finditer(plain):
        for bracket in outside[1] or b"":
            depth += 1 if bracket in b"[{" else -1
            if depth > _MAX_DEPTH:
                return True
    return False


def _paired(value: t.Any) -> t.Any:
    """Replace unpaired surrogates, which Ansible refuses together with the whole result."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_paired(item) for item in value]
    if isinstance(value, dict):
        return {_paired(name): _paired(item) for name, item in value.items()}
    return value
