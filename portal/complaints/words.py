"""Words for what complaints are made of, English, translated where they are shown."""

from __future__ import annotations

from portal.complaints.clock_rules import Light, Stage, TermName, Unit
from portal.complaints.report_rules import Part, ReportKind
from portal.complaints.rules import Category, Grade, Harm, Source
from portal.kernel.errors import N_

CATEGORIES = {
    Category.QUALITY: N_("Product quality"),
    Category.PERFORMANCE: N_("Performance or function"),
    Category.PACKAGING: N_("Packaging or sterility"),
    Category.LABELLING: N_("Label or instructions"),
    Category.DELIVERY: N_("Delivery or transport"),
    Category.USE: N_("Use or handling"),
    Category.SERVICE: N_("Service of ours"),
    Category.OTHER: N_("Something else"),
}
GRADES = {Grade.CRITICAL: N_("Critical"), Grade.MAJOR: N_("Major"), Grade.MINOR: N_("Minor")}
HARMS = {
    Harm.DEATH: N_("Death"),
    Harm.SERIOUS: N_("Serious injury"),
    Harm.OTHER: N_("Other: it could have led to serious harm"),
}
SOURCES = {Source.DEALER: N_("Told by the dealer"), Source.TRIAGE: N_("Found in the triage")}
LIGHTS = {
    Light.GREEN: N_("In time"),
    Light.AMBER: N_("Soon due"),
    Light.RED: N_("Overdue"),
    Light.NONE: N_("Done"),
}
STAGES = {
    Stage.FIRST: N_("a part of the time is used"),
    Stage.LAST: N_("the time is nearly used up"),
    Stage.OVERDUE: N_("the time has run out"),
}
TERMS = {
    TermName.DEATH: N_("Report of a death"),
    TermName.SERIOUS: N_("Report of a serious injury"),
    TermName.OTHER: N_("Report of other possible harm"),
    TermName.GROUP: N_("Report of a group event"),
    TermName.GROUP_NOTICE: N_("Notice of a group event to authorities and registrant"),
    TermName.TREND_DAYS: N_("Signal: complaints on one lot within"),
    TermName.TREND_COUNT: N_("Signal: at least so many of them"),
}
UNITS = {
    Unit.DAY: N_("calendar days"),
    Unit.HOUR: N_("hours"),
    Unit.COMPLAINT: N_("complaints"),
}
PARTS = {
    Part.REPORTER: N_("Who reports"),
    Part.DEVICE: N_("Device information"),
    Part.PATIENT: N_("Patient"),
    Part.EVENT: N_("Event"),
    Part.JUDGEMENT: N_("Measures and cause"),
}
REPORT_KINDS = {ReportKind.FIRST: N_("First report"), ReportKind.FOLLOW_UP: N_("Follow-up report")}
FIELDS = {
    "category": N_("Category"),
    "grade": N_("Severity of the complaint"),
    "possible_event": N_("Possible adverse event"),
    "event_reason": N_("Reason"),
    "product": N_("Product"),
    "lot_no": N_("Lot"),
    "serials": N_("Serial numbers"),
    "stop_use": N_("Stop-use advice"),
    "cause": N_("Cause"),
    "measure": N_("Measure"),
    "answer": N_("Answer to the dealer"),
    "follow_up": N_("Follow-up"),
    "told_how": N_("How the registrant was told"),
    "told_at": N_("When the registrant was told"),
}
ANSWERS = {"yes": N_("Yes"), "no": N_("No")}
