# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The throttle on a real Redis server."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis
import trustme
from ansible.module_utils.basic import missing_required_lib
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota import server as quota_server
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import MAX_LATENESS
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.script import RESERVE
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle

CALLER = Path(__file__).with_name("throttle_caller.py")
PASSWORD = "sek/ret@#? %"
ENCODED = "sek%2Fret%40%23%3F%20%25"
NOT_TRUSTED = "has a certificate that is not trusted (name its CA: ?ssl_ca_certs=FILE)"
BUSY = "is busy or still loading its data"
A_CLUSTER = "is a node of a cluster: name it with redis+cluster://"
NO_WRITES = "accepts no writes at present (disk or memory)"
NO_RIGHTS = "does not let this user run the throttle's commands"
PAUSES = {0.1: 10.1, 1: 1.1, 3: 1.1, 1000: 1.1}
KEY = "alicloud.chatapp:" + hashlib.sha256(b"sekret key").hexdigest()[:32]


@pytest.fixture(name="server")
def fixture_server(start):
    server = start()
    begin_log(server)
    return server


def begin_log(server, key=KEY, **options):
    """Have a log there as one stands that nobody used of late: of the generation 1, without slots."""
    with redis.Redis(port=server.port, protocol=2, **options) as client:
        client.rpush(key, "0 1 1")


@pytest.fixture(name="admin")
def fixture_admin(server):
    with redis.Redis(port=server.port, protocol=2) as client:
        yield client


@pytest.fixture(name="make")
def fixture_make(server):
    def make(limit=3, url=None, password=None, max_wait=3600.0, clock=time.monotonic, max_retries=0):
        url = url or server.url
        return open_throttle(url, password, "sekret key", limit, max_wait, clock=clock, max_retries=max_retries)

    return make


def the_key(admin):
    assert admin.keys("*") == [KEY.encode()]
    return KEY


def refusal(call, *also_hidden):
    """Return the message of the clear error that the call ends with."""
    with pytest.raises(ThrottleError) as caught:
        call()
    error = caught.value
    assert error.code == "ThrottleUnavailable"
    assert error.remedy == "Check throttle_url, throttle_password and the server."
    for text in (str(error), repr(error), error.remedy):
        for hidden in ("sek", "://:", *also_hidden):
            assert hidden not in text
    # Nothing that the server or the package said hangs on to it either.
    assert error.__cause__ is None and error.__context__ is None
    return error.message


def of_no_use(place, reason):
    return f"The throttle's Redis at {place} {reason}."


# The log


def test_the_slots_are_those_of_the_servers_clock_and_the_schedule(make, admin):
    throttle = make(10)
    (seconds, microseconds), first = admin.time(), throttle.reserve().mark
    later_seconds, later_microseconds = admin.time()
    assert seconds * 1000000 + microseconds <= first <= later_seconds * 1000000 + later_microseconds
    marks = [first] + [throttle.reserve().mark for _call in range(34)]
    assert [later - earlier for earlier, later in zip(marks, marks[10:])] == [1100000] * 25
    assert throttle.scope == "redis"


def test_each_limit_counts_everybodys_calls(make):
    marks = [make(limit).reserve().mark for limit in (10, 10, 0.5, 10, 1)]
    assert marks[2] - marks[1] == 2100000
    assert marks[3] - marks[2] == 1
    assert marks[4] - marks[3] == 1100000


@pytest.mark.parametrize("max_wait", [0, 3600.0])
def test_no_two_slots_are_of_one_moment_and_those_of_one_question_are_no_queue(make, admin, max_wait):
    throttle = make(10, max_wait=max_wait)
    throttle._measure()
    assert throttle._fetch(0.0, 5) is None
    newest, *earlier = [int(slot) for slot in admin.lrange(KEY, 1, 5)]
    assert earlier == [newest - 1, newest - 2, newest - 3, newest - 4]


def test_slots_after_a_push_back_are_of_moments_of_their_own(make):
    make().push_back(1)
    assert len({make(10).reserve().mark for _caller in range(5)}) == 5


