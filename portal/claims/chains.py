"""Who signs which claims: read, and changed by finance. A claim keeps the chain it was submitted under."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.claims.rules import Approver, ChainStep, ClaimKind, chain_faults
from portal.claims.vocabulary import ClaimAction, ClaimRight
from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Invalid


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps of a kind of claim in their order."""

    kind: ClaimKind
    revision: int
    steps: tuple[ChainStep, ...]


def chain_of(session: Session, kind: ClaimKind) -> Chain:
    """The chain of a kind as it is now."""
    rows = session.execute(_CHAIN, {"kind": str(kind)}).all()
    steps = tuple(ChainStep(row.above_amount, Approver(row.approver)) for row in rows)
    return Chain(kind, max(row.revision for row in rows), steps)


def chains(session: Session) -> list[Chain]:
    """Every kind's chain."""
    return [chain_of(session, kind) for kind in ClaimKind]


def set_chain(
    session: Session, *, actor: Actor, kind: ClaimKind, revision: int, steps: Sequence[ChainStep]
) -> int:
    """Give a kind of claim other steps, as they were read at `revision`; for claims submitted from now on.

    Returns the new revision. Raises Invalid with every fault, Conflict when somebody has changed them,
    Forbidden.
    """
    actor.require(ClaimRight.FINANCE)
    if faults := chain_faults(steps):
        raise Invalid(faults=faults)
    session.execute(_LOCK, {"kind": str(kind)})
    before = chain_of(session, kind)
    if before.revision != revision:
        raise Conflict(
            "edited_meanwhile",
            N_("Someone else has changed this chain meanwhile."),
            fix=N_("Open it again and go on from there."),
        )
    session.execute(_DROP, {"kind": str(kind)})
    session.execute(
        _STEP,
        [
            {
                "kind": str(kind),
                "place": place,
                "above": step.above,
                "approver": str(step.approver),
                "revision": revision + 1,
            }
            for place, step in enumerate(steps, start=1)
        ],
    )
    record(
        session,
        ClaimAction.CHAIN_SET,
        str(kind),
        actor=actor,
        dealer_id=None,
        before={"steps": _told(before.steps)},
        after={"steps": _told(steps), "revision": revision + 1},
    )
    return revision + 1


def _told(steps: Sequence[ChainStep]) -> list[list[str]]:
    return [[money.as_text(step.above), str(step.approver)] for step in steps]


_CHAIN = text(
    "SELECT above_amount, approver, revision FROM rebate_claim_chain WHERE kind = :kind ORDER BY place"
)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('rebate_claim_chain ' || :kind))")
_DROP = text("DELETE FROM rebate_claim_chain WHERE kind = :kind")
_STEP = text(
    """
    INSERT INTO rebate_claim_chain (kind, place, above_amount, approver, revision)
    VALUES (:kind, :place, :above, :approver, :revision)
    """
)
