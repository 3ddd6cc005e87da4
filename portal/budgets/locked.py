"""Activities, what documents hold, and pots under lock, always in this order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.budgets.rules import Held
from portal.kernel import locks
from portal.kernel.db import Record, value_of
from portal.kernel.errors import NotFound
from portal.kernel.locks import Rank


@dataclass(frozen=True, slots=True)
class LockedActivity:
    """An activity that nobody else can change until the commit. left: of the approved, not claimed yet."""

    dealer_id: int
    id: int
    number: str
    revision: int
    state: str
    kind: str
    first_day: date
    planned: Decimal
    approved: Decimal | None
    budget_id: int | None
    asked_by: str
    left: Decimal
    is_claimed: bool
    has_open_claims: bool


@dataclass(frozen=True, slots=True)
class LockedPot:
    """A pot that nobody else can draw on until the commit."""

    id: int
    number: str
    state: str
    kind: str
    region_id: int | None
    first_day: date
    last_day: date
    amount: Decimal
    reserved: Decimal
    spent: Decimal

    @property
    def held(self) -> Held:
        """Its figures."""
        return Held(self.amount, self.reserved, self.spent)


def lock_activity(session: Session, number: str) -> LockedActivity:
    """Lock an activity and read what is left of it. Raises NotFound out of scope."""
    key = session.execute(_KEY, {"number": number}).one_or_none()
    if key is None:
        raise NotFound()
    locked = lock_activities(session, key.dealer_id, [key.id])
    return locked[key.id]


def lock_activities(session: Session, dealer_id: int, ids: Iterable[int]) -> dict[int, LockedActivity]:
    """Lock activities of a dealer, by id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    locks.take(session, Rank.ACTIVITY, [(dealer_id, one) for one in wanted])
    about = {"dealer_id": dealer_id, "ids": wanted}
    session.execute(_LOCK_ACTIVITIES, about).all()
    return {row.id: value_of(LockedActivity, row) for row in session.execute(_ACTIVITIES, about)}


def lock_pots(session: Session, ids: Iterable[int]) -> dict[int, LockedPot]:
    """Lock pots, by id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    locks.take(session, Rank.POT, [(one,) for one in wanted])
    rows = session.execute(_LOCK_POTS, {"ids": wanted})
    return {row.id: value_of(LockedPot, row) for row in rows}


def lock_pot(session: Session, number: str) -> LockedPot | None:
    """Lock the pot of a number, if there is one."""
    key = session.execute(_POT, {"number": number}).scalar_one_or_none()
    return None if key is None else lock_pots(session, [key])[key]


def use_of(session: Session, dealer_id: int, document: str) -> Record | None:
    """What a document holds, locked."""
    return session.execute(_USE, {"dealer_id": dealer_id, "document": document}).one_or_none()


_KEY = text("SELECT dealer_id, id FROM activity WHERE number = :number")
_LOCK_ACTIVITIES = text(
    """
    SELECT id FROM activity
     WHERE dealer_id = :dealer_id AND id = ANY (CAST(:ids AS bigint[])) ORDER BY id FOR UPDATE
    """
)
_ACTIVITIES = text(
    """
    SELECT a.dealer_id, a.id, a.number, a.revision, a.state, a.kind, a.first_day, a.planned, a.approved,
           a.budget_id, a.asked_by,
           coalesce((SELECT u.amount FROM budget_use u
                      WHERE u.dealer_id = a.dealer_id AND u.document = a.number AND u.state = 'reserved'), 0)
             AS left,
           EXISTS (SELECT FROM budget_use u
                    WHERE u.dealer_id = a.dealer_id AND u.activity_id = a.id AND u.state <> 'released')
             AS is_claimed,
           EXISTS (SELECT FROM budget_use u
                    WHERE u.dealer_id = a.dealer_id AND u.activity_id = a.id AND u.state = 'reserved')
             AS has_open_claims
      FROM activity a WHERE a.dealer_id = :dealer_id AND a.id = ANY (CAST(:ids AS bigint[]))
    """
)
_POT = text("SELECT id FROM rebate_budget WHERE number = :number")
_LOCK_POTS = text(
    """
    SELECT id, number, state, kind, region_id, first_day, last_day, amount, reserved, spent
      FROM rebate_budget WHERE id = ANY (CAST(:ids AS bigint[])) ORDER BY id FOR UPDATE
    """
)
_USE = text(
    """
    SELECT document, budget_id, activity_id, amount, state FROM budget_use
     WHERE dealer_id = :dealer_id AND document = :document FOR UPDATE
    """
)
