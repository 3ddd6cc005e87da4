"""The warehouse: a parcel is picked and leaves in one call, or leaves after somebody picked it at the desk."""

from __future__ import annotations

from datetime import date, datetime

from portal.blueprints.api.buyer import now_and_today
from portal.blueprints.api.operations import Answer, Tag, operation
from portal.blueprints.api.schemas.headquarters import LotChoiceBody, ShippedShape, ShippingBody
from portal.errors import Fault, Invalid, N_
from portal.identity.rules import Right
from portal.request import current_actor, current_session, portal
from portal.shipping.pick_order import pick_order
from portal.shipping.rules import LotChoice
from portal.shipping.ship import ship


@operation(
    "POST", "/hq/shipments", tag=Tag.HEADQUARTERS, rights=(Right.HQ_SHIPPING,), body=ShippingBody, answers=ShippedShape, status=201,
    creates=True, conflicts=True, located="/shipments/{shipment}", summary=N_("Ship an order, or a parcel that was picked"),
    about=N_("Takes the lots out of stock and posts the invoice. All or nothing: a parcel that may not leave is not picked either."),
)  # fmt: skip
def create(body: ShippingBody) -> Answer:
    _require_one_subject(body)
    at, today = now_and_today()
    shipped = ship(
        current_session(),
        actor=current_actor(),
        shipment_number=body.shipment or _pick(body, today, at),
        carrier=body.carrier,
        tracking_no=body.tracking_no,
        serials={(given.line, given.lot): given.serials for given in body.serials},
        today=today,
        at=at,
        margin_days=portal().settings.saleable_days_before_expiry,
    )
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


def _pick(body: ShippingBody, today: date, at: datetime) -> str:
    picked = pick_order(
        current_session(),
        actor=current_actor(),
        number=body.order or "",
        today=today,
        at=at,
        choices=[_choice(lot, f"/lots/{place}") for place, lot in enumerate(body.lots)],
        quantities={line.line: line.quantity for line in body.quantities} or None,
        margin_days=portal().settings.saleable_days_before_expiry,
    )
    return picked.shipment_number


def _choice(lot: LotChoiceBody, pointer: str) -> LotChoice:
    return LotChoice(lot.line, lot.lot, lot.quantity, lot.reason, pointer)

