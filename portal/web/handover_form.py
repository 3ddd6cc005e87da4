"""The form in which somebody counts what arrived: at the door by a link, and in the portal.

One row for each lot that was shipped, filled in as shipped, and some for lots that came in place of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from portal.deliveries.queries import DeliveredLot, Delivery
from portal.deliveries.rules import Counted
from portal.deliveries.sign_delivery import Handover
from portal.kernel import typed
from portal.kernel.errors import DomainError, Fault, Invalid
from portal.web.forms import Form, Stripped, read_form, rows_of_form
from portal.web.presentation import in_full

COLUMNS = ("sku", "lot", "received", "damaged")
OTHER_LOTS = 2
"""Rows for lots that were not shipped; who needs more names the rest in the remark."""


class HandoverForm(Form):
    """Who signs, beside what was counted."""

    signed_by: Stripped
    signature: str
    note: Stripped
    form_key: str


@dataclass(frozen=True, slots=True)
class CountRow:
    """A row as it is shown. shipped: None for a lot that was not. received and damaged: as typed."""

    sku: str
    lot_no: str
    received: str
    damaged: str
    shipped: DeliveredLot | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Entered:
    """The form as it was sent."""

    rows: tuple[CountRow, ...]
    form: HandoverForm

    def handover(self, photos: Sequence[str] = ()) -> Handover:
        """What it says, with uploaded pictures. Raises Invalid with every number that cannot be read."""
        faults: list[Fault] = []
        counted = tuple(_counted(self.rows, faults))
        if faults:
            raise Invalid(faults=faults)
        form = self.form
        return Handover(counted, form.signed_by, form.signature, form.note, form.form_key, tuple(photos))


def entered_form() -> Entered:
    """What the form of this request says. Raises Unreadable for a torn one."""
    rows = tuple(
        CountRow(sku, lot.strip(), received, damaged)
        for sku, lot, received, damaged in rows_of_form(*COLUMNS)
    )
    return Entered(rows, read_form(HandoverForm))


def rows_to_count(delivery: Delivery, *, from_zero: bool = False) -> tuple[CountRow, ...]:
    """A row for each lot that was shipped, as shipped or to be counted up, and empty ones for others."""
    shipped = (
        CountRow(lot.sku, lot.lot_no, "0" if from_zero else str(lot.quantity), "0", lot)
        for lot in delivery.lots
    )
    return (*shipped, *(CountRow("", "", "", "") for _ in range(OTHER_LOTS)))


def rows_again(delivery: Delivery, rows: Sequence[CountRow], refusal: DomainError) -> tuple[CountRow, ...]:
    """The rows as they were sent, each with what is wrong with it."""
    shipped = {(lot.sku, lot.lot_no): lot for lot in delivery.lots}
    return tuple(
        replace(
            row,
            shipped=shipped.get((row.sku, row.lot_no)),
            faults=tuple(one for one in refusal.faults if one.pointer.startswith(f"/lines/{place}/")),
        )
        for place, row in enumerate(rows)
    )


def rows_in_order(delivery: Delivery, rows: Sequence[CountRow]) -> list[CountRow]:
    """The rows as they were sent: those of the shipment's lots in its order, then the others."""
    sent = {(row.sku, row.lot_no): row for row in rows}
    counted = [
        replace(sent.pop((lot.sku, lot.lot_no), CountRow(lot.sku, lot.lot_no, "0", "0")), shipped=lot)
        for lot in delivery.lots
    ]
    others = [row for row in rows if (row.sku, row.lot_no) in sent and row.lot_no]
    return [*counted, *others, *(CountRow("", "", "", "") for _ in range(OTHER_LOTS - len(others)))]


def errors_beside(refusal: DomainError) -> dict[str, list[str]]:
    """What is wrong with the fields beside the rows, in the visitor's words, by field."""
    errors: dict[str, list[str]] = {}
    for one in refusal.faults:
        if not one.pointer.startswith("/lines/"):
            field = "file" if one.pointer.startswith("/file") else one.pointer.lstrip("/")
            errors.setdefault(field, []).append(in_full(one))
    return errors


def _counted(rows: Sequence[CountRow], faults: list[Fault]) -> Iterator[Counted]:
    for place, row in enumerate(rows):
        if not (row.lot_no or row.received.strip() or row.damaged.strip()):
            continue
        pointer = f"/lines/{place}"
        received = typed.field(typed.quantity, row.received, f"{pointer}/received", faults)
        damaged = (
            typed.field(typed.quantity, row.damaged, f"{pointer}/damaged", faults)
            if row.damaged.strip()
            else 0
        )
        if received is not None and damaged is not None:
            yield Counted(row.sku, row.lot_no, received, damaged, pointer)
