# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a repair says where the module that writes says little, or somebody else is faster."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.repair import repair

sys.path.insert(0, str(Path(__file__).parent))

from role_host import Module, answer, host, number

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
