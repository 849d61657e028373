# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alert rules and the dashboard of the guide on monitoring, read by the programs that they are for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.alicloud.chatapp.plugins.filter import phone_numbers_prometheus
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.compare import drift
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.metrics import prometheus
from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs/docsite/rst/guide_monitoring.rst").read_text(encoding="utf-8")
RULES = ROOT / "docs/monitoring/chatapp.rules.yml"
DASHBOARD = json.loads((ROOT / "docs/monitoring/chatapp.dashboard.json").read_text(encoding="utf-8"))

FACTS = [
    {
        "queries": [{"cust_space_id": None, "phone_number_count": 1}],
        "phone_numbers": [{"phone_number": "1", "status": "CONNECTED", "messaging_limit_tier": "TIER_1K"}],
        "failures": [],
    }
]
WRITTEN = {
    family.name: {label for sample in family.samples for label in sample.labels}
    for family in text_string_to_metric_families(
        prometheus(FACTS, 5, drift(FACTS, {"spaces": [{"phone_numbers": [{"phone_number": "1"}]}]}))
    )
}


def rules():
    return [rule for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]


def expressions():
    return {
        **{rule["alert"]: rule["expr"] for rule in rules()},
        **{panel["title"]: target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]},
    }


def ran(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_accepts_the_rules(promtool):
    assert f"SUCCESS: {len(rules())} rules found" in ran(promtool, "check", "rules", RULES)


def test_the_rules_alert_when_they_should_and_at_no_other_time(promtool):
    assert "SUCCESS" in ran(promtool, "test", "rules", Path(__file__).with_name("chatapp.rules.tests.yml"))


def test_each_rule_is_tested_and_explained():
    tests = yaml.safe_load(Path(__file__).with_name("chatapp.rules.tests.yml").read_text(encoding="utf-8"))["tests"]
    fired = {case["alertname"] for test in tests for case in test["alert_rule_test"] if case["exp_alerts"]}
    quiet = {case["alertname"] for test in tests for case in test["alert_rule_test"] if not case["exp_alerts"]}
    names = {rule["alert"] for rule in rules()}
    assert fired == quiet == names == set(re.findall(r"``(ChatApp\w+)``", GUIDE))


@pytest.mark.parametrize("name, expression", expressions().items(), ids=expressions())
def test_an_expression_uses_only_metrics_and_labels_that_are_written(name, expression):
    metrics = re.findall(r"\bchatapp_\w+", expression)
    assert metrics and set(metrics) <= WRITTEN.keys()
    labels = set(re.findall(r"(\w+)(?:=|!=|=~|!~)\"", expression))
    labels |= {label for group in re.findall(r"(?:ignoring|without|by) \((\w+)\)", expression) for label in [group]}
    assert labels <= set().union(*(WRITTEN[metric] for metric in metrics))


def test_each_metric_is_explained_in_the_guide_and_in_the_filters_documentation():
    notes = " ".join(yaml.safe_load(phone_numbers_prometheus.DOCUMENTATION)["notes"])
    for metric in WRITTEN:
        assert f"``{metric}``" in GUIDE
        assert f"C({metric})" in notes


def test_promtool_accepts_each_query_of_the_dashboard(promtool, tmp_path):
    queries = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    recorded = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(queries)]
    path = tmp_path / "queries.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": recorded}]}))
    assert f"SUCCESS: {len(queries)} rules found" in ran(promtool, "check", "rules", path)


def test_the_dashboard_can_be_imported_by_hand_and_provisioned_from_a_file():
    # What an export for other sites has: only the form for imports fills it in.
    assert not {"__inputs", "__requires"} & DASHBOARD.keys()
    assert DASHBOARD["id"] is None and re.fullmatch(r"[a-z-]{1,40}", DASHBOARD["uid"])
    first = DASHBOARD["templating"]["list"][0]
    assert (first["name"], first["type"], first["query"]) == ("datasource", "datasource", "prometheus")
    sources = [panel["datasource"] for panel in DASHBOARD["panels"]]
    sources += [target["datasource"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    sources += [variable["datasource"] for variable in DASHBOARD["templating"]["list"][1:]]
    assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources)
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(expressions()))) - {"labels", "value"}
    assert used <= {variable["name"] for variable in DASHBOARD["templating"]["list"]}


def test_no_two_panels_share_an_id_or_a_place():
    places = []
    for panel in DASHBOARD["panels"]:
        position = panel["gridPos"]
        assert position["x"] >= 0 and position["x"] + position["w"] <= 24
        places += [(position["x"] + x, position["y"] + y) for x in range(position["w"]) for y in range(position["h"])]
    assert len(places) == len(set(places))
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Grafana's models for Python need 3.11")
def test_grafanas_models_know_every_setting_of_the_dashboard():
    from grafana_foundation_sdk.cog import plugins
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.models.dashboard import Dashboard

    plugins.register_default_plugins()
    known = json.loads(JSONEncoder().encode(Dashboard.from_json(DASHBOARD)))
    assert lost(DASHBOARD, known) == [".id"]  # it has none yet


def lost(given, known, place=""):
    if isinstance(given, dict):
        missing = [f"{place}.{key}" for key in given if key not in known]
        return missing + [
            name for key in given.keys() & known.keys() for name in lost(given[key], known[key], f"{place}.{key}")
        ]
    if isinstance(given, list) and len(given) == len(known):
        return [name for number, pair in enumerate(zip(given, known)) for name in lost(*pair, f"{place}[{number}]")]
    return [] if given == known else [place]
