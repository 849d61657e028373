# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The webhook module against every way that the service may be, judged by the simulator's log of writes."""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import os
import secrets
import signal
import sys
import time
from pathlib import Path

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils import _options as options
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ChatappError
from ansible_collections.alicloud.chatapp.plugins.module_utils._module import Task
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.redaction import Redactor
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.session import Session
from ansible_collections.alicloud.chatapp.plugins.module_utils._webhook import change
from ansible_collections.alicloud.chatapp.plugins.modules import alicloud_chatapp_phone_number_webhook as module

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "simulator"))

import module_process
from testing import KEY_SECRET, Simulator

NAME = "ansible_collections.alicloud.chatapp.plugins.modules.alicloud_chatapp_phone_number_webhook"
SPACE = "cams-space"
OLD, NEW, KEPT = (
    "https://old.example.com/s?token=OldTokenOfTheUrl",
    "https://new.example.com/s",
    "https://kept.example.com/up\n",
)
SWITCHES = {
    "omitted_url": ["kept", "cleared", "refused"],
    "empty_url": ["clears", "kept", "refused"],
    "omitted_flag": ["kept", "reset"],
    "shown_after": [0.0, 0.06],
    "answer": ["true", "error_but_done", "ok_but_not_done"],
    "checks_url": [False, True],
    "refused_numbers": [[], ["8613800000002"]],
    "other_writer": [{}, {"StatusCallbackUrl": "https://another.example.com/"}],
}
COMBINATIONS = [dict(zip(SWITCHES, values)) for values in itertools.product(*SWITCHES.values())]
BATCH = 100
# What the task wants of the numbers 1 to 3; the fourth is nobody's business.
WANTED = {
    "8613800000001": {"status_callback_url": NEW},
    "+86 138 0000 0002": {"status_callback_url": NEW, "up_callback_url": ""},
    "8613800000003": {"status_callback_url": OLD},
}


def numbers():
    return [
        {"PhoneNumber": f"861380000000{place}", "Status": "CONNECTED", "StatusCallbackUrl": OLD, "UpCallbackUrl": KEPT}
        for place in range(1, 5)
    ]


def an_account(name, writing=None, **key):
    return {
        "name": name,
        "keys": [{"id": f"LTAI5t-{name}", "secret": KEY_SECRET, **key}],
        "sub_customers": [{"cust_space_id": SPACE, "phone_numbers": numbers()}],
        "writing": writing or {},
    }


