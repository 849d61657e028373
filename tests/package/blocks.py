# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of the documentation and their code blocks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from conftest import ROOT
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser
from docutils.parsers.rst.directives import register_directive
from docutils.parsers.rst.directives.body import Container
from docutils.utils import new_document
from markdown_it import MarkdownIt

PAGES = [
    path.relative_to(ROOT)
    for path in sorted(ROOT.rglob("*"))
    if path.suffix in (".md", ".rst") and not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
]

# Sphinx's own; what is in it can hold blocks like everything else.
register_directive("glossary", Container)


class Block(NamedTuple):
    """A code block: ``language`` is empty where the page names none."""

    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return list(_of_markdown(text) if page.suffix == ".md" else _of_rst(text))


def _of_markdown(text: str) -> Iterator[Block]:
    for token in MarkdownIt().parse(text):
        if token.type in ("fence", "code_block"):
            yield Block(token.info.strip(), token.content)


def _of_rst(text: str) -> Iterator[Block]:
    document = new_document("", get_default_settings(Parser))
    # Sphinx's roles and directives are unknown here. A directive that is stays in the tree as a block of its source.
    document.reporter.report_level = document.reporter.SEVERE_LEVEL + 1
    Parser().parse(text, document)
    for block in document.findall(nodes.literal_block):
        classes = [name for name in block["classes"] if name != "code"]
        yield Block(classes[0] if classes else "", block.astext() + "\n")
