"""Drafts of the dealer: orders that colleagues share, and those that wait for one of them to approve."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response

from portal.blueprints.cart import cart_context
from portal.blueprints.frame import dealer_frame
from portal.dealers.queries import load_addresses
from portal.kernel import clock
from portal.kernel.errors import Conflict, Forbidden, Invalid
from portal.orders import cart
from portal.orders.vocabulary import OrderRight
from portal.purchasing import drafts
from portal.purchasing.decide_draft import approve_draft, order_draft, reject_draft
from portal.purchasing.keep_draft import discard_draft, keep_draft, take_draft, withdraw_draft
from portal.purchasing.place_or_ask import Asked
from portal.purchasing.rules import DraftState
from portal.purchasing.vocabulary import PurchasingRight
from portal.web.error_handlers import status_of
from portal.web.forms import Form, Stripped, read_form
from portal.web.naming import NameForm, Naming
from portal.web.order_heading import headed
from portal.web.order_sheets import Sheet, put_into_cart, sheet_of
from portal.web.order_terms import order_terms
from portal.web.presentation import address_line, in_full, in_language
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request
from portal.web.status_looks import status_look

blueprint = Blueprint("order_drafts", __name__)
blueprint.context_processor(dealer_frame)

READERS = (OrderRight.WRITE, PurchasingRight.APPROVE)
USUALLY = (DraftState.OPEN, DraftState.WAITING, DraftState.REJECTED)


class SeenForm(Form):
    """What the page showed of a draft, as the fingerprint of its prices."""

    seen: Stripped


class ReasonForm(Form):
    """Why an order is not approved."""

    reason: Stripped


@blueprint.get("/order-drafts")
@requires(*READERS)
def index() -> str:
    """The dealer's drafts: those that are still to be decided, or those of one state."""
    state = request.args.get("state", "")
    states = [state] if state in list(DraftState) else [str(one) for one in USUALLY]
    found = drafts.drafts(current_session(), actor=current_actor(), states=states)
    tabs = [
        (
            url_for("order_drafts.index", state=str(one)),
            status_look("order draft", one).label,
            state == one,
            None,
        )
        for one in DraftState
    ]
    may_approve = current_actor().may(PurchasingRight.APPROVE)
    return render_template(
        "purchasing/drafts.html", drafts=found, state=state, tabs=tabs, may_approve_orders=may_approve
    )


@blueprint.get("/order-drafts/<number>")
@requires(*READERS)
def show(number: str) -> str:
    """A draft with today's prices, and what may be done with it."""
    return render_template("purchasing/draft.html", **_context(number))


@blueprint.post("/cart/draft")
@requires(OrderRight.WRITE)
def keep_cart() -> str | Response:
    """Keep the cart with its heading as a draft that colleagues see; the cart is empty then."""
    session, actor, terms = current_session(), current_actor(), order_terms()
    name, at = read_form(NameForm).name, clock.now()
    try:
        number = keep_draft(
            session,
            actor=actor,
            name=name,
            request=headed(cart.lines(session, actor=actor)),
            limits=terms.limits,
            at=at,
            today=clock.business_date(at, terms.zone),
        )
    except Invalid as refusal:
        session.rollback()
        context = cart_context(naming=Naming.refused("draft", name, refusal))
        page = (
            render_block("cart/index.html", "draft_name", **context)
            if request.htmx
            else render_template("cart/index.html", **context)
        )
        return make_response(page, 422)
    cart.empty_cart(session, actor=actor)
    flash(gettext("Your colleagues see the draft now. Your cart is empty."), "success")
    address = url_for("order_drafts.show", number=number)
    return Response(headers={"HX-Redirect": address}) if request.htmx else redirect(address, 303)


@blueprint.post("/order-drafts/<number>/order")
@requires(OrderRight.WRITE)
def order(number: str) -> str | Response:
    """Order a draft as its page showed it."""
    try:
        placed = order_draft(
            current_session(),
            actor=current_actor(),
            number=number,
            seen=read_form(SeenForm).seen,
            terms=order_terms(),
            at=clock.now(),
        )
    except (Invalid, Conflict) as refusal:
        return _refused(number, refusal)
    if isinstance(placed, Asked):
        flash(gettext("A colleague has to approve this order before it is placed."), "info")
        return redirect(url_for("order_drafts.show", number=number), 303)
    return _ordered(placed.number)


@blueprint.post("/order-drafts/<number>/approval")
@requires(PurchasingRight.APPROVE)
def approve(number: str) -> str | Response:
    """Approve an order of a colleague as the page showed it."""
    try:
        placed = approve_draft(
            current_session(),
            actor=current_actor(),
            number=number,
            seen=read_form(SeenForm).seen,
            terms=order_terms(),
            at=clock.now(),
        )
    except (Invalid, Conflict, Forbidden) as refusal:
        return _refused(number, refusal)
    return _ordered(placed.number)


