"""The warehouse's parcels.

A parcel is picked and leaves in one call, or leaves after somebody picked it at the desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from backoffice.api.schemas.headquarters import LotChoiceBody, ShippedShape, ShippingBody
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.lots import lot_key
from portal.shipping.rules import LineUnits, LotChoice
from portal.shipping.ship import Shipped, ship
from portal.shipping.ship_order import ship_order
from portal.shipping.vocabulary import ShippingRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "POST",
    "/hq/shipments",
    tag=HEADQUARTERS,
    rights=(ShippingRight.SHIP,),
    body=ShippingBody,
    answers=ShippedShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/shipments/{shipment}",
    summary=N_("Ship an order, or a shipment that is already picked"),
    about=N_(
        "Takes the lots out of stock and posts the invoice. "
        "All or nothing: what may not be shipped is not picked either."
    ),
)
def create(body: ShippingBody) -> Answer:
    _require_one_subject(body)
    try:
        shipped = _ship_order(body) if body.shipment is None else _ship_parcel(body)
    except (Invalid, Conflict) as refusal:
        refusal.faults = _at_their_places(refusal.faults, body)
        raise
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


def _at_their_places(faults: Sequence[Fault], body: ShippingBody) -> tuple[Fault, ...]:
    """Each fault at the first entry of the body that names what it is about.

    The verbs name it by order line and lot.
    """
    places: dict[str, str] = {}
    units = [("quantities", line.line, place) for place, line in enumerate(body.quantities)]
    for member, line, place in units or [("lots", lot.line, place) for place, lot in enumerate(body.lots)]:
        places.setdefault(f"/quantities/{line}", f"/{member}/{place}/quantity")
    for place, named in enumerate(body.serials):
        places.setdefault(lot_key(f"/serials/{named.line}/{named.lot}"), f"/serials/{place}/serials")
    found = [places.get(one.pointer) or places.get(lot_key(one.pointer), one.pointer) for one in faults]
    return tuple(replace(fault, pointer=at) for fault, at in zip(faults, found, strict=True))


def _require_one_subject(body: ShippingBody) -> None:
    if (body.order is None) == (body.shipment is None):
        message, fix = (
            N_("Name either an order or a shipment."),
            N_("An order is picked and shipped, a shipment only shipped."),
        )
        raise Invalid(faults=[Fault("", "order_or_shipment", message, fix)])
    if body.shipment is not None and (body.lots or body.quantities):
        message, fix = (
            N_("This shipment is already picked."),
            N_("Name the order instead, or leave lots and quantities out."),
        )
        raise Invalid(faults=[Fault("/lots" if body.lots else "/quantities", "picked_already", message, fix)])


def _ship_parcel(body: ShippingBody) -> Shipped:
    return ship(current_session(), shipment_number=body.shipment or "", **_sending(body))


def _ship_order(body: ShippingBody) -> Shipped:
    return ship_order(
        current_session(),
        number=body.order or "",
        choices=[_choice(lot, f"/lots/{place}") for place, lot in enumerate(body.lots)],
        quantities=[
            LineUnits(line.line, line.quantity, f"/quantities/{place}")
            for place, line in enumerate(body.quantities)
        ],
        **_sending(body),
    )


def _sending(body: ShippingBody) -> dict[str, Any]:
    at, today = now_and_today()
    return {
        "actor": current_actor(),
        "carrier": body.carrier,
        "tracking_no": body.tracking_no,
        "serials": _serials(body),
        "today": today,
        "at": at,
        "review_required": portal().settings.outbound_review,
        "margin_days": portal().settings.saleable_days_before_expiry,
    }


def _serials(body: ShippingBody) -> dict[tuple[int, str], list[str]]:
    """Serial numbers by order line and lot; those of two entries for the same units are all meant."""
    serials: dict[tuple[int, str], list[str]] = {}
    for named in body.serials:
        serials.setdefault((named.line, named.lot), []).extend(named.serials)
    return serials


def _choice(lot: LotChoiceBody, pointer: str) -> LotChoice:
    return LotChoice(lot.line, lot.lot, lot.quantity, lot.reason, pointer)
