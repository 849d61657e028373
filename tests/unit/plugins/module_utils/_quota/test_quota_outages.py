# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults of a Redis, on a real one: what becomes of a task's calls, and how many it makes."""

from __future__ import annotations

import bisect
import contextlib
import hashlib
import threading
import time

import pytest
import redis
import tcp_relay
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota import log as quota_log
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota import server as quota_server
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle

KEY = "alicloud.chatapp:" + hashlib.sha256(b"quota").hexdigest()[:32]
TOO_SLOW = "is too slow: 5 slots in a row had passed before it answered, and a round trip takes"
POLICY = "set its maxmemory-policy to noeviction or to one of volatile-*"


pytestmark = pytest.mark.load


@pytest.fixture(name="binary", scope="session")
def fixture_binary(one_binary):
    return one_binary


@pytest.fixture(name="server")
def fixture_server(start):
    return start()


@pytest.fixture(name="admin")
def fixture_admin(server):
    with redis.Redis(port=server.port, protocol=2) as client:
        yield client


@pytest.fixture(name="relay")
def fixture_relay(server):
    relays = []

    def relay(there=0.0, back=0.0):
        relays.append(tcp_relay.Relay(server.port, there, back))
        return relays[-1]

    yield relay
    for one in relays:
        one.close()


@pytest.fixture(name="quick")
def fixture_quick(monkeypatch):
    """Waits that a test can bear, in the proportions of the real ones."""
    monkeypatch.setattr(quota_server, "TIMEOUT", 0.4)
    monkeypatch.setattr(quota_server, "OUTAGE_DELAYS", (0.1, 1.6))


def open_it(url, limit=10, max_wait=60.0, max_retries=5, **options):
    return open_throttle(
        url, options.pop("password", None), "quota", limit, max_wait, max_retries=max_retries, **options
    )


def send(throttle, count, moments):
    """Send as the dispatcher does, with everything that is left wanted, until all is sent or the throttle fails."""
    goal = len(moments) + count
    while len(moments) < goal:
        reservation = throttle.reserve(0.0, goal - len(moments))
        time.sleep(max(0.0, reservation.at - throttle.lead - time.monotonic()))
        if throttle.usable(reservation):
            time.sleep(max(0.0, reservation.at - time.monotonic()))
            if time.monotonic() - reservation.at <= quota_log.MAX_LATENESS:
                moments.append(time.monotonic())


def questions(throttle):
    """Return a list that grows by one with each question that the throttle asks its server."""
    asked, ask_once = [], throttle._server._ask_once
    throttle._server._ask_once = lambda *arguments: (asked.append(1), ask_once(*arguments))[1]
    return asked


def most_in_a_second(moments):
    moments = sorted(moments)
    return max(bisect.bisect_left(moments, moment + 1.0) - place for place, moment in enumerate(moments))


def trim(admin, _server):
    """What a replica has that was behind when it took over: all but the newest slot, and another clock perhaps."""
    header, _newest, *slots = admin.lrange(KEY, 0, -1)
    admin.delete(KEY)
    admin.rpush(KEY, header, *slots)


def empty(_admin, server):
    server.kill()
    server.start()


def evict(admin, _server):
    admin.delete(KEY)


@pytest.mark.parametrize("fault", [trim, empty, evict])
def test_a_log_that_was_lost_costs_a_window_and_a_warning_and_the_second_time_the_task(server, admin, quick, fault):
    throttle, moments = open_it(server.url), []
    send(throttle, 13, moments)
    fault(admin, server)
    lost = time.monotonic()
    send(throttle, 3, moments)
    assert [moment for moment in moments[:13] if moment > lost] == []
    assert moments[13] - lost == pytest.approx(1.1, abs=0.3)
    [warning] = throttle.warnings
    assert POLICY in warning and f"the Redis at 127.0.0.1:{server.port} is gone or lacks what was written" in warning
    fault(admin, server)
    with pytest.raises(ThrottleError) as caught:
        send(throttle, 1, moments)
    assert caught.value.code == "ThrottleUnavailable"
    assert "It was not the first time." in caught.value.message
    assert POLICY in caught.value.remedy
    assert len(moments) == 16 and most_in_a_second(moments) <= 10


