"""Which lot of a shipment a scanned package is, and how many of it were counted by then. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from portal.deliveries.queries import Delivery
from portal.kernel import typed
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.lots import spelled
from portal.scanning.scan import Scanned


def count_up(delivery: Delivery, read: Scanned, received: Sequence[str], times: str) -> tuple[int, int]:
    """The place of the scanned lot among the shipment's, and what is received of it now.

    received: by place, as it stands in the form. times: units in it, empty for what the code says: one, or
    those of a package with a number of its own. Raises Conflict for a package that is not of this shipment,
    at once, while it is still in somebody's hand; Invalid.
    """
    places = _places(delivery, read)
    faults: list[Fault] = []
    count = typed.field(typed.quantity, times, "/times", faults) if times.strip() else read.units
    place = next((one for one in places if _number(received[one]) < delivery.lots[one].quantity), places[0])
    if count is not None and count < 1:
        faults.append(Fault("/times", "times", N_("Count at least one."), N_("Enter 1 or more.")))
    if count is None or faults:
        raise Invalid(faults=faults)
    return place, _number(received[place]) + count


def _places(delivery: Delivery, read: Scanned) -> list[int]:
    sku = read.article.sku if read.article else None
    of_product = [place for place, lot in enumerate(delivery.lots) if lot.sku == sku]
    if sku is None or not of_product:
        raise Conflict(
            "not_in_shipment",
            N_("This article is not in this shipment."),
            fix=N_("Set it aside, and describe it in the remark."),
        )
    if read.reading.lot is None:
        if len(of_product) > 1:
            raise Conflict(
                "lot_unknown",
                N_("This code does not say its lot, and the shipment has several of this article."),
                fix=N_("Scan the code with the lot, or enter the number by hand."),
            )
        return of_product
    named = spelled(read.reading.lot, {delivery.lots[place].lot_no for place in of_product})
    of_lot = [place for place in of_product if delivery.lots[place].lot_no == named]
    if not of_lot:
        raise Conflict(
            "wrong_lot",
            N_("Lot %(lot)s was not shipped here: wrong lot. Shipped were %(shipped)s."),
            fix=N_("Enter it below under “Another lot came”."),
            lot=read.reading.lot,
            shipped=", ".join(delivery.lots[place].lot_no for place in of_product),
        )
    return of_lot


def _number(text: str) -> int:
    try:
        return typed.quantity(text)
    except typed.Misread:
        return 0
