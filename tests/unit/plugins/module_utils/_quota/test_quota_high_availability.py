# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The throttle on Sentinels with a failover, on a cluster of three nodes, and on the servers that a variable names."""

from __future__ import annotations

import os
import sys
import time
import uuid

import pytest
import redis
import redis_server
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ThrottleError
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle

pytestmark = pytest.mark.long

PASSWORD = "sek,ret@/%"
ENCODED = "sek%2Cret%40%2F%25"


def open_it(url, limit=10, password=None, key="sekret key", max_retries=5):
    return open_throttle(url, password, key, limit, 60.0, max_retries=max_retries)


def marks_of(throttles, count):
    return [throttles[number % len(throttles)].reserve().mark for number in range(count)]


def assert_one_quota(marks, limit):
    assert all(later - earlier >= 1100000 for earlier, later in zip(marks, marks[limit:]))


def await_replica(admin):
    """What was written last has to have reached the replica, or its loss is told, too."""
    # The server waits for what this connection wrote.
    admin.set("other", "x")
    assert admin.wait(1, 20000) == 1


@pytest.fixture(name="sentinels", params=["", PASSWORD], ids=["open", "with a password"])
def fixture_sentinels(request, binary, tmp_path):
    sentinels = redis_server.Sentinels(binary, tmp_path, request.param)
    sentinels.password = request.param or None
    sentinels.userinfo = f":{ENCODED}@" if request.param else ""
    yield sentinels
    sentinels.close()


def test_the_master_that_the_sentinels_know_keeps_the_quota_through_a_failover(sentinels):
    url = sentinels.url(sentinels.userinfo)
    # Ten attempts take most of a minute: a busy machine fails over late.
    throttles = [open_it(url, max_retries=10), open_it(url, max_retries=10)]
    before = marks_of(throttles, 12)
    assert_one_quota(before, 10)
    # One quota: were each slot waited for, it would be twelve windows.
    assert before[-1] - before[0] < 6 * 1100000
    direct = open_it(
        f"redis://{sentinels.userinfo}127.0.0.1:{sentinels.master.port}/0",
    )
    assert direct.reserve().mark >= before[2] + 1100000
    with redis.Redis(port=sentinels.master.port, password=sentinels.password, protocol=2) as admin:
        await_replica(admin)
    sentinels.await_each_other()
    sentinels.master.kill()
    after = [throttles[0].acquire().mark]
    after += marks_of(throttles, 15)
    assert_one_quota(before + after[:1], 10)
    assert_one_quota(after, 10)
    assert throttles[0].warnings == []
    promoted = open_it(f"redis://{sentinels.userinfo}127.0.0.1:{sentinels.replica.port}/0")
    assert promoted.reserve().mark >= after[-10] + 1100000


def test_a_failover_that_leaves_the_old_master_alive(binary, tmp_path):
    """Its connections stay, and it refuses what is written as the replica that it has become."""
    sentinels = redis_server.Sentinels(binary, tmp_path)
    try:
        throttle = open_it(sentinels.url())
        before = marks_of([throttle], 12)
        with redis.Redis(port=sentinels.master.port, protocol=2) as admin:
            await_replica(admin)
        sentinels.await_each_other()
        assert sentinels.sentinels[0].command("SENTINEL", "FAILOVER", sentinels.SERVICE) == b"+OK\r\n"
        with redis.Redis(port=sentinels.replica.port, protocol=2) as admin:
            deadline = time.monotonic() + 60
            while admin.role()[0] != b"master":
                assert time.monotonic() < deadline
                time.sleep(0.05)
        after = marks_of([throttle], 12)
        assert_one_quota(after, 10)
        assert after[0] >= before[2] + 1100000
    finally:
        sentinels.close()


def test_a_service_that_no_sentinel_knows(binary, tmp_path):
    sentinels = redis_server.Sentinels(binary, tmp_path)
    try:
        url = sentinels.url().replace(sentinels.SERVICE, "another")
        with pytest.raises(ThrottleError) as caught:
            open_it(url, password="sekret", max_retries=0).reserve()
        place = "another of the Sentinels " + ", ".join(f"127.0.0.1:{one.port}" for one in sentinels.sentinels)
        reason = "has no master: no Sentinel that answers knows one of that name"
        assert caught.value.message == f"The throttle's Redis at {place} {reason}."
    finally:
        sentinels.close()


def test_sentinels_that_ask_for_a_password(binary, tmp_path):
    sentinels = redis_server.Sentinels(binary, tmp_path, sentinel_password=PASSWORD)
    try:
        assert open_it(f"{sentinels.url()}?sentinel_password={ENCODED}").reserve().granted
        with pytest.raises(ThrottleError) as caught:
            open_it(sentinels.url(), max_retries=0).reserve()
        assert caught.value.code == "ThrottleUnavailable"
        assert "sek" not in caught.value.message
    finally:
        sentinels.close()


