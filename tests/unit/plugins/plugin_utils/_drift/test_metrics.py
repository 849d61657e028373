# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts as metrics, read back by Prometheus' client and checked by its promtool."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.compare import drift
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.metrics import prometheus
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.scales import QUALITY_RATINGS, STATUSES
from hypothesis import given
from hypothesis import strategies as st
from made_reports import HOSTILE, report, row
from prometheus_client.parser import text_string_to_metric_families

NOW = 1_772_600_767.9
NUMBER = "8613800001234"


def result(*numbers, space=None):
    own = {} if space is None else {"cust_space_id": space}
    return {
        "phone_numbers": [{**number, **own} for number in numbers],
        "queries": [{"cust_space_id": space, "phone_number_count": len(numbers)}],
        "failures": [],
    }


def unread(space=None):
    return {
        "phone_numbers": [],
        "queries": [{"cust_space_id": space, "phone_number_count": None}],
        "failures": [{"cust_space_id": space, "code": "C", "message": "M"}],
    }


def number(phone_number=NUMBER, **facts):
    return {"phone_number": phone_number, "status": "CONNECTED", "quality_rating": "GREEN", **facts}


def samples(text):
    """Return the value of each sample by its metric and the set of its labels; none may be given twice."""
    found = {}
    for family in text_string_to_metric_families(text):
        assert (family.type, family.documentation.endswith(".")) == ("gauge", True)
        for sample in family.samples:
            assert sample.name == family.name and sample.timestamp is None
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found
            found[key] = sample.value
    return found


def values(text, metric):
    """Return the samples of one metric as pairs of labels and value."""
    return [(dict(labels), value) for (name, labels), value in samples(text).items() if name == f"chatapp_{metric}"]


def states(text, field):
    return {labels[field]: value for labels, value in values(text, f"phone_number_{field}")}


def test_every_line_of_a_small_account():
    facts = number(messaging_limit_tier="TIER_1K", is_official="N", status_callback_url="https://h/?x")
    lines = prometheus(result(facts), NOW).splitlines()
    assert [line for line in lines if not line.startswith("#") and not line.endswith(" 0")] == [
        (
            f'chatapp_phone_number_info{{cust_space_id="",phone_number="{NUMBER}",code_verification_status="",'
            'is_official="N",messaging_limit_tier="TIER_1K",name_status=""} 1'
        ),
        f'chatapp_phone_number_status{{cust_space_id="",phone_number="{NUMBER}",status="CONNECTED"}} 1',
        f'chatapp_phone_number_quality_rating{{cust_space_id="",phone_number="{NUMBER}",quality_rating="GREEN"}} 1',
        f'chatapp_phone_number_messaging_limit_tier{{cust_space_id="",phone_number="{NUMBER}"}} 1000',
        'chatapp_space_readable{cust_space_id=""} 1',
        "chatapp_last_success_timestamp_seconds 1772600767",
    ]
    assert "chatapp_unreadable_spaces 0" in lines


@pytest.mark.parametrize("field, known", [("status", STATUSES), ("quality_rating", QUALITY_RATINGS)])
def test_a_state_set_has_every_state_and_one_that_is_so(field, known):
    for state in (*known, "OF_TOMORROW"):
        found = states(prometheus(result(number(**{field: state})), NOW), field)
        assert found == {**dict.fromkeys(known, 0), state: 1}
    for nothing in (None, ""):
        assert states(prometheus(result(number(**{field: nothing})), NOW), field) == dict.fromkeys(known, 0)


def test_a_number_in_two_versions_has_both_states_and_no_sample_twice():
    text = prometheus(result(number(status="CONNECTED"), number(status="BANNED")), NOW)
    assert [state for state, value in states(text, "status").items() if value] == ["CONNECTED", "BANNED"]


@pytest.mark.parametrize(
    "tier, value", [("TIER_250", [250]), ("UNLIMITED", [float("inf")]), ("TIER_NOT_SET", []), (None, [])]
)
def test_the_messaging_limit_is_a_number_where_it_is_one(tier, value):
    text = prometheus(result(number(messaging_limit_tier=tier)), NOW)
    assert [found for _labels, found in values(text, "phone_number_messaging_limit_tier")] == value


