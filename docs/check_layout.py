# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at every page of the built site in a browser, as wide as a desk's window and as a telephone, light and dark.

No page may be wider than its window and no table than its place, no heading and no table may break inside a word, what
is written must stand out from what is behind it, and the search must find something without any server.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from html import unescape
from pathlib import Path

WIDTHS = [390, 1280]
BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
# Without these, a browser that has just been installed looks for its maker.
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
SEARCHED = "drift"

# Each page in turn, in a frame of the width, at which its style sheets look too.
HARNESS = """<!doctype html><meta charset="utf-8"><body><pre id="found"></pre><script>
const pages = PAGES, found = [];
const splits = (node) => {
  const range = document.createRange(), text = node.textContent;
  return [...text.matchAll(/[\\p{L}\\p{N}]+/gu)].some((word) => {
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].length);
    return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1;
  });
};
const luminance = (colour) => {
  const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = at.ownerDocument.defaultView.getComputedStyle(at).backgroundColor;
    const parts = colour.match(/[\\d.]+/g).map(Number);
    if (parts.length < 4 || parts[3] > 0.5) return colour;
  }
  return "rgb(255, 255, 255)";
};
const texts = (root) => {
  const walker = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_TEXT), nodes = [];
  while (walker.nextNode()) if (walker.currentNode.textContent.trim()) nodes.push(walker.currentNode);
  return nodes;
};
const look = (page, width, frame) => {
  const doc = frame.contentDocument, root = doc.documentElement;
  const say = (what) => found.push(`${page} at ${width} px: ${what}`);
  if (root.scrollWidth > root.clientWidth) say(`is ${root.scrollWidth} px wide`);
  for (const table of doc.querySelectorAll("article table")) {
    const place = table.parentElement;
    if (place.scrollWidth > place.clientWidth + 1) say(`has a table wider than its place: ${table.textContent.trim().slice(0, 40)}`);
  }
  for (const place of doc.querySelectorAll("h1, h2, h3, h4, th, td"))
    if (texts(place).some((node) => !(place.matches("td") && node.parentElement.closest("code, a")) && splits(node)))
      say(`breaks inside a word: ${place.textContent}`);
  for (const image of doc.images) if (!image.naturalWidth) say(`has no picture ${image.getAttribute("src")}`);
  const faint = new Map();
  for (const node of texts(doc.querySelector("article"))) {
    const element = node.parentElement, style = doc.defaultView.getComputedStyle(element);
    if (style.visibility === "hidden" || !element.getClientRects().length || element.closest("svg, .headerlink, .ansibleOptionLink")) continue;
    const [a, b] = [luminance(style.color), luminance(behind(element))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 3) faint.set(`${style.color} on ${behind(element)}`, node.textContent.trim().slice(0, 40));
  }
  for (const [colours, text] of faint) say(`is hard to read, ${colours}: ${text}`);
};
(async () => {
  for (const page of pages) for (const width of WIDTHS) {
    const frame = document.createElement("iframe");
    frame.style = `width: ${width}px; height: 900px; border: 0`;
    frame.src = page;
    await new Promise((done) => { frame.onload = done; document.body.append(frame); });
    await frame.contentDocument.fonts.ready;
    look(page, width, frame);
    if (page.startsWith("search.html")) {
      for (let wait = 0; wait < 50 && !frame.contentDocument.querySelector("ul.search li"); wait++) await new Promise((done) => setTimeout(done, 100));
      if (!frame.contentDocument.querySelector("ul.search li a")) found.push(`the search for SEARCHED finds nothing`);
    }
    frame.remove();
  }
  document.getElementById("found").textContent = JSON.stringify({ looked: pages.length, found });
})();
</script>"""


def look(browser: str, site: Path, dark: bool) -> list[str]:
    """Return a sentence for each thing that is not as it should be."""
    pages = sorted(str(path.relative_to(site)) for path in site.rglob("*.html") if "_static" not in path.parts)
    pages = [page for page in pages if page != "search.html"] + [f"search.html?q={SEARCHED}"]
    harness = HARNESS.replace("PAGES", json.dumps(pages)).replace("WIDTHS", str(WIDTHS)).replace("SEARCHED", SEARCHED)
    path = site / "look.html"
    path.write_text(harness, encoding="utf-8")
    scheme = ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"] if dark else []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", *QUIET, *scheme]
        command += [f"--user-data-dir={profile}", "--allow-file-access-from-files", "--window-size=1400,1000"]
        command += ["--virtual-time-budget=600000", "--dump-dom", path.resolve().as_uri()]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    path.unlink()
    told = re.search(r'<pre id="found">(.+?)</pre>', ended.stdout, re.DOTALL)
    if told is None:
        return [f"{browser} did not come to an end: {ended.stderr[-1000:]}"]
    seen = json.loads(unescape(told[1]))
    return [f"{sentence}{' (dark)' if dark else ''}" for sentence in seen["found"]]


def main(site: Path) -> str | None:
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        sentence = "No chromium is on this machine, so nobody looked at the pages."
        print(sentence)
        return sentence if os.environ.get("CI") else None
    return "\n".join(look(browser, site, dark=False) + look(browser, site, dark=True)) or None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
