# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of a run for the next one: nothing changes by it, and no URL can be read in it."""

from __future__ import annotations

import json

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.changes import changes
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.fingerprint import hash_urls, same, shown
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.state import check, facts_of, remember
from hypothesis import given
from hypothesis import strategies as st
from test_drift_properties import SPACES, WHOLE, result_of

SALT = "0123456789abcdef" * 2
THEN, NOW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
URL = "https://user:SECRET@hooks.example.com/receipt?token=SECRET"


def kept(results, earlier=None, now=NOW, salt=SALT, asked=(None, "x")):
    """Return what the next run reads of a file."""
    return check(json.loads(json.dumps(remember(results, asked, earlier, now, salt))))


def unread(*spaces):
    return {
        "queries": [{"cust_space_id": space, "phone_number_count": None} for space in spaces],
        "phone_numbers": [],
        "failures": [{"cust_space_id": space, "code": "C", "message": "M"} for space in spaces],
    }


def account(**facts):
    return result_of({None: {"1": {"status": "CONNECTED", **facts}}})


@WHOLE
@given(SPACES, SPACES, st.sampled_from([SALT, None]))
def test_what_was_kept_is_what_was_read(before, after, salt):
    state = kept(result_of(before), salt=salt)
    assert changes(facts_of(state), result_of(before))["rows"] == []
    after = {space: after.get(space, {}) for space in before}
    told, untold = (changes(facts, result_of(after)) for facts in (facts_of(state), result_of(before)))
    assert told["summary"] == untold["summary"]
    keys = ("cust_space_id", "phone_number", "kind", "field", "after", "direction")
    assert [[row[key] for key in keys] for row in told["rows"]] == [
        [row[key] for key in keys] for row in untold["rows"]
    ]
    assert "sha256:" not in json.dumps(told)


def test_no_url_can_be_read_unless_it_is_asked_for():
    facts = account(
        status_callback_url=URL,
        up_callback_url="no scheme?SECRET",
        calling_configure={"calling_callback_url": URL},
        a_field_of_tomorrow=[{"hooks": [f"see {URL}"]}],
    )
    assert "SECRET" not in json.dumps(kept(facts)) and "example.com" not in json.dumps(kept(facts))
    assert "token=SECRET" in json.dumps(kept(facts, salt=None))


def test_a_number_that_is_gone_shows_no_fingerprint():
    """Whatever holds a URL is hashed, and the service may write one where nobody expects it."""
    state = kept(account(status=URL))
    [row] = changes(facts_of(state), result_of({None: {}}))["rows"]
    assert row["message"] == "was there, but is no more; its status was '(hashed)'"


def test_another_url_is_told_and_where_it_leads_now():
    state = kept(account(up_callback_url=URL))
    [row] = changes(facts_of(state), account(up_callback_url="https://elsewhere.example.net/?x"))["rows"]
    assert (row["before"], row["after"]) == ("(hashed)", "https://elsewhere.example.net/?…")
    assert row["message"] == "up_callback_url was another one, is 'https://elsewhere.example.net/?…'"
    [row] = changes(facts_of(state), account())["rows"]
    assert row["message"] == "up_callback_url was another one, is absent"
    [row] = changes(facts_of(kept(account(up_callback_url=""))), account(up_callback_url=URL))["rows"]
    assert row["message"].startswith("up_callback_url was empty, is 'https://…@hooks")
    [row] = changes(facts_of(state), result_of({None: {}}))["rows"]
    assert row["before"] == {"status": "CONNECTED", "up_callback_url": "(hashed)"}


def test_white_space_around_a_url_is_no_other_url():
    for before, after in ((URL, f"{URL}\n"), (f"{URL}\n", URL)):
        assert changes(facts_of(kept(account(up_callback_url=before))), account(up_callback_url=after))["rows"] == []


