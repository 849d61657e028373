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
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.errors import ProxyRefusedError, to_transport_error


def with_attributes(error, **attributes):
    for name, value in attributes.items():
        setattr(error, name, value)
    return error


def system(number):
    return OSError(number, os.strerror(number))


TLS = with_attributes(ssl.SSLError(errno.EPERM, "says OpenSSL"), reason="WRONG_VERSION_NUMBER")
DEMANDED = with_attributes(ssl.SSLError(1, "says OpenSSL"), reason="TLSV13_ALERT_CERTIFICATE_REQUIRED")
EXPIRED = with_attributes(ssl.SSLCertVerificationError("no"), verify_message="not valid for X.")
CONNECTING = [
    (socket.timeout("timed out"), "TimedOut", "Connecting took longer than timeout allows."),
    (
        ProxyRefusedError.with_status(407, ""),
        "Unreachable",
        "The proxy refused to connect to the endpoint with HTTP 407.",
    ),
    (EXPIRED, "TLSFailure", "The certificate of the endpoint cannot be verified: not valid for X."),
    (
        ssl.SSLCertVerificationError("no"),
        "TLSFailure",
        "The certificate of the endpoint cannot be verified: it is not for the name of the endpoint.",
    ),
    (DEMANDED, "TLSFailure", "The endpoint demands a certificate of the client."),
    (TLS, "TLSFailure", "No TLS connection can be made: wrong version number."),
    (ssl.SSLError("no"), "TLSFailure", "No TLS connection can be made: handshake failed."),
    (ssl.SSLEOFError(8, "no"), "Unreachable", "No connection can be made: connection closed."),
    (ssl.SSLZeroReturnError(6, "no"), "Unreachable", "No connection can be made: connection closed."),
    # What Python 3.9 makes of the end of a connection.
    (
        with_attributes(ssl.SSLError(1, "no"), reason="UNEXPECTED_EOF_WHILE_READING"),
        "Unreachable",
        "No connection can be made: connection closed.",
    ),
    (socket.gaierror(-2, "no"), "Unreachable", "The name of the endpoint cannot be resolved."),
    (system(errno.ECONNREFUSED), "Unreachable", "No connection can be made: connection refused."),
    (system(errno.ETIMEDOUT), "Unreachable", "No connection can be made: connection timed out."),
    (system(errno.EMFILE), "OutOfResources", "The host the module runs on gives the task no more open files."),
    (system(errno.ENFILE), "OutOfResources", "The host the module runs on gives the task no more open files."),
    (system(errno.ENOMEM), "OutOfResources", "The host the module runs on gives the task no more memory."),
    (system(errno.ENOBUFS), "OutOfResources", "The host the module runs on gives the task no more memory."),
    (OSError("of no number"), "Unreachable", "No connection can be made: connection closed."),
]
LOST = "The connection ended before the whole answer came: "
LATER = [
    (socket.timeout("timed out"), "TimedOut", "The attempt took longer than timeout allows."),
    *CONNECTING[1:5],
    CONNECTING[10],
    (TLS, "ConnectionLost", LOST + "connection closed."),
    (ssl.SSLEOFError(8, "no"), "ConnectionLost", LOST + "connection closed."),
    (system(errno.ECONNRESET), "ConnectionLost", LOST + "connection reset by peer."),
    (system(errno.ETIMEDOUT), "ConnectionLost", LOST + "connection timed out."),
    (http.client.RemoteDisconnected("no"), "ConnectionLost", LOST + "connection closed."),
    (http.client.IncompleteRead(b""), "ConnectionLost", LOST + "connection closed."),
    (http.client.BadStatusLine("no"), "UnexpectedAnswer", "The answer is not valid HTTP."),
]


@pytest.mark.parametrize(
    ("connecting", "error", "code", "message"),
    [(True, *case) for case in CONNECTING] + [(False, *case) for case in LATER],
    # Without the message: by words in a test's name mutation testing leaves some out.
    ids=lambda value: "" if isinstance(value, str) and " " in value else None,
)
def test_every_sentence(connecting, error, code, message):
    found = to_transport_error(error, connecting)
    assert (found.code, found.message) == (code, message)
    assert found.remedy


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (TLS, "No TLS connection to the proxy can be made: wrong version number."),
        (EXPIRED, "The certificate of the proxy cannot be verified: not valid for X."),
        (DEMANDED, "The proxy demands a certificate of the client."),
        (socket.gaierror(-2, "no"), "The name of the proxy cannot be resolved."),
        (system(errno.ECONNREFUSED), "No connection to the proxy can be made: connection refused."),
    ],
)
def test_what_the_proxy_did_is_said_of_the_proxy(error, message):
    assert to_transport_error(error, True, "proxy", " to the proxy").message == message


def with_code(number):
    return with_attributes(ssl.SSLCertVerificationError("no"), verify_message="why", verify_code=number)


def of_tls(reason):
    return with_attributes(ssl.SSLError(1, "no"), reason=reason)


