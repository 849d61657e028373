# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the vendor's own tool never writes, but people and other releases of the official package do."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._session import profiles


@pytest.fixture(name="file")
def fixture_file(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / ".aliyun" / "config.json"
    path.parent.mkdir()
    return path


def why_unusable(name, package=SimpleNamespace):
    with pytest.raises(profiles.Unusable) as refused:
        profiles.cli_provider(name, package)
    return str(refused.value)


@pytest.mark.parametrize("current", [{}, {"current": ""}, {"current": 5}])
def test_a_file_without_a_current_profile(file, current):
    file.write_text(json.dumps({"profiles": [{"name": "x"}], **current}))
    assert why_unusable(None) == "it names no current profile"


def test_a_folder_in_the_place_of_the_file(file):
    file.mkdir()
    assert why_unusable("x") == "it cannot be read: is a directory"


def test_a_mode_that_the_installed_package_does_not_know_yet(file):
    signed_in = {"mode": "CloudSSO", "cloud_sso_access_token_expire": time.time() + 1000}
    file.write_text(json.dumps({"profiles": [{"name": "x", **signed_in}]}))
    assert why_unusable("x") == "mode CloudSSO needs a newer alibabacloud-credentials"
