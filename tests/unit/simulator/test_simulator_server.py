# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from signed_requests import Line, ask, signed
from simulator.testing import FOLDER, KEY_ID, Simulator, account, most_in_a_second

MANY = [{"generate": {"count": 1000, "prefix": "cams-"}}]


def test_a_connection_is_kept_and_counted():
    with Simulator({"accounts": [account()]}) as simulator:
        with Line(simulator.url) as line:
            assert [line.ask(signed()).status for _time in range(3)] == [200] * 3
        assert ask(simulator.url, signed()).status == 200
        assert [entry["connection"] for entry in simulator.log()] == [1, 1, 1, 2]


def test_requests_on_one_connection_are_answered_in_order(simulator):
    with Line(simulator.url) as line:
        line.send(signed().as_bytes() + signed({"CustSpaceId": "nobody"}, connection="close").as_bytes())
        received, _end = line.rest()
    assert re.findall(rb'"Code": "([^"]+)"', received) == [b"OK", b"Unknown.ResourceOwnerId"]


@pytest.mark.parametrize("change", [lambda data: data.replace(b"HTTP/1.1", b"HTTP/1.0"), None], ids=["1.0", "close"])
def test_a_connection_is_closed_where_the_client_wants_it(simulator, change):
    data = signed(connection="close").as_bytes() if change is None else change(signed().as_bytes())
    with Line(simulator.url) as line:
        line.send(data)
        received, end = line.rest()
    assert json.loads(received.partition(b"\r\n\r\n")[2])["Code"] == "OK"
    assert end == "closed"


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n",
        b"POST / HTTP/2\r\n\r\n",
        b"POST / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST / HTTP/1.1\r\nName : value\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nHOST: b\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nX: " + b"x" * 70000 + b"\r\n\r\n",
    ],
    ids=lambda data: data[:60],
)
def test_what_is_no_request_is_refused_and_logged(simulator, data):
    before = len(simulator.log())
    with Line(simulator.url) as line:
        line.send(data)
        answer = line.receive()
        assert answer.status == 400
        assert line.rest() == (b"", "closed")
    assert simulator.wait_for_log(before + 1)[-1]["code"] is None


def test_the_log_can_be_audited():
    with Simulator({"accounts": [account()]}, "--qps", "3") as simulator:
        before = (time.time(), time.monotonic())
        answers = [ask(simulator.url, signed({"Status": "PENDING"})) for _time in range(5)]
        after = (time.time(), time.monotonic())
        entries = simulator.log()

    assert [entry["code"] for entry in entries] == [answer.code for answer in answers]
    assert [entry["request_id"] for entry in entries] == [answer.body["RequestId"] for answer in answers]
    assert most_in_a_second(entries) == 5
    assert most_in_a_second(entry for entry in entries if entry["code"] == "OK") == 3
    for entry in entries:
        assert before[0] <= entry["time"] <= after[0]
        assert before[1] <= entry["monotonic"] <= after[1]
        assert (entry["account"], entry["access_key_id"], entry["status"]) == ("test", KEY_ID, "PENDING")


def test_most_in_a_second_slides():
    entries = [{"monotonic": moment} for moment in (0.0, 0.5, 0.9, 1.0, 3.0)]
    assert most_in_a_second(entries) == 3
    assert most_in_a_second([]) == 0


def test_an_entry_is_written_on_arrival_not_with_the_answer():
    with Simulator({"accounts": [account()]}, "--latency-ms", "60000") as simulator, Line(simulator.url) as line:
        line.send(signed().as_bytes())
        assert simulator.wait_for_log(1)[0]["code"] == "OK"


def test_latency_delays_the_answer():
    with Simulator({"accounts": [account()]}, "--latency-ms", "300") as simulator:
        began = time.monotonic()
        assert ask(simulator.url, signed()).status == 200
        assert time.monotonic() - began >= 0.3


def test_tls_and_the_delay_of_its_handshake(certificate):
    with Simulator({"accounts": [account()]}, *certificate, "--connect-ms", "300") as simulator:
        assert simulator.url.startswith("https://127.0.0.1:")
        began = time.monotonic()
        with Line(simulator.url) as line:
            assert time.monotonic() - began >= 0.3
            began = time.monotonic()
            assert line.ask(signed()).status == 200
            assert line.ask(signed()).status == 200
            assert time.monotonic() - began < 0.3
        simulator.set_number("8613800001234", "Status", "BANNED")
        assert ask(simulator.url, signed()).body["PhoneNumbers"][0]["Status"] == "BANNED"


def test_its_clock_can_be_wrong():
    with Simulator({"accounts": [account()]}, "--clock-offset", "7200") as simulator:
        answer = ask(simulator.url, signed())
        assert answer.code == "InvalidTimeStamp.Expired"
        server_time = time.strptime(answer.headers["Date"], "%a, %d %b %Y %H:%M:%S GMT")
        assert ask(simulator.url, signed(at=time.mktime(server_time) - time.timezone)).code == "OK"