CLOCK = "Renew the certificate, or set the clock of the host the module runs on; ca_path does not help here."
AUTHORITY = (
    "Set ca_path to the certificate of the authority that issued it, often that of a proxy that looks into TLS; "
    "do not turn validate_certs off in production."
)
NAME = (
    "Give in endpoint a name that the certificate is for, or look for what answers in place of the service; "
    "ca_path does not help here."
)
WEAK = "Have the certificate issued anew, with a longer key and SHA-256: this system's policy refuses weaker ones."
MALFORMED = (
    "A certificate of the chain breaks RFC 5280, which Python 3.13 and newer refuses and older ones let pass. "
    "Its authority, often that of a proxy that looks into TLS, must issue a correct one, and ca_path must name that; "
    "until then run the module with Python 3.12 (ansible_python_interpreter)."
)
NO_TLS = "What answers there does not speak TLS: check host and port of endpoint, and whether a proxy answers for it."
VERSION = "It offers no TLS version that this host accepts: TLS 1.2 or newer is needed. Update what stands between."
HANDSHAKE = (
    "It accepts none of this host's TLS versions and ciphers, or it demands a certificate of the client. "
    "The service does neither: check endpoint, and what stands between this host and the service."
)
OLD_TLS = "What stands between this host and the service speaks an outdated TLS: have it updated."
OTHER = (
    "Check what stands between this host and the endpoint. "
    "For a private certificate authority set ca_path; do not turn validate_certs off in production."
)


# Spelt as OpenSSL 1.1.1 and 3 spell them.
@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        *((with_code(number), CLOCK) for number in (9, 10)),
        *((with_code(number), AUTHORITY) for number in (18, 19, 20, 21)),
        *((with_code(number), NAME) for number in (62, 64)),
        *((with_code(number), WEAK) for number in (66, 67, 68)),
        *((with_code(number), MALFORMED) for number in range(80, 95)),
        *((with_code(number), OTHER) for number in (0, 1, 8, 11, 17, 22, 61, 63, 65, 69, 79, 95)),
        (of_tls("WRONG_VERSION_NUMBER"), NO_TLS),
        (of_tls("HTTP_REQUEST"), NO_TLS),
        (of_tls("RECORD_LAYER_FAILURE"), NO_TLS),
        (of_tls("PACKET_LENGTH_TOO_LONG"), NO_TLS),
        (of_tls("UNKNOWN_PROTOCOL"), NO_TLS),
        (of_tls("TLSV1_ALERT_PROTOCOL_VERSION"), VERSION),
        (of_tls("UNSUPPORTED_PROTOCOL"), VERSION),
        (of_tls("NO_PROTOCOLS_AVAILABLE"), VERSION),
        (of_tls("SSLV3_ALERT_HANDSHAKE_FAILURE"), HANDSHAKE),
        (of_tls("UNSAFE_LEGACY_RENEGOTIATION_DISABLED"), OLD_TLS),
        (of_tls("DH_KEY_TOO_SMALL"), OLD_TLS),
        (of_tls("TLSV1_ALERT_INTERNAL_ERROR"), OTHER),
    ],
)
def test_every_remedy(error, remedy):
    assert to_transport_error(error, True).remedy == remedy


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_what_the_host_has_too_little_of_has_a_remedy(number):
    assert "ulimit -n" in to_transport_error(system(number), True).remedy


def test_a_proxy_that_speaks_no_tls_has_a_remedy_of_its_own():
    assert to_transport_error(TLS, True, "proxy").remedy == (
        "The proxy does not speak TLS: begin its URL in HTTPS_PROXY with http://."
    )


@pytest.mark.parametrize(
    ("schemes", "words"),
    [
        ("", "HTTPS_PROXY to http://USER:PASSWORD@HOST:PORT; percent-encode"),
        ('Basic realm="x"', "percent-encode"),
        ('Negotiate, NTLM, Basic realm="x"', "percent-encode"),
        ("Negotiate,Basic", "percent-encode"),
        ("Negotiate,NTLM", "NTLM, Kerberos or Digest"),
        ("Negotiate, NTLM", "NTLM, Kerberos or Digest"),
        ('Digest realm="x", nonce="y"', "NTLM, Kerberos or Digest"),
    ],
)
def test_remedy_for_a_proxy_that_wants_to_know_who_asks(schemes, words):
    assert words in ProxyRefusedError.with_status(407, schemes).remedy


@pytest.mark.parametrize("scheme", ["NTLM", "Negotiate", "Kerberos", "Digest"])
def test_each_way_to_sign_in_that_is_not_supported_is_said_in_whole(scheme):
    error = ProxyRefusedError.with_status(407, f"{scheme} x")
    assert (str(error), error.reason) == ("with HTTP 407", "with HTTP 407")
    assert error.remedy == (
        "The proxy asks for NTLM, Kerberos or Digest; only user name and password by Basic are supported. "
        "Set HTTPS_PROXY to a local proxy that signs in, or name the endpoint's host in NO_PROXY."
    )
    assert "USER:PASSWORD" in ProxyRefusedError.with_status(407, f"{scheme} x, Basic realm=x").remedy
