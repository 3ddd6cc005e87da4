"""Words for what service is made of, English, translated where they are shown."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.service.rules import EntryKind, ServiceKind, Severity
from portal.service.sla_rules import Clock, Light, Stage

KINDS = {
    ServiceKind.CONSULTATION: N_("Consultation"),
    ServiceKind.REPAIR: N_("Repair"),
    ServiceKind.COMPLAINT: N_("Complaint"),
    ServiceKind.INSTALLATION: N_("Installation"),
    ServiceKind.TRAINING: N_("Training"),
    ServiceKind.DOCUMENTS: N_("Documents"),
    ServiceKind.RETURN_QUESTION: N_("Question about a return"),
}
KIND_HINTS = {
    ServiceKind.CONSULTATION: N_("Ask anything about a product or its use."),
    ServiceKind.REPAIR: N_("A device does not work as it should."),
    ServiceKind.COMPLAINT: N_("Something is wrong with a product; quality looks into it."),
    ServiceKind.INSTALLATION: N_("A device is to be set up and accepted."),
    ServiceKind.TRAINING: N_("People are to learn to use a product."),
    ServiceKind.DOCUMENTS: N_("Certificates, reports and other papers."),
    ServiceKind.RETURN_QUESTION: N_("Whether and how goods can be sent back."),
}
SEVERITIES = {
    Severity.LOW: N_("Low"),
    Severity.NORMAL: N_("Normal"),
    Severity.HIGH: N_("High"),
    Severity.URGENT: N_("Urgent"),
}
ENTRIES = {
    EntryKind.OPENED: N_("Request opened"),
    EntryKind.MESSAGE: N_("Message"),
    EntryKind.NOTE: N_("Internal note"),
    EntryKind.ASSIGNED: N_("Assigned"),
    EntryKind.TAKEN: N_("Taken over"),
    EntryKind.ASKED: N_("Question to the dealer"),
    EntryKind.SORTED: N_("Sorted anew"),
    EntryKind.RESOLVED: N_("Resolved"),
    EntryKind.CLOSED: N_("Closed"),
    EntryKind.REOPENED: N_("Reopened"),
    EntryKind.CANCELLED: N_("Cancelled"),
    EntryKind.MERGED: N_("Merged"),
    EntryKind.RATED: N_("Rated"),
    EntryKind.ESCALATED: N_("Time is running out"),
    EntryKind.REPAIR: N_("Repair"),
}
CLOCKS = {Clock.FIRST_ANSWER: N_("First answer"), Clock.RESOLUTION: N_("Resolution")}
STAGES = {Stage.WARNING: N_("75 % of the time is used"), Stage.BREACH: N_("The time has run out")}
LIGHTS = {
    Light.GREEN: N_("In time"),
    Light.AMBER: N_("Soon due"),
    Light.RED: N_("Overdue"),
    Light.PAUSED: N_("Waits for the dealer"),
    Light.NONE: N_("Done"),
}
