# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path

import pytest
from simulator import signature

VECTORS = json.loads((Path(__file__).parent / "data" / "signature_vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_every_step_of_the_published_vectors(vector):
    authorization = signature.parse_authorization(vector["authorization"])
    canonical = signature.canonical_request(
        vector["method"],
        vector["path"],
        vector["canonical_query"],
        vector["headers"],
        authorization.signed_headers,
        b"",
    )

    assert authorization.access_key_id == vector["access_key_id"]
    assert ";".join(authorization.signed_headers) == vector["signed_headers"]
    assert canonical == vector["canonical_request"]
    assert signature.string_to_sign(canonical) == vector["string_to_sign"]
    assert signature.sign(vector["access_key_secret"], vector["string_to_sign"]) == vector["signature"]


@pytest.mark.parametrize(
    ("wire", "canonical"),
    [
        ("", ""),
        ("b=2&a=1", "a=1&b=2"),
        ("Status=", "Status="),
        ("Status", "Status="),
        ("a=x+y", "a=x%2By"),
        ("a=x%20y", "a=x%20y"),
        ("a=*", "a=%2A"),
        ("a=%2a", "a=%2A"),
        ("a%2B=1", "a%2B=1"),
        ("a=%7E", "a=~"),
        ("a=%C3%A9", "a=%C3%A9"),
        ("a=\u00c3\u00a9", "a=%C3%83%C2%A9"),
        ("a=1=2", "a=1%3D2"),
        ("a-b=1&a=2", "a=2&a-b=1"),
    ],
)
def test_canonical_query(wire, canonical):
    assert signature.canonical_query(wire) == canonical


GOOD = "ACS3-HMAC-SHA256 Credential=k,SignedHeaders=host;x-acs-date,Signature=" + "0" * 64


@pytest.mark.parametrize(
    "value",
    [
        "",
        GOOD.replace("ACS3-HMAC-SHA256", "ACS3-HMAC-SM3"),
        GOOD.replace(",", ", "),
        GOOD.replace("Credential=k,", ""),
        GOOD.replace("=k,", "=,"),
        GOOD.replace("host", "Host"),
        GOOD[:-1],
        GOOD[:-1] + "F",
        GOOD + "0",
        GOOD + "\n",
    ],
)
def test_an_authorization_of_another_form_is_none(value):
    assert signature.parse_authorization(GOOD)
    assert signature.parse_authorization(value) is None
