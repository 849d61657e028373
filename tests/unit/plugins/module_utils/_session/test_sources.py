# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the official package is told and what is made of its errors, by a stand-in that notes what it is told.

Whether the real one takes it so is tested in processes of their own, beside this file.
"""

from __future__ import annotations

import json
import logging
import math
import os
import sys
import types
from typing import NamedTuple

import pytest
from ansible.module_utils.basic import missing_required_lib
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import CredentialsError, OptionError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session import profiles, sources
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.credentials import Credentials

KEY = {"access_key_id": "LTAIOfTheProfile", "access_key_secret": "secret-of-the-profile"}


class Provider(NamedTuple):
    """One of the package's: its name and what it was made of. It gives a key called after itself."""

    name: str
    given: dict

    def get_credentials(self):
        return profiles.Key(f"LTAI-{self.name}", "secret-of-a-source", None)


class Package:
    """The providers of the package."""

    def __getattr__(self, name):
        return lambda **given: Provider(name, given)


@pytest.fixture(name="write")
def fixture_write(tmp_path, monkeypatch):
    """Write the profiles of the command line tool."""
    monkeypatch.setenv("HOME", str(tmp_path))

    def write(**by_name):
        path = tmp_path / ".aliyun" / "config.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"profiles": [{"name": name, **fields} for name, fields in by_name.items()]}))
        return path

    return write


def parts_of(key):
    return key.get_access_key_id(), key.get_access_key_secret(), key.get_security_token(), key.get_expiration()


def test_a_key_is_a_provider_as_the_package_has_them(write):
    write(x={"mode": "AK", **KEY}, y={"mode": "StsToken", "sts_token": "token-of-the-profile", **KEY})
    key = profiles.cli_provider("x", None)
    assert key.get_provider_name() == "profile"
    assert key.get_credentials() is key
    assert parts_of(key) == (*KEY.values(), None, math.inf)
    assert parts_of(profiles.cli_provider("y", None)) == (*KEY.values(), "token-of-the-profile", math.inf)


def test_a_role_by_its_fields_without_those_that_are_empty(write):
    role = {
        "ram_role_arn": "acs:ram::1:role/x",
        "ram_session_name": "session",
        "expired_seconds": 900,
        "policy": "",
        "sts_region": None,
        "external_id": "external",
    }
    write(x={"mode": "RamRoleArn", **KEY, **role})
    name, given = profiles.cli_provider("x", Package)
    assert name == "RamRoleArnCredentialsProvider"
    assert parts_of(given.pop("credentials_provider")) == (*KEY.values(), None, math.inf)
    assert given == {
        "role_arn": "acs:ram::1:role/x",
        "role_session_name": "session",
        "duration_seconds": 900,
        "external_id": "external",
    }


def test_a_role_that_another_profile_asks_for(write):
    write(
        x={"mode": "ChainableRamRoleArn", "ram_role_arn": "x", "source_profile": "y"},
        y={"mode": "EcsRamRole", "ram_role_name": "of the instance"},
    )
    assert profiles.cli_provider("x", Package) == (
        "RamRoleArnCredentialsProvider",
        {
            "role_arn": "x",
            "credentials_provider": ("EcsRamRoleCredentialsProvider", {"role_name": "of the instance"}),
        },
    )


def test_profiles_that_lead_back_to_themselves(write):
    chained = {"mode": "ChainableRamRoleArn", "ram_role_arn": "x"}
    write(x={**chained, "source_profile": "y"}, y={**chained, "source_profile": "x"})
    with pytest.raises(profiles.Unusable, match=r"^its source_profile leads back to itself$"):
        profiles.cli_provider("x", Package)


def test_the_ini_file_is_read_by_the_package(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "x.ini").write_text("")
    assert profiles.ini_provider("~/x.ini", "section", Package) == (
        "ProfileCredentialsProvider",
        {"profile_file": str(tmp_path / "x.ini"), "profile_name": "section"},
    )
    with pytest.raises(profiles.Unusable, match=r"^it is not there$"):
        profiles.ini_provider("~/y.ini", "section", Package)


