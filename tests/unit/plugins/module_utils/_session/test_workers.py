# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers with real threads; what the dispatcher makes of them is tested in a virtual world."""

from __future__ import annotations

import _thread
import json
import os
import queue
import subprocess
import sys
import threading
import time
import weakref

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import TransportError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session import workers
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import Retries
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.workers import Query, Worker, Workers

SOON = 10.0


class Answer:
    pass


class Line:
    def __init__(self, error=None):
        self.error = error

    def connect(self):
        if self.error:
            raise self.error

    def alive(self):
        return True


def eventually(condition):
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.fixture
def reports():
    return queue.SimpleQueue()


@pytest.fixture
def started(reports):
    """A worker that answers with what a query is about, called."""
    worker = Worker(Line(), lambda _line, subject: subject(), time.monotonic, reports.put)
    worker.start()
    yield worker
    worker.give(None)


def ask(worker, reports, subject):
    query = Query(subject, Retries(0))
    worker.give((query, time.monotonic()))
    report = reports.get(timeout=SOON)
    query.answer = report.answer
    return report


def test_a_worker_that_waits_keeps_nothing_of_its_last_query_alive(started, reports):
    report = ask(started, reports, Answer)
    alive = weakref.ref(report.answer)
    del report
    eventually(lambda: alive() is None)


def test_a_failure_keeps_nothing_of_its_answer_alive(started, reports):
    seen = []

    def unusable():
        answer = Answer()
        seen.append(weakref.ref(answer))
        try:
            raise ValueError(answer)
        except ValueError:
            raise TransportError("UnexpectedAnswer", "The answer is not JSON.") from None

    report = ask(started, reports, unusable)
    assert report.error.code == "UnexpectedAnswer"
    assert seen[0]() is None


def test_too_little_memory_is_said_as_such(started, reports):
    def too_large():
        raise MemoryError

    assert ask(started, reports, too_large).error.code == "OutOfResources"
    assert ask(started, reports, lambda: "fine").answer == "fine"


def test_a_worker_that_could_not_connect_leaves_no_thread(reports):
    before = _thread._count()
    worker = Worker(Line(TransportError("Unreachable", "refused")), None, time.monotonic, reports.put)
    worker.start()
    worker.give((None, 0.0))
    assert reports.get(timeout=SOON).error.code == "Unreachable"
    eventually(lambda: _thread._count() <= before)


def test_a_worker_whose_report_finds_no_memory_ends_in_silence(capfd):
    def no_memory(_report):
        raise MemoryError

    before = _thread._count()
    worker = Worker(Line(), None, time.monotonic, no_memory)
    worker.start()
    worker.give((None, 0.0))
    eventually(lambda: _thread._count() <= before)
    assert capfd.readouterr().err == ""


def test_a_thread_that_hangs_is_abandoned_and_ends_when_it_comes_back(reports, monkeypatch):
    monkeypatch.setattr(workers, "DEADLINE_GRACE", 0.05)
    before = _thread._count()
    back = threading.Event()
    pool = Workers(lambda _line, _subject: back.wait(SOON), Line, 0.1, time.monotonic, reports)
    pool.connect(1)
    while not pool.ready():
        pool.receive(None)
    query = Query("it", Retries(0))
    pool.ask(query, time.monotonic())
    begun = time.monotonic()
    abandoned, report = pool.receive(None)
    assert (abandoned, report.error.code) == (query, "TimedOut")
    assert time.monotonic() - begun < 5
    assert not pool.working()
    back.set()
    eventually(lambda: _thread._count() <= before)
    assert pool.receive(time.monotonic()) is None, "what it reports in the end is ignored"
    assert not pool.ready()


NO_MEMORY = """
import json, sys, _testcapi
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.dispatcher import Dispatcher, Query
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import Retries
from ansible_collections.alicloud.chatapp.plugins.module_utils._session import workers
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle

class Line:
    def connect(self):
        pass
    def alive(self):
        return True

def ask(line, subject):
    return [subject] * 10

workers.DEADLINE_GRACE = 0.2
first, folder = int(sys.argv[1]), sys.argv[2]
ended = {}
for begin in range(first, first + 40):
    queries = [Query(place, Retries(1)) for place in range(12)]
    dispatcher = Dispatcher(ask, Line, open_throttle("file://" + folder, None, "k", 1000, 60), 3, 0.2)
    _testcapi.set_nomemory(begin * 5, begin * 5 + 300)
    try:
        dispatcher.run(queries)
        how = "returned"
    except MemoryError:
        # Not even a frame for run() was to be had.
        how = "MemoryError"
    finally:
        _testcapi.remove_mem_hooks()
    for query in queries:
        assert query.error is not None or query.answer == [query.subject] * 10, (begin, query.subject)
    how += " whole" if not any(query.error for query in queries) else ""
    ended[how] = ended.get(how, 0) + 1
print(json.dumps(ended))
"""


@pytest.mark.skipif(sys.version_info < (3, 11), reason="an older interpreter itself gives up where memory runs out")
@pytest.mark.parametrize("first", range(0, 320, 40))
def test_whenever_memory_runs_out_there_is_an_end(first, tmp_path):
    """threading.Thread.start(), for one, waits for ever for a thread that found no memory to begin with."""
    pytest.importorskip("_testcapi")
    tmp_path.chmod(0o700)
    # What measures coverage needs memory itself.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    ended = subprocess.run(
        [sys.executable, "-c", NO_MEMORY, str(first), str(tmp_path)],
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout)["returned"] >= 5


def of_no_use(*_arguments):
    raise AssertionError("nothing is connected or asked here")


@pytest.fixture(name="crew")
def fixture_crew(reports):
    return Workers(of_no_use, of_no_use, 10.0, time.monotonic, reports)


@pytest.mark.parametrize(
    ("idle", "connecting", "asking", "most"), [(0, 0, 0, 1), (1, 0, 0, 1), (2, 3, 4, 9), (0, 1, 0, 1), (0, 0, 2, 2)]
)
def test_who_is_there_makes_do_where_the_host_gives_no_more(crew, idle, connecting, asking, most):
    crew._most = 100
    crew._idle = list(range(idle))
    crew._connecting = dict.fromkeys(range(connecting))
    crew._asking = dict.fromkeys(range(asking))
    assert crew._make_do() is (idle + connecting + asking > 0)
    assert crew._most == most
    crew._idle = list(range(50))
    crew._make_do()
    assert crew._most == most, "never more than before"


def test_what_is_under_way_when_the_task_is_given_up_counts_as_an_attempt(crew):
    error = TransportError("TimedOut", "Too late.")
    queries = [Query(None, Retries(0)), Query(None, Retries(0))]
    queries[1].attempts = 3
    crew._asking = {number: (0.0, query) for number, query in enumerate(queries)}
    crew.give_up(error)
    assert [(query.attempts, query.error) for query in queries] == [(1, error), (4, error)]
