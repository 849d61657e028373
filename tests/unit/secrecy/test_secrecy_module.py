# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""However the module ends, nothing that it leaves behind holds a part of a secret."""

from __future__ import annotations

import socket

import pytest
from leaks import leaks
from module_process import start, wait
from secrecy_cases import ENVIRONMENT, OPTIONS, SECRETS, cases

TABLE = cases("", "", 0, "")
# Where the secrets come from makes no difference to an exception.
RUNS = [(name, False) for name in TABLE] + [(name, True) for name, case in TABLE.items() if not case.inject]


def run(url, options, surroundings, **environment):
    """Run the module, and return its result and everything that it left: output, log, lock files."""
    sinks, environment = surroundings[0], {**surroundings[1], **environment}
    throttle = {"throttle_url": sinks.as_uri(), "max_retries": 0, "endpoint": url}
    ended = wait(start({**throttle, **options}, environment))
    assert ended.error == ""
    files = {path.name: path.read_bytes() for path in sinks.iterdir()}
    return ended.result, {"output": ended.output, **files}


@pytest.mark.sampled
@pytest.mark.parametrize(("name", "from_environment"), RUNS)
def test_nothing_leaves(name, from_environment, all_cases, surroundings):
    url, table = all_cases
    case = table[name]
    if from_environment:
        options, environment = case.options, ENVIRONMENT
    else:
        options, environment = {**OPTIONS, **case.options}, {}
    result, left = run(url, options, surroundings, SECRECY_INJECT=case.inject, **environment)
    assert result.get("code", "OK") == case.code
    assert {sink: leaks(content, SECRETS) for sink, content in left.items()} == dict.fromkeys(left, [])
    assert "syslog" in left


def test_a_redirect_brings_nothing_to_the_other_server(all_cases, surroundings, elsewhere):
    url, table = all_cases
    result, _left = run(url, {**OPTIONS, **table["a redirect"].options}, surroundings)
    assert result["http_status"] == 307
    assert elsewhere.received == []
    # The server would have told: what is sent to it is noted.
    with socket.create_connection(("127.0.0.1", elsewhere.port)) as connection:
        connection.sendall(b"hello")
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)
    assert elsewhere.received == [b"hello"]


def test_the_echo_of_a_signature_is_cut(all_cases, surroundings):
    url, table = all_cases
    result, _left = run(url, {**OPTIONS, **table["a signature that does not match"].options}, surroundings)
    assert result["message"] == "The signature does not match the one the service calculated."


@pytest.mark.parametrize("option", ["access_key_secret", "alicloud_secret_key", "throttle_password"])
def test_the_refusal_of_a_short_secret_can_be_read_and_does_not_show_it(option, all_cases, surroundings):
    """Ansible masks the characters of each secret wherever they occur in a result: an e, all over a sentence."""
    given = {**OPTIONS, "access_key_secret": None, option: "e"}
    result, left = run(all_cases[0], given, surroundings)
    name = option.replace("alicloud_secret_key", "access_key_secret")
    assert result["msg"].startswith(f"{name} is shorter than 8 characters; Ansible would mask that text")
    assert result.get("invocation", {}).get("module_args", {}).get(option) != "e"
    assert '"e"' not in left["output"]


def test_facts_are_untouched(all_cases, surroundings):
    """Even one that holds a secret of the environment, of which Ansible does not know."""
    result, _left = run(all_cases[0], {"cust_space_ids": ["cams-fact"]}, surroundings, **ENVIRONMENT)
    assert [number["verified_name"] for number in result["phone_numbers"]] == [SECRETS["key ID"]]
