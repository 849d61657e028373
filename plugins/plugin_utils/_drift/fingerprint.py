# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: a URL that is to be compared later, and not to be read in the meantime."""

from __future__ import annotations

import hashlib
import re
import typing as t

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import is_url_field

HASHED = "(hashed)"  # stands in a report for a URL of which only the fingerprint is known

_MARK = re.compile(r"sha256:([0-9a-f]{32}):[0-9a-f]{64}", re.ASCII)


def hash_urls(value: t.Any, salt: str, url: bool = False) -> t.Any:
    """Return a copy of ``value`` in which a fingerprint stands for every URL. ``salt`` is 32 hexadecimal digits.

    What holds ``://`` is a URL, and so is whatever stands in a field whose name says so; with ``url`` any text is.
    """
    if isinstance(value, str):
        return _fingerprint(value, salt) if value.strip() and (url or "://" in value) else value
    if isinstance(value, dict):
        return {key: hash_urls(item, salt, url or is_url_field(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [hash_urls(item, salt, url) for item in value]
    return value


def same(before: t.Any, after: t.Any) -> bool:
    """Say whether a value is as it was, also where fingerprints stand in the earlier one."""
    if before == after:
        return True
    if isinstance(before, str) and isinstance(after, str):
        mark = _MARK.fullmatch(before)
        return mark is not None and _fingerprint(after, mark[1]) == before
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(same, before, after))
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(same(item, after[key]) for key, item in before.items())
    return False


def shown(value: t.Any) -> t.Any:
    """Return a copy of ``value`` in which no fingerprint is to be seen."""
    if isinstance(value, str):
        return HASHED if _MARK.fullmatch(value) else value
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return value


def _fingerprint(text: str, salt: str) -> str:
    if _MARK.fullmatch(text):
        return text
    # The service ends some URLs with a line break, others not.
    digest = hashlib.sha256(f"{salt}:{text.strip()}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"sha256:{salt}:{digest}"
