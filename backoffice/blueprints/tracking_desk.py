"""Parcels on their way, for the warehouse: followed, and told of by hand, by file, by a carrier's answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import force_locale, gettext, ngettext
from werkzeug.wrappers import Response

from portal.kernel import clock, spreadsheet
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.shipping.queries import shipment
from portal.shipping.vocabulary import ShippingRight
from portal.tracking.answers.read_answer import READABLE, Adapter, read_answer
from portal.tracking.event_sheet import SheetRow, read_event_sheet
from portal.tracking.queries import (
    LATEST_FIRST,
    Filter,
    Parcel,
    count_parcels,
    events_of,
    parcel,
    parcels,
)
from portal.tracking.record_events import Outcome, Recorded, Told, record_events, record_told
from portal.tracking.rules import Event, EventCode, Source
from portal.web.forms import DayIfAny, Form, Moment, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.parcel_timeline import parcel_timeline, usual_days
from portal.web.presentation import in_full, in_words
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.status_looks import status_look

blueprint = Blueprint("tracking_desk", __name__, url_prefix="/hq")

LOCALES = ("zh", "en")

PARCELS = Listing(
    "tracked-parcels",
    N_("Tracking"),
    (
        Column("number", N_("Shipment"), width="c-16", css="text-nowrap"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("order_number", N_("Order"), Kind.CODE, shown=False, width="c-18"),
        Column("carrier", N_("Carrier"), Kind.NAME, width="c-12", shown=False),
        Column("tracking_no", N_("Tracking number"), Kind.CODE, width="c-15"),
        Column("standing", N_("Status"), Kind.STATUS, status="parcel", width="c-12", css="cell-corner"),
        Column("standing_at", N_("Last news"), Kind.MOMENT, width="c-15"),
        Column("expected_on", N_("Expected on"), Kind.DATE, width="c-10"),
        Column("shipped_at", N_("Shipped on"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("received_at", N_("Received at"), Kind.MOMENT, shown=False, width="c-15"),
    ),
    sort=str(LATEST_FIRST),
)


class EventForm(Form):
    """An event as somebody enters it."""

    at: Moment
    code: Stripped
    place: Stripped
    note: Stripped
    expected_on: DayIfAny


@blueprint.get("/tracking")
@requires(ShippingRight.SHIP)
@takes_columns("column")
def index() -> str | Response:
    """Parcels that are on their way, in trouble, or delivered and not confirmed."""
    said = request.args.get("status", "")
    show_only = Filter(said) if said in list(Filter) else Filter.UNDER_WAY
    q = request.args.get("q", "").strip()
    sort = sort_of_address(PARCELS)

    def fetch(cursor: str | None, limit: int) -> Page[Parcel]:
        return parcels(
            current_session(),
            show=show_only,
            q=q,
            usual_days=usual_days(),
            cursor=cursor,
            limit=limit,
            sort=sort,
        )

    def count() -> int:
        return count_parcels(current_session(), show=show_only, q=q)

    def page_only() -> dict[str, Any]:
        return {"tabs": _tabs(show_only)}

    context = {"status": said, "q": q, "today": _today()}
    template = "backoffice/tracking_desk/index.html"
    return show_list(PARCELS, fetch, template, context, page_only=page_only, count=count)


@blueprint.get("/tracking/<number>")
@requires(ShippingRight.SHIP)
def show(number: str) -> str:
    """One parcel with everything that was told of it."""
    return _page(number)


@blueprint.post("/tracking/<number>/events")
@requires(ShippingRight.SHIP)
def tell(number: str) -> str | Response:
    """Write down what somebody heard of a parcel."""

    def act() -> Recorded:
        form = read_form(EventForm)
        if form.code not in list(EventCode):
            message = N_("Choose an event.")
            raise Invalid(faults=[Fault("/code", "unknown_code", message, N_("Take one of the list."))])
        event = Event(form.at, EventCode(form.code), form.place, form.note, "", form.expected_on)
        return record_events(current_session(), number=number, events=[event], source=Source.DESK, **acting())

    return _recorded(number, act)


@blueprint.post("/tracking/<number>/answer")
@requires(ShippingRight.SHIP)
def answer(number: str) -> str | Response:
    """Read what a carrier answered about this parcel."""

    def act() -> Recorded:
        followed = parcel(current_session(), number, usual_days=usual_days())
        adapter = Adapter(followed.adapter)
        file = request.files.get("file")
        content = file.read() if file else b""
        if adapter not in READABLE or not content:
            message, fix = (
                N_("There is no file to be read."),
                N_("Choose the file with the carrier's answer."),
            )
            raise Invalid(faults=[Fault("/file", "file_missing", message, fix)])
        told = [
            one
            for one in read_answer(adapter, content)
            if not one.numbers or followed.tracking_no in one.numbers
        ]
        if not told:
            raise Conflict(
                "another_parcel",
                N_("This answer is about another shipment."),
                fix=N_("Ask the carrier for %(number)s."),
                number=followed.tracking_no,
            )
        events = [event for one in told for event in one.events]
        return record_events(
            current_session(), number=number, events=events, source=Source.CARRIER, **acting()
        )

    return _recorded(number, act)


@blueprint.get("/event-files")
@requires(ShippingRight.SHIP)
def events_file() -> str:
    """Where a file with events of many parcels is given."""
    return _file_page()


@blueprint.post("/event-files")
@requires(ShippingRight.SHIP)
def import_events() -> str | Response:
    """Take the events of a file; each row is taken or refused by itself, and the answer says so."""
    file = request.files.get("file")
    try:
        table = spreadsheet.read_table(file.read() if file else b"")
        rows = read_event_sheet(table, portal().settings.timezone, _words())
    except Invalid as refusal:
        return make_response(_file_page(refusal=refusal), 422)
    told = [Told(row.number, row.event, f"/rows/{row.row}") for row in rows if row.event is not None]
    outcomes = {
        outcome.told.pointer: outcome
        for outcome in record_told(current_session(), told=told, source=Source.FILE, **acting())
    }
    return _file_page(report=[_reported(row, outcomes.get(f"/rows/{row.row}")) for row in rows])


def acting() -> dict[str, Any]:
    """Who tells, when, and how far a carrier's clock may be ahead."""
    skew = timedelta(minutes=portal().settings.event_clock_minutes)
    return {"actor": current_actor(), "at": clock.now(), "skew": skew}


