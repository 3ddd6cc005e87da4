"""The warehouse: a parcel is picked and leaves in one call, or leaves after somebody picked it at the desk."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.buyer import now_and_today
from portal.blueprints.api.operations import Answer, Tag, operation
from portal.blueprints.api.schemas.headquarters import LotChoiceBody, ShippedShape, ShippingBody
from portal.errors import Fault, Invalid, N_
from portal.identity.rules import Right
from portal.request import current_actor, current_session, portal
from portal.shipping.rules import LotChoice
from portal.shipping.ship import Shipped, ship
from portal.shipping.ship_order import ship_order


@operation(
    "POST", "/hq/shipments", tag=Tag.HEADQUARTERS, rights=(Right.HQ_SHIPPING,), body=ShippingBody, answers=ShippedShape, status=201,
    creates=True, conflicts=True, located="/shipments/{shipment}", summary=N_("Ship an order, or a parcel that was picked"),
    about=N_("Takes the lots out of stock and posts the invoice. All or nothing: a parcel that may not leave is not picked either."),
)  # fmt: skip
def create(body: ShippingBody) -> Answer:
    _require_one_subject(body)
    shipped = _ship_order(body) if body.shipment is None else _ship_parcel(body)
    return Answer(
        {
            "shipment": shipped.shipment_number,
            "order": shipped.order_number,
            "order_status": shipped.order_status,
            "invoice": shipped.invoice_number,
            "gross": shipped.gross,
        },
        201,
    )


def _require_one_subject(body: ShippingBody) -> None:
    if (body.order is None) == (body.shipment is None):
        message, fix = N_("Name either an order or a shipment."), N_("An order is picked and shipped, a shipment only shipped.")
        raise Invalid(faults=[Fault("", "order_or_shipment", message, fix)])
    if body.shipment is not None and (body.lots or body.quantities):
        message, fix = N_("This parcel is picked already."), N_("Name the order instead, or leave lots and quantities out.")
        raise Invalid(faults=[Fault("/lots" if body.lots else "/quantities", "picked_already", message, fix)])


def _ship_parcel(body: ShippingBody) -> Shipped:
    return ship(current_session(), shipment_number=body.shipment or "", **_sending(body))


def _ship_order(body: ShippingBody) -> Shipped:
    return ship_order(
        current_session(),
        number=body.order or "",
        choices=[_choice(lot) for lot in body.lots],
        quantities={line.line: line.quantity for line in body.quantities} or None,
        **_sending(body),
    )


def _sending(body: ShippingBody) -> dict[str, Any]:
    at, today = now_and_today()
    return {
        "actor": current_actor(),
        "carrier": body.carrier,
        "tracking_no": body.tracking_no,
        "serials": {(given.line, given.lot): given.serials for given in body.serials},
        "today": today,
        "at": at,
        "margin_days": portal().settings.saleable_days_before_expiry,
    }


def _choice(lot: LotChoiceBody) -> LotChoice:
    return LotChoice(lot.line, lot.lot, lot.quantity, lot.reason)

