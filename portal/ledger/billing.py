"""Invoices and credit notes.

What an order's lines were billed and credited so far, and how such a document is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.money import ZERO
from portal.ledger import rules
from portal.ledger.journal import Entry, post
from portal.ledger.models import Invoice, InvoiceLine
from portal.ledger.rules import EntryKind, Part, Taken, Whole


@dataclass(frozen=True, slots=True)
class BilledLine:
    """An order line with the parts that were invoiced, and those of them that were credited again."""

    line_no: int
    product_id: int
    unit_price: Decimal
    tax_rate: Decimal
    ordered: Whole
    invoiced: Taken
    credited: Taken

    def next(self, quantity: int) -> Part:
        """What an invoice of `quantity` more units charges. Raises ValueError beyond what was ordered."""
        return rules.part_of(self.ordered, self.invoiced, quantity)

    def back(self, quantity: int) -> Part:
        """What a credit note of `quantity` more units gives back. Raises ValueError beyond the invoiced."""
        return rules.part_back(self.ordered, self.invoiced, self.credited, quantity)


@dataclass(frozen=True, slots=True)
class Draft:
    """A document about to be posted.

    Parts by order line; for a credit note they are what is given back, positive.
    """

    kind: EntryKind
    number: str
    order_id: int
    order_number: str
    shipment_id: int | None
    issued_on: date
    due_on: date
    parts: Mapping[int, Part]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """A posted invoice or, with negative amounts, credit note.

    `period` is the month it counts in, `late` if not its own.
    """

    number: str
    issued_on: date
    due_on: date
    net: Decimal
    tax: Decimal
    gross: Decimal
    period: str
    late: bool


_LINES = text(
    """
    SELECT l.line_no, l.product_id, l.quantity, l.unit_price, l.tax_rate, l.amount, l.tax, l.discount,
           coalesce(b.invoiced, 0) AS invoiced, coalesce(b.invoiced_tax, 0) AS invoiced_tax,
           coalesce(b.credited, 0) AS credited, coalesce(b.credited_tax, 0) AS credited_tax
      FROM order_line l
      LEFT JOIN (SELECT i.order_line_no,
                        sum(i.quantity) FILTER (WHERE v.kind = 'invoice') AS invoiced,
                        sum(i.tax) FILTER (WHERE v.kind = 'invoice') AS invoiced_tax,
                        -sum(i.quantity) FILTER (WHERE v.kind = 'credit_note') AS credited,
                        -sum(i.tax) FILTER (WHERE v.kind = 'credit_note') AS credited_tax
                   FROM invoice v JOIN invoice_line i ON (i.dealer_id, i.invoice_id) = (v.dealer_id, v.id)
                  WHERE v.dealer_id = :dealer_id AND v.order_id = :order_id
                  GROUP BY i.order_line_no) b ON b.order_line_no = l.line_no
     WHERE l.dealer_id = :dealer_id AND l.order_id = :order_id
     ORDER BY l.line_no
    """
)


def billed_lines(session: Session, dealer_id: int, order_id: int) -> dict[int, BilledLine]:
    """The lines of an order by number.

    The caller has the dealer's account locked, so nobody bills beside it.
    """
    rows = session.execute(_LINES, {"dealer_id": dealer_id, "order_id": order_id})
    return {
        row.line_no: BilledLine(
            row.line_no,
            row.product_id,
            row.unit_price,
            row.tax_rate,
            Whole(row.quantity, row.amount, row.tax, row.discount),
            Taken(row.invoiced, row.invoiced_tax),
            Taken(row.credited, row.credited_tax),
        )
        for row in rows
    }


def post_document(
    session: Session,
    draft: Draft,
    lines: Mapping[int, BilledLine],
    *,
    actor: Actor,
    dealer_id: int,
    at: datetime,
) -> Bill:
    """Write the document with its lines and post it to the journal."""
    sign = -1 if draft.kind == EntryKind.CREDIT_NOTE else 1
    tax = sign * sum((part.tax for part in draft.parts.values()), ZERO)
    gross = sign * sum((part.amount for part in draft.parts.values()), ZERO)
    _write(session, draft, lines, dealer_id, sign, gross - tax, tax)
    entry = Entry(
        dealer_id,
        draft.kind,
        draft.number,
        draft.issued_on,
        rules.invoice_entry(gross - tax, tax),
        reference=draft.order_number,
        due_on=draft.due_on,
    )
    posted = post(session, entry, actor=actor, at=at)
    return Bill(
        draft.number, draft.issued_on, draft.due_on, gross - tax, tax, gross, posted.period, posted.late
    )


def _write(
    session: Session,
    draft: Draft,
    lines: Mapping[int, BilledLine],
    dealer_id: int,
    sign: int,
    net: Decimal,
    tax: Decimal,
) -> None:
    head = {
        "dealer_id": dealer_id,
        "number": draft.number,
        "kind": draft.kind,
        "order_id": draft.order_id,
        "shipment_id": draft.shipment_id,
        "issued_on": draft.issued_on,
        "due_on": draft.due_on,
        "net": net,
        "tax": tax,
        "gross": net + tax,
        "reason": draft.reason,
    }
    invoice_id = session.execute(insert(Invoice).values(head).returning(Invoice.id)).scalar_one()
    rows = [
        _row(lines[line_no], part, sign)
        | {"dealer_id": dealer_id, "invoice_id": invoice_id, "line_no": line_no}
        for line_no, part in sorted(draft.parts.items())
    ]
    session.execute(insert(InvoiceLine), rows)


def _row(line: BilledLine, part: Part, sign: int) -> dict[str, object]:
    return {
        "order_line_no": line.line_no,
        "product_id": line.product_id,
        "quantity": sign * part.quantity,
        "unit_price": line.unit_price,
        "discount": sign * part.discount,
        "amount": sign * part.amount,
        "tax_rate": line.tax_rate,
        "tax": sign * part.tax,
    }
