# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of Sphinx for the documentation site; the session ``docs`` of noxfile.py builds it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx

HERE = Path(__file__).parent

project = title = html_title = "alicloud.chatapp"
project_copyright = "alicloud.chatapp contributors"

extensions = ["sphinx_antsibull_ext"]
antsibull_ext_color_scheme = "default-autodark"
default_role = "any"
# Dashes and ellipses, but no typographic quotes: a policy in running text is to be copied as it stands.
smartquotes_action = "De"
highlight_language = "YAML+Jinja"

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_use_index = False
html_copy_source = False

nitpicky = True
# antsibull-docs refers to these pages of Ansible's own site, which this one does not ask.
nitpick_ignore = [
    ("std:ref", "ansible_configuration_settings"),
    ("std:ref", "action_plugins"),
    ("std:ref", "common_return_values"),
]

KINDS = ["module", "role", "filter", "test", "lookup", "callback"]


def toctree(caption: str, entries: list[str]) -> str:
    lines = [".. toctree::", f"   :caption: {caption}", "   :maxdepth: 1", "", *(f"   {entry}" for entry in entries)]
    return "\n".join(["", *lines, ""])


def list_pages(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the pages under the first one: the guides as extra-docs.yml groups them, the plugins, the changelog."""
    if docname != "index":
        return
    guides = yaml.safe_load((HERE / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    reference = [
        f"{path.stem.removesuffix(f'_{kind}')} ({kind}) <{path.stem}>"
        for kind in KINDS
        for path in sorted(Path(app.srcdir).glob(f"*_{kind}.rst"))
    ]
    trees = [toctree(section["title"], [f"docsite/{name}" for name in section["toctree"]]) for section in guides]
    trees.insert(-1, toctree("Reference", [*reference, "Release notes <changelog>"]))
    source[0] += "\n".join(trees)


def let_names_break(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """Let a name that is longer than a telephone, or the menu, is wide break after its dots and underscores only."""
    for name, pattern in {"body": r"<h1>.*?</h1>", "furo_navigation_tree": r">[^<]+<"}.items():
        if name in context:
            context[name] = re.sub(
                pattern,
                lambda found: re.sub(r"(?<=\w)([._])(?=\w)", r"\1<wbr>", found[0]),
                context[name],
                flags=re.DOTALL,
            )


def setup(app: Sphinx) -> None:
    app.connect("source-read", list_pages)
    # After furo, which makes the menu at the same event.
    app.connect("html-page-context", let_names_break, priority=900)
