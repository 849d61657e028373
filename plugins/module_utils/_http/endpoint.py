# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: where the service is: the option ``endpoint`` as a URL that can be asked."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z.-]+)(:[0-9]*)?")
_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*\.?")
DEFAULT_PORTS = {"https": 443, "http": 80}

_NO_HOST = "endpoint has no valid host name or port; give https://HOST or https://HOST:PORT."


def base_url(endpoint: str) -> str:
    """Return ``endpoint`` as ``scheme://host[:port]``, its scheme https where none was given. Raises OptionError."""
    url = endpoint if "://" in endpoint else f"https://{endpoint}"
    if not re.fullmatch(r"[!-~]*", url):
        raise OptionError(
            "endpoint holds a blank or a character outside ASCII; give https://HOST or https://HOST:PORT."
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise OptionError(_NO_HOST) from None
    if "@" in parts.netloc:
        raise OptionError("endpoint holds a user name or password; remove it and use the credential options.")
    if parts.path not in ("", "/") or parts.query or parts.fragment or url.endswith(("?", "#")):
        raise OptionError("endpoint holds a path, query or fragment; give only https://HOST or https://HOST:PORT.")
    if parts.scheme not in ("https", "http"):
        raise OptionError(f"endpoint has the scheme {parts.scheme}; give https://HOST.")
    if not _AUTHORITY.fullmatch(parts.netloc) or not (is_address(host) or _HOST.fullmatch(host)) or port == 0:
        raise OptionError(_NO_HOST)
    if parts.scheme == "http" and not is_loopback(host):
        raise OptionError(
            "endpoint is http:// to a host that is not loopback, which would show the request; give https://."
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + ("" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}")


def is_loopback(host: str) -> bool:
    """Tell whether ``host`` is this machine by name or address, without asking a resolver."""
    if host.lower().rstrip(".") == "localhost":
        return True
    return is_address(host) and ipaddress.ip_address(host).is_loopback


def is_address(host: str) -> bool:
    """Tell whether ``host`` is an IP address, with or without a zone, rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
