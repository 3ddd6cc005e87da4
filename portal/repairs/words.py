"""Words for what repairs are made of, English, translated where they are shown."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.repairs.rules import CheckResult, LineKind, Result
from portal.repairs.vocabulary import RepairAction

LINE_KINDS = {
    LineKind.LABOUR: N_("Labour"),
    LineKind.TRAVEL: N_("Travel"),
    LineKind.PART: N_("Part"),
    LineKind.OTHER: N_("Other"),
}
RESULTS = {
    Result.PASSED: N_("Test passed"),
    Result.FAILED: N_("Test failed"),
    Result.NOT_TESTED: N_("Not tested yet"),
}
CHECK_RESULTS = {
    CheckResult.OK: N_("In order"),
    CheckResult.NOT_OK: N_("Not in order"),
    CheckResult.NOT_APPLICABLE: N_("Does not apply"),
}
EVENTS = {
    RepairAction.QUOTE_OFFERED: N_("Quote offered: ¥%(gross)s, valid until %(until)s"),
    RepairAction.QUOTE_WITHDRAWN: N_("Quote withdrawn"),
    RepairAction.QUOTE_ACCEPTED: N_("Quote accepted: ¥%(gross)s"),
    RepairAction.QUOTE_DECLINED: N_("Quote declined"),
    RepairAction.QUOTE_EXPIRED: N_("Quote expired"),
    RepairAction.WARRANTY_SAID: N_("Repaired under warranty, free of charge"),
    RepairAction.PARTS_RESERVED: N_("Parts are reserved"),
    RepairAction.PARTS_SHORT: N_("Parts are short: the repair waits for them"),
    RepairAction.VISIT_PLANNED: N_("Visit %(visit)s planned with %(technician)s"),
    RepairAction.VISIT_CANCELLED: N_("Visit %(visit)s called off"),
    RepairAction.VISIT_REPORTED: N_("Report of visit %(visit)s, signed by %(signed)s"),
    RepairAction.INVOICED: N_("Invoice %(invoice)s over ¥%(gross)s"),
    RepairAction.REPAIR_CANCELLED: N_("Repair cancelled"),
}
"""What stands in the timeline of a request, by event."""
EVENTS_BY_NAME = {action.event: words for action, words in EVENTS.items()}
