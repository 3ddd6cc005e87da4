"""The names that others use of tracking: acts of the audit. Its right is shipping's."""

from __future__ import annotations

from enum import StrEnum


class TrackingAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    EVENTS_RECORDED = "shipment:events_recorded"
    CARRIER_CHANGED = "carrier:changed"
    LEAD_TIME_SET = "lead_time:set"
