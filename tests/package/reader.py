# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who does what a page of the documentation shows, block by block."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import yaml
from blocks import Block
from simulator.testing import Simulator
from terminal import Terminal, commands, fits

# What cannot be done here as it is written, and what is done in its place; test_guides.py sets the variables.
STAND_INS = [
    # Galaxy is another site, and has not what is tested.
    (r"(ansible-galaxy collection install) alicloud\.chatapp(?::\S+)?", r'\1 --offline "$TARBALL"'),
    # The page means a clone.
    (r"^ansible-galaxy collection build$", r'ansible-galaxy collection build "$ROOT"'),
    # So has a file of requirements, which needs the tarball's path.
    (
        r"^ansible-galaxy collection install -r (\S+)",
        r'sed -i "s#name: .*#name: $TARBALL#; /version:/d" \1; ansible-galaxy collection install --offline -r \1',
    ),
    # test_installation.py does what these say, with a pipx and a uv of its own.
    (r"^(pipx|uv) .*", r"true"),
    # test_events.py does what these say, where ansible-rulebook is.
    (r"^(python3 -m pip install .*ansible-)rulebook", r"\1core"),
    (r"^ansible-rulebook .*", r"true"),
    (r"^curl .*/phone_numbers$", r"true"),
    # Nobody here may become root, or has each system.
    (r"^sudo apt install", r"! command -v apt-get >.apt || apt-get --simulate install"),
    (r"^sudo dnf install", r"! command -v dnf >.dnf || dnf --assumeno install"),
    (r"^sudo install -d -m 2770 -g root /var/lib/", r"install -d -m 2770 "),
    # The rest is a container engine's.
    (r"^ansible-builder build --tag \S+", r"ansible-builder create"),
    # What the page installs into it is in this one.
    (r"python3 -m venv \.venv", r'ln -sfn "$VENV" .venv'),
    # A test of the demo has it run already.
    (r"^make demo$", r'cat "$DEMO"'),
    # Each of these takes minutes; whether there is such a session is told at once.
    (r'^\.venv/bin/python -m nox -s "?(\w+).*', r'grep "^def \1(session: nox.Session" "$ROOT/noxfile.py"'),
    (r"^\.venv/bin/python -m nox -l .*", r"true"),
    # Run by its name, it has its Python's whole path, in which a blank is more than async of older releases can do with.
    (r"^( *)ansible-playbook\b", r"\1python3 -m ansible playbook"),
    # Nobody watches.
    (r"poll: 15", r"poll: 1"),
    # Readers have values of their own.
    (r"(\w+)=\.\.\.", r"\1=$\1"),
    # This port may be taken. The simulator goes on, in what is one terminal more to the reader.
    (r"^(python3 .*)--port 8080(.*)", r"mkfifo ~/url; \1--port 0\2 >~/url & read -r url <~/url; echo $url"),
    (r"http://127\.0\.0\.1:8080", r"$url"),
]
# A step of a workflow that is GitHub's own: the folder is the checkout.
ACTIONS = {"actions/checkout@v4"}
# Tests of their own use these blocks, known by the file that they name or else by their first word.
PLATFORM = "tests/package/test_platform.py"
ELSEWHERE = {
    "slot[n]": "tests/unit/docs/test_guide_quota.py",
    "credential_inputs.yml": PLATFORM,
    "credential_injectors.yml": PLATFORM,
    "survey.yml": PLATFORM,
    "pod_spec.yml": PLATFORM,
    "configure.yml": PLATFORM,
    "{{": PLATFORM,
}
# Files that no command names.
FOUND_BY = {
    "execution-environment.yml": "ansible-builder",
    "host_vars/shop.yml": "ansible-playbook -i inventory.yml",
    "desired/own.yml": "desired/*.yml",
    "desired/customers.yml": "desired/*.yml",
    "ansible_collections/example/chat/plugins/modules/instance_count_info.py": "example.chat.instance_count_info",
}

NAMES = ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"]
KEYS = {name: f"${{{{ secrets.{name} }}}}" for name in NAMES}
TASKS = """\
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
"""


def is_used(name: str, console: str) -> bool:
    """Tell whether a command of the page makes use of the file."""
    return bool(re.search(rf"(?<![\w./]){re.escape(FOUND_BY.get(name, name))}", console))


