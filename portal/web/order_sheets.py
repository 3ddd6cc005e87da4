"""Lines that may be ordered, shown with today's prices and faults before anybody takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from portal.kernel.errors import Fault, Invalid
from portal.orders import cart
from portal.orders.assess import Assessment
from portal.orders.lines import AssessedLine
from portal.orders.request import OrderRequest
from portal.orders.rules import Wanted
from portal.orders.validate_order import validate_order
from portal.web.forms import rows_of_form
from portal.web.order_terms import order_terms
from portal.web.request import current_actor, current_session, portal


class Listed(Protocol):
    """A line of whatever is shown: a template, a past order, a draft."""

    @property
    def sku(self) -> str: ...

    @property
    def name_zh(self) -> str: ...

    @property
    def name_en(self) -> str: ...

    @property
    def unit(self) -> str: ...

    @property
    def quantity(self) -> int: ...


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A line with what it would cost today, None where it cannot be sold, and its faults.

    quantity: as it was typed. before: what a unit cost then, None where nothing is known of it.
    """

    sku: str
    names: tuple[str, str]
    unit: str
    quantity: str
    before: Decimal | None
    line: AssessedLine | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is shown. whole: faults that are of no line."""

    rows: list[SheetRow]
    assessment: Assessment
    whole: tuple[Fault, ...]


def look(request: OrderRequest, dealer_id: int | None = None) -> Assessment:
    """What an order would cost now, and what stands against it."""
    actor = current_actor()
    return validate_order(
        current_session(),
        actor=actor,
        dealer_id=actor.own_dealer_id if dealer_id is None else dealer_id,
        request=request,
        terms=order_terms(),
    )


def sheet_of(listed: Sequence[Listed], request: OrderRequest, before: Sequence[Decimal | None] = ()) -> Sheet:
    """Those lines as they stand today; `request` has them at ``/lines/0`` and so on."""
    assessment = look(request)
    judged = {line.demand.sku: line for line in assessment.lines if not line.is_gift}
    faults = by_line(assessment.faults)
    prices = before or [None] * len(listed)
    rows = [
        SheetRow(
            line.sku,
            (line.name_zh, line.name_en),
            line.unit,
            str(line.quantity),
            price,
            judged.get(line.sku),
            tuple(faults.get(f"/lines/{place}", ())),
        )
        for place, (line, price) in enumerate(zip(listed, prices, strict=True))
    ]
    return Sheet(rows, assessment, of_no_line(assessment.faults))


def by_line(faults: Iterable[Fault]) -> dict[str, list[Fault]]:
    """Faults by the pointer of their line."""
    found: dict[str, list[Fault]] = {}
    for fault in faults:
        if fault.pointer.startswith("/lines/"):
            found.setdefault("/".join(fault.pointer.split("/")[:3]), []).append(fault)
    return found


def of_no_line(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Those about the whole."""
    return tuple(fault for fault in faults if not fault.pointer.startswith("/lines/"))


def typed_lines() -> list[Wanted]:
    """The lines of a form of SKUs and quantities, without the rows that were left empty."""
    rows = [(sku.strip(), quantity.strip()) for sku, quantity in rows_of_form("sku", "quantity")]
    return [Wanted(sku, quantity, f"/lines/{place}") for place, (sku, quantity) in enumerate(rows) if sku]


def put_into_cart(lines: Sequence[Wanted]) -> int:
    """Add lines to the visitor's cart, all or none; how many went in.

    A line whose quantity was left empty or is 0 is not wanted. Raises Invalid with the faults of every line.
    """
    faults: list[Fault] = []
    wanted = [line for line in lines if str(line.quantity) not in ("", "0", "０")]
    for line in wanted:
        try:
            cart.put_in_cart(
                current_session(),
                actor=current_actor(),
                sku=line.sku,
                quantity=line.quantity,
                quantity_max=portal().settings.order_quantity_max,
                add=True,
            )
        except Invalid as refusal:
            faults += (
                Fault(line.pointer + fault.pointer, fault.code, fault.message, fault.fix, fault.params)
                for fault in refusal.faults
            )
    if faults:
        raise Invalid(faults=faults)
    return len(wanted)
