# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official package's sources, real, against files and loopback services; the metadata service is never asked."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import in_process
import pytest
from credential_services import KEY_SECRET, serving, trusted_authority

pytestmark = [] if in_process.WANTED else pytest.mark.long

CALLER = Path(__file__).with_name("credentials_caller.py")
PAIR = {"access_key_id": "LTAIOfTheProfile", "access_key_secret": KEY_SECRET}
SESSION = ("STS.NOfTheSession", "secret-of-the-session", "token-of-the-session")
ROLE = {"ram_role_arn": "acs:ram::1:role/reader", "ram_session_name": "test", "expired_seconds": 3600}
STS_HOSTS = ("sts.aliyuncs.com", "sts.cn-hangzhou.aliyuncs.com")


class Caller:
    """Runs credentials_caller.py with a home of its own and nothing on standard error."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "PYTHONWARNINGS": "ignore",
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
            # A caller is measured like every process of the tests.
            **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")},
        }

    def write(self, path: str, content: str) -> str:
        file = self.home / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(content)
        return str(file)

    def cli_profiles(self, *profiles: dict) -> None:
        """Write the command line tool's configuration file; its current profile is the first."""
        content = {"current": profiles[0]["name"], "profiles": list(profiles)}
        self.write(".aliyun/config.json", json.dumps(content))

    def prepend_path(self, folder: Path) -> None:
        self.environment["PYTHONPATH"] = os.pathsep.join((str(folder), self.environment["PYTHONPATH"]))

    def start(self, *arguments: str, **options: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, str(CALLER), *arguments],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        # A test that waits for a line must not wait for ever.
        deadline = threading.Timer(30, process.kill)
        deadline.daemon = True
        deadline.start()
        process.stdin.write(json.dumps(options))
        process.stdin.close()
        return process

    def ask(self, **options: str) -> dict:
        # What is put before the packages on the path counts as Python starts.
        if in_process.WANTED and self.environment["PYTHONPATH"] == os.environ.get("PYTHONPATH", ""):
            return self._ask_here(options)
        with self.start(**options) as process:
            said, complaints = process.stdout.read(), process.stderr.read()
        assert complaints == ""
        return json.loads(said)

    def _ask_here(self, options: dict) -> dict:
        for name in [name for name in sys.modules if name.startswith("alibabacloud_credentials")]:
            del sys.modules[name]
        said, complaints = in_process.InProcess([str(CALLER)], json.dumps(options), self.environment).communicate()
        assert complaints == ""
        return json.loads(said)


@pytest.fixture(name="caller")
def fixture_caller(tmp_path):
    return Caller(tmp_path)


@pytest.fixture(name="sts")
def fixture_sts(caller, tmp_path):
    """The STS, as the package reaches it through the proxy of its environment."""
    context = trusted_authority(tmp_path / "shims", *STS_HOSTS)
    caller.prepend_path(tmp_path / "shims")
    with serving([SESSION], certificates=context) as service:
        caller.environment["HTTPS_PROXY"] = service.url
        yield service


def test_a_pair_neither_needs_nor_imports_the_package(caller):
    assert caller.ask(**PAIR)["package"] is False
    caller.environment.update(
        ALICLOUD_ACCESS_KEY="LTAIOfTheEnvironment", ALICLOUD_SECRET_KEY="secret-of-the-environment"
    )
    assert caller.ask() == {
        "credentials": ["LTAIOfTheEnvironment", "secret-of-the-environment", None],
        "masked": ["LTAIOfTheEnvironment", "secret-of-the-environment"],
        "expiration": math.inf,
        "package": False,
    }


def test_a_profile_with_a_key_and_one_with_a_token(caller):
    caller.cli_profiles(
        {"name": "first", "mode": "AK", **PAIR},
        {"name": "second", "mode": "StsToken", **PAIR, "sts_token": "token-of-the-profile"},
    )
    assert caller.ask(profile="first")["credentials"] == [*PAIR.values(), None]
    second = caller.ask(profile="second")
    assert second["credentials"] == [*PAIR.values(), "token-of-the-profile"]
    assert second["masked"] == ["********"] * 3
    assert caller.ask()["credentials"] == [*PAIR.values(), None]


