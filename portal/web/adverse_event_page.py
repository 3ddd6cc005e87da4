"""Adverse events as pages show them: the columns of their list, their lights, the parts of their form."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext

from portal.complaints.clock_rules import Light
from portal.complaints.event_queries import WHICH
from portal.complaints.report_rules import FIELDS, Part
from portal.complaints.words import HARMS, LIGHTS, PARTS, SOURCES
from portal.kernel.errors import N_
from portal.web.listing.declaration import Column, Listing
from portal.web.listing.declaration import Kind as Shown

EVENTS = Listing(
    "adverse-events",
    N_("Adverse events"),
    (
        Column("number", N_("Complaint"), Shown.CODE, width="c-16"),
        Column("due_at", N_("Due at"), Shown.MOMENT, is_sortable=True, width="c-15"),
        Column("state", N_("Status"), Shown.STATUS, status="adverse event", width="c-10", css="cell-corner"),
        Column("harm", N_("Harm"), Shown.WORD, words=HARMS, width="c-12"),
        Column("dealer", N_("Dealer"), Shown.NAME),
        Column("product", N_("Product"), Shown.NAME),
        Column("sku", N_("SKU"), Shown.CODE, shown=False),
        Column("lot_no", N_("Lot"), Shown.CODE, width="c-10"),
        Column("source", N_("Found"), Shown.WORD, words=SOURCES, shown=False),
        Column("aware_at", N_("Known since"), Shown.MOMENT, width="c-15"),
        Column("submitted_at", N_("Submitted"), Shown.MOMENT, shown=False),
        Column("reference", N_("Reference of the regulator"), Shown.CODE, shown=False),
        Column("ended_at", N_("Ended"), Shown.MOMENT, shown=False),
    ),
    sort="due_at",
)
LOOKS = {
    Light.GREEN: ("green", "circle-check"),
    Light.AMBER: ("amber", "alert-triangle"),
    Light.RED: ("red", "alert-circle"),
    Light.NONE: ("grey", "checks"),
}


def parts() -> list[tuple[str, list[Any]]]:
    """The form by its parts."""
    return [(gettext(PARTS[part]), [one for one in FIELDS if one.part is part]) for part in Part]


def light_cell(light: Light) -> dict[str, str]:
    """A light as a badge: word, tone and icon."""
    tone, icon = LOOKS[light]
    return {"label": gettext(LIGHTS[light]), "tone": tone, "icon": icon}


def tabs(which: str) -> list[tuple[str, str, bool, int | None]]:
    """What the list is narrowed to."""
    words = {
        "running": N_("To be reported"),
        "overdue": N_("Overdue"),
        "submitted": N_("Submitted"),
        "over": N_("Over"),
    }
    shown = [
        (url_for("adverse_events.index", which=one), gettext(words[one]), one == which, None) for one in WHICH
    ]
    return [*shown, (url_for("adverse_events.index"), gettext("All"), not which, None)]
