# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attempts at a server of a test, and the certificates that such servers have."""

from __future__ import annotations

import ssl

import pytest
import requests
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import TransportError
from ansible_collections.alicloud.chatapp.plugins.module_utils._http import transport

SECRET = "SentinelOfTheQuery"
NAME = "chatapp.example"


def serving(authority, *names, **how):
    """A server's context with a certificate of ``authority`` for these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **how).configure_cert(context)
    return context


def question(line):
    return requests.Request("POST", line.base_url + "/", params={"IsvCode": SECRET}, headers={"X-Token": SECRET})


def attempt(url, timeout=5.0, context=None):
    line = transport.Transport(url, timeout, context)
    line.connect()
    return line.send(question(line))


def failure(url, timeout=5.0, context=None):
    """The one error of an attempt; it never shows what was asked."""
    with pytest.raises(TransportError) as caught:
        attempt(url, timeout, context)
    assert SECRET not in caught.value.sentence()
    assert caught.value.remedy
    return caught.value