def test_hosts_with_different_clocks_share_the_log_and_none_sends_early(make):
    """The slot's moment differs from host to host, but by no more than the offset and the way to the server."""
    hosts = [(make(1, clock=lambda ahead=ahead: time.monotonic() + ahead), ahead) for ahead in (1e3, 5e5, 0.0)]
    asked = time.monotonic()
    for number in range(6):
        throttle, ahead = hosts[number % 3]
        reservation = throttle.reserve()
        answered = time.monotonic() if number == 0 else answered  # noqa: F821 - set in the first round
        first = reservation.mark if number == 0 else first  # noqa: F821 - set in the first round
        assert reservation.mark - first == number * 1100000
        # The server granted the first slot between the question and its answer.
        assert asked + number * 1.1 <= reservation.at - ahead + 1e-5
        assert reservation.at - ahead <= answered + number * 1.1 + 0.5


def test_one_reservation_is_one_round_trip_on_one_key_that_no_volatile_policy_evicts(make, admin):
    throttle = make()
    throttle.reserve()
    admin.config_resetstat()
    for _call in range(9):
        throttle.reserve()
    sent = {name: facts["calls"] for name, facts in admin.info("commandstats").items()}
    assert sent["cmdstat_eval"] == 9
    assert "cmdstat_script|load" not in sent and "cmdstat_evalsha" not in sent
    key = the_key(admin)
    assert "sekret" not in key
    assert admin.pttl(key) == -1
    assert admin.llen(key) == 11
    floor, generation, written = admin.lindex(key, 0).split()
    assert (floor, generation) == (b"0", b"1")
    assert int(written) == pytest.approx(time.time() * 1e6, abs=1e6)


def test_the_log_keeps_what_the_highest_limit_looks_at_and_no_more(make, admin):
    throttle = make(1000)
    for _call in range(1100):
        throttle.reserve()
    assert admin.llen(the_key(admin)) == 1001


def asked_at(admin, script, **given):
    """Run a script as a caller of one call in 1.1 s; return its answer, its moments from the server's clock on."""
    names = ("limit", "mine", "newest", "void", "pause", "not_before", "max_wait", "count", "ahead", "apart")
    values = {"limit": 1, "pause": 1100000, "max_wait": 10**9, "count": 1, **given}
    text = " ".join(str(values.get(name, 0)) for name in names)
    now, floor, generation, _newest, lost, *more = map(int, admin.eval(script, 1, KEY, text).split())
    granted, queue, *slots = more
    return SimpleNamespace(
        now=now, floor=floor, generation=generation, lost=lost, granted=granted, queue=queue, slots=slots
    )


def test_a_clock_that_is_uncertain_keeps_slots_apart_and_is_no_queue(admin, server):
    first = asked_at(admin, RESERVE, ahead=300000, apart=200000)
    assert (first.granted, first.queue, first.slots[0] - first.now, len(first.slots)) == (1, 0, 500000, 2)
    second = asked_at(admin, RESERVE, ahead=300000, apart=200000)
    assert second.slots[0] == first.slots[0] + 1100000 + 2 * 200000
    assert second.queue == second.slots[0] - second.now - 500000


@pytest.mark.parametrize(("not_before", "granted"), [(0, 1), (-1, 1), (1, 0), (100000, 0)])
def test_a_slot_comes_as_much_earlier_as_the_clock_is_uncertain(admin, server, not_before, granted):
    answer = asked_at(admin, RESERVE, apart=200000, not_before=not_before)
    assert (answer.granted, len(answer.slots)) == (granted, 1 + granted)


def test_the_full_window_of_a_log_begun_anew_is_no_queue_and_what_is_behind_it_is(admin, server):
    caller = {"apart": 200000, "max_wait": 0, "pause": 11000000}
    admin.delete(KEY)
    begun = asked_at(admin, RESERVE, **caller)
    assert (begun.lost, begun.generation) == (0, begun.now)
    assert (begun.queue, begun.slots) == (0, [begun.now + 11400000] * 2)
    admin.delete(KEY)
    begun = asked_at(admin, RESERVE, **caller, not_before=10**8)
    # Behind the window by half of what the clock is uncertain by.
    floor = begun.now + 11500000
    admin.lset(KEY, 0, f"{floor} {begun.now} {begun.now}")
    behind = asked_at(admin, RESERVE, **caller)
    assert (behind.queue, behind.slots) == (floor - behind.now - 200000, [floor])