def test_a_space_that_was_not_read_has_no_numbers_and_says_so():
    text = prometheus([result(number()), unread("cams-a")], NOW)
    assert values(text, "space_readable") == [({"cust_space_id": ""}, 1), ({"cust_space_id": "cams-a"}, 0)]
    assert values(text, "unreadable_spaces") == [({}, 1)]
    assert {labels["cust_space_id"] for labels, _value in values(text, "phone_number_info")} == {""}


@pytest.mark.parametrize(
    "results", [unread(), [result(number()), unread("cams-a")], [result(number()), {"skipped": True}], [], {}]
)
def test_the_time_of_the_last_success_stays_that_of_the_last_success(results):
    metric = "last_success_timestamp_seconds"
    assert values(prometheus(results, NOW), metric) == []
    for labels in (None, {"account": 'a "b"\n} 5'}):
        earlier = prometheus(result(number()), 1_700_000_000, labels=labels)
        [(own, value)] = values(prometheus(results, NOW, earlier=earlier, labels=labels), metric)
        assert (own, value) == (labels or {}, 1_700_000_000)
        [(own, value)] = values(prometheus(result(number()), NOW, earlier=earlier, labels=labels), metric)
        assert value == 1_772_600_767
    assert values(prometheus(results, NOW, earlier="half a fi"), metric) == []


def test_drift_is_counted_by_kind():
    facts = result(number(status="BANNED"), number("2"))
    desired = {"spaces": [{"phone_numbers": [{"phone_number": n, "status": "CONNECTED"} for n in (NUMBER, "3", "4")]}]}
    text = prometheus(facts, NOW, drift(facts, desired))
    assert {labels["kind"]: value for labels, value in values(text, "drift")} == {
        "differs": 1,
        "missing": 2,
        "unlisted": 1,
    }
    assert values(prometheus(facts, NOW), "drift") == []


def test_what_the_report_calls_unreadable_was_no_success():
    facts = result(number())
    desired = {"spaces": [{"phone_numbers": [{"phone_number": NUMBER}]}, {"cust_space_id": "x", "phone_numbers": []}]}
    text = prometheus(facts, NOW, drift(facts, desired))
    assert values(text, "unreadable_spaces") == [({}, 1)]
    assert values(text, "last_success_timestamp_seconds") == []


def test_no_name_and_no_url_is_a_label_unless_it_is_asked_for():
    facts = number(verified_name="Shop", up_callback_url="https://u:SECRET@h/x?SECRET", calling_configure={"a": [1]})
    text = prometheus(result(facts), NOW)
    assert "Shop" not in text and "https" not in text
    fields = ["verified_name", "up_callback_url", "calling_configure", "absent", "verified_name"]
    text = prometheus(result(facts), NOW, fields=fields)
    [(labels, _one)] = values(text, "phone_number_info")
    assert labels == {
        "cust_space_id": "",
        "phone_number": NUMBER,
        "verified_name": "Shop",
        "up_callback_url": "https://…@h/x?…",
        "calling_configure": '{"a": [1]}',
        "absent": "",
    }


def test_no_label_shows_what_came_out_of_a_vault():
    facts = number("correct-horse", status="correct-horse", verified_name="a correct-horse")
    text = prometheus(result(facts, space="Correct-Horse"), NOW, fields=["verified_name"], vaulted={"correct-horse"})
    assert "correct-horse" not in text.lower() and text.count("(vaulted)") > 3


def test_labels_of_ones_own_stand_at_every_sample():
    facts = [result(number(messaging_limit_tier="TIER_1K")), unread("cams-a")]
    made = drift(facts, {"spaces": [{"phone_numbers": []}]})
    text = prometheus(facts, NOW, made, prometheus(result(), 5, labels={"account": "shop"}), labels={"account": "shop"})
    assert len({name for name, _labels in samples(text)}) == 8
    assert all(dict(labels)["account"] == "shop" for _name, labels in samples(text))