@pytest.mark.parametrize("variable", ["ALIBABA_CLOUD_PROFILE", "ALICLOUD_PROFILE"])
def test_the_environment_names_a_profile(caller, variable):
    caller.cli_profiles(
        {"name": "first", "mode": "AK", **PAIR}, {"name": "named", "mode": "AK", **PAIR, "access_key_id": "LTAINamed"}
    )
    caller.environment[variable] = "named"
    assert caller.ask()["credentials"][0] == "LTAINamed"
    assert caller.ask(profile="first")["credentials"][0] == "LTAIOfTheProfile"


def test_a_profile_option_comes_before_the_pair_of_the_environment(caller):
    caller.cli_profiles({"name": "first", "mode": "AK", **PAIR})
    caller.environment.update(ALIBABA_CLOUD_ACCESS_KEY_ID="LTAIOther", ALIBABA_CLOUD_ACCESS_KEY_SECRET="other-secret")
    assert caller.ask(profile="first")["credentials"] == [*PAIR.values(), None]


def test_half_of_a_profiles_pair_is_not_completed_from_the_environment(caller):
    caller.cli_profiles({"name": "first", "mode": "AK", "access_key_id": "LTAIOfTheProfile"})
    caller.environment.update(ALIBABA_CLOUD_ACCESS_KEY_ID="LTAIOther", ALIBABA_CLOUD_ACCESS_KEY_SECRET="other-secret")
    assert caller.ask(profile="first")["code"] == "NoCredentials"


def test_the_ini_file(caller):
    section = "type = access_key\naccess_key_id = LTAIOfTheIniFile\naccess_key_secret = secret-of-the-ini-file\n"
    caller.write(
        ".alibabacloud/credentials.ini", f"[default]\n{section}\n[named]\n{section.replace('File', 'Section')}"
    )
    assert caller.ask()["credentials"] == ["LTAIOfTheIniFile", "secret-of-the-ini-file", None]
    assert caller.ask(profile="named")["credentials"][0] == "LTAIOfTheIniSection"
    caller.environment["ALIBABA_CLOUD_CREDENTIALS_FILE"] = caller.write(
        "other.ini", f"[default]\n{section.replace('The', 'Other')}"
    )
    assert caller.ask()["credentials"][0] == "LTAIOfOtherIniFile"


def test_a_command_that_a_profile_names(caller):
    said = {"mode": "StsToken", **PAIR, "sts_token": "token-of-the-command", "expiration": "2099-01-01T00:00:00Z"}
    command = f"cat {caller.write('said.json', json.dumps(said))}"
    caller.cli_profiles({"name": "external", "mode": "External", "process_command": command})
    assert caller.ask(profile="external")["credentials"] == [*PAIR.values(), "token-of-the-command"]


@pytest.mark.parametrize(
    "profiles",
    [
        [{"name": "role", "mode": "RamRoleArn", **PAIR, **ROLE}],
        [
            {
                "name": "role",
                "mode": "ChainableRamRoleArn",
                "source_profile": "base",
                **ROLE,
                "sts_region": "cn-hangzhou",
            },
            {"name": "base", "mode": "AK", **PAIR},
        ],
    ],
)
def test_a_role_assumed_with_a_key(caller, sts, profiles):
    caller.cli_profiles(*profiles)
    answer = caller.ask(profile="role")
    assert answer["credentials"] == list(SESSION)
    assert answer["masked"] == ["********"] * 3
    assert [request["Action"] for request in sts.asked] == ["AssumeRole"]
    assert sts.asked[0]["RoleArn"] == ROLE["ram_role_arn"]


def test_a_role_of_the_ini_file(caller, sts):
    caller.write(
        ".alibabacloud/credentials.ini",
        "[default]\ntype = ram_role_arn\naccess_key_id = LTAIOfTheIniFile\n"
        f"access_key_secret = {KEY_SECRET}\nrole_arn = acs:ram::1:role/reader\n",
    )
    assert caller.ask()["credentials"] == list(SESSION)


