# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How callback URLs are put right, word for word and second by second; what the service does is told beforehand."""

from __future__ import annotations

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import (
    ChatappError,
    OptionError,
    TransportError,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._module import Task
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.errors import ServiceError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import Retries
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.session import Answer
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.workers import Query
from ansible_collections.alicloud.chatapp.plugins.module_utils._webhook.change import put_right
from ansible_collections.alicloud.chatapp.plugins.module_utils._webhook.targets import targets_of

OLD, NEW, UP = "https://old.example.com/s?k=1", "https://new.example.com/s", "https://up.example.com/"
ONE, TWO = "8613800000001", "8613800000002"
LOST = TransportError("ConnectionLost", "The connection was lost.")
BUSY = ServiceError("SystemBusy", "Busy.", "Later.", "id-of-busy", 503)
REFUSED = ServiceError("PhoneNumber.StatusNotSupported", "Not with this status.", "Look.", "id-of-refusal", 400)
DENIED = ServiceError("Forbidden.RAM", "No.", "Allow it.", "id-of-denial", 403)
READ_AGAIN = (
    "Read the numbers again after a while. If they stay as they are, look for another tool that writes them;"
    " and where the service only spells a URL in another way, desire it in that spelling."
)


def numbers(**status_urls):
    """Return what a reading answers; names are ``one`` and ``two``."""
    return [
        {"PhoneNumber": {"one": ONE, "two": TWO}[name], "StatusCallbackUrl": url, "UpCallbackUrl": UP}
        for name, url in status_urls.items()
    ]


class Service:
    """Stands in for the session: each reading and each write ends as was told, the last of them again and again.

    A reading is a list of the wire's numbers or an error, a round of writes an error of each number, or None for one
    that was never sent. ``requests`` are what was asked, with the moment; ``slept`` the seconds between.
    """

    def __init__(self, *readings, writes=({},)):
        self.readings, self.rounds = list(readings), list(writes)
        self.requests, self.slept, self.now = [], [], 100.0

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def ask(self, operation, subjects):
        told = self._next(self.rounds if operation.writes else self.readings)
        queries = []
        for subject in subjects:
            query = Query(subject, Retries(0))
            query.attempts, query.error = 1, None
            self.requests.append({**operation.request(subject), "action": operation.action, "at": self.now - 100})
            if operation.writes:
                query.error = told.get(subject.phone_number)
            elif isinstance(told, ChatappError):
                query.error = told
            if query.error is None:
                answer = {"PhoneNumbers": told}
                query.answer = Answer(f"id-{len(self.requests)}", operation.facts(answer, subject))
            queries.append(query)
        return queries

    @staticmethod
    def _next(told):
        return told.pop(0) if len(told) > 1 else told[0]

    def writes(self):
        return [request for request in self.requests if request["action"] == "UpdatePhoneWebhook"]


def params_of(wanted, **more):
    return {
        "cust_space_id": "cams-space",
        "isv_code": "code-of-the-isv",
        "phone_numbers": [{"phone_number": number, **urls} for number, urls in wanted.items()],
        "http": True,
        "queue": False,
        "allow_http": False,
        "max_changes": 10,
        "verify_seconds": 30.0,
        "max_retries": 5,
        **more,
    }


def run(service, wanted, check_mode=False, **more):
    lists = ("queries", "failures", "sent", "written", "changed_numbers", "unchanged_numbers", "unknown_numbers")
    result = {"changed": False, **{name: [] for name in lists}}
    error = None
    try:
        put_right(Task(params_of(wanted, **more), check_mode, service, result, None), service.clock, service.sleep)
    except ChatappError as caught:
        error = caught
    return result, error


@pytest.mark.parametrize(("http", "queue", "flags"), [(True, False, ("Y", "N")), (False, True, ("N", "Y"))])
def test_what_is_asked_and_what_is_said_of_it(http, queue, flags):
    service = Service(numbers(one=OLD, two=NEW), numbers(one=NEW, two=NEW))
    result, error = run(
        service,
        {"+86 138 0000 0001": {"status_callback_url": NEW}, TWO: {"status_callback_url": NEW}},
        http=http,
        queue=queue,
    )
    assert error is None
    reading = {"CustSpaceId": "cams-space", "IsvCode": "code-of-the-isv", "action": "QueryChatappPhoneNumbers", "at": 0}
    assert service.requests == [
        reading,
        {
            "CustSpaceId": "cams-space",
            "PhoneNumber": ONE,
            "StatusCallbackUrl": NEW,
            "UpCallbackUrl": UP,
            "HttpFlag": flags[0],
            "QueueFlag": flags[1],
            "action": "UpdatePhoneWebhook",
            "at": 0,
        },
        reading,
    ]
    read = {
        "action": "QueryChatappPhoneNumbers",
        "cust_space_id": "cams-space",
        "status": None,
        "attempts": 1,
        "phone_number_count": 2,
    }
    hidden = "https://old.example.com/s?…"
    shown = {
        "before": {
            "+86 138 0000 0001": {"status_callback_url": hidden, "up_callback_url": UP},
            TWO: {"status_callback_url": NEW, "up_callback_url": UP},
        },
        "after": {
            "+86 138 0000 0001": {"status_callback_url": NEW, "up_callback_url": UP},
            TWO: {"status_callback_url": NEW, "up_callback_url": UP},
        },
    }
    assert result == {
        "changed": True,
        "queries": [
            {**read, "request_id": "id-1"},
            {
                "action": "UpdatePhoneWebhook",
                "cust_space_id": "cams-space",
                "phone_number": ONE,
                "attempts": 1,
                "request_id": "id-2",
            },
            {**read, "request_id": "id-3"},
        ],
        "failures": [],
        "sent": [
            {"phone_number": ONE, "status_callback_url": NEW, "up_callback_url": UP, "http": http, "queue": queue}
        ],
        "written": ["+86 138 0000 0001"],
        "changed_numbers": ["+86 138 0000 0001"],
        "unchanged_numbers": [],
        "unknown_numbers": [],
        **{name: [{"phone_number": number, **urls} for number, urls in shown[name].items()] for name in shown},
        "diff": shown,
    }


def test_check_mode_shows_what_would_be_and_asks_once():
    service = Service(numbers(one=OLD))
    result, error = run(service, {ONE: {"status_callback_url": "https://old.example.com/s?k=2"}}, check_mode=True)
    assert error is None
    assert result["changed"] is True
    assert len(service.requests) == 1
    after = {"status_callback_url": "https://old.example.com/s?…", "up_callback_url": UP}
    unseen = "https://old.example.com/s?… (another one in what is not shown)"
    assert result["after"] == [{"phone_number": ONE, **after}]
    assert result["diff"]["after"] == {ONE: {**after, "status_callback_url": unseen}}


def test_urls_that_the_service_leaves_out_are_none():
    service = Service([{"PhoneNumber": ONE}, {}])
    result, error = run(service, {ONE: {"status_callback_url": "", "up_callback_url": ""}})
    assert error is None
    assert result["changed"] is False
    assert result["before"] == [{"phone_number": ONE, "status_callback_url": "", "up_callback_url": ""}]
    assert result["after"] == result["before"]


def test_it_reads_ever_less_often_until_the_time_is_up():
    service = Service(numbers(one=OLD))
    result, error = run(service, {ONE: {"status_callback_url": NEW}}, verify_seconds=20)
    assert service.slept == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 2.5]
    assert len(service.writes()) == 1
    assert len(result["queries"]) == 10
    assert error.code == "NotVerified"
    assert error.message == (
        "Of 1 phone number to be changed: 0 changed, 0 unchanged, 1 unknown."
        f" The first is {ONE}: status_callback_url is 'https://old.example.com/s?…'."
    )
    assert error.remedy == READ_AGAIN
    assert result["changed"] is True


