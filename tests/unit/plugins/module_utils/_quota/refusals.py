# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the throttle refuses a file or a folder, and how the system does."""

from __future__ import annotations

import os

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ThrottleError

REMEDIES = {
    "The throttle cannot use ": "Repair or remove it, or name another directory, throttle_url=file:///directory;"
    " one that users share belongs to their group and has the mode 2770.",
    "Another process has held": "Continue or end the task that was stopped while it held the lock (fuser names it).",
}


def refusal(call):
    """Return the message of the clear error that the call ends with."""
    with pytest.raises(ThrottleError) as caught:
        call()
    assert caught.value.code == "ThrottleUnavailable"
    assert caught.value.remedy == REMEDIES[caught.value.message[:24]]
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value.message


def of_no_use(path, reason):
    return f"The throttle cannot use {path}: {reason}."


def raiser(number):
    def raise_it(*_arguments, **_options):
        raise OSError(number, os.strerror(number))

    return raise_it