def restart_later(_admin, server, _relay):
    server.kill()
    threading.Timer(0.5, server.start).start()


def pause(_admin, server, _relay):
    server.pause()
    threading.Timer(0.6, server.resume).start()


def forget(_admin, _server, relay):
    relay.forget()


def out_of_memory(admin, _server, _relay):
    admin.config_set("maxmemory", "1")


def far(seconds):
    def move(_admin, _server, relay):
        relay.there = relay.back = seconds / 2

    return move


@pytest.mark.parametrize(
    ("fault", "more", "lost"),
    [
        (lambda *_nothing: None, 0, 0),
        (pause, 3, 0),
        (restart_later, 5, 1),
        (lambda admin, server, _relay: evict(admin, server), 1, 1),
        (lambda admin, server, _relay: trim(admin, server), 1, 1),
        (forget, 1, 0),
        (out_of_memory, 0, 0),
        # Far away more slots are reserved at once.
        (far(0.005), 0, 0),
        (far(0.06), 0, 0),
        (far(0.2), 0, 0),
    ],
    ids=["none", "paused", "restarted", "evicted", "stale", "NAT", "memory", "5 ms", "60 ms", "200 ms"],
)
def test_how_often_a_server_is_asked_for_ten_calls(server, admin, relay, quick, fault, more, lost):
    """Once a call, and once more for each that is waited for; each attempt that failed, and each log that was lost."""
    relayed = relay()
    throttle, moments = open_it(relayed.url, limit=100), []
    asked = questions(throttle)
    send(throttle, 5, moments)
    fault(admin, server, relayed)
    # On a busy machine the slots of all ten may have been reserved at once, and no fault is seen until they are over.
    time.sleep(2 * throttle._round_trip.bound + quota_log.MAX_LATENESS)
    send(throttle, 5, moments)
    assert len(moments) == 10
    assert len(throttle.warnings) == lost
    # What is late on a busy machine is asked for again.
    assert len(asked) <= 2 * len(moments) + more + 3


def test_whoever_finds_no_log_takes_the_window_for_full_without_a_warning(server, admin):
    """A server that was started anew has forgotten who called a moment ago, and so has one that evicted the log."""
    first, asked = open_it(server.url, max_wait=0.0), time.monotonic()
    assert asked + 1.0 < first.reserve().at < time.monotonic() + 1.2
    assert first.warnings == []
    admin.delete(KEY)
    late, asked = open_it(server.url), time.monotonic()
    assert not late.reserve(not_before=time.monotonic() + 60).granted
    assert asked + 1.0 < late.reserve().at < time.monotonic() + 1.2


def test_a_slot_of_a_log_that_was_lost_is_not_used(server, admin):
    waiting, other = open_it(server.url), open_it(server.url)
    reservation = waiting.reserve()
    admin.delete(KEY)
    assert not waiting.usable(reservation)
    # Another began it anew: its slots come first, however late the slot is that is not in it.
    far = [waiting.reserve() for _call in range(30)][-1]
    admin.delete(KEY)
    for _call in range(60):
        other.reserve()
    assert admin.lindex(KEY, 1) > str(far.mark).encode()
    assert not waiting.usable(far)


FULL = {"maxmemory": "3mb", "maxmemory-samples": "64"}


