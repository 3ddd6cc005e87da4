"""Statements, found by the beginning of their number."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.manifest import Hit
from portal.kernel.search_pattern import begins_with, number_beginning

_STATEMENTS = text(
    f"""
    SELECT s.number, d.name_zh, d.name_en
      FROM (SELECT * FROM statement WHERE {begins_with("number", "beginning")} ORDER BY number LIMIT :limit) s
      JOIN dealer d ON d.id = s.dealer_id
     ORDER BY s.number
    """
)


def find_statements(session: Session, actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """In the scope of the session: a dealer's own, or those of the dealers of an employee."""
    endpoint = "closing.statement" if actor.is_staff else "statements.show"
    for row in session.execute(_STATEMENTS, {"beginning": number_beginning("ST", q), "limit": limit}):
        yield Hit(endpoint, {"number": row.number}, row.number, (row.name_zh, row.name_en))
