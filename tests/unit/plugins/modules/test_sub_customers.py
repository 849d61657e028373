# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module as a process of its own, asking for many sub-customers over real connections."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import trustme

TESTS = Path(__file__).parents[3]
sys.path.insert(0, str(TESTS / "simulator"))

import module_process
from testing import KEY_ID, KEY_SECRET, Simulator, account, most_in_a_second

pytestmark = pytest.mark.load
FULL = os.environ.get("CHATAPP_TEST_SCALE") == "full"
MANY = 3000 if FULL else 300
AWAY = 6.0 if FULL else 2.5

# Says on standard error what the process had taken before Ansible serialized the result, and after.
SAYING = f"""
import runpy, sys, time
from ansible.module_utils import basic
original = basic.AnsibleModule.exit_json
def say():
    # Not what getrusage() says, which begins with the memory of the process that started this one.
    [peak] = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
    print("usage", int(peak) // 1024, time.process_time(), file=sys.stderr)
def exit_json(self, **kwargs):
    say()
    try:
        original(self, **kwargs)
    finally:
        say()
basic.AnsibleModule.exit_json = exit_json
runpy.run_module("{module_process.NAME}", run_name="__main__")
"""


def start(simulator, folder, python=("-m", module_process.NAME), **options):
    common = {
        "endpoint": simulator.url,
        "access_key_id": KEY_ID,
        "access_key_secret": KEY_SECRET,
        "throttle_url": f"file://{folder}",
    }
    return module_process.start({**common, **options}, python=python)


def gather(simulator, folder, **options):
    ended = module_process.wait(start(simulator, folder, **options))
    return ended.result, ended.error


def customers(count, numbers=2):
    return [{"generate": {"count": count, "numbers": numbers, "prefix": "cams-"}}]


def names(count):
    return ["cams-%d" % place for place in range(1, count + 1)]


@pytest.fixture
def folder(tmp_path):
    throttle = tmp_path / "throttle"
    throttle.mkdir(mode=0o700)
    return throttle


