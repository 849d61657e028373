# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a repair says where the module that writes says little, or somebody else is faster."""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.repair import repair

sys.path.insert(0, str(Path(__file__).parent))

from role_host import Encrypted, Module, answer, host, number

OLD, NEW = "https://old.example.com/in", "https://hooks.example.com/in"
DESIRED = {"spaces": [{"cust_space_id": "x", "phone_numbers": [{"phone_number": "1", "up_callback_url": NEW}]}]}
VARIABLES = {"drift_check_desired": DESIRED, "drift_check_http": True, "drift_check_queue": False}
NOTHING = {"failed": False, "written": [], "changed_numbers": [], "unknown_numbers": []}


def read(url):
    return answer(number("1", "x", up_callback_url=url), spaces=["x"])


def repaired(write, *readings, check_mode=False, **variables):
    module = Module(*readings)
    result = repair(host({**VARIABLES, **variables}, module, check_mode=check_mode), write)
    assert len(module.asked) == len(readings)
    return result


def test_what_somebody_else_put_right_meanwhile_is_read_again():
    """The module found nothing to write, and what was read before it is not what is so."""
    done = repaired(lambda _options: NOTHING, read(OLD), read(NEW))
    assert (done["status"], done["fails"], [row["repaired"] for row in done["rows"]]) == ("in_sync", False, ["yes"])


@pytest.mark.parametrize("written", [NOTHING, {**NOTHING, "written": ["1"], "changed_numbers": ["1"]}])
def test_what_is_another_one_again_is_not_put_right(written):
    done = repaired(lambda _options: written, read(OLD), read(OLD), drift_check_on_drift="warn")
    [row] = done["rows"]
    assert (done["fails"], row["repaired"]) == (True, "no")
    assert row["message"].endswith("; not put right: it was, and is another one again")


def test_a_module_that_says_nothing_leaves_it_unknown_and_is_quoted():
    done = repaired(lambda _options: {"failed": True, "msg": "No connection."}, read(OLD), read(OLD))
    assert (done["fails"], done["changed"], done["repairs"][0]["repaired"]) == (True, True, "unknown")
    assert done["repairs"][0]["reason"] == "No connection."


def test_in_check_mode_nothing_is_read_twice():
    done = repaired(lambda _options: NOTHING, read(OLD), check_mode=True)
    assert (done["status"], done["rows"][0]["repaired"]) == ("drift", "would")


def test_what_the_module_would_refuse_is_not_planned():
    done = repaired(lambda _options: {**NOTHING, "failed": True, "msg": "Gone."}, read(OLD), check_mode=True)
    [row] = done["rows"]
    assert (done["fails"], row["repaired"]) == (True, "no")
    assert row["message"].endswith("; not put right: Gone.")


def test_what_cannot_be_read_again_is_as_the_module_said():
    unreadable = answer(spaces=["x"], failures=[{"cust_space_id": "x", "code": "TimedOut", "message": "Late."}])
    done = repaired(lambda _options: {**NOTHING, "written": ["1"], "changed_numbers": ["1"]}, read(OLD), unreadable)
    assert (done["status"], done["fails"], done["repairs"][0]["repaired"]) == ("error", True, "yes")


def test_where_all_is_as_desired_the_module_is_not_run():
    done = repaired(None, read(NEW))
    assert (done["status"], done["changed"], done["diff"], done["repairs"]) == ("in_sync", False, [], [])


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_url_that_cannot_be_written_is_refused_before_the_first_write_of_any(check_mode):
    numbers = [
        {"cust_space_id": name, "phone_numbers": [{"phone_number": "1", "up_callback_url": url}]}
        for name, url in {"x": NEW, "y": "http://hooks.example.com/in"}.items()
    ]
    found = answer(number("1", "x", up_callback_url=OLD), number("1", "y", up_callback_url=OLD), spaces=["x", "y"])
    asked = []

    def write(options):
        asked.append((options["cust_space_id"], options["max_changes"], options["allow_http"]))
        if options["cust_space_id"] == "y" and not options["allow_http"]:
            message = "phone_numbers[0].up_callback_url is http://; give https://."
            return {**NOTHING, "failed": True, "code": "InvalidOption", "message": message}
        return {**NOTHING, "failed": options["max_changes"] == 0, "changed_numbers": ["1"]}

    done = repaired(write, found, check_mode=check_mode, drift_check_desired={"spaces": numbers})
    assert (done["fails"], done["changed"], [row["repaired"] for row in done["rows"]]) == (True, False, ["no", "no"])
    assert "nothing was written, since for y phone_numbers[0].up_callback_url is http://" in done["message"]
    assert asked == [("x", 0, False), ("y", 0, False)]
    asked.clear()
    allowed = repaired(
        write,
        *([found] if check_mode else [found, answer(number("1", "x", up_callback_url=NEW), spaces=["x", "y"])]),
        check_mode=check_mode,
        drift_check_desired={"spaces": numbers},
        drift_check_allow_http=True,
    )
    assert allowed["changed"] is True
    assert asked == [("x", 0, True), ("y", 0, True), ("x", 1, True), ("y", 1, True)]


