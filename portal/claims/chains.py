"""Who signs which claims: read, and changed by finance, one of whom proposes other steps and another agrees.

A claim keeps the chain it was submitted under.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.claims.rules import Approver, ChainStep, ChangeState, ClaimKind, chain_faults
from portal.claims.vocabulary import ClaimAction, ClaimRight
from portal.kernel import money
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Invalid, NotFound
from portal.kernel.proposals import overtaken, reason_of


@dataclass(frozen=True, slots=True)
class ChainChange:
    """Other steps that wait for another person's word."""

    steps: tuple[ChainStep, ...]
    reason: str
    proposed_by: str
    proposed_by_label: str
    proposed_at: datetime


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps of a kind of claim in their order. waiting: what somebody proposes instead."""

    kind: ClaimKind
    revision: int
    steps: tuple[ChainStep, ...]
    waiting: ChainChange | None = None


def chain_of(session: Session, kind: ClaimKind) -> Chain:
    """The chain of a kind as it is now."""
    return _read(session, [kind])[0]


def chains(session: Session) -> list[Chain]:
    """Every kind's chain."""
    return _read(session, list(ClaimKind))


def chains_waiting(session: Session, *, actor: Actor) -> int:
    """How many kinds have other steps proposed by somebody else than the actor."""
    count: int = session.execute(_TO_DECIDE, {"actor": actor.key}).scalar_one()
    return count


def propose_chain(
    session: Session,
    *,
    actor: Actor,
    kind: ClaimKind,
    revision: int,
    steps: Sequence[ChainStep],
    reason: str,
    at: datetime,
) -> None:
    """Propose other steps for a kind of claim, as they were read at `revision`.

    Raises Invalid with every fault, Conflict when somebody has changed them or other steps wait, Forbidden.
    """
    actor.require(ClaimRight.FINANCE)
    faults = list(chain_faults(steps))
    try:
        said = reason_of(reason)
    except Invalid as refusal:
        faults += refusal.faults
    if faults:
        raise Invalid(faults=faults)
    session.execute(_LOCK, {"kind": str(kind)})
    before = chain_of(session, kind)
    if before.revision != revision:
        raise overtaken()
    if before.waiting is not None:
        message, fix = N_("Other steps wait for a decision already."), N_("Decide on those first.")
        raise Conflict("proposal_waits", message, fix=fix)
    about = {"kind": str(kind), "revision": revision, "steps": _told(steps), "reason": said, "at": at}
    session.execute(_PROPOSE, about | {"actor": actor.key, "label": actor.label})
    _record(session, actor, ClaimAction.CHAIN_PROPOSED, before, {"steps": _told(steps)}, said)


def decide_chain(
    session: Session, *, actor: Actor, kind: ClaimKind, approve: bool, note: str, at: datetime
) -> None:
    """Let what waits hold for claims submitted from now on, or reject it with a reason.

    Raises Forbidden to who proposed it, NotFound where nothing waits, Conflict, Invalid.
    """
    actor.require(ClaimRight.FINANCE)
    said = reason_of(note, required=not approve)
    session.execute(_LOCK, {"kind": str(kind)})
    row = session.execute(_WAITING, {"kind": str(kind)}).one_or_none()
    if row is None:
        raise NotFound()
    require_other_person(actor, row.proposed_by)
    before = chain_of(session, kind)
    if before.revision != row.revision:
        raise overtaken()
    state = ChangeState.APPROVED if approve else ChangeState.REJECTED
    about = {"id": row.id, "state": str(state), "note": said, "at": at}
    session.execute(_DECIDE, about | {"actor": actor.key, "label": actor.label})
    if approve:
        _set(session, kind, row.revision + 1, _steps(row))
    action = ClaimAction.CHAIN_SET if approve else ClaimAction.CHAIN_REJECTED
    _record(session, actor, action, before, {"steps": row.steps, "proposed_by": row.proposed_by}, said)


def _set(session: Session, kind: ClaimKind, revision: int, steps: Sequence[ChainStep]) -> None:
    session.execute(_DROP, {"kind": str(kind)})
    rows = [
        {
            "kind": str(kind),
            "place": place,
            "above": step.above,
            "approver": str(step.approver),
            "revision": revision,
        }
        for place, step in enumerate(steps, start=1)
    ]
    session.execute(_STEP, rows)


def _record(
    session: Session, actor: Actor, action: ClaimAction, chain: Chain, after: dict[str, object], reason: str
) -> None:
    record(
        session,
        action,
        str(chain.kind),
        actor=actor,
        dealer_id=None,
        before={"steps": _told(chain.steps)},
        after=after,
        reason=reason or None,
    )


def _read(session: Session, kinds: Sequence[ClaimKind]) -> list[Chain]:
    about = {"kinds": [str(kind) for kind in kinds]}
    waiting = {row.kind: _change(row) for row in session.execute(_ALL_WAITING, about)}
    rows = session.execute(_CHAINS, about).all()
    return [
        Chain(
            kind,
            max(row.revision for row in rows if row.kind == kind),
            tuple(ChainStep(row.above_amount, Approver(row.approver)) for row in rows if row.kind == kind),
            waiting.get(str(kind)),
        )
        for kind in kinds
    ]


def _change(row: Record) -> ChainChange:
    return ChainChange(_steps(row), row.reason, row.proposed_by, row.proposed_by_label, row.proposed_at)


def _steps(row: Record) -> tuple[ChainStep, ...]:
    return tuple(ChainStep(Decimal(above), Approver(approver)) for above, approver in row.steps)


def _told(steps: Sequence[ChainStep]) -> list[list[str]]:
    return [[money.as_text(step.above), str(step.approver)] for step in steps]


_CHAINS = text(
    """
    SELECT kind, above_amount, approver, revision FROM rebate_claim_chain
     WHERE kind = ANY (CAST(:kinds AS text[])) ORDER BY kind, place
    """
)
_ALL_WAITING = text(
    """
    SELECT kind, steps, reason, proposed_by, proposed_by_label, proposed_at FROM claim_chain_change
     WHERE kind = ANY (CAST(:kinds AS text[])) AND state = 'waiting'
    """
)
_WAITING = text(
    """
    SELECT id, revision, steps, reason, proposed_by, proposed_by_label, proposed_at
      FROM claim_chain_change WHERE kind = :kind AND state = 'waiting'
    """
)
_TO_DECIDE = text("SELECT count(*) FROM claim_chain_change WHERE state = 'waiting' AND proposed_by <> :actor")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('rebate_claim_chain ' || :kind))")
_PROPOSE = text(
    """
    INSERT INTO claim_chain_change (kind, revision, steps, reason, proposed_by, proposed_by_label,
                                    proposed_at)
    VALUES (:kind, :revision, :steps, :reason, :actor, :label, :at)
    """
).bindparams(bindparam("steps", type_=JSONB))
_DECIDE = text(
    """
    UPDATE claim_chain_change
       SET state = :state, decided_by = :actor, decided_by_label = :label, decided_at = :at,
           decision_note = :note
     WHERE id = :id
    """
)
_DROP = text("DELETE FROM rebate_claim_chain WHERE kind = :kind")
_STEP = text(
    """
    INSERT INTO rebate_claim_chain (kind, place, above_amount, approver, revision)
    VALUES (:kind, :place, :above, :approver, :revision)
    """
)