@pytest.mark.scaled
def test_four_bad_sub_customers_of_thousands_cost_the_others_nothing(folder):
    asked = names(MANY)
    bad = [f"cams-{place}" for place in (7, MANY // 2, MANY // 2 + 1, MANY - 1)]
    faults = [
        {"kind": "code", "code": "Unknown.ResourceOwnerId", "message": "Not yours.", "cust_space_id": bad[0]},
        {"kind": "code", "code": "InternalError", "message": "Oh.", "cust_space_id": bad[1]},
        {"kind": "garbage", "cust_space_id": bad[2]},
        {"kind": "hang", "cust_space_id": bad[3]},
    ]
    data = {"accounts": [account(sub_customers=customers(MANY))], "faults": faults}
    with Simulator(data, "--qps", "unlimited") as simulator:
        result, _err = gather(
            simulator, folder, cust_space_ids=asked, qps_limit=1000, timeout=3, max_retries=0, fail_on_unreadable=True
        )
    assert result["failed"]
    assert [failure["cust_space_id"] for failure in result["failures"]] == bad
    assert [failure["code"] for failure in result["failures"]][:2] == ["Unknown.ResourceOwnerId", "InternalError"]
    assert result["failures"][3]["code"] == "TimedOut"
    assert all(failure["remedy"] for failure in result["failures"])
    assert result["failures"][0]["request_id"]
    assert f"4 of {MANY}" in result["msg"] and "cams-7" in result["msg"]
    assert [query["cust_space_id"] for query in result["queries"]] == asked
    unread = [query["cust_space_id"] for query in result["queries"] if query["phone_number_count"] is None]
    assert unread == bad
    order = [name for name in asked if name not in unread]
    assert [number["cust_space_id"] for number in result["phone_numbers"]] == [
        name for name in order for _number in "12"
    ]


def test_with_fail_on_unreadable_off_it_warns_and_returns_what_was_read(folder):
    faults = [{"kind": "code", "code": "Unknown.ResourceOwnerId", "message": "Not yours.", "cust_space_id": "cams-2"}]
    data = {"accounts": [account(sub_customers=customers(3))], "faults": faults}
    with Simulator(data) as simulator:
        result, _err = gather(simulator, folder, cust_space_ids=names(3), fail_on_unreadable=False)
    assert not result.get("failed") and result["changed"] is False
    assert "1 of 3" in json.dumps(result["warnings"])
    assert [failure["cust_space_id"] for failure in result["failures"]] == ["cams-2"]
    assert len(result["phone_numbers"]) == 4


def test_duplicates_are_asked_once_and_answered_in_each_place(folder):
    with Simulator({"accounts": [account(sub_customers=customers(2, numbers=1))]}) as simulator:
        result, _err = gather(simulator, folder, cust_space_ids=["cams-2", "cams-1", "cams-2"])
        assert len(simulator.log()) == 2
    assert [number["cust_space_id"] for number in result["phone_numbers"]] == ["cams-2", "cams-1", "cams-2"]
    assert [query["phone_number_count"] for query in result["queries"]] == [1, 1, 1]


def test_what_can_only_fail_again_stops_early_and_says_what_was_not_asked(folder):
    with Simulator({"accounts": [account(sub_customers=customers(40))]}) as simulator:
        result, _err = gather(
            simulator, folder, cust_space_ids=names(40), qps_limit=1, access_key_secret="not-the-secret-of-this-key"
        )
        assert len(simulator.log()) == 6
    wrong = "SignatureDoesNotMatch"
    assert [failure["code"] for failure in result["failures"]] == [wrong] * 5 + ["NotAsked"] * 34 + [wrong]
    assert "40 of 40" in result["msg"]


@contextlib.contextmanager
def away(kind, simulator, data):
    """Let the service be away for the length of a block."""
    if kind == "a process that is gone":
        # The port stays nobody's for so long.
        port = simulator.url.rpartition(":")[2]
        simulator.stop()
        yield
        simulator.again = Simulator(data, "--qps", "unlimited", "--port", port)
        simulator.again.__enter__()
    elif kind == "a process that stands still":
        simulator.process.send_signal(signal.SIGSTOP)
        yield
        simulator.process.send_signal(signal.SIGCONT)
    else:
        simulator.set_faults([{"kind": "status", "status": 503, "body": "<html>Unavailable</html>"}])
        yield
        simulator.set_faults([])


@pytest.mark.scaled
@pytest.mark.parametrize("kind", ["a process that is gone", "a process that stands still", "a page in its place"])
def test_when_the_service_is_away_for_some_seconds_everything_is_read(folder, kind):
    data = {"accounts": [account(sub_customers=customers(MANY, numbers=1))]}
    with contextlib.ExitStack() as stack:
        simulator = stack.enter_context(Simulator(data, "--qps", "unlimited", "--latency-ms", "20"))
        # A short limit, so that what stands still does not simply answer later.
        process = start(simulator, folder, cust_space_ids=names(MANY), qps_limit=MANY // 6, timeout=1)
        simulator.wait_for_log(MANY // 3)
        with away(kind, simulator, data):
            time.sleep(AWAY)
        if hasattr(simulator, "again"):
            stack.push(simulator.again)
        ended = module_process.wait(process)
    assert ended.result["failures"] == []
    assert [number["cust_space_id"] for number in ended.result["phone_numbers"]] == names(MANY)
    assert max(query["attempts"] for query in ended.result["queries"]) <= 6
    assert ended.result["throttle"]["retries"] > 0


def limited(limits):
    """Start the module with less than this machine has."""
    return (
        "; ".join(
            [
                "import resource, runpy",
                *(f"resource.setrlimit(resource.{name}, ({most}, {most}))" for name, most in limits),
            ]
        )
        + f"; runpy.run_module('{module_process.NAME}', run_name='__main__')"
    )


def test_few_descriptors_mean_fewer_connections_and_nothing_lost(folder):
    """256 are the default of macOS. More connections, and the log of the quota cannot be opened any more."""
    with Simulator(
        {"accounts": [account(sub_customers=customers(MANY))]}, "--latency-ms", "700", "--qps", "unlimited"
    ) as simulator:
        for most in (128, 24):
            asked = names(MANY if most > 100 else 5)
            python = ("-c", limited([("RLIMIT_NOFILE", most)]))
            result, _err = gather(simulator, folder, python=python, cust_space_ids=asked, qps_limit=1000)
            assert result["failures"] == []
            assert len(result["phone_numbers"]) == 2 * len(asked)


@pytest.mark.parametrize("megabytes", [44, 52, 58, 66, 90])
def test_little_memory_is_an_end_with_a_sentence_or_fewer_threads(folder, megabytes):
    """A thread takes memory for its stack, so that with a little of it there are one or two, and with less none."""
    if sys.version_info[:2] != (3, 13) or sys.platform != "linux":
        pytest.skip("how much the module needs depends on Python and on the system")
    with Simulator({"accounts": [account(sub_customers=customers(20))]}, "--qps", "unlimited") as simulator:
        python = ("-c", limited([("RLIMIT_AS", megabytes << 20)]))
        ended = module_process.wait(start(simulator, folder, python, cust_space_ids=names(20), max_retries=1))
    assert ended.error == ""
    assert ended.result["phone_numbers"] or "memory" in ended.result["msg"] or "threads" in ended.result["msg"]


def test_two_tasks_at_once_share_the_quota_evenly(folder):
    with Simulator({"accounts": [account(sub_customers=customers(120))]}, "--qps", "20") as simulator:
        both = [
            start(simulator, folder, cust_space_ids=half, qps_limit=20) for half in (names(120)[:60], names(120)[60:])
        ]
        results = [json.loads(process.communicate(timeout=60)[0]) for process in both]
        log = simulator.log()
    waited = sorted(result["throttle"]["waited_seconds"] for result in results)
    assert waited[1] <= 2 * waited[0]
    assert [len(result["phone_numbers"]) for result in results] == [120, 120]
    assert len(log) == 120 + sum(result["throttle"]["refused"] for result in results)
    assert most_in_a_second(entry for entry in log if entry["code"] == "OK") <= 20


def test_slow_handshakes_come_before_the_slots(folder, tmp_path):
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    secured = ["--cert", str(tmp_path / "cert.pem"), "--key", str(tmp_path / "key.pem"), "--connect-ms", "500"]
    with Simulator({"accounts": [account(sub_customers=customers(31))]}, *secured) as simulator:
        result, _err = gather(simulator, folder, cust_space_ids=names(31), ca_path=str(tmp_path / "ca.pem"))
        log = simulator.log()
    assert result["failures"] == []
    # 20 when connections are made at their slots. A busy machine delays a few calls by more than the guard.
    assert most_in_a_second(log) < 15


@pytest.mark.parametrize("interruption", [signal.SIGTERM, signal.SIGINT, "reader gone"])
def test_an_interrupted_task_is_gone_within_two_seconds_and_sends_nothing_more(folder, interruption):
    data = {"accounts": [account(sub_customers=customers(400))], "faults": [{"kind": "hang"}]}
    with Simulator(data, "--qps", "unlimited") as simulator:
        process = start(simulator, folder, cust_space_ids=names(400), timeout=60)
        simulator.wait_for_log(10)
        if interruption == "reader gone":
            process.stdout.close()
        else:
            process.send_signal(interruption)
        process.wait(timeout=2)
        gone = time.monotonic()
        error = process.stderr.read()
        time.sleep(1.5)
        late = [entry for entry in simulator.log() if entry["monotonic"] > gone]
    assert process.returncode != 0
    assert error == ""
    assert late == []


@pytest.mark.full
def test_memory_stays_within_bounds_for_five_thousand_sub_customers(folder):
    data = {"accounts": [account(sub_customers=customers(5000, numbers=20))]}
    with Simulator(data, "--qps", "unlimited") as simulator:
        result, err = gather(
            simulator, folder, python=("-c", SAYING), cust_space_ids=names(5000), qps_limit=1000, timeout=30
        )
    assert len(result["phone_numbers"]) == 100_000
    before, after = used(err)
    assert before[0] <= 300
    assert after[0] <= 600


@pytest.mark.full
def test_a_hundred_thousand_numbers_come_through_ansible_at_a_fifth_of_the_cost_of_the_play(folder, tmp_path):
    data = {"accounts": [account(sub_customers=customers(200, numbers=500))]}
    with Simulator(data, "--qps", "unlimited") as simulator:
        _result, err = gather(
            simulator, folder, python=("-c", SAYING), cust_space_ids=names(200), qps_limit=1000, timeout=30
        )
        play = run_play(simulator, folder, tmp_path)
    before, _after = used(err)
    assert before[1] <= 0.2 * play, (before, play)


def used(err):
    """Return MiB and seconds of CPU, before and after the result was serialized."""
    said = [line.split()[1:] for line in err.splitlines() if line.startswith("usage")]
    return [(int(memory), float(cpu)) for memory, cpu in said]


def run_play(simulator, folder, tmp_path):
    """Gather all of them by ansible-playbook, and return the seconds of CPU that it took with its children."""
    module = {
        "endpoint": simulator.url,
        "qps_limit": 1000,
        "timeout": 30,
        "throttle_url": f"file://{folder}",
        "cust_space_ids": "{{ range(1, 201) | map('regex_replace', '^', 'cams-') }}",
    }
    tasks = [
        {"alicloud.chatapp.alicloud_chatapp_phone_numbers_info": module, "register": "all"},
        {"ansible.builtin.assert": {"that": ["all.phone_numbers | length == 100000", "all.queries | length == 200"]}},
    ]
    variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    play = tmp_path / "play.json"
    play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}]))
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": os.environ["PYTHONPATH"],
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY_SECRET,
    }
    earlier = os.times()
    command = [sys.executable, "-m", "ansible.cli.playbook", "-i", "localhost,", str(play)]
    subprocess.run(command, env=environment, check=True, timeout=300, capture_output=True)
    later = os.times()
    return later.children_user + later.children_system - earlier.children_user - earlier.children_system