class SignedIn:
    """The package's provider for a mode that only it knows: it gives a key, or fails."""

    def __init__(self, token=None, error=None):
        self.token, self.error, self.asked = token, error, []

    def CLIProfileCredentialsProvider(self, profile_name):  # noqa: N802 - the package calls it so
        self.asked.append(profile_name)
        return self

    def get_credentials(self):
        if self.error:
            raise self.error
        return profiles.Key("LTAIOfTheSignIn", "secret-of-the-sign-in", self.token)


@pytest.mark.parametrize(
    ("token", "end", "known"),
    [
        ("token", 1234.5, 1234.5),
        ("token", 1234, 1234),
        ("token", "1234", 0),
        ("token", None, 0),
        (None, 1234, math.inf),
        ("", 1234, math.inf),
    ],
)
def test_a_session_that_the_package_keeps_ends_when_the_file_says(write, token, end, known):
    write(x={"mode": "OAuth", "sts_expiration": end})
    package = SignedIn(token)
    provider = profiles.cli_provider("x", lambda: package)
    assert package.asked == ["x"]
    assert parts_of(provider.get_credentials()) == ("LTAIOfTheSignIn", "secret-of-the-sign-in", token or None, known)


@pytest.mark.parametrize("said", ["http_code: 403", "status code=401", "refused, http_code=400 of it"])
def test_a_sign_in_that_has_ended_is_said_to_be_so(write, said):
    write(x={"mode": "OAuth"})
    provider = profiles.cli_provider("x", lambda: SignedIn(error=RuntimeError(f"sekret {said} sekret")))
    with pytest.raises(profiles.Unusable) as ended:
        provider.get_credentials()
    assert str(ended.value) == "its sign-in has ended; sign in again with the command line tool"
    assert ended.value.__suppress_context__


@pytest.mark.parametrize("said", ["http_code: 503", "status code", "HTTP 403"])
def test_any_other_failure_of_a_sign_in_is_the_package_s(write, said):
    write(x={"mode": "OAuth"})
    error = RuntimeError(said)
    with pytest.raises(RuntimeError) as failed:
        profiles.cli_provider("x", lambda: SignedIn(error=error)).get_credentials()
    assert failed.value is error


def test_which_places_ask_which_provider(monkeypatch):
    for name in (*sources.OIDC_VARIABLES, "ALIBABA_CLOUD_CREDENTIALS_URI"):
        monkeypatch.setenv(name, "given")
    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "")
    monkeypatch.setattr(sources, "official_package", Package)
    found = {source.place: source.open for source in sources.sources(None)}
    assert {
        place: found[place]()().access_key_id
        for place in (
            "the environment's OIDC token",
            "the instance's metadata",
            "the URL in ALIBABA_CLOUD_CREDENTIALS_URI",
        )
    } == {
        "the environment's OIDC token": "LTAI-OIDCRoleArnCredentialsProvider",
        "the instance's metadata": "LTAI-EcsRamRoleCredentialsProvider",
        "the URL in ALIBABA_CLOUD_CREDENTIALS_URI": "LTAI-URLCredentialsProvider",
    }


@pytest.mark.parametrize(
    ("token", "end", "known"),
    [
        ("token-of-a-source", 1234, 1234.0),
        ("token-of-a-source", 0.5, 0.5),
        ("token-of-a-source", 0, None),
        ("token-of-a-source", -1, None),
        ("token-of-a-source", None, None),
        ("token-of-a-source", "1234", None),
        (None, 1234, math.inf),
    ],
)
def test_the_end_of_what_a_provider_gives(token, end, known):
    found = sources._asking(profiles.Key("LTAIOfASource", "secret-of-a-source", token, end))()
    assert vars(found) == vars(Credentials("LTAIOfASource", "secret-of-a-source", token, known))


