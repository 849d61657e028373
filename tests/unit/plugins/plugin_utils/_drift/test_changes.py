# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed between two sets of facts, case by case; every row is looked at whole."""

from __future__ import annotations

import json

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.changes import changes
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.scales import direction, tier_limit

NUMBER = "8613800001234"


def result(*numbers, space=None, **more):
    own = {} if space is None else {"cust_space_id": space}
    return {
        "phone_numbers": [{**number, **own} for number in numbers],
        "queries": [{"cust_space_id": space, "request_id": "R", "phone_number_count": len(numbers), "attempts": 1}],
        "failures": [],
        **more,
    }


def number(phone_number=NUMBER, **facts):
    return {"phone_number": phone_number, "status": "CONNECTED", **facts}


def unread(space=None):
    return {
        "failed": True,
        "msg": "1 of 1 could not be read",
        "phone_numbers": [],
        "queries": [{"cust_space_id": space, "request_id": None, "phone_number_count": None, "attempts": 6}],
        "failures": [{"cust_space_id": space, "code": "TimedOut", "message": "No answer within 10 s."}],
    }


def rows(before, after):
    return changes(before, after)["rows"]


def kinds(before, after):
    return [(row["cust_space_id"], row["phone_number"], row["kind"]) for row in rows(before, after)]


def one(field, was, now):
    """Return the only row of a number of which one field changed."""
    [row] = rows(result(number(**{field: was})), result(number(**{field: now})))
    return row


def test_a_field_that_changed_is_a_row_with_all_that_a_person_asks():
    before = result(number(quality_rating="GREEN"), space="cams-a")
    after = result(number(quality_rating="YELLOW"), space="cams-a")
    told = f"{NUMBER} of cams-a: quality_rating was 'GREEN', is 'YELLOW' (worse)"
    assert changes(before, after) == {
        "schema": 1,
        "status": "changed",
        "verdict": [f"CHANGED: 1 phone number compared, 1 changed, 0 appeared, 0 disappeared. The first: {told}."],
        "summary": {"compared": 1, "unchanged": 0, "changed": 1, "appeared": 0, "disappeared": 0, "unknown": 0},
        "findings": [f"changed: {told}"],
        "rows": [
            {
                "cust_space_id": "cams-a",
                "phone_number": NUMBER,
                "kind": "changed",
                "field": "quality_rating",
                "before": "GREEN",
                "after": "YELLOW",
                "direction": "worse",
                "message": "quality_rating was 'GREEN', is 'YELLOW' (worse)",
                "cust_space_ids": None,
            }
        ],
    }


def test_a_number_that_appeared_or_disappeared_is_a_row_with_its_facts():
    left, came = number("1", status="BANNED"), number("2", up_callback_url="https://h/x?token=SECRET")
    gone, new = rows(result(left), result(came))
    assert (gone["kind"], gone["phone_number"], gone["before"], gone["after"]) == (
        "disappeared",
        "1",
        {"status": "BANNED"},
        None,
    )
    assert gone["message"] == "was there, but is no more; its status was 'BANNED'"
    assert (new["kind"], new["phone_number"], new["before"], new["after"]) == (
        "appeared",
        "2",
        None,
        {"status": "CONNECTED", "up_callback_url": "https://h/x?…"},
    )
    assert new["message"] == "is new; its status is 'CONNECTED'"
    summary = changes(result(left), result(came))["summary"]
    assert (summary["compared"], summary["appeared"], summary["disappeared"]) == (2, 1, 1)


def test_a_url_without_a_scheme_shows_no_more_than_another():
    row = one("up_callback_url", "h/x?token=SECRET", "h/y?token=SECRET")
    assert (row["before"], row["after"]) == ("h/x?…", "h/y?…")
    assert row["message"] == "up_callback_url was 'h/x?…', is 'h/y?…'"
    gone, new = rows(
        result(number("1", up_callback_url="h/x?token=SECRET")), result(number("2", up_callback_url="h/x?token=SECRET"))
    )
    assert gone["before"] == new["after"] == {"status": "CONNECTED", "up_callback_url": "h/x?…"}


@pytest.mark.parametrize("before, after", [(unread(), result()), (result(number()), unread()), (unread(), unread())])
def test_a_space_that_either_side_could_not_read_is_unknown(before, after):
    report = changes(before, after)
    assert (report["status"], kinds(before, after)) == ("unknown", [(None, None, "unknown")])
    assert "could not be read: TimedOut: No answer within 10 s." in report["rows"][0]["message"]


