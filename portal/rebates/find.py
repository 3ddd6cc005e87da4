"""Rebate programmes, found by a part of their number or title."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.manifest import Hit
from portal.kernel.search_pattern import containing

_PROGRAMMES = text(
    """
    SELECT number, title_zh, title_en FROM rebate_programme
     WHERE (:everywhere OR region_id IS NULL OR region_id = ANY (CAST(:region_ids AS bigint[])))
       AND search_fold(number || ' ' || title_zh || ' ' || title_en) LIKE :q
     ORDER BY state IN ('draft', 'submitted', 'approved') DESC, valid_to DESC, id DESC LIMIT :limit
    """
)


def find_programmes(session: Session, actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """What waits first, then what ends last; the nation's and those of the actor's regions."""
    reach = {"everywhere": actor.region_ids is None, "region_ids": list(actor.region_ids or ())}
    for row in session.execute(_PROGRAMMES, {**reach, "q": containing(q), "limit": limit}):
        yield Hit("rebates.show", {"number": row.number}, row.number, (row.title_zh, row.title_en))
