"""Orders of the dealer: listed, placed from the cart, followed, cancelled."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, send_file, url_for
from flask_babel import gettext
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response

from portal.blueprints.cart import Row, cart_context, take_up_unsent
from portal.blueprints.frame import dealer_frame
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, Invalid
from portal.kernel.paging import Page
from portal.orders import cart, lifecycle, queries
from portal.orders.answer import Idempotency, Placed
from portal.orders.cancel_order import cancel_order
from portal.orders.queries import OrderSummary
from portal.orders.request import CHANGED
from portal.orders.vocabulary import OrderRight
from portal.pricing.vocabulary import PriceRight
from portal.purchasing.place_or_ask import Asked, place_or_ask
from portal.returns.queries import return_replaced_by, returns_of_order
from portal.shipping.print_delivery_note import print_delivery_note
from portal.shipping.queries import ShipmentLine, shipments_of
from portal.shipping.seller import Seller
from portal.tracking.queries import Parcel, parcels_of_order
from portal.web import language
from portal.web.delivery_page import sign_address
from portal.web.download_audit import undo_unsent_download
from portal.web.forms import Form, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.naming import Naming
from portal.web.order_heading import headed
from portal.web.order_terms import order_terms
from portal.web.order_timeline import history, road
from portal.web.parcel_timeline import usual_days
from portal.web.parts import part_of
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, keep_on_refusal, portal, request
from portal.web.status_looks import status_look

blueprint = Blueprint("orders", __name__)
blueprint.context_processor(dealer_frame)

ORDERS = Listing(
    "orders",
    N_("Orders"),
    (
        Column("number", N_("Order"), is_sortable=True),
        Column("placed_at", N_("Ordered on"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("status", N_("Status"), Kind.STATUS, status="order", width="c-12", css="cell-corner"),
        Column("purchase_order_no", N_("Your PO number"), width="c-20"),
        Column("line_count", N_("Lines"), Kind.QUANTITY, width="c-10"),
        Column("total", N_("Amount"), Kind.MONEY, right=PriceRight.READ, width="c-15"),
    ),
    sort=str(queries.LATEST_FIRST),
)


@blueprint.get("/orders")
@requires(OrderRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """The dealer's orders, newest first, by status and number."""
    query = {"q": request.args.get("q", "").strip(), "status": request.args.get("status", "")}
    if query["status"] not in queries.STATUSES:
        query["status"] = ""

    sort, dealer_id = sort_of_address(ORDERS), current_actor().own_dealer_id

    def fetch(cursor: str | None, limit: int) -> Page[OrderSummary]:
        session = current_session()
        return queries.orders(session, dealer_id=dealer_id, cursor=cursor, limit=limit, sort=sort, **query)

    def count() -> int:
        return queries.count_orders(current_session(), dealer_id=dealer_id, **query)

    def page_only() -> dict[str, Any]:
        return {"status_options": [(one, status_look("order", one).label) for one in queries.STATUSES]}

    return show_list(ORDERS, fetch, "orders/index.html", query, page_only=page_only, count=count)


class OrderForm(Form):
    """The heading of an order as it was entered, which comes back with a refusal."""

    purchase_order_no: Stripped
    hospital: Stripped
    ship_to: Stripped
    requested_date: Stripped
    idempotency_key: Stripped
    seen: Stripped
    warehouse: Stripped
    split: Stripped
    backorder: Stripped


class CancellationForm(Form):
    """Why an order is cancelled."""

    reason: str


@blueprint.post("/orders")
@requires(OrderRight.WRITE)
@takes_columns("sku", "quantity", "held")
def create() -> str | Response:
    """Order what is in the cart, if that is what its page showed.

    A second click with the same form is answered with the first order.
    """
    entered = read_form(OrderForm).model_dump()
    wrong = take_up_unsent()
    if wrong is not None:
        keep_on_refusal()
        return _cart_again(entered, Conflict(*CHANGED), wrong)
    try:
        placed = _place(entered)
    except (Invalid, Conflict) as refusal:
        current_session().rollback()  # the page below reads anew; nothing of the refused order stays
        return _cart_again(entered, refusal)
    if isinstance(placed, Asked):
        flash(gettext("A colleague has to approve this order before it is placed."), "info")
        address = url_for("order_drafts.show", number=placed.number)
    else:
        flash(gettext("Order %(number)s has been placed.", number=placed.number), "success")
        address = url_for("orders.show", number=placed.number)
    return Response(headers={"HX-Redirect": address}) if request.htmx else redirect(address, 303)


