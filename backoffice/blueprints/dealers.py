"""Dealers: who they are, what their rights rest on, where their account stands; and their payments."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.credit.queries import history
from portal.credit.stop_queries import stop_of_dealer
from portal.credit.words import KINDS
from portal.dealers import directory
from portal.dealers.change_tier import tier_changes, tiers_of
from portal.dealers.contacts import seen_by, show_contacts
from portal.dealers.directory import DealerRow
from portal.dealers.queries import Address, dealer_id_of, load_addresses, load_dealer, regions_in_scope
from portal.dealers.vocabulary import DealerRight
from portal.kernel import clock, idempotency, typed
from portal.kernel.errors import N_, Conflict, DomainError, Invalid
from portal.kernel.numbering import new_token
from portal.kernel.paging import Page
from portal.ledger.queries import position
from portal.ledger.record_payment import caution_of, record_payment
from portal.ledger.rules import Doubt
from portal.ledger.vocabulary import LedgerRight
from portal.ledger.words import METHODS
from portal.orders import queries as orders
from portal.orders.vocabulary import OrderRight
from portal.shipping.vocabulary import ShippingRight
from portal.web.forms import Day, Form, Money, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import address_line, in_full, in_language, labels
from portal.web.reference_cache import tier_options, tiers
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("dealers", __name__, url_prefix="/hq/dealers")

CONFIRMATIONS = {
    Doubt.DUPLICATE: "confirm_duplicate",
    Doubt.AMOUNT: "confirm_amount",
}  # fields of the payment form; they confirm what was shown

DEALERS = Listing(
    "dealers",
    N_("Dealers"),
    (
        Column("name", N_("Dealer"), Kind.NAME),
        Column("code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12", is_sortable=True),
        Column("state", N_("Status"), Kind.STATUS, status="dealer", shown=False, width="c-12"),
        Column("region", N_("Region"), Kind.NAME, width="c-15"),
        Column("tier", N_("Tier"), width="c-8"),
        Column("balance", N_("Balance"), Kind.MONEY, width="c-15", is_sortable=True),
        Column("open_orders", N_("Open orders"), Kind.MONEY, width="c-15", is_sortable=True),
        Column("credit_limit", N_("Credit limit"), Kind.MONEY, width="c-15", is_sortable=True),
        Column("used", N_("Used"), Kind.SHARE, width="c-8"),
    ),
    sort=str(directory.BY_CODE),
)


@blueprint.get("")
@requires(DealerRight.HEADQUARTERS)
@takes_columns("column")
def index() -> str | Response:
    """Dealers in scope with their exposure."""
    query = {name: request.args.get(name, "").strip() for name in ("q", "region", "tier")}

    tier = query["tier"] if query["tier"] in {one.code for one in tiers()} else ""
    region_id = typed.own_number(query["region"])
    sought: dict[str, Any] = {"q": query["q"], "region_id": region_id, "tier": tier}
    sort = sort_of_address(DEALERS)

    def fetch(cursor: str | None, limit: int) -> Page[DealerRow]:
        return directory.dealers(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def count() -> int:
        return directory.count_dealers(current_session(), **sought)

    return show_list(DEALERS, fetch, "backoffice/dealers/index.html", query, page_only=_filters, count=count)


def _filters() -> dict[str, Any]:
    named = [
        (str(region.id), in_language(region.name_zh, region.name_en))
        for region in regions_in_scope(current_session(), current_actor())
    ]
    regions = [("", gettext("All regions")), *named]
    return {"regions": regions, "tiers": [("", gettext("All tiers")), *tier_options()]}


@blueprint.get("/<code>")
@requires(DealerRight.HEADQUARTERS)
def show(code: str) -> str:
    """One dealer."""
    return render_template("backoffice/dealers/show.html", **_context(code), confirming="")


class ContactsForm(Form):
    """Why masked contacts are looked at."""

    contacts_reason: str


class PaymentForm(Form):
    """A payment as finance enters it."""

    amount: Money
    received_on: Day
    method: str
    reference: str
    advance_for: str


@blueprint.post("/<code>/payments")
@requires(LedgerRight.POST)
def payment(code: str) -> str | Response:
    """Record money received.

    A second click is the same payment, a form that says something else is another one.
    """
    actor, session, form = current_actor(), current_session(), request.form
    dealer_id, at = dealer_id_of(session, code), clock.now()
    entered = {name: form.get(name, "") for name in PaymentForm.model_fields}
    fingerprint = hashlib.sha256(repr((code, entered)).encode()).hexdigest()
    key = f"payment-{form.get('idempotency_key', '')[:64]}-{fingerprint}"
    try:
        if idempotency.remembered(session, actor=actor, key=key, fingerprint=fingerprint) is None:
            today = clock.business_date(at, portal().settings.timezone)
            payment = read_form(PaymentForm)
            record_payment(
                session,
                actor=actor,
                dealer_id=dealer_id,
                **payment.model_dump(),
                today=today,
                at=at,
                caution=caution_of(portal().settings),
                confirmed={
                    doubt for doubt, member in CONFIRMATIONS.items() if form.get(member) == fingerprint
                },
            )
            idempotency.remember(session, actor=actor, key=key, status=303, body="{}")
    except (Invalid, Conflict) as refusal:
        session.rollback()
        page = render_template(
            "backoffice/dealers/show.html", **_context(code, refusal), confirming=fingerprint
        )
        return make_response(page, 422)
    flash(gettext("The payment has been booked."), "success")
    return redirect(url_for("dealers.show", code=code), 303)


@blueprint.post("/<code>/contacts")
@requires(DealerRight.HEADQUARTERS)
def contacts(code: str) -> str | Response:
    """Show masked contacts, once and for a reason."""
    session, actor = current_session(), current_actor()
    dealer_id = dealer_id_of(session, code)
    reason = read_form(ContactsForm).contacts_reason[:1000]
    try:
        show_contacts(session, actor=actor, dealer_id=dealer_id, code=code, reason=reason)
    except Invalid as refusal:
        session.rollback()
        page = render_template("backoffice/dealers/show.html", **_context(code, refusal), confirming="")
        return make_response(page, 422)
    return render_template(
        "backoffice/dealers/show.html", **_context(code, contacts_shown=True), confirming=""
    )


def _context(
    code: str, refusal: DomainError | None = None, *, contacts_shown: bool = False
) -> dict[str, Any]:
    session, actor = current_session(), current_actor()
    today = clock.business_date(clock.now(), portal().settings.timezone)
    dealer = load_dealer(session, dealer_id_of(session, code), day=today)
    faults = refusal.faults if refusal else ()
    places = load_addresses(session, dealer.id)
    return {
        "dealer": dealer,
        "tiers": tiers_of(session, dealer.id),
        "tier_changes": tier_changes(session, dealer_id=dealer.id) if actor.may(DealerRight.TIERS) else (),
        "may_tier": actor.may(DealerRight.TIERS),
        "contacts_masked": not contacts_shown and not actor.may(DealerRight.CONTACTS),
        "addresses_shown": [
            (place.code, f"{_line_of(place)} · {place.contact_name} {place.contact_phone}")
            for place in (places if contacts_shown else seen_by(actor, places))
        ],
        "licences": directory.licences(session, dealer.id),
        "position": position(session, dealer.id),
        "recent": orders.orders(session, dealer_id=dealer.id, limit=8).items,
        "may_see_orders": actor.may(OrderRight.DESK) or actor.may(ShippingRight.SHIP),
        "may_book": actor.may(LedgerRight.POST),
        "history": history(session, dealer.id, today=today) if actor.may(LedgerRight.READ) else None,
        "stop": stop_of_dealer(session, dealer.id, today=today),
        "kinds": labels(KINDS),
        "at_headquarters": True,
        "today": today,
        "refusal": refusal,
        "beside": lambda pointer: [in_full(fault) for fault in faults if fault.pointer == pointer],
        "doubts": [
            (fault.pointer.removeprefix("/"), fault) for fault in faults if fault.code in CONFIRMATIONS
        ],
        "typed": request.form,
        "methods": labels(METHODS).items(),
        "idempotency_key": request.form.get("idempotency_key") or new_token(),
    }


def _line_of(place: Address) -> str:
    return address_line(
        in_language(place.province_zh, place.province_en),
        place.city,
        place.line,
        province_zh=place.province_zh,
    )