def _recorded(number: str, act: Callable[[], Recorded]) -> str | Response:
    try:
        recorded = act()
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        return make_response(_page(number, refusal), 422 if isinstance(refusal, Invalid) else 409)
    if recorded.new:
        words = ngettext(
            "%(count)s event has been recorded.",
            "%(count)s events have been recorded.",
            recorded.new,
            count=recorded.new,
        )
        flash(words, "success")
    else:
        flash(gettext("All of this was known already."), "info")
    return redirect(url_for("tracking_desk.show", number=number), 303)


def _page(number: str, refusal: DomainError | None = None) -> str:
    session = current_session()
    followed = parcel(session, number, usual_days=usual_days())
    faults = refusal.faults if refusal else ()
    return render_template(
        "backoffice/tracking_desk/show.html",
        parcel=followed,
        shipment=shipment(session, number),
        events=parcel_timeline(events_of(session, followed)),
        codes=[(str(code), status_look("parcel", code).label) for code in EventCode],
        is_readable=Adapter(followed.adapter) in READABLE,
        refusal=refusal,
        refusal_lines=[(f"field-{fault.pointer.strip('/')}", in_words(fault)) for fault in faults],
        beside=lambda name: [in_full(fault) for fault in faults if fault.pointer == f"/{name}"],
        typed=request.form,
        now=clock.now().astimezone(portal().settings.timezone),
    )


def _file_page(report: list[dict[str, Any]] | None = None, refusal: Invalid | None = None) -> str:
    return render_template(
        "backoffice/tracking_desk/file.html",
        report=report,
        refusal=refusal,
        taken=sum(1 for row in report or () if not row["faults"]),
        codes=[(str(code), status_look("parcel", code).label) for code in EventCode],
    )


def _reported(row: SheetRow, outcome: Outcome | None) -> dict[str, Any]:
    faults = row.faults or (outcome.faults if outcome else ())
    return {
        "row": row.row,
        "number": row.number,
        "event": row.event,
        "shipments": outcome.shipments if outcome else (),
        "faults": [in_full(fault) for fault in faults],
    }


def _words() -> dict[str, EventCode]:
    """What our events are called in either language."""
    words: dict[str, EventCode] = {}
    for locale in LOCALES:
        with force_locale(locale):
            words |= {status_look("parcel", code).label: code for code in EventCode}
    return words


def _tabs(chosen: Filter) -> list[tuple[str, str, bool, int | None]]:
    labels = {
        Filter.UNDER_WAY: gettext("In transit"),
        Filter.TROUBLE: gettext("In trouble"),
        Filter.DELIVERED: gettext("Delivered, not confirmed"),
        Filter.ALL: gettext("All"),
    }
    return [
        (url_for("tracking_desk.index", status=str(one)), label, one is chosen, None)
        for one, label in labels.items()
    ]


def _today() -> Any:
    return clock.business_date(clock.now(), portal().settings.timezone)