def test_a_name_that_looks_like_a_url_stays_a_name():
    facts = result_of({"x://y": {"1": {"status": "A"}}, None: {"x://y": {}}})
    assert changes(facts_of(kept(facts)), facts)["rows"] == []


def test_two_salts_make_two_fingerprints():
    assert hash_urls(URL, SALT, True) != hash_urls(URL, SALT[::-1], True)
    assert hash_urls(hash_urls(URL, SALT, True), SALT[::-1], True) == hash_urls(URL, SALT, True)


def test_what_stands_in_a_field_of_a_url_is_one_without_a_scheme_too():
    bare = "gateway.example/x?token=SECRET"
    mark = hash_urls(bare, SALT, True)
    value = {"up_url": bare, "deep": [{"up_url": [bare]}], "inner_url": {"any": [bare]}, "note": bare, "no_url": " "}
    assert hash_urls(value, SALT) == {
        "up_url": mark,
        "deep": [{"up_url": [mark]}],
        "inner_url": {"any": [mark]},
        "note": bare,
        "no_url": " ",
    }


@pytest.mark.parametrize(
    "before, after, equal",
    [
        ([URL, 1], [URL, 1], True),
        ([URL], [URL, 1], False),
        ({"a": [URL]}, {"a": [URL]}, True),
        ({"a": URL}, {"b": URL}, False),
        (URL, f"{URL}x", False),
        (URL, [URL], False),
        ("text", "text", True),
        ("text", "other", False),
    ],
)
def test_fingerprints_are_compared_at_any_depth(before, after, equal):
    assert same(hash_urls(before, SALT), after) is equal
    assert "sha256" not in json.dumps(shown(hash_urls(before, SALT)))


def test_a_space_that_was_not_read_keeps_what_was_known_of_it_with_its_time():
    first = kept(result_of({None: {"1": {"status": "A"}}, "x": {"2": {"status": "A"}}}), now=THEN)
    second = kept([result_of({None: {"1": {"status": "B"}}}), unread("x", "never read")], first)
    assert {entry["cust_space_id"]: entry["read"] for entry in second["spaces"]} == {None: NOW, "x": THEN}
    report = changes(facts_of(second), result_of({None: {"1": {"status": "B"}}, "x": {"2": {"status": "C"}}}))
    assert [(row["cust_space_id"], row["before"], row["after"]) for row in report["rows"]] == [("x", "A", "C")]


def test_a_task_that_crashed_forgets_nothing():
    first = kept(result_of({None: {"1": {"status": "A"}}, "x": {}}), now=THEN)
    assert kept({"failed": True, "msg": "no key"}, first)["spaces"] == first["spaces"]


def test_a_space_that_is_not_asked_for_any_more_is_forgotten():
    first = kept(result_of({None: {}, "x": {}}), now=THEN)
    assert [entry["cust_space_id"] for entry in kept(result_of({None: {}}), first, asked=[None])["spaces"]] == [None]


@pytest.mark.parametrize(
    "state, problem",
    [
        (None, "is no file that a run"),
        ([], "is no file that a run"),
        ({"spaces": []}, "is no file that a run"),
        ({"schema": 2}, "was written by a later release"),
        ({"schema": None}, "was written by a later release"),
        ({"spaces": None}, "is not whole"),
        ({"spaces": [5]}, "is not whole"),
        ({"spaces": [{}]}, "is not whole"),
        ({"spaces": [{"cust_space_id": None, "read": NOW, "phone_numbers": [5]}]}, "is not whole"),
        ({"spaces": [{"cust_space_id": 5, "read": NOW, "phone_numbers": []}]}, "is not whole"),
        ({"spaces": [{"cust_space_id": "x", "read": NOW, "phone_numbers": [{"cust_space_id": "y"}]}]}, "is not whole"),
    ],
)
def test_refuses_what_is_no_state(state, problem):
    given = state if not isinstance(state, dict) or state == {"spaces": []} else {**kept(account()), **state}
    with pytest.raises(DriftInputError, match=f"^{problem}"):
        check(given)
