# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports to write down, with text in them that reads as something else to a terminal, XML, HTML or Markdown."""

from __future__ import annotations

HOSTILE = "\x00\x1b[31m\x9b\ud800\ufffe</failure>]]>&lt;<script>|`*_[x](https://evil.example/?SECRET) @all #1 $x$ {{ 7*7 }}\r\n\n# H\n"
NOT_A_REPORT = [None, "x", [], {}, {"rows": []}]


def row(kind="differs", space="cams-a", number="1", message="status is 'B', desired 'A'", **more):
    field = "status" if kind == "differs" else None
    return {
        "cust_space_id": space,
        "phone_number": number,
        "kind": kind,
        "field": field,
        "desired": None,
        "actual": None,
        "message": message,
        **more,
    }


def report(*rows, status="drift"):
    return {"schema": 1, "status": status, "summary": {"checked": 3, "in_sync": 1}, "rows": list(rows)}


NOT_A_REPORT += [report("x"), report({"kind": "differs"}), {**report(), "summary": 5}]
