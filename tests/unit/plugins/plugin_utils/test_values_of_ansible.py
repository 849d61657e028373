# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every type of value that Ansible hands over, in every place of a desired state and of facts.

The values are real: the loader and the templates of the running ansible-core make them. What is expected does not
depend on the release, so that on each of them the outcome is the same.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import ansible_collections.alicloud.chatapp as collection
import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

PROCESS = Path(__file__).with_name("template_process.py")
COLLECTIONS = Path(next(iter(collection.__path__))).parents[2]

NUMBER = "6591234567"
SECRET = "ID-6591234567-of-the-vault"  # its digits are a phone number, so that it can stand everywhere
OTHER = "Something else"
PASSWORD = "the password"


def vaulted(text, password=PASSWORD):
    armour = VaultLib([("default", VaultSecret(password.encode()))]).encrypt(text).decode()
    return f"!vault {json.dumps(armour)}"


# In YAML, as people write them into their variables.
TEXTS = {
    "text": json.dumps(SECRET),
    "unsafe": f"!unsafe {json.dumps(SECRET)}",
    "vaulted": vaulted(SECRET),
    "binary": "!!binary SUQtNjU5MTIzNDU2Ny1vZi10aGUtdmF1bHQ=",
    "template": '"{{ plain_text }}"',
    "template of a vaulted one": '"{{ vaulted_text }}"',
    "template of a filter": '"{{ plain_text | string | trim }}"',
    "template in a text": '"ID-{{ digits }}-of-the-vault"',
}
# In an expression, as people write them into their tasks.
EXPRESSIONS = {
    "text": "plain_text",
    "vaulted": "vaulted_text",
    "native text": "plain_text | string",
    "template in a template": "templated_text",
    "markup": "plain_text | escape",
}
REFUSED = {
    "omit": ("omit", "is omit, and omit works"),
    "undefined": ("nope", "is undefined ('nope' is undefined)"),
    "undefined attribute": ("plain_mapping.nope", "is undefined (has no attribute 'nope')"),
    "undecryptable": ("undecryptable", "is vaulted and cannot be decrypted"),
    "function": ("range", "is a value that is no text, number, list or mapping"),
    "key that is no text": ("number_as_key", "is a key that is no text"),
}
IN_VARIABLES = {
    "omit": ('"{{ omit }}"', "is omit, and omit works"),
    "undecryptable": (vaulted(SECRET, "another password"), "is vaulted and cannot be decrypted"),
    "armour": (vaulted(SECRET).removeprefix("!vault "), "is the text of a vault"),
    "key that is no text": ("{1: x}", "is a key that is no text"),
    "key of a vault": (f"{{? {vaulted(SECRET)} : x}}", "is a key that is no text"),
    "nothing": ("null", "has no value|is nothing|must be text, not nothing|REGEX"),
}
LISTS = {
    "list": f"[{json.dumps(SECRET)}]",
    "tuple": f"({json.dumps(SECRET)},)",
    "generator": f"[{json.dumps(SECRET)}] | map('string')",
    "keys": f"{{{json.dumps(SECRET)}: 1}}.keys()",
    "values": f"{{'x': {json.dumps(SECRET)}}}.values()",
    "set": "a_set",
    "list of variables": "a_list",
}


def numbers(**fields):
    return {"spaces": [{"phone_numbers": [{"phone_number": NUMBER, **fields}]}]}