def oidc(caller):
    return {
        "ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/reader",
        "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1:oidc-provider/cluster",
        "ALIBABA_CLOUD_OIDC_TOKEN_FILE": caller.write("oidc.token", "token-of-the-pod"),
    }


def test_a_role_by_an_oidc_token(caller, sts):
    caller.environment.update(oidc(caller))
    assert caller.ask()["credentials"] == list(SESSION)
    assert (sts.asked[0]["Action"], sts.asked[0]["OIDCToken"]) == ("AssumeRoleWithOIDC", "token-of-the-pod")


def test_a_profile_with_an_oidc_token(caller, sts):
    role, provider, token = oidc(caller).values()
    caller.cli_profiles(
        {
            "name": "pod",
            "mode": "OIDC",
            "ram_role_arn": role,
            "oidc_provider_arn": provider,
            "oidc_token_file": token,
            "expired_seconds": 900,
        }
    )
    assert caller.ask(profile="pod")["credentials"] == list(SESSION)


def test_a_credentials_uri(caller):
    with serving([SESSION]) as service:
        caller.environment["ALIBABA_CLOUD_CREDENTIALS_URI"] = f"{service.url}/credentials?for=test"
        assert caller.ask()["credentials"] == list(SESSION)
        assert service.asked == [{"for": "test"}]


@pytest.mark.parametrize(
    "session",
    [
        ("STS.N\r\nX-Injected: 1", *SESSION[1:]),
        (*SESSION[:2], "token\nX-Injected: 1"),
        ("", *SESSION[1:]),
        (SESSION[0], "e", SESSION[2]),
        (12345678901, *SESSION[1:]),
        (*SESSION[:2], "tökèn-outside-ascii"),
    ],
)
def test_credentials_that_no_header_can_carry_are_none(caller, session):
    with serving([session]) as service:
        caller.environment["ALIBABA_CLOUD_CREDENTIALS_URI"] = service.url
        assert caller.ask()["code"] == "NoCredentials"


def test_nothing_found_names_what_was_tried_and_why_it_gave_none(caller):
    answer = caller.ask()
    assert answer["code"] == "NoCredentials"
    assert (
        "These places were tried: the options access_key_id and access_key_secret (not given), "
        "their environment variables (not given), the current profile of ~/.aliyun/config.json (it is not there), "
        "section default of ~/.alibabacloud/credentials.ini (it is not there). Set "
    ) in answer["sentence"]
    assert answer["seconds"] < 5


def test_what_is_set_up_is_among_what_was_tried(caller):
    caller.environment.update(
        oidc(caller),
        ALIBABA_CLOUD_OIDC_TOKEN_FILE="/nonexistent",
        ALIBABA_CLOUD_CLI_PROFILE_DISABLED="true",
        ALIBABA_CLOUD_CREDENTIALS_FILE="/nonexistent.ini",
        ALIBABA_CLOUD_CREDENTIALS_URI="http://127.0.0.1:1/?token=secret-of-the-uri",
    )
    sentence = caller.ask()["sentence"]
    assert "OIDC token (no such file or directory), section default of /nonexistent.ini (it is not there), " in sentence
    assert "the URL in ALIBABA_CLOUD_CREDENTIALS_URI (" in sentence
    assert "config.json" not in sentence
    assert "secret-of-the-uri" not in sentence


@pytest.mark.parametrize("variable", [None, "ALIBABA_CLOUD_PROFILE"])
def test_a_named_profile_is_not_replaced_by_another_source(caller, variable):
    caller.cli_profiles({"name": "first", "mode": "AK", **PAIR})
    options = {} if variable else {"profile": "misspelt"}
    caller.environment.update({variable: "misspelt"} if variable else {})
    answer = caller.ask(**options)
    assert answer["code"] == "NoCredentials"
    assert (
        "These places were tried: profile misspelt of ~/.aliyun/config.json (it has no such profile), "
        "section misspelt of ~/.alibabacloud/credentials.ini (it is not there)."
    ) in answer["sentence"]