@given(st.text(st.characters(exclude_categories=())), st.text(), st.text())
def test_reads_back_whatever_stands_in_a_label(space, status, name):
    facts = result(number(space, status=status, verified_name=name), space=space)
    text = prometheus(facts, NOW, fields=["verified_name"], labels={"account": name})
    text.encode("utf-8")
    samples(text)
    if "://" not in space + status + name and space.isprintable():
        [(labels, _one)] = values(text, "phone_number_info")
        assert (labels["verified_name"], labels["cust_space_id"]) == (name, space)
        assert states(text, "status").get(status, 0) == (status != "")


def test_no_sample_is_given_twice_where_two_names_are_shown_alike():
    spaces = [result(number(), space=f"https://h/?{end}") for end in "ab"]
    assert len(values(prometheus(spaces, NOW), "phone_number_info")) == 1
    assert "?a" not in prometheus(spaces, NOW)


def test_a_line_ends_each_family():
    text = prometheus([result(number()), unread("x")], NOW)
    assert text.endswith("\n") and "\n\n" not in text


@pytest.mark.parametrize(
    "hostile", [HOSTILE, "\\", 'a="b"', "\n", "\r", "\\n", "{", "}", "# HELP x y", "\N{LINE SEPARATOR}", "\x85", "\x00"]
)
def test_promtool_accepts_whatever_stands_in_a_label(promtool, hostile):
    facts = [
        result(number(hostile, status=hostile, verified_name=hostile, messaging_limit_tier="TIER_1K"), space=hostile),
        result(number()),
    ]
    text = prometheus(facts, NOW, report(status="in_sync") | {"summary": SUMMARY}, fields=["verified_name"])
    checked(promtool, text)


SUMMARY = {"differs": 1, "missing": 0, "unlisted": 2, "unreadable": 0}


def test_promtool_finds_nothing_to_better(promtool):
    facts = [result(number(messaging_limit_tier="UNLIMITED")), unread("cams-a")]
    made = drift(facts, {"spaces": [{"phone_numbers": []}]})
    checked(promtool, prometheus(facts, NOW, made, prometheus(result(), 5), labels={"account": "shop"}))