class Imported(types.ModuleType):
    """The package as it is imported: it looks at the environment just then."""

    def __init__(self, seen):
        super().__init__("alibabacloud_credentials")
        self._seen = seen

    def __getattr__(self, name):
        if name == "provider":
            self._seen.update(os.environ)
            return "the providers"
        raise AttributeError(name)


@pytest.fixture(name="quiet")
def fixture_quiet():
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("quiet")
def test_the_package_sees_no_half_pair_and_nothing_empty_while_it_is_imported(monkeypatch):
    seen = {}
    monkeypatch.setitem(sys.modules, "alibabacloud_credentials", Imported(seen))
    hidden = ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN")
    for name in hidden:
        monkeypatch.setenv(f"ALIBABA_CLOUD_{name}", "of the environment")
    monkeypatch.setenv("ALIBABA_CLOUD_ROLE_SESSION_NAME", "")
    monkeypatch.setenv("ALIBABA_CLOUD_ROLE_ARN", "role")
    monkeypatch.setenv("OTHERS_EMPTY", "")
    before = dict(os.environ)
    assert sources.official_package() == "the providers"
    assert logging.root.manager.disable == logging.CRITICAL
    assert dict(os.environ) == before
    gone = {f"ALIBABA_CLOUD_{name}" for name in (*hidden, "ROLE_SESSION_NAME")}
    assert seen == {name: value for name, value in before.items() if name not in gone}


@pytest.mark.usefixtures("quiet")
def test_the_package_that_is_missing_is_named_with_what_it_is_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "alibabacloud_credentials", None)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "half")
    with pytest.raises(CredentialsError) as missing:
        sources.official_package()
    assert os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"] == "half"
    named = missing_required_lib(
        "alibabacloud-credentials 1.0 or newer", reason="for roles and other sources of credentials than a pair"
    )
    assert missing.value.facts() == {
        "code": "NoCredentials",
        "message": f"No key pair is at hand. {named}",
        "request_id": None,
        "http_status": None,
        "remedy": (
            "Set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET in the environment of the module,"
            " or set up one of the other sources for the user that the module runs as."
        ),
    }


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (profiles.Unusable("it is not there"), "it is not there"),
        (OptionError("access_key_id holds a blank."), "its access_key_id holds a blank"),
        (OptionError("security_token is too short; give 8."), "its security_token is too short"),
        (OptionError("...it ends in dots..."), "its ...it ends in dots"),
        (
            RuntimeError("failed to execute external command: exit status 3: sekret"),
            "its command ended with exit status 3",
        ),
        (RuntimeError("failed to execute external command: exit status -9"), "its command ended with exit status -9"),
        (RuntimeError("command process timed out"), "its command did not end in time"),
        (RuntimeError("failed to execute external command: sekret"), "its command cannot be started"),
        (RuntimeError("failed to parse external command output: sekret"), "its command printed no JSON"),
        (RuntimeError("invalid credential response: sekret"), "its command gave no whole key"),
        (RuntimeError("invalid StsToken credential response"), "its command gave no whole key"),
        (RuntimeError("failed to get credential from credentials file"), "it has no such section"),
        (RuntimeError("the access key id is empty"), "half of its pair is missing"),
        (RuntimeError("session duration of 1"), "its duration is shorter than 900 s"),
        (
            RuntimeError("unsupported profile mode x"),
            "its mode is not known to the alibabacloud-credentials installed here",
        ),
        (RuntimeError("sekret\nhttp_code=403 sekret"), "the answer was HTTP 403"),
        (
            RuntimeError('status code: 404 {"Code": "NoPermission.Sts", "Message": "sekret"}'),
            "the answer was HTTP 404, NoPermission.Sts",
        ),
        (RuntimeError('command process timed out "Code": "NoPermission"'), "its command did not end in time"),
        (OSError(13, "Permission denied", "sekret"), "permission denied"),
        (OSError("sekret"), "failed with OSError"),
        (ValueError("sekret"), "failed with ValueError"),
    ],
)
def test_why_a_place_gave_none(error, reason):
    assert sources.reason_of(error) == reason
