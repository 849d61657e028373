# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets to look for, and every kind of end that a task can take, each with the code it must have."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

_VISIBLE = string.ascii_letters + string.digits + string.punctuation
_TOKEN = string.ascii_letters + string.digits + "+/="
_ANY = _VISIBLE + " ÄößΣς漢"


def _random(alphabet: str, length: int) -> str:
    # Ansible takes {{ for a template.
    return "".join(random.choices(alphabet.replace("{", ""), k=length))


SECRETS = {
    "key ID": "LTAI" + _random(string.ascii_letters + string.digits, 26),
    "secret": _random(_VISIBLE, 40),
    "wrong secret": _random(_VISIBLE, 40),
    "token": _random(_TOKEN, 160),
    "ISV code": _random(_ANY, 40),
    "Redis password": _random(_ANY, 40),
    "password in a URL": _random(_ANY, 40),
    "proxy password": _random(string.ascii_letters, 40),
}
"""Long and random, so that no part of one is in a text by chance."""

PAIR = {"access_key_id": SECRETS["key ID"], "access_key_secret": SECRETS["secret"], "security_token": SECRETS["token"]}
OPTIONS = {**PAIR, "isv_code": SECRETS["ISV code"]}
ENVIRONMENT = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": SECRETS["key ID"],
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": SECRETS["secret"],
    "ALIBABA_CLOUD_SECURITY_TOKEN": SECRETS["token"],
    "ALICLOUD_CHATAPP_ISV_CODE": SECRETS["ISV code"],
}
# What a server is sent, or knows, and could quote.
_KNOWN = {name: SECRETS[name] for name in ("key ID", "secret", "token", "ISV code")}
PROFILES = {
    "current": "named",
    "profiles": [
        {
            "name": "named",
            "mode": "StsToken",
            "access_key_id": SECRETS["key ID"],
            "access_key_secret": SECRETS["secret"],
            "sts_token": SECRETS["token"],
        }
    ],
}


def quoted(secrets: Mapping[str, str]) -> str:
    """A text as a hostile or careless server writes it: every secret, in every form."""
    forms = []
    for secret in secrets.values():
        percent = quote(secret, safe="")
        forms += [secret, percent, percent.lower(), quote_plus(secret), quote(percent, safe=""), secret.upper()]
        forms += [json.dumps(secret), json.dumps(secret, ensure_ascii=False)]
        forms += [base64.b64encode(before + secret.encode() + b"after").decode() for before in (b"", b"1", b"22")]
        forms.append(base64.urlsafe_b64encode(secret.encode()).decode())
    return " ".join(forms)


class Case(NamedTuple):
    """``options`` are added to those of every case, or taken from them by None; ``inject`` see shims/sitecustomize.py."""

    code: str
    options: Mapping[str, Any] = {}
    inject: str = ""


