# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the README says of installing ``requests``, for an Ansible that came by pipx or by uv, in a home of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from readme import README
from simulator.testing import KEY_ID, KEY_SECRET, Simulator, account

# How Ansible came, before somebody reads the README.
CAME_BY = {"pipx": "pipx install --quiet ansible-core", "uv": "uv tool install --quiet ansible-core"}
ASK = "ansible localhost -c local -e ansible_python_interpreter='{{ ansible_playbook_python }}'"
MODULE = "alicloud.chatapp.alicloud_chatapp_phone_numbers_info"


@pytest.mark.parametrize("tool", CAME_BY)
def test_requests_is_installed_for_the_python_that_runs_ansible(tool: str, tarball: Path, tmp_path: Path) -> None:
    if shutil.which(tool, path=str(Path(sys.executable).parent)) is None:
        pytest.skip(f"{tool} is not here; nox -s tools brings it along.")
    [command] = re.findall(rf"^\$ ({tool} .*?) +#", README.read_text(encoding="utf-8"), re.MULTILINE)
    with Simulator({"accounts": [account()]}) as simulator:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIPX_", "UV_TOOL"))}
        environment |= {
            "HOME": str(tmp_path),
            "PATH": os.pathsep.join([str(tmp_path / ".local/bin"), str(Path(sys.executable).parent), os.defpath]),
            "XDG_BIN_HOME": str(tmp_path / ".local/bin"),
            "XDG_DATA_HOME": str(tmp_path / ".local/share"),
            "ALICLOUD_CHATAPP_ENDPOINT": simulator.url,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY_SECRET,
        }

        def type_in(line: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, check=False)

        for line in (CAME_BY[tool], f"ansible-galaxy collection install --offline '{tarball}'"):
            ended = type_in(line)
            assert ended.returncode == 0, ended.stdout + ended.stderr
        before = type_in(f"{ASK} -m {MODULE}")
        assert before.returncode != 0
        assert "requests" in before.stdout
        assert str(tmp_path) in before.stdout, "It does not say which Python lacks it."
        ended = type_in(command)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        after = type_in(f"{ASK} -m {MODULE}")
        assert after.returncode == 0, after.stdout + after.stderr
        assert "8613800001234" in after.stdout
