"""What somebody orders, and how it is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.printable import print_faults
from portal.orders.rules import Wanted
from portal.orders.terms import ONE_WAREHOUSE, SupplyTerms

PURCHASE_ORDER_NO_MAX = 64
HOSPITAL_MAX = 40
CHANGED_CODE = "changed_since_seen"
CHANGED = (
    CHANGED_CODE,
    N_(
        "The cart or a price has changed since you saw it. "
        "Nothing has been ordered; review it and order again."
    ),
)
UNEXPECTED = (CHANGED_CODE, N_("The order costs something else than you expect. Nothing has been ordered."))


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What somebody orders.

    ship_to: code of a delivery address, None for the usual one.

    replaces: number of the order that was cancelled for this one.

    hospital: code of the hospital the goods are for, where the dealer's contract asks for it.

    language: of what is answered about it.

    seen: `Assessment.seen` of what the buyer was shown, None for programs, which name their lines themselves
    and may say what they expect to pay instead, line by line and as `expected_total`.
    """

    lines: Sequence[Wanted]
    purchase_order_no: str = ""
    ship_to: str | None = None
    requested_date: date | None = None
    supply: SupplyTerms = ONE_WAREHOUSE
    channel: str = "portal"
    seen: str | None = None
    expected_total: Decimal | None = None
    replaces: str = ""
    hospital: str = ""
    language: str = "zh"


def header_faults(request: OrderRequest, today: date) -> list[Fault]:
    """Faults outside the lines."""
    faults = []
    if len(request.purchase_order_no) > PURCHASE_ORDER_NO_MAX or not request.purchase_order_no.isprintable():
        message, fix = N_("At most %(max)s printable characters."), N_("Shorten the PO number.")
        faults.append(
            Fault("/purchase_order_no", "purchase_order_no", message, fix, {"max": PURCHASE_ORDER_NO_MAX})
        )
    else:
        faults += print_faults("/purchase_order_no", request.purchase_order_no)
    if len(request.hospital) > HOSPITAL_MAX or not request.hospital.isprintable():
        message, fix = N_("At most %(max)s printable characters."), N_("Enter the code of the hospital.")
        faults.append(Fault("/hospital", "hospital", message, fix, {"max": HOSPITAL_MAX}))
    if request.requested_date is not None and not 0 <= (request.requested_date - today).days <= 366:
        fix = N_("Choose a day from today within a year, or leave it empty.")
        faults.append(
            Fault("/requested_date", "requested_date", N_("This delivery date is not possible."), fix)
        )
    return faults


def refuse_faulty(faults: Sequence[Fault], unexpected: Sequence[Fault]) -> None:
    """Raises Invalid with everything that is wrong.

    Conflict when nothing is but what the orderer expected to pay.
    """
    if faults:
        message = N_("The order was not placed: some lines need attention.")
        raise Invalid("order_refused", message, faults=[*faults, *unexpected])
    if unexpected:
        raise Conflict(*UNEXPECTED, faults=unexpected)
