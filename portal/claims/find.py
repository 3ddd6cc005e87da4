"""Claims, found by the beginning of their number."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims.draft_claim import PREFIX
from portal.kernel.actor import Actor
from portal.kernel.manifest import Hit
from portal.kernel.search_pattern import begins_with, number_beginning

_CLAIMS = text(
    f"""
    SELECT c.number, c.state, d.name_zh, d.name_en
      FROM (SELECT number, state, dealer_id FROM rebate_claim
             WHERE {begins_with("number", "beginning")} AND (NOT :is_staff OR state <> 'draft')
             ORDER BY number LIMIT :limit) c
      JOIN dealer d ON d.id = c.dealer_id
     ORDER BY c.number
    """
)


def find_claims(session: Session, actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """A dealer's own, or those that dealers of an employee have submitted."""
    endpoint = "claims_desk.show" if actor.is_staff else "own_claims.show"
    parameters = {"beginning": number_beginning(PREFIX, q), "is_staff": actor.is_staff, "limit": limit}
    for row in session.execute(_CLAIMS, parameters):
        names, status = (row.name_zh, row.name_en), ("rebate claim", row.state)
        yield Hit(endpoint, {"number": row.number}, row.number, names, status)
