"""Somebody proposes another tier of a dealer from a day on; another person decides.

Prices go by the tier of their day, so it is decided on as prices are: by two people, and for a day to come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.dealers.models import DealerTier, DealerTierChange
from portal.dealers.rules import TierChangeState, reason_faults, tier_faults
from portal.dealers.vocabulary import DealerAction, DealerRight
from portal.kernel import numbering
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound

PREFIX = "TJ"


@dataclass(frozen=True, slots=True)
class TierRow:
    """A tier of a dealer and since when."""

    tier: str
    valid_from: date
    valid_to: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class TierChangeRow:
    """Another tier that somebody asked for."""

    number: str
    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    tier: str
    valid_from: date
    reason: str
    state: str
    proposed_by: str
    proposed_by_label: str
    proposed_at: datetime
    decided_by_label: str | None
    decided_at: datetime | None
    decision_note: str


def propose_tier(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    tier: str,
    valid_from: date,
    reason: str,
    today: date,
    at: datetime,
) -> str:
    """Propose it; its number. Nothing counts before another person agrees.

    Raises Invalid with every fault, Conflict while another change of the dealer waits, Forbidden, NotFound.
    """
    actor.require(DealerRight.TIERS)
    reason = reason.strip()
    last = session.execute(_LAST, {"dealer_id": dealer_id}).one_or_none()
    if last is None:
        raise NotFound()
    faults = tier_faults(
        tier=tier,
        known=frozenset(last.known),
        tier_now=last.tier,
        valid_from=valid_from,
        last_from=last.valid_from,
        today=today,
        reason=reason,
    )
    if faults:
        raise Invalid(faults=faults)
    number = numbering.new_number(PREFIX, today)
    session.execute(
        insert(DealerTierChange).values(
            dealer_id=dealer_id,
            number=number,
            tier=tier,
            valid_from=valid_from,
            reason=reason,
            proposed_by=actor.key,
            proposed_by_label=actor.label,
            proposed_at=at,
        )
    )
    after = {"tier": tier, "valid_from": valid_from.isoformat()}
    proposed = DealerAction.TIER_PROPOSED
    record(session, proposed, number, actor=actor, dealer_id=dealer_id, after=after, reason=reason)
    return number


def approve_tier(session: Session, *, actor: Actor, number: str, today: date, at: datetime) -> None:
    """Let it count from its day on.

    Raises Conflict when it does not wait, its day has come or another tier begins later; Forbidden to whoever
    proposed it; NotFound.
    """
    row = _waiting(session, actor, number)
    require_other_person(actor, row.proposed_by)
    if row.valid_from <= today:
        raise Conflict("past", N_("The day of this has come. Reject it, and have another day proposed."))
    _decide(session, row, TierChangeState.APPROVED, actor, "", at)
    about = {"dealer_id": row.dealer_id, "since": row.valid_from}
    before = session.execute(_END_LAST, about).scalar_one_or_none()
    if before is None:
        raise Conflict("later", N_("Another tier begins on that day or later."))
    session.execute(
        insert(DealerTier).values(
            dealer_id=row.dealer_id,
            valid_from=row.valid_from,
            tier=row.tier,
            assigned_by=actor.key,
            assigned_at=at,
            reason=row.reason,
        )
    )
    record(
        session,
        DealerAction.TIER_APPROVED,
        number,
        actor=actor,
        dealer_id=row.dealer_id,
        before={"tier": before},
        after={"tier": row.tier, "valid_from": row.valid_from.isoformat()},
    )


def reject_tier(session: Session, *, actor: Actor, number: str, reason: str, at: datetime) -> None:
    """Refuse what another person proposed. Raises Invalid without a reason, Conflict, Forbidden, NotFound."""
    row = _waiting(session, actor, number)
    require_other_person(actor, row.proposed_by)
    said = reason.strip()
    if faults := reason_faults(said):
        raise Invalid(faults=faults)
    _decide(session, row, TierChangeState.REJECTED, actor, said, at)
    rejected = DealerAction.TIER_REJECTED
    record(session, rejected, number, actor=actor, dealer_id=row.dealer_id, reason=said)


def withdraw_tier(session: Session, *, actor: Actor, number: str, at: datetime) -> None:
    """Take an own proposal back before anybody decided. Raises Conflict, Forbidden, NotFound."""
    row = _waiting(session, actor, number)
    if row.proposed_by != actor.key:
        raise Forbidden("not_yours", N_("Somebody else proposed this. Reject it instead."))
    _decide(session, row, TierChangeState.WITHDRAWN, actor, "", at)
    record(session, DealerAction.TIER_WITHDRAWN, number, actor=actor, dealer_id=row.dealer_id)


def tiers_of(session: Session, dealer_id: int) -> list[TierRow]:
    """Every tier that a dealer has, had or will have, the latest first."""
    return [TierRow(**row._mapping) for row in session.execute(_TIERS, {"dealer_id": dealer_id})]


def tier_changes(session: Session, *, dealer_id: int | None = None, limit: int = 100) -> list[TierChangeRow]:
    """What was asked for in the session's scope, what waits first, then the latest."""
    about = {"dealer_id": dealer_id, "number": None, "limit": limit}
    return [TierChangeRow(**row._mapping) for row in session.execute(_CHANGES, about)]