# A mark stands where the value is put. What the state compares it with is the text itself in FACTS.
MARK = "@@"
HOURS = {"call_hours": {"weekly_operating_hours": [{"day_of_week": MARK}]}}
PLACES = {
    "field": (numbers(verified_name=MARK), "spaces[0].phone_numbers[0].verified_name"),
    "field with a URL": (numbers(status_callback_url=MARK), "spaces[0].phone_numbers[0].status_callback_url"),
    "default": ({"defaults": {"verified_name": MARK}, **numbers()}, "defaults.verified_name"),
    "alternative": (numbers(verified_name=["x", MARK]), "spaces[0].phone_numbers[0].verified_name[1]"),
    "pattern": (numbers(verified_name={"matches": MARK}), "spaces[0].phone_numbers[0].verified_name.matches"),
    "pattern as alternative": (
        numbers(verified_name=["x", {"matches": MARK}]),
        "spaces[0].phone_numbers[0].verified_name[1].matches",
    ),
    "nested": (
        numbers(calling_configure={"calling": {"status": MARK}}),
        "spaces[0].phone_numbers[0].calling_configure.calling.status",
    ),
    "entry of a list": (
        numbers(calling_configure={"calling": HOURS}),
        "spaces[0].phone_numbers[0].calling_configure.calling.call_hours.weekly_operating_hours[0].day_of_week",
    ),
    "other": (numbers(other={"new": {"more": [MARK]}}), "spaces[0].phone_numbers[0].other.new.more[0]"),
    "phone number": (
        {"spaces": [{"phone_numbers": [{"phone_number": MARK}]}]},
        "spaces[0].phone_numbers[0].phone_number",
    ),
    "sub-customer": (
        {"spaces": [{"cust_space_id": MARK, "phone_numbers": []}, *numbers()["spaces"]]},
        "spaces[0].cust_space_id",
    ),
}
LISTED = ("field", "field with a URL", "default")


EMPTY = {"cust_space_id": SECRET, "phone_number_count": 0}


def facts(text):
    calling = {"status": text, "call_hours": {"weekly_operating_hours": [{"day_of_week": text}]}}
    number = {
        "phone_number": NUMBER,
        "verified_name": text,
        "status_callback_url": text,
        "calling_configure": {"calling": calling},
        "new": {"more": [text]},
    }
    queries = [{"cust_space_id": None, "phone_number_count": 1}]
    return {"queries": queries, "phone_numbers": [number], "failures": []}


def facts_for(place):
    """Return the name of facts that are in sync with the text in a place."""
    return "same_of_two" if place == "sub-customer" else "same"


def state(place, value):
    """Return a state, as YAML or as an expression, with a value in a place of it."""
    return json.dumps(PLACES[place][0]).replace(json.dumps(MARK), value)


class Core:
    """Collects expressions, has the running ansible-core evaluate all of them at once, and knows their values."""

    def __init__(self):
        self.variables = [
            f"plain_text: {TEXTS['text']}",
            f"vaulted_text: {TEXTS['vaulted']}",
            f"templated_text: {TEXTS['template']}",
            f"undecryptable: {vaulted(SECRET, 'another password')}",
            f"a_set: !!set {{{TEXTS['text']}}}",
            f"a_list: [{TEXTS['template']}]",
            f"digits: '{NUMBER}'",
            "plain_mapping: {x: 1}",
            "number_as_key: {1: x}",
            f"same: {json.dumps(facts(SECRET))}",
            f"same_of_two: {json.dumps({**facts(SECRET), 'queries': [*facts(SECRET)['queries'], EMPTY]})}",
            f"changed: {json.dumps(facts(OTHER))}",
        ]
        self.expressions = {}

    def drift(self, name, facts, state):
        self.expressions[name] = f"{facts} | alicloud.chatapp.phone_number_drift({state})"

    def drift_by_variable(self, name, facts, state):
        variable = f"state_{len(self.variables)}"
        self.variables.append(f"{variable}: {state}")
        self.drift(name, facts, variable)

    def values(self):
        given = {
            "collections": str(COLLECTIONS),
            "password": PASSWORD,
            "variables": "\n".join(self.variables),
            "expressions": list(self.expressions.values()),
        }
        run = subprocess.run(
            [sys.executable, PROCESS],
            input=json.dumps(given),
            env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "PYTHONPATH": str(COLLECTIONS)},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert run.returncode == 0, run.stderr
        assert SECRET not in run.stderr
        return dict(zip(self.expressions, json.loads(run.stdout)))


