"""The names that others use of the cold chain: its right and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class ColdChainRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    DECIDE = "hq:coldchain"


class ColdChainAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    PACKED = "cold_record:packed"
    DEPARTED = "cold_record:departed"
    ARRIVED = "cold_record:arrived"
    LOG_ADDED = "cold_record:log_added"
    RELEASED = "cold_record:released"
    CONDEMNED = "cold_record:condemned"
    INBOUND_RECORDED = "cold_receipt:recorded"
    INBOUND_RELEASED = "cold_receipt:released"
    INBOUND_CONDEMNED = "cold_receipt:condemned"