def test_the_message_says_which_side_did_not_read_it():
    [row] = rows(unread("cams-a"), result(space="cams-a"))
    assert row["message"] == "cannot be compared; before: could not be read: TimedOut: No answer within 10 s."
    [row] = rows([result(), result(space="cams-a")], result())
    assert row["message"] == "cannot be compared; now: was not asked for"
    [row] = rows([result(), unread("cams-a")], result())
    assert row["message"] == (
        "cannot be compared; before: could not be read: TimedOut: No answer within 10 s.; now: was not asked for"
    )


def test_sub_customers_that_cannot_be_compared_for_one_reason_share_a_row():
    names = ["cams-a", "cams-b", "cams-c", "cams-d"]
    before = [result(), *(result(space=name) for name in names)]
    [row] = rows(before, [unread(), *map(unread, names)])
    assert (row["cust_space_id"], row["cust_space_ids"]) == (None, [None, *names])
    assert row["message"] == (
        "the account's own numbers and 4 sub-customers (cams-a, cams-b, cams-c and 1 more) cannot be compared; "
        "now: could not be read: TimedOut: No answer within 10 s."
    )
    assert changes(before, [unread(), *map(unread, names)])["summary"]["unknown"] == 5


def test_the_verdict_says_the_worst_first():
    before = [result(number(quality_rating="GREEN"), number("2")), result(space="cams-a")]
    after = [result(number(quality_rating="RED"), number("3")), unread("cams-a")]
    unknown, changed = changes(before, after)["verdict"]
    assert unknown == (
        "UNKNOWN: 1 space cannot be compared. The first: all numbers of cams-a: cannot be compared; "
        "now: could not be read: TimedOut: No answer within 10 s."
    )
    assert changed == (
        "CHANGED: 3 phone numbers compared, 1 changed, 1 appeared, 1 disappeared. "
        f"The first: {NUMBER} of the account: quality_rating was 'GREEN', is 'RED' (worse)."
    )
    assert changes(before, before)["verdict"] == ["UNCHANGED: 2 phone numbers are as they were."]
    assert changes(result(number()), result(number()))["verdict"] == ["UNCHANGED: 1 phone number is as it was."]


def test_findings_begin_with_what_cannot_be_compared():
    kinds_told = [line.split(":")[0] for line in changes([result(number()), unread("x")], result())["findings"]]
    assert kinds_told == ["unknown", "disappeared"]


@pytest.mark.parametrize(
    "before, after",
    [
        ([result(number()), result(number("2"), space="cams-a")], result(number())),
        (result(number()), [result(number()), result(number("2"), space="cams-a")]),
    ],
)
def test_a_space_that_either_side_was_not_asked_for_is_unknown(before, after):
    assert kinds(before, after) == [("cams-a", None, "unknown")]


def test_what_could_not_be_read_hides_nothing_of_the_others():
    before = [result(number(quality_rating="GREEN")), result(number("2"), space="cams-a")]
    after = [result(number(quality_rating="RED")), unread("cams-a")]
    assert kinds(before, after) == [(None, NUMBER, "changed"), ("cams-a", None, "unknown")]
    assert changes(before, after)["status"] == "unknown"


@pytest.mark.parametrize("useless", [{"skipped": True}, {"failed": True, "msg": "no key"}, {}, {"results": []}])
def test_a_result_that_says_nothing_is_unknown(useless):
    report = changes(result(number()), [result(number()), useless])
    assert (report["status"], report["summary"]["unknown"]) == ("unknown", 1)
    assert [(row["kind"], row["cust_space_ids"]) for row in report["rows"]] == [("unknown", [])]
    assert report["rows"][0]["message"].startswith("a result says nothing; now: ")


@pytest.mark.parametrize("useless", [{"skipped": True}, {"failed": True, "msg": "no key"}])
def test_a_result_that_says_nothing_is_the_reason_of_all_that_nobody_speaks_of(useless):
    report = changes([result(number()), result(space="cams-a")], useless)
    [row] = report["rows"]
    assert (row["cust_space_ids"], report["summary"]["unknown"]) == ([None, "cams-a"], 2)
    assert row["message"].startswith("the account's own numbers and 1 sub-customer (cams-a) cannot be compared; now: ")
    assert row["message"].endswith(useless.get("msg", "was skipped"))


def test_where_nothing_was_read_nothing_is_called_unchanged():
    assert changes([], [])["status"] == "unknown"


@pytest.mark.parametrize(
    "field, was, now",
    [
        ("up_queue", None, ""),
        ("up_queue", "", None),
        ("calling_configure", None, {}),
        ("calling_configure", "", {"calling": {"status": None}}),
        ("calling_configure", {"calling": {}}, {"max_talk_time": None}),
        ("up_callback_url", "https://h/x", "https://h/x\n"),
        ("up_callback_url", " ", None),
    ],
)
def test_ways_to_say_the_same_are_no_change(field, was, now):
    assert changes(result(number(**{field: was})), result(number(**{field: now})))["status"] == "unchanged"