def test_a_queue_that_is_too_long_is_refused_before_anything_is_reserved(make, admin):
    patient, hasty = make(1), make(1, max_wait=1.5)
    for _call in range(3):
        patient.reserve()
    before = admin.lrange(the_key(admin), 0, -1)
    with pytest.raises(ThrottleError, match=r"3\.[23] s away, and throttle_max_wait allows 1\.5 s") as caught:
        hasty.reserve()
    assert caught.value.code == "QueueTooLong"
    assert admin.lrange(the_key(admin), 0, -1) == before


def test_a_slot_at_the_end_of_the_longest_wait_is_reserved(make, admin):
    make(max_wait=0.0).reserve()
    assert admin.llen(the_key(admin)) == 2


def test_a_slot_that_comes_too_early_for_the_caller_is_left_to_others(make, admin):
    throttle = make(1)
    early = throttle.reserve(not_before=time.monotonic() + 1.0)
    assert not early.granted
    assert early.at < time.monotonic() + 0.5
    assert admin.llen(the_key(admin)) == 1
    assert make(1, clock=lambda: 0.0).reserve(not_before=0.0).granted
    assert throttle.reserve(not_before=time.monotonic() + 1.0).granted


def test_a_slot_that_was_reserved_ahead_and_comes_too_early_for_this_caller_is_left_to_the_next(make):
    throttle = make(10)
    throttle._measure()
    assert throttle._fetch(0.0, 2) is None
    held = list(throttle._held)
    assert not throttle.reserve(time.monotonic() + 0.5).granted
    assert [throttle.reserve(), throttle.reserve()] == held


def test_push_back_is_shared_does_not_add_up_and_takes_the_slots_before_it(make, admin):
    throttle, other = make(1), make(1)
    first, second, third = (throttle.reserve() for _call in range(3))
    assert throttle.usable(second)
    for seconds in (0.5, 2.0, 1.0):
        other.push_back(seconds)
    assert not throttle.usable(first)
    assert not throttle.usable(second)
    assert throttle.usable(third)
    assert throttle.reserve().mark - third.mark == 1100000
    other.push_back(30)
    assert throttle.reserve().at == pytest.approx(time.monotonic() + 30, abs=0.5)
    assert admin.pttl(the_key(admin)) == -1


def test_a_log_that_was_lost_is_told_with_what_to_look_at_and_the_second_time_ends_the_task(make, server, admin):
    message = f"The throttle's log in the Redis at 127.0.0.1:{server.port} is gone or lacks what was written to it"
    remedy = (
        "A server that is started anew without its data forgets it once, and so does a replica that takes over."
        " If it was neither, the server evicts keys that have no expiry: set its maxmemory-policy to noeviction"
        " or to one of volatile-*, or give it more memory."
    )
    throttle = make()
    earlier = throttle.reserve()
    admin.delete(KEY)
    later = throttle.reserve()
    assert throttle.warnings == [f"{message}, so one window of calls was waited for. {remedy}"]
    assert later.generation != earlier.generation and later.mark - earlier.mark >= 1100000
    admin.delete(KEY)
    with pytest.raises(ThrottleError) as caught:
        throttle.reserve()
    assert (caught.value.message, caught.value.remedy) == (f"{message}. It was not the first time.", remedy)


def test_push_back_before_the_first_reservation(make):
    throttle = make()
    throttle.push_back(5)
    throttle.push_back(1)
    assert throttle.reserve().at == pytest.approx(time.monotonic() + 5, abs=0.5)


def test_a_caller_that_is_late_by_more_than_half_the_guard_has_lost_its_slot(make):
    now = [1000.0]
    throttle = make(clock=lambda: now[0])
    reservation = throttle.reserve()
    assert throttle.lead == 0
    now[0] = reservation.at + MAX_LATENESS - 1e-4
    assert throttle.usable(reservation)
    now[0] = reservation.at + MAX_LATENESS + 1e-4
    assert not throttle.usable(reservation)


