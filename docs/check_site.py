# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the built site: every link within it leads somewhere, and no page loads anything from another site.

Sphinx checks the references of the guides; this also sees what antsibull-docs and the theme write.
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit


class Page(HTMLParser):
    """What a page links to, what it loads, and the anchors it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.anchors = {""}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.anchors |= {named[name] for name in ("id", "name") if named.get(name)}
        for name in ("href", "src"):
            if named.get(name):
                (self.links if tag == "a" else self.loaded).add(named[name])


def is_elsewhere(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.scheme or parts.netloc) and parts.scheme != "data"


def mistakes(site: Path) -> list[str]:
    """Return a sentence for each link that leads nowhere and for each thing that another site would be asked for."""
    pages = {path.resolve(): Page(path) for path in site.rglob("*.html") if "_static" not in path.parts}
    found = []
    for path, page in pages.items():
        name = path.relative_to(site.resolve())
        found += [f"{name} loads {url}" for url in page.loaded if is_elsewhere(url)]
        for url in page.links | page.loaded:
            file, anchor = urldefrag(url)
            target = (path.parent / unquote(urlsplit(file).path)).resolve() if file else path
            if is_elsewhere(url) or url.startswith("data:"):
                continue
            if not target.is_file():
                found.append(f"{name} links to {url}, which is no file")
            elif target in pages and unquote(anchor) not in pages[target].anchors:
                found.append(f"{name} links to {url}, which has no such anchor")
    for path in site.rglob("*.css"):
        style = path.read_text(encoding="utf-8")
        found += [
            f"{path.name} loads {url}"
            for url in re.findall(r"(?:url\(|@import\s)\s*['\"]?((?:https?:)?//[^'\")]+)", style)
        ]
    return sorted(found)


if __name__ == "__main__":
    sys.exit("\n".join(mistakes(Path(sys.argv[1]))) or None)
