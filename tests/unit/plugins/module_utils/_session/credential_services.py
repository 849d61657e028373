# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loopback stand-ins for what hands out temporary credentials: the STS, behind a proxy, and a credentials URI."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import trustme

KEY_SECRET = "TheSecretOfTheKeyThatAssumesTheRole"


class Service:
    """Answers every request with the next of `sessions` (access key ID, secret, token), the last one for ever.

    `lifetime` is in seconds. `asked` has the parameters of each request.
    `broken` makes it refuse, quoting what it was sent.
    """

    def __init__(self, sessions: list[tuple[str, str, str]], lifetime: float) -> None:
        self.sessions = sessions
        self.lifetime = lifetime
        self.asked: list[dict[str, str]] = []
        self.broken = False
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, target: str) -> tuple[int, dict[str, Any]]:
        parameters = dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))
        self.asked.append(parameters)
        if self.broken or not _signed(parameters):
            return 400, {"Code": "SignatureDoesNotMatch", "Message": f"refused: {target}"}
        key_id, secret, token = self.sessions[min(len(self.asked), len(self.sessions)) - 1]
        expiration = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + self.lifetime))
        session = {"AccessKeyId": key_id, "AccessKeySecret": secret, "SecurityToken": token, "Expiration": expiration}
        return 200, {"Code": "Success", **session, "Credentials": session}


def _signed(parameters: dict[str, str]) -> bool:
    """Tell whether an AssumeRole request has its signature, HMAC-SHA1 of the RPC style; other requests have none."""
    if parameters.get("Action") != "AssumeRole":
        return True
    query = "&".join(
        f"{name}={quote(value, safe='')}" for name, value in sorted(parameters.items()) if name != "Signature"
    )
    key = f"{KEY_SECRET}&".encode()
    expected = hmac.new(key, f"GET&%2F&{quote(query, safe='')}".encode(), hashlib.sha1).digest()
    return parameters.get("Signature") == base64.b64encode(expected).decode()


@contextlib.contextmanager
def serving(
    sessions: list[tuple[str, str, str]], lifetime: float = 3600.0, certificates: ssl.SSLContext | None = None
) -> Iterator[Service]:
    """Run a service; with `certificates` it is a proxy too, and answers in the place of every host behind it."""
    service = Service(sessions, lifetime)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_CONNECT(self) -> None:
            self.send_response(200)
            self.end_headers()
            with certificates.wrap_socket(self.connection, server_side=True) as secured:
                self.rfile, self.wfile = secured.makefile("rb"), secured.makefile("wb")
                self.handle_one_request()
                self.wfile.flush()
            self.close_connection = True

        def do_GET(self) -> None:
            status, content = service.answer(self.path)
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.do_GET()

        def log_message(self, *_arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


def trusted_authority(folder: Path, *hosts: str) -> ssl.SSLContext:
    """Make a certificate for `hosts`, and in `folder`, for PYTHONPATH, a `certifi` that trusts its authority alone."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*hosts).configure_cert(context)
    package = folder / "certifi"
    package.mkdir(parents=True)
    bundle = package / "cacert.pem"
    authority.cert_pem.write_to_path(str(bundle))
    (package / "__init__.py").write_text(
        f"def where():\n    return {str(bundle)!r}\n\ndef contents():\n    return open(where()).read()\n"
    )
    return context