@pytest.mark.parametrize("back", [0.2, 20, 3600, 86400])
def test_a_clock_that_goes_back_makes_nobody_wait_longer_than_for_a_full_window(make, admin, back):
    """The log was written by a clock that is so much further: a master's, before a replica took over."""
    now = time.time() + back
    admin.delete(KEY)
    admin.rpush(KEY, f"0 1 {round(now * 1e6)}", *[round((now + later) * 1e6) for later in (3, 2, 1)])
    throttle = make(1, max_wait=0.0)
    assert throttle.reserve().at == pytest.approx(time.monotonic() + 1.1, abs=0.1)
    assert throttle.warnings == []


def test_a_clock_that_is_behind_by_less_than_half_the_guard_is_the_same_clock(make, admin):
    admin.delete(KEY)
    admin.rpush(KEY, f"0 1 {round((time.time() + 0.03) * 1e6)}")
    assert make(1).reserve().at == pytest.approx(time.monotonic(), abs=0.02)
    assert admin.lindex(KEY, 0).split()[1] == b"1"


@pytest.mark.parametrize("limit", PAUSES)
@pytest.mark.parametrize("content", [["junk", "junk"], ["0", "junk"], ["0", "9" * 17], ["9" * 17, "0"], ["nan", "nan"]])
def test_damage_counts_as_full_for_every_lawful_limit(make, admin, limit, content):
    make().reserve()
    key = the_key(admin)
    admin.delete(key)
    admin.rpush(key, *content)
    throttle = make(limit)
    assert throttle.reserve().at == pytest.approx(time.monotonic() + PAUSES[limit], abs=0.1)
    assert admin.llen(key) == 1001
    admin.delete(key)
    admin.rpush(key, *content)
    throttle.push_back(0)
    assert admin.llen(key) == 1001


def test_processes_of_their_own_share_it(server):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, str(CALLER), "reserve", server.url, "10", "5"]
    callers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        for _process in range(6)
    ]
    for caller in callers:
        assert json.loads(caller.stdout.readline()) == {"ready": True}
    for caller in callers:
        caller.stdin.write("\n")
        caller.stdin.flush()
    marks = sorted(mark for caller in callers for mark in json.loads(caller.communicate()[0])["marks"])
    assert len(marks) == 30
    assert all(later - earlier >= 1100000 for earlier, later in zip(marks, marks[10:]))
    assert marks[-1] - marks[0] < 2 * 1100000 + 500000


# Ways in


def test_the_unix_socket(make, server, admin):
    admin.flushall()
    assert make(url=f"unix://{server.socket}?db=1").reserve().granted
    assert admin.info("keyspace") == {"db1": {**admin.info("keyspace")["db1"], "keys": 1}}


@pytest.mark.parametrize("url", ["redis://127.0.0.1:{}/3", "redis://127.0.0.1:{}?db=3"])
def test_the_database(make, server, admin, url):
    admin.flushall()
    make(url=url.format(server.port)).reserve()
    assert list(admin.info("keyspace")) == ["db3"]


@pytest.mark.parametrize(
    ("url", "password"),
    [
        (f"redis://:{ENCODED}@127.0.0.1:{{}}/0", None),
        (f"redis://:{ENCODED}@127.0.0.1:{{}}/0", "another"),
        ("redis://127.0.0.1:{}/0", PASSWORD),
        (f"redis://default:{ENCODED}@127.0.0.1:{{}}/0", None),
        ("redis://default@127.0.0.1:{}/0", PASSWORD),
    ],
)
def test_the_password_is_the_urls_or_else_the_options(start, make, url, password):
    server = start("--requirepass", PASSWORD)
    assert make(url=url.format(server.port), password=password).reserve().granted