def test_numbers_and_faults_change_while_it_runs():
    sub_customers = [{"cust_space_id": "cams-a", "phone_numbers": [{"PhoneNumber": "1", "Status": "CONNECTED"}]}, *MANY]
    with Simulator({"accounts": [account(sub_customers=sub_customers)]}) as simulator:

        def first(cust_space_id):
            return ask(simulator.url, signed({"CustSpaceId": cust_space_id})).body["PhoneNumbers"][0]

        simulator.set_number("1", "Status", "BANNED", cust_space_id="cams-a")
        assert first("cams-a")["Status"] == "BANNED"
        assert first("")["Status"] == "CONNECTED"
        simulator.set_number(first("cams-7")["PhoneNumber"], "New", {"Nested": [1]}, cust_space_id="cams-7")
        assert first("cams-7")["New"] == {"Nested": [1]}
        with pytest.raises(RuntimeError, match="no such account or phone number"):
            simulator.set_number("2", "Status", "BANNED")
        simulator.set_faults([{"kind": "code", "code": "InternalError", "status": 500}])
        assert ask(simulator.url, signed()).code == "InternalError"
        with pytest.raises(RuntimeError, match="faults, entry 1, kind: 'unknown' is not one of code, "):
            simulator.set_faults([{"kind": "unknown"}])
        assert len(simulator.log()) == 5


def test_the_data_file_is_read_anew():
    with Simulator({"accounts": [account()]}) as simulator:
        simulator.write_data({"accounts": [account(phone_numbers=[])]})
        simulator.hang_up()
        deadline = time.monotonic() + 5
        while ask(simulator.url, signed()).body.get("PhoneNumbers") != []:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        simulator.write_data({"accounts": "none"})
        with pytest.raises(RuntimeError, match="accounts: 'none' is not a list"):
            simulator.reload()
        simulator.hang_up()
        time.sleep(1.1)
        assert ask(simulator.url, signed()).code == "OK"


def test_quota_and_nonces_outlive_a_reload():
    with Simulator({"accounts": [account()]}, "--qps", "2") as simulator:
        request = signed()
        ask(simulator.url, request)
        ask(simulator.url, signed())
        simulator.reload()
        assert [ask(simulator.url, signed()).code, ask(simulator.url, request).code] == [
            "Throttling.User",
            "SignatureNonceUsed",
        ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_whatever_is_under_way(number):
    with Simulator({"accounts": [account()]}, "--latency-ms", "60000") as simulator, Line(simulator.url) as line:
        line.send(signed().as_bytes())
        simulator.wait_for_log(1)
        began = time.monotonic()
        simulator.process.send_signal(number)
        output, errors = simulator.process.communicate(timeout=5)
        assert (simulator.process.returncode, output, errors) == (0, "", "")
        assert time.monotonic() - began < 1


def test_a_simulator_that_does_not_start_says_why():
    with pytest.raises(RuntimeError, match="accounts: 'none' is not a list"), Simulator({"accounts": "none"}):
        pass


def test_it_carries_hundreds_of_slow_calls_on_kept_connections():
    """600 calls at 200 a second, each of 1 s, over 256 connections: a schedule of 4 s."""
    calls, rate, connections = 600, 200, 256
    with Simulator(
        {"accounts": [account(sub_customers=MANY)]}, "--qps", "unlimited", "--latency-ms", "1000"
    ) as simulator:
        host, port = simulator.url.removeprefix("http://").split(":")
        requests = [signed({"CustSpaceId": f"cams-{call + 1}"}).as_bytes() for call in range(calls)]

        async def call(idle, data):
            reader, writer = await idle.get()
            writer.write(data)
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = int(head.lower().split("content-length: ")[1].split("\r\n")[0])
            body = json.loads(await reader.readexactly(length))
            idle.put_nowait((reader, writer))
            return body["Code"]

        async def load():
            idle = asyncio.Queue()
            for _time in range(connections):
                idle.put_nowait(await asyncio.open_connection(host, int(port)))
            began = time.monotonic()
            tasks = []
            for place, data in enumerate(requests):
                await asyncio.sleep(max(0, began + place / rate - time.monotonic()))
                tasks.append(asyncio.create_task(call(idle, data)))
            codes = await asyncio.gather(*tasks)
            took = time.monotonic() - began
            while not idle.empty():
                idle.get_nowait()[1].close()
            return codes, took

        codes, took = asyncio.run(load())
        clock_ticks = Path(f"/proc/{simulator.process.pid}/stat").read_text(encoding="ascii").split()[13:15]

    assert codes == ["OK"] * calls
    # One call after the other would take ten minutes; the bounds leave room for a busy machine.
    assert took < 20
    assert sum(map(int, clock_ticks)) / os.sysconf("SC_CLK_TCK") < 3


def test_nothing_of_the_collection_is_imported():
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import simulator.cli; "
        "print([name for name in sys.modules if name.split('.')[0] in ('ansible', 'ansible_collections', 'requests')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(FOLDER.parent)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
