# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from signed_requests import Line, Signed, ask, signed
from simulator.testing import KEY_ID, KEY_SECRET, Simulator, account

TOKEN = "CAISTokenOfTheTests+/="


@pytest.fixture(scope="module")
def simulator():
    keys = [{"id": KEY_ID, "secret": KEY_SECRET, "security_token": TOKEN}]
    with Simulator({"accounts": [account(keys=keys)]}, "--qps", "unlimited") as running:
        yield running


def whole() -> Signed:
    """A request with something in each of its parts."""
    parameters = {"CustSpaceId": "", "IsvCode": "a*b c~é&=/+", "Status": "CONNECTED"}
    return signed(parameters, token=TOKEN, body=b'{"a": 1}', user_agent="tests/1.0 (any)")


def tampered(request: Signed):
    """The request in bytes with one byte of its signed parts changed, for each of them, two ways."""
    data = request.as_bytes()
    start = request.start_line()
    spots = list(range(len(start) - len(" HTTP/1.1")))
    spots.remove(len(request.method))
    place = len(start) + 2
    for name, value in request.headers.items():
        spots += range(place, place + len(name))
        spots += range(place + len(name) + 2, place + len(name) + 2 + len(value))
        place += len(name) + 2 + len(value) + 2
    spots += range(len(data) - len(request.body), len(data))
    for spot in spots:
        for other in (data[spot] ^ 1, ord("7") if data[spot] != ord("7") else ord("8")):
            yield spot, data[:spot] + bytes([other]) + data[spot + 1 :]


def test_no_byte_of_what_was_signed_can_be_changed(simulator):
    request = whole()
    attempts = 0
    accepted = []
    for spot, data in tampered(request):
        with Line(simulator.url) as line:
            line.send(data)
            if line.receive().status == 200:
                accepted.append((spot, data))
        attempts += 1

    assert accepted == []
    assert attempts > 2 * len(request.headers["authorization"] + request.query)
    # The same request, untouched, is a good one: nothing but the changes was refused.
    assert ask(simulator.url, request).body["PhoneNumbers"]
