# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door: what comes out of it is plain, whatever goes in, and what cannot be meant is refused by its place."""

# A subclass is what must not pass here, so that types are compared.
# pylint: disable=unidiomatic-typecheck,invalid-str-returned

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import types

import pytest
from ansible.errors import AnsibleError, AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.alicloud.chatapp.plugins.plugin_utils import _plain
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import Vaulted
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._plain import plain, plain_facts, plain_state
from jinja2 import StrictUndefined, Undefined, UndefinedError
from markupsafe import Markup


class Text(str):
    """Lies about itself, as AnsibleUnsafeText does."""

    def __str__(self):
        return self

    def __repr__(self):
        raise AssertionError("looked at")


class Number(int):
    pass


class Fraction(float):
    pass


class Kind(enum.IntEnum):
    ONE = 1


class Lazy(dict):
    def __getitem__(self, key):
        value = super().__getitem__(key)
        return value() if callable(value) else value


def of_plain_types(value):
    if type(value) is dict:
        return all(type(key) is str and of_plain_types(item) for key, item in value.items())
    if type(value) is list:
        return all(map(of_plain_types, value))
    return type(value) in (str, int, float, bool, type(None))


@pytest.mark.parametrize(
    "value, expected",
    [
        (None, None),
        (True, True),
        (5, 5),
        (1.5, 1.5),
        ("x", "x"),
        (Text("x"), "x"),
        (Markup("<x>"), "<x>"),
        (wrap_var("{{ x }}"), "{{ x }}"),
        (wrap_var({"a": ["b"]}), {"a": ["b"]}),
        (Number(5), 5),
        (Fraction(1.5), 1.5),
        (Kind.ONE, 1),
        (b"caf\xc3\xa9", "café"),
        (bytearray(b"x"), "x"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (datetime.datetime(2026, 1, 2, 3, 4, 5), "2026-01-02 03:04:05"),
        (datetime.time(9, 30), "09:30:00"),
        ({Text("a"): Text("b")}, {"a": "b"}),
        (collections.OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (types.MappingProxyType({"a": {"b": 1}}), {"a": {"b": 1}}),
        (Lazy(a=lambda: ["x"]), {"a": ["x"]}),
        (("a", ["b"]), ["a", ["b"]]),
        ({"b", "a"}, ["a", "b"]),
        (frozenset({2}), [2]),
        (collections.deque("ab"), ["a", "b"]),
        (range(2), [0, 1]),
        ({"a": 1}.keys(), ["a"]),
        ({"a": 1}.values(), [1]),
        ({"a": 1}.items(), [["a", 1]]),
    ],
)
def test_becomes_plain(value, expected):
    result = plain({"in": [value]}, "thing")
    assert result == {"in": [expected]}
    assert of_plain_types(result)


def test_what_can_be_read_only_once_becomes_plain():
    assert plain({"in": [(x for x in "ab"), map(str, [1])]}, "thing") == {"in": [["a", "b"], ["1"]]}


def test_what_is_plain_stays_as_it_is():
    value = {"a": [{"b": "c", "d": None}]}
    assert plain(value, "thing") == value
    assert plain(value, "thing")["a"][0] is value["a"][0]


def holding_itself():
    value = {}
    value["a"] = [value]
    return value


@pytest.mark.parametrize(
    "value, said",
    [
        (Undefined(name="x"), "is undefined."),
        (StrictUndefined(name="x"), "is undefined ('x' is undefined)."),
        (StrictUndefined(hint="{'secret': 'SECRET'}: 'x.y' is undefined. 'x.y' is undefined"), "('x.y' is undefined)."),
        (StrictUndefined(hint="SECRET"), "is undefined."),
        ({1: "x"}, "(a whole number): is a key that is no text; put it in quotes."),
        ({None: "x"}, "(nothing): is a key that is no text; put it in quotes."),
        ({("a", "b"): "x"}, "(a value that is no text, number, list or mapping): is a key that is no text"),
        (b"\xff", "is bytes that are no text in UTF-8."),
        (1j, "is a value that is no text, number, list or mapping."),
        (decimal.Decimal(1), "is a value that is no text, number, list or mapping."),
        (datetime.timedelta(1), "is a value that is no text, number, list or mapping."),
        (object(), "is a value that is no text, number, list or mapping."),
        (len, "is a value that is no text, number, list or mapping."),
        (int, "is a value that is no text, number, list or mapping."),
        (holding_itself(), "has more than 200 levels, or holds itself."),
    ],
)
def test_what_nobody_can_have_meant_is_refused_by_its_place(value, said):
    with pytest.raises(DriftInputError) as raised:
        plain({"in\x1b": [0, value]}, "thing")
    assert str(raised.value).startswith(r"thing.in\x1b[1]")
    assert str(raised.value).endswith(said) or said in str(raised.value)
    assert "SECRET" not in str(raised.value)
    with pytest.raises(DriftInputError, match=r"^The thing: |^thing\."):
        plain(value, "thing")


def test_an_undefined_value_that_a_generator_meets_is_refused_by_its_place():
    values = ({"x": 1}, StrictUndefined(name="nope"))
    with pytest.raises(DriftInputError, match=r"^thing\[1\]: is undefined \('nope' is undefined\)\.$"):
        plain((value["x"] for value in values), "thing")


def test_an_undefined_value_that_a_look_at_an_item_meets_is_refused_by_its_place():
    def look():
        raise UndefinedError("'nope' is undefined")

    with pytest.raises(DriftInputError, match=r"^thing\.a\.b: is undefined \('nope' is undefined\)\.$"):
        plain({"a": Lazy(b=look)}, "thing")


def test_the_place_in_a_state_begins_with_the_state():
    for value, place in (
        (StrictUndefined(), "The desired state"),
        ({"spaces": [StrictUndefined()]}, "spaces[0]"),
        ([{"spaces": len}], "[0].spaces"),
    ):
        with pytest.raises(DriftInputError) as raised:
            plain_state(value)
        assert str(raised.value).startswith(f"{place}: is ")


def test_of_facts_only_what_is_read_is_looked_at():
    secret = {"item": object(), "account": object(), "invocation": object(), "msg": "x"}
    facts = {"results": ({**secret, "results": [secret]} for _each in "a"), "item": object()}
    assert plain_facts(facts).value == {"results": [{"results": [{"msg": "x"}], "msg": "x"}]}
    numbers = {"phone_numbers": [{"item": 1, "phone_number": Text("1")}], "queries": ({"status": None},)}
    assert plain_facts([numbers]).value == [
        {"phone_numbers": [{"item": 1, "phone_number": "1"}], "queries": [{"status": None}]}
    ]
    for value in (None, 5, "text", holding_itself()):
        assert of_plain_types(plain_facts(value).value) or isinstance(value, dict)


@pytest.mark.parametrize("text", ["__omit_place_holder__0", "$ANSIBLE_VAULT;1.1;AES256\n00"])
def test_texts_that_stand_for_something_else_are_refused_in_a_state_alone(text):
    for value in (text, {"spaces": [text]}, {"spaces": [{"a": text}]}):
        with pytest.raises(DriftInputError, match="omit works|write !vault before it"):
            plain_state(value)
    facts = {"phone_numbers": [{"verified_name": text}]}
    assert plain_facts(facts).value == facts
    assert plain_state({"a": "_x", "b": "$x", "c": ""}).value == {"a": "_x", "b": "$x", "c": ""}


class Encrypted:
    """A value out of a vault as up to ansible-core 2.18; with no password the text is that of the vault."""

    __ENCRYPTED__ = True

    def __init__(self, text):
        self.text = text

    def __str__(self):
        if isinstance(self.text, Exception):
            raise self.text
        return self.text


class NotEncrypted:
    __ENCRYPTED__ = None


CANNOT = "is vaulted and cannot be decrypted; give the password of its vault."


def test_what_is_out_of_a_vault_is_its_text_and_known_as_such():
    facts = {"phone_numbers": [{"verified_name": Encrypted("secret")}, {"verified_name": Text("open")}]}
    assert plain_facts(facts) == (
        {"phone_numbers": [{"verified_name": "secret"}, {"verified_name": "open"}]},
        {"secret"},
    )
    value, vaulted = plain_state({"spaces": [Encrypted("secret"), "open"]})
    assert ([type(it) for it in value["spaces"]], value["spaces"], vaulted) == (
        [Vaulted, str],
        ["secret", "open"],
        {"secret"},
    )
    assert type(plain([Encrypted("x")], "thing")[0]) is str
    assert plain_facts(Encrypted("secret")).value == "secret"


@pytest.mark.parametrize("text", ["$ANSIBLE_VAULT;1.1;AES256\n00", AnsibleError("no"), UnicodeError("no")])
def test_what_cannot_be_decrypted_is_refused_by_its_place(text):
    with pytest.raises(DriftInputError) as raised:
        plain({"a": [Encrypted(text)]}, "thing")
    assert str(raised.value) == f"thing.a[0]: {CANNOT}"


@pytest.mark.parametrize("key", [Encrypted("secret")])
def test_a_vaulted_key_is_refused_and_not_shown(key):
    with pytest.raises(DriftInputError) as raised:
        plain({key: 1}, "thing")
    assert str(raised.value) == "thing.(vaulted): is a key that is no text; put it in quotes."


def test_what_only_looks_like_out_of_a_vault_is_not():
    with pytest.raises(DriftInputError, match="is a value that is no text, number, list or mapping"):
        plain([NotEncrypted()], "thing")


def test_the_places_of_facts_begin_with_facts():
    with pytest.raises(DriftInputError, match=r"^facts\[0\]\.phone_numbers: is undefined"):
        plain_facts([{"phone_numbers": StrictUndefined()}])
    with pytest.raises(DriftInputError, match=r"^The facts: is undefined"):
        plain_facts(StrictUndefined())


def test_what_is_in_no_order_is_put_in_one():
    assert plain({3, "b", 10, "a"}, "thing") == ["a", "b", 10, 3]


def in_list(value):
    return [value]


def in_dict(value):
    return {"a": value}


def in_both(value):
    return {"a": value} if isinstance(value, list) else [value]


def nested(levels, value="x", around=in_list):
    for _level in range(levels):
        value = around(value)
    return value


def test_as_many_levels_as_may_be_and_not_one_more():
    assert plain({"a": (nested(198),)}, "thing")["a"] == [nested(198)]
    for value in (nested(202), {"a": nested(202)}):
        with pytest.raises(DriftInputError, match="has more than 200 levels"):
            plain(value, "thing")
    results = {"results": [{"results": [{"results": [{"item": 1, "msg": "x"}]}]}]}
    assert plain_facts(results).value == {"results": [{"results": [{"results": [{"msg": "x"}]}]}]}


@pytest.fixture(name="six_deep")
def fixture_six_deep(monkeypatch):
    """The outermost counts as 0, and the deepest that may be as 5."""
    monkeypatch.setattr(_plain, "DEEPEST", 5)


@pytest.mark.usefixtures("six_deep")
@pytest.mark.parametrize("around", [in_list, in_dict, in_both])
@pytest.mark.parametrize(
    "door", [lambda value: plain(value, "thing"), lambda value: plain_state(value).value], ids=["plain", "state"]
)
def test_how_deep_a_value_may_be(around, door):
    assert door(nested(6, 0, around)) == nested(6, 0, around)
    with pytest.raises(DriftInputError, match=r": has more than 5 levels, or holds itself\.$"):
        door(nested(7, 0, around))


@pytest.mark.usefixtures("six_deep")
def test_how_deep_facts_are_picked():
    def results(levels):
        return nested(levels, {"item": "secret", "msg": "x"}, lambda value: {"results": [value]})

    assert plain_facts([results(2)]).value == [{"results": [{"results": [{"msg": "x"}]}]}]
    with pytest.raises(DriftInputError, match="has more than 5 levels, or holds itself"):
        plain_facts([results(3)])
    loop = {"results": []}
    loop["results"].append(loop)
    with pytest.raises(DriftInputError, match="has more than 5 levels, or holds itself"):
        plain_facts(loop)


tagged = pytest.mark.skipif(_plain.EncryptedString is None, reason="ansible-core tags nothing up to 2.18")


@tagged
class TestTags:
    """What ansible-core hands over from 2.19 on."""

    def test_text_with_the_tag_of_a_vault_is_known_as_such(self):
        text = _plain.VaultedValue(ciphertext="$ANSIBLE_VAULT;1.1;AES256\n00").tag("secret")
        assert plain_facts({"phone_numbers": [{"verified_name": text}]}).vaulted == {"secret"}
        assert plain_facts({"phone_numbers": [{"verified_name": wrap_var("open")}]}).vaulted == set()
        value, vaulted = plain_state([text])
        assert (value, type(value[0]), vaulted) == (["secret"], Vaulted, {"secret"})

    def test_a_key_with_the_tag_of_a_vault_is_refused_and_not_shown(self):
        key = _plain.VaultedValue(ciphertext="$ANSIBLE_VAULT;1.1;AES256\n00").tag("secret")
        with pytest.raises(DriftInputError) as raised:
            plain({key: 1}, "thing")
        assert str(raised.value) == "thing.(vaulted): is a key that is no text; put it in quotes."

    def test_what_is_decrypted_as_it_is_looked_at_is_known_as_such(self, monkeypatch):
        monkeypatch.setattr(_plain.EncryptedString, "__str__", lambda _self: "secret")
        text = _plain.EncryptedString(ciphertext="$ANSIBLE_VAULT;1.1;AES256\n00")
        assert plain_facts({"msg": text}) == ({"msg": "secret"}, {"secret"})


class _LazyValue:
    """The wrapper of ansible-core, from 2.19 on, around what nobody has looked at yet."""

    def __init__(self, value):
        self.value = value


class LazyMapping(dict):
    def __init__(self, **items):
        super().__init__({key: _LazyValue(value) for key, value in items.items()})
        self.looked = []

    def __getitem__(self, key):
        self.looked.append(key)
        return "looked at"


class LazyList(list):
    def __init__(self, *items):
        super().__init__(_LazyValue(value) for value in items)
        self.looked = []

    def __getitem__(self, index):
        self.looked.append(index)
        return "looked at"


class _AnsibleLazyMapping(dict):
    pass


FINAL = [
    None,
    True,
    5,
    1.5,
    "{{ of no template }}",
    Text("x"),
    Number(5),
    {"a": "{"},
    {"a": [Text("x"), {"b": Text("y")}], "c": 1},
    [1, "x", Text("y")],
]
NOT_FINAL = [
    Text("{{ x }}"),
    Text("#jinja2:x"),
    {"a": 1, "b": Text("{")},
    {"a": {"b": [Text("{")]}},
    [1, [Text("#jinja2: x")]],
    _AnsibleLazyMapping(),
    {"a": _AnsibleLazyMapping()},
    object(),
    {"a": object()},
    b"x",
]


@pytest.mark.usefixtures("six_deep")
@pytest.mark.parametrize("around", [in_list, in_dict])
def test_how_deep_a_value_is_looked_into_before_it_is_taken_out(around):
    assert _plain._is_final(nested(6, Text("x"), around))
    assert not _plain._is_final(nested(7, Text("x"), around))
    loop = []
    loop.append(around(loop))
    assert not _plain._is_final(loop)


@pytest.mark.parametrize("value", FINAL)
def test_what_a_look_would_not_change_is_taken_out_of_its_wrapper(value):
    mapping, items = LazyMapping(a=value), LazyList("first", value)
    expected = plain([value], "thing")[0]
    assert plain([mapping], "thing") == [{"a": expected}]
    assert plain({"in": items}, "thing") == {"in": ["first", expected]}
    assert plain_facts({"msg": value, "results": items}).value["msg"] == expected
    assert mapping.looked == items.looked == []
    facts = LazyMapping(msg=value)
    assert plain_facts(facts).value == {"msg": expected}
    assert facts.looked == []


@pytest.mark.parametrize("value", NOT_FINAL)
def test_what_a_look_may_change_is_looked_at(value):
    mapping, items = LazyMapping(a=value, b="x"), LazyList("first", value)
    assert plain([mapping], "thing") == [{"a": "looked at", "b": "x"}]
    assert plain({"in": items}, "thing") == {"in": ["first", "looked at"]}
    assert (mapping.looked, items.looked) == (["a"], [1])
    facts = LazyMapping(msg=value)
    assert plain_facts(facts).value == {"msg": "looked at"}


def test_what_has_too_many_levels_is_looked_at():
    test_what_a_look_may_change_is_looked_at(nested(202))


def test_a_filter_refuses_with_an_error_of_ansibles():
    @_plain.plugin
    def made(value, more=1):
        """Say so."""
        if value:
            raise DriftInputError("no")
        return more

    assert (made.__name__, made.__doc__) == ("made", "Say so.")
    assert (made(0), made(0, more=5)) == (1, 5)
    with pytest.raises(AnsibleFilterError, match="^no$"):
        made(1)


def test_an_omit_from_ansible_core_2_19_on_is_refused_as_one():
    omit = type("_OmitType", (), {})()
    with pytest.raises(DriftInputError) as raised:
        plain([omit], "thing")
    assert str(raised.value) == (
        "thing[0]: is omit, and omit works for a whole option of a task only; leave the key out."
    )


def test_levels_are_counted_one_by_one():
    # What is in the innermost is no level of its own.
    for value in (nested(201), {"a": nested(200)}, {"a": {"b": nested(199)}}):
        assert plain(value, "thing") == value
    for value in (nested(202), {"a": nested(201)}, {"a": {"b": nested(200)}}):
        with pytest.raises(DriftInputError) as raised:
            plain(value, "thing")
        assert str(raised.value).endswith(": has more than 200 levels, or holds itself.")


def test_the_text_of_a_vault_in_a_state_is_refused_with_what_to_write():
    with pytest.raises(DriftInputError) as raised:
        plain_state(["$ANSIBLE_VAULT;1.1;AES256\n00"])
    assert str(raised.value) == ("[0]: is the text of a vault; write !vault before it, so that Ansible decrypts it.")