SSO = {
    "cloud_sso_sign_in_url": "https://sso.example",
    "cloud_sso_account_id": "1",
    "cloud_sso_access_config": "ac",
    "access_token": "SecretOfTheSignIn",
}
OAUTH = {
    "oauth_site_type": "CN",
    "oauth_access_token": "SecretOfTheSignIn",
    "oauth_refresh_token": "SecretToRefresh",
    "oauth_access_token_expire": 1,
}
NAMED = {"name": "x"}


def external(command):
    return {"mode": "External", "process_command": command}


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        ({"mode": "AK", "access_key_id": "LTAIOfTheProfile"}, "its access_key_secret is missing"),
        ({"mode": "AK", "access_key_secret": KEY_SECRET}, "its access_key_id is missing"),
        ({"mode": "AK", **PAIR, "access_key_secret": f"{KEY_SECRET}\n"}, "its access_key_secret holds a line break"),
        (
            {"mode": "AK", **PAIR, "access_key_id": "\ufeffLTAIOfTheProfile"},
            "its access_key_id holds a byte-order mark",
        ),
        ({"mode": "AK", **PAIR, "access_key_id": 12345678901}, "its access_key_id is not a text"),
        ({"mode": "AK", **PAIR, "access_key_secret": "short"}, "its access_key_secret is shorter than 8 characters"),
        ({"mode": "StsToken", **PAIR}, "its sts_token is missing"),
        ({"mode": "RamRoleArn", **ROLE, "access_key_id": "LTAIOfTheProfile"}, "its access_key_secret is missing"),
        ({"mode": "RamRoleArn", **PAIR, **ROLE, "expired_seconds": 60}, "its duration is shorter than 900 s"),
        ({"mode": "ChainableRamRoleArn", **ROLE, "source_profile": "y"}, "it has no such profile"),
        ({"mode": "ChainableRamRoleArn", **ROLE, "source_profile": "x"}, "its source_profile leads back to itself"),
        ({"mode": "CloudSSO", **SSO, "cloud_sso_access_token_expire": 1}, "its sign-in has ended; sign in again"),
        ({"mode": "CloudSSO", **SSO}, "its sign-in has ended; sign in again"),
        (external("sh -c 'echo SecretOfTheCommand >&2; exit 3'"), "its command ended with exit status 3"),
        (external("/nonexistent/command SecretOfTheCommand"), "its command cannot be started"),
        (external("echo SecretOfTheCommand"), "its command printed no JSON"),
        (external("echo {}"), "its command gave no whole key"),
        ({"mode": "OfTomorrow"}, "its mode is not known to the alibabacloud-credentials installed here"),
        ({}, "its mode is not known to the alibabacloud-credentials installed here"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.get("mode", "none"),
)
def test_why_a_profile_gave_none(caller, profile, reason):
    caller.cli_profiles({**NAMED, **profile})
    sentence = caller.ask(profile="x")["sentence"]
    assert f"profile x of ~/.aliyun/config.json ({reason}" in sentence
    for secret in ("Secret", KEY_SECRET, "LTAIOfTheProfile"):
        assert secret not in sentence.replace("_SECRET", "")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'\xef\xbb\xbf{"profiles": []}', "it begins with a byte-order mark; save it without one"),
        (b'{"profiles": [', "it is not JSON"),
        (b'["x"]', "it is not a JSON object"),
        (b"{}", "it has no such profile"),
        (b'{"profiles": {"x": 1}}', "it has no such profile"),
        (b'{"profiles": [5, null, {"name": 5}]}', "it has no such profile"),
        (b"\xff\xfe{}", "it is not UTF-8"),
        (b"[" * 100_000, "it is not JSON"),
    ],
)
def test_why_a_file_of_profiles_gave_none(caller, content, reason):
    (caller.home / ".aliyun").mkdir()
    (caller.home / ".aliyun" / "config.json").write_bytes(content)
    assert f"profile x of ~/.aliyun/config.json ({reason})" in caller.ask(profile="x")["sentence"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("\ufeff[x]\ntype = access_key\n", "it begins with a byte-order mark; save it without one"),
        ("[y]\ntype = access_key\n", "it has no such section"),
        ("[x]\ntype = access_key\naccess_key_id = LTAIOfTheIniFile\n", "half of its pair is missing"),
        ("no section at all: SecretOfTheIniFile\n", "failed with MissingSectionHeaderError"),
    ],
)
def test_why_the_ini_file_gave_none(caller, content, reason):
    caller.write(".alibabacloud/credentials.ini", content)
    caller.environment.update(ALIBABA_CLOUD_ACCESS_KEY_ID="LTAIOther", ALIBABA_CLOUD_ACCESS_KEY_SECRET="other-secret")
    sentence = caller.ask(profile="x")["sentence"]
    assert f"section x of ~/.alibabacloud/credentials.ini ({reason}" in sentence
    assert "SecretOfTheIniFile" not in sentence