@pytest.fixture(name="tls")
def fixture_tls(server, tmp_path):
    """A factory of relays that take TLS off, each with a certificate for the name given, and their authority's file."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    relays = []

    def relay(name="127.0.0.1"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                with contextlib.suppress(OSError), context.wrap_socket(self.request, server_side=True) as near:
                    with socket.create_connection(("127.0.0.1", server.port)) as far:
                        back = threading.Thread(target=copy, args=(far, near), daemon=True)
                        back.start()
                        copy(near, far)
                        far.shutdown(socket.SHUT_RDWR)
                        back.join()

        relays.append(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))
        relays[-1].daemon_threads = True
        threading.Thread(target=relays[-1].serve_forever, args=(0.05,), daemon=True).start()
        return relays[-1].server_address[1]

    yield relay, tmp_path / "ca.pem"
    for one in relays:
        one.shutdown()
        one.server_close()


def copy(source, target):
    with contextlib.suppress(OSError):
        data = source.recv(65536)
        while data:
            target.sendall(data)
            data = source.recv(65536)


def test_tls_with_a_private_authority(make, tls):
    relay, authority = tls
    throttle = make(1, f"rediss://127.0.0.1:{relay()}/0?ssl_ca_certs={authority}")
    marks = [throttle.reserve().mark for _call in range(2)]
    assert marks[1] - marks[0] == 1100000


def test_tls_with_the_systems_authorities(make, tls, monkeypatch):
    relay, authority = tls
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    assert make(url=f"rediss://127.0.0.1:{relay()}/0").reserve().granted


def test_tls_refuses_an_authority_that_is_not_trusted(make, tls):
    relay, _authority = tls
    port = relay()
    message = refusal(make(url=f"rediss://:sekret@127.0.0.1:{port}/0").reserve)
    assert message == of_no_use(f"127.0.0.1:{port}", NOT_TRUSTED)


def test_tls_refuses_a_certificate_of_another_host(make, tls):
    relay, authority = tls
    port = relay("another.example")
    message = refusal(make(url=f"rediss://:sekret@127.0.0.1:{port}/0?ssl_ca_certs={authority}").reserve)
    assert message == of_no_use(f"127.0.0.1:{port}", NOT_TRUSTED)


def test_tls_with_an_authority_that_is_missing(make, tls):
    relay, _authority = tls
    port = relay()
    message = refusal(make(url=f"rediss://127.0.0.1:{port}/0?ssl_ca_certs=/nowhere/ca.pem").reserve)
    assert message == of_no_use(f"127.0.0.1:{port}", f"cannot be reached: {os.strerror(errno.ENOENT)}")


# Failures, each with a clear error


def test_a_server_that_is_down(make, server):
    throttle = make(url=f"redis://:{ENCODED}@127.0.0.1:{server.port}/0")
    server.kill()
    for call in (throttle.reserve, lambda: throttle.push_back(1)):
        reason = f"cannot be reached: {os.strerror(errno.ECONNREFUSED)}"
        assert refusal(call) == of_no_use(f"127.0.0.1:{server.port}", reason)


def test_a_unix_socket_that_is_missing(make, tmp_path):
    reason = f"cannot be reached: {os.strerror(errno.ENOENT)}"
    assert refusal(make(url=f"unix://:sekret@{tmp_path}/none").reserve) == of_no_use("the unix socket", reason)


def test_an_address_of_version_6_is_named_in_brackets(make):
    assert refusal(make(url="redis://:sekret@[::1]:1/0").reserve).startswith(
        "The throttle's Redis at [::1]:1 cannot be"
    )


def test_a_name_that_does_not_exist(make):
    assert "no..host:6379 cannot be" in refusal(make(url="redis://:sekret@no..host/0").reserve)


def test_a_server_killed_and_started_anew_lacks_the_log_and_serves_again(make, server):
    throttle = make(1)
    for _call in range(5):
        waiting = throttle.reserve()
    server.kill()
    refusal(throttle.reserve)
    refusal(lambda: throttle.usable(waiting))
    server.start()
    assert throttle.reserve().at == pytest.approx(time.monotonic() + 1.1, abs=0.5)


def test_a_server_started_anew_between_two_reservations_is_not_an_error(make, server):
    throttle = make(1)
    throttle.reserve()
    server.kill()
    server.start()
    assert throttle.reserve().granted


def test_a_server_that_is_stopped_ends_in_time_and_serves_again(make, server, monkeypatch):
    monkeypatch.setattr(quota_server, "TIMEOUT", 0.3)
    throttle = make(1)
    throttle.reserve()
    server.pause()
    began = time.monotonic()
    assert refusal(throttle.reserve) == of_no_use(f"127.0.0.1:{server.port}", "did not answer within 2 s")
    assert time.monotonic() - began < 2
    server.resume()
    assert throttle.reserve().granted


def test_a_server_that_never_answers_the_first_time(make, monkeypatch):
    monkeypatch.setattr(quota_server, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        message = refusal(make(url=f"redis://:sekret@127.0.0.1:{port}/0").reserve)
        assert message == of_no_use(f"127.0.0.1:{port}", "did not answer within 2 s")
        assert time.monotonic() - began < 2


def test_what_is_said_to_the_package_since_its_releases_differ_in_their_defaults(make):
    url = "rediss://127.0.0.1/0?ssl_certfile=/cert.pem&ssl_keyfile=/key.pem"
    settings = make(url=url)._server._connected().connection_pool.connection_kwargs
    assert settings["socket_connect_timeout"] == settings["socket_timeout"] == quota_server.TIMEOUT <= 2
    assert settings["retry"]._retries == 0
    assert settings["ssl_check_hostname"] is True
    assert (settings["ssl_certfile"], settings["ssl_keyfile"]) == ("/cert.pem", "/key.pem")


def test_a_key_of_another_type(make, server, admin):
    throttle = make(1)
    throttle.reserve()
    reservation = throttle.reserve()
    key = the_key(admin)
    admin.delete(key)
    admin.set(key, "sekret")
    for call in (throttle.reserve, lambda: throttle.push_back(1), lambda: throttle.usable(reservation)):
        assert refusal(call) == of_no_use(f"127.0.0.1:{server.port}", "holds something else under the throttle's key")


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1:{}", "redis://:sekret@127.0.0.1:{}", "redis://user:sekret@127.0.0.1:{}"]
)
def test_no_password_or_a_wrong_one(start, make, url):
    server = start("--requirepass", PASSWORD)
    message = refusal(make(url=url.format(server.port)).reserve)
    assert message == of_no_use(f"127.0.0.1:{server.port}", "refuses the user name or the password")


@pytest.mark.parametrize("rights", [["+time"], ["+eval", "+time"], ["+eval", "+time", "+lindex"]])
def test_a_user_without_the_rights(make, server, admin, rights):
    admin.execute_command("ACL", "SETUSER", "limited", "on", ">sekret", "~*", *rights)
    message = refusal(make(url=f"redis://limited:sekret@127.0.0.1:{server.port}").reserve)
    assert message == of_no_use(f"127.0.0.1:{server.port}", NO_RIGHTS)


def test_a_user_without_the_rights_in_the_words_of_valkey_8():
    said = "ACL failure in script: User limited has no permissions to run the 'time' command script: 1a8c, on @user_script:1."
    assert quota_server._reason(redis.ResponseError(said)) == (NO_RIGHTS, False)


def test_a_user_with_the_documented_rights(make, server, admin):
    rights = [
        "+eval",
        "+time",
        "+lindex",
        "+lpop",
        "+lpush",
        "+rpush",
        "+ltrim",
        "+del",
        "+pexpire",
        "+client|setinfo",
        "+select",
    ]
    rights.remove("+client|setinfo")
    admin.execute_command("ACL", "SETUSER", "limited", "on", ">sekret", "~alicloud.chatapp:*", *rights)
    throttle = make(url=f"redis://limited:sekret@127.0.0.1:{server.port}")
    throttle.push_back(0)
    assert throttle.usable(throttle.reserve())


def test_a_read_only_replica(make, server, admin):
    admin.replicaof("127.0.0.1", 1)
    admin.config_set("replica-serve-stale-data", "yes")
    assert refusal(make().reserve) == of_no_use(f"127.0.0.1:{server.port}", "is a read-only replica")


def test_a_server_that_cannot_save(start, make, tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    server = start("--dir", str(folder))
    folder.rmdir()
    with redis.Redis(port=server.port, protocol=2) as admin:
        admin.config_set("save", "900 1")
        admin.bgsave()
        while admin.info("persistence")["rdb_bgsave_in_progress"]:
            time.sleep(0.01)
        assert refusal(make(url=server.url).reserve) == of_no_use(f"127.0.0.1:{server.port}", NO_WRITES)


def test_a_database_that_does_not_exist(make, server):
    message = refusal(make(url=f"redis://127.0.0.1:{server.port}/99").reserve)
    assert message == of_no_use(f"127.0.0.1:{server.port}", "does not have the database that is asked for")


@pytest.fixture(name="liar")
def fixture_liar():
    """A factory of servers that say one line to all they are asked, or hang up on a script: port and what was heard."""
    servers = []

    def answer_with(line):
        heard = []

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                data = self.request.recv(65536)
                while data:
                    heard.append(data)
                    if line is None and b"EVAL" in data:
                        return
                    # CLIENT SETINFO, of newer versions of the package, comes as several commands in one piece.
                    self.request.sendall((line or b"+OK\r\n") * max(1, data.count(b"CLIENT")))
                    data = self.request.recv(65536)

        servers.append(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))
        servers[-1].daemon_threads = True
        threading.Thread(target=servers[-1].serve_forever, args=(0.05,), daemon=True).start()
        return servers[-1].server_address[1], heard

    yield answer_with
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"-LOADING sekret is loading\r\n", BUSY),
        (b"-BUSY sekret is busy\r\n", BUSY),
        (b"-MASTERDOWN sekret\r\n", BUSY),
        (b"-CLUSTERDOWN sekret\r\n", "is a cluster that is down"),
        (b"-MOVED 3999 127.0.0.1:6381\r\n", A_CLUSTER),
        (b"-OOM sekret\r\n", NO_WRITES),
        (b"-NOREPLICAS sekret\r\n", "accepts no writes at present (replicas)"),
        (b"-NOPERM sekret\r\n", NO_RIGHTS),
        (b"-ERR unknown command 'sekret'\r\n", "cannot be used"),
        (b"HTTP/1.1 400 sekret\r\n", "cannot be used"),
        (b"+sekret\r\n", "cannot be used"),
        (b":5\r\n", "cannot be used"),
        (b"*1\r\n:5\r\n", "cannot be used"),
        (b"$-1\r\n", "cannot be used"),
    ],
)
def test_what_the_server_says_is_explained_and_not_shown(make, liar, line, reason):
    port, _heard = liar(line)
    message = refusal(make(url=f"redis://127.0.0.1:{port}").reserve, "6381")
    assert message == of_no_use(f"127.0.0.1:{port}", reason)


def test_what_nobody_knows_is_not_asked_again(make, liar):
    port, heard = liar(b"-ERR sekret\r\n")
    refusal(make(url=f"redis://127.0.0.1:{port}", max_retries=3).reserve)
    assert b"".join(heard).count(b"EVAL") == 1


def test_a_reservation_is_never_sent_twice(make, liar):
    port, heard = liar(None)
    refusal(make(url=f"redis://127.0.0.1:{port}").reserve)
    assert b"".join(heard).count(b"EVAL") == 1


def test_the_oldest_package_that_will_do(make, monkeypatch):
    monkeypatch.setattr(redis, "__version__", "5.0.0")
    assert make().reserve().granted


@pytest.mark.parametrize("harm", ["missing", "old"])
def test_without_the_package_the_error_names_it_and_the_interpreter(make, monkeypatch, harm):
    if harm == "missing":
        monkeypatch.setitem(sys.modules, "redis", None)
    else:
        monkeypatch.setattr(redis, "__version__", "4.6.0")
    with pytest.raises(ThrottleError) as caught:
        make()
    assert caught.value.code == "ThrottleUnavailable"
    assert caught.value.message == missing_required_lib("redis 5 or newer")
    assert sys.executable in caught.value.message
    assert caught.value.remedy == "Install it: python -m pip install 'redis>=5'."
