# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task with several operations, each with its throttle, over real connections to the simulator."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import trustme
from ansible_collections.alicloud.chatapp.plugins.module_utils import _options
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import (
    CredentialsError,
    OptionError,
    TransportError,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations.list_instance import ListInstance
from ansible_collections.alicloud.chatapp.plugins.module_utils._operations.query_chatapp_phone_numbers import (
    QueryChatappPhoneNumbers,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._session import session as session_module
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.errors import ServiceError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.redaction import Redactor
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.session import Session

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

from simulator.testing import KEY_ID, KEY_SECRET, Simulator, account

DEFAULTS = {name: option.get("default") for name, option in _options.argument_spec().items()}


class Write(QueryChatappPhoneNumbers):
    """Of the simulator's operations none writes: this one says so of itself."""

    writes = True


@pytest.fixture
def simulator():
    with Simulator({"accounts": [account(sub_customers=[{"generate": {"count": 60}}])]}) as running:
        yield running


@pytest.fixture
def session(simulator, tmp_path):
    return made(simulator, tmp_path)


def made(simulator, folder, **changes):
    params = {
        **DEFAULTS,
        "endpoint": simulator.url,
        "access_key_id": KEY_ID,
        "access_key_secret": KEY_SECRET,
        "throttle_url": folder.as_uri(),
        **changes,
    }
    return Session(params, Redactor())


def test_operations_of_one_task_have_a_throttle_each(session, simulator, tmp_path):
    """Twenty calls within the first second are too many for one quota of ten, and not for two."""
    spaces = [f"cams-{number}" for number in range(1, 11)]
    for _time in range(2):
        listed = session.ask(ListInstance(), [(page, 5) for page in range(1, 6)])
        assert [len(query.answer.facts.rows) for query in listed] == [5] * 5
    numbers = session.ask(QueryChatappPhoneNumbers(), spaces)
    assert [query.answer.facts[0]["cust_space_id"] for query in numbers] == spaces
    log = simulator.log()
    assert log[-1]["monotonic"] - log[0]["monotonic"] < 1
    assert len(list(tmp_path.iterdir())) == 2
    assert session.throttle_facts()["scope"] == "directory"
    assert session.throttle_facts()["refused"] == 0


def test_the_numbers_of_all_asks_are_added_up(session, simulator):
    refusal = {"kind": "code", "code": "System.LimitControl", "retry_after": "20", "nth": 1}
    simulator.set_faults([{**refusal, "action": action} for action in ("ListInstance", "QueryChatappPhoneNumbers")])
    session.ask(ListInstance(), [(1, 5)])
    session.ask(QueryChatappPhoneNumbers(), [None])
    facts = session.throttle_facts()
    assert (facts["refused"], facts["retries"]) == (2, 2)


def test_later_queries_can_depend_on_earlier_answers(session):
    [first] = session.ask(ListInstance(), [(1, 20)])
    total, size = first.answer.facts.total, len(first.answer.facts.rows)
    rest = session.ask(ListInstance(), [(page, size) for page in range(2, total // size + 1)])
    assert sum(len(query.answer.facts.rows) for query in (first, *rest)) == total == 60


def test_one_that_stands_twice_is_asked_once_and_in_both_places(session, simulator):
    first, second, third = session.ask(QueryChatappPhoneNumbers(), ["cams-1", "cams-2", "cams-1"])
    assert first is third
    assert first is not second
    assert len(simulator.log()) == 2


@pytest.mark.parametrize(
    ("fault", "attempts"),
    [
        ({"kind": "code", "code": "System.LimitControl", "retry_after": "20"}, {False: 2, True: 2}),
        ({"kind": "code", "code": "InternalError"}, {False: 2, True: 1}),
        ({"kind": "status", "status": 502}, {False: 2, True: 1}),
        ({"kind": "close"}, {False: 2, True: 1}),
        ({"kind": "reset", "part": "body"}, {False: 2, True: 1}),
    ],
    ids=lambda value: value.get("code", value.get("kind")) if "kind" in value else "",
)
@pytest.mark.parametrize("writes", [False, True])
def test_a_write_is_repeated_only_where_it_was_not_heard(session, simulator, fault, attempts, writes):
    simulator.set_faults([{**fault, "times": 1}])
    [query] = session.ask(Write() if writes else QueryChatappPhoneNumbers(), [None])
    assert query.attempts == attempts[writes]
    assert len(simulator.log()) == attempts[writes]
    assert (query.error is None) is (attempts[writes] == 2)


def test_what_no_connection_could_be_had_for_was_not_heard(tmp_path):
    """Over TLS, where a connection that the other side gives up is known before anything is sent."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "server.pem"))
    tls = ["--cert", str(tmp_path / "server.pem"), "--key", str(tmp_path / "server.pem")]
    faults = {"kind": "handshake", "how": "close", "times": 1}
    with Simulator({"accounts": [account()], "faults": [faults]}, *tls) as simulator:
        [query] = made(simulator, tmp_path, ca_path=str(tmp_path / "ca.pem")).ask(Write(), [None])
        assert (query.error, query.attempts, len(simulator.log())) == (None, 1, 1)


def test_nothing_is_asked_for_a_task_that_cannot_go_on(simulator, tmp_path, monkeypatch):
    def provider(*_arguments):
        raise CredentialsError("NoCredentials", "Asked.")

    monkeypatch.setattr(session_module, "provider", provider)
    for changes in ({"endpoint": "ftp://x"}, {"endpoint": "https://127.0.0.1:1", "ca_path": "/nonexistent"}):
        with pytest.raises(OptionError):
            made(simulator, tmp_path, **changes)
    with pytest.raises(OptionError):
        made(simulator, tmp_path, throttle_url="ftp://x").ask(ListInstance(), [(1, 5)])
    asking = made(simulator, tmp_path)
    with pytest.raises(CredentialsError):
        asking.ask(ListInstance(), [(1, 5)])
    assert asking.throttle_facts() == {}


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (TransportError("Unreachable", "No connection can be made."), True),
        (TransportError("TimedOut", "Too late."), False),
        (TransportError("ConnectionLost", "Gone."), False),
        (ServiceError("System.LimitControl", "Too many."), True),
        (ServiceError("InvalidTimeStamp.Expired", "Another time."), True),
        (ServiceError("SystemBusy", "Busy."), False),
        (ServiceError("Forbidden.RAM", "No."), False),
    ],
    ids=lambda value: getattr(value, "code", ""),
)
def test_which_error_of_a_write_says_that_it_was_not_heard(error, again):
    assert (session_module._UnheardRetries(5).after(error) is not None) is again
    assert session_module._UnheardRetries(0).after(error) is None
