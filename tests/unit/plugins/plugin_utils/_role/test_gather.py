# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.gather import gather


class TimeLimit(BaseException):
    """As Ansible's is, no Exception."""


class Module:
    """Answers with what it was asked, or with what is scripted for this call."""

    def __init__(self, *script):
        self.asked = []
        self._script = list(script)

    def __call__(self, options):
        self.asked.append(options)
        answer = self._script.pop(0) if self._script else None
        if isinstance(answer, BaseException):
            raise answer  # pylint: disable=raising-bad-type  # which the line above rules out
        return answer or {"queries": [{"cust_space_id": space} for space in options.get("cust_space_ids", [None])]}


def gathered(module, spaces, batch_size=2, **more):
    said = []
    return gather(module, spaces, batch_size, said.append, **more), said


def test_own_numbers_come_first_and_sub_customers_in_batches():
    module = Module()
    results, said = gathered(module, ["a", None, "b", "c"])
    assert module.asked == [{}, {"cust_space_ids": ["a", "b"]}, {"cust_space_ids": ["c"]}]
    assert [len(result["queries"]) for result in results] == [1, 2, 1]
    assert said == ["2/3 sub-customers", "3/3 sub-customers"]


def test_own_numbers_are_asked_for_only_where_they_are_wanted():
    module = Module()
    _results, said = gathered(module, ["a"])
    assert module.asked == [{"cust_space_ids": ["a"]}]
    assert said == []


def test_a_failed_batch_ends_nothing():
    lost = {"failed": True, "msg": "the connection was lost"}
    results, _said = gathered(Module(None, lost), [None, "a", "b", "c"])
    assert len(results) == 3
    assert results[1] is lost
    assert results[2]["queries"] == [{"cust_space_id": "c"}]


def test_what_fails_alike_before_anything_is_asked_is_not_tried_for_ever():
    no_key = {"failed": True, "msg": "NoCredentials"}
    module = Module(*[no_key] * 5)
    results, _said = gathered(module, [None, "a", "b", "c", "d", "e", "f"])
    assert results == [no_key, no_key]
    other = {"failed": True, "msg": "another"}
    results, _said = gathered(Module(no_key, other, no_key), [None, "a", "b", "c", "d"])
    assert len(results) == 3


def test_where_all_is_needed_the_first_failure_ends_it():
    failed = {"failed": True, "msg": "1 of 2 could not be read", "queries": [{}]}
    module = Module(None, failed)
    results, _said = gathered(module, [None, "a", "b", "c"], needs_all=True)
    assert len(module.asked) == 2
    assert results[-1] is failed


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (TimeLimit(), "The task's time limit ended the gathering."),
        (RuntimeError("s3cret"), "An unexpected RuntimeError ended the gathering."),
    ],
)
def test_what_was_read_before_an_end_is_kept(error, message):
    results, _said = gathered(Module(None, error), [None, "a", "b", "c"])
    assert results[0]["queries"] == [{"cust_space_id": None}]
    assert results[1:] == [{"failed": True, "msg": message}]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_who_is_interrupted_goes(error):
    with pytest.raises(error):
        gathered(Module(None, error()), [None, "a"])
