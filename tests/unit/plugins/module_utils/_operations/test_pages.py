# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists read whole from the simulator's pages, in every way that the service may have, without a connection between."""

from __future__ import annotations

import itertools
import os
import random
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import TransportError
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations import _pages
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations._pages import Page, read_whole
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations.list_instance import ListInstance
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.errors import ServiceError

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

from simulator.listing import FIELDS, Listing
from simulator.refusals import Refusal

PAGE = 100
SIZES = (0, 1, PAGE, PAGE + 1, 1000, 5000)
SWITCHES = {
    "page_base": ("0", "1", "either"),
    "beyond": ("empty", "refused", "last"),
    "cap": ({}, {"cap": 30}, {"cap": 30, "cap_moves_pages": False}),
    "order": ("stable", "moving", "shuffled"),
    "total": (
        {},
        {"total": "text"},
        {"total": "missing"},
        {"total": "changing"},
        {"total": "of_page"},
        {"total_offset": -1},
        {"total_offset": -PAGE},
        {"total_offset": 3},
        {"total_offset": 10**9},
    ),
}


class Service:
    """The simulator's list, asked as a session asks; ``calls`` has the pages of each ask, ``failing`` errors by page."""

    def __init__(self, count, **switches):
        self.listing = Listing(**{**{name: field.default for name, field in FIELDS.items()}, **switches})
        self.instances = [self.listing.instance(f"cams-{number}") for number in range(1, count + 1)]
        self.calls = []
        self.failing = {}

    def ask(self, pages):
        self.calls.append(pages)
        return [self.query(page) for page in pages]

    def query(self, page):
        operation = ListInstance()
        error = answer = None
        try:
            if page[0] in self.failing:
                raise self.failing[page[0]]
            facts = operation.facts(self.listing.page(self.instances, operation.request(page)), page)
            answer = SimpleNamespace(request_id="R", facts=facts)
        except Refusal as refusal:
            error = ServiceError(refusal.code, refusal.message, None, "R", refusal.status)
        except (ServiceError, TransportError) as caught:
            error = caught
        return SimpleNamespace(subject=page, attempts=1, answer=answer, error=error)

    def read(self, page_size=PAGE):
        return read_whole(self.ask, page_size)

    @property
    def ids(self):
        return [row["InstanceId"] for row in self.instances]


def ids(listing):
    return [row["instance_id"] for row in listing.rows]


def worlds():
    every = itertools.product(SIZES, *SWITCHES.values())
    for place, (count, base, beyond, cap, order, total) in enumerate(every):
        # All take minutes: at a desk every fifth of the small lists, and a few of the large ones.
        if os.environ.get("CHATAPP_TEST_SCALE") == "full" or place % (5 if count <= PAGE + 1 else 211) == 0:
            yield count, {"page_base": base, "beyond": beyond, "order": order, **cap, **total}


@pytest.mark.long
def test_every_instance_once_or_a_failure_that_says_why():
    random.seed(15)
    outcomes = {True: 0, False: 0}
    for count, switches in worlds():
        service = Service(count, **switches)
        listing = service.read()
        where = (count, switches)
        assert len(ids(listing)) == len(set(ids(listing))), where
        if listing.error is None:
            assert sorted(ids(listing)) == sorted(service.ids), where
        else:
            assert (listing.error.code, bool(listing.error.remedy)) == ("IncompleteList", True), where
            assert set(ids(listing)) <= set(service.ids), where
        honest = switches.get("total", "text") == "text" and not switches.get("total_offset")
        if honest and switches["order"] == "stable":
            assert (listing.error, ids(listing)) == (None, service.ids), where
        assert sum(map(len, service.calls)) <= _pages.MAX_LOOKS * (count / 3 + 2 * _pages.MAX_BATCH + 40), where
        outcomes[listing.error is None] += 1
    assert min(outcomes.values()) > 100


@pytest.mark.parametrize(
    ("count", "switches", "calls"),
    [
        (0, {}, [[0, 1]]),
        (1, {}, [[0, 1], [1, 2]]),
        (1, {"page_base": "0"}, [[0, 1], [1]]),
        (250, {"cap": 50}, [[0, 1], [1, 2, 3, 4, 5, 6]]),
        (101, {}, [[0, 1], [2]]),
        (5000, {}, [[0, 1], list(range(2, 52))]),
        (5000, {"page_base": "0"}, [[0, 1], list(range(2, 51))]),
        (4999, {}, [[0, 1], list(range(2, 51))]),
    ],
    ids=str,
)
def test_after_the_first_pages_the_others_are_asked_for_together(count, switches, calls):
    service = Service(count, **switches)
    service.read()
    assert [[index for index, _size in pages] for pages in service.calls] == calls