def tier_change_of(session: Session, number: str) -> TierChangeRow:
    """One of them. Raises NotFound."""
    row = session.execute(_CHANGES, {"dealer_id": None, "number": number, "limit": 1}).one_or_none()
    if row is None:
        raise NotFound()
    return TierChangeRow(**row._mapping)


def _waiting(session: Session, actor: Actor, number: str) -> Record:
    actor.require(DealerRight.TIERS)
    row: Record | None = session.execute(_HELD, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    if row.state != TierChangeState.WAITING:
        raise Conflict("decided", N_("Somebody has decided on this meanwhile."))
    return row


def _decide(
    session: Session, row: Record, state: TierChangeState, actor: Actor, note: str, at: datetime
) -> None:
    session.execute(
        update(DealerTierChange)
        .where(DealerTierChange.dealer_id == row.dealer_id, DealerTierChange.number == row.number)
        .values(
            state=state,
            decided_by=actor.key,
            decided_by_label=actor.label,
            decided_at=at,
            decision_note=note,
        )
    )


_LAST = text(
    """
    SELECT tier, valid_from, ARRAY(SELECT code FROM tier) AS known FROM dealer_tier
     WHERE dealer_id = :dealer_id AND valid_to IS NULL
    """
)
_HELD = text(
    "SELECT dealer_id, number, state, tier, valid_from, reason, proposed_by FROM dealer_tier_change"
    " WHERE number = :number FOR UPDATE"
)
_END_LAST = text(
    """
    UPDATE dealer_tier SET valid_to = :since
     WHERE dealer_id = :dealer_id AND valid_to IS NULL AND valid_from < :since RETURNING tier
    """
)
_TIERS = text(
    """
    SELECT tier, valid_from, valid_to, reason FROM dealer_tier WHERE dealer_id = :dealer_id
     ORDER BY valid_from DESC
    """
)
_CHANGES = text(
    """
    SELECT c.number, c.dealer_id, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
           c.tier, c.valid_from, c.reason, c.state, c.proposed_by, c.proposed_by_label, c.proposed_at,
           c.decided_by_label, c.decided_at, c.decision_note
      FROM dealer_tier_change c JOIN dealer d ON d.id = c.dealer_id
     WHERE (CAST(:number AS text) IS NULL OR c.number = :number)
       AND (CAST(:dealer_id AS bigint) IS NULL OR c.dealer_id = :dealer_id)
     ORDER BY c.state = 'waiting' DESC, c.proposed_at DESC, c.number LIMIT :limit
    """
)
