"""Invoices of goods and services, credit notes and payments, found by the beginning of their number."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.manifest import Hit
from portal.kernel.search_pattern import begins_with, number_beginning

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
              WHERE {begins_with("number", "service")} ORDER BY number LIMIT :limit)
            UNION ALL
            (SELECT 'payment', dealer_id, number FROM payment
              WHERE {begins_with("number", "payment")} ORDER BY number LIMIT :limit)) f
      JOIN dealer d ON d.id = f.dealer_id
     ORDER BY f.number LIMIT :limit
    """
)
_KINDS = {"invoice": "IN", "credit_note": "CN", "service": "SI", "payment": "PY"}


def find_documents(session: Session, _actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """Documents of the books, each with its dealer."""
    beginnings = {name: number_beginning(kind, q) for name, kind in _KINDS.items()}
    for row in session.execute(_DOCUMENTS, {**beginnings, "limit": limit}):
        yield Hit(f"ledger.{row.word}", {"number": row.number}, row.number, (row.name_zh, row.name_en))