@pytest.mark.sampled
@pytest.mark.parametrize("policy", ["volatile-lru", "volatile-ttl", "volatile-random", "allkeys-lru", "allkeys-random"])
@pytest.mark.parametrize("others", ["with an expiry", "without"])
def test_no_policy_of_eviction_gives_away_a_call(start, policy, others):
    server = start("--maxmemory", "3mb", "--maxmemory-policy", policy)
    with redis.Redis(port=server.port, protocol=2) as admin:
        expiry = 3600 if others == "with an expiry" else None
        stop = threading.Event()

        def fill():
            number = 0
            with redis.Redis(port=server.port, protocol=2) as client:
                while not stop.wait(0.0005):
                    number += 1
                    with contextlib.suppress(redis.RedisError):
                        client.set(f"other:{number}", "x" * 4000, ex=expiry)

        filler = threading.Thread(target=fill)
        filler.start()
        try:
            time.sleep(0.5)
            moments, ends = [], []
            # Tasks one after the other, each a process of its own, as far as the throttle is concerned.
            for _task in range(4):
                try:
                    send(open_it(server.url, max_wait=5.0, max_retries=0), 7, moments)
                except ThrottleError as error:
                    ends.append(error)
        finally:
            stop.set()
            filler.join()
        evicted = admin.info("stats")["evicted_keys"]
    assert evicted or others == "without"
    assert not moments or most_in_a_second(moments) <= 10
    if policy.startswith("volatile") and others == "with an expiry":
        assert len(moments) == 28 and ends == []
    assert len(moments) == 28 or ends
    for end in ends:
        assert "not the first time" in end.message or "accepts no writes at present" in end.message


# Away for a while


@pytest.mark.parametrize("seconds", [0.2, 1.0])
def test_a_server_that_pauses_costs_time_and_no_task(server, quick, seconds):
    throttle, moments = open_it(server.url), []
    send(throttle, 15, moments)
    server.pause()
    threading.Timer(seconds, server.resume).start()
    paused = time.monotonic()
    send(throttle, 10, moments)
    assert moments[15] - paused < seconds + 3
    assert most_in_a_second(moments) <= 10
    assert throttle.warnings == []


def test_a_reservation_whose_answer_was_lost_is_made_again_and_costs_a_slot(server, admin, relay, quick):
    relayed = relay()
    throttle = open_it(relayed.url)
    throttle.reserve()
    relayed.back = 1.0
    threading.Timer(0.3, lambda: setattr(relayed, "back", 0.0)).start()
    throttle.reserve()
    assert admin.llen(KEY) - 1 - 1000 <= 0
    slots = [int(slot) for slot in admin.lrange(KEY, 1, 3)]
    generation = int(admin.lindex(KEY, 0).split()[1])
    # One before, two of the same call.
    assert sum(slot > generation for slot in slots) == 3


def test_a_server_that_comes_back_in_time_is_waited_for_and_one_that_does_not_ends_the_task(server, quick):
    throttle, moments = open_it(server.url), []
    send(throttle, 5, moments)
    server.kill()
    threading.Timer(0.5, server.start).start()
    send(throttle, 5, moments)
    server.kill()
    began = time.monotonic()
    with pytest.raises(ThrottleError, match="cannot be reached: Connection refused"):
        send(throttle, 1, moments)
    assert 1.0 < time.monotonic() - began < 6
    assert most_in_a_second(moments) <= 10


@pytest.mark.parametrize(
    ("max_retries", "max_wait", "asked"), [(0, 60, 1), (2, 60, 3), (5, 60, 6), (5, 0, 1), (50, 10, 5)]
)
def test_how_often_a_server_that_is_away_is_asked(monkeypatch, max_retries, max_wait, asked):
    """The delays are 0.5, 1, 2, 4, 8 and 8 s at most, and half of that at least."""
    monkeypatch.setattr(quota_server.random, "uniform", lambda low, high: high)
    slept, now = [], [0.0]

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    throttle = open_throttle(
        "redis://127.0.0.1:1", None, "quota", 10, max_wait, lambda: now[0], sleep, max_retries=max_retries
    )
    with pytest.raises(ThrottleError, match="cannot be reached"):
        throttle.reserve()
    assert slept == [0.5, 1.0, 2.0, 4.0, 8.0][: asked - 1]


