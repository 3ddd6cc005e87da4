"""Documents of events that dealers' systems sent: how far each is, and what is wrong with it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.epcis import queries
from portal.epcis.queries import CaptureRow
from portal.epcis.rules import Behaviour, fault_of_json
from portal.epcis.vocabulary import EpcisRight
from portal.epcis.words import BEHAVIOURS
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import fix_in_words, in_words
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session

blueprint = Blueprint("epcis_desk", __name__, url_prefix="/hq/epcis-captures")

CAPTURES = Listing(
    "epcis-captures",
    N_("EPCIS captures"),
    (
        Column("number", N_("Capture"), Kind.CODE, width="c-16"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("state", N_("Status"), Kind.STATUS, status="epcis_capture", width="c-12", css="cell-corner"),
        Column("events", N_("Events"), Kind.QUANTITY, width="c-8"),
        Column("captured", N_("New events"), Kind.QUANTITY, width="c-8"),
        Column("repeated", N_("Sent before"), Kind.QUANTITY, width="c-8"),
        Column("refused", N_("With faults"), Kind.QUANTITY, width="c-8"),
        Column("created_at", N_("Sent at"), Kind.MOMENT, width="c-15"),
        Column("finished_at", N_("Finished at"), Kind.MOMENT, shown=False, width="c-15"),
        Column("bytes", N_("Bytes"), Kind.QUANTITY, shown=False, width="c-10"),
        Column("created_by_label", N_("Sent by"), shown=False),
    ),
)


@blueprint.get("")
@requires(EpcisRight.HEADQUARTERS)
@takes_columns("column")
def index() -> str | Response:
    """Documents that were sent, the latest first."""

    def fetch(cursor: str | None, limit: int) -> Page[CaptureRow]:
        return queries.captures(current_session(), actor=current_actor(), cursor=cursor, limit=limit)

    def count() -> int:
        return queries.count_captures(current_session())

    return show_list(CAPTURES, fetch, "backoffice/epcis/index.html", count=count)


@blueprint.get("/<number>")
@requires(EpcisRight.HEADQUARTERS)
def show(number: str) -> str:
    """One document with its faults."""
    found = queries.capture(current_session(), actor=current_actor(), number=number)
    faults = [
        (fault.pointer or "/", in_words(fault), fix_in_words(fault))
        for fault in map(fault_of_json, found.faults)
    ]
    return render_template(
        "backoffice/epcis/show.html",
        found=found,
        faults=faults,
        behaviour=gettext(BEHAVIOURS[Behaviour(found.behaviour)]),
    )
