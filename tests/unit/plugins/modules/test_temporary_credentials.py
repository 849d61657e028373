# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gather that outlives its credentials: they are fetched anew on the way."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

UNIT = Path(__file__).parents[2]
sys.path[:0] = [str(UNIT.parent), str(UNIT), str(UNIT / "plugins" / "module_utils" / "_session")]

from credential_services import serving
from module_process import NAME, start, wait
from simulator.testing import Simulator, account

FIRST = ("STS.NOfTheFirst", "secret-of-the-first", "token-of-the-first")
SECOND = ("STS.NOfTheSecond", "secret-of-the-second", "token-of-the-second")
CUSTOMERS = [f"cams-{number}" for number in range(1, 41)]


def key(session, **changes):
    return {"id": session[0], "secret": session[1], "security_token": session[2], **changes}


def test_a_gather_goes_on_after_its_first_credentials_have_expired(tmp_path):
    data = {
        "accounts": [account(keys=[key(FIRST), key(SECOND)], sub_customers=[{"generate": {"count": len(CUSTOMERS)}}])]
    }
    options = {"cust_space_ids": CUSTOMERS, "qps_limit": 10, "max_retries": 0, "throttle_url": tmp_path.as_uri()}
    # A second after the first is near the end of ten minutes for this process.
    hurried = f"""
import runpy
from ansible_collections.alicloud.chatapp.plugins.module_utils._session import renewal
renewal.SHORTEST_RENEWAL_INTERVAL, renewal.RENEWAL_LEAD = 1.0, 600.0
runpy.run_module({NAME!r}, run_name="__main__")
"""
    with serving([FIRST, SECOND], lifetime=600) as service, Simulator(data, "--qps", "unlimited") as simulator:
        environment = {
            "HOME": str(tmp_path),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
            "ALIBABA_CLOUD_CREDENTIALS_URI": service.url,
        }
        module = start({**options, "endpoint": simulator.url}, environment, ("-c", hurried))
        simulator.wait_for_log(25)
        data["accounts"][0]["keys"][0] = key(FIRST, expired=True)
        simulator.write_data(data)
        simulator.reload()
        result = wait(module).result
        signed_by = [entry["access_key_id"] for entry in simulator.log()]
    assert result["failures"] == []
    assert len(result["phone_numbers"]) == len(CUSTOMERS)
    assert (signed_by[0], signed_by[-1]) == (FIRST[0], SECOND[0])
