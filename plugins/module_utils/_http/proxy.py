# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the environment's proxy, chosen as ``requests`` chooses it."""

from __future__ import annotations

import base64
import contextlib
import importlib.util
from urllib.parse import unquote, urlsplit

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.endpoint import DEFAULT_PORTS, is_loopback

# Where it cannot be had, the module says so before anything here is called.
with contextlib.suppress(ImportError, OSError):
    import requests
    import urllib3

_PORTS = {**DEFAULT_PORTS, **dict.fromkeys(("socks4", "socks4a", "socks5", "socks5h"), 1080)}


class Proxy:
    """Where a proxy is and who asks it: ``scheme``, ``host`` without brackets, ``port``, ``user``, ``password``."""

    def __init__(self, scheme: str, host: str, port: int, user: str, password: str) -> None:
        self.scheme = scheme
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.is_socks = scheme.startswith("socks")

    def headers(self) -> dict[str, str]:
        """Return the headers that say who asks; what Latin-1 cannot spell is sent in UTF-8."""
        if not self.user:
            return {}
        text = f"{self.user}:{self.password}"
        try:
            raw = text.encode("latin-1")
        except UnicodeEncodeError:
            raw = text.encode()
        return {"Proxy-Authorization": f"Basic {base64.b64encode(raw).decode()}"}


def environment_proxy(base_url: str) -> Proxy | None:
    """Return the proxy to ask ``base_url`` (``scheme://host[:port]``) through. Raises OptionError for an unusable one.

    It is the one that ``requests`` would choose, with two exceptions: a loopback endpoint is never asked through a
    proxy, and the endpoint's port in ``NO_PROXY`` also counts where it is the default port and left out of the URL.
    """
    parts = urlsplit(base_url)
    if is_loopback(parts.hostname or ""):
        return None
    chosen = requests.utils.select_proxy(base_url, requests.utils.get_environ_proxies(base_url))
    if not chosen:
        return None
    if parts.port is None and not requests.utils.get_environ_proxies(f"{base_url}:{DEFAULT_PORTS[parts.scheme]}"):
        return None
    return _parsed(chosen)


def _parsed(text: str) -> Proxy:
    text = text.strip()
    try:
        url = urllib3.util.parse_url(text if "://" in text else "http://" + text.lstrip("/"))
        # A password with an unescaped / ? or # is cut there, and its rest is taken for the path.
        is_cut = "@" in url.request_uri + (url.fragment or "")
        is_mistyped = len(text.split()) > 1 or ("://" not in text and ":/" in text)
        if url.scheme not in _PORTS or not url.host or is_cut or is_mistyped:
            raise ValueError
    except (ValueError, urllib3.exceptions.HTTPError):
        raise OptionError(
            "The environment's proxy cannot be used; set HTTPS_PROXY to http://HOST:PORT "
            "or http://USER:PASSWORD@HOST:PORT, percent-encode special characters of user name and password "
            "(@ as %40, # as %23, / as %2F, \\ as %5C), or name the endpoint's host in NO_PROXY."
        ) from None
    if url.scheme.startswith("socks") and importlib.util.find_spec("socks") is None:
        raise OptionError(
            "The environment's proxy speaks SOCKS, which needs the Python package PySocks where the module runs; "
            "install it, set HTTPS_PROXY to an HTTP proxy, or name the endpoint's host in NO_PROXY."
        )
    user, _colon, password = (url.auth or "").partition(":")
    return Proxy(url.scheme, url.host.strip("[]"), url.port or _PORTS[url.scheme], unquote(user), unquote(password))
