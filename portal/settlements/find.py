"""Rebate notes, found by the beginning of their number."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.manifest import Hit
from portal.kernel.search_pattern import begins_with, number_beginning

_NOTES = text(
    f"""
    SELECT n.number, d.name_zh, d.name_en
      FROM (SELECT number, dealer_id FROM rebate_note
             WHERE {begins_with("number", "beginning")} ORDER BY number LIMIT :limit) n
      JOIN dealer d ON d.id = n.dealer_id
     ORDER BY n.number
    """
)


def find_notes(session: Session, actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """In the scope of the session: a dealer's own, or those of the dealers of an employee."""
    endpoint = "rebate_notes.show" if actor.is_staff else "rebate_statement.note"
    for row in session.execute(_NOTES, {"beginning": number_beginning("RN", q), "limit": limit}):
        yield Hit(endpoint, {"number": row.number}, row.number, (row.name_zh, row.name_en))