@pytest.fixture(name="cluster")
def fixture_cluster(binary, tmp_path):
    cluster = redis_server.Cluster(binary, tmp_path)
    yield cluster
    cluster.close()


def test_a_cluster_keeps_one_quota_whichever_node_is_named(cluster):
    urls = [f"redis+cluster://127.0.0.1:{node.port}" for node in cluster.nodes]
    throttles = [open_it(url) for url in urls]
    marks = marks_of(throttles, 25)
    assert_one_quota(marks, 10)
    throttles[0].push_back(5)
    reservation = throttles[1].reserve()
    assert reservation.at == pytest.approx(time.monotonic() + 5, abs=0.5)
    assert throttles[2].reserve().mark == reservation.mark + 1
    assert throttles[1].usable(reservation)


def test_a_user_of_a_cluster_with_the_documented_rights(cluster):
    rights = [
        "+eval",
        "+time",
        "+lindex",
        "+lpop",
        "+lpush",
        "+rpush",
        "+ltrim",
        "+del",
        "+select",
        "+cluster|slots",
        "+command",
        *(["+info"] if redis.__version__.startswith("5.") else []),
    ]
    for node in cluster.nodes:
        node.command("ACL", "SETUSER", "limited", "on", ">sekret", "~alicloud.chatapp:*", *rights)
    url = cluster.url.replace("://", "://limited:sekret@")
    throttle = open_it(url, max_retries=0)
    throttle.push_back(0)
    assert throttle.acquire().granted


def test_keys_of_every_node_can_be_had(cluster):
    for number in range(12):
        assert open_it(cluster.url, key=f"quota {number}").reserve().granted
    used = [node.command("DBSIZE") for node in cluster.nodes]
    assert all(answer != b":0\r\n" for answer in used)


def test_a_node_that_is_away_is_waited_for_and_a_host_that_is_gone_is_passed_over(cluster):
    gone = redis_server._free_port()
    url = f"redis+cluster://127.0.0.1:{gone},127.0.0.1:{cluster.nodes[0].port}"
    throttle = open_it(url, max_retries=8)
    before = throttle.acquire().mark
    [holder] = [node for node in cluster.nodes if node.command("DBSIZE") == b":1\r\n"]
    holder.kill()
    holder.start()
    cluster.await_ok()
    # It was started without its data: what it knew is lost, and that is noticed.
    assert throttle.acquire().mark >= before + 1000000
    [warning] = throttle.warnings
    assert "is gone or lacks what was written to it" in warning


def test_a_node_of_a_cluster_that_is_named_alone_is_told_how_to_name_it(cluster):
    refusals = []
    for node in cluster.nodes:
        try:
            open_it(f"redis://127.0.0.1:{node.port}", max_retries=0).reserve()
        except ThrottleError as error:
            refusals.append(error.message)
    assert len(refusals) == 2
    for message in refusals:
        assert message.endswith("is a node of a cluster: name it with redis+cluster://.")


def test_a_server_that_is_no_cluster_is_told_so(start):
    server = start()
    with pytest.raises(ThrottleError) as caught:
        open_it(f"redis+cluster://127.0.0.1:{server.port}", max_retries=0).reserve()
    assert (
        caught.value.message
        == f"The throttle's Redis at the cluster 127.0.0.1:{server.port} is no cluster: name it with redis://."
    )


@pytest.mark.parametrize("mode", ["sentinel", "cluster"])
def test_a_package_without_the_mode_says_how_to_name_a_master(monkeypatch, mode):
    monkeypatch.setitem(sys.modules, f"redis.{mode}", None)
    with pytest.raises(ThrottleError) as caught:
        open_it(f"redis+{mode}://:sekret@host/service".removesuffix("/service" if mode == "cluster" else ""))
    assert caught.value.message == f"The Python package redis of this interpreter does not support redis+{mode}://."
    assert caught.value.remedy == "Name the master: throttle_url=redis://host:port/database."


@pytest.mark.parametrize("url", os.environ.get(redis_server.URLS, "").split() or [None])
def test_servers_that_a_variable_names_keep_the_quota(url):
    """Such as Redis 8 and Valkey 8; their data is left as it is, but for a key of a name that nobody else has."""
    if url is None:
        pytest.skip(f"no server is named in {redis_server.URLS}")
    key = uuid.uuid4().hex
    throttles = [open_it(url, key=key), open_it(url, key=key)]
    first = throttles[0].acquire()
    marks = [first.mark, *marks_of(throttles, 24)]
    assert_one_quota(marks, 10)
    assert not throttles[1].usable(first._replace(generation=1))
    throttles[0].push_back(5)
    assert throttles[1].reserve().at == pytest.approx(time.monotonic() + 5, abs=0.5)
    with pytest.raises(ThrottleError, match="throttle_max_wait allows 60 s") as caught:
        for _call in range(1100):
            throttles[0].reserve()
    assert caught.value.code == "QueueTooLong"
    assert throttles[0].warnings == throttles[1].warnings == []
