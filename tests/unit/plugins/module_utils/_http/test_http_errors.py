# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every sentence about a connection, word for word; test_transport.py has the sockets that such errors come from."""

from __future__ import annotations

import errno
import http.client
import os
import socket
import ssl

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.errors import to_transport_error


def with_attributes(error, **attributes):
    for name, value in attributes.items():
        setattr(error, name, value)
    return error


def system(number):
    return OSError(number, os.strerror(number))


TLS = with_attributes(ssl.SSLError(errno.EPERM, "says OpenSSL"), reason="WRONG_VERSION_NUMBER")
EXPIRED = with_attributes(ssl.SSLCertVerificationError("no"), verify_message="not valid for X.")
TUNNEL = OSError("Tunnel connection failed: 407 Proxy Authentication Required")
CONNECTING = [
    (socket.timeout("timed out"), "TimedOut", "Connecting took longer than timeout allows."),
    (TUNNEL, "Unreachable", "The proxy refused to connect to the endpoint with HTTP 407."),
    (EXPIRED, "TLSFailure", "The certificate of the endpoint cannot be verified: not valid for X."),
    (
        ssl.SSLCertVerificationError("no"),
        "TLSFailure",
        "The certificate of the endpoint cannot be verified: it is not for the name of the endpoint.",
    ),
    (TLS, "TLSFailure", "No TLS connection can be made: wrong version number."),
    (ssl.SSLError("no"), "TLSFailure", "No TLS connection can be made: handshake failed."),
    (socket.gaierror(-2, "no"), "Unreachable", "The name of the endpoint or of the proxy cannot be resolved."),
    (system(errno.ECONNREFUSED), "Unreachable", "No connection can be made: connection refused."),
    (OSError("of no number"), "Unreachable", "No connection can be made: connection closed."),
]
LATER = [
    (socket.timeout("timed out"), "TimedOut", "The attempt took longer than timeout allows."),
    *CONNECTING[1:4],
    CONNECTING[6],
    (TLS, "ConnectionLost", "The connection ended before the whole answer came: connection closed."),
    (
        system(errno.ECONNRESET),
        "ConnectionLost",
        "The connection ended before the whole answer came: connection reset by peer.",
    ),
    (
        http.client.RemoteDisconnected("no"),
        "ConnectionLost",
        "The connection ended before the whole answer came: connection closed.",
    ),
    (
        http.client.IncompleteRead(b""),
        "ConnectionLost",
        "The connection ended before the whole answer came: connection closed.",
    ),
    (http.client.BadStatusLine("no"), "UnexpectedAnswer", "The answer is not valid HTTP."),
]
WRAPPINGS = {
    "bare": lambda error: error,
    "cause": lambda error: with_attributes(ValueError("outer"), __cause__=error),
    "context": lambda error: with_attributes(ValueError("outer"), __context__=error),
    "reason": lambda error: with_attributes(ValueError("outer"), reason=error),
    "argument": lambda error: ValueError("outer", error),
    "twice": lambda error: ValueError(with_attributes(ValueError("outer"), reason=error)),
    "in a circle": lambda error: with_attributes(outer := ValueError("outer", error), __context__=ValueError(outer)),
}


@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
@pytest.mark.parametrize(
    ("connecting", "error", "code", "message"),
    [(True, *case) for case in CONNECTING] + [(False, *case) for case in LATER],
)
def test_every_sentence(wrap, connecting, error, code, message):
    found = to_transport_error(wrap(error), connecting)
    assert (found.code, found.message) == (code, message)


def test_the_systems_own_number_is_found_beside_one_of_tls():
    both = ValueError(ssl.SSLError(errno.EPERM, "says OpenSSL"), system(errno.EPIPE))
    assert to_transport_error(both, False).message == "The connection ended before the whole answer came: broken pipe."
