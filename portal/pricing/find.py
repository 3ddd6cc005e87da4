"""Price policies, found by a part of their number or title."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.manifest import Hit
from portal.kernel.search_pattern import containing
from portal.pricing.policies import reach_of

_POLICIES = text(
    """
    SELECT id, number, version, title_zh, title_en, state FROM price_policy
     WHERE (:everywhere OR region_id IS NULL OR region_id = ANY (CAST(:region_ids AS bigint[])))
       AND search_fold(number || ' ' || title_zh || ' ' || title_en) LIKE :q
     ORDER BY state <> 'draft', published_at DESC NULLS FIRST, id DESC LIMIT :limit
    """
)


def find_policies(session: Session, actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """Drafts first, then the latest; the nation's and those of the regions that the actor answers for."""
    parameters = {**reach_of(actor), "q": containing(q), "limit": limit}
    for row in session.execute(_POLICIES, parameters):
        number = f"{row.number} v{row.version}"
        names, status = (row.title_zh, row.title_en), ("policy", row.state)
        yield Hit("policies.show", {"policy_id": str(row.id)}, number, names, status)
