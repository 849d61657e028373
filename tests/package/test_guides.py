# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation shows, done from an installed copy."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from blocks import PAGES, blocks
from conftest import ROOT
from reader import Reader
from simulator.testing import Simulator
from terminal import Terminal

KEY = {"access_key_id": "LTAI5tKeyOfTheReader", "access_key_secret": "SecretOfTheReader01"}
ACCOUNT = Path(__file__).with_name("account.yml")
PROFILES = ["auditor", "shop", "singapore", "support"]
# What a stranger reads first; make test leaves the other pages to CI.
READ_FIRST = ["README", "guide_getting_started"]
# What a page leaves to the reader, for its playbooks.
VARIABLES = {
    "chatapp_access_key_id": KEY["access_key_id"],
    "chatapp_access_key_secret": KEY["access_key_secret"],
    "sub_customers": ["cams-8c8d7e1f", "cams-1a2b3c4d"],
}
HOST_VARS = {
    "drift_check_desired": {"spaces": [{"phone_numbers": [{"phone_number": "8613800001234"}], "unlisted": "ignore"}]}
}
# What a page speaks of: a customer that cannot be read at first, an account without the product.
FAULTS: dict[str, list[dict[str, Any]]] = {
    "guide_sub_customers": [
        {"kind": "code", "code": "Unknown.ResourceOwnerId", "cust_space_id": "cams-1a2b3c4d", "times": 2}
    ],
    "guide_errors": [{"kind": "code", "code": "Product.Unsubscript"}],
}


def prepare(folder: Path, installed: Path, text: str) -> tuple[Path, Path]:
    """Return the folder and the home of a reader, who has the collection unless the page has it installed."""
    work, home = folder / "work", folder / "home"
    (home / ".aliyun").mkdir(parents=True)
    profiles = [{"name": name, "mode": "AK", **KEY} for name in PROFILES]
    (home / ".aliyun" / "config.json").write_text(json.dumps({"current": "shop", "profiles": profiles}))
    if not re.search(r"^[^`\w]*(\S*/)?ansible-galaxy collection install", text, re.MULTILINE):
        (home / ".ansible").mkdir()
        (home / ".ansible" / "collections").symlink_to(installed)
    (work / "host_vars").mkdir(parents=True)
    (work / "host_vars" / "support.yml").write_text(yaml.dump(HOST_VARS))
    (work / "tests").symlink_to(installed / "ansible_collections" / "alicloud" / "chatapp" / "tests")
    if shutil.which("git"):
        subprocess.run(["git", "init", "--quiet", work], check=True)
    return work, home


def environment_of(home: Path, text: str, url: str) -> dict[str, str]:
    environment = {
        **os.environ,
        "HOME": str(home),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY["access_key_id"],
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY["access_key_secret"],
        "ALICLOUD_CHATAPP_ENDPOINT": url,
        "ALICLOUD_CHATAPP_THROTTLE_URL": home.as_uri(),
        "ANSIBLE_ASYNC_DIR": str(home / ".ansible_async"),
        "GITHUB_STEP_SUMMARY": "summary.md",
    }
    if "export ALICLOUD_CHATAPP_ENDPOINT" in text:
        # The page leads the module there itself.
        del environment["ALICLOUD_CHATAPP_ENDPOINT"]
    return environment


def must_have(commands: list[str], text: str) -> None:
    """Skip a page whose commands the reader has not, except where CI runs."""
    missing = [command for command in commands if f"$ {command} " in text and shutil.which(command) is None]
    if missing:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"no {' and no '.join(missing)}")


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(
            page,
            id=page.stem if page.suffix == ".rst" else str(page),
            marks=[] if page.stem in READ_FIRST else pytest.mark.long,
        )
        for page in PAGES
    ],
)
def test_what_a_page_shows_is_what_happens(
    page: Path, installed: Path, tarball: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    must_have(["curl", "git", "promtool"], text)
    work, home = prepare(tmp_path, installed, text)
    with Simulator(ACCOUNT) as simulator:
        environment = environment_of(home, text, simulator.url)
        environment |= {"ROOT": str(ROOT), "TARBALL": str(tarball), "VENV": str(Path(sys.executable).parents[1])}
        if "$ make demo" in text:
            environment["DEMO"] = str(request.getfixturevalue("demo").output)
        with Terminal(work, environment) as terminal:
            simulator.set_faults(FAULTS.get(page.stem, []))
            Reader(work, terminal, simulator, VARIABLES).follow(blocks(page))
