# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import sys

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError
from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.address import directory, redis_address
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import open_throttle

NO_FILE = "throttle_url: a file URL is file:///directory, with an absolute path and nothing else."
NO_SCHEME = (
    "throttle_url must begin with file:///, redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://."
)
NO_HOST = "throttle_url names no host or socket: redis://host:port/database, unix:///path?db=0."
NO_URL = (
    "throttle_url is not a usable URL: check its host and its port,"
    " and write each special character of a password or a path in its percent-encoded form."
)
NO_DATABASE = (
    "throttle_url has a database or a parameter that is not known: a database is a number, the parameters are"
    " db, ssl_ca_certs, ssl_certfile, ssl_keyfile, sentinel_username, sentinel_password;"
    " write special characters of a password in their percent-encoded form."
)
NO_SERVICE = "throttle_url names no service: redis+sentinel://host:port,host:port/service/database."
ONE_DATABASE = "throttle_url names a database, and a cluster has none but 0: redis+cluster://host:port."
ONE_HOST = "throttle_url names several hosts: that is for redis+sentinel:// and redis+cluster://."
BAD_URLS = {
    "sekret": NO_SCHEME,
    "http://user:sekret@host/": NO_SCHEME,
    "redis://:sek/ret@host:6379/0": NO_URL,
    "redis://:sek#ret@host:6379/0": NO_URL,
    "redis://:sek?ret@host:6379/0": NO_URL,
    "redis://sekret:12/34@host:6379/0": NO_DATABASE,
    "redis://sekret:12#34@host:6379/0": NO_URL,
    "redis://:sekret@/0": NO_HOST,
    "redis://:sekret@": NO_HOST,
    "redis://:sekret@host:port": NO_URL,
    "redis://:sekret@host:0": NO_URL,
    "redis://:sekret@host:99999": NO_URL,
    "redis://:sekret@[::1": NO_URL,
    "redis://:sekret@host,other": ONE_HOST,
    "redis+sentinel://:sekret@host": NO_SERVICE,
    "redis+sentinel://:sekret@host//0": NO_SERVICE,
    "redis+sentinel://:sekret@host/service/x": NO_DATABASE,
    "redis+sentinel://:sekret@host,/service": NO_HOST,
    "redis+sentinel://:sekret@host:0,other/service": NO_URL,
    "redis+sentinel://:sekret@host:x,other/service": NO_URL,
    "redis+cluster://:sekret@host/1": ONE_DATABASE,
    "redis+cluster://:sekret@host?sentinel_password=sekret": NO_DATABASE,
    "redis+other://:sekret@host": NO_SCHEME,
    "redis+://:sekret@host": NO_SCHEME,
    "unix+sentinel://:sekret@/socket": NO_SCHEME,
    "redis://:sekret@host/database": NO_DATABASE,
    "redis://:sekret@host/x": NO_DATABASE,
    "redis://:sekret@host?db=x": NO_DATABASE,
    "redis://:sekret@host?db=-1": NO_DATABASE,
    "redis://:sekret@host?db=": NO_DATABASE,
    "redis://:sekret@host?retry_on_timeout=true": NO_DATABASE,
    "redis://:sekret@host?socket_timeout=1000": NO_DATABASE,
    "rediss://:sekret@host?ssl_cert_reqs=none": NO_DATABASE,
    "rediss://:sekret@host?ssl_check_hostname=false": NO_DATABASE,
    "unix://:sekret@": NO_HOST,
    "file:sekret": NO_FILE,
    "file://sekret": NO_FILE,
    "file://sekret/directory": NO_FILE,
    "file:///sekret?mode=0777": NO_FILE,
    "file:///sekret#1": NO_URL,
    "file:///sekret%00": NO_FILE,
}


@pytest.mark.parametrize(("url", "message"), BAD_URLS.items())
def test_a_bad_url_is_refused_with_the_options_name_and_without_the_url(url, message):
    with pytest.raises(OptionError) as caught:
        open_throttle(url, None, "quota", 10, 600.0)
    assert caught.value.message == message
    assert "sekret" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_directory_that_the_locale_cannot_spell_is_refused_with_what_to_set(monkeypatch):
    """With a locale of its own, in a process of its own, it is tried beside the folders."""

    def fsencode(_path):
        raise UnicodeEncodeError("ascii", "sekret", 0, 1, "ordinal not in range")

    monkeypatch.setattr(os, "fsencode", fsencode)
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "the encoding")
    with pytest.raises(OptionError) as caught:
        directory("file:///sekret")
    assert caught.value.message == (
        "throttle_url names a directory that the locale's encoding, the encoding, cannot spell: run the module with"
        " LC_ALL=C.UTF-8, or name a directory of plain letters."
    )
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("url", "expected", "place"),
    [
        ("redis://host", ("", False, [("host", 6379)], "", 0), "host:6379"),
        ("rediss://HOST:1/7", ("", True, [("host", 1)], "", 7), "host:1"),
        ("redis://[2001:db8::1]?db=3", ("", False, [("2001:db8::1", 6379)], "", 3), "[2001:db8::1]:6379"),
        (
            "redis+sentinel://a,b:1,[::1]:2/my%20master/2",
            ("sentinel", False, [("a", 26379), ("b", 1), ("::1", 2)], "my master", 2),
            "my master of the Sentinels a:26379, b:1, [::1]:2",
        ),
        ("rediss+sentinel://a/m", ("sentinel", True, [("a", 26379)], "m", 0), "m of the Sentinels a:26379"),
        ("redis+cluster://a:1,b", ("cluster", False, [("a", 1), ("b", 6379)], "", 0), "the cluster a:1, b:6379"),
        ("rediss+cluster://a/0", ("cluster", True, [("a", 6379)], "", 0), "the cluster a:6379"),
    ],
)
def test_what_a_url_names(url, expected, place):
    address = redis_address(url, None)
    assert (address.mode, address.tls, address.hosts, address.service, address.database) == expected
    assert (address.socket, address.username, address.password, address.place) == (None, None, None, place)


@pytest.mark.parametrize(
    ("url", "option", "username", "password"),
    [
        ("redis://host", "option", None, "option"),
        ("redis://:u%40rl@host", "option", None, "u@rl"),
        ("redis://us%3Aer@host", "option", "us:er", "option"),
        ("redis://user:p%2C1@host", None, "user", "p,1"),
        ("redis+sentinel://user:a@host,other/m?sentinel_password=b", None, "user", "a"),
        ("unix://user:a@/run/redis%20socket?db=1", None, "user", "a"),
    ],
)
def test_user_and_password(url, option, username, password):
    address = redis_address(url, option)
    assert (address.username, address.password) == (username, password)
    assert "a" not in address.parameters.values()
