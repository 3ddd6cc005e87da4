"""What a claim says, written as rows and read again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims.entry import ClaimEntry, EvidenceInvoice, ProtectedLine
from portal.claims.rules import ClaimKind, Treatment
from portal.kernel.db import Record

TEXTS = ("programme", "period", "activity", "hospital", "tender_reference", "note")


def columns_of(entry: ClaimEntry) -> dict[str, Any]:
    """What of an entry stands in the row of the claim."""
    return {
        "kind": str(entry.kind),
        "treatment": str(entry.treated_as),
        "first_day": entry.first_day,
        "last_day": entry.last_day,
        **{name: getattr(entry, name).strip() for name in TEXTS},
    }


def write_parts(session: Session, dealer_id: int, claim_id: int, entry: ClaimEntry) -> None:
    """Invoices and lines of a claim, instead of those it had."""
    claim = {"dealer_id": dealer_id, "claim_id": claim_id}
    session.execute(_DROP_INVOICES, claim)
    session.execute(_DROP_LINES, claim)
    if entry.invoices:
        session.execute(
            _INVOICE,
            [
                claim
                | {
                    "line_no": place,
                    "issuer": one.issuer.strip(),
                    "number": one.number.strip(),
                    "issued_on": one.on,
                    "amount": one.amount,
                }
                for place, one in enumerate(entry.invoices, start=1)
            ],
        )
    if entry.lines:
        session.execute(
            _LINE,
            [
                claim
                | {
                    "line_no": place,
                    "sku": one.sku,
                    "quantity": one.quantity,
                    "old_price": one.old_price,
                    "new_price": one.new_price,
                }
                for place, one in enumerate(entry.lines, start=1)
            ],
        )


def entry_of(session: Session, dealer_id: int, claim_id: int) -> ClaimEntry:
    """A claim as its dealer wrote it; without its files."""
    claim = {"dealer_id": dealer_id, "claim_id": claim_id}
    head: Record = session.execute(_HEAD, claim).one()
    return ClaimEntry(
        kind=ClaimKind(head.kind),
        amount=head.asked,
        treatment=Treatment(head.treatment),
        first_day=head.first_day,
        last_day=head.last_day,
        invoices=tuple(
            EvidenceInvoice(row.issuer, row.number, row.issued_on, row.amount)
            for row in session.execute(_INVOICES, claim)
        ),
        lines=tuple(
            ProtectedLine(row.sku, row.quantity, row.old_price, row.new_price)
            for row in session.execute(_LINES, claim)
        ),
        **{name: getattr(head, name) for name in TEXTS},
    )


_DROP_INVOICES = text(
    "DELETE FROM rebate_claim_invoice WHERE dealer_id = :dealer_id AND claim_id = :claim_id"
)
_DROP_LINES = text("DELETE FROM rebate_claim_line WHERE dealer_id = :dealer_id AND claim_id = :claim_id")
_INVOICE = text(
    """
    INSERT INTO rebate_claim_invoice (dealer_id, claim_id, line_no, issuer, number, issued_on, amount)
    VALUES (:dealer_id, :claim_id, :line_no, :issuer, :number, :issued_on, :amount)
    """
)
_LINE = text(
    """
    INSERT INTO rebate_claim_line (dealer_id, claim_id, line_no, sku, quantity, old_price, new_price)
    VALUES (:dealer_id, :claim_id, :line_no, :sku, :quantity, :old_price, :new_price)
    """
)
_HEAD = text(
    """
    SELECT kind, treatment, asked, first_day, last_day, programme, period, activity, hospital,
           tender_reference, note
      FROM rebate_claim WHERE dealer_id = :dealer_id AND id = :claim_id
    """
)
_INVOICES = text(
    """
    SELECT issuer, number, issued_on, amount FROM rebate_claim_invoice
     WHERE dealer_id = :dealer_id AND claim_id = :claim_id ORDER BY line_no
    """
)
_LINES = text(
    """
    SELECT sku, quantity, old_price, new_price FROM rebate_claim_line
     WHERE dealer_id = :dealer_id AND claim_id = :claim_id ORDER BY line_no
    """
)
