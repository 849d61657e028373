# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipes that check without the role name the number that is wrong, and do not pass for an account without any."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tests"))

from simulator.testing import KEY_ID, KEY_SECRET, Simulator, account

GUIDE = (ROOT / "docs/docsite/rst/guide_drift_checks.rst").read_text()
BLOCKS = re.findall(r"^\.\. code-block:: yaml\n\n((?:    .*\n|\n)+)", GUIDE, re.MULTILINE)
RECIPES = [textwrap.dedent(block) for block in BLOCKS if "ansible.builtin.assert" in block]
AS_IT_SHOULD_BE = {
    "PhoneNumber": "8613800001234",
    "Status": "CONNECTED",
    "QualityRating": "GREEN",
    "MessagingLimitTier": "TIER_10K",
    "StatusCallbackUrl": "https://hooks.example.com/receipt",
}


@pytest.fixture(params=RECIPES, ids=[recipe.splitlines()[0] for recipe in RECIPES])
def recipe(request, tmp_path):
    """Run one of the recipes for an account with these numbers; return its exit status and what it said."""
    play = tmp_path / "play.yml"
    play.write_text(request.param)

    def run(*numbers):
        with Simulator({"accounts": [account(phone_numbers=list(numbers))]}) as simulator:
            environment = {
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": os.environ["PYTHONPATH"].split(os.pathsep)[0],
                "ANSIBLE_LOCALHOST_WARNING": "false",
                "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID,
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY_SECRET,
                "ALICLOUD_CHATAPP_ENDPOINT": simulator.url,
                "ALICLOUD_CHATAPP_THROTTLE_URL": tmp_path.as_uri(),
            }
            command = [sys.executable, "-m", "ansible", "playbook", str(play)]
            ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return ended.returncode, ended.stdout

    return run


def test_there_are_recipes():
    assert len(RECIPES) == 3


def test_a_recipe_passes_for_an_account_that_is_in_order(recipe):
    status, said = recipe(AS_IT_SHOULD_BE)
    assert status == 0, said


def test_a_recipe_names_the_number_that_is_wrong(recipe):
    wrong = {"Status": "BANNED", "StatusCallbackUrl": "https://elsewhere.example.net/"}
    status, said = recipe({**AS_IT_SHOULD_BE, **wrong})
    assert status == 2, said
    assert re.search(r'FAILED!(.|\n)*"msg": ".*8613800001234', said), said


def test_a_recipe_fails_for_an_account_without_numbers(recipe):
    status, said = recipe()
    assert status == 2, said
