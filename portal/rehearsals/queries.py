"""Reads of rehearsals for the people who answer for the policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.pricing.versions import answerable
from portal.pricing.vocabulary import PriceRight


@dataclass(frozen=True, slots=True)
class RehearsalShown:
    """A rehearsal; `place` counts those of its version from 1. result: None until it is done."""

    place: int
    policy_id: int
    revision: int
    months: int
    state: str
    total: int
    done: int
    asked_by_label: str
    asked_at: datetime
    finished_at: datetime | None
    error: str
    result: dict[str, Any] | None

    @property
    def is_under_way(self) -> bool:
        """Whether it is worth looking again soon."""
        return self.state in ("waiting", "running")


def rehearsals(session: Session, *, actor: Actor, policy_id: int) -> list[RehearsalShown]:
    """Those of a version, the latest first, without their results. Raises NotFound, Forbidden."""
    return _shown(session, actor, policy_id, None)


def rehearsal(session: Session, *, actor: Actor, policy_id: int, place: int) -> RehearsalShown:
    """One with its result. Raises NotFound, Forbidden."""
    found = _shown(session, actor, policy_id, place)
    if not found:
        raise NotFound()
    return found[0]


def _shown(session: Session, actor: Actor, policy_id: int, place: int | None) -> list[RehearsalShown]:
    actor.require(PriceRight.POLICIES, PriceRight.APPROVE)
    answerable(session, actor, policy_id)
    rows = session.execute(_SHOWN, {"policy_id": policy_id, "place": place})
    return [value_of(RehearsalShown, row) for row in rows]


_SHOWN = text(
    """
    SELECT * FROM (
      SELECT row_number() OVER (ORDER BY id) AS place, policy_id, revision, months, state, total, done,
             asked_by_label, asked_at, finished_at, error,
             CASE WHEN CAST(:place AS int) IS NOT NULL THEN result END AS result
        FROM rehearsal WHERE policy_id = :policy_id) r
     WHERE CAST(:place AS int) IS NULL OR r.place = :place
     ORDER BY place DESC LIMIT 20
    """
)