def test_without_time_it_reads_once_and_never_sleeps():
    service = Service(numbers(one=OLD), numbers(one=OLD), numbers(one=NEW))
    _result, error = run(service, {ONE: {"status_callback_url": NEW}}, verify_seconds=0)
    assert (error.code, service.slept, len(service.requests)) == ("NotVerified", [], 3)


@pytest.mark.parametrize("lost", [LOST, BUSY], ids=["no answer", "neither yes nor no"])
def test_a_lost_write_is_sent_again_after_each_reading_that_does_not_show_it(lost):
    service = Service(numbers(one=OLD, two=OLD), writes=[{ONE: lost}])
    wanted = {ONE: {"status_callback_url": NEW}, TWO: {"status_callback_url": NEW}}
    result, error = run(service, wanted, max_retries=2, verify_seconds=10)
    # The other one was answered: it only has to show.
    assert [(write["PhoneNumber"][-1], write["at"]) for write in service.writes()] == [
        ("1", 0),
        ("2", 0),
        ("1", 0.5),
        ("1", 1.5),
    ]
    assert (error.code, error.remedy) == (lost.code, lost.remedy)
    assert (error.request_id, error.http_status) == (lost.request_id, lost.http_status)
    assert error.message == (
        "Of 2 phone numbers to be changed: 0 changed, 0 unchanged, 2 unknown."
        f" The first refusal is of {ONE}, {lost.code}: {lost.message}"
    )
    assert result["failures"][0] == {
        **lost.facts(),
        "action": "UpdatePhoneWebhook",
        "cust_space_id": "cams-space",
        "phone_number": ONE,
    }
    assert [row["request_id"] for row in result["queries"] if "phone_number" in row] == [
        lost.request_id,
        "id-3",
        lost.request_id,
        lost.request_id,
    ]


