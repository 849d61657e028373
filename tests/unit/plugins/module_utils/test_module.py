# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all modules do alike, by a module of forty lines over another operation."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils import _module
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OUT_OF_MEMORY
from ansible_collections.alicloud.chatapp.plugins.module_utils._options import argument_spec

UNIT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(UNIT.parent))

from module_process import start, wait
from simulator.testing import KEY_ID, KEY_SECRET, Simulator, account

TOY = Path(__file__).with_name("toy_module.py")
CUSTOMERS = [{"generate": {"count": 40}}]
IDS = [f"cams-{number}" for number in range(1, 41)]


@pytest.fixture
def simulator():
    data = {"accounts": [account(sub_customers=CUSTOMERS, listing={"qps": 1000})]}
    with Simulator(data) as running:
        yield running


@pytest.fixture
def run(simulator, tmp_path):
    def run_module(python=(str(TOY),), **given):
        options = {
            "endpoint": simulator.url,
            "access_key_id": KEY_ID,
            "access_key_secret": KEY_SECRET,
            "throttle_url": tmp_path.as_uri(),
            "qps_limit": 20,
            "instance_ids": IDS[:3],
        }
        ended = wait(start({**options, **given}, {**os.environ, "HOME": str(tmp_path)}, python))
        assert ended.error == ""
        assert KEY_SECRET not in ended.output
        assert ended.code == bool(ended.result.get("failed"))
        assert ended.result["changed"] is False
        return ended.result

    return run_module


def test_it_is_forty_lines():
    assert len(TOY.read_text(encoding="utf-8").splitlines()) - 3 <= 40


def test_many_queries_at_the_speed_of_its_quota_each_once(run, simulator):
    found = run(instance_ids=[*IDS, "cams-1", "nobody"])
    assert found["counts"] == {**dict.fromkeys(IDS, 1), "nobody": 0}
    assert [row["instance_id"] for row in found["queries"]] == [*IDS, "cams-1", "nobody"]
    log = simulator.log()
    assert {entry["action"] for entry in log} == {"ListInstance"}
    assert len(log) == 41
    assert found["throttle"]["waited_seconds"] > 1
    # 41 calls, 20 of them in 1.1 s.
    assert log[-1]["monotonic"] - log[0]["monotonic"] > 2


def test_what_the_throttle_warns_of_is_a_warning_of_the_task(run, tmp_path):
    """Also where the task fails, and only once, however many operations share the folder."""
    program = f"""
import runpy
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota import folder
folder.MOUNTS = {str(tmp_path / "mountinfo")!r}
runpy.run_path({str(TOY)!r}, run_name="__main__")
"""
    device = os.stat(tmp_path).st_dev
    line = f"36 20 {os.major(device)}:{os.minor(device)} / /mnt rw - nfs4 host:/export rw\n"
    (tmp_path / "mountinfo").write_text(line, encoding="utf-8")
    for options in ({}, {"access_key_secret": "wrong" * 6}):
        found = run(python=("-c", program), **options)
        [warning] = found["warnings"]
        # Of ansible-core 2.19 and newer it is more than a sentence.
        assert f"{tmp_path} lies on a network file system (nfs4)" in json.dumps(warning)


def test_what_passes_is_asked_again(run, simulator):
    simulator.set_faults([{"kind": "code", "code": "System.LimitControl", "nth": 1, "retry_after": "50"}])
    found = run()
    assert (len(found["counts"]), found["throttle"]["refused"], found["throttle"]["retries"]) == (3, 1, 1)
    assert sorted(row["attempts"] for row in found["queries"]) == [1, 1, 2]


def refused(simulator, **details):
    simulator.set_faults(
        [{"kind": "code", "code": "Some.Code", "message": f"It was {KEY_SECRET.upper()}.", **details, "nth": 2}]
    )


def test_a_failure_comes_with_all_that_was_read_and_without_any_secret(run, simulator):
    refused(simulator)
    found = run()
    assert found["msg"] == "1 could not be counted. Some.Code: It was ********."
    assert (found["code"], found["message"], found["http_status"]) == ("Some.Code", "It was ********.", 400)
    assert found["failures"][0]["message"] == "It was ********."
    assert len(found["counts"]) == 2


def test_a_partial_answer_can_be_a_warning(run, simulator):
    refused(simulator)
    found = run(fail_on_unreadable=False)
    assert len(found["counts"]) == 2
    assert "1 could not be counted. Some.Code: It was ********." in json.dumps(found["warnings"])