@blueprint.post("/order-drafts/<number>/rejection")
@requires(PurchasingRight.APPROVE)
def reject(number: str) -> str | Response:
    """Do not approve it, and say why."""
    reason = read_form(ReasonForm).reason
    try:
        reject_draft(current_session(), actor=current_actor(), number=number, reason=reason, at=clock.now())
    except (Invalid, Conflict, Forbidden) as refusal:
        return _refused(number, refusal, rejecting=reason)
    flash(gettext("The order has not been approved. Your colleague is told why."), "success")
    return redirect(url_for("order_drafts.show", number=number), 303)


@blueprint.post("/order-drafts/<number>/withdrawal")
@requires(OrderRight.WRITE)
def withdraw(number: str) -> Response:
    """Ask for approval no longer."""
    try:
        withdraw_draft(current_session(), actor=current_actor(), number=number)
    except (Conflict, Forbidden) as refusal:
        return _refused(number, refusal)
    flash(gettext("Nobody is asked for approval any more."), "success")
    return redirect(url_for("order_drafts.show", number=number), 303)


@blueprint.post("/order-drafts/<number>/taking")
@requires(OrderRight.WRITE)
def take(number: str) -> str | Response:
    """Take a draft over into the own cart."""
    try:
        taken = take_draft(current_session(), actor=current_actor(), number=number, at=clock.now())
        put_into_cart(taken.request().lines)
    except (Invalid, Conflict) as refusal:
        return _refused(number, refusal)
    flash(gettext("The draft is in your cart."), "success")
    return redirect(url_for("cart.index", **_heading(taken)), 303)


@blueprint.post("/order-drafts/<number>/discarding")
@requires(OrderRight.WRITE)
def discard(number: str) -> Response:
    """Give a draft up."""
    try:
        discard_draft(current_session(), actor=current_actor(), number=number, at=clock.now())
    except Conflict as refusal:
        return _refused(number, refusal)
    flash(gettext("The draft has been discarded."), "success")
    return redirect(url_for("order_drafts.index"), 303)


def _context(
    number: str, refusal: Invalid | Conflict | Forbidden | None = None, rejecting: str | None = None
) -> dict[str, Any]:
    actor = current_actor()
    found = drafts.draft(current_session(), actor=actor, number=number)
    sheet: Sheet | None = None
    if found.state in USUALLY:
        sheet = sheet_of(found.lines, found.request(), [line.unit_price for line in found.lines])
    return {
        "draft": found,
        "sheet": sheet,
        "refusal": _words(refusal) if refusal else [],
        "rejecting": rejecting,
        "ship_to": _address(found),
        "asked_by_me": found.asked_by == actor.key,
        "may_approve": actor.may(PurchasingRight.APPROVE) and found.asked_by != actor.key,
        "has_changed": sheet is not None
        and found.state == DraftState.WAITING
        and sheet.assessment.seen != found.seen,
    }


def _words(refusal: Invalid | Conflict | Forbidden) -> list[str]:
    return [in_full(fault) for fault in refusal.faults] or [in_full(refusal)]


def _heading(draft: drafts.Draft) -> dict[str, Any]:
    """What a draft says besides its lines, for the form of the cart."""
    return {
        "purchase_order_no": draft.purchase_order_no or None,
        "ship_to": draft.ship_to,
        "hospital": draft.hospital or None,
        "requested_date": draft.requested_date,
        "warehouse": draft.warehouse,
        "split": "1" if draft.split else None,
        "backorder": "1" if draft.backorder else None,
    }


def _address(draft: drafts.Draft) -> str:
    """Where it goes, empty for the usual address."""
    places = load_addresses(current_session(), draft.dealer_id) if draft.ship_to else []
    for place in places:
        if place.code == draft.ship_to:
            province = in_language(place.province_zh, place.province_en)
            return address_line(province, place.city, place.line, province_zh=place.province_zh)
    return draft.ship_to or ""


def _refused(number: str, refusal: Invalid | Conflict | Forbidden, rejecting: str | None = None) -> Response:
    """The page of the draft with what stands against it. rejecting: the reason that was typed for not
    approving it, in its dialog again where it is what is wrong.
    """
    current_session().rollback()  # the page below reads anew; nothing of what was refused stays
    context = _context(number, refusal, rejecting if isinstance(refusal, Invalid) else None)
    return make_response(render_template("purchasing/draft.html", **context), status_of(refusal))


def _ordered(number: str) -> Response:
    flash(gettext("Order %(number)s has been placed.", number=number), "success")
    return redirect(url_for("orders.show", number=number), 303)