def test_a_lost_write_is_not_sent_again_where_nothing_can_be_read():
    service = Service(numbers(one=OLD), LOST, LOST, LOST, numbers(one=NEW), writes=[{ONE: LOST}])
    result, error = run(service, {ONE: {"status_callback_url": NEW}})
    assert error is None
    assert len(service.writes()) == 1
    assert result["changed_numbers"] == [ONE]
    assert [row["request_id"] for row in result["queries"]] == ["id-1", None, None, None, None, "id-6"]


def test_a_refused_write_that_cannot_be_read_back_is_not_verified():
    service = Service(numbers(one=OLD), DENIED, writes=[{ONE: REFUSED}])
    result, error = run(service, {ONE: {"status_callback_url": NEW}})
    assert error.facts() == {
        "code": "NotVerified",
        "message": (
            "Of 1 phone number to be changed: 0 changed, 0 unchanged, 1 unknown."
            f" The first refusal is of {ONE}, PhoneNumber.StatusNotSupported: Not with this status."
        ),
        "request_id": "id-of-refusal",
        "http_status": 400,
        "remedy": "Look.",
    }
    assert result["unknown_numbers"] == [ONE]


def test_a_refused_write_that_is_read_as_before_is_unchanged():
    service = Service(numbers(one=OLD), writes=[{ONE: REFUSED}])
    result, error = run(service, {ONE: {"status_callback_url": NEW}})
    assert error.facts() == {
        "code": "PhoneNumber.StatusNotSupported",
        "message": (
            "Of 1 phone number to be changed: 0 changed, 1 unchanged, 0 unknown."
            f" The first refusal is of {ONE}, PhoneNumber.StatusNotSupported: Not with this status."
        ),
        "request_id": "id-of-refusal",
        "http_status": 400,
        "remedy": "Look.",
    }
    assert (result["unchanged_numbers"], result["changed"]) == ([ONE], False)


def test_what_cannot_be_read_back_is_said_to_be_so():
    service = Service(numbers(one=OLD), DENIED)
    result, error = run(service, {ONE: {"status_callback_url": NEW}})
    assert (error.code, error.remedy) == ("NotVerified", READ_AGAIN)
    assert error.message == (
        "Of 1 phone number to be changed: 0 changed, 0 unchanged, 1 unknown."
        " What was written could not be read back, Forbidden.RAM: No."
    )
    assert result["diff"]["after"] == {ONE: {"status_callback_url": None, "up_callback_url": None}}


