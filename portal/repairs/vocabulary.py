"""Acts of repairs in the audit, each of the request that the repair is for."""

from __future__ import annotations

from enum import StrEnum


class RepairAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    QUOTE_WRITTEN = "service_request:quote_written"
    QUOTE_OFFERED = "service_request:quote_offered"
    QUOTE_WITHDRAWN = "service_request:quote_withdrawn"
    QUOTE_ACCEPTED = "service_request:quote_accepted"
    QUOTE_DECLINED = "service_request:quote_declined"
    QUOTE_EXPIRED = "service_request:quote_expired"
    WARRANTY_SAID = "service_request:repair_under_warranty"
    PARTS_RESERVED = "service_request:parts_reserved"
    PARTS_SHORT = "service_request:parts_short"
    VISIT_PLANNED = "service_request:visit_planned"
    VISIT_CANCELLED = "service_request:visit_cancelled"
    VISIT_REPORTED = "service_request:visit_reported"
    INVOICED = "service_request:repair_invoiced"
    REPAIR_CANCELLED = "service_request:repair_cancelled"

    @property
    def event(self) -> str:
        """How the timeline of the request calls it."""
        return self.value.partition(":")[2]
