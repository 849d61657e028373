# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: which phone numbers the options of the webhook module mean, and which URLs."""

from __future__ import annotations

import re
import typing as t
from urllib.parse import urlsplit

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError

FIELDS = ("status_callback_url", "up_callback_url")
LONGEST_URL = 2048

_CONTROL = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]")


class Target(t.NamedTuple):
    """A phone number as the task names it, its digits, and the URLs that it is to have; one left out stays."""

    label: str
    digits: str
    urls: dict[str, str]


def targets_of(params: t.Mapping[str, t.Any]) -> list[Target]:
    """Return the targets that the module's options name. Raises OptionError for what cannot have been meant."""
    if params["max_changes"] < 0:
        raise OptionError(f"max_changes is {params['max_changes']}; give 0 or more.")
    if not 0 <= params["verify_seconds"] <= 3600:
        raise OptionError(f"verify_seconds is {params['verify_seconds']}; give a number from 0 to 3600 (seconds).")
    if not params["phone_numbers"]:
        raise OptionError("phone_numbers is an empty list; give at least one phone number.")
    targets: dict[str, Target] = {}
    for place, given in enumerate(params["phone_numbers"]):
        name = f"phone_numbers[{place}]"
        urls = {field: given[field].strip() for field in FIELDS if given.get(field) is not None}
        digits = digits_of(given["phone_number"])
        if not digits:
            raise OptionError(f"{name}.phone_number has no digits; phone numbers are compared by them.")
        if digits in targets:
            raise OptionError(f"{name}.phone_number stands in phone_numbers twice; keep one of them.")
        if not urls:
            raise OptionError(f"{name} gives neither {' nor '.join(FIELDS)}; give the one that is to be put right.")
        for field, url in urls.items():
            _check_url(f"{name}.{field}", url, params["allow_http"])
        targets[digits] = Target(given["phone_number"].strip(), digits, urls)
    return list(targets.values())


def digits_of(phone_number: str) -> str:
    """Return what tells one phone number from another: its digits."""
    return re.sub(r"[^0-9]", "", phone_number)


def _check_url(name: str, url: str, allow_http: bool) -> None:
    """Raise OptionError for a URL that the service cannot call, or that shows what it should not; never show the URL.

    ``name`` says where it is given, ``allow_http`` whether anybody on the way may read what is sent to it.
    """
    if not url:
        return
    if len(url) > LONGEST_URL:
        raise OptionError(f"{name} has {len(url)} characters; at most {LONGEST_URL} are possible.")
    if _CONTROL.search(url):
        raise OptionError(f"{name} holds a blank or a control character; write it in its percent-encoded form.")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or parts.scheme not in ("https", "http"):
        raise OptionError(f'{name} is no URL that can be called; give https://HOST/PATH, or "" for none.')
    if "@" in parts.netloc:
        raise OptionError(f"{name} holds a user name or password, which would be readable for all; remove it.")
    if parts.scheme == "http" and not allow_http:
        raise OptionError(f"{name} is http://, which anybody on the way can read; give https://, or allow_http: true.")
