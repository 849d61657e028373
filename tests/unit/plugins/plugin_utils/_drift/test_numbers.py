# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phone numbers as people write them, beside those that the service has."""

from __future__ import annotations

import pytest
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.compare import drift
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.numbers import counterparts
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import Vaulted
from test_compare import result, want


@pytest.mark.parametrize(
    "desired, found, said",
    [
        ("4402079460000", "442079460000", "leave out the zero after the country code (a trunk zero"),
        ("3901234567", "391234567", "leave out the zero after the country code (a trunk zero"),
        ("391234567", "3901234567", "this number keeps the zero after its country code; write it"),
        ("00442079460000", "442079460000", "leave out the 00 before the country code"),
        ("011442079460000", "442079460000", "leave out the 011 before the country code"),
        ("004402079460000", "442079460000", "leave out the 00 before the country code, and leave out the zero after"),
        ("0919876543210", "919876543210", "leave out the zero before the country code"),
        ("5215512345678", "525512345678", "whether a 1 stands after 52 differs from service to service"),
        ("525512345678", "5215512345678", "whether a 1 stands after 52 differs from service to service"),
        ("541123456789", "5491123456789", "whether a 9 stands after 54 differs from service to service"),
        ("5551980201045", "555180201045", "whether a 9 stands after 5551 differs from service to service"),
        ("555180201045", "5551980201045", "whether a 9 stands after 5551 differs from service to service"),
        ("02079460000", "442079460000", "write it with its country code"),
        ("2079460000", "442079460000", "write it with its country code"),
        ("4515810232", "41512345670", "put it in quotes, since YAML reads a number that begins with 0 as octal"),
        (
            str(0o7712345670),
            "447712345670",
            "reads a number that begins with 0 as octal; write it with its country code",
        ),
    ],
)
def test_a_number_written_in_another_way_is_found(desired, found, said):
    others = ["999123456", found, "8613800001234"]
    ((missing, instead, advice),) = counterparts([desired, "15551234"], others)
    assert (missing, instead) == (desired, found)
    assert said in advice


@pytest.mark.parametrize(
    "desired, found",
    [
        ("442079460001", "442079460000"),
        ("12345", "4412345"),  # too short to be the end of a number
        ("2079460000", "1234442079460000"),
        ("442079460000", "4420790460000"),  # a zero inside of the number
        ("8613800001234", "8613800005678"),
        ("5315512345678", "535512345678"),  # that 1 is of Mexico alone
        ("5251512345678", "525512345678"),
    ],
)
def test_another_number_is_another_number(desired, found):
    assert list(counterparts([desired], [found])) == []


def test_the_finding_says_what_to_write():
    report = drift(
        result({"phone_number": "442079460000"}, {"phone_number": "41512345670"}),
        {"spaces": [want({"phone_number": "+44 (0)20 7946 0000"}, {"phone_number": 0o41512345670})]},
    )
    trunk = "leave out the zero after the country code (a trunk zero, dialled within the country only)"
    octal = "put it in quotes, since YAML reads a number that begins with 0 as octal"
    assert [row["message"] for row in report["rows"]] == [
        f"is desired, but was not found; 442079460000 was: {trunk}",
        f"is desired, but was not found; 41512345670 was: {octal}",
        f"was found, but is not desired; 4515810232 is, and may be the same: {octal}",
        f"was found, but is not desired; +44 (0)20 7946 0000 is, and may be the same: {trunk}",
    ]
    assert (report["summary"]["missing"], report["summary"]["unlisted"]) == (2, 2)


def test_a_vaulted_number_is_not_shown_by_its_counterpart():
    number = Vaulted("+44 (0)20 7946 0000")
    report = drift(
        result({"phone_number": "442079460000"}), {"spaces": [want({"phone_number": number})]}, {number.plain}
    )
    assert [row["phone_number"] for row in report["rows"]] == ["(vaulted: spaces[0].phone_numbers[0])", "442079460000"]
    assert "442079460000" not in report["rows"][0]["message"]
