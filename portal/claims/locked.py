"""A claim under lock: behind its dealer's account, which guards it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims.life import ClaimAct, ClaimState, after
from portal.claims.rules import Approver, ClaimKind, Treatment
from portal.dealers.account import lock_account
from portal.kernel.errors import N_, Conflict, NotFound


@dataclass(frozen=True, slots=True)
class LockedClaim:
    """A claim that nobody else can change until the commit."""

    dealer_id: int
    id: int
    number: str
    revision: int
    kind: ClaimKind
    treatment: Treatment
    state: ClaimState
    programme: str
    period: str
    activity: str
    first_day: date | None
    last_day: date | None
    asked: Decimal
    calculated: Decimal | None
    allowed: Decimal | None
    approved: Decimal | None
    chain: tuple[Approver, ...]
    place: int
    round: int
    written_by: tuple[str, ...]
    submitted_at: datetime | None

    @property
    def approver(self) -> Approver:
        """Who signs next; IndexError where nobody does."""
        return self.chain[self.place]

    @property
    def is_last_step(self) -> bool:
        """Whether no further signature follows the next one."""
        return self.place + 1 == len(self.chain)


def lock_claim(session: Session, number: str) -> LockedClaim:
    """Lock a claim and read it. Raises NotFound out of scope."""
    dealer_id = session.execute(_DEALER, {"number": number}).scalar_one_or_none()
    if dealer_id is None:
        raise NotFound()
    lock_account(session, dealer_id)
    row = session.execute(_CLAIM, {"dealer_id": dealer_id, "number": number}).one()
    told = {
        "kind": ClaimKind(row.kind),
        "treatment": Treatment(row.treatment),
        "state": ClaimState(row.state),
        "chain": tuple(Approver(one) for one in row.chain),
        "written_by": tuple(row.written_by),
    }
    return LockedClaim(**{**row._mapping, **told})


def moved(claim: LockedClaim, act: ClaimAct, revision: int | None = None) -> ClaimState:
    """The state after an act on what was read at `revision`. Raises Conflict."""
    state = after(claim.state, act)
    if revision is not None and revision != claim.revision:
        raise Conflict(
            "edited_meanwhile",
            N_("Someone else has changed or decided this claim meanwhile."),
            fix=N_("Open it again and go on from there."),
        )
    return state


_DEALER = text("SELECT dealer_id FROM rebate_claim WHERE number = :number")
_CLAIM = text(
    """
    SELECT dealer_id, id, number, revision, kind, treatment, state, programme, period, activity, first_day,
           last_day, asked, calculated, allowed, approved, chain, place, round, written_by, submitted_at
      FROM rebate_claim WHERE dealer_id = :dealer_id AND number = :number
    """
)