class Reader:
    """Somebody with a folder, a terminal, an account that is in order and, for a pipeline's sake, drift in it at times.

    A command whose shown output has ``FAILED!`` has to fail; every other one has to end well.
    ``variables`` are those that the page leaves to the reader.
    """

    def __init__(self, folder: Path, terminal: Terminal, simulator: Simulator, variables: dict[str, Any]) -> None:
        self._folder = folder
        self._terminal = terminal
        self._simulator = simulator
        self._variables = variables
        self._said = ""
        self._plays: list[str] = []

    def follow(self, page: list[Block]) -> None:
        """Do what all blocks of a page show."""
        console = "\n".join(block.text for block in page if block.language in ("console", "bash"))
        runners = {
            "bash": self._run_script,
            "console": self._type_commands,
            "groovy": self._run_jenkins,
            "json": self._compare_policy,
            "python": self._run_python,
            "text": self._compare_output,
            "yaml": self._use_yaml,
        }
        for block in page:
            named = re.match(r"# (\S+)\n", block.text)
            if named:
                self._write(named[1], block.text)
            if (named[1] if named else block.text.split()[0]) in ELSEWHERE or (named and is_used(named[1], console)):
                continue
            assert block.language in runners, f"Nobody runs this block:\n{block.text}"
            runners[block.language](block.text)
        self._play_all()

    def _write(self, name: str, text: str) -> str:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return name

    def _type(self, command: str, fails: bool = False) -> None:
        command = self._with_stand_ins(command)
        status, self._said = self._terminal.type(command)
        assert (status != 0) is fails, f"{command}\nended with {status} and said:\n{self._said}"

    def _with_stand_ins(self, commands: str) -> str:
        for pattern, stand_in in STAND_INS:
            commands = re.sub(pattern, stand_in, commands, flags=re.MULTILINE)
        return commands

    def _type_commands(self, text: str) -> None:
        for command, shown in commands(text):
            self._type(command, fails="FAILED!" in shown)
            assert not shown or fits(shown, self._said), f"{command}\nsaid:\n{self._said}"

    def _compare_output(self, text: str) -> None:
        assert fits(text, self._said), f"The last command of the page said:\n{self._said}"

    def _run_script(self, text: str, fails: bool = False) -> None:
        self._type(f"bash -e {self._write('script.sh', self._with_stand_ins(text))}", fails)

    def _run_python(self, text: str) -> None:
        self._type(f"python3 {self._write('script.py', text)}")

    def _compare_policy(self, text: str) -> None:
        policy = json.loads(text)
        actions = policy["Statement"][0].pop("Action")
        assert actions in ("cams:QueryChatappPhoneNumbers", ["cams:QueryChatappPhoneNumbers", "cams:ListInstance"])
        assert policy == {"Version": "1", "Statement": [{"Effect": "Allow", "Resource": "*"}]}

    def _use_yaml(self, text: str) -> None:
        content = yaml.safe_load(text)
        if isinstance(content, list):
            self._plays.append(text if "hosts" in content[0] else TASKS + textwrap.indent(text, "    "))
        elif "jobs" in content:
            self._run_github(content["jobs"])
        elif "drift_check_desired" in content:
            self._type(f"ansible-playbook alicloud.chatapp.drift_check -e @{self._write('as_shown.yml', text)}")
        elif "accounts" in content:
            with Simulator(content):
                pass
        elif len(content) > 1:
            # What one job hands on to the next, which waits for a person, lies in the folder.
            self._run_script("\n".join(line for job in content.values() for line in job["script"]))
        else:
            [job] = content.values()
            self._run_gitlab(job)

    def _play_all(self) -> None:
        """Run the playbooks and tasks of a page in turn; with drift, each one that asserts something has to fail."""
        if not self._plays:
            return
        plays = [self._with_stand_ins(text) for text in self._plays]
        names = [self._write(f"playbook_{number}.yml", text) for number, text in enumerate(plays)]
        play = f"ansible-playbook -e @{self._write('variables.json', json.dumps(self._variables))}"
        self._type(" ".join([play, *names]))
        self._drift("BANNED", "https://elsewhere.example.net/")
        for name, text in zip(names, self._plays):
            if "ansible.builtin.assert" in text and "cust_space_ids" not in text:
                self._type(f"{play} {name}", fails=True)

    def _drift(self, status: str, url: str) -> None:
        for field, value in {"Status": status, "StatusCallbackUrl": url}.items():
            self._simulator.set_number("8613800001234", field, value, account="reader")

    def _run_github(self, jobs: dict[str, Any]) -> None:
        [job] = jobs.values()
        steps = [step for step in job["steps"] if step.get("uses") not in ACTIONS]
        assert {"env": KEYS} in [{"env": step.get("env")} for step in steps]
        always = [step["run"] for step in steps if step.get("if") == "always()"]
        self._run_pipeline([step["run"] for step in steps if "if" not in step], always, "summary.md")

    def _run_gitlab(self, job: dict[str, Any]) -> None:
        self._run_pipeline(job["before_script"] + job["script"], [], job["artifacts"]["reports"]["junit"])

    def _run_jenkins(self, text: str) -> None:
        assert set(re.findall(r"\w+Variable: '(\w+)'", text)) == set(KEYS)
        [script] = re.findall(r"sh '''(.*?)'''", text, re.DOTALL)
        self._run_pipeline([script], [], *re.findall(r"testResults: '([^']+)'", text))

    def _run_pipeline(self, scripts: list[str], always: list[str], report: str) -> None:
        """Run it with drift in the account: it has to fail, and its report to say why."""
        (self._folder / report).unlink(missing_ok=True)
        self._drift("BANNED", "https://hooks.example.com/receipt")
        self._run_script("\n".join(scripts), fails=True)
        self._run_script("\n".join(always))
        assert "BANNED" in (self._folder / report).read_text(encoding="utf-8"), self._said
        self._simulator.reload()
