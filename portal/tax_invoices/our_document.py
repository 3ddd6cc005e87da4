"""Our document as a tax invoice is held against it: who sold, who bought, and its lines without VAT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.errors import NotFound
from portal.tax_invoices.rules import OurDocument, OurLine

NEAR = timedelta(days=92)  # a tax invoice is issued within the quarter, as a rule
CANDIDATES_MAX = 20


@dataclass(frozen=True, slots=True)
class Charged:
    """An invoice, credit note or service invoice of the books. gross: VAT included, negative to take back."""

    dealer_id: int
    dealer_code: str
    buyer: str
    number: str
    gross: Decimal
    issued_on: date


def charged(session: Session, number: str) -> Charged:
    """A document by its number. Raises NotFound outside the session's scope."""
    row = session.execute(_HEAD, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return Charged(**row._mapping)


def lines_of(session: Session, document: Charged, *, seller: str) -> OurDocument:
    """What a document charges, line by line. seller: our own unified social credit code."""
    about = {"dealer_id": document.dealer_id, "number": document.number}
    lines = tuple(OurLine(**row._mapping) for row in session.execute(_LINES, about))
    return OurDocument(seller, document.buyer, lines)


def candidates(
    session: Session, *, buyer: str, gross: Decimal, within: Decimal, issued_on: date
) -> Sequence[str]:
    """Numbers of documents of a buyer that have no tax invoice yet and come to about an amount.

    within: by how much it may differ. Those of a quarter around the day of issue, at most `CANDIDATES_MAX`.
    """
    about = {
        "buyer": buyer,
        "least": gross - within,
        "most": gross + within,
        "first": issued_on - NEAR,
        "last": issued_on + NEAR,
        "limit": CANDIDATES_MAX,
    }
    return session.execute(_CANDIDATES, about).scalars().all()


_HEAD = text(
    """
    SELECT v.dealer_id, d.code AS dealer_code, d.credit_code AS buyer, v.number, v.gross, v.issued_on
      FROM (SELECT dealer_id, number, gross, issued_on FROM invoice WHERE number = :number
             UNION ALL
            SELECT dealer_id, number, gross, issued_on FROM service_invoice WHERE number = :number) v
      JOIN dealer d ON d.id = v.dealer_id
    """
)
_LINES = text(
    """
    SELECT l.line_no AS line, p.name_zh AS name, p.specification AS spec, p.unit,
           CAST(l.quantity AS numeric) AS quantity, l.tax_rate AS rate, l.amount - l.tax AS amount, l.tax
      FROM invoice v
      JOIN invoice_line l ON (l.dealer_id, l.invoice_id) = (v.dealer_id, v.id)
      JOIN product p ON p.id = l.product_id
     WHERE v.dealer_id = :dealer_id AND v.number = :number
     UNION ALL
    SELECT l.line_no, coalesce(p.name_zh, l.text), coalesce(p.specification, ''), coalesce(p.unit, ''),
           l.quantity, l.tax_rate, l.amount - l.tax, l.tax
      FROM service_invoice v
      JOIN service_invoice_line l ON (l.dealer_id, l.invoice_id) = (v.dealer_id, v.id)
      LEFT JOIN product p ON p.id = l.product_id
     WHERE v.dealer_id = :dealer_id AND v.number = :number
     ORDER BY 1
    """
)
_CANDIDATES = text(
    """
    SELECT v.number
      FROM dealer d
      JOIN LATERAL (SELECT i.number, i.issued_on FROM invoice i
                     WHERE i.dealer_id = d.id AND i.issued_on BETWEEN :first AND :last
                       AND i.gross BETWEEN :least AND :most
                     UNION ALL
                    SELECT s.number, s.issued_on FROM service_invoice s
                     WHERE s.dealer_id = d.id AND s.issued_on BETWEEN :first AND :last
                       AND s.gross BETWEEN :least AND :most) v ON true
     WHERE d.credit_code = :buyer
       AND NOT EXISTS (SELECT FROM tax_invoice t
                        WHERE (t.dealer_id, t.document_no) = (d.id, v.number) AND t.state <> 'removed')
     ORDER BY v.issued_on DESC, v.number LIMIT :limit
    """
)