def test_the_delays_are_jittered(monkeypatch):
    bounds = []
    monkeypatch.setattr(quota_server.random, "uniform", lambda low, high: bounds.append((low, high)) or 0.0)
    with pytest.raises(ThrottleError):
        open_it("redis://127.0.0.1:1").reserve()
    assert bounds[:3] == [(0.25, 0.5), (0.5, 1.0), (1.0, 2.0)]


def read_only(admin):
    admin.replicaof("127.0.0.1", 1)
    admin.config_set("replica-serve-stale-data", "yes")


def other_password(admin):
    admin.config_set("requirepass", "another")
    admin.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


def too_few_replicas(admin):
    admin.config_set("min-replicas-to-write", 1)


@pytest.mark.parametrize(
    ("fault", "reason", "asked"),
    [
        (read_only, "is a read-only replica", 3),
        (too_few_replicas, "accepts no writes at present (replicas)", 3),
        (other_password, "refuses the user name or the password", 1),
    ],
)
def test_what_passes_is_asked_again_and_what_does_not_is_not(server, admin, monkeypatch, fault, reason, asked):
    monkeypatch.setattr(quota_server, "OUTAGE_DELAYS", (0.01, 0.01))
    throttle = open_it(server.url, max_retries=2)
    throttle.reserve()
    tried = questions(throttle)
    fault(admin)
    with pytest.raises(ThrottleError) as caught:
        throttle.reserve()
    assert caught.value.message == f"The throttle's Redis at 127.0.0.1:{server.port} {reason}."
    assert len(tried) == asked


def test_a_replica_that_becomes_the_master_in_time_is_waited_for(server, admin, quick):
    throttle, moments = open_it(server.url), []
    send(throttle, 5, moments)
    read_only(admin)
    threading.Timer(0.4, lambda: admin.execute_command("REPLICAOF", "NO", "ONE")).start()
    send(throttle, 5, moments)
    assert most_in_a_second(moments) <= 10


@pytest.mark.parametrize("log", ["there", "none"])
def test_a_server_without_memory_still_has_room_for_the_log(server, admin, log):
    """What grows comes after what shrinks in the scripts, and the server looks at the first change only."""
    throttle = open_it(server.url)
    if log == "there":
        throttle.reserve()
    admin.config_set("maxmemory", "1")
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        admin.set("other", "x")
    for _call in range(15):
        assert throttle.reserve().granted
    assert admin.llen(KEY) >= 15
    assert throttle.warnings == []


# A NAT that forgets


def test_an_idle_connection_is_made_anew_before_it_is_used(server, relay, monkeypatch):
    monkeypatch.setattr(quota_server, "LONGEST_IDLE", 0.2)
    relayed = relay()
    throttle = open_it(relayed.url, max_retries=0)
    throttle.reserve()
    time.sleep(0.3)
    relayed.forget()
    assert throttle.reserve().granted
    assert relayed.connections == 2
    assert throttle.reserve().granted
    assert relayed.connections == 2


def test_what_a_nat_swallowed_is_sent_again(server, relay, quick):
    relayed = relay()
    throttle = open_it(relayed.url)
    throttle.reserve()
    relayed.forget()
    began = time.monotonic()
    assert throttle.reserve().granted
    assert quota_server.TIMEOUT < time.monotonic() - began < quota_server.TIMEOUT + 1
    assert relayed.connections == 2


def test_a_slot_waited_for_longer_than_a_connection_lives_is_asked_about_early_enough(server, relay, monkeypatch):
    monkeypatch.setattr(quota_server, "LONGEST_IDLE", 0.5)
    monkeypatch.setattr("ansible_collections.alicloud.chatapp.plugins.module_utils._quota.redis.LONGEST_IDLE", 0.5)
    relayed = relay(0.03, 0.03)
    throttle = open_it(relayed.url, limit=1)
    moments = []
    send(throttle, 4, moments)
    assert relayed.connections >= 4
    # Asked a round trip ahead only, each would be lost to the connection.
    assert moments[-1] - moments[0] < 5 * 1.1


