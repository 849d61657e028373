# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page about AWX gives to paste, read as AWX reads it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from blocks import blocks
from conftest import ROOT, ansible
from controller import Controller
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from simulator.testing import KEY_ID, KEY_SECRET, Simulator, account

PAGE = Path("docs", "docsite", "rst", "guide_awx.rst")
TEXTS = {block.text.split()[1]: block.text for block in blocks(PAGE) if block.text.startswith("# ")}
[NOTIFICATION] = [block.text for block in blocks(PAGE) if block.language == "jinja"]
INPUTS, INJECTORS, SURVEY, POD = (
    yaml.safe_load(TEXTS[name])
    for name in ("credential_inputs.yml", "credential_injectors.yml", "survey.yml", "pod_spec.yml")
)
DESIRED = {"spaces": [{"phone_numbers": [{"phone_number": "8613800001234", "status": "CONNECTED"}]}]}
# What AWX has in a field's description.
FIELD_KEYS = {"id", "label", "help_text", "type", "choices", "default", "format", "multiline", "secret"}


def injected(**fields: str) -> dict[str, str]:
    """Return the variables that AWX sets for a credential with these fields; one left blank has no value at all."""
    environment = ImmutableSandboxedEnvironment()
    return {name: environment.from_string(text).render(fields) for name, text in INJECTORS["env"].items()}


def test_input_configuration_is_one_that_awx_accepts() -> None:
    assert set(INPUTS) == {"fields", "required"}
    ids = [field["id"] for field in INPUTS["fields"]]
    assert len(set(ids)) == len(ids)
    assert set(INPUTS["required"]) <= set(ids)
    for field in INPUTS["fields"]:
        assert set(field) <= FIELD_KEYS, field
        assert field["type"] in ("string", "boolean"), field
        assert re.fullmatch("[a-z_]+", field["id"]), field
        assert field["label"], field


def test_injector_configuration_sets_what_the_module_reads() -> None:
    assert set(INJECTORS) == {"env"}
    documented = "".join(path.read_text() for path in (ROOT / "plugins" / "doc_fragments").glob("*.py"))
    documented += "".join(path.read_text() for path in (ROOT / "plugins" / "modules").glob("*.py"))
    for name in INJECTORS["env"]:
        assert f"E({name})" in documented, name
    used = set(re.findall(r"{{ (\w+) }}", " ".join(INJECTORS["env"].values())))
    assert used == {field["id"] for field in INPUTS["fields"]}


def test_secrets_are_fields_that_awx_keeps_to_itself() -> None:
    secret = {field["id"] for field in INPUTS["fields"] if field.get("secret")}
    assert secret == {"access_key_secret", "security_token", "isv_code", "throttle_url"}