def test_a_number_that_is_answered_twice_with_different_urls_is_not_written():
    third = "https://third.example.com/in"
    found = answer(number("1", "x", up_callback_url=OLD), number("+1", "x", up_callback_url=third), spaces=["x"])
    done = repaired(None, found)
    assert (done["fails"], done["changed"], done["repairs"]) == (True, False, [])
    assert {row["repaired"] for row in done["rows"]} == {"no"}
    assert all("not put right: the service answered this number twice" in row["message"] for row in done["rows"])


OLD_RECEIPTS, NEW_RECEIPTS = "https://old.example.com/st?t=OldToken", "https://hooks.example.com/st?t=NewToken"
REFUSED = "2 phone numbers: Refused."
OWN_ONLY = (
    "the service writes no number without a space ID; desire it in a space with that of the account's own instance"
)


def of_space(urls):
    made = [number(name, "x", up_callback_url=up, status_callback_url=status) for name, (up, status) in urls.items()]
    return answer(*made, spaces=["x"])


@pytest.fixture(name="mixed")
def fixture_mixed():
    """A repair of which one number is written, two are refused, one is unknown, and one cannot be written at all."""
    each = {"up_callback_url": NEW, "status_callback_url": NEW_RECEIPTS}
    desired = [
        {"cust_space_id": "x", "phone_numbers": [{"phone_number": name, **each} for name in "1234"]},
        {"phone_numbers": [{"phone_number": "9", "up_callback_url": NEW}]},
    ]
    own = answer(number("9", up_callback_url=OLD), spaces=[None])
    left = {"2": (NEW, OLD_RECEIPTS), "3": (OLD, NEW_RECEIPTS), "4": (None, NEW_RECEIPTS)}
    asked = []

    def write(options):
        asked.append(options)
        if options["max_changes"] == 0:
            return {**NOTHING, "failed": True, "code": "TooManyChanges", "msg": "Too many."}
        result = {"failed": True, "msg": REFUSED, "code": "PartialWrite"}
        return {**result, "written": ["1", "2"], "changed_numbers": ["1"], "unknown_numbers": ["4"]}

    readings = own, of_space({"1": (OLD, OLD_RECEIPTS), **left}), own, of_space({"1": (NEW, NEW_RECEIPTS), **left})
    more = {"drift_check_max_changes": 4, "drift_check_http": False, "drift_check_queue": True}
    done = repaired(write, *readings, drift_check_desired={"spaces": desired}, **more)
    return done, asked


def test_what_is_wrong_is_what_is_written_with_what_is_sent_along(mixed):
    numbers = [
        {"phone_number": "1", "up_callback_url": NEW, "status_callback_url": NEW_RECEIPTS},
        {"phone_number": "2", "status_callback_url": NEW_RECEIPTS},
        {"phone_number": "3", "up_callback_url": NEW},
        {"phone_number": "4", "up_callback_url": NEW},
    ]
    sent = {"http": False, "queue": True, "allow_http": False, "verify_seconds": 30}
    each = {**sent, "cust_space_id": "x", "phone_numbers": numbers}
    assert mixed[1] == [{**each, "max_changes": 0}, {**each, "max_changes": 4}]


def test_the_message_counts_what_became_of_each_and_says_why(mixed):
    done, _asked = mixed
    assert (done["status"], done["fails"], done["changed"]) == ("drift", True, True)
    assert done["message"].startswith("DRIFT: 5 phone numbers checked, 4 differ, ")
    assert done["message"].endswith(
        " REPAIR: of 4 phone numbers with other callback URLs, 1 put right, 2 not put right, 1 of which that is not"
        f" known. The first: {REFUSED}"
    )


def test_the_report_says_of_each_number_what_became_of_it(mixed):
    done, _asked = mixed
    assert done["repairs"] == [
        {"cust_space_id": "x", "phone_number": name, "fields": fields, "repaired": repaired, "reason": reason}
        for name, fields, repaired, reason in (
            ("1", ["status_callback_url", "up_callback_url"], "yes", None),
            ("2", ["status_callback_url"], "no", REFUSED),
            ("3", ["up_callback_url"], "no", REFUSED),
            ("4", ["up_callback_url"], "unknown", REFUSED),
        )
    ]
    receipts = "status_callback_url is 'https://old.example.com/st?…', desired 'https://hooks.example.com/st?…'"
    texts = f"up_callback_url is '{OLD}', desired '{NEW}'"
    messages = {
        "1": ("yes", "is as desired; put right: up_callback_url, status_callback_url"),
        "2": ("no", f"{receipts}; not put right: {REFUSED}"),
        "3": ("no", f"{texts}; not put right: {REFUSED}"),
        "4": (
            "unknown",
            f"up_callback_url is absent, desired '{NEW}'; it is not known whether it was put right: {REFUSED}",
        ),
        "9": ("no", f"{texts}; not put right: {OWN_ONLY}"),
    }
    assert {row["phone_number"]: (row["repaired"], row["message"]) for row in done["rows"]} == messages
    assert done["findings"] == [
        *(f"differs: {name} of x: {messages[name][1]}" for name in "234"),
        f"differs: 9 of the account: {messages['9'][1]}",
        "put right: 1 of x: status_callback_url, up_callback_url",
    ]