def test_the_system_keeps_the_connection_alive(server):
    throttle = open_it(server.url)
    throttle.reserve()
    [connection] = throttle._server._client.connection_pool._available_connections
    quiet = connection._sock
    for level, name, value in (
        ("SOL_SOCKET", "SO_KEEPALIVE", 1),
        ("IPPROTO_TCP", "TCP_KEEPIDLE", 15),
        ("IPPROTO_TCP", "TCP_KEEPINTVL", 5),
        ("IPPROTO_TCP", "TCP_KEEPCNT", 3),
    ):
        if hasattr(quota_server.socket, name):
            numbers = getattr(quota_server.socket, level), getattr(quota_server.socket, name)
            assert quiet.getsockopt(*numbers) == value


# Far away


@pytest.mark.sampled
@pytest.mark.parametrize(("there", "back"), [(0.0025, 0.0025), (0.03, 0.03), (0.1, 0.1), (0.0, 0.06), (0.06, 0.0)])
@pytest.mark.parametrize("limit", [1, 10])
def test_a_way_of_up_to_200_ms_costs_no_throughput(relay, there, back, limit):
    throttle, moments = open_it(relay(there, back).url, limit), []
    windows = 3
    send(throttle, limit * windows + 1, moments)
    assert moments[-1] - moments[0] < windows * 1.1 * 1.12
    assert most_in_a_second(moments) <= limit
    assert throttle.warnings == []


@pytest.mark.sampled
@pytest.mark.parametrize(("there", "back"), [(0.1, 0.1), (0.0, 0.19), (0.19, 0.0), (0.0, 1.0), (1.0, 0.0), (0.6, 0.6)])
def test_however_far_it_is_for_one_of_two_hosts_they_keep_the_quota_together(server, relay, there, back):
    """The way can take all of its time in one direction, and the far one cannot know in which."""
    far, near = open_it(relay(there, back).url), open_it(server.url)
    open_it(server.url).reserve()
    moments = {"far": [], "near": []}
    end = time.monotonic() + 6

    def run(throttle, into):
        while time.monotonic() < end:
            send(throttle, 1, into)

    threads = [
        threading.Thread(target=run, args=(throttle, moments[name]))
        for throttle, name in ((far, "far"), (near, "near"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert moments["far"] and moments["near"]
    assert most_in_a_second(moments["far"] + moments["near"]) <= 10


def test_a_way_of_nearly_the_time_out_is_too_slow_for_speed_and_not_for_the_quota(relay):
    throttle, moments = open_it(relay(0.95, 0.95).url, limit=1), []
    asked = questions(throttle)
    send(throttle, 2, moments)
    assert most_in_a_second(moments) <= 1
    # One for each slot and one for the slot that is waited for; what is late on a busy machine is asked for again.
    assert len(asked) <= 3 + 3
    assert throttle.lead > 1.9


def test_a_way_that_takes_longer_than_any_estimate_ends_the_task_and_says_how_long_it_takes(server, relay):
    relayed = relay()
    throttle = open_it(relayed.url)
    throttle.reserve()

    real = throttle._server._ask_once
    began = time.monotonic()
    throttle._round_trip.note = lambda seconds: None
    throttle._server._ask_once = lambda *arguments: (setattr(relayed, "back", 0.6), real(*arguments))[1]
    with pytest.raises(ThrottleError) as caught:
        send(throttle, 1, [])
    assert TOO_SLOW in caught.value.message
    assert caught.value.message.endswith(f"a round trip takes {throttle._round_trip.mean:.2f} s.")
    assert throttle._round_trip.mean < 0.1
    assert "delegate_to" in caught.value.remedy
    assert time.monotonic() - began < 15


def test_who_acquires_needs_to_know_nothing_of_the_way(relay):
    throttle = open_it(relay(0.04, 0.04).url, limit=2)
    moments = []
    for _call in range(5):
        throttle.acquire()
        moments.append(time.monotonic())
    assert moments[-1] - moments[0] == pytest.approx(2.2, abs=0.4)
    assert most_in_a_second(moments) <= 2
