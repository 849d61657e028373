# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer that the vendor publishes for the operation: a number as it comes over the wire, and as facts."""

from __future__ import annotations

SAMPLE = {
    "UpQueue": "Alicom-Queue-****-ChatAppInbound",
    "PhoneNumber": "861380000****",
    "StatusQueue": "Alicom-Queue-****-ChatAppStatus",
    "VerifiedName": "Alibaba",
    "StatusCallbackUrl": "https://ali.com/status",
    "UpCallbackUrl": "https://ali.com/inbound",
    "QualityRating": "GREEN",
    "Status": "CONNECTED",
    "CodeVerificationStatus": "VERIFIED",
    "NameStatus": "Approval",
    "MessagingLimitTier": "TIER_10K",
    "NewNameStatus": "Approval",
}

FACTS = {
    "up_queue": "Alicom-Queue-****-ChatAppInbound",
    "phone_number": "861380000****",
    "status_queue": "Alicom-Queue-****-ChatAppStatus",
    "verified_name": "Alibaba",
    "status_callback_url": "https://ali.com/status",
    "up_callback_url": "https://ali.com/inbound",
    "quality_rating": "GREEN",
    "status": "CONNECTED",
    "code_verification_status": "VERIFIED",
    "name_status": "Approval",
    "messaging_limit_tier": "TIER_10K",
    "new_name_status": "Approval",
}
