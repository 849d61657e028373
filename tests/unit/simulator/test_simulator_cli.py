# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
import yaml
from simulator.data import load
from simulator.shapes import BadData
from simulator.testing import FOLDER, account

SAMPLE = str(FOLDER / "sample.yml")
NUMBER = {"PhoneNumber": "1"}


def refused(*arguments):
    """The one sentence with which a command line is refused; one that is not refused would serve on."""
    command = [sys.executable, str(FOLDER), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("python3 tests/simulator: ")
    assert done.stderr.endswith(".\n")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "the following arguments are required: --data"),
        (["--data"], "argument --data: expected one argument"),
        (["--data", SAMPLE, "--frob"], "unrecognized arguments: --frob"),
        (["--data", SAMPLE, "--lat", "5"], "unrecognized arguments: --lat 5"),
        (["--data", SAMPLE, "--port", "x"], "argument --port: invalid int value: 'x'"),
        (["--data", SAMPLE, "--port", "-1"], "--port -1 cannot be used: "),
        (["--data", SAMPLE, "--port", "65536"], "--port 65536 cannot be used: "),
        (["--data", SAMPLE, "--qps", "0"], "argument --qps: '0' is not a number from 1 on"),
        (["--data", SAMPLE, "--qps", "ten"], "argument --qps: 'ten' is not a number from 1 on"),
        (["--data", SAMPLE, "--window", "round"], "argument --window: invalid choice: 'round'"),
        (
            ["--data", SAMPLE, "--throttling-status", "99"],
            "argument --throttling-status: '99' is not a number from 200 on",
        ),
        (
            ["--data", SAMPLE, "--retry-after", "1\r\nX: y"],
            "argument --retry-after: a header takes printable ASCII only",
        ),
        (["--data", SAMPLE, "--latency-ms", "-1"], "argument --latency-ms: '-1' is not a number from 0 on"),
        (["--data", SAMPLE, "--latency-ms", "nan"], "argument --latency-ms: 'nan' is not a number from 0 on"),
        (["--data", SAMPLE, "--clock-offset", "inf"], "argument --clock-offset: 'inf' is not a number"),
        (
            ["--data", SAMPLE, "--connect-ms", "5"],
            "--connect-ms delays the TLS handshake, and without --cert there is none",
        ),
        (["--data", SAMPLE, "--cert", SAMPLE], "--cert and --key go together: give both or neither"),
        (["--data", SAMPLE, "--key", SAMPLE], "--cert and --key go together: give both or neither"),
        (["--data", SAMPLE, "--cert", SAMPLE, "--key", SAMPLE], f"--cert {SAMPLE} and --key {SAMPLE} cannot be used: "),
        (["--data", SAMPLE, "--log", "/"], "--log / cannot be written: Is a directory"),
        (["--data", "/nowhere"], "/nowhere cannot be read: No such file or directory"),
    ],
    ids=lambda value: " ".join(value[2:]) if isinstance(value, list) else "",
)
def test_a_bad_command_line_is_one_sentence(arguments, sentence):
    assert sentence in refused(*arguments)


def test_a_port_in_use():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"--port {port} cannot be used: Address already in use" in refused("--data", SAMPLE, "--port", str(port))


def test_help_names_every_option_on_a_narrow_terminal():
    done = subprocess.run(
        [sys.executable, str(FOLDER), "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "80"},
    )
    assert max(map(len, done.stdout.splitlines())) <= 80
    for option in ("data", "port", "log", "qps", "window", "latency-ms", "connect-ms", "clock-offset", "cert", "key"):
        assert f"  --{option} " in done.stdout


def of(**changes):
    return {"accounts": [account(**changes)]}


KEY = {"id": "k", "secret": "s"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a: [", "is not YAML: "),
        ("", "the file: None is not a mapping."),
        ({"account": []}, "the file: unknown key 'account'; known are accounts, faults."),
        ({"faults": []}, "the file: accounts is missing."),
        ({"accounts": {}}, "the file, accounts: {} is not a list."),
        ({"accounts": [{}]}, "accounts, entry 1: name is missing."),
        ({"accounts": ["demo"]}, "accounts, entry 1: 'demo' is not a mapping."),
        ({"accounts": [account(), account()]}, "accounts: the name test occurs twice."),
        ({"accounts": [account(), account(name="b")]}, "accounts, b: the key LTAI5tKeyOfTheTests occurs twice."),
        (of(colour="red"), "accounts, entry 1: unknown key 'colour'; known are name, keys, qps, "),
        (of(qps=0), "accounts, entry 1, qps: 0 is less than 1."),
        (of(qps=True), "accounts, entry 1, qps: True is not a whole number."),
        (of(subscribed="no"), "accounts, entry 1, subscribed: 'no' is not true or false."),
        (of(error_status=500), "accounts, entry 1, error_status: 500 is not one of 200, 400."),
        (of(access_denied_detail="none"), "access_denied_detail: 'none' is not one of object, string, lower_case."),
        (of(keys=[{"id": 5, "secret": "s"}]), "accounts, test, keys, entry 1, id: 5 is not text (put it in quotes)."),
        (of(keys=[{"id": "k"}]), "accounts, test, keys, entry 1: secret is missing."),
        (of(keys=[{**KEY, "denied": "Yes"}]), "denied: 'Yes' is not one of Ram.PermissionDeny, "),
        (of(phone_numbers=["1"]), "accounts, test, phone_numbers, entry 1: '1' is not a mapping."),
        (
            "accounts: [{name: a, keys: [], phone_numbers: [{D: 2026-01-01}]}]",
            "holds what JSON cannot say, put it in quotes: Object of type date",
        ),
        (of(sub_customers=[{"phone_numbers": []}]), "sub_customers, entry 1: cust_space_id is missing."),
        (of(sub_customers=[{"cust_space_id": "a"}] * 2), "sub_customers, entry 2: the cust_space_id a occurs twice."),
        (of(sub_customers=[{"generate": {}}]), "sub_customers, entry 1, generate: count is missing."),
        (of(sub_customers=[{"generate": {"count": 0}}]), "sub_customers, entry 1, generate, count: 0 is less than 1."),
        ({"accounts": [], "faults": [{"kind": "x"}]}, "faults, entry 1, kind: 'x' is not one of code, "),
    ],
    ids=str,
)
def test_a_bad_data_file_is_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "data.yml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(BadData) as caught:
        load(path)
    assert sentence in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_bad_data_file_ends_the_start(tmp_path):
    path = tmp_path / "data.yml"
    path.write_text("accounts: none", encoding="utf-8")
    assert refused("--data", str(path)).endswith(f"{path}: the file, accounts: 'none' is not a list.\n")


def test_the_sample_shows_numbers_in_varied_states():
    accounts = load(FOLDER / "sample.yml").accounts
    demo = accounts.by_name["demo"]
    assert len({number["Status"] for number in demo.phone_numbers}) >= 4
    assert len(demo.sub_customers) == 3
    assert accounts.by_name["isv"].numbers_of("cams-5000")