def test_another_spelling_of_a_number_or_another_order_is_no_change():
    before, after = result(number("+1 23"), number("9")), result(number("9"), number("123"))
    assert changes(before, after)["status"] == "unchanged"


@pytest.mark.parametrize(
    "field, was, now, message",
    [
        ("verified_name", "Shop", "shop ", "verified_name was 'Shop', is 'shop '"),
        ("up_queue", "", "q", "up_queue was empty, is 'q'"),
        ("up_queue", None, "q", "up_queue was absent, is 'q'"),
        ("a_field_of_tomorrow", 0, 1, "a_field_of_tomorrow was 0, is 1"),
        ("a_field_of_tomorrow", {"a": 1}, "x", "a_field_of_tomorrow was {\"a\": 1}, is 'x'"),
        ("a_field_of_tomorrow", [1, {"b": 2}], [], 'a_field_of_tomorrow was [1, {"b": 2}], is []'),
        ("status", "CONNECTED", "\x1b[31m", r"status was 'CONNECTED', is '\x1b[31m'"),
        ("up_callback_url", "https://u:p@h/?SECRET", "", "up_callback_url was 'https://…@h/?…', is empty"),
        (
            "up_callback_url",
            "https://h/?SECRET",
            "https://h/?OTHER",
            (
                "up_callback_url was 'https://h/?…', is 'https://h/?…'; they differ only in what is not shown: "
                "query string, fragment, user information or vaulted text"
            ),
        ),
    ],
)
def test_the_message_says_what_was_and_what_is(field, was, now, message):
    assert one(field, was, now)["message"] == message


def test_a_nested_field_is_named_by_its_path():
    before = {"max_talk_time": 5, "calling": {"status": "DISABLED", "call_hours": {"weekly_operating_hours": [1]}}}
    after = {"calling": {"status": "ENABLED", "call_hours": {"weekly_operating_hours": [1, 2]}}}
    found = rows(result(number(calling_configure=before)), result(number(calling_configure=after)))
    assert {(row["field"], json.dumps(row["before"]), json.dumps(row["after"])) for row in found} == {
        ("calling_configure.max_talk_time", "5", "null"),
        ("calling_configure.calling.status", '"DISABLED"', '"ENABLED"'),
        ("calling_configure.calling.call_hours.weekly_operating_hours", "[1]", "[1, 2]"),
    }
    assert {row["direction"] for row in found} == {None}


def test_no_row_shows_what_may_be_secret_in_a_url():
    url = "https://user:SECRET@h/x?SECRET#SECRET"
    facts = number(up_callback_url=url, calling_configure={"calling_callback_url": url}, tomorrow=[{"a": url}])
    other = number(up_callback_url="", calling_configure={}, tomorrow=[])
    for before, after in [((facts,), (other,)), ((other,), (facts,)), ((), (facts,)), ((facts,), ())]:
        assert "SECRET" not in json.dumps(changes(result(*before), result(*after)))
    space = f"https://h/{url}"
    assert "SECRET" not in json.dumps(changes(result(space=space), unread(space)))


def test_no_row_shows_what_came_out_of_a_vault():
    secret = "correct-horse"
    facts = number(secret, verified_name=f"x{secret}", status=secret, a_field_of_tomorrow=[{"a": secret}])
    other = number(secret, verified_name="x", status="y")
    sides = [((facts,), (other,)), ((), (facts,)), ((facts,), ()), ((facts, other), (facts,))]
    for before, after in sides:
        report = changes(result(*before, space=secret), result(*after, space=secret), {secret})
        assert report["status"] == "changed"
        assert secret not in json.dumps(report) and "(vaulted)" in json.dumps(report)
    assert secret not in json.dumps(changes(result(space=secret), unread(secret), {secret}))
    [row] = changes(result(number(up_queue="first")), result(number(up_queue="other")), {"first", "other"})["rows"]
    assert row["message"].endswith("or vaulted text")


def test_a_number_that_answers_in_several_versions_has_one_row():
    a, b, c = (number(up_queue=queue) for queue in "abc")
    assert rows(result(a, b), result(b, a)) == []
    [row] = rows(result(a), result(a, b))
    assert (row["field"], row["before"]["up_queue"], [facts["up_queue"] for facts in row["after"]]) == (
        None,
        "a",
        ["a", "b"],
    )
    assert row["message"] == "was answered in one version, is answered in 2 versions"
    [row] = rows(result(a, b), result(a, c))
    assert (row["field"], row["before"], row["after"]) == ("up_queue", "b", "c")