@pytest.mark.parametrize(
    ("switches", "paging"),
    [
        ({}, {"first_page": "1", "page_size_seen": 100, "pages": 3, "looks": 1}),
        ({"page_base": "0"}, {"first_page": "0", "page_size_seen": 100, "pages": 3, "looks": 1}),
        ({"page_base": "either"}, {"first_page": "0 and 1", "page_size_seen": 100, "pages": 4, "looks": 1}),
        ({"cap": 30}, {"first_page": "1", "page_size_seen": 30, "pages": 9, "looks": 1}),
        ({"cap": 30, "cap_moves_pages": False}, {"first_page": "1", "page_size_seen": 30, "pages": 9, "looks": 1}),
    ],
    ids=str,
)
def test_the_habits_that_were_seen_are_told(switches, paging):
    assert Service(250, **switches).read().paging == {"page_size_asked": PAGE, **paging}


def test_an_instance_that_moved_is_found_by_another_look():
    service = Service(1000, order="moving")
    listing = service.read()
    assert (listing.error, listing.paging["looks"], len(listing.rows)) == (None, 4, 1000)


def test_a_total_that_grew_meanwhile_is_believed_when_a_look_agrees():
    service = Service(250)
    newcomer = service.listing.instance("cams-new")

    def ask(pages):
        queries = service.ask(pages)
        if newcomer not in service.instances:
            service.instances.insert(0, newcomer)
        return queries

    listing = read_whole(ask, PAGE)
    assert (listing.error, listing.paging["looks"], ids(listing)) == (None, 2, service.ids)


def test_an_instance_that_vanished_meanwhile_is_not_returned():
    service = Service(250)

    def ask(pages):
        queries = service.ask(pages)
        service.instances = [row for row in service.instances if row["InstanceId"] != "cams-7"]
        return queries

    listing = read_whole(ask, PAGE)
    assert (listing.error, "cams-7" in ids(listing), len(listing.rows)) == (None, False, 249)


@pytest.mark.parametrize("page", [1, 2, 3])
@pytest.mark.parametrize(
    "error",
    [
        TransportError("TimedOut", "Why."),
        ServiceError("Throttling.User", "Why.", None, "R", 400),
        ServiceError("InternalError", "Why.", None, "R", 500),
        ServiceError("Ram.PermissionDeny", "Why.", None, "R", 400),
    ],
    ids=lambda error: error.code,
)
def test_a_page_that_cannot_be_read_fails_the_list_with_what_was_read(page, error):
    service = Service(250)
    service.failing = {page: error}
    listing = service.read()
    assert listing.error is error
    assert [query.subject[0] for query in listing.failed] == [page]
    assert len(listing.rows) == {1: 0, 2: 100, 3: 200}[page] + (50 if page == 2 else 0)
    assert listing.paging["looks"] == 1


@pytest.mark.parametrize(
    ("page", "error", "matters"),
    [
        (0, ServiceError("InternalError", "Why.", None, "R", 500), False),
        (4, ServiceError("InternalError", "Why.", None, "R", 500), False),
        (4, ServiceError("Throttling", "Why.", None, "R", 400), True),
        (0, ServiceError("Ram.PermissionDeny", "Why.", None, "R", 400), True),
        (0, TransportError("TimedOut", "Why."), True),
        (4, TransportError("TimedOut", "Why."), True),
    ],
)
def test_what_the_service_says_of_a_page_that_does_not_exist(page, error, matters):
    service = Service(300)
    service.failing = {page: error}
    listing = service.read()
    assert listing.error is (error if matters else None)
    assert len(listing.rows) == (100 if matters and page == 0 else 300)


def test_nothing_answered_is_no_empty_list():
    service = Service(0)
    service.failing = dict.fromkeys((0, 1), ServiceError("Some.Refusal", "Why.", None, "R", 400))
    assert service.read().error.code == "Some.Refusal"


def test_a_list_without_end_ends():
    def ask(pages):
        facts = [Page({index * 1000: {"instance_id": str(index)}}, None) for index, _size in pages]
        answers = [SimpleNamespace(request_id=None, facts=page) for page in facts]
        return [SimpleNamespace(subject=page, answer=answer, error=None) for page, answer in zip(pages, answers)]

    batches = []
    listing = read_whole(lambda pages: batches.append(len(pages)) or ask(pages), PAGE)
    assert (listing.error.code, listing.error.message) == (
        "IncompleteList",
        "The list had not ended after 10000 pages.",
    )
    assert len(listing.rows) == 10_000
    # Ever more together while no end is in sight; the second look at page 1 is at its own size.
    assert batches[:8] == [2, 1, 10, 20, 40, 80, 100, 100]


