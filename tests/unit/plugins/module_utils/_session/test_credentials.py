# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key pairs of the options and of the environment, and which source comes before which."""

from __future__ import annotations

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session import credentials
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.provider import provider
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.redaction import Redactor
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.sources import sources

PAIR = {"access_key_id": "LTAIOfTheOptions", "access_key_secret": "secret-of-the-options"}
OFFICIAL = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIOfficial", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "official-secret"}
TERRAFORM = {"ALICLOUD_ACCESS_KEY": "LTAITerraform", "ALICLOUD_SECRET_KEY": "terraform-secret"}


def found(options: dict, environment: dict, monkeypatch: pytest.MonkeyPatch) -> list:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    params = {**dict.fromkeys(("access_key_id", "access_key_secret", "security_token", "profile")), **options}
    return provider(params, Redactor())().secrets()


@pytest.mark.parametrize(
    ("options", "environment", "expected"),
    [
        (PAIR, OFFICIAL, ["LTAIOfTheOptions", "secret-of-the-options", None]),
        ({**PAIR, "security_token": "token-of-it"}, {}, ["LTAIOfTheOptions", "secret-of-the-options", "token-of-it"]),
        (PAIR, {"ALIBABA_CLOUD_SECURITY_TOKEN": "of-another-key"}, ["LTAIOfTheOptions", "secret-of-the-options", None]),
        (PAIR, {"ALIBABA_CLOUD_PROFILE": "named"}, ["LTAIOfTheOptions", "secret-of-the-options", None]),
        ({}, {**OFFICIAL, **TERRAFORM}, ["LTAIOfficial", "official-secret", None]),
        ({}, {**OFFICIAL, "ALIBABA_CLOUD_PROFILE": "named"}, ["LTAIOfficial", "official-secret", None]),
        ({}, {**OFFICIAL, "ALICLOUD_SECURITY_TOKEN": "of-the-other"}, ["LTAIOfficial", "official-secret", None]),
        (
            {},
            {**OFFICIAL, "ALIBABA_CLOUD_SECURITY_TOKEN": "its-token"},
            ["LTAIOfficial", "official-secret", "its-token"],
        ),
        ({}, TERRAFORM, ["LTAITerraform", "terraform-secret", None]),
        (
            {},
            {**TERRAFORM, "ALICLOUD_ACCESS_KEY_ID": "LTAILonger", "ALICLOUD_SECRET_ACCESS_KEY": "longer-secret"},
            ["LTAILonger", "longer-secret", None],
        ),
        ({}, {**TERRAFORM, **dict.fromkeys(OFFICIAL, "")}, ["LTAITerraform", "terraform-secret", None]),
        (
            {},
            {**TERRAFORM, "ALICLOUD_ACCESS_KEY_ID": "", "ALICLOUD_SECRET_ACCESS_KEY": ""},
            ["LTAITerraform", "terraform-secret", None],
        ),
        ({}, {**TERRAFORM, "ALICLOUD_ACCESS_KEY_ID": "LTAITerraform"}, ["LTAITerraform", "terraform-secret", None]),
        (
            {},
            {"ALICLOUD_ACCESS_KEY_ID": "LTAITerraform", "ALICLOUD_SECRET_KEY": "terraform-secret"},
            ["LTAITerraform", "terraform-secret", None],
        ),
        ({}, {**OFFICIAL, "ALICLOUD_ACCESS_KEY": "LTAIHalfBehind"}, ["LTAIOfficial", "official-secret", None]),
        ({**dict.fromkeys(PAIR, "")}, OFFICIAL, ["LTAIOfficial", "official-secret", None]),
        ({}, {**OFFICIAL, "ALIBABA_CLOUD_SECURITY_TOKEN": ""}, ["LTAIOfficial", "official-secret", None]),
    ],
)
def test_the_first_complete_pair_counts(options, environment, expected, monkeypatch):
    assert found(options, environment, monkeypatch) == expected


