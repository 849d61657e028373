# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: which certificates are trusted, loaded once for every connection of a task."""

from __future__ import annotations

import contextlib
import os
import re
import ssl

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError

# Where it cannot be had, the module says so before anything here is called.
with contextlib.suppress(ImportError, OSError):
    import requests.utils
    from urllib3.util.ssl_ import create_urllib3_context

_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")
_EACH_CERTIFICATE = re.compile(rb"(?=-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----)")


def ssl_context(validate_certs: bool, ca_path: str | None) -> ssl.SSLContext:
    """Load the certificates; 20 to 30 ms of CPU. Raises OptionError for an unusable ``ca_path``.

    Without ``ca_path`` the bundle is that of ``requests``: ``REQUESTS_CA_BUNDLE``, ``CURL_CA_BUNDLE``, certifi's.
    """
    if not validate_certs:
        return _context(ssl.CERT_NONE)
    context = _context(ssl.CERT_REQUIRED)
    context.check_hostname = True
    if ssl.HAS_NEVER_CHECK_COMMON_NAME:
        context.hostname_checks_common_name = False
    ambient = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    bundle = ca_path or ambient or requests.utils.DEFAULT_CA_BUNDLE_PATH
    option = "ca_path" if ca_path else "The environment's REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE"
    advice = "give a PEM file or a directory of certificates"
    try:
        if os.path.isdir(bundle):
            context.load_verify_locations(capath=bundle)
            if not any(_HASHED.fullmatch(name) for name in os.listdir(bundle)):
                raise OptionError(
                    f"{option} is a directory in which no certificate is named by its hash; "
                    "run openssl rehash on it, or give a PEM file."
                )
        else:
            context.load_verify_locations(cafile=bundle)
    except ssl.SSLError:
        reason, advice = _damage(bundle, advice)
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
    else:
        return context
    raise OptionError(f"{option} cannot be read ({reason}): {advice}.")


def _context(cert_reqs: ssl.VerifyMode) -> ssl.SSLContext:
    """Make the context that ``requests`` would use, with the host names checked by OpenSSL itself."""
    try:
        context = create_urllib3_context(cert_reqs=cert_reqs)
    except OSError as error:
        raise OptionError(keylog_error(error)) from None
    context.set_alpn_protocols(["http/1.1"])
    return context


def keylog_error(error: OSError) -> str:
    """Return the sentence about the one file that a context for TLS is made with."""
    reason = (error.strerror or "unreadable").lower()
    return f"The environment's SSLKEYLOGFILE cannot be written ({reason}); unset it, or name a file that can be."


def _damage(bundle: str, advice: str) -> tuple[str, str]:
    """Say what is wrong with a bundle that OpenSSL refused as a whole, and what to do."""
    with open(bundle, "rb") as file:
        content = file.read()
    certificates = _EACH_CERTIFICATE.split(content)[1:]
    for number, certificate in enumerate(certificates, 1):
        # Of a text ssl takes ASCII alone, and what stands beside certificates is often more than that.
        if not _loads(certificate.decode("ascii", "replace").replace("\ufffd", "?")):
            return f"certificate {number} of {len(certificates)} in it is damaged", "replace it or take it out"
    if not certificates and _loads(content):
        return "it is DER, not PEM", "convert it by openssl x509 -inform der"
    return "no certificates in it", advice


def _loads(certificate: str | bytes) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=certificate)
    except (ssl.SSLError, ValueError):
        return False
    return True