def test_why_a_role_gave_none(caller, sts):
    sts.broken = True
    caller.cli_profiles({**NAMED, "mode": "RamRoleArn", **PAIR, **ROLE})
    assert "(the answer was HTTP 400, SignatureDoesNotMatch)" in caller.ask(profile="x")["sentence"]


def test_a_sign_in_that_was_withdrawn(caller, tmp_path):
    context = trusted_authority(tmp_path / "shims", "oauth.aliyun.com")
    caller.prepend_path(tmp_path / "shims")
    with serving([SESSION], certificates=context) as service:
        service.broken = True
        caller.environment["HTTPS_PROXY"] = service.url
        caller.cli_profiles({**NAMED, "mode": "OAuth", **OAUTH})
        sentence = caller.ask(profile="x")["sentence"]
    assert "its sign-in has ended; sign in again with the command line tool" in sentence
    assert "SecretOfTheSignIn" not in sentence


def test_a_role_assumed_with_a_sign_in_s_session(caller, sts):
    kept = {"sts_token": "token-of-the-sign-in", "sts_expiration": int(time.time()) + 1000}
    caller.cli_profiles(
        {"name": "role", "mode": "ChainableRamRoleArn", "source_profile": "x", **ROLE},
        {**NAMED, "mode": "OAuth", **OAUTH, **PAIR, **kept},
    )
    assert caller.ask(profile="role")["credentials"] == list(SESSION)
    assert sts.asked[0]["SecurityToken"] == "token-of-the-sign-in"


def test_a_sign_in_s_session_that_still_lasts(caller):
    kept = {"sts_token": "token-of-the-sign-in", "sts_expiration": int(time.time()) + 1000}
    caller.cli_profiles({**NAMED, "mode": "OAuth", **OAUTH, **PAIR, **kept})
    answer = caller.ask(profile="x")
    assert answer["credentials"] == [*PAIR.values(), "token-of-the-sign-in"]
    assert answer["expiration"] == kept["sts_expiration"]


@pytest.mark.parametrize("names", ["ALIBABA_CLOUD_PROFILE", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALICLOUD_PROFILE"])
def test_an_empty_variable_counts_as_not_set(caller, names):
    section = "type = access_key\naccess_key_id = LTAIOfTheIniFile\naccess_key_secret = secret-of-the-ini-file\n"
    caller.write(".alibabacloud/credentials.ini", f"[default]\n{section}")
    caller.environment[names] = ""
    assert caller.ask()["credentials"][0] == "LTAIOfTheIniFile"


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ({"mode": "AK"}, "Infinity"),
        ({"mode": "StsToken", "sts_token": "token-of-the-command"}, None),
        ({"mode": "StsToken", "sts_token": "token-of-the-command", "expiration": "2099-01-01T00:00:00Z"}, 4070908800),
    ],
)
def test_a_command_runs_once_and_the_user_s_file_stays(caller, said, end):
    output = caller.write("said.json", json.dumps({**PAIR, **said}))
    script = caller.write("command.sh", f"echo run >> {caller.home}/runs\ncat {output}\n")
    caller.cli_profiles({**NAMED, **external(f"sh {script}")})
    file = caller.home / ".aliyun" / "config.json"
    before = file.read_bytes()
    with caller.start("watch", profile="x") as process:
        answer = json.loads(process.stdout.readline())
        time.sleep(2.5)
        process.terminate()
    assert answer["credentials"][0] == PAIR["access_key_id"]
    assert answer["expiration"] == (float(end) if isinstance(end, str) else end)
    assert (caller.home / "runs").read_text() == "run\n"
    assert file.read_bytes() == before


