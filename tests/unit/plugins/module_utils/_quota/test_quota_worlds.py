# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The quota in worlds that go wrong, in a time that is played: real files, and the real scripts on a real Redis.

In a world callers come and go, logs are lost, clocks step either way, the storage pauses, questions and answers get
lost, and a replica that was behind takes over. Whatever happens, the service sees no more calls in a second than the
limit, except right after a loss that the next caller could not notice: such a loss is counted, and the one window that
it falls into is let pass.
"""

from __future__ import annotations

import contextlib
import itertools
from types import SimpleNamespace

import pytest
import redis
import redis_server
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota import file as quota_file
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota import server as quota_server
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import MAX_LATENESS
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle
from hypothesis import given
from hypothesis import strategies as st

LIMIT = 3
TOLD = ("not the first time", "is too slow", "did not answer within", "cannot be reached")
CALLERS = 3

SHARED = ["send"] * 8 + ["rest", "leave", "push back"]
FILE_EVENTS = st.sampled_from([*SHARED, "remove", "damage", "wall clock", "pause"])
REDIS_EVENTS = st.sampled_from(
    [*SHARED, "evict", "stale", "server clock", "slow", "lose question", "lose answer", "far"]
)
STEPS = st.floats(-4000, 4000) | st.floats(-5, 5)


class World:
    """Callers that share a log, each with a clock that is ahead by as much as it likes, and what the service saw."""

    def __init__(self):
        self.now = 5000.0
        # When something was sent, and who did.
        self.sent = []
        # When something was lost that only these could notice.
        self.losses = []
        self.callers = {}
        self.numbers = itertools.count()

    def clock(self, ahead):
        return lambda: self.now + ahead

    def sleep(self, seconds):
        self.now += seconds

    def caller(self, number):
        if number not in self.callers:
            self.callers[number] = self.open(next(self.numbers))
        return self.callers[number]

    def send(self, throttle):
        """Send one call as the dispatcher does, unless three slots in a row are lost."""
        with self.ends(throttle):
            for _attempt in range(3):
                reservation = throttle.reserve(0.0, 2)
                self.sleep(max(0.0, reservation.at - throttle.lead - throttle._clock()))
                if throttle.usable(reservation):
                    self.sleep(max(0.0, reservation.at - throttle._clock()))
                    if throttle._clock() - reservation.at <= MAX_LATENESS:
                        self.sent.append((self.now, throttle))
                        return

    def push_back(self, throttle, seconds):
        with self.ends(throttle):
            throttle.push_back(seconds)

    @contextlib.contextmanager
    def ends(self, throttle):
        """A task can end by what the throttle says, and another takes its place."""
        try:
            yield
        except ThrottleError as error:
            assert error.code == "ThrottleUnavailable" and any(told in error.message for told in TOLD), error.message
            self.callers = {number: one for number, one in self.callers.items() if one is not throttle}

    def lose(self, can_notice):
        self.losses.append((self.now, [caller for caller in self.callers.values() if can_notice(caller)]))

    def check(self):
        """Return how many windows held too much after a loss that was not noticed, none of them for another reason."""
        excused = 0
        for position, (moment, _caller) in enumerate(self.sent):
            inside = [other for other in self.sent[position:] if other[0] < moment + 1.0 - 1e-4]
            if len(inside) > LIMIT:
                assert any(
                    moment <= loss + 1e-6
                    and any(sent >= loss - 1e-6 and caller not in witnesses for sent, caller in inside)
                    for loss, witnesses in self.losses
                ), (self.sent, self.losses)
                excused += 1
        return excused


# Files


@pytest.fixture(name="file_world", scope="module")
def fixture_file_world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("throttle")

    def world():
        this = World()
        this.wall = 1e9
        for log in folder.iterdir():
            log.unlink()
        this.files = lambda: list(folder.iterdir())
        # The second of them lives in a box with another monotonic clock.
        boxes = [0.0, 0.0, 86400.0]

        def open_one(number):
            box = number % len(boxes)
            throttle = open_throttle(
                folder.as_uri(), None, "quota", LIMIT, 3600.0, clock=this.clock(boxes[box]), sleep=this.sleep
            )
            throttle._boot = 1 + box // 2
            return throttle

        this.open = open_one
        return this

    return world


@given(events=st.lists(st.tuples(FILE_EVENTS, st.integers(0, CALLERS - 1), STEPS), max_size=60))
def test_files(file_world, events):
    world = file_world()
    step = [0.0]
    real = quota_file.time
    quota_file.time = SimpleNamespace(time=lambda: 1e9 + world.now + step[0])
    try:
        for event, number, value in events:
            throttle = world.caller(number)
            if event == "send":
                world.send(throttle)
            elif event == "rest":
                world.now += abs(value) % 3
            elif event == "leave":
                world.callers.pop(number)
            elif event == "push back":
                world.push_back(throttle, abs(value) % 2)
            elif event == "remove":
                for file in world.files():
                    file.unlink()
                # No two logs are begun in one microsecond, which is what tells them apart.
                world.now += 2e-6
                # Who never wrote in it begins anew.
                world.lose(lambda caller: caller._generation)
            elif event == "damage":
                for file in world.files():
                    file.write_bytes(b"damage")
            elif event == "wall clock":
                if value > 0:
                    # Between boxes the wall clock is all there is, and who was not there before has no other.
                    [found] = [quota_file._sound(file.read_bytes()) for file in world.files()] or [None]
                    world.lose(lambda caller, found=found: found and caller._generation == found[quota_file.GENERATION])
                step[0] += value
            elif event == "pause":
                world.now += abs(value) % 0.2
        world.check()
    finally:
        quota_file.time = real


# Redis


class PlayedServer:
    """A connection to a real Redis that runs the scripts by the played time, and fails as it is told."""

    def __init__(self, world, client):
        self._world = world
        self._client = client

    def close(self):
        pass

    def eval(self, script, keys, *arguments):
        world = self._world
        there, back = world.way
        failure, world.failure = world.failure, None
        world.now += there
        if failure == "lose question":
            world.now += quota_server.TIMEOUT
            raise redis.TimeoutError("lost")
        played = script.replace("redis.call('TIME')", "{ARGV[#ARGV - 1], ARGV[#ARGV]}")
        assert played != script
        now = round((1e9 + world.now + world.step) * 1e6)
        answer = self._client.eval(played, keys, *arguments, now // 10**6, now % 10**6)
        if failure == "lose answer":
            world.now += quota_server.TIMEOUT
            raise redis.TimeoutError("lost")
        if failure == "slow":
            world.now += world.pause
        world.now += back
        return answer


@pytest.fixture(name="redis_world", scope="module")
def fixture_redis_world(one_binary, tmp_path_factory):
    server = redis_server.Server(one_binary, tmp_path_factory.mktemp("redis"))
    client = redis.Redis(port=server.port, protocol=2)

    def world():
        client.flushall()
        this = World()
        this.client, this.way, this.step, this.pause, this.failure = client, (0.0, 0.0), 0.0, 0.0, None

        def open_one(number):
            throttle = open_throttle(
                server.url, None, "quota", LIMIT, 3600.0, clock=this.clock(1000.0 * number), sleep=this.sleep
            )
            throttle._server._connected = lambda: PlayedServer(this, client)
            return throttle

        this.open = open_one
        return this

    yield world
    client.close()
    server.close()


@pytest.mark.parametrize("way", [(0.0, 0.0), (0.1, 0.1)])
@pytest.mark.parametrize("step", [0.6, 2, 3600])
@pytest.mark.parametrize("act", ["reserve", "look", "push back"])
def test_a_servers_clock_put_forward_is_noticed_by_who_was_there_before(redis_world, way, step, act):
    """To the log all windows have passed, and whoever waits would meet those who are let in at once."""
    world = redis_world()
    world.way = way
    throttle = world.caller(0)
    for _call in range(LIMIT):
        world.send(throttle)
    waiting = throttle.reserve()
    world.step += step
    stepped = world.now
    if act == "look":
        assert not throttle.usable(waiting)
    elif act == "push back":
        throttle.push_back(0)
    assert throttle.reserve().at - 0.0 >= stepped + 1.1 - 1e-3
    assert world.caller(1).reserve().at - 1000.0 >= stepped + 1.1 - 1e-3
    assert throttle.warnings == []


@given(
    events=st.lists(st.tuples(REDIS_EVENTS, st.integers(0, CALLERS - 1), STEPS), max_size=60),
    way=st.sampled_from([(0.0, 0.0), (0.0, 0.0), (0.001, 0.004), (0.1, 0.1), (0.0, 0.19), (0.6, 0.1)]),
)
def test_redis(redis_world, events, way):
    world = redis_world()
    world.way = way
    for event, number, value in events:
        throttle = world.caller(number)
        if event == "send":
            world.send(throttle)
        elif event == "rest":
            world.now += abs(value) % 3
        elif event == "leave":
            world.callers.pop(number)
        elif event == "push back":
            world.push_back(throttle, abs(value) % 2)
        elif event == "evict":
            world.client.flushall()
        elif event == "stale":
            for key in world.client.keys("*"):
                header, *slots = world.client.lrange(key, 0, -1)
                kept = slots[1 + int(abs(value)) % 3 :]
                # Who wrote none of what is lost cannot miss it.
                newest, generation = int(kept[0]) if kept else 0, int(header.split()[1])
                world.lose(
                    lambda caller, newest=newest, generation=generation: (
                        caller._newest > newest and caller._generation == generation
                    )
                )
                world.client.delete(key)
                world.client.rpush(key, header, *kept)
        elif event == "server clock":
            if value > 0:
                # Backward the log itself shows it. Forward do those who asked before, unless the way could be the reason.
                header = [world.client.lindex(key, 0) for key in world.client.keys("*")] or [b"0 0 0"]
                generation = int(header[0].split()[1])
                world.lose(
                    lambda caller, generation=generation, value=value: (
                        caller._server_clock.generation == generation and value > 2 * sum(world.way) + 0.1
                    )
                )
            world.step += value
        elif event == "far":
            # The guard bears one host whose way is lopsided, not two that are so in opposite directions.
            world.way = (abs(value) % 0.1, abs(value) % 0.1)
        else:
            world.failure, world.pause = event, abs(value) % 1.9
    world.check()
