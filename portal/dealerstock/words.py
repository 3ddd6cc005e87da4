"""Words for what a report says."""

from __future__ import annotations

from portal.dealerstock.rules import LineKind, Source
from portal.kernel.errors import N_

KINDS = {LineKind.STOCK: N_("Counted stock"), LineKind.SOLD: N_("Sold or used")}

SOURCES = {
    Source.PAGE: N_("Typed"),
    Source.FILE: N_("File"),
    Source.SCAN: N_("Scanned"),
    Source.API: N_("API"),
}
