# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the fields of a phone number that a desired state can name."""

from __future__ import annotations

import typing as t

# Where the service has them differs: its query model says call_hours, its synchronization model calling.
_WITH_THE_HOURS_OR_BESIDE = {"call_icon_visibility": str, "callback_permission_status": str}

# The fields of a phone number, as the service's official SDK (alibabacloud-cams20200606 5.3.1) lists them: a type for
# a single value, a mapping for a nested field, a list of one mapping for a list of nested fields.
FIELDS: dict[str, t.Any] = {
    "verified_name": str,
    "status": str,
    "quality_rating": str,
    "code_verification_status": str,
    "name_status": str,
    "new_name_status": str,
    "messaging_limit_tier": str,
    "status_callback_url": str,
    "up_callback_url": str,
    "status_queue": str,
    "up_queue": str,
    "is_official": str,
    "calling_configure": {
        "calling_callback_url": str,
        "max_talk_time": int,
        "calling": {
            "status": str,
            **_WITH_THE_HOURS_OR_BESIDE,
            "call_hours": {
                "status": str,
                "timezone_id": str,
                **_WITH_THE_HOURS_OR_BESIDE,
                "weekly_operating_hours": [{"day_of_week": str, "open_time": str, "close_time": str}],
                "holiday_schedule": [{"date": str, "start_time": str, "end_time": str}],
            },
        },
    },
}

OTHER = "other"  # holds, wherever fields stand, those that the table above does not know

OF_THE_FACTS = ("phone_number", "cust_space_id")  # in every number of the facts, and no field that can be desired
