"""The stop list at headquarters: whose new orders are held, by whom and why, and the end of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.credit import stop_queries
from portal.credit.stop_dealer import end_stop, stop_dealer
from portal.credit.stop_queries import StopRow
from portal.dealers.queries import dealer_id_of
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError, Fault, Invalid, NotFound
from portal.kernel.paging import Page
from portal.ledger.vocabulary import LedgerRight
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Form, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.status_looks import status_look

blueprint = Blueprint("stops", __name__, url_prefix="/hq/stops")

READERS = (LedgerRight.READ, LedgerRight.POST)

STOPS = Listing(
    "stops",
    N_("Stop list"),
    (
        Column("number", N_("Stop"), Kind.CODE, width="c-18"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide", width="c-20"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("state", N_("Status"), Kind.STATUS, status="stop", width="c-15", css="cell-corner"),
        Column("reason", N_("Reason"), css="cell-wide"),
        Column("letter_no", N_("Letter"), Kind.CODE, shown=False, width="c-18"),
        Column("until", N_("Until"), Kind.DATE, width="c-10"),
        Column("put_by_label", N_("Put by"), shown=False, width="c-12"),
        Column("put_at", N_("Put at"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("ended_by_label", N_("Ended by"), shown=False, width="c-12"),
        Column("ended_at", N_("Ended at"), Kind.MOMENT, shown=False, width="c-15"),
        Column("end_reason", N_("Why it ended"), shown=False, width="c-20"),
    ),
    sort=str(stop_queries.STOPS.latest_first),
)


class StopForm(Form):
    """Whom to stop, why, and through which day."""

    dealer: str
    reason: str
    until: str


class EndForm(Form):
    """Why it ends."""

    reason: str


@blueprint.get("")
@requires(*READERS)
@takes_columns("column")
def index() -> str | Response:
    """Stops, the latest first; those that stand unless somebody asks for others."""
    state = request.args.get("status", "stands")
    sought: dict[str, Any] = {
        "state": state if state in ("stands", "ended") else "",
        "q": request.args.get("q", "").strip(),
    }
    sort = sort_of_address(STOPS)

    def fetch(cursor: str | None, limit: int) -> Page[StopRow]:
        return stop_queries.stops(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def page_only() -> dict[str, Any]:
        return {
            "status_options": [(one, status_look("stop", one).label) for one in ("stands", "ended")],
            "may_stop": current_actor().may(LedgerRight.POST),
        }

    return show_list(
        STOPS,
        fetch,
        "backoffice/stops/index.html",
        {"status": sought["state"], "q": sought["q"]},
        page_only=page_only,
        count=lambda: stop_queries.count_stops(current_session(), **sought),
    )


@blueprint.get("/new")
@requires(LedgerRight.POST)
def new() -> str:
    """The form of a stop."""
    return _form(request.args.get("dealer", ""))


@blueprint.post("")
@requires(LedgerRight.POST)
def create() -> Answer:
    """Put a dealer on the list."""
    form, at = read_form(StopForm), clock.now()
    today = clock.business_date(at, portal().settings.timezone)

    def act() -> str:
        faults: list[Fault] = []
        until = typed.field(typed.day, form.until, "/until", faults) if form.until.strip() else None
        try:
            dealer_id = dealer_id_of(current_session(), form.dealer.strip()[:64])
        except NotFound:
            fix = N_("Enter the code of one of your dealers.")
            faults.append(Fault("/dealer", "unknown_dealer", N_("There is no such dealer."), fix))
        if faults:
            raise Invalid(faults=faults)
        return stop_dealer(
            current_session(),
            actor=current_actor(),
            dealer_id=dealer_id,
            reason=form.reason,
            until=until,
            today=today,
            at=at,
        )

    return acted(
        act,
        shown=lambda refusal: _form(form.dealer, refusal),
        then=lambda number: Said(
            gettext("New orders are held: %(number)s.", number=number), url_for("stops.show", number=number)
        ),
    )


@blueprint.get("/<number>")
@requires(*READERS)
def show(number: str) -> str:
    """One stop."""
    return _page(number)


@blueprint.post("/<number>/end")
@requires(LedgerRight.POST)
def end(number: str) -> Answer:
    """Take the dealer off the list."""
    form, at = read_form(EndForm), clock.now()
    stop_queries.stop_of(current_session(), number)
    return acted(
        lambda: end_stop(current_session(), actor=current_actor(), number=number, reason=form.reason, at=at),
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(
            gettext("The stop has ended; its orders go on."), url_for("stops.show", number=number)
        ),
    )


def _form(code: str, refusal: DomainError | None = None) -> str:
    return render_template("backoffice/stops/new.html", code=code, **refused(refusal))


def _page(number: str, refusal: DomainError | None = None) -> str:
    found = stop_queries.stop_of(current_session(), number)
    may_end = current_actor().may(LedgerRight.POST) and found.ended_at is None
    return render_template("backoffice/stops/show.html", found=found, may_end=may_end, **refused(refusal))
