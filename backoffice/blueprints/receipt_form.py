"""The form in which goods are received: what was typed, a row a lot, and what a scanned label adds to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.kernel import typed
from portal.kernel.errors import Fault, Invalid
from portal.kernel.lots import lot_key
from portal.receiving.check_delivery import Delivery
from portal.receiving.rules import Delivered
from portal.scanning.scan import Scanned
from portal.web.forms import Form, Stripped, rows_of_form

ROW = (
    "sku",
    "lot",
    "expires_on",
    "produced_on",
    "quantity",
    "serials",
    "inspection",
    "contract_maker",
    "contract_maker_licence",
)


class ReceiptForm(Form):
    """What is said of the whole delivery, and what is to be done with the form.

    code: of a label, to be added. remove: the place of a row. then: ``receive``, or anything else to go on.
    """

    warehouse: Stripped = ""
    supplier: Stripped = ""
    purchase_order: Stripped = ""
    reference: Stripped = ""
    supply_request: Stripped = ""
    code: str = ""
    remove: Stripped = ""
    then: Stripped = ""
    idempotency_key: Stripped = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was typed; serials one a line. inspection: ``1``, or ``0`` for units accepted at once."""

    sku: str
    lot: str = ""
    expires_on: str = ""
    produced_on: str = ""
    quantity: str = "1"
    serials: str = ""
    inspection: str = "1"
    contract_maker: str = ""
    contract_maker_licence: str = ""


def typed_rows(remove: str) -> list[Row]:
    """The rows of the form without the one that is to be removed, and without empty ones."""
    place = typed.own_number(remove)
    rows = [Row(*columns) for columns in rows_of_form(*ROW)]
    return [row for at, row in enumerate(rows) if at != place and row.sku.strip()]


def with_label(rows: Sequence[Row], found: Scanned, sku: str) -> list[Row]:
    """The rows with what bears a label, at the top: in the row of its lot, or a new one.

    That is one unit, or all those of a package with a number of its own.
    """
    reading = found.reading
    lot, serial = reading.lot or "", found.serial or ""
    for place, row in enumerate(rows):
        if row.sku == sku and (not lot or lot_key(row.lot) == lot_key(lot)):
            known = row.serials.split()
            if serial and serial in known:
                return list(rows)
            return [
                replace(
                    row,
                    quantity=_more(row.quantity, found.units),
                    serials="\n".join([*known, serial]) if serial else row.serials,
                ),
                *rows[:place],
                *rows[place + 1 :],
            ]
    days = _day(reading.expiry), _day(reading.production)
    new = Row(sku, lot, *days, quantity=str(found.units), serials=serial)
    return [new, *rows]


def delivery_of(form: ReceiptForm, rows: Sequence[Row]) -> Delivery:
    """What the form says. Raises Invalid with every quantity and day that is none."""
    faults: list[Fault] = []
    lines = [_line(row, f"/lines/{place}", faults) for place, row in enumerate(rows)]
    if faults:
        raise Invalid(faults=faults)
    return Delivery(
        form.warehouse, lines, form.reference, form.supplier, form.purchase_order, form.supply_request
    )


def _line(row: Row, pointer: str, faults: list[Fault]) -> Delivered:
    def day(value: str, name: str) -> date | None:
        return typed.field(typed.day, value, f"{pointer}/{name}", faults) if value.strip() else None

    return Delivered(
        row.sku.strip(),
        row.lot,
        typed.field(typed.quantity, row.quantity, f"{pointer}/quantity", faults) or 0,
        pointer,
        day(row.expires_on, "expires_on"),
        day(row.produced_on, "produced_on"),
        row.serials.split(),
        row.inspection != "0",
        row.contract_maker,
        row.contract_maker_licence,
    )


def _more(quantity: str, units: int) -> str:
    try:
        return str(typed.quantity(quantity) + units)
    except typed.Misread:
        return quantity


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""