@pytest.mark.load
def test_a_slow_source_is_waited_for(caller):
    said = json.dumps({"mode": "AK", **PAIR})
    script = caller.write("slow.sh", f"sleep 6\necho '{said}'\n")
    caller.cli_profiles({**NAMED, **external(f"sh {script}")})
    assert caller.ask(profile="x")["credentials"][0] == PAIR["access_key_id"]


@pytest.mark.parametrize("debug", ["", "sdk"])
def test_a_refusing_sts_shows_neither_traceback_nor_token(caller, sts, debug):
    """The package logs both to standard error, where `Caller.ask` allows nothing."""
    sts.broken = True
    caller.environment.update(oidc(caller), DEBUG=debug)
    sentence = caller.ask()["sentence"]
    assert len(sts.asked) == 1
    assert "token-of-the-pod" not in sentence
    assert "refused" not in sentence


def test_a_missing_package_is_named_with_its_interpreter(caller, tmp_path):
    missing = tmp_path / "shims" / "alibabacloud_credentials"
    missing.mkdir(parents=True)
    (missing / "__init__.py").write_text("raise ImportError('not here')")
    caller.prepend_path(missing.parent)
    caller.cli_profiles({"name": "named", "mode": "RamRoleArn", **PAIR, **ROLE}, {"name": "key", "mode": "AK", **PAIR})
    for sentence in (caller.ask()["sentence"], caller.ask(profile="named")["sentence"]):
        assert sentence.startswith("NoCredentials: No key pair is at hand. ")
        assert "(alibabacloud-credentials 1.0 or newer)" in sentence
        assert sys.executable in sentence
    assert caller.ask(**PAIR)["credentials"] == [*PAIR.values(), None]
    # What a file holds as it is needs no package.
    assert caller.ask(profile="key")["credentials"] == [*PAIR.values(), None]


def test_a_credential_is_renewed_before_its_end_and_kept_while_that_fails(caller):
    """Fifteen minutes is where the package begins to renew: what lives shorter it fetches whenever it is asked."""
    second = ("STS.NOfTheSecond", "secret-of-the-second", "token-of-the-second")
    with serving([SESSION, second], lifetime=600) as service:
        caller.environment["ALIBABA_CLOUD_CREDENTIALS_URI"] = service.url
        with caller.start("watch") as process:
            assert json.loads(process.stdout.readline())["credentials"] == list(SESSION)
            service.broken = True
            fetched = len(service.asked)
            deadline = time.monotonic() + 10
            while len(service.asked) < fetched + 2 and time.monotonic() < deadline:
                time.sleep(0.01)
            assert len(service.asked) >= fetched + 2
            service.broken = False
            renewed = json.loads(process.stdout.readline())
            assert renewed["credentials"] == list(second)
            assert renewed["masked"] == ["********"] * 3
            process.terminate()
            assert process.stderr.read() == ""


def test_a_long_lived_credential_is_fetched_once(caller):
    with serving([SESSION], lifetime=3600) as service:
        caller.environment["ALIBABA_CLOUD_CREDENTIALS_URI"] = service.url
        with caller.start("watch") as process:
            process.stdout.readline()
            time.sleep(2.5)
            process.terminate()
        assert len(service.asked) == 1