@pytest.fixture(scope="module")
def outcomes():
    core = Core()
    for place in PLACES:
        for kind, value in TEXTS.items():
            core.drift_by_variable(("text", place, kind), facts_for(place), state(place, value))
            core.drift_by_variable(("changed", place, kind), "changed", state(place, value))
        for kind, value in EXPRESSIONS.items():
            core.drift(("expression", place, kind), facts_for(place), state(place, value))
        for kind, (value, _why) in REFUSED.items():
            core.drift(("refused", place, kind), facts_for(place), state(place, value))
        for kind, (value, _why) in IN_VARIABLES.items():
            core.drift_by_variable(("refused variable", place, kind), facts_for(place), state(place, value))
    for place in LISTED:
        for kind, value in LISTS.items():
            core.drift(("list", place, kind), facts_for(place), state(place, value))
    made = json.dumps(facts(MARK)).replace(json.dumps(MARK), "%s").replace("null", "none")
    for kind, value in EXPRESSIONS.items():
        core.drift(("facts", kind), made.replace("%s", value), state("field", "plain_text"))
    for kind, (value, _why) in REFUSED.items():
        core.drift(("refused facts", kind), made.replace("%s", value), state("field", "plain_text"))
    core.expressions["snapshot of a vaulted text"] = (
        f"{made.replace('%s', 'vaulted_text')} | alicloud.chatapp.desired_from"
    )
    elsewhere = {"spaces": [{"phone_numbers": [{"phone_number": NUMBER, "verified_name": MARK, "up_queue": "x"}]}]}
    leaking = json.dumps(
        {**facts(SECRET), "phone_numbers": [{**facts(SECRET)["phone_numbers"][0], "up_queue": SECRET}]}
    )
    core.drift(
        "a vaulted text elsewhere",
        leaking.replace("null", "none"),
        json.dumps(elsewhere).replace(json.dumps(MARK), "vaulted_text"),
    )
    core.expressions["undefined fields"] = "same | alicloud.chatapp.desired_from(fields=[nope])"
    core.expressions["the test"] = f"same is alicloud.chatapp.in_sync_with({state('default', 'vaulted_text')})"
    core.expressions["a generator of results"] = (
        f"[same] | map('combine', {{}}) | alicloud.chatapp.phone_number_drift({state('field', 'plain_text')})"
    )
    return core.values()


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("place", PLACES)
def test_text_of_a_variable_is_text_in_every_place(outcomes, place, kind):
    assert outcomes["text", place, kind].get("status") == "in_sync", outcomes["text", place, kind]


@pytest.mark.parametrize("kind", EXPRESSIONS)
@pytest.mark.parametrize("place", PLACES)
def test_text_of_an_expression_is_text_in_every_place(outcomes, place, kind):
    assert outcomes["expression", place, kind].get("status") == "in_sync", outcomes["expression", place, kind]


@pytest.mark.parametrize("place", PLACES)
def test_vaulted_text_is_never_shown(outcomes, place):
    report = outcomes["changed", place, "vaulted"]
    assert report["status"] in ("drift", "error") or place == "phone number"
    shown = json.dumps(report)
    assert SECRET not in shown
    if place not in ("phone number", "sub-customer"):
        (row,) = (row for row in report["rows"] if row["kind"] == "differs")
        assert OTHER not in shown
        assert "(vaulted)" in json.dumps(row["desired"])
        assert "is vaulted, so that neither is shown" in row["message"]


@pytest.mark.parametrize("place", PLACES)
def test_other_text_is_shown(outcomes, place):
    shown = json.dumps(outcomes["changed", place, "text"])
    assert SECRET in shown


def test_vaulted_text_is_not_shown_where_it_is_not_desired(outcomes):
    report = outcomes["a vaulted text elsewhere"]
    assert [row["message"] for row in report["rows"]] == [
        "up_queue is not as desired; one of the two is vaulted, so that neither is shown"
    ]
    assert SECRET not in json.dumps(report)


