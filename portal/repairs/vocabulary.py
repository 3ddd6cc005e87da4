"""Acts of repairs in the audit, each of the request that the repair is for."""

from __future__ import annotations

from enum import StrEnum


class RepairAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

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


class RepairEvent(StrEnum):
    """What webhooks tell of a repair, under the number of its request."""

    QUOTE_OFFERED = "repair.quote_offered"
    QUOTE_DECIDED = "repair.quote_decided"
    VISIT_PLANNED = "repair.visit_planned"
    VISIT_CANCELLED = "repair.visit_cancelled"
    VISIT_REPORTED = "repair.visit_reported"
    INVOICED = "repair.invoiced"


EVENT_OF = {
    RepairAction.QUOTE_OFFERED: RepairEvent.QUOTE_OFFERED,
    RepairAction.QUOTE_ACCEPTED: RepairEvent.QUOTE_DECIDED,
    RepairAction.QUOTE_DECLINED: RepairEvent.QUOTE_DECIDED,
    RepairAction.QUOTE_EXPIRED: RepairEvent.QUOTE_DECIDED,
    RepairAction.QUOTE_WITHDRAWN: RepairEvent.QUOTE_DECIDED,
    RepairAction.VISIT_PLANNED: RepairEvent.VISIT_PLANNED,
    RepairAction.VISIT_CANCELLED: RepairEvent.VISIT_CANCELLED,
    RepairAction.VISIT_REPORTED: RepairEvent.VISIT_REPORTED,
    RepairAction.INVOICED: RepairEvent.INVOICED,
}
"""Acts of which webhooks tell."""
TOLD_OF = frozenset({"version", "visit", "starts_at", "result", "invoice"})
"""What of an act's details webhooks tell: no price, no person, no address."""
