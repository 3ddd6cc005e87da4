"""Words for what a report of goods says, and for what is said of it."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.sellout.decide_rules import LineKind, Source
from portal.sellout.rules import Defect

KINDS = {
    LineKind.SELL_OUT: N_("Sold to a hospital"),
    LineKind.USE: N_("Used"),
    LineKind.RETURN: N_("Came back from a hospital"),
}

SOURCES = {
    Source.PAGE: N_("Typed"),
    Source.FILE: N_("File"),
    Source.SCAN: N_("Scanned"),
    Source.API: N_("API"),
}

DEFECTS = {
    Defect.NONE: N_("In order"),
    Defect.UNKNOWN_PRODUCT: N_("Unknown article"),
    Defect.NO_SERIAL: N_("No serial number"),
    Defect.REPEATED: N_("Told before"),
    Defect.NEVER_HELD: N_("Never held"),
    Defect.MORE_THAN_RECEIVED: N_("More than received"),
}
