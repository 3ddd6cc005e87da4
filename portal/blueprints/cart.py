"""The cart: what is meant to be ordered, checked and priced at every look."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from jinja2_fragments.flask import render_block, render_blocks
from werkzeug.wrappers import Response

from portal.dealers.queries import load_addresses
from portal.errors import DomainError, Invalid
from portal.identity.rules import Right
from portal.numbering import new_token
from portal.orders import cart
from portal.orders.judge import Limits
from portal.orders.place_order import Request
from portal.orders.validate_order import validate_order
from portal.request import current_actor, current_session, portal

blueprint = Blueprint("cart", __name__, url_prefix="/cart")


@blueprint.get("")
def index() -> str:
    """Lines with today's price, every fault beside its line, and the form that orders them."""
    current_actor().require(Right.ORDERS_WRITE)
    return render_template("cart/index.html", **cart_context())


@blueprint.post("")
def put() -> str | Response:
    """Put a product in (``mode=add``) or set its quantity. Answers the badge, and the cart itself when asked from there."""
    adding = request.form.get("mode") == "add"
    try:
        count = cart.put_in_cart(
            current_session(),
            actor=current_actor(),
            sku=request.form.get("sku", ""),
            quantity=request.form.get("quantity", ""),
            quantity_max=portal().settings.order_quantity_max,
            add=adding,
        )
    except Invalid as refusal:
        return _refused(refusal, adding)
    if not adding:
        return _cart(count)
    if not request.htmx:
        return redirect(url_for("cart.index"))
    response = make_response(render_template("cart/added.html", cart_count=count, sku=request.form["sku"], errors=()))
    response.headers["HX-Trigger"] = "cart-changed"
    return response


@blueprint.post("/removal")
def remove() -> str | Response:
    """Take a product out."""
    current_actor().require(Right.ORDERS_WRITE)
    return _cart(cart.remove_from_cart(current_session(), actor=current_actor(), sku=request.form.get("sku", "")))


def cart_context(typed: dict[str, str] | None = None, refusal: DomainError | None = None) -> dict[str, Any]:
    """The cart as its page shows it. `typed` keeps what was entered when an order was refused."""
    settings, session, actor = portal().settings, current_session(), current_actor()
    typed = typed or {}
    lines = cart.lines(session, actor=actor)
    limits = Limits(settings.order_lines_max, settings.order_quantity_max)
    wanted = Request(lines, ship_to=typed.get("ship_to") or None)
    verdict = validate_order(session, actor=actor, dealer_id=actor.dealer_id, request=wanted, limits=limits, zone=settings.timezone) if lines else None
    return {
        "lines": lines,
        "verdict": verdict,
        "judged": {line.demand.sku: line for line in verdict.lines} if verdict else {},
        "addresses": load_addresses(session, actor.dealer_id),
        "typed": typed,
        "refusal": refusal,
        "idempotency_key": typed.get("idempotency_key") or new_token(),
        "cart_count": len(lines),
    }


def _cart(count: int) -> str | Response:
    if not request.htmx:
        return redirect(url_for("cart.index"))
    return render_blocks("cart/index.html", ["cart", "cart_badge"], **cart_context() | {"cart_count": count})


def _refused(refusal: Invalid, adding: bool) -> str | Response:
    """The fault beside the field it is about, with what was typed."""
    if request.htmx and adding:
        body = render_template("cart/added.html", cart_count=None, sku=request.form.get("sku", ""), errors=refusal.faults)
        return make_response(body, 422)
    if request.htmx:
        typed = {f"quantity-{request.form.get('sku', '')}": request.form.get("quantity", "")}
        body = render_block("cart/index.html", "cart", **cart_context(typed, refusal) | {"refused_sku": request.form.get("sku", "")})
        return make_response(body, 422)
    flash(gettext("This quantity cannot be ordered."), "danger")
    return redirect(url_for("cart.index"))