@pytest.mark.parametrize(
    "field, was, now, way",
    [
        ("quality_rating", "GREEN", "YELLOW", "worse"),
        ("quality_rating", "YELLOW", "RED", "worse"),
        ("quality_rating", "RED", "GREEN", "better"),
        ("quality_rating", "UNKNOWN", "GREEN", None),
        ("quality_rating", "GREEN", "UNKNOWN", None),
        ("quality_rating", "GREEN", "PURPLE", None),
        ("quality_rating", "GREEN", "", None),
        ("messaging_limit_tier", "TIER_250", "TIER_1K", "better"),
        ("messaging_limit_tier", "TIER_1K", "TIER_1000", None),
        ("messaging_limit_tier", "TIER_UNLIMITED", "TIER_100K", "worse"),
        ("messaging_limit_tier", "TIER_UNLIMITED", "UNLIMITED", None),
        ("messaging_limit_tier", "TIER_NOT_SET", "TIER_50", None),
        ("status", "CONNECTED", "BANNED", "worse"),
        ("status", "CONNECTED", "FLAGGED", "worse"),
        ("status", "FLAGGED", "BANNED", "worse"),
        ("status", "PENDING", "CONNECTED", "better"),
        ("status", "FLAGGED", "RESTRICTED", None),
        ("status", "BANNED", "DELETED", None),
        ("status", "CONNECTED", "UNKNOWN", None),
        ("status", "CONNECTED", "A_STATUS_OF_TOMORROW", None),
        ("status", ["CONNECTED"], {"a": 1}, None),
        ("verified_name", "GREEN", "RED", None),
    ],
)
def test_the_direction_of_a_change(field, was, now, way):
    assert direction(field, was, now) == way
    assert direction(field, now, was) == {"worse": "better", "better": "worse"}.get(way)


@pytest.mark.parametrize(
    "tier, limit",
    [
        ("TIER_50", 50),
        ("TIER_1K", 1000),
        ("TIER_1000", 1000),
        ("TIER_100K", 100_000),
        ("TIER_UNLIMITED", float("inf")),
        ("UNLIMITED", float("inf")),
        ("TIER_NOT_SET", None),
        ("TIER_", None),
        ("TIER_1K\n", None),
        ("TIER_\N{ARABIC-INDIC DIGIT FIVE}", None),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_the_limit_of_a_tier(tier, limit):
    assert tier_limit(tier) == limit


@pytest.mark.parametrize("facts", [None, 5, "text"])
def test_refuses_what_are_no_facts(facts):
    for sides in ((facts, result()), (result(), facts)):
        with pytest.raises(DriftInputError, match="^The facts must be"):
            changes(*sides)


def test_facts_read_back_from_a_file_are_the_same_facts():
    facts = [result(number(up_callback_url="https://h/x?a", n=5)), result(space="cams-a")]
    assert changes(json.loads(json.dumps(facts)), facts)["status"] == "unchanged"


def test_samples_of_a_row_are_one_real_row():
    import yaml
    from ansible_collections.alicloud.chatapp.plugins.filter import phone_number_changes

    fields = yaml.safe_load(phone_number_changes.RETURN)["_value"]["contains"]["rows"]["contains"]
    before, after = (
        result(number("8613800005678", quality_rating=rating), space="cams-8c8d7e1f") for rating in ("GREEN", "YELLOW")
    )
    assert [{name: field["sample"] for name, field in fields.items()}] == rows(before, after)


def test_a_sub_customer_without_numbers_that_is_new_or_gone_is_a_row():
    nobody = {"phone_numbers": [], "queries": [], "failures": []}
    before, after = result(number()), [result(number()), result(space="cams-new")]
    assert [row["message"] for row in changes(before, after, new=["cams-new"])["rows"]] == [
        "the sub-customer is new; it has no phone numbers"
    ]
    assert [row["message"] for row in changes(after, before, gone=["cams-new"])["rows"]] == [
        "the sub-customer is no more; it had no phone numbers"
    ]
    assert changes(nobody, nobody)["status"] == "unknown"


def test_every_reason_of_results_that_say_nothing_is_told():
    useless = [{"failed": True, "msg": "no key"}, {"skipped": True}, {"failed": True, "msg": "no key"}]
    [row] = rows(result(number()), useless)
    assert row["message"].endswith("could not be read: no key; its task was skipped")


@pytest.mark.parametrize("was, now", [(None, "https://h/in?t=SECRET"), ("https://h/in?t=SECRET", None)])
def test_a_url_that_came_or_went_shows_no_secret(was, now):
    [row] = rows(result(number(up_callback_url=was)), result(number(up_callback_url=now)))
    assert "https://h/in?…" in row["message"]
    assert "SECRET" not in json.dumps(row)
