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
from portal.payments import desk
from portal.payments import event_queries as queries
from portal.payments.event_queries import EventRow
from portal.payments.handle_event import Handled
from portal.payments.rules import UNBOOKED, EventState
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
        Column("event", N_("Event"), Kind.CODE, width="c-20", css="cell-wide"),
        Column("kind", N_("Kind"), Kind.CODE, width="c-18"),
        Column("state", N_("Status"), Kind.STATUS, status="stripe event", width="c-10", css="cell-corner"),
        Column("trouble", N_("Why it waits"), Kind.WORD, words=TROUBLES, width="c-15"),
        Column("payment", N_("Online payment"), Kind.CODE, shown=False, width="c-18"),
        Column("intent", N_("At Stripe"), Kind.CODE, shown=False, width="c-25"),
        Column("worth", N_("Amount"), Kind.MONEY, width="c-10"),
        Column("unbooked", N_("Not booked"), Kind.MONEY, width="c-12"),
        Column("currency", N_("Currency"), Kind.CODE, shown=False, width="c-10"),
        Column("note", N_("Reason"), shown=False, width="c-20"),
        Column("close_reason", N_("Why it stays unbooked"), shown=False, width="c-20"),
        Column("told_at", N_("Told at"), Kind.MOMENT, width="c-15", is_sortable=True),
    ),
    sort=str(queries.NEWEST_FIRST),
)


class AsideForm(Form):
    """Why nothing is to be booked, by the first person or the second."""

    reason: str


@blueprint.get("")
@requires(LedgerRight.POST)
@takes_columns("column")
def index() -> str | Response:
    """Events, the latest first, or those in one state."""
    desk.require_desk(current_actor())
    said = request.args.get("status", "")
    said = said if said == UNBOOKED or said in list(EventState) else ""
    sought: dict[str, Any] = {
        "state": "" if said == UNBOOKED else said,
        "unbooked": said == UNBOOKED,
        "q": request.args.get("q", "").strip(),
    }
    sort = sort_of_address(EVENTS)

    def fetch(cursor: str | None, limit: int) -> Page[EventRow]:
        return queries.events(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def page_only() -> dict[str, Any]:
        states = [(str(one), status_look("stripe event", one).label) for one in EventState]
        return {
            "status_options": [*states, (UNBOOKED, gettext("Money that is not booked"))],
            "unbooked": queries.unbooked_money(current_session()),
            "unbooked_status": UNBOOKED,
        }

    return show_list(
        EVENTS,
        fetch,
        "backoffice/online_payments/events.html",
        {"status": said, "q": sought["q"]},
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


@blueprint.post("/<event>/closing")
@requires(LedgerRight.APPROVE)
def close(event: str) -> Answer:
    """Agree as another person that it is not booked."""
    return acted(
        lambda: desk.close_aside(
            current_session(),
            actor=current_actor(),
            event=event,
            reason=read_form(AsideForm).reason,
            at=clock.now(),
        ),
        shown=lambda refusal: _page(event, refusal),
        then=lambda _: Said(gettext("The event is closed."), url_for("stripe_events.show", event=event)),
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
        may_try=found.state in desk.MAY_BE_TRIED,
        may_set_aside=found.state == EventState.WAITING,
        may_close=found.state == EventState.ASIDE
        and found.decided_by != current_actor().key
        and current_actor().may(LedgerRight.APPROVE),
        is_aside=found.state == EventState.ASIDE,
        **refused(refusal),
    )