def test_a_number_that_is_gone_after_the_write_is_said_to_be_so():
    service = Service(numbers(one=OLD, two=OLD), numbers(two=NEW))
    wanted = {ONE: {"status_callback_url": NEW}, TWO: {"status_callback_url": NEW}}
    result, error = run(service, wanted)
    assert error.message == (
        f"Of 2 phone numbers to be changed: 1 changed, 0 unchanged, 1 unknown. The first is {ONE}: gone."
    )
    assert (result["changed_numbers"], result["unknown_numbers"]) == ([TWO], [ONE])


def test_both_urls_that_are_not_as_desired_are_named():
    service = Service(numbers(one=OLD))
    wanted = {ONE: {"status_callback_url": NEW, "up_callback_url": f"{UP}?k=2"}}
    _result, error = run(service, wanted, verify_seconds=0)
    assert error.message.endswith(
        f" The first is {ONE}: status_callback_url is 'https://old.example.com/s?…', up_callback_url is '{UP}'."
    )


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (1, "1 phone number not found in cams-space, nothing was written: 49100."),
        (5, "5 phone numbers not found in cams-space, nothing was written: 49100, 49101, 49102, 49103, 49104."),
        (6, "6 phone numbers not found in cams-space, nothing was written: 49100, 49101, 49102, 49103, 49104, …."),
    ],
)
def test_numbers_that_are_not_there_are_named(missing, said):
    service = Service(numbers(one=OLD))
    wanted = {ONE: {"status_callback_url": NEW}, **{f"4910{n}": {"up_callback_url": ""} for n in range(missing)}}
    result, error = run(service, wanted)
    assert (error.code, error.message) == ("NotFound", said)
    assert error.remedy == "Check phone_numbers and cust_space_id against alicloud_chatapp_phone_numbers_info."
    assert (result["changed"], len(service.requests)) == (False, 1)


def test_too_many_changes_are_counted():
    service = Service(numbers(one=OLD, two=OLD))
    wanted = {ONE: {"status_callback_url": NEW}, TWO: {"status_callback_url": NEW}}
    result, error = run(service, wanted, max_changes=1)
    assert (error.code, error.message, error.remedy) == (
        "TooManyChanges",
        "2 phone numbers to be changed, and max_changes allows 1: nothing was written.",
        "Look at the difference with --check --diff; if all of it is meant, raise max_changes.",
    )
    assert (result["changed"], len(service.requests)) == (False, 1)
    assert result["after"][0]["status_callback_url"] == NEW


def test_bounds_belong_to_what_is_allowed():
    for more in ({"max_changes": 0}, {"verify_seconds": 0}, {"verify_seconds": 3600}):
        assert [target.label for target in targets_of(params_of({ONE: {"up_callback_url": ""}}, **more))] == [ONE]
    longest = f"https://new.example.com/{'x' * (2048 - 24)}"
    assert targets_of(params_of({ONE: {"up_callback_url": longest}}))[0].urls == {"up_callback_url": longest}


@pytest.mark.parametrize(
    ("wanted", "more", "said"),
    [
        ({}, {}, "phone_numbers is an empty list; give at least one phone number."),
        ({ONE: {}}, {"max_changes": -1}, "max_changes is -1; give 0 or more."),
        (
            {ONE: {}},
            {"verify_seconds": 3600.5},
            "verify_seconds is 3600.5; give a number from 0 to 3600 (seconds).",
        ),
        (
            {ONE: {}},
            {},
            (
                "phone_numbers[0] gives neither status_callback_url nor up_callback_url;"
                " give the one that is to be put right."
            ),
        ),
        (
            {ONE: {"up_callback_url": f"{UP}{'x' * 2048}"}},
            {},
            "phone_numbers[0].up_callback_url has 2071 characters; at most 2048 are possible.",
        ),
    ],
)
def test_what_cannot_have_been_meant_is_refused_word_for_word(wanted, more, said):
    with pytest.raises(OptionError) as refused:
        targets_of(params_of(wanted, **more))
    assert refused.value.message == said
