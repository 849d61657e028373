# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the operation ``UpdatePhoneWebhook``, which says where a phone number reports to."""

from __future__ import annotations

import typing as t


class Write(t.NamedTuple):
    """All that one write says. ``phone_number`` is spelt as the service spells it."""

    phone_number: str
    status_callback_url: str
    up_callback_url: str


class UpdatePhoneWebhook:
    """Asked once for each Write.

    All six parameters are sent always: whether the service keeps, clears or resets what is left out is not published
    (official SDK alibabacloud-cams20200606 5.3.1, and the vendor's page of the operation).
    """

    action = "UpdatePhoneWebhook"
    version = "2020-06-06"
    writes = True

    def __init__(self, cust_space_id: str, http: bool, queue: bool) -> None:
        self._cust_space_id = cust_space_id
        self._http = http
        self._queue = queue

    def request(self, write: Write) -> dict[str, str]:
        """Return the request's parameters, each of them text."""
        return {
            "CustSpaceId": self._cust_space_id,
            "PhoneNumber": write.phone_number,
            "StatusCallbackUrl": write.status_callback_url,
            "UpCallbackUrl": write.up_callback_url,
            "HttpFlag": "Y" if self._http else "N",
            "QueueFlag": "Y" if self._queue else "N",
        }

    def facts(self, answer: t.Mapping[str, t.Any], write: Write) -> None:
        """Return nothing: the answer has no more than its ``Code``, and what was written has to be read."""