@blueprint.get("/orders/<number>")
@requires(OrderRight.READ)
def show(number: str) -> str:
    """One order with its timeline, lines, lots and shipments."""
    return order_page(queries.order(current_session(), number))


def order_page(order: queries.OrderDetail, naming: Naming | None = None) -> str:
    """The page of an order. naming: its dialog for a template, when what was typed into it was refused."""
    shipments = shipments_of(current_session(), order.dealer_id, order.id)
    followed = parcels_of_order(
        current_session(), dealer_id=order.dealer_id, order_id=order.id, usual_days=usual_days()
    )
    lots: dict[int, list[tuple[ShipmentLine, Parcel | None]]] = {}
    for shipment in shipments:
        for line in shipment.lines:
            lots.setdefault(line.line_no, []).append((line, followed.get(shipment.number)))
    context = {
        "parcels": followed,
        "part": part_of(order.lines),
        "road": road(order, shipments),
        "events": history(order, shipments),
        "may_cancel": lifecycle.may_cancel(order),
        "returns": returns_of_order(current_session(), dealer_id=order.dealer_id, order_id=order.id),
        "replaces_return": return_replaced_by(
            current_session(), dealer_id=order.dealer_id, order_number=order.number
        )
        if order.channel == lifecycle.Channel.STAFF
        else None,
    }
    return render_template(
        "orders/show.html", order=order, shipments=shipments, lots=lots, naming=naming or Naming(), **context
    )


@blueprint.post("/orders/<number>/cancellation")
@requires(OrderRight.WRITE)
def cancellation(number: str) -> Response:
    """Cancel an order that nobody has begun to pick."""
    cancel_order(
        current_session(),
        actor=current_actor(),
        number=number,
        reason=read_form(CancellationForm).reason,
        at=clock.now(),
    )
    flash(gettext("Order %(number)s has been cancelled.", number=number), "success")
    return redirect(url_for("orders.show", number=number), 303)


@blueprint.get("/shipments/<number>/delivery-note.pdf")
@requires(OrderRight.READ)
def delivery_note(number: str) -> Response:
    """The delivery note of a shipment that has left; every print is on record."""
    paper = print_delivery_note(
        current_session(),
        actor=current_actor(),
        shipment_number=number,
        seller=Seller.of(portal().settings),
        sign_at=sign_address(number),
        locale=language.current(),
        at=clock.now(),
    )
    return undo_unsent_download(
        send_file(BytesIO(paper.content), mimetype="application/pdf", download_name=paper.filename)
    )


def _cart_again(entered: dict[str, str], refusal: Invalid | Conflict, wrong: Sequence[Row] = ()) -> Response:
    context = cart_context(entered, refusal, wrong)
    page = (
        render_block("cart/index.html", "cart", **context)
        if request.htmx
        else render_template("cart/index.html", **context)
    )
    return make_response(page, 422)


def _place(entered: dict[str, str]) -> Placed | Asked:
    session, actor = current_session(), current_actor()
    key = entered["idempotency_key"][:64]
    wanted = headed(cart.lines(session, actor=actor), entered["seen"])
    placed = place_or_ask(
        session,
        actor=actor,
        dealer_id=actor.own_dealer_id,
        request=wanted,
        terms=order_terms(),
        at=clock.now(),
        idempotency=Idempotency(f"cart-{key}", hashlib.sha256(key.encode()).hexdigest()) if key else None,
    )
    if not placed.replayed:
        cart.empty_cart(session, actor=actor)
    return placed
