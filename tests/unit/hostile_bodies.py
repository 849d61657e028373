# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies of HTTP 200 as a service should not send them, and what becomes of each: one table."""

from __future__ import annotations

import json

from published_answer import FACTS, SAMPLE

ANSWER = {
    "RequestId": "R-1",
    "Code": "OK",
    "Message": "SUCCESS",
    "PhoneNumbers": [SAMPLE],
    "AccessDeniedDetail": "None",
}
BODY = json.dumps(ANSWER).encode()


def with_value(raw):
    """The answer with a further field of this raw JSON in its number."""
    return BODY.replace(b'{"UpQueue"', b'{"New": ' + raw + b', "UpQueue"')


def nested(depth):
    """An answer whose lists are so deep."""
    return b'{"Code": "OK", "New": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def read(raw, value):
    return with_value(raw), [{"new": value, **FACTS}]


def numbers(value):
    return json.dumps({**ANSWER, "PhoneNumbers": value}).encode()


# What the message says.
REFUSED = {
    "empty body": (b"", "is not JSON"),
    "HTML": (b"<html>Sign in</html>", "is not JSON"),
    "cut": (BODY[:-1], "is not JSON"),
    "two answers": (BODY + b"{}", "is not JSON"),
    "Latin-1": (with_value('"é"'.encode("latin-1")), "is not JSON"),
    "UTF-16": (BODY.decode().encode("utf-16"), "is not JSON"),
    "raw surrogate": (with_value(b'"\xed\xa0\x80"'), "is not JSON"),
    "raw newline": (with_value(b'"a\nb"'), "is not JSON"),
    "raw escape": (with_value(b'"\x1b[2J"'), "is not JSON"),
    "NaN": (with_value(b"NaN"), "is not JSON"),
    "Infinity": (with_value(b"-Infinity"), "is not JSON"),
    "beyond a float": (with_value(b"1e999"), "is not JSON"),
    "integer of 5000 digits": (with_value(b"7" * 5000), "is not JSON"),
    "depth 100000": (nested(100_000), "nested deeper than 64 levels"),
    "depth 900": (nested(900), "nested deeper than 64 levels"),
    "depth 65": (nested(65), "nested deeper than 64 levels"),
    "list": (b"[" + BODY + b"]", "not a JSON object"),
    "null": (b"null", "not a JSON object"),
    "text": (b'"OK"', "not a JSON object"),
    "Code missing": (BODY.replace(b'"Code"', b'"code"'), "has no Code"),
    "Code twice": (BODY.replace(b"{", b'{"Code": "OK", ', 1).replace(b'"OK", "Message', b'null, "Message'), "has no Code"),
    "numbers in an object": (numbers({"PhoneNumber": [SAMPLE]}), "is not a list of objects"),
    "numbers that are text": (numbers(["8613800001234"]), "is not a list of objects"),
}  # fmt: skip

# The facts.
READ = {
    "byte-order mark": (b"\xef\xbb\xbf" + BODY, [FACTS]),
    "white space around": (b" \n" + BODY + b"\r\n", [FACTS]),
    "PhoneNumbers null": (numbers(None), []),
    "PhoneNumbers missing": (b'{"Code": "OK"}', []),
    "depth 64": (nested(64), []),
    "10,000 numbers": (
        numbers([{"PhoneNumber": str(number)} for number in range(10_000)]),
        [{"phone_number": str(number)} for number in range(10_000)],
    ),
    "duplicate keys": read(b'1, "New": 2', 2),
    "lone surrogate": read(b'"\\ud800"', "\ufffd"),
    "surrogate that ends nothing": read(b'"a\\uDFFFb"', "a\ufffdb"),
    "pair and lone surrogate": read(b'"\\ud83d\\ude00 \\ud83d"', "\U0001f600 \ufffd"),
    "surrogates all over": read(b'["\\udc00", {"\\ud800": "\\ud800"}]', ["\ufffd", {"\ufffd": "\ufffd"}]),
    "no surrogate": read(b'"\\\\ud800"', "\\ud800"),
    "template": read(b"\"{{ lookup('pipe', 'id') }}\"", "{{ lookup('pipe', 'id') }}"),
    "control characters": read(b'"\\u001b[2J\\u0007\\u0000"', "\x1b[2J\x07\x00"),
    "facts of the host": read(b'{"ansible_facts": {"X": 1}}', {"ansible_facts": {"x": 1}}),
    "integer beyond 64 bits": read(b"12345678901234567890", 12345678901234567890),
    "integer of 4300 digits": read(b"7" * 4300, int("7" * 4300)),
    "fraction": read(b"0.1", 0.1),
    "nothing": read(b"null", None),
}