def refusal(outcome):
    assert set(outcome) == {"error"}, outcome
    return re.sub(r"^[A-Za-z]*Error: (The filter plugin '.*?' failed: )?", "", outcome["error"])


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("place", PLACES)
def test_what_nobody_can_have_meant_is_refused_by_its_place(outcomes, place, kind):
    said = refusal(outcomes["refused", place, kind])
    assert said.startswith(PLACES[place][1])
    assert REFUSED[kind][1] in said
    assert SECRET not in said and "Traceback" not in said and "Ansible" not in said


@pytest.mark.parametrize("kind", IN_VARIABLES)
@pytest.mark.parametrize("place", PLACES)
def test_what_a_variable_cannot_mean_is_refused_by_its_place(outcomes, place, kind):
    said = refusal(outcomes["refused variable", place, kind])
    assert said.startswith(PLACES[place][1].removesuffix(".matches"))
    assert re.search(IN_VARIABLES[kind][1], said)
    assert SECRET not in said


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("place", LISTED)
def test_whatever_is_a_list_is_a_list(outcomes, place, kind):
    assert outcomes["list", place, kind].get("status") == "in_sync", outcomes["list", place, kind]


@pytest.mark.parametrize("kind", EXPRESSIONS)
def test_facts_of_any_text_are_facts(outcomes, kind):
    assert outcomes["facts", kind].get("status") == "in_sync", outcomes["facts", kind]


# Up to ansible-core 2.18 omit is a text, and among facts any text is one.
@pytest.mark.parametrize("kind", [kind for kind in REFUSED if kind != "omit"])
def test_facts_that_are_none_are_refused_by_their_place(outcomes, kind):
    said = refusal(outcomes["refused facts", kind])
    assert said.startswith("facts.phone_numbers[0].verified_name")
    assert REFUSED[kind][1] in said and SECRET not in said


def test_a_snapshot_shows_no_vaulted_text(outcomes):
    assert refusal(outcomes["snapshot of a vaulted text"]).startswith("The facts hold vaulted text")


def test_the_fields_of_a_snapshot_come_through_the_same_door(outcomes):
    assert refusal(outcomes["undefined fields"]) == "fields[0]: is undefined ('nope' is undefined)."


def test_the_test_comes_through_the_same_door(outcomes):
    assert outcomes["the test"] is True


def test_results_may_come_one_by_one(outcomes):
    assert outcomes["a generator of results"]["status"] == "in_sync"


@pytest.mark.full
def test_a_template_adds_little_to_the_comparison_of_many_numbers():
    """From ansible-core 2.19 on, a look at each value of lazy facts makes it 15 times as slow as the comparison."""
    script = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar
try:
    from ansible.template import trust_as_template
except ImportError:
    trust_as_template = str
init_plugin_loader([sys.argv[1]])
from ansible_collections.alicloud.chatapp.plugins.filter.phone_number_drift import phone_number_drift
fields = {"status": "CONNECTED", **{f"{n}_callback_url": "https://h/" for n in ("status", "up")}, "quality_rating": "GREEN"}
numbers = [{"phone_number": str(8613800000000 + n), **fields} for n in range(20000)]
facts = {"queries": [{"cust_space_id": None, "phone_number_count": len(numbers)}], "phone_numbers": numbers}
desired = {"spaces": [{"phone_numbers": [{"phone_number": n["phone_number"], "status": "CONNECTED"} for n in numbers]}]}
loader = DataLoader()
templar = Templar(loader, variables={"facts": facts, "desired": loader.load(trust_as_template(json.dumps(desired)))})
expression = trust_as_template("{{ (facts | alicloud.chatapp.phone_number_drift(desired)).status }}")
def cost(work):
    start = time.process_time()
    assert work() == "in_sync"
    return time.process_time() - start
plain = min(cost(lambda: phone_number_drift(facts, desired)["status"]) for _each in range(3))
print(min(cost(lambda: templar.template(expression)) for _each in range(3)) / plain)
"""
    run = subprocess.run(
        [sys.executable, "-c", script, str(COLLECTIONS)],
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert float(run.stdout) <= 8, run.stdout
