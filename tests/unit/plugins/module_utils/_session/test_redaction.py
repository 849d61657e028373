# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret comes through, whatever it is wrapped in; what holds none comes through untouched."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.redaction import MASK, Redactor
from hypothesis import given
from hypothesis import strategies as st

ENCODINGS = {
    "raw": lambda text: text,
    "percent": lambda text: quote(text, safe=""),
    "percent, lower case": lambda text: quote(text, safe="").lower(),
    "percent, slash kept": quote,
    "percent, as browsers do": lambda text: quote(text, safe="!~*'()"),
    "percent, of a form": quote_plus,
    "percent, twice": lambda text: quote(quote(text, safe=""), safe=""),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON, not ASCII only": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON, slash escaped": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON, in a URL": lambda text: quote(json.dumps(text)[1:-1], safe=""),
}
SECRETS = st.text(st.characters(min_codepoint=32, blacklist_categories=("Cs", "Cc")), min_size=8, max_size=40)
TEXTS = st.text(max_size=30)


def redactor(*secrets: str) -> Redactor:
    made = Redactor()
    made.add(secrets)
    return made


@given(secret=SECRETS, before=TEXTS, after=TEXTS)
def test_no_encoding_of_a_secret_comes_through(secret, before, after):
    redacting = redactor(secret)
    for name, encode in ENCODINGS.items():
        shown = redacting.clean(before + encode(secret) + after)
        assert MASK in shown, name
        assert encode(secret) not in shown.replace(MASK, "\0"), name


@given(secret=SECRETS, before=st.binary(max_size=10), after=st.binary(max_size=10), url=st.booleans())
def test_base64_of_a_text_around_a_secret_cannot_be_decoded_to_it(secret, before, after, url):
    encode = base64.urlsafe_b64encode if url else base64.b64encode
    text = encode(before + secret.encode() + after).decode()
    assert MASK in redactor(secret).clean(text)


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
def test_every_encoding_is_masked_from_its_first_to_its_last_character(encode):
    secret = '"pä ss/w+ö&d~"'
    assert redactor(secret).clean(f"<{encode(secret)}>") == "<********>"


BASE64 = {
    "plain": str,
    "of a URL": lambda text: text.replace("+", "-").replace("/", "_"),
    "percent-encoded": lambda text: quote(text, safe=""),
}


@pytest.mark.parametrize("encode", BASE64.values(), ids=BASE64)
@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
@pytest.mark.parametrize("secret", ["abcd", "a-secretW", "???>>>", "???>>>?", "???>>>?>"])
def test_of_base64_every_character_that_is_the_secrets_alone_is_masked(encode, before, secret):
    """A character holds six bits."""
    text = base64.b64encode(f"{before}{secret}xyz".encode()).decode()
    first, end = -(-len(before) * 8 // 6), (len(before) + len(secret)) * 8 // 6
    assert redactor(secret).clean(encode(text)) == f"{encode(text[:first])}{MASK}{encode(text[end:])}"


@given(secret=st.text(st.sampled_from("abcXYZ019+/=-_"), min_size=8), before=TEXTS, after=TEXTS)
def test_the_case_does_not_matter(secret, before, after):
    assert MASK in redactor(secret).clean(before + secret.upper() + after)
    assert MASK in redactor(secret).clean(before + secret.lower() + after)


@given(text=st.text(st.sampled_from("abc XYZ"), max_size=200))
def test_a_text_without_a_secret_is_untouched(text):
    assert redactor("a-secret-with-digits-1").clean(text) == text


def test_a_secret_within_another_hides_neither():
    shown = redactor("LTAIshort", "LTAIshort-and-longer").clean("LTAIshort-and-longer, LTAIshort")
    assert shown == f"{MASK}, {MASK}"


def test_lists_and_dicts_are_looked_through():
    given_ = {"in a key a-long-secret": ["a-long-secret", {"deep": "harmless"}, 7, None, True]}
    assert redactor("a-long-secret").clean(given_) == {f"in a key {MASK}": [MASK, {"deep": "harmless"}, 7, None, True]}


def test_what_is_no_secret_or_too_short_for_one_masks_nothing():
    assert redactor(None, "", "e", "the").clean("the sentence") == "the sentence"
    assert redactor("word").clean("a word") == f"a {MASK}"


def test_secrets_learnt_later_are_masked_too():
    made = redactor("first-secret")
    made.add(["second-secret"])
    assert made.clean("first-secret, second-secret") == f"{MASK}, {MASK}"


def test_a_secret_of_a_damaged_environment_is_masked():
    assert redactor("not-\udcffutf-8").clean("it is not-\udcffutf-8") == f"it is {MASK}"


def test_special_case_rules_of_letters_open_no_gap():
    """The lower case of some letters depends on their neighbours, of others it is longer."""
    for secret in ("ΟΔΥΣΣΕΑΣ-ΣΑΣ", "straße-und-ﬁx", "İstanbul-İzmir"):
        for shown in (secret, secret.upper()):
            assert redactor(secret).clean(f"Αß{shown}Α") == f"Αß{MASK}Α"
