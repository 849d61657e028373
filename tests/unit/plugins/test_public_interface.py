# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signer and throttler in another collection: the example of the guide, run by ansible."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import ansible_collections
import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils import signer, throttler

TESTS = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TESTS))

from simulator.testing import KEY_ID, KEY_SECRET, Simulator, account

GUIDE = (TESTS.parent / "docs/docsite/rst/guide_library.rst").read_text(encoding="utf-8")
CUSTOMERS = [{"generate": {"count": 7}}]


@pytest.fixture
def run(tmp_path):
    """Run the example as a task, with this environment and these options; return what it printed, and how it ended."""
    [block] = re.findall(r"code-block:: python\n\n(.*?)\n\n\S", GUIDE, re.DOTALL)
    text = textwrap.dedent(block)
    module = tmp_path / text.splitlines()[0].removeprefix("# ")
    module.parent.mkdir(parents=True)
    module.write_text(text, encoding="utf-8")

    def run_module(url, key_id=KEY_ID, **options):
        environment = {
            **os.environ,
            "HOME": str(tmp_path),
            "PYTHONPATH": "",
            "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(
                [str(tmp_path), str(Path(next(iter(ansible_collections.__path__))).parent)]
            ),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_LOCALHOST_WARNING": "False",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "False",
            "ALICLOUD_CHATAPP_ENDPOINT": url,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY_SECRET,
        }
        ansible = [sys.executable, "-m", "ansible", "adhoc", "localhost", "-m", "example.chat.instance_count_info"]
        arguments = ["-a", json.dumps({"throttle_url": tmp_path.as_uri(), **options})]
        done = subprocess.run(
            [*ansible, *arguments], env=environment, check=False, capture_output=True, text=True, timeout=60
        )
        return done.stdout + done.stderr, done.returncode

    return run_module


def test_another_collection_signs_and_throttles(run, tmp_path):
    with Simulator({"accounts": [account(sub_customers=CUSTOMERS)]}) as simulator:
        said, code = run(simulator.url)
        assert (code, '"instance_count": 7' in said, '"throttle_scope": "directory"' in said) == (0, True, True), said
        # The quota is the one that this collection's own module counts.
        [log] = tmp_path.glob("alicloud.chatapp-*")
        throttle = throttler.open_throttle(tmp_path.as_uri(), None, f"{simulator.url}\nListInstance\n", 10, 60)
        assert log.exists()
        throttle.push_back(3600)
        said, code = run(simulator.url)
        assert code != 0
        assert "QueueTooLong: The next free slot of the quota is" in said
        said, code = run(simulator.url, throttle_url="ftp://elsewhere")
        assert (code != 0, "throttle_url" in said) == (True, True)
        assert len(simulator.log()) == 1


def test_what_the_service_refuses_is_said(run):
    with Simulator({"accounts": [account()]}) as simulator:
        said, code = run(simulator.url, key_id="LTAI5tOfNobodyKnown")
    assert code != 0
    assert "InvalidAccessKeyId.NotFound: " in said


@pytest.mark.parametrize("name", [*signer.__all__, *throttler.__all__])
def test_the_guide_names_all_that_is_public(name):
    assert (
        re.search(rf"^``.*\b{name}\b", GUIDE, re.MULTILINE) or f"as a ``{name}``" in GUIDE or f"a ``{name}``" in GUIDE
    )


# The arguments of interface version 1: none is ever taken away, renamed or moved, and a new one has a default.
ARGUMENTS = {
    signer.Acs3Auth: ["access_key_id", "access_key_secret", "security_token", "action", "version", "date", "nonce"],
    signer.sign: ["method", "path", "query", "headers", "body_sha256", "access_key_secret"],
    signer.canonical_query: ["pairs"],
    throttler.open_throttle: ["url", "password", "key", "qps_limit", "max_wait"],
    throttler.Throttle.acquire: ["self"],
    throttler.Throttle.push_back: ["self", "seconds"],
    throttler.Throttle.reserve: ["self"],
    throttler.Throttle.usable: ["self", "reservation"],
}


@pytest.mark.parametrize("function", ARGUMENTS, ids=lambda function: function.__qualname__)
def test_the_arguments_stay(function):
    parameters = inspect.signature(function).parameters
    needed = [name for name, one in parameters.items() if one.default is inspect.Parameter.empty]
    assert needed == ARGUMENTS[function]
    assert list(parameters)[: len(needed)] == needed


def test_the_fields_stay():
    assert signer.Signature._fields == ("signed_headers", "canonical_request", "string_to_sign", "signature")
    assert throttler.Reservation._fields[:2] == ("at", "granted")
    assert signer.ALGORITHM == "ACS3-HMAC-SHA256"
    for error in (throttler.OptionError("Why."), throttler.ThrottleError("Code", "Why.", "Do this.")):
        assert {"code", "message", "remedy"} <= set(vars(error))
        assert error.sentence().endswith(("Why.", "Code: Why. Do this."))
