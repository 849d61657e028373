# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of AWX's REST interface as the modules of awx.awx need to create things, and to link them with each other."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

# What every AWX has from the start.
GIVEN = {"organizations": [{"id": 1, "name": "Default"}]}
# Collections of other things: an AWX answers a question for one of these with items of all kinds.
UNIFIED = {"unified_job_templates": ["job_templates", "projects"]}


class _Handler(BaseHTTPRequestHandler):
    server: Controller

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _body(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        parts = url.path.removeprefix("/api/v2/").strip("/").split("/")
        if url.path in ("/api/", "/api/v2/ping/", "/api/v2/config/"):
            self._answer(200, {"version": "24.6.1", "current_version": "/api/v2/"})
        elif len(parts) == 2:
            self._answer(200, self.server.items[parts[0]][int(parts[1]) - 1])
        else:
            name = (parse_qs(url.query).get("name") or parse_qs(url.query).get("or__name") or [None])[0]
            found = self.server.find(parts[0], name) if len(parts) == 1 else []
            self._answer(200, {"count": len(found), "results": found, "next": None, "previous": None})

    def do_POST(self) -> None:
        parts = urlsplit(self.path).path.removeprefix("/api/v2/").strip("/").split("/")
        body = self._body()
        if len(parts) == 1:
            self._answer(201, self.server.add(parts[0], body))
        elif parts[2] == "survey_spec":
            self.server.posted[parts[2]].append(body)
            self._answer(200, {})
        else:
            self.server.posted["/".join([parts[0], parts[2]])].append(body)
            self.send_response(204)
            self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


class Controller(ThreadingHTTPServer):
    """An empty AWX on a free port, for the length of a ``with`` block; ``posted`` is what it was told, by endpoint."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.items: dict[str, list[dict[str, Any]]] = defaultdict(list, json.loads(json.dumps(GIVEN)))
        self.posted: dict[str, list[Any]] = defaultdict(list)

    def __enter__(self) -> Controller:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.shutdown()
        self.server_close()

    def find(self, endpoint: str, name: str | None) -> list[dict[str, Any]]:
        kinds = UNIFIED.get(endpoint, [endpoint])
        return [item for kind in kinds for item in self.items[kind] if name in (None, item["name"])]

    def add(self, endpoint: str, body: dict[str, Any]) -> dict[str, Any]:
        self.posted[endpoint].append(body)
        number = len(self.items[endpoint]) + 1
        base = f"/api/v2/{endpoint}/{number}/"
        names = ["survey_spec", "credentials", "notification_templates_error"]
        item = {**body, "id": number, "url": base, "type": endpoint[:-1], "related": {n: f"{base}{n}/" for n in names}}
        self.items[endpoint].append(item)
        return item
