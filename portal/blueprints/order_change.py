"""The page that changes an order which nobody has begun to pick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.kernel import clock
from portal.kernel.errors import Conflict, Invalid
from portal.orders import lifecycle, queries
from portal.orders.request import CHANGED_CODE, OrderRequest
from portal.orders.rules import Wanted
from portal.orders.terms import SupplyTerms
from portal.orders.vocabulary import OrderRight
from portal.purchasing.change_within import change_within
from portal.web.error_handlers import status_of
from portal.web.forms import Flag, Form, read_form, rows_of_form, takes_columns
from portal.web.order_terms import order_terms
from portal.web.presentation import in_full, in_words
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session

blueprint = Blueprint("order_change", __name__)
blueprint.context_processor(dealer_frame)


class ChangeForm(Form):
    """What is to be changed beside the quantities."""

    split: Flag
    backorder: Flag
    at_any_price: Flag


@blueprint.get("/orders/<number>/change")
@requires(OrderRight.WRITE)
def show(number: str) -> str | Response:
    """What an order is to be instead, while it may be changed."""
    order = queries.order(current_session(), number)
    if not lifecycle.may_cancel(order):
        flash(gettext("This order cannot be changed any more."), "warning")
        return redirect(url_for("orders.show", number=number), 303)
    return render_template("orders/change.html", **_context(order))


@blueprint.post("/orders/<number>/change")
@requires(OrderRight.WRITE)
@takes_columns("sku", "quantity")
def create(number: str) -> str | Response:
    """Change an order that nobody has begun to pick; a line with 0 is left out."""
    session, form = current_session(), read_form(ChangeForm)
    order = queries.order(session, number)
    rows = rows_of_form("sku", "quantity")
    try:
        placed = change_within(
            session,
            actor=current_actor(),
            number=number,
            request=OrderRequest(
                _wanted_of(rows, order, at_any_price=form.at_any_price),
                order.purchase_order_no,
                order.ship_to["code"],
                order.requested_date,
                SupplyTerms(split=form.split, backorder=form.backorder),
                hospital=order.hospital,
            ),
            terms=order_terms(),
            at=clock.now(),
        )
    except (Invalid, Conflict) as refusal:
        session.rollback()
        typed = {sku: quantity.strip() for sku, quantity, *_ in rows}
        context = _context(queries.order(session, number), typed, form, refusal)
        return make_response(render_template("orders/change.html", **context), status_of(refusal))
    flash(
        gettext("Order %(old)s has been changed; it is now %(new)s.", old=number, new=placed.number),
        "success",
    )
    return redirect(url_for("orders.show", number=placed.number), 303)


def _wanted_of(
    rows: Sequence[tuple[str, ...]], order: queries.OrderDetail, *, at_any_price: bool
) -> list[Wanted]:
    """The lines that are to be ordered, at the prices of the order unless those of now are accepted."""
    prices = {} if at_any_price else {line.sku: line.unit_price for line in order.lines if not line.gift}
    return [
        Wanted(sku, quantity, f"/lines/{place}", prices.get(sku))
        for place, (sku, quantity) in enumerate(rows)
        if quantity.strip() not in ("", "0")
    ]


def _context(
    order: queries.OrderDetail,
    typed: Mapping[str, str] | None = None,
    form: ChangeForm | None = None,
    refusal: Invalid | Conflict | None = None,
) -> dict[str, Any]:
    faults = list(refusal.faults) if refusal else []
    lines = [line for line in order.lines if not line.gift]
    beside = {
        line.sku: [fault for fault in faults if fault.pointer.startswith(f"/lines/{place}/")]
        for place, line in enumerate(lines)
    }
    known = [fault for found in beside.values() for fault in found]
    summary = [(f"quantity-{sku}", in_words(fault)) for sku, found in beside.items() for fault in found]
    summary += [("lines", in_words(fault)) for fault in faults if fault not in known]
    if refusal and not faults:
        summary.append(("lines", in_full(refusal)))
    return {
        "order": order,
        "lines": lines,
        "typed": typed or {line.sku: str(line.quantity - line.cancelled) for line in lines},
        "faults": beside,
        "summary": summary,
        "form": form,
        "costs_otherwise": refusal is not None and refusal.code == CHANGED_CODE,
    }
