# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection.

What an exception of ``requests``, ``urllib3``, ``http.client``, ``ssl`` or the system means to a user.

The words hold nothing of the request: the texts of those exceptions can show its URL, with secrets in the query.
"""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import TransportError


def to_transport_error(error: BaseException, connecting: bool) -> TransportError:
    """Return the TransportError for ``error``, which happened while ``connecting``, or else later in the attempt."""
    causes = list(_causes(error))

    def first(*kinds: t.Any) -> t.Any:
        return next((cause for cause in causes if isinstance(cause, kinds)), None)

    if first(socket.timeout):
        what = "Connecting" if connecting else "The attempt"
        return TransportError("TimedOut", f"{what} took longer than timeout allows.")
    refused = re.search(r"Tunnel connection failed: (\d{3})", " ".join(str(cause) for cause in causes))
    if refused:
        status = refused.group(1)
        return TransportError("Unreachable", f"The proxy refused to connect to the endpoint with HTTP {status}.")
    certificate = first(ssl.SSLCertVerificationError)
    if certificate:
        reason = getattr(certificate, "verify_message", "") or "it is not for the name of the endpoint"
        reason = reason.rstrip(".")
        return TransportError("TLSFailure", f"The certificate of the endpoint cannot be verified: {reason}.")
    tls = first(ssl.SSLError)
    if tls and connecting:
        reason = (getattr(tls, "reason", None) or "handshake failed").replace("_", " ").lower()
        return TransportError("TLSFailure", f"No TLS connection can be made: {reason}.")
    if first(socket.gaierror):
        return TransportError("Unreachable", "The name of the endpoint or of the proxy cannot be resolved.")
    # The errno of an SSLError is OpenSSL's, not the system's.
    numbers = [cause.errno for cause in causes if isinstance(cause, OSError) and cause is not tls]
    system = next(filter(None, numbers), None)
    reason = os.strerror(system).lower() if system else "connection closed"
    if connecting:
        return TransportError("Unreachable", f"No connection can be made: {reason}.")
    if system or tls or first(http.client.RemoteDisconnected, http.client.IncompleteRead):
        return TransportError("ConnectionLost", f"The connection ended before the whole answer came: {reason}.")
    return TransportError("UnexpectedAnswer", "The answer is not valid HTTP.")


def _causes(error: BaseException) -> t.Iterator[BaseException]:
    """Walk from an exception to all that it wraps, in whichever way ``urllib3`` and ``requests`` wrapped it."""
    waiting: list[t.Any] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting.extend([cause.__cause__, cause.__context__, getattr(cause, "reason", None)])
        waiting.extend(cause.args)
