# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as Markdown, rendered by GitHub's own engine and by another one."""

from __future__ import annotations

import html
import re

import cmarkgfm
import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift import markdown as module
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.markdown import markdown
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st
from made_reports import HOSTILE, NOT_A_REPORT, report, row
from markdown_it import MarkdownIt

LINKS = [
    "a@b.example",
    "mailto:a.b+c@d.example",
    "xmpp:a@b.example/room",
    "http://evil.example",
    "HTTPS://evil.example/x",
    "ftp://evil.example",
    "www.evil.example",
    "WWW.EVIL.EXAMPLE/x",
    "evil.example.com",
    "://evil.example",
    "a@b@c.example",
    "see https://www.evil.example/a@b.example, or www.www.evil.example",
]


def by_github(text):
    return cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)


def by_markdown_it(text):
    return MarkdownIt("gfm-like", {"html": True, "linkify": True}).render(text)


ENGINES = [by_github, by_markdown_it]


def words(page):
    """Return what a reader sees in each cell, and what is copied from there."""
    return [
        html.unescape(re.sub(r"<[^>]*>", "", re.sub(r"<!--.*?-->", "", cell)))
        for cell in re.findall(r"<td[^>]*>(.*?)</td>", page)
    ]


def test_a_table_of_what_is_not_in_sync_after_the_verdict_and_the_cause():
    made = report(row("in_sync"), row(), row("unreadable", space=None, number=None, message="TimedOut"), status="error")
    assert markdown(made) == (
        "## ChatApp phone numbers: not everything could be read\n"
        "\n"
        "The first: the account itself, all phone numbers, <code>TimedOut</code>\n"
        "\n"
        "3 checked, 1 in sync.\n"
        "\n"
        "| | Sub-customer | Phone number | Finding |\n"
        "| --- | --- | --- | --- |\n"
        "| unreadable | the account itself | all phone numbers | <code>TimedOut</code> |\n"
        "| differs | <code>cams-a</code> | <code>1</code> | <code>status is 'B', desired 'A'</code> |\n"
    )
    assert markdown(report(row("in_sync"), status="in_sync")) == (
        "## ChatApp phone numbers: in sync\n\n3 checked, 1 in sync.\n"
    )


@pytest.mark.parametrize(
    "status, verdict",
    [
        ("drift", "drift"),
        ("unchanged", "nothing changed"),
        ("changed", "changed"),
        ("unknown", "not everything could be read"),
        ("of tomorrow", "not everything could be read"),
    ],
)
def test_the_first_line_is_the_verdict(status, verdict):
    assert markdown(report(status=status)).startswith(f"## ChatApp phone numbers: {verdict}\n")


def test_a_sub_customer_is_never_taken_for_the_account():
    text = markdown(report(row(space="the account itself", number="all phone numbers"), row(space=None, number=None)))
    assert "| <code>the account itself</code> | <code>all phone numbers</code> |" in text
    assert "| the account itself | all phone numbers |" in text


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", LINKS)
def test_no_engine_makes_a_link(engine, text):
    page = engine(markdown(report(row(space=text, number=text, message=text))))
    assert "<a" not in page
    assert words(page)[1:] == [text] * 3


@pytest.mark.parametrize("text", LINKS)
def test_nothing_is_left_of_a_link_where_an_engine_looks_for_links_after_it_has_read_the_entities(text):
    """So does remark, in each piece of text between two tags or comments."""
    page = by_github(markdown(report(row(space=text, number=text, message=text))))
    for piece in map(html.unescape, re.split(r"<!--.*?-->|<[^>]*>", page)):
        assert not re.search(r"[a-z]://|www\.|[\w.+-]@", piece, re.IGNORECASE)


@given(st.text(st.sampled_from("@:/.w ahtpxm|`<>[]()!\\*_~$&;-"), max_size=40), st.sampled_from(LINKS))
def test_no_engine_makes_anything_of_any_text(text, link):
    for written in (text, text + link, link + text):
        made = markdown(report(row(space=written, number=written, message=written)))
        for engine in ENGINES:
            page = engine(made)
            assert not re.search(r"<(?!/?(h2|p|code|table|thead|tbody|tr|th|td)\b)[a-z]", page)
            assert [word.strip() for word in words(page)[1:]] == [written.strip()] * 3


def test_keeps_hostile_text_as_text():
    text = markdown(report(row(space=HOSTILE, number=HOSTILE, message=HOSTILE)))
    assert len(text.splitlines()) == 9
    cells = re.findall("<code>(.*?)</code>", text.splitlines()[-1])
    assert len(cells) == 3
    for cell in cells:
        bare = cell.replace("<!-- -->", "")
        assert not re.search(r"[<>|`*_\[\]()@#$:.{}\\]", re.sub("&#[0-9]+;", "", bare))
        shown = html.unescape(bare)
        assert shown.isprintable()
        assert (
            r"</failure>]]>&lt;<script>|`*_[x](https://evil.example/?SECRET) @all #1 $x$ {{ 7*7 }}\r\n\n# H\n" in shown
        )


def test_a_kind_of_tomorrow_is_text_too():
    assert "| &#60;b&#62; |" in markdown(report(row("<b>")))


@pytest.mark.parametrize("character", ["|", "@", "\N{BLOSSOM}", "\N{HEAVY BLACK HEART}"])
def test_ends_where_a_comment_does(character):
    text = markdown(report(*[row(space=character * 10000, number=character * 10000, message=character * 10000)] * 250))
    shown = text.count("\n| differs |")
    assert 1 <= shown < 100
    assert len(text.encode()) < 65_536
    assert text.endswith(f"\n\n{250 - shown} more rows are not shown.\n")


def test_ends_after_the_rows_that_anybody_reads():
    assert markdown(report(*[row()] * 101)).endswith("\n\n1 more row is not shown.\n")
    assert markdown(report(*[row()] * 250)).count("\n| differs |") == 100
    assert "not shown" not in markdown(report(*[row()] * 100))


def test_what_could_not_be_read_stands_first():
    text = markdown(report(*[row()] * 200, row("unreadable", number=None, message="no key")))
    assert text.splitlines()[2] == "The first: <code>cams-a</code>, all phone numbers, <code>no key</code>"
    assert text.count("<code>no key</code>") == 2


def test_cuts_a_finding_where_a_reader_does():
    longest = module.LONGEST_FINDING
    for length, cut in ((longest, "x" * longest), (longest + 1, f"{'x' * longest}… (1 more character")):
        assert f"<code>{cut}" in html.unescape(markdown(report(row(message="x" * length))))


@pytest.mark.parametrize("made", NOT_A_REPORT)
def test_refuses_what_is_no_report(made):
    with pytest.raises(DriftInputError, match="^The report must be what the filter"):
        markdown(made)


def test_a_row_of_several_sub_customers_is_not_taken_for_the_accounts():
    shared = row(kind="unreadable", space=None, number=None, message="2 (a and b)", cust_space_ids=["a", "b"])
    assert "| see the finding | all phone numbers |" in markdown(report(shared, status="error"))