def cases(url: str, tls_url: str, redis_port: int, folder: str) -> dict[str, Case]:
    """``tls_url`` has a certificate that is not trusted; a server on ``redis_port`` refuses, quoting what it was sent."""
    in_url = quote(SECRETS["password in a URL"], safe="")
    closed = "127.0.0.1:1"
    no_pair = dict.fromkeys(PAIR)
    quoting = {"cust_space_ids": ["cams-quote"]}
    found = {
        "success": Case("OK"),
        "a profile": Case("OK", {**no_pair, "profile": "named"}),
        "a profile that is not there": Case("NoCredentials", {**no_pair, "profile": "misspelt"}),
        "a message that quotes": Case("Ram.PermissionDeny", quoting),
        "a message that quotes what a profile gave": Case(
            "Ram.PermissionDeny", {**quoting, **no_pair, "profile": "named"}
        ),
        "a warning that quotes": Case("OK", {**quoting, "fail_on_unreadable": False}),
        "a code and a request ID that quote": Case("********", {"cust_space_ids": ["cams-codes"]}),
        "a signature that does not match": Case(
            "SignatureDoesNotMatch", {**PAIR, "access_key_secret": SECRETS["wrong secret"]}
        ),
        "a redirect": Case("UnexpectedAnswer", {"cust_space_ids": ["cams-redirect"]}),
        "a page of a proxy": Case("UnexpectedAnswer", {"cust_space_ids": ["cams-page"]}),
        "bytes that are no HTTP": Case("UnexpectedAnswer", {"cust_space_ids": ["cams-garbage"]}),
        "a lost connection": Case("ConnectionLost", {"cust_space_ids": ["cams-close"]}),
        "a time-out": Case("TimedOut", {"cust_space_ids": ["cams-hang"], "timeout": 0.3}),
        "throttling": Case("System.LimitControl", {"cust_space_ids": ["cams-limit"]}),
        "a certificate that is not trusted": Case("TLSFailure", {"endpoint": tls_url}),
        "no server": Case("Unreachable", {"endpoint": f"http://{closed}"}),
        "no proxy": Case("Unreachable", {"endpoint": "https://service.invalid"}),
        "no Redis": Case("ThrottleUnavailable", {"throttle_url": f"redis://user:{in_url}@{closed}/0"}),
        "a Redis that quotes": Case(
            "ThrottleUnavailable", {"throttle_url": f"redis://user:{in_url}@127.0.0.1:{redis_port}/0"}
        ),
        "a Redis that quotes the option": Case(
            "ThrottleUnavailable",
            {"throttle_url": f"redis://127.0.0.1:{redis_port}/0", "throttle_password": SECRETS["Redis password"]},
        ),
        "a Redis URL with a wrong port": Case(
            "InvalidOption", {"throttle_url": f"redis://user:{in_url}@127.0.0.1:99999/0"}
        ),
        "a Redis URL with a raw password": Case(
            "InvalidOption", {"throttle_url": f"redis://user:{SECRETS['password in a URL']}/#?@127.0.0.1:port"}
        ),
        "a full queue": Case(
            "QueueTooLong", {"cust_space_ids": ["one", "two"], "qps_limit": 0.1, "throttle_max_wait": 0}
        ),
        "half of a pair": Case("InvalidOption", {**no_pair, "access_key_secret": SECRETS["secret"]}),
        "a secret with a blank": Case("InvalidOption", {**PAIR, "access_key_secret": f"{SECRETS['secret']} "}),
        "a token with a line break": Case("InvalidOption", {**PAIR, "security_token": f"{SECRETS['token']}\n"}),
        "a certificate file that is not there": Case(
            "InvalidOption", {"endpoint": tls_url, "ca_path": f"{folder}/missing"}
        ),
    }
    failing = {"endpoint": f"http://{closed}"}
    for function, options in {
        "_session.client:Client.ask": {},
        "_session.client:classified": {},
        "_http.errors:to_transport_error": failing,
        "_http.connection:Answer.begin": {},
        "_http.deadline:DeadlineSocket.sendall": {},
        "_http.proxy:environment_proxy": {},
        "_http.tcp:connect": {},
        "_session.credentials:environment_secrets": {},
        "_session.provider:provider": {},
        "_session.renewal:Renewed.__init__": {**no_pair, "profile": "named"},
        "_session.sources:sources": {**no_pair, "profile": "named"},
        "_session.dispatcher:Dispatcher.run": {},
        "_session.dispatcher:Query.__init__": {},
        "_errors:ChatappError.facts": quoting,
        "_session.errors:service_error": quoting,
        "_orphan:exit_when_orphaned": {},
        "_http.endpoint:base_url": {},
        "_options:check": {},
        "_options:secrets": {},
        "_operations.query_chatapp_phone_numbers:QueryChatappPhoneNumbers.collect": {},
        "_operations.query_chatapp_phone_numbers:QueryChatappPhoneNumbers.facts": {},
        "_operations.query_chatapp_phone_numbers:check_whole": quoting,
        "_session.session:Session.ask": {},
        "_session.session:Session.throttle_facts": {},
        "_session.redaction:Redactor.add": {},
        "_session.redaction:Redactor.clean": {},
        "_session.retry:Retries.after": failing,
        "signer:sign": {},
        "_quota.log:Throttle.usable": {},
        "throttler:open_throttle": {},
        "_quota.file:FileThrottle._append": {},
        "_quota.redis:RedisThrottle._append": {"throttle_url": f"redis://127.0.0.1:{redis_port}/0"},
        "_http.transport:Transport.alive": {},
        "_http.transport:Transport.connect": {},
        "_http.transport:Transport.send": {},
        "_http.trust:ssl_context": {"endpoint": tls_url},
    }.items():
        found[f"an exception in {function}"] = Case("UnexpectedError", options, function)
    return found


def faults(elsewhere: str) -> list[dict[str, Any]]:
    """The simulator's faults for these cases; ``elsewhere`` is the URL of another server."""
    answer = {"Code": SECRETS["token"], "Message": quoted(_KNOWN), "RequestId": quoted(_KNOWN)}
    return [
        {"kind": "code", "cust_space_id": "cams-quote", "code": "Ram.PermissionDeny", "message": quoted(_KNOWN)},
        {"kind": "status", "cust_space_id": "cams-codes", "status": 400, "body": json.dumps(answer)},
        {
            "kind": "status",
            "cust_space_id": "cams-redirect",
            "status": 307,
            "headers": {"Location": f"{elsewhere}/?{quote(quoted(_KNOWN), safe='')}"},
            "body": quoted(_KNOWN),
        },
        {"kind": "status", "cust_space_id": "cams-page", "status": 502, "body": f"<html>{quoted(_KNOWN)}</html>"},
        {"kind": "garbage", "cust_space_id": "cams-garbage"},
        {"kind": "close", "cust_space_id": "cams-close"},
        {"kind": "hang", "cust_space_id": "cams-hang"},
        {"kind": "code", "cust_space_id": "cams-limit", "code": "System.LimitControl", "message": quoted(_KNOWN)},
    ]
