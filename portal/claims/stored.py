"""What a claim says, written as rows and read again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
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
            EvidenceInvoice(issuer, number, date.fromisoformat(on), Decimal(amount))
            for issuer, number, on, amount in head.invoices
        ),
        lines=tuple(
            ProtectedLine(sku, quantity, Decimal(before), Decimal(after))
            for sku, quantity, before, after in head.lines
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
# In one statement: amounts as texts, since numbers of JSON are no decimals.
_HEAD = text(
    """
    SELECT c.kind, c.treatment, c.asked, c.first_day, c.last_day, c.programme, c.period, c.activity,
           c.hospital, c.tender_reference, c.note, i.invoices, l.lines
      FROM rebate_claim c
      CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(jsonb_build_array(issuer, number, issued_on, CAST(amount AS text))
                                  ORDER BY line_no), '[]') AS invoices
          FROM rebate_claim_invoice WHERE (dealer_id, claim_id) = (c.dealer_id, c.id)) i
      CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(jsonb_build_array(sku, quantity, CAST(old_price AS text),
                                                    CAST(new_price AS text)) ORDER BY line_no), '[]') AS lines
          FROM rebate_claim_line WHERE (dealer_id, claim_id) = (c.dealer_id, c.id)) l
     WHERE c.dealer_id = :dealer_id AND c.id = :claim_id
    """
)
