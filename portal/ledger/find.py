"""Documents of the books, found by the beginning of their number."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.manifest import Hit
from portal.kernel.search_pattern import begins_with, number_beginning
from portal.ledger.account_documents import PREFIXES

_OF_ACCOUNT = " UNION ALL ".join(
    f"""(SELECT 'document', dealer_id, number FROM account_document
          WHERE {begins_with("number", kind)} ORDER BY number LIMIT :limit)"""
    for kind in PREFIXES
)
_DOCUMENTS = text(
    f"""
    SELECT f.word, f.number, d.name_zh, d.name_en
      FROM ((SELECT 'invoice' AS word, dealer_id, number FROM invoice
              WHERE {begins_with("number", "invoice")} ORDER BY number LIMIT :limit)
            UNION ALL
            (SELECT 'invoice', dealer_id, number FROM invoice
              WHERE {begins_with("number", "credit_note")} ORDER BY number LIMIT :limit)
            UNION ALL
            (SELECT 'invoice', dealer_id, number FROM service_invoice
              WHERE {begins_with("number", "service_invoice")} ORDER BY number LIMIT :limit)
            UNION ALL
            (SELECT 'payment', dealer_id, number FROM payment
              WHERE {begins_with("number", "payment")} ORDER BY number LIMIT :limit)
            UNION ALL
            {_OF_ACCOUNT}) f
      JOIN dealer d ON d.id = f.dealer_id
     ORDER BY f.number LIMIT :limit
    """
)
_OF_BILLS = {"invoice": "IN", "credit_note": "CN", "service_invoice": "SI", "payment": "PY"}
_KINDS = _OF_BILLS | {str(kind): prefix for kind, prefix in PREFIXES.items()}
_PAGES = {"invoice": "ledger.invoice", "payment": "ledger.payment", "document": "account_documents.show"}
_OWN_PAGES = {"invoice": "invoices.show", "document": "own_account_documents.show"}


def find_documents(session: Session, _actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """Documents of the books, each with its dealer."""
    beginnings = {name: number_beginning(kind, q) for name, kind in _KINDS.items()}
    for row in session.execute(_DOCUMENTS, {**beginnings, "limit": limit}):
        yield Hit(_PAGES[row.word], {"number": row.number}, row.number, (row.name_zh, row.name_en))


def find_own_invoices(session: Session, _actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """A dealer's own invoices, credit notes and documents of its account."""
    beginnings = {name: number_beginning(kind, q) for name, kind in _KINDS.items()} | {"payment": None}
    for row in session.execute(_DOCUMENTS, {**beginnings, "limit": limit}):
        yield Hit(_OWN_PAGES[row.word], {"number": row.number}, row.number)
