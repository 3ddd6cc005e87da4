"""What Stripe told, and the queue of what the books could not take."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal.kernel import clock
from portal.kernel.errors import N_, DomainError
from portal.kernel.paging import Page
from portal.ledger.record_payment import caution_of
from portal.ledger.vocabulary import LedgerRight
from portal.payments import desk, queries
from portal.payments.handle_event import Handled
from portal.payments.queries import EventRow
from portal.payments.rules import EventState
from portal.payments.words import TROUBLES
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Form, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.status_looks import status_look

blueprint = Blueprint("stripe_events", __name__, url_prefix="/hq/stripe-events")

EVENTS = Listing(
    "stripe-events",
    N_("Events of Stripe"),
    (
        Column("event", N_("Event"), Kind.CODE, width="c-25", css="cell-wide"),
        Column("kind", N_("Kind"), Kind.CODE, width="c-20"),
        Column("state", N_("Status"), Kind.STATUS, status="stripe event", width="c-12", css="cell-corner"),
        Column("trouble", N_("Why it waits"), Kind.WORD, words=TROUBLES, width="c-15"),
        Column("payment", N_("Online payment"), Kind.CODE, shown=False, width="c-18"),
        Column("intent", N_("At Stripe"), Kind.CODE, shown=False, width="c-25"),
        Column("worth", N_("Amount"), Kind.MONEY, width="c-12"),
        Column("currency", N_("Currency"), Kind.CODE, shown=False, width="c-10"),
        Column("note", N_("Reason"), shown=False, width="c-20"),
        Column("told_at", N_("Told at"), Kind.MOMENT, width="c-15", is_sortable=True),
    ),
    sort=str(queries.NEWEST_FIRST),
)


class AsideForm(Form):
    """Why nothing is to be booked."""

    reason: str


@blueprint.get("")
@requires(LedgerRight.POST)
@takes_columns("column")
def index() -> str | Response:
    """Events, the latest first, or those in one state."""
    desk.require_desk(current_actor())
    said = request.args.get("status", "")
    sought: dict[str, Any] = {
        "state": said if said in list(EventState) else "",
        "q": request.args.get("q", "").strip(),
    }
    sort = sort_of_address(EVENTS)

    def fetch(cursor: str | None, limit: int) -> Page[EventRow]:
        return queries.events(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def page_only() -> dict[str, Any]:
        return {"status_options": [(str(one), status_look("stripe event", one).label) for one in EventState]}

    return show_list(
        EVENTS,
        fetch,
        "backoffice/online_payments/events.html",
        {"status": sought["state"], "q": sought["q"]},
        page_only=page_only,
        count=lambda: queries.count_events(current_session(), **sought),
    )


@blueprint.get("/<event>")
@requires(LedgerRight.POST)
def show(event: str) -> str:
    """One event, and what may be done about it."""
    desk.require_desk(current_actor())
    return _page(event)


@blueprint.post("/<event>/handling")
@requires(LedgerRight.POST)
def again(event: str) -> Answer:
    """Try to book it once more."""
    settings, at = portal().settings, clock.now()

    def act() -> Handled:
        return desk.try_again(
            current_session(),
            actor=current_actor(),
            event=event,
            zone=settings.timezone,
            at=at,
            caution=caution_of(settings),
        )

    return acted(
        act,
        shown=lambda refusal: _page(event, refusal),
        then=lambda handled: Said(_said(handled), url_for("stripe_events.show", event=event)),
    )


@blueprint.post("/<event>/setting-aside")
@requires(LedgerRight.POST)
def aside(event: str) -> Answer:
    """Say that nothing is to be booked by itself."""
    return acted(
        lambda: desk.set_aside(
            current_session(),
            actor=current_actor(),
            event=event,
            reason=read_form(AsideForm).reason,
            at=clock.now(),
        ),
        shown=lambda refusal: _page(event, refusal),
        then=lambda _: Said(gettext("The event is set aside."), url_for("stripe_events.index")),
    )


def _said(handled: Handled) -> str:
    if handled.trouble is not None:
        return gettext("It still waits: %(why)s", why=gettext(TROUBLES[handled.trouble]))
    return gettext("The event is handled.")


def _page(event: str, refusal: DomainError | None = None) -> str:
    found = queries.event(current_session(), event)
    link: str | Markup = "–"
    if found.payment:
        address = url_for("online_payments.show", number=found.payment)
        link = Markup('<a href="{}">{}</a>').format(address, found.payment)
    return render_template(
        "backoffice/online_payments/event.html",
        found=found,
        payment_link=link,
        troubles=labels(TROUBLES),
        may_try=found.state in (EventState.WAITING, EventState.KEPT),
        may_set_aside=found.state == EventState.WAITING,
        **refused(refusal),
    )