def test_the_diff_has_what_was_and_what_is_desired_without_what_is_secret(mixed):
    receipts = "https://old.example.com/st?…\n", "https://hooks.example.com/st?…\n"
    assert mixed[0]["diff"] == [
        {"before_header": header, "after_header": header, "before": before, "after": after}
        for header, (before, after) in (
            ("1 of x: up_callback_url", (f"{OLD}\n", f"{NEW}\n")),
            ("1 of x: status_callback_url", receipts),
            ("2 of x: status_callback_url", receipts),
            ("3 of x: up_callback_url", (f"{OLD}\n", f"{NEW}\n")),
            ("4 of x: up_callback_url", ("\n", f"{NEW}\n")),
        )
    ]


def many(count, **variables):
    names = [str(place) for place in range(1, count + 1)]
    desired = [
        {"cust_space_id": "x", "phone_numbers": [{"phone_number": name, "up_callback_url": NEW} for name in names]}
    ]
    old, new = (answer(*(number(name, "x", up_callback_url=url) for name in names), spaces=["x"]) for url in (OLD, NEW))

    def write(_options):
        return {**NOTHING, "written": names, "changed_numbers": names}

    return functools.partial(repaired, write, drift_check_desired={"spaces": desired}, **variables), old, new


@pytest.mark.parametrize("variables, most", [({}, 10), ({"drift_check_max_changes": 3}, 3)])
def test_as_many_are_written_as_may_be_and_not_one_more(variables, most):
    run, old, new = many(most, **variables)
    done = run(old, new)
    assert (done["status"], done["fails"]) == ("in_sync", False)
    assert done["message"].endswith(f"REPAIR: of {most} phone numbers with other callback URLs, {most} put right.")
    run, old, _new = many(most + 1, **variables)
    done = run(old)
    assert (done["fails"], done["changed"]) == (True, False)
    assert done["message"].endswith(
        f"{most + 1} not put right. The first: {most + 1} phone numbers would be changed,"
        f" and drift_check_max_changes allows {most}"
    )


@pytest.mark.parametrize("count, more", [(20, []), (21, ["and 1 more put right"])])
def test_the_findings_name_the_first_that_were_put_right(count, more):
    run, old, new = many(count, drift_check_max_changes=100)
    findings = run(old, new)["findings"]
    assert findings[-len(more) - 20 :] == [f"put right: {place} of x: up_callback_url" for place in range(1, 21)] + more


def test_the_message_counts_what_would_be_put_right():
    done = repaired(lambda _options: NOTHING, read(OLD), check_mode=True)
    assert done["message"].endswith("REPAIR: of 1 phone number with other callback URLs, 1 would be put right.")
    assert (done["fails"], done["changed"]) == (True, True)
    assert repaired(None, read(NEW))["message"] == "IN SYNC: 1 phone number is as desired."


def test_a_module_that_says_nothing_in_check_mode_has_written_nothing():
    done = repaired(lambda _options: {"failed": True, "msg": "No connection."}, read(OLD), check_mode=True)
    assert (done["changed"], done["repairs"][0]["repaired"], done["repairs"][0]["reason"]) == (
        False,
        "no",
        "No connection.",
    )


@pytest.mark.parametrize("result, reason", [({"code": "TimedOut"}, "TimedOut"), ({}, "the task that writes failed")])
def test_of_a_vaulted_url_nothing_is_shown_of_what_the_module_says(result, reason):
    vaulted = [{"phone_number": "1", "up_callback_url": Encrypted(NEW)}]
    desired = {"spaces": [{"cust_space_id": "x", "phone_numbers": vaulted}]}
    failed = {**NOTHING, "failed": True, "msg": f"{NEW} was refused.", **result}
    done = repaired(lambda _options: failed, read(OLD), read(OLD), drift_check_desired=desired)
    assert done["repairs"][0]["reason"] == reason
    assert NEW not in json.dumps(done)


@pytest.mark.parametrize("name", ["drift_check_http", "drift_check_queue"])
def test_what_is_sent_along_has_to_be_said(name):
    why = "say true or false: it is sent with each write, and what it is today cannot be read."
    assert repaired(None, **{name: None})["msg"] == f"{name}: is missing; {why}"
    assert repaired(None, **{name: [3]})["msg"].startswith(f"{name}: ")


def test_how_long_to_look_for_what_was_written_is_handed_on():
    asked = []
    repaired(lambda options: asked.append(options) or NOTHING, read(OLD), read(NEW), drift_check_verify_seconds=7)
    assert {options["verify_seconds"] for options in asked} == {7}