@pytest.mark.parametrize(
    ("options", "environment", "sentence"),
    [
        ({"access_key_id": "LTAIOfTheOptions"}, {}, "access_key_id is given without access_key_secret"),
        ({"access_key_id": "LTAIOfTheOptions"}, OFFICIAL, "halves are never completed from the environment"),
        ({"access_key_secret": "secret-of-the-options"}, OFFICIAL, "access_key_secret is given without access_key_id"),
        ({"access_key_id": "LTAIOfTheOptions", "profile": "named"}, {}, "access_key_id is given without"),
        ({"security_token": "token-of-nothing"}, OFFICIAL, "security_token is given without access_key_id"),
        ({**PAIR, "profile": "named"}, {}, "profile and access_key_id are both given; leave one of them out"),
        (
            {},
            {"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIOfficial", "ALICLOUD_SECRET_KEY": "terraform-secret"},
            "ALIBABA_CLOUD_ACCESS_KEY_ID is set, and ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set; set both, or neither.",
        ),
        (
            {},
            {"ALICLOUD_SECRET_KEY": "terraform-secret"},
            "ALICLOUD_SECRET_KEY is set, and ALICLOUD_ACCESS_KEY is not set;",
        ),
        ({}, {**OFFICIAL, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "e"}, "ALIBABA_CLOUD_ACCESS_KEY_SECRET is shorter than 8"),
        (
            {},
            {**OFFICIAL, "ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI\r\nX-Injected: 1"},
            "ALIBABA_CLOUD_ACCESS_KEY_ID holds a line break; remove it",
        ),
        (
            {},
            {**OFFICIAL, "ALIBABA_CLOUD_ACCESS_KEY_ID": "\ufeffLTAIOfficial"},
            "holds a byte-order mark; save the file",
        ),
        ({}, {**OFFICIAL, "ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI Official"}, "a blank or a character outside ASCII"),
        *(
            ({}, {**others, **half}, words)
            for others in (TERRAFORM, {})
            for half, words in (
                ({"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIHalfOfAPair"}, "ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set;"),
                (
                    {"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIHalfOfAPair", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ""},
                    "ALIBABA_CLOUD_ACCESS_KEY_ID is set, and ALIBABA_CLOUD_ACCESS_KEY_SECRET is empty;",
                ),
                (
                    {"ALIBABA_CLOUD_ACCESS_KEY_ID": "", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "half-of-a-pair"},
                    "ALIBABA_CLOUD_ACCESS_KEY_SECRET is set, and ALIBABA_CLOUD_ACCESS_KEY_ID is empty;",
                ),
                (
                    {"ALICLOUD_ACCESS_KEY_ID": "LTAIHalfOfAPair", "ALICLOUD_SECRET_ACCESS_KEY": ""},
                    "ALICLOUD_ACCESS_KEY_ID is set, and ALICLOUD_SECRET_ACCESS_KEY is empty;",
                ),
                (
                    {"ALIBABA_CLOUD_SECURITY_TOKEN": "token-of-nothing"},
                    (
                        "ALIBABA_CLOUD_SECURITY_TOKEN is set without ALIBABA_CLOUD_ACCESS_KEY_ID and"
                        " ALIBABA_CLOUD_ACCESS_KEY_SECRET; set all three, or none."
                    ),
                ),
            )
        ),
        ({}, {**TERRAFORM, "ALICLOUD_ACCESS_KEY_ID": "LTAIOfAnother"}, "ALICLOUD_SECRET_ACCESS_KEY is not set;"),
        (
            {},
            {**OFFICIAL, "ALIBABA_CLOUD_SECURITY_TOKEN": "token\nX-Injected: 1"},
            "ALIBABA_CLOUD_SECURITY_TOKEN holds a line break",
        ),
        ({}, {"ALICLOUD_PROFILE": "named\nX"}, "ALICLOUD_PROFILE holds a control character"),
    ],
)
def test_what_is_half_twofold_or_broken_is_refused_in_a_sentence(options, environment, sentence, monkeypatch):
    with pytest.raises(OptionError) as refused:
        found(options, environment, monkeypatch)
    assert sentence in refused.value.message
    for value in (*options.values(), *environment.values()):
        assert len(value) < 8 or value in ("named", *environment) or value not in refused.value.message


def test_credentials_never_show_themselves():
    shown = credentials.Credentials("LTAIOfTheOptions", "secret-of-the-options", "token-of-it")
    assert "of-the-options" not in f"{shown!r} {shown} {[shown]}"


def test_every_variable_of_a_pair_counts_as_a_secret(monkeypatch):
    names = {name for pairs, token in credentials.FAMILIES for pair in pairs for name in (*pair, token)}
    assert len(names) == 8
    for name in names:
        monkeypatch.setenv(name, f"value of {name}")
    assert sorted(credentials.environment_secrets()) == sorted(f"value of {name}" for name in names)


@pytest.mark.parametrize(
    ("disabled", "profile", "asked"), [("", None, True), ("true", None, False), ("", "named", False)]
)
def test_the_instance_s_metadata_is_asked_unless_something_forbids_it(monkeypatch, disabled, profile, asked):
    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", disabled)
    assert ("the instance's metadata" in [source.place for source in sources(profile)]) is asked


def test_credentials_do_not_show_themselves():
    params = {**dict.fromkeys(("access_key_id", "access_key_secret", "security_token", "profile")), **PAIR}
    assert repr(provider(params, Redactor())()) == "Credentials(********)"
