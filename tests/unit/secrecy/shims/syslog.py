# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For PYTHONPATH, in the place of the standard library's: what a module logs goes into a file that a test can read."""

from __future__ import annotations

import os

LOG_USER, LOG_INFO = 8, 6


def openlog(*_arguments: object) -> None:
    """Take any arguments, as the original does."""


def syslog(_priority: int, message: str | bytes) -> None:
    text = message.decode() if isinstance(message, bytes) else message
    with open(os.environ["SECRECY_SYSLOG"], "a", encoding="utf-8") as log:
        log.write(text + "\n")
