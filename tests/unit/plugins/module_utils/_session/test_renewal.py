# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When credentials are asked for, on a clock that moves only while somebody sleeps."""

from __future__ import annotations

import math
import threading

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import CredentialsError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session import renewal
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.credentials import Credentials
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.profiles import Unusable
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.redaction import MASK, Redactor
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.renewal import Renewed, renewal_delay
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.sources import Source

NOW = 1_000_000.0


@pytest.mark.parametrize(
    ("rest", "delay"),
    [
        (math.inf, None),
        (None, 600),
        (3600, 3300),
        (900, 600),
        (361, 61),
        (359, 60),
        (1, 60),
        (-5000, 60),
    ],
)
def test_the_delay(rest, delay):
    expiration = None if rest is None else NOW + rest
    assert renewal_delay(expiration, NOW) == delay


class World:
    """A source on a clock: ``lifetimes`` of what it gives, one after the other; an exception instead fails."""

    def __init__(self, *lifetimes, until=20_000):
        self.now = NOW
        self.end = NOW + until
        self.lifetimes = list(lifetimes)
        self.asked = []
        self.started = threading.Event()
        self.over = threading.Event()
        self.redactor = Redactor()

    def sleep(self, seconds):
        assert 0 < seconds <= 60
        assert self.started.wait(10)
        self.now += seconds
        if self.now >= self.end and not self.over.is_set():
            self.last = self.renewed()
            self.over.set()

    def ask(self):
        if self.over.is_set():
            # Nobody looks any more: a key that stays ends the thread.
            return Credentials("LTAIOfTheEnd", "secret-of-the-end")
        self.asked.append(self.now - NOW)
        lifetime = self.lifetimes[min(len(self.asked), len(self.lifetimes)) - 1]
        if isinstance(lifetime, Exception):
            raise lifetime
        number = len(self.asked)
        end = lifetime if lifetime in (None, math.inf) else self.now + lifetime
        return Credentials(f"LTAINumber{number:03}", f"secret-number-{number:03}", f"token-number-{number:03}", end)

    def run(self):
        places = [Source("here", lambda: self.ask)]
        self.renewed = Renewed(places, self.redactor, now=lambda: self.now, sleep=self.sleep)
        first = self.last = self.renewed()
        self.started.set()
        if math.inf not in self.lifetimes:
            assert self.over.wait(10)
        return first, self.last


@pytest.mark.parametrize(
    ("lifetime", "asked"),
    [
        (3600, [0, 3300, 6600, 9900, 13200, 16500, 19800]),
        (5790, [0, 5490, 10980, 16470]),
        (900, [600 * number for number in range(34)]),
        (None, [600 * number for number in range(34)]),
    ],
)
def test_asked_once_and_again_only_near_the_end(lifetime, asked):
    world = World(lifetime)
    first, last = world.run()
    assert world.asked == asked
    assert first.access_key_id == "LTAINumber001"
    assert last.access_key_id == f"LTAINumber{len(asked):03}"
    assert world.redactor.clean(last.access_key_secret) == MASK


def test_a_key_that_stays_is_asked_for_once():
    world = World(math.inf)
    assert world.run()[1].access_key_id == "LTAINumber001"
    assert world.asked == [0]


@pytest.mark.parametrize("lifetime", [1, 30, 60, -3600])
def test_never_more_often_than_once_a_minute(lifetime):
    world = World(lifetime, until=3600)
    world.run()
    assert world.asked == [60 * number for number in range(60)]


def test_what_it_gave_before_is_used_while_a_renewal_fails():
    world = World(3600, RuntimeError("the token is secret"), until=3590)
    first, last = world.run()
    assert first is last
    assert world.asked == [0, *range(3300, 3590, 60)]
    world = World(3600, RuntimeError(), 3600, until=3590)
    assert world.run()[1].access_key_id == "LTAINumber003"


def test_a_clock_that_was_set_forward_is_noticed_within_a_minute():
    world = World(3600, until=9000)
    slept = world.sleep

    def sleep(seconds):
        slept(seconds)
        if world.now == NOW + 600:
            world.now += 5000

    world.sleep = sleep
    world.run()
    assert world.asked[1] == 5600


def test_the_first_place_that_has_some_counts_and_the_others_say_why_they_have_none():
    asked = []

    def source(name, outcome):
        def open_it():
            asked.append(name)
            if isinstance(outcome, Exception):
                raise outcome
            return lambda: outcome

        return Source(name, open_it)

    key = Credentials("LTAIOfTheSecond", "secret-of-the-second")
    places = [source("a", Unusable("it is not there")), source("b", key), source("c", RuntimeError("secret"))]
    assert Renewed(places, Redactor())() is key
    assert asked == ["a", "b"]
    with pytest.raises(CredentialsError) as caught:
        Renewed([places[0], places[2]], Redactor())
    assert "tried: a (it is not there), c (failed with RuntimeError)." in caught.value.message


def test_a_place_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr(renewal, "FIRST_CREDENTIALS_TIMEOUT", 0.1)
    hanging, before = threading.Event(), threading.enumerate()
    places = [Source("a", lambda: 1 / 0), Source("b", lambda: hanging.wait(5)), Source("c", lambda: None)]
    with pytest.raises(CredentialsError) as caught:
        Renewed(places, Redactor())
    # Nor does it keep the task from ending.
    assert [thread.daemon for thread in threading.enumerate() if thread not in before] == [True]
    hanging.set()
    assert "tried: a (failed with ZeroDivisionError), b (has not answered within 0.1 s)." in caught.value.message


def test_an_error_that_ends_the_search_is_the_one_that_is_told():
    error = CredentialsError("NoCredentials", "The package is missing.")

    def missing():
        raise error

    asked = []
    places = [Source("this place", missing), Source("that place", lambda: asked.append("in vain"))]
    with pytest.raises(CredentialsError) as told:
        Renewed(places, Redactor())
    assert told.value is error
    assert asked == []