@pytest.fixture(name="simulator_of", scope="module")
def fixture_simulator_of():
    """Return the simulator with the account of a combination; one holds few, since a large file takes long to read."""
    with contextlib.ExitStack() as stack:

        @functools.cache
        def started(batch):
            places = range(batch * BATCH, min((batch + 1) * BATCH, len(COMBINATIONS)))
            accounts = [an_account(f"combination-{place}", COMBINATIONS[place]) for place in places]
            return stack.enter_context(Simulator({"accounts": accounts}, "--qps", "unlimited"))

        yield lambda place: started(place // BATCH)


def options_of(simulator, name, wanted, **more):
    return {
        "access_key_id": f"LTAI5t-{name}",
        "access_key_secret": KEY_SECRET,
        "endpoint": simulator.url,
        "qps_limit": 1000,
        "cust_space_id": SPACE,
        "phone_numbers": [{"phone_number": number, **urls} for number, urls in wanted.items()],
        "http": True,
        "queue": False,
        "verify_seconds": 0.2,
        **more,
    }


def put_right(simulator, name, wanted, check_mode=False, throttle=None, **more):
    """Do what the module does, in this process; return its result and its error."""
    defaults = {option: found.get("default") for option, found in options.argument_spec().items()}
    own = {"isv_code": None, "allow_http": False, "max_changes": 10}
    params = {**defaults, **own, **options_of(simulator, name, wanted, **more), "throttle_url": throttle.as_uri()}
    result = {name: [] for name in (*module.RESULT, "queries", "failures")} | {"changed": False}
    try:
        change.put_right(Task(params, check_mode, Session(params, Redactor()), result, None))
    except ChatappError as error:
        return result, error
    return result, None


def writes(simulator, name):
    return [entry["write"] for entry in simulator.log() if entry["account"] == name and entry["write"]]


def state(simulator, name, throttle):
    """What the service has, URLs stripped, by number, as its own answer to a reading says."""
    result, _error = put_right(
        simulator, name, {f"861380000000{n}": {"up_callback_url": ""} for n in range(1, 5)}, True, throttle
    )
    return {
        row["phone_number"][-1]: (row["status_callback_url"], row["up_callback_url"].strip())
        for row in result["before"]
    }


@pytest.fixture(name="quick", autouse=True)
def fixture_quick(monkeypatch):
    monkeypatch.setattr(change, "READING_DELAYS", (0.02, 0.05))


def few_at_a_desk(count, every):
    """Numbers below ``count``, most of which run at full scale only."""
    return [pytest.param(place, marks=[pytest.mark.full] if place % every else []) for place in range(count)]


@pytest.mark.parametrize("place", few_at_a_desk(len(COMBINATIONS), 31))
def test_it_ends_as_desired_or_says_that_it_does_not(simulator_of, place, tmp_path):
    simulator, switches, name = simulator_of(place), COMBINATIONS[place], f"combination-{place}"
    seen, error = put_right(simulator, name, WANTED, True, tmp_path)
    assert error is None
    assert seen["changed"]
    assert not writes(simulator, name), "a check mode that writes"
    result, error = put_right(simulator, name, WANTED, throttle=tmp_path)
    done = state(simulator, name, tmp_path)
    # The fourth number, and the third, which was as desired, are nobody's business.
    assert {write["PhoneNumber"] for write in writes(simulator, name)} <= {"8613800000001", "8613800000002"}
    assert done["3"] == done["4"] == ("https://old.example.com/s?…", "https://kept.example.com/up")
    for write in writes(simulator, name):
        assert write["UpCallbackUrl"] == (KEPT if write["PhoneNumber"][-1] == "1" else "")
        assert (write["StatusCallbackUrl"], write["HttpFlag"], write["QueueFlag"]) == (NEW, "Y", "N")
    kept = "https://kept.example.com/up"
    as_desired = {"8613800000001": done["1"] == (NEW, kept), "+86 138 0000 0002": done["2"] == (NEW, "")}
    assert (error is None) == all(as_desired.values())
    assert {number for number, so in as_desired.items() if so} == set(result["changed_numbers"])
    in_doubt = {*result["unchanged_numbers"], *result["unknown_numbers"]}
    assert {number for number, so in as_desired.items() if not so} == in_doubt
    if error is not None:
        assert error.code == "NotVerified" or error.code in [failure["code"] for failure in result["failures"]]
    if switches["refused_numbers"] and switches["answer"] != "error_but_done":
        assert result["unchanged_numbers"] == ["+86 138 0000 0002"] or switches["other_writer"]
    before = len(writes(simulator, name))
    if error is None:
        again, error = put_right(simulator, name, WANTED, throttle=tmp_path)
        assert (error, again["changed"], len(writes(simulator, name))) == (None, False, before)


@pytest.fixture(name="plain", scope="module")
def fixture_plain():
    many = [{"PhoneNumber": f"49150{place:07}", "StatusCallbackUrl": OLD, "UpCallbackUrl": KEPT} for place in range(20)]
    twice = [*numbers(), {"PhoneNumber": "+86 13800000001", "StatusCallbackUrl": NEW}]
    accounts = [
        an_account("plain"),
        an_account("denied", denied="Ram.PermissionDeny", denied_actions=["UpdatePhoneWebhook"]),
        an_account("dripping", {"shown_after": 0.3}),
        an_account("unread"),
        an_account("not-read-back"),
        {**an_account("twice"), "sub_customers": [{"cust_space_id": SPACE, "phone_numbers": twice}]},
        {**an_account("refused-many"), "sub_customers": [{"cust_space_id": SPACE, "phone_numbers": many}]},
        an_account("lost"),
        an_account("slow", {"qps": 2}),
        an_account("respelling", {"respells": True}),
        an_account("mixed", {"shown_after": 0.6, "refused_numbers": ["8613800000002"]}),
        an_account("late", {"shown_after": 60, "refused_numbers": ["8613800000002"]}),
        {**an_account("many"), "sub_customers": [{"cust_space_id": SPACE, "phone_numbers": many}]},
    ]
    with Simulator({"accounts": accounts}, "--qps", "unlimited") as simulator:
        yield simulator


def run(simulator, name, wanted, **more):
    given = options_of(simulator, name, wanted, **more)
    return module_process.wait(module_process.start(given, python=("-m", NAME)))


def test_check_mode_diff_and_idempotence(plain):
    wanted = {"8613800000001": {"status_callback_url": f"{NEW}?key=NewTokenOfTheUrl"}}
    checked = run(plain, "plain", wanted, _ansible_check_mode=True, _ansible_diff=True)
    assert checked.result["changed"] is True
    assert checked.result["sent"] == checked.result["written"] == []
    assert checked.result["after"][0]["status_callback_url"] == "https://new.example.com/s?…"
    assert checked.result["diff"]["before"] == {
        "8613800000001": {"status_callback_url": "https://old.example.com/s?…", "up_callback_url": KEPT}
    }
    assert writes(plain, "plain") == []
    written = run(plain, "plain", wanted)
    assert written.result["changed"] is True
    assert written.result["after"] == checked.result["after"]
    assert written.result["written"] == written.result["changed_numbers"] == ["8613800000001"]
    assert (written.result["sent"][0]["http"], written.result["sent"][0]["queue"]) == (True, False)
    assert [entry["StatusCallbackUrl"] for entry in writes(plain, "plain")] == [f"{NEW}?key=NewTokenOfTheUrl"]
    again = run(plain, "plain", wanted)
    assert again.result["changed"] is False
    assert len(writes(plain, "plain")) == 1
    for ended in (checked, written, again):
        said = ended.output + ended.error
        assert "TokenOfTheUrl" not in said, said


def test_two_urls_that_differ_in_what_is_hidden_are_told_apart(plain):
    wanted = {"8613800000002": {"status_callback_url": "https://old.example.com/s?token=AnotherTokenOfTheUrl"}}
    ended = run(plain, "plain", wanted, _ansible_check_mode=True)
    assert ended.result["diff"]["after"]["8613800000002"]["status_callback_url"].endswith(
        "(another one in what is not shown)"
    )
    assert "TokenOfTheUrl" not in ended.output


def test_a_write_that_is_denied_ends_at_once_and_names_the_action(plain):
    # The whole of verify_seconds would be longer than a run may take here.
    ended = run(plain, "denied", {"8613800000001": {"status_callback_url": NEW}}, verify_seconds=3600)
    assert ended.result["code"] == "Ram.PermissionDeny"
    assert "cams:UpdatePhoneWebhook" in ended.result["remedy"]
    assert ended.result["unchanged_numbers"] == ["8613800000001"]
    assert ended.result["changed"] is False


def test_a_write_that_shows_late_is_waited_for(plain):
    ended = run(plain, "dripping", {"8613800000001": {"status_callback_url": NEW}}, verify_seconds=30)
    assert ended.result["changed_numbers"] == ["8613800000001"]
    assert len(writes(plain, "dripping")) == 1


def test_a_lost_answer_is_looked_at_by_reading(plain):
    # Each write is obeyed, and its answer is lost.
    plain.set_faults([{"kind": "close", "action": "UpdatePhoneWebhook"}])
    try:
        ended = run(plain, "lost", {"8613800000001": {"status_callback_url": NEW}}, verify_seconds=10)
    finally:
        plain.set_faults([])
    assert ended.result["changed_numbers"] == ["8613800000001"]
    log = [entry["action"] for entry in plain.log() if entry["account"] == "lost"]
    assert log == ["QueryChatappPhoneNumbers", "UpdatePhoneWebhook", "QueryChatappPhoneNumbers"]


def test_nothing_is_written_where_nothing_could_be_read(plain):
    plain.set_faults([{"kind": "code", "code": "Forbidden.RAM", "action": "QueryChatappPhoneNumbers"}])
    try:
        ended = run(plain, "unread", {"8613800000001": {"status_callback_url": NEW}})
    finally:
        plain.set_faults([])
    assert (ended.result["code"], ended.result["changed"]) == ("Forbidden.RAM", False)
    assert ended.result["before"] == ended.result["written"] == ended.result["unknown_numbers"] == []
    assert writes(plain, "unread") == []


def test_what_was_written_and_cannot_be_read_back_is_unknown(plain):
    reading = {"action": "QueryChatappPhoneNumbers", "nth": [*range(2, 99)]}
    plain.set_faults([{"kind": "code", "code": "Forbidden.RAM", **reading}])
    try:
        ended = run(plain, "not-read-back", {"8613800000001": {"status_callback_url": NEW}})
    finally:
        plain.set_faults([])
    assert (ended.result["code"], ended.result["changed"]) == ("NotVerified", True)
    assert "1 unknown. What was written could not be read back, Forbidden.RAM: " in ended.result["msg"]
    assert ended.result["unknown_numbers"] == ended.result["written"] == ["8613800000001"]
    assert ended.result["after"] == [
        {"phone_number": "8613800000001", "status_callback_url": None, "up_callback_url": None}
    ]
    assert len(writes(plain, "not-read-back")) == 1


def test_a_number_that_is_answered_twice_with_different_urls_is_not_written(plain):
    ended = run(plain, "twice", {"8613800000001": {"status_callback_url": NEW}})
    assert (ended.result["code"], ended.result["changed"]) == ("UnexpectedAnswer", False)
    assert "13800000001 is answered twice, with different URLs." in ended.result["msg"]
    assert writes(plain, "twice") == []


def test_after_a_refusal_that_is_everybodys_the_others_are_not_sent(plain):
    wanted = {f"49150{place:07}": {"status_callback_url": NEW} for place in range(20)}
    plain.set_faults([{"kind": "code", "code": "InvalidAccessKeyId.Inactive", "action": "UpdatePhoneWebhook"}])
    try:
        ended = run(plain, "refused-many", wanted, max_changes=20, qps_limit=10)
    finally:
        plain.set_faults([])
    assert (ended.result["code"], ended.result["changed"]) == ("InvalidAccessKeyId.Inactive", False)
    sent = {write["PhoneNumber"] for write in writes(plain, "refused-many")}
    assert 0 < len(sent) < 20
    assert set(ended.result["written"]) == sent
    assert sorted(ended.result["unchanged_numbers"]) == sorted(wanted)
    assert ended.result["unknown_numbers"] == []
    assert len(ended.result["failures"]) == 20


def test_too_many_changes_are_refused_before_the_first_write(plain):
    wanted = {f"861380000000{place}": {"status_callback_url": NEW} for place in (3, 4)}
    ended = run(plain, "plain", wanted, max_changes=1)
    assert ended.result["code"] == "TooManyChanges"
    assert "2 phone numbers to be changed" in ended.result["msg"]
    assert not any(write["PhoneNumber"][-1] in "34" for write in writes(plain, "plain"))


def test_a_number_that_is_not_there_stops_everything(plain):
    wanted = {"8613800000003": {"status_callback_url": NEW}, "8613899999999": {"up_callback_url": ""}}
    ended = run(plain, "plain", wanted)
    assert ended.result["code"] == "NotFound"
    assert "8613899999999" in ended.result["msg"]
    assert ended.result["changed"] is False
    assert not any(write["PhoneNumber"][-1] == "3" for write in writes(plain, "plain"))


def actions(simulator, name, begun):
    return [entry["action"] for entry in simulator.log()[begun:] if entry["account"] == name]


# One reading, twenty writes, and the reading back: the last moments are those behind the last write.
@pytest.mark.parametrize("moment", few_at_a_desk(23, 7))
def test_a_killed_run_is_finished_by_the_next(plain, moment, tmp_path):
    # Another one each time, since a test that is run again meets what it wrote before.
    target = f"https://new.example.com/{moment}/{secrets.token_hex(8)}"
    wanted = {f"49150{place:07}": {"status_callback_url": target} for place in range(20)}
    more = {"max_changes": 20, "throttle_url": tmp_path.as_uri(), "qps_limit": 100}

    def there():
        seen, _error = put_right(plain, "many", wanted, True, tmp_path, max_changes=20)
        assert {row["up_callback_url"] for row in seen["before"]} == {KEPT}
        return {row["phone_number"]: row["status_callback_url"] for row in seen["before"]}

    earlier, begun = there(), len(plain.log())
    process = module_process.start(options_of(plain, "many", wanted, **more), python=("-m", NAME))
    plain.wait_for_log(begun + moment)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    between, a_moment_ago = there(), None
    while between != a_moment_ago:
        # What was on its way is still done.
        time.sleep(0.2)
        between, a_moment_ago = there(), between
    begun = len(plain.log())
    assert target not in earlier.values()
    assert all(url in (earlier[number], target) for number, url in between.items())
    ended = run(plain, "many", wanted, **more)
    assert "failed" not in ended.result
    assert set(there().values()) == {target}
    written = [entry["write"] for entry in plain.log()[begun:] if entry["account"] == "many" and entry["write"]]
    assert {write["UpCallbackUrl"] for write in written} <= {KEPT}
    left = sorted(number for number, url in between.items() if url != target)
    assert sorted(write["PhoneNumber"] for write in written) == left == sorted(ended.result["written"])
    begun = len(plain.log())
    assert run(plain, "many", wanted, **more).result["changed"] is False
    assert actions(plain, "many", begun) == ["QueryChatappPhoneNumbers"]


def test_a_throttled_write_is_retried_and_keeps_to_a_quota_of_its_own(plain, tmp_path):
    """Nothing but the service's refusals says that writes have another quota; each is sent again, and none is lost."""
    wanted = {number["PhoneNumber"]: {"status_callback_url": NEW} for number in numbers()}
    ended = run(plain, "slow", wanted, verify_seconds=30, throttle_url=tmp_path.as_uri())
    assert len(list(tmp_path.iterdir())) == 2, "a log for each operation"
    assert "failed" not in ended.result
    assert sorted(ended.result["changed_numbers"]) == sorted(wanted)
    assert ended.result["throttle"]["refused"] > 0
    log = [entry for entry in plain.log() if entry["account"] == "slow"]
    refused = [entry["action"] for entry in log if entry["code"] not in ("OK", None)]
    assert set(refused) == {"UpdatePhoneWebhook"}
    done = [entry["write"]["PhoneNumber"] for entry in log if entry["write"] and entry["code"] == "OK"]
    assert sorted(done) == sorted(wanted), "each once"


@pytest.mark.parametrize(
    ("url", "spelt", "said"),
    [
        ("https://New.example.com", "https://new.example.com/", "is 'https://new.example.com/'."),
        (f"{NEW}?k=A%2FTokenOfTheUrl", f"{NEW}?k=A/TokenOfTheUrl", f"is '{NEW}?…' (another one in what is not shown)."),
    ],
)
def test_a_service_that_spells_urls_in_its_own_way_is_named_as_one(plain, url, spelt, said):
    """Never a success, and never an endless change that nobody sees."""
    ended = run(plain, "respelling", {"8613800000001": {"status_callback_url": url}}, verify_seconds=0.3)
    assert (ended.result["code"], ended.result["unknown_numbers"]) == ("NotVerified", ["8613800000001"])
    assert f"status_callback_url {said}" in ended.result["msg"]
    assert "desire it in that spelling" in ended.result["remedy"]
    assert "TokenOfTheUrl" not in ended.output
    again = run(plain, "respelling", {"8613800000001": {"status_callback_url": spelt}})
    assert again.result["changed"] is False


def test_each_number_has_an_end_of_its_own(plain):
    """One is refused, one shows late, one is as desired already: the failure says which is which."""
    wanted = {
        "8613800000001": {"status_callback_url": OLD},
        "8613800000002": {"status_callback_url": NEW},
        "8613800000003": {"status_callback_url": NEW},
    }
    ended = run(plain, "mixed", wanted, verify_seconds=3)
    assert ended.result["failed"] is True
    assert (ended.result["changed"], ended.result["changed_numbers"]) == (True, ["8613800000003"])
    assert (ended.result["unchanged_numbers"], ended.result["unknown_numbers"]) == (["8613800000002"], [])
    assert "Of 2 phone numbers to be changed: 1 changed, 1 unchanged, 0 unknown. " in ended.result["msg"]
    assert "The first refusal is of 8613800000002, PhoneNumber.StatusNotSupported: " in ended.result["msg"]
    assert ended.result["code"] == "PhoneNumber.StatusNotSupported"


def test_the_refusal_that_is_named_is_of_the_number_that_was_refused(plain):
    """The first number was written and does not show; the second was refused."""
    wanted = {f"861380000000{place}": {"status_callback_url": NEW} for place in (1, 2)}
    ended = run(plain, "late", wanted, verify_seconds=0.5)
    assert (ended.result["unknown_numbers"], ended.result["unchanged_numbers"]) == (
        ["8613800000001"],
        ["8613800000002"],
    )
    assert "The first refusal is of 8613800000002, PhoneNumber.StatusNotSupported: " in ended.result["msg"]


BAD = {
    "an http URL": ({"status_callback_url": "http://new.example.com/"}, "allow_http"),
    "user information": ({"status_callback_url": "https://me:SecretOfTheUrl@new.example.com/"}, "user name"),
    "a blank": ({"up_callback_url": "https://new.example.com/a b"}, "blank"),
    "a control character": ({"up_callback_url": "https://new.example.com/a\x07b"}, "control character"),
    "too long": ({"up_callback_url": f"https://new.example.com/{'x' * 2048}"}, "2048"),
    "no URL": ({"up_callback_url": "new.example.com"}, "https://HOST"),
    "another scheme": ({"up_callback_url": "ftp://new.example.com/"}, "https://HOST"),
    "no host": ({"up_callback_url": "https:///path"}, "https://HOST"),
    "a bad port": ({"up_callback_url": "https://new.example.com:99999/"}, "https://HOST"),
    "neither URL": ({}, "neither"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_sentence_before_anything_is_asked(plain, case):
    urls, word = BAD[case]
    before = len(plain.log())
    ended = run(plain, "plain", {"8613800000001": urls})
    assert ended.result["failed"] is True
    assert word in ended.result["msg"]
    assert "phone_numbers[0]" in ended.result["msg"]
    assert "SecretOfTheUrl" not in ended.output
    assert len(plain.log()) == before


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"phone_numbers": []}, "empty list"),
        ({"phone_numbers": [{"phone_number": "none", "up_callback_url": ""}]}, "no digits"),
        ({"phone_numbers": [{"phone_number": n, "up_callback_url": ""} for n in ("12", "+1 2")]}, "twice"),
        ({"max_changes": -1}, "max_changes"),
        ({"verify_seconds": -1}, "verify_seconds"),
        ({"http": None}, "http"),
        ({"queue": None}, "queue"),
    ],
)
def test_other_bad_input(plain, more, word):
    before = len(plain.log())
    ended = run(plain, "plain", {"8613800000001": {"up_callback_url": ""}}, **more)
    assert ended.result["failed"] is True
    assert word in ended.result["msg"]
    assert len(plain.log()) == before


def test_http_is_accepted_where_it_is_allowed(plain):
    wanted = {"8613800000001": {"up_callback_url": "http://new.example.com/"}}
    assert run(plain, "plain", wanted, allow_http=True, _ansible_check_mode=True).result["changed"] is True


def test_the_log_of_the_system_shows_no_query_string(plain, tmp_path):
    shims = Path(__file__).parents[2] / "secrecy" / "shims"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(shims), *filter(None, sys.path)])}
    given = options_of(plain, "plain", {"8613800000001": {"status_callback_url": f"{NEW}?k=LogTokenOfTheUrl"}})
    log = tmp_path / "log"
    environment["SECRECY_SYSLOG"] = str(log)
    ended = module_process.wait(module_process.start({**given, "_ansible_check_mode": True}, environment, ("-m", NAME)))
    assert "LogTokenOfTheUrl" not in json.dumps(ended.result)
    assert not log.exists() or "LogTokenOfTheUrl" not in log.read_text()
