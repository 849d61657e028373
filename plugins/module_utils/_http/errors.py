# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: what an exception of ``http.client``, ``ssl`` or the system means to a user.

The words hold nothing of the request: the texts of those exceptions can show its URL, with secrets in the query.
"""

from __future__ import annotations

import errno
import http.client
import os
import socket
import ssl

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import TransportError, out_of

PERCENT_ENCODED = "percent-encode special characters (@ as %40, # as %23, / as %2F, \\ as %5C)"
# What this host has too little of: the connections that there are must do.
_SCARCE = {
    errno.EMFILE: "open files",
    errno.ENFILE: "open files",
    errno.ENOBUFS: "memory",
    errno.ENOMEM: "memory",
}

_AUTHORITY = (
    "Set ca_path to the certificate of the authority that issued it, often that of a proxy that looks into TLS; "
    "do not turn validate_certs off in production."
)
_CLOCK = "Renew the certificate, or set the clock of the host the module runs on; ca_path does not help here."
_NAME = (
    "Give in endpoint a name that the certificate is for, or look for what answers in place of the service; "
    "ca_path does not help here."
)
_MALFORMED = (
    "A certificate of the chain breaks RFC 5280, which Python 3.13 and newer refuses and older ones let pass. "
    "Its authority, often that of a proxy that looks into TLS, must issue a correct one, and ca_path must name that; "
    "until then run the module with Python 3.12 (ansible_python_interpreter)."
)
_WEAK = "Have the certificate issued anew, with a longer key and SHA-256: this system's policy refuses weaker ones."

# OpenSSL's X509_V_ERR_ numbers, of x509_vfy.h. From 80 on are those that only VERIFY_X509_STRICT looks for.
_REMEDY_OF_CERTIFICATE = {
    **dict.fromkeys((9, 10), _CLOCK),
    **dict.fromkeys((18, 19, 20, 21), _AUTHORITY),
    **dict.fromkeys((62, 64), _NAME),
    **dict.fromkeys((66, 67, 68), _WEAK),
    **dict.fromkeys(range(80, 95), _MALFORMED),
}

_NO_TLS = "What answers there does not speak TLS: check host and port of endpoint, and whether a proxy answers for it."
_NO_TLS_PROXY = "The proxy does not speak TLS: begin its URL in HTTPS_PROXY with http://."
_VERSION = "It offers no TLS version that this host accepts: TLS 1.2 or newer is needed. Update what stands between."
_HANDSHAKE = (
    "It accepts none of this host's TLS versions and ciphers, or it demands a certificate of the client. "
    "The service does neither: check endpoint, and what stands between this host and the service."
)
_OLD_TLS = "What stands between this host and the service speaks an outdated TLS: have it updated."

# Parts of OpenSSL's reasons, which its releases write with different beginnings.
_REMEDY_OF_TLS = {
    "wrong version number": _NO_TLS,
    "http request": _NO_TLS,
    "record layer failure": _NO_TLS,
    "unknown protocol": _NO_TLS,
    "packet length too long": _NO_TLS,
    "protocol version": _VERSION,
    "unsupported protocol": _VERSION,
    "no protocols available": _VERSION,
    "handshake failure": _HANDSHAKE,
    "legacy renegotiation": _OLD_TLS,
    "dh key too small": _OLD_TLS,
}


class ProxyRefusedError(OSError):
    """The proxy answered, and does not connect; ``reason`` (str) and ``remedy`` (str or None) say more."""

    def __init__(self, reason: str, remedy: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy

    @classmethod
    def with_status(cls, status: int, schemes: str) -> ProxyRefusedError:
        """Make the one of a proxy that answered CONNECT so; ``schemes`` is its ``Proxy-Authenticate``, or empty."""
        if status != 407:
            return cls(f"with HTTP {status}")
        asked = {scheme.split()[0].lower() for scheme in schemes.split(",") if scheme.split()}
        if asked & {"ntlm", "negotiate", "kerberos", "digest"} and "basic" not in asked:
            return cls(
                f"with HTTP {status}",
                "The proxy asks for NTLM, Kerberos or Digest; only user name and password by Basic are supported. "
                "Set HTTPS_PROXY to a local proxy that signs in, or name the endpoint's host in NO_PROXY.",
            )
        return cls(f"with HTTP {status}", f"Set HTTPS_PROXY to http://USER:PASSWORD@HOST:PORT; {PERCENT_ENCODED}.")


def to_transport_error(error: Exception, connecting: bool, peer: str = "endpoint", way: str = "") -> TransportError:
    """Return the TransportError for ``error``, which happened while ``connecting``, or else later in the attempt.

    ``peer`` is whom the connection spoke to, ``way`` is how it was made: empty, `` to the proxy``, `` through ...``.
    """
    number = error.errno if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
    # A connection that the system itself gave up is lost, whatever limit there is.
    if isinstance(error, socket.timeout) and number is None:
        return TransportError(
            "TimedOut", f"{'Connecting' if connecting else 'The attempt'} took longer than timeout allows."
        )
    if isinstance(error, ProxyRefusedError):
        return TransportError(
            "Unreachable", f"The {_proxy(peer)} refused to connect to the endpoint {error.reason}.", error.remedy
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate_failure(error, peer)
    if isinstance(error, ssl.SSLError) and not _is_end(error):
        reason = _reason(error)
        if "certificate required" in reason:
            return TransportError(
                "TLSFailure",
                f"The {peer} demands a certificate of the client.",
                "The service itself demands none: check endpoint, and what stands between this host and the service.",
            )
        if connecting:
            return _tls_failure(reason, peer)
    if isinstance(error, socket.gaierror):
        return TransportError("Unreachable", f"The name of the {peer} cannot be resolved.")
    reason = os.strerror(number).lower() if number else "connection closed"
    if connecting:
        if number in _SCARCE:
            return out_of(_SCARCE[number])
        return TransportError("Unreachable", f"No connection{way} can be made: {reason}.")
    if number or isinstance(error, (ssl.SSLError, http.client.RemoteDisconnected, http.client.IncompleteRead)):
        return TransportError("ConnectionLost", f"The connection ended before the whole answer came: {reason}.")
    return TransportError("UnexpectedAnswer", "The answer is not valid HTTP.")


def _proxy(peer: str) -> str:
    return "proxy" if peer == "endpoint" else peer


def _certificate_failure(error: ssl.SSLCertVerificationError, peer: str) -> TransportError:
    reason = getattr(error, "verify_message", "") or f"it is not for the name of the {peer}"
    return TransportError(
        "TLSFailure",
        f"The certificate of the {peer} cannot be verified: {reason.rstrip('.')}.",
        _REMEDY_OF_CERTIFICATE.get(getattr(error, "verify_code", 0)),
    )


def _tls_failure(reason: str, peer: str) -> TransportError:
    remedy = next((remedy for part, remedy in _REMEDY_OF_TLS.items() if part in reason), None)
    if remedy is _NO_TLS and peer != "endpoint":
        remedy = _NO_TLS_PROXY
    to_whom = "" if peer == "endpoint" else f" to the {peer}"
    return TransportError("TLSFailure", f"No TLS connection{to_whom} can be made: {reason}.", remedy)


def _is_end(error: ssl.SSLError) -> bool:
    """Tell whether this is but the end of the connection: a load balancer closes so while it has no backend."""
    return isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) or "unexpected eof" in _reason(error)


def _reason(error: ssl.SSLError) -> str:
    return (getattr(error, "reason", None) or "handshake failed").replace("_", " ").lower()
