# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: a list that comes in pages, read whole, whatever the habits of the service are.

Nothing is published about them: whether the first page is 0, 1 or both, which page size is the greatest, whether rows
keep their place while pages are read, whether the total is right. So pages from 0 on are read until the end shows, rows
are told apart by who they are and not by where they stand, and a list counts as whole only where the number of its rows
is the total that the service gave. Where it is not, all pages are looked at again.
"""

from __future__ import annotations

import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ChatappError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.errors import DENIALS, ServiceError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import FINAL, TRANSIENT, is_fatal, kind_of

MAX_LOOKS = 4
# A wrong total must not cost more calls than so many at once, and a list without end not more than so many at all.
MAX_BATCH = 100
MAX_PAGES = 10_000
# How many pages are asked for together where the total has been reached, or is missing, and no end was seen.
FIRST_BATCH = 10

# A look that misses more than a tenth of what all looks found meets rows in no order at all: nothing is known of them.
MIN_SHARE = 0.9


class Page(t.NamedTuple):
    """The facts of one page: its rows in order, by who they are, and the total, None where it gave none."""

    rows: dict[t.Hashable, dict[str, t.Any]]
    total: int | None


class Listing(t.NamedTuple):
    """What was read of a list.

    ``rows`` in order, each once, and the service's ``total``. ``queries`` are all Query objects, each with an index and
    a size as its subject; ``failed`` those whose answer is missing. ``error`` says why the list is not whole, and is
    None where it is. ``paging`` has the habits of the service that were seen, and nothing of any row.
    """

    rows: list[dict[str, t.Any]]
    total: int | None
    queries: list[t.Any]
    failed: list[t.Any]
    error: ChatappError | None
    paging: dict[str, t.Any]


def read_whole(ask: t.Callable[[list[tuple[int, int]]], list[t.Any]], page_size: int) -> Listing:
    """Read a list whole, or say why it is not.

    ``ask`` takes pages, each an index and a size, and returns a Query for each, whose answer's facts are a Page.
    """
    looks = [_Look(ask, page_size)]
    rows = _whole(looks)
    while rows is None and len(looks) < MAX_LOOKS and looks[-1].ended and not looks[-1].failed(in_doubt=True):
        looks.append(_Look(ask, looks[-1].size_seen or page_size))
        rows = _whole(looks)
    last = looks[-1]
    failed = last.failed(in_doubt=rows is None)
    error = None if rows is not None else failed[0].error if failed else _doubt(looks)
    paging = {
        "first_page": last.first_page(),
        "page_size_asked": page_size,
        "page_size_seen": max(look.size_seen for look in looks),
        "pages": len(last.filled()),
        "looks": len(looks),
    }
    queries = [query for look in looks for query in look.queries]
    found = _united(looks) if rows is None else rows
    return Listing(list(found.values()), last.total(), queries, failed, error, paging)


class _Look:
    """All pages, read once: ``pages`` by index, and ``queries``, all that were made for them, in order.

    ``rows`` are what the pages hold, each once; ``ended`` tells whether the end of the list was seen.
    """

    def __init__(self, ask: t.Callable[[list[tuple[int, int]]], list[t.Any]], size: int) -> None:
        self.pages: dict[int, t.Any] = {}
        self.queries: list[t.Any] = []
        self.rows: dict[t.Hashable, dict[str, t.Any]] = {}
        self.size_seen = 0
        self.ended = False
        self._ask = ask
        self._read([0, 1], size)
        if 0 < self.size_seen < size:
            # A silent cap, or a short list. Where the service counts pages by what it was asked for, rows would be left
            # out: go on by what it gave. Page 1 can be the second.
            size = self.size_seen
            self._read([1, *range(2, min(self._expected_end(), MAX_BATCH))], size)
        batch = FIRST_BATCH
        while not self.ended and not self.failed() and len(self.pages) < MAX_PAGES:
            start, end = len(self.pages), self._expected_end()
            if end <= start:
                end, batch = start + batch, 2 * batch
            self._read(range(start, min(end, start + MAX_BATCH, MAX_PAGES)), size)
        in_order = (_page(query).rows for _index, query in sorted(self.pages.items()))
        self.rows = {**{key: row for rows in in_order for key, row in rows.items()}, **self.rows}

    def _read(self, indexes: t.Iterable[int], size: int) -> None:
        filled, new = 0, False
        for query in self._ask([(index, size) for index in indexes]):
            self.queries.append(query)
            self.pages[query.subject[0]] = query
            rows = _page(query).rows
            filled, new = len(rows), not rows.keys() <= self.rows.keys()
            self.size_seen = max(self.size_seen, filled)
            self.rows.update(rows)
        # The first page may be 0 and 1: that the second brings nothing new says nothing.
        nothing_new = not new and (not filled or len(self.pages) > 2)
        self.ended = nothing_new or (filled < self.size_seen and len(self.rows) == self.total())

    def _expected_end(self) -> int:
        """Return up to where to read by the total: past the last page, and one page further where that one is full."""
        total = self.total()
        if not total or not self.size_seen:
            return 0
        return total // self.size_seen + (1 if self.first_page() == "0" else 2)

    def failed(self, in_doubt: bool = False) -> list[t.Any]:
        """Return the queries without an answer, but for those of pages that do not exist, before and behind the list.

        ``in_doubt``: the list is not known to be whole, so that only a refusal shows that there is no such page.
        """
        answered = any(query.error is None for query in self.pages.values())
        filled = self.filled() or [MAX_PAGES]
        return [
            query
            for index, query in self.pages.items()
            if query.error
            and not (answered and not filled[0] <= index <= filled[-1] and _no_such(query.error, in_doubt))
        ]

    def filled(self) -> list[int]:
        """Return the indexes of the pages that have rows."""
        return [index for index, query in self.pages.items() if _page(query).rows]

    def moved(self) -> bool:
        """Tell whether a row stood on two pages, other than by one page under two indexes."""
        pages = {frozenset(_page(query).rows) for query in self.pages.values()}
        return sum(map(len, pages)) != len(self.rows)

    def first_page(self) -> str | None:
        """Return what the service calls its first page: ``0``, ``1``, ``0 and 1``, or None where no page has rows."""
        first, second = (_page(query).rows for query in self.queries[:2])
        if first and first.keys() == second.keys():
            return "0 and 1"
        return "0" if first else "1" if second else None

    def totals(self) -> list[int | None]:
        """Return the totals of the pages that have rows, or of all where none has."""
        pages = [query.answer.facts for query in self.pages.values() if query.error is None]
        return [page.total for page in pages if page.rows] or [page.total for page in pages]

    def total(self) -> int | None:
        """Return the newest total."""
        return self.totals()[-1] if self.totals() else None


def _page(query: t.Any) -> Page:
    return query.answer.facts if query.error is None else Page({}, None)


def _no_such(error: ChatappError, in_doubt: bool) -> bool:
    """Tell whether this can mean that there is no such page: some services fail where they should refuse."""
    kinds = (FINAL,) if in_doubt else (FINAL, TRANSIENT)
    of_all_pages = is_fatal(error) or error.code in DENIALS
    return isinstance(error, ServiceError) and not of_all_pages and kind_of(error) in kinds


def _whole(looks: list[_Look]) -> dict[t.Hashable, dict[str, t.Any]] | None:
    """Return the rows if they are all that there are, else None.

    Rows that move between pages are missed by one look and seen by another. Their number can meet a wrong total by
    chance: so two further looks have to find nothing new, one where nothing moves and only the total is missing.
    """
    last = looks[-1]
    if last.failed() or not last.ended:
        return None
    if set(last.totals()) == {len(last.rows)} and not last.moved():
        return last.rows
    united = _united(looks)
    further = 2 if any(look.moved() for look in looks) else 1
    if len(looks) <= further or len(united) != len(_united(looks[:-further])):
        return None
    totals = {total for look in looks for total in look.totals()}
    if totals == {None}:
        end_was_seen = not _page(last.pages[max(last.pages)]).rows
        return last.rows if end_was_seen and len(last.rows) == len(united) else None
    in_order = len(last.rows) >= MIN_SHARE * len(united)
    return united if in_order and totals == {len(united)} else None


def _united(looks: list[_Look]) -> dict[t.Hashable, dict[str, t.Any]]:
    return {key: row for look in looks for key, row in look.rows.items()}


def _doubt(looks: list[_Look]) -> ChatappError:
    last = looks[-1]
    if not last.ended:
        return ChatappError("IncompleteList", f"The list had not ended after {len(last.pages)} pages.")
    return ChatappError(
        "IncompleteList",
        f"{len(_united(looks))} rows were read, and the service counts {last.total()};"
        f" {len(looks)} looks at all pages did not agree.",
    )