def test_a_denial_is_of_its_own_action(run, simulator):
    refused(simulator, code="Ram.PermissionDeny")
    assert "cams:ListInstance" in run()["remedy"]


def test_bad_options_are_refused_before_anything_is_asked(run, simulator):
    for given, words in (
        ({"timeout": 0}, "timeout is 0.0;"),
        ({"endpoint": "ftp://x"}, "endpoint has the scheme ftp;"),
        ({"throttle_url": "ftp://x"}, "throttle_url"),
        ({"access_key_secret": "1234567"}, "access_key_secret is shorter than 8 characters;"),
    ):
        found = run(**given)
        assert found["msg"].startswith(words)
        assert (found["code"], found["counts"], found["throttle"]) == ("InvalidOption", {}, {})
    assert simulator.log() == []


def test_a_text_that_cannot_be_masked_is_not_shown(run, simulator):
    refused(simulator)
    script = f"""
import sys
sys.path.insert(0, {str(TOY.parent)!r})
import toy_module
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.redaction import Redactor
def clean(self, value):
    raise RuntimeError("who knows what")
Redactor.clean = clean
toy_module.main()
"""
    found = run(python=("-c", script))
    assert (found["code"], found["failures"], len(found["counts"])) == ("UnexpectedError", [], 2)
    assert KEY_SECRET.upper() not in json.dumps(found)


@pytest.mark.parametrize(
    "error, code, sentence",
    [
        ("ZeroDivisionError", "UnexpectedError", "An unexpected ZeroDivisionError occurred."),
        ("MemoryError", OUT_OF_MEMORY.code, OUT_OF_MEMORY.sentence().partition(": ")[2]),
    ],
)
def test_an_unexpected_exception_keeps_what_was_read_and_shows_its_class_alone(run, error, code, sentence):
    script = f"""
import sys
sys.path.insert(0, {str(TOY.parent)!r})
import toy_module
def work(task):
    task.result["counts"] = {{"read": 1}}
    raise {error}("who knows what")
toy_module.count = work
toy_module.main()
"""
    found = run(python=("-c", script))
    assert (found["msg"].split(": ", 1), found["code"]) == ([code, sentence], code)
    assert found["counts"] == {"read": 1}
    assert "who knows what" not in json.dumps(found)


# Its parts, in this process


def test_the_class_of_an_unexpected_error_is_all_that_is_said_of_it():
    error = _module._unexpected(KeyError("SecretOfTheRequest"))
    assert (error.code, error.message) == ("UnexpectedError", "An unexpected KeyError occurred.")
    assert _module._unexpected(MemoryError()) is OUT_OF_MEMORY


def test_what_the_session_says_of_its_quota_is_told_whatever_the_work_does(monkeypatch):
    class Session:
        def __init__(self, params, redactor):
            self.made_of = params, redactor

        def throttle_facts(self):
            return {"refused": 1}

        def warnings(self):
            return ["The one.", "The other."]

    def work(task):
        seen.append(task)
        raise ValueError("SecretOfTheRequest")

    monkeypatch.setattr(_module, "Session", Session)
    params = {name: option.get("default") for name, option in argument_spec().items()}
    seen, warned, result = [], [], {}
    module = SimpleNamespace(check_mode=True, warn=warned.append)
    error = _module._error_of(work, module, params, "the redactor", result)
    assert (error.code, error.message) == ("UnexpectedError", "An unexpected ValueError occurred.")
    assert (result, warned) == ({"throttle": {"refused": 1}}, ["The one.", "The other."])
    [task] = seen
    assert (task.params, task.check_mode, task.result, task.warn) == (params, True, result, warned.append)
    assert task.session.made_of == (params, "the redactor")


def test_callback_urls_that_hide_nothing_may_be_shown():
    hiding = {"https://a.example/?k=1", "http://b.example/#k", "https://me:word@c.example/"}
    plain = {"https://a.example/", "http://b.example/"}
    module = SimpleNamespace(no_log_values={*hiding, *plain, "another secret", "ftp://x.example/"})
    assert _module._callback_urls(module) == sorted(hiding)
    assert module.no_log_values == {*hiding, "another secret", "ftp://x.example/"}


def test_a_secret_that_is_too_short_is_masked_here_and_no_more_by_ansible():
    params = {"access_key_secret": "1234567", "timeout": 5, "profile": "12345678", "list": ["1234567"]}
    module = SimpleNamespace(no_log_values={"1234567", "12345678"}, params=params)
    _module._forget_short_secrets(module)
    assert module.no_log_values == {"12345678"}
    assert params == {"access_key_secret": "********", "timeout": 5, "profile": "12345678", "list": ["1234567"]}