def checked(promtool, text):
    command = [promtool, "check", "metrics"]
    done = subprocess.run(command, input=text.encode("utf-8"), capture_output=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def test_promtool_refuses_what_is_wrong(promtool):
    with pytest.raises(AssertionError):
        checked(promtool, prometheus(result(number()), NOW).replace("# HELP chatapp_space_readable", "# chatapp"))


def scraped(node_exporter, folder):
    """Return the metrics, ours and its own, that node_exporter makes of the files in a folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    options = ["--collector.disable-defaults", "--collector.textfile", f"--collector.textfile.directory={folder}"]
    command = [node_exporter, f"--web.listen-address={address}", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _try in range(100):
                try:
                    with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as answer:
                        return answer.read().decode("utf-8")
                except urllib.error.HTTPError as error:
                    return error.read().decode("utf-8")
                except OSError:
                    time.sleep(0.1)
        finally:
            process.kill()
    raise AssertionError("It did not start.")


def ours(page):
    """Return our samples of a page; an empty label and none are the same to Prometheus."""
    return {
        (sample.name, frozenset((label, value) for label, value in sample.labels.items() if value)): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name.startswith("chatapp_")
    }


def test_the_textfile_collector_reads_what_we_wrote(node_exporter, tmp_path):
    facts = [result(number(HOSTILE.replace("\x00", ""), messaging_limit_tier="UNLIMITED")), unread("cams-a")]
    made = drift(facts, {"spaces": [{"phone_numbers": []}]})
    files = {
        name: prometheus(facts, NOW, made, prometheus(result(), 5), labels={"account": name}) for name in ("a", "b")
    }
    for name, text in files.items():
        (tmp_path / f"{name}.prom").write_text(text, encoding="utf-8")
    page = scraped(node_exporter, tmp_path)
    assert re.search(r"^node_textfile_scrape_error 0$", page, re.MULTILINE)
    assert ours(page) == ours(files["a"]) | ours(files["b"])
    assert len(ours(page)) == len(ours(files["a"])) * 2


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"labels": ["account"]}, "labels: must be a mapping"),
        ({"labels": {"status": "x"}}, "labels: 'status' cannot be a label"),
        ({"labels": {"__name__": "x"}}, "labels: '__name__' cannot be a label"),
        ({"labels": {"a-b": "x"}}, "labels: 'a-b' cannot be a label"),
        ({"labels": {"a\n": "x"}}, r"labels: 'a\\n' cannot be a label"),
        ({"labels": {5: "x"}}, "labels: 5 cannot be a label"),
        ({"fields": "status"}, "fields: must be a list"),
        ({"fields": ["phone_number"]}, "fields: 'phone_number' cannot be a label"),
        ({"fields": ["a b"]}, "fields: 'a b' cannot be a label"),
        ({"fields": [None]}, "fields: absent cannot be a label"),
        ({"fields": ["is_official"], "labels": {"is_official": "x"}}, "fields: 'is_official' cannot be a label"),
        ({"report": {"rows": []}}, "The report must be"),
        ({"report": report(row())}, "report: must be what the filter alicloud.chatapp.phone_number_drift"),
        ({"earlier": None}, "earlier: must be text"),
        ({"results": 5}, "The facts must be"),
    ],
)
def test_refuses_what_cannot_be_meant(arguments, message):
    with pytest.raises(DriftInputError, match=f"^{message}"):
        prometheus(**{"results": result(), "now": NOW, **arguments})


@pytest.mark.full
def test_a_hundred_thousand_numbers_take_three_seconds_at_most():
    facts = result(
        *(
            number(str(8613800000000 + i), quality_rating=QUALITY_RATINGS[i % 4], messaging_limit_tier="TIER_1K")
            for i in range(100_000)
        )
    )
    best = float("inf")
    for _attempt in range(3):
        start = time.process_time()
        text = prometheus(facts, NOW)
        best = min(best, time.process_time() - start)
    assert text.count("\nchatapp_phone_number_info{") == 100_000
    # What measures coverage takes its time of every line.
    assert best <= (3 if sys.gettrace() is None else 12)


def test_the_words_about_each_metric_and_no_limit_as_prometheus_spells_it():
    facts = [result(number(messaging_limit_tier="TIER_UNLIMITED", verified_name={1, 2})), unread("cams-b")]
    drifted = {**report(row()), "summary": dict.fromkeys(("differs", "missing", "unlisted", "unreadable"), 0)}
    text = prometheus(facts, NOW, drifted, "chatapp_last_success_timestamp_seconds 5\n", labels={"a": "b", "c": "d"})
    assert dict(re.findall(r"# HELP chatapp_(\w+) (.*)", text)) == {
        "phone_number_info": "A phone number and what is known of it, always 1.",
        "phone_number_status": "1 for the status that a phone number has.",
        "phone_number_quality_rating": "1 for the quality rating that a phone number has.",
        "phone_number_messaging_limit_tier": "How many customers may be written to in a day; +Inf for no limit.",
        "space_readable": "1 for a sub-customer that was read, else 0.",
        "drift": "Phone numbers that are not as desired.",
        "unreadable_spaces": "Sub-customers that could not be read.",
        "last_success_timestamp_seconds": "When everything was read the last time.",
    }
    [tier] = [line for line in text.splitlines() if line.startswith("chatapp_phone_number_messaging_limit_tier{")]
    assert (
        tier
        == f'chatapp_phone_number_messaging_limit_tier{{a="b",c="d",cust_space_id="",phone_number="{NUMBER}"}} +Inf'
    )
    assert 'chatapp_unreadable_spaces{a="b",c="d"} 1' in text.splitlines()


def test_without_a_number_there_is_no_word_about_numbers():
    text = prometheus([result()], NOW)
    assert "phone_number" not in text
    assert text.splitlines()[-1] == f"chatapp_last_success_timestamp_seconds {int(NOW)}"


def test_a_label_of_a_url_shows_no_secret():
    text = prometheus(result(number(up_callback_url="https://h/in?t=SECRET")), NOW, fields=["up_callback_url"])
    assert 'up_callback_url="https://h/in?…"' in text
