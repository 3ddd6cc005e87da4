"""What is known of each dealer for its rebates: lines of documents, payments, reports of stock, facts.

Up to the entry and the day that the portal reckoned the dealer by.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from tests.recount.compared import streamed

# Goods that were billed or came back, and differences in price; a gift earns nothing, nor does a rebate note.
_BILLED = """
    SELECT e.dealer_id, v.issued_on AS day, v.number AS document, n.line_no, v.kind = 'invoice' AS sale,
           n.product_id, n.quantity, n.amount AS gross, n.amount - n.tax AS net,
           CASE WHEN v.kind = 'invoice' THEN v.number
                ELSE (SELECT i.number FROM invoice i
                       WHERE (i.dealer_id, i.shipment_id, i.kind) = (v.dealer_id, v.shipment_id, 'invoice'))
                         END AS invoice,
           n.order_line_no, h.shipped_on
      FROM rebate_reckoning r
      JOIN journal_entry e ON e.dealer_id = r.dealer_id AND e.id <= r.entry_id AND e.reverses_id IS NULL
      JOIN invoice v ON (v.dealer_id, v.number) = (e.dealer_id, e.document_no) AND v.issued_on <= r.on_day
      JOIN invoice_line n ON (n.dealer_id, n.invoice_id) = (v.dealer_id, v.id)
      JOIN order_line l ON (l.dealer_id, l.order_id, l.line_no) = (v.dealer_id, v.order_id, n.order_line_no)
      LEFT JOIN shipment h ON (h.dealer_id, h.id) = (v.dealer_id, v.shipment_id)
     WHERE NOT l.gift
    UNION ALL
    SELECT e.dealer_id, v.issued_on, v.number, n.line_no, false, n.product_id, 0, n.gross, n.gross - n.tax,
           v.invoice, b.order_line_no, NULL
      FROM rebate_reckoning r
      JOIN journal_entry e ON e.dealer_id = r.dealer_id AND e.id <= r.entry_id AND e.reverses_id IS NULL
      JOIN adjustment_note v ON (v.dealer_id, v.number) = (e.dealer_id, e.document_no)
        AND v.issued_on <= r.on_day
      JOIN adjustment_note_line n ON (n.dealer_id, n.note_id) = (v.dealer_id, v.id)
      JOIN invoice i ON (i.dealer_id, i.number) = (v.dealer_id, v.invoice)
      JOIN invoice_line b ON (b.dealer_id, b.invoice_id, b.line_no) = (i.dealer_id, i.id, n.line_no)
      JOIN order_line l ON (l.dealer_id, l.order_id, l.line_no) = (i.dealer_id, i.order_id, b.order_line_no)
     WHERE NOT l.gift
     ORDER BY dealer_id
"""
# Money counts on the day both it and its invoice were there; what was undone, on the day it was.
_PAID = """
    SELECT a.dealer_id, d.document_no AS invoice, d.receivable AS whole, d.occurred_on AS billed_on, d.due_on,
           CASE WHEN a.amount > 0 THEN greatest(c.occurred_on, d.occurred_on) ELSE w.occurred_on END AS day,
           c.kind, c.document_no AS document, a.amount
      FROM rebate_reckoning r
      JOIN allocation a ON a.dealer_id = r.dealer_id AND a.posted_with_id <= r.entry_id
      JOIN journal_entry d ON (d.dealer_id, d.id) = (a.dealer_id, a.debit_id) AND d.kind = 'invoice'
      JOIN journal_entry c ON (c.dealer_id, c.id) = (a.dealer_id, a.credit_id)
      JOIN journal_entry w ON (w.dealer_id, w.id) = (a.dealer_id, a.posted_with_id)
     WHERE w.occurred_on <= r.on_day
     ORDER BY 1, 2, 6, 9
"""
_REPORTS = """
    SELECT DISTINCT i.dealer_id, n.day, i.reported_at::date
      FROM inventory_report i JOIN inventory_report_line n ON (n.dealer_id, n.report_id) = (i.dealer_id, i.id)
     WHERE n.kind = 'stock' AND n.lot_id IS NOT NULL
"""
_FACTS = """
    SELECT dealer_id, holds, from_day, to_day, decided_at FROM rebate_fact
     WHERE state = 'confirmed' AND kind = 'no_diversion_case' ORDER BY decided_at, id
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a document as it counts: sale false for what takes back."""

    day: date
    document: str
    no: int
    sale: bool
    product: int
    quantity: int
    gross: Decimal
    net: Decimal
    invoice: str
    goods: int
    shipped_on: date | None = None

    @property
    def own(self) -> tuple[str, int]:
        """The line alone."""
        return (self.document, self.no)

    @property
    def sold(self) -> tuple[str, str, int]:
        """The goods, whatever document speaks of them."""
        return ("goods", self.invoice, self.goods)

    @property
    def order(self) -> tuple[Any, ...]:
        """By date; of a day what was sold before what was taken back; by number and line."""
        return (self.day, not self.sale, self.document, self.no)


@dataclass(frozen=True, slots=True)
class Paid:
    """When an invoice was settled in full, if it is; what came in on which day."""

    billed_on: date
    due_on: date
    whole: Decimal
    parts: tuple[tuple[date, str, str, Decimal], ...]

    @property
    def completed_on(self) -> date | None:
        """The day of the payment that completes it; what was undone afterwards does not count."""
        settled, completed = Decimal(0), None
        for day, _, _, amount in self.parts:
            settled += amount
            completed = (completed or day) if settled >= self.whole else None
        return completed


class Books:
    """What is known of a dealer: lines of its documents, payments, reports, facts, and up to which day."""

    def __init__(self, rows: Connection) -> None:
        self.on_day = dict(rows.execute(text("SELECT dealer_id, on_day FROM rebate_reckoning")).all())
        self.lines: dict[int, list[Line]] = defaultdict(list)
        for dealer, *line in streamed(rows, _BILLED):
            self.lines[dealer].append(Line(*line))
        parts: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        for row in streamed(rows, _PAID):
            parts[row.dealer_id][row.invoice].append(row)
        self.paid = {
            dealer: {
                invoice: Paid(
                    got[0].billed_on,
                    got[0].due_on,
                    got[0].whole,
                    tuple((one.day, one.kind, one.document, one.amount) for one in got),
                )
                for invoice, got in invoices.items()
            }
            for dealer, invoices in parts.items()
        }
        self.reports: dict[int, list[tuple[date, date]]] = defaultdict(list)
        for dealer, counted, came in rows.execute(text(_REPORTS)):
            self.reports[dealer].append((counted, came))
        self.facts: dict[int, list[Any]] = defaultdict(list)
        for fact in rows.execute(text(_FACTS)):
            self.facts[fact.dealer_id].append(fact)
