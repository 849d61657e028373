# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import sys
from pathlib import Path

import pytest
import trustme

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from simulator.testing import Simulator, account


@pytest.fixture(scope="module")
def simulator():
    """One account, one number, no quota; for tests that neither change it nor mind the log of others."""
    with Simulator({"accounts": [account()]}, "--qps", "unlimited") as running:
        yield running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """The options that name a certificate for 127.0.0.1."""
    folder = tmp_path_factory.mktemp("tls")
    issued = trustme.CA().issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    return "--cert", str(folder / "cert.pem"), "--key", str(folder / "key.pem")