@pytest.fixture
def project(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project of the page, with a desired state; the collection is installed elsewhere."""
    (tmp_path / "drift.yml").write_text(TEXTS["drift.yml"])
    (tmp_path / "desired.yml").write_text(yaml.safe_dump({"drift_check_desired": DESIRED}))
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ANSIBLE_SHOW_CUSTOM_STATS", "true")
    return tmp_path


def run_job(installed: Path, **credential: str) -> tuple[int, dict[str, Any], str]:
    """Run the playbook as a job with that credential; return its status, its artifacts and what it said."""
    environment = {**os.environ, **injected(**credential), "ANSIBLE_COLLECTIONS_PATH": str(installed)}
    command = [sys.executable, "-m", "ansible", "playbook", "drift.yml"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    said = ended.stdout + ended.stderr
    stats = re.search(r"RUN: ({.*?^})", said, re.MULTILINE | re.DOTALL) or re.search(r"RUN: ({.*})", said)
    return ended.returncode, json.loads(stats[1]) if stats else {}, said


def test_job_with_blank_fields_in_its_credential(
    installed: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Simulator({"accounts": [account()]}) as simulator:
        monkeypatch.setenv("ALICLOUD_CHATAPP_ENDPOINT", simulator.url)
        status, artifacts, said = run_job(installed, access_key_id=KEY_ID, access_key_secret=KEY_SECRET)
    assert status == 0, said
    assert artifacts == {}
    assert "IN SYNC" in said


@pytest.mark.parametrize(
    ("number", "key", "verdict", "finding"),
    [
        ({"Status": "BANNED"}, KEY_SECRET, "DRIFT: ", "BANNED"),
        ({}, "AnotherSecret-0123456789", "UNREADABLE: ", "SignatureDoesNotMatch"),
    ],
)
def test_failing_job_keeps_its_verdict_for_the_notification(
    installed: Path,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: dict[str, str],
    key: str,
    verdict: str,
    finding: str,
) -> None:
    numbers = [{"PhoneNumber": "8613800001234", "Status": "CONNECTED", **number}]
    with Simulator({"accounts": [account(phone_numbers=numbers)]}) as simulator:
        monkeypatch.setenv("ALICLOUD_CHATAPP_ENDPOINT", simulator.url)
        status, artifacts, said = run_job(installed, access_key_id=KEY_ID, access_key_secret=key)
    assert status == 2, said
    assert artifacts["phone_numbers_verdict"].startswith(verdict), said
    assert finding in "".join(artifacts["phone_numbers_findings"])
    assert verdict in notification(artifacts)


def test_job_that_was_refused_keeps_its_reason(installed: Path, project: Path) -> None:
    (project / "desired.yml").write_text(yaml.safe_dump({"drift_check_desired": {"spaces": [{"no_such_key": 1}]}}))
    status, artifacts, said = run_job(installed, access_key_id=KEY_ID, access_key_secret=KEY_SECRET)
    assert status == 2, said
    assert "no_such_key" in artifacts["phone_numbers_verdict"]
    assert "no_such_key" in "".join(artifacts["phone_numbers_findings"])


def notification(artifacts: dict[str, Any]) -> str:
    """Render the message of the page as AWX does, which accepts no name that it has not."""
    context = {"job": {"name": "Drift", "id": 7, "status": "failed", "artifacts": artifacts}, "url": "https://awx/7"}
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(NOTIFICATION).render(context)


def test_notification_shows_the_link_where_there_is_no_verdict() -> None:
    assert notification({}).strip() == "Drift #7 failed: https://awx/7"


def test_survey_asks_for_variables_of_the_role() -> None:
    specs = yaml.safe_load((ROOT / "roles" / "drift_check" / "meta" / "argument_specs.yml").read_text())
    options = specs["argument_specs"]["main"]["options"]
    assert set(SURVEY) == {"name", "description", "spec"}
    for question in SURVEY["spec"]:
        option = options[question["variable"]]
        assert question["type"] == "multiplechoice"
        assert question["choices"] == re.findall(r"With V\((\w+)\)", " ".join(option["description"]))
        assert question["default"] == option["default"]


def test_pod_has_the_directory_that_the_page_names() -> None:
    text = (ROOT / PAGE).read_text()
    [container] = POD["spec"]["containers"]
    [mount], [volume] = container["volumeMounts"], POD["spec"]["volumes"]
    assert container["name"] == "worker"
    assert mount["name"] == volume["name"]
    assert f"install -d -m 2770 -g root {volume['hostPath']['path']}\n" in text
    assert f"``file://{mount['mountPath']}``" in text
    assert f"``{volume['hostPath']['path']}:{mount['mountPath']}:rw``" in text


def test_playbook_sets_up_what_the_page_describes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "CHATAPP_AWX" not in os.environ:
        pytest.skip("awx.awx is not here; nox -s tools brings it along.")
    for name in ("configure.yml", "credential_inputs.yml", "credential_injectors.yml", "survey.yml"):
        (tmp_path / name).write_text(TEXTS[name])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", KEY_SECRET)
    monkeypatch.setenv("CONTROLLER_OAUTH_TOKEN", "token")
    with Controller() as controller:
        monkeypatch.setenv("CONTROLLER_HOST", controller.url)
        said = ansible("playbook", "configure.yml", collections=Path(os.environ["CHATAPP_AWX"]))
    posted = controller.posted
    assert "changed=8" in said
    assert KEY_SECRET not in said
    [kind] = posted["credential_types"]
    assert (kind["inputs"], kind["injectors"], kind["kind"]) == (INPUTS, INJECTORS, "cloud")
    [credential] = posted["credentials"]
    assert set(credential["inputs"]) <= {field["id"] for field in INPUTS["fields"]}
    assert credential["inputs"]["access_key_secret"] == KEY_SECRET
    [template] = posted["job_templates"]
    assert template["playbook"] == "drift.yml"
    assert posted["survey_spec"] == [SURVEY]
    assert len(posted["job_templates/credentials"]) == len(posted["job_templates/notification_templates_error"]) == 1
    [told] = posted["notification_templates"]
    body = ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(told["messages"]["error"]["body"])
    job = {"name": "Drift", "artifacts": {"phone_numbers_verdict": "DRIFT: status is 'BANNED', \"so\""}}
    assert json.loads(body.render(job=job, url="")) == {"text": "Drift: DRIFT: status is 'BANNED', \"so\""}
    [schedule] = posted["schedules"]
    rrulestr = pytest.importorskip("dateutil.rrule").rrulestr
    first, second = rrulestr(schedule["rrule"])[:2]
    assert (second - first).total_seconds() == 3600