def test_a_service_that_pages_not_at_all_and_counts_not_at_all_is_not_believed():
    service = Service(250, total="missing")
    first = service.query((1, PAGE))
    listing = read_whole(lambda pages: [SimpleNamespace(**{**vars(first), "subject": page}) for page in pages], PAGE)
    assert listing.error.code == "IncompleteList"


def scripted(pages_of, total=None, size=2):
    """Read a list whose page ``index`` in its look ``look`` has the keys ``pages_of(look, index)``, or is an error.

    ``total`` is what each page gives as one. Returns the listing and what was asked for.
    """
    asked, looks = [], []

    def ask(pages):
        if pages[0][0] == 0:
            looks.append(None)
        asked.append(pages)
        queries = []
        for page in pages:
            found = pages_of(len(looks), page[0])
            error = found if isinstance(found, Exception) else None
            rows = {} if error else {key: {"instance_id": key} for key in found}
            queries.append(SimpleNamespace(subject=page, answer=SimpleNamespace(facts=Page(rows, total)), error=error))
        return queries

    return read_whole(ask, size), asked


def test_a_page_in_the_middle_that_is_said_not_to_exist_is_missing():
    gone = ServiceError("Some.Refusal", "No such page.", None, "R", 400)
    # Page 0 does not exist either, and nobody minds.
    listing, _asked = scripted(lambda _look, index: {0: gone, 1: "ab", 2: "cd", 3: gone, 4: "ef"}.get(index, ""), 8)
    assert listing.error is gone
    assert [query.subject[0] for query in listing.failed] == [3]


def test_a_list_without_rows_and_total_is_believed_when_a_second_look_agrees():
    listing, asked = scripted(lambda _look, _index: "")
    assert (listing.error, listing.rows, listing.paging["looks"], len(asked)) == (None, [], 2, 2)
    assert listing.paging["first_page"] is None


def test_where_nothing_moves_one_more_look_is_enough_for_a_total_that_is_missing():
    listing, _asked = scripted(lambda _look, index: {1: "ab", 2: "cd", 3: "e"}.get(index, ""))
    assert (listing.error, ids(listing), listing.paging["looks"]) == (None, list("abcde"), 2)


def test_a_short_page_is_no_end_while_the_total_is_not_reached():
    listing, _asked = scripted(lambda _look, index: {1: "ab", 2: "c", 3: "de"}.get(index, ""), 5)
    assert (listing.error, ids(listing), listing.paging["looks"]) == (None, list("abcde"), 1)


def test_a_total_that_a_full_page_reaches_is_not_believed_before_the_next_one():
    listing, _asked = scripted(lambda _look, index: {1: "ab", 2: "cd"}.get(index, ""), 2)
    assert listing.error.code == "IncompleteList"
    assert ids(listing) == list("abcd")


def test_pages_that_go_on_as_the_last_one_end_at_the_first_that_is_the_same():
    listing, asked = scripted(lambda _look, index: "ab" if index < 2 else "cd", 4)
    assert (listing.error, ids(listing)) == (None, list("abcd"))
    assert [index for pages in asked for index, _size in pages] == [0, 1, 2, 3]


def test_a_further_look_asks_for_pages_of_the_size_that_came():
    # Five were asked for, and never more than two came; the total is missing.
    listing, asked = scripted(lambda _look, index: {1: "ab", 2: "cd", 3: "e"}.get(index, ""), size=5)
    assert listing.error is None
    assert asked[0] == [(0, 5), (1, 5)]
    second = next(place for place in range(1, len(asked)) if asked[place][0][0] == 0)
    assert asked[second] == [(0, 2), (1, 2)]


def test_a_wrong_total_costs_a_hundred_calls_at_once_and_no_more():
    listing, asked = scripted(lambda _look, index: [f"{index}a", f"{index}b"] if index <= 250 else "", 10**6)
    assert listing.error.code == "IncompleteList"
    assert max(map(len, asked)) == 100
    assert max(index for pages in asked for index, _size in pages) <= 350


@pytest.mark.parametrize(("missed", "whole"), [(1, True), (2, False)])
def test_a_look_that_misses_more_than_a_tenth_proves_nothing(missed, whole):
    """Of ten rows on five pages each look misses the first few, and shows others in their place."""
    rows = "abcdefghij"

    def pages_of(look, index):
        if not 1 <= index <= 5:
            return ""
        start = missed * (look % 2)
        shown = rows[start:] if start else rows[: len(rows) - missed]
        # What fills the last page has stood on the first one.
        shown += shown[:missed]
        return shown[2 * index - 2 : 2 * index]

    listing, _asked = scripted(pages_of, 10)
    assert (listing.error is None) == whole
    assert sorted(ids(listing)) == list(rows)
