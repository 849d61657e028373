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
from email.utils import parsedate_to_datetime

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import TransportError
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.transport import Response, Transport
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.credentials import Credentials
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.errors import ServiceError, service_error
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import SKEWED, kind_of
from ansible_collections.alicloud.chatapp.plugins.module_utils.signer import Acs3Auth

# Where it is missing, the module says so before anything here is called.
with contextlib.suppress(ImportError):
    import requests

USER_AGENT = "alicloud.chatapp (Ansible collection)"

# Deeper JSON parses and then breaks the serialization of the module's result.
_MAX_DEPTH = 64
# Of longer ones Python before 3.9.14 makes an integer, and a newer one on the controller then refuses the whole result.
_MAX_DIGITS = 4300
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
            return classified(transport.send(request))
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


def classified(response: Response) -> dict[str, t.Any]:
    """Return the answer of a success, HTTP 200 with ``Code`` ``OK``; raise what anything else means.

    ``Code`` decides, whatever the HTTP status: refusals also come with HTTP 200.
    Raises ServiceError; TransportError ``UnexpectedAnswer`` for an answer that is not the service's.
    """
    answer = _decoded(response)
    code = answer.get("Code")
    if not isinstance(code, str) or not code:
        raise _unexpected("The answer has no Code", response)
    if code != "OK":
        raise service_error(
            answer, response.status, response.headers.get("x-acs-retry-after"), response.headers.get("Date")
        )
    if response.status != 200:
        raise _unexpected("The answer contradicts itself: Code is OK", response)
    return answer


def _decoded(response: Response) -> dict[str, t.Any]:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _unexpected("The answer is compressed, although none was asked to be", response)
    try:
        answer = json.loads(
            response.body.decode("utf-8-sig"), parse_constant=_refuse_constant, parse_float=_finite, parse_int=_bounded
        )
    except (ValueError, RecursionError):
        raise _unexpected("The answer is not JSON", response) from None
    if not isinstance(answer, dict):
        raise _unexpected("The answer is not a JSON object", response)
    if _too_deep(answer):
        raise _unexpected(f"The answer is nested deeper than {_MAX_DEPTH} levels", response)
    return _paired(answer) if _SURROGATE.search(response.body) else answer


def _unexpected(what: str, response: Response) -> TransportError:
    return TransportError("UnexpectedAnswer", f"{what} (HTTP {response.status}).", http_status=response.status)


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


def _too_deep(answer: t.Any) -> bool:
    level: list[t.Any] = [answer]
    for _depth in range(_MAX_DEPTH):
        children: list[t.Any] = []
        for node in level:
            children.extend(node.values() if isinstance(node, dict) else node)
        level = [child for child in children if isinstance(child, (dict, list))]
        if not level:
            return False
    return True


def _paired(value: t.Any) -> t.Any:
    """Replace unpaired surrogates, which Ansible refuses together with the whole result."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_paired(item) for item in value]
    if isinstance(value, dict):
        return {_paired(name): _paired(item) for name, item in value.items()}
    return value
