# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put into the README what comes from elsewhere: what the demo finds, and the home that galaxy.yml names.

Two files are the arguments: one with what the demo said, in colours, of whose last step a picture is made, as SVG, and
one with the report in Markdown that it wrote.

The window is dark by itself, so that the picture can be read on a light page and on a dark one. It shows the whole at
first, where nothing moves for ever; then the lines come one after the other, once.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
README, GALAXY, PICTURE = ROOT / "README.md", ROOT / "galaxy.yml", ROOT / "docs" / "images" / "drift_check.svg"

COLUMN, ROW, MARGIN, BAR = 8.4, 20, 18, 34
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#76e3ea"}
PROMPT = "\x1b[1;32m$\x1b[0m "
COMMAND = f"{PROMPT}ansible-playbook alicloud.chatapp.drift_check -e @desired.yml -e drift_check_discover=true"
ENDING = [f"{PROMPT}echo $?", "2"]
CODE = re.compile(r"\x1b\[([\d;]*)m")

FRAME = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">
<!--
Copyright: (c) 2026, alicloud.chatapp contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later

Made by: nox -s readme
-->
<title>A drift check in a terminal</title>
<style>
text {{ fill: #e6edf3; font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; }}
.line {{ animation-delay: 3s; animation-name: hidden; }}
@keyframes hidden {{ from, to {{ opacity: 0; }} }}
@media (prefers-reduced-motion: reduce) {{ .line {{ animation: none; }} }}
</style>
<rect width="{width}" height="{height}" rx="8" fill="#0d1117" stroke="#6e7681"/>
<circle cx="20" cy="18" r="6" fill="#ff7b72"/><circle cx="40" cy="18" r="6" fill="#e3b341"/><circle cx="60" cy="18" r="6" fill="#7ee787"/>
{lines}
</svg>
"""


def plain(text: str) -> str:
    """Return the text without its colours."""
    return CODE.sub("", text)


def shown(output: str) -> list[str]:
    """Return the lines of the demo's last step that say something: no task that has no message, no excerpt of a file."""
    step = re.search(r"^6\. .*?\n(.*?)^PLAY RECAP", output, re.MULTILINE | re.DOTALL)
    if step is None:
        raise ValueError("the demo did not come to its last step")
    # ansible-core before 2.19 shows neither the error nor where in a file it comes from, before the task's own message.
    text = re.sub(
        r"^(?:\x1b\[[\d;]*m)?\[ERROR\].*?(?=^(?:\x1b\[[\d;]*m)?fatal:)", "", step[1], flags=re.MULTILINE | re.DOTALL
    )
    lines = [COMMAND]
    for paragraph in text.split("\n\n"):
        said = paragraph.strip("\n").splitlines()
        if len(said) > 2 and plain(said[0]).startswith("TASK"):
            lines += ["", *said]
    return [*lines, "", *ENDING]


def spans(line: str) -> Iterator[str]:
    """Give each stretch of one colour."""
    colour = ""
    # The text between two codes, and the code, in turn.
    for number, part in enumerate(CODE.split(line)):
        if number % 2:
            colour = COLOURS.get(part.split(";")[-1], "")
        elif part:
            yield f'<tspan fill="{colour}">{escape(part)}</tspan>' if colour else escape(part)


def render(output: str) -> str:
    lines = shown(output)
    longest = max(len(plain(line)) for line in lines)
    drawn = [
        f'<text class="line" x="{MARGIN}" y="{BAR + ROW * number}" textLength="{len(plain(line)) * COLUMN:.0f}"'
        f' lengthAdjust="spacingAndGlyphs" style="animation-duration: {number * 0.25:.2f}s">{"".join(spans(line))}</text>'
        for number, line in enumerate(lines, start=1)
        if plain(line)
    ]
    width, height = round(longest * COLUMN + 2 * MARGIN), BAR + ROW * len(lines) + MARGIN
    return FRAME.format(width=width, height=height, lines="\n".join(drawn))


def with_report(readme: str, report: str) -> str:
    """Return the README with this report in the place of an older one, as a quotation: its heading is none of ours."""
    quoted = "\n".join(f"> {line}".rstrip() for line in report.strip().splitlines())
    return re.sub(
        r"(?<=<!-- report -->\n).*?(?=<!-- end of report -->)", lambda _old: f"{quoted}\n", readme, flags=re.DOTALL
    )


def with_home(readme: str, galaxy: str) -> str:
    """Return the README with every link into the repository, its issues and its site as galaxy.yml has them."""
    home = re.search(r"^repository: (\S+)$", galaxy, re.MULTILINE)[1]
    return re.sub(r"https://[^\s()<>]+?(?=/(?:blob|raw)/main/|/issues\)|/docs/[\w/]+\.html)", home, readme)


def main(output: Path, report: Path) -> None:
    PICTURE.write_text(render(output.read_text(encoding="utf-8")), encoding="utf-8")
    readme = with_report(README.read_text(encoding="utf-8"), report.read_text(encoding="utf-8"))
    README.write_text(with_home(readme, GALAXY.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
