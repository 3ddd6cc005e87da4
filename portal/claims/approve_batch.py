"""Many claims at once: those about which nothing is odd are granted in full, each in its own transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.claims.decide_claim import Decided, decide_claim
from portal.claims.doubtful import doubts_of
from portal.claims.locked import lock_claim
from portal.claims.reckoned import calculated
from portal.claims.rules import Decision
from portal.claims.stored import entry_of
from portal.claims.vocabulary import ClaimRight
from portal.claims.words import DOUBTS
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Invalid

BATCH_MAX = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one claim of a batch. refusals: why it was left out; none where it was granted."""

    number: str
    decided: Decided | None = None
    refusals: tuple[Fault, ...] = field(default=())


def approve_batch(
    within: Callable[[], AbstractContextManager[Session]],
    *,
    actor: Actor,
    numbers: Sequence[str],
    today: date,
    zone: ZoneInfo,
    at: datetime,
) -> list[Outcome]:
    """Grant these claims in full, and leave out whatever has an exception, saying why.

    within: a transaction of its own for each, so that one which fails stops no other. Raises Forbidden,
    Invalid for too many.
    """
    actor.require(ClaimRight.MANAGE, ClaimRight.FINANCE)
    wanted = list(dict.fromkeys(numbers))
    if not 1 <= len(wanted) <= BATCH_MAX:
        message, fix = N_("From 1 to %(max)s claims at once."), N_("Choose fewer.")
        raise Invalid(faults=[Fault("/numbers", "numbers", message, fix, {"max": BATCH_MAX})])
    return [_one(within, actor, number, today, zone, at) for number in wanted]


def approve_plain(
    session: Session, *, actor: Actor, number: str, today: date, zone: ZoneInfo, at: datetime
) -> Decided:
    """Grant a claim in full if nothing is odd about it. Raises Conflict with every exception, and what
    `decide_claim` raises.
    """
    actor.require(ClaimRight.MANAGE, ClaimRight.FINANCE)
    claim = lock_claim(session, number)
    entry = entry_of(session, claim.dealer_id, claim.id)
    worth = calculated(session, dealer_id=claim.dealer_id, entry=entry, today=today, zone=zone)
    found = doubts_of(
        session,
        dealer_id=claim.dealer_id,
        number=number,
        entry=entry,
        worth=worth,
        today=today,
        zone=zone,
    )
    faults = [Fault("", str(doubt), DOUBTS[doubt]) for doubt in found]
    if worth is None:
        faults.append(Fault("", "not_calculated", N_("Nothing can be calculated for a claim of this kind.")))
    if claim.allowed is not None and claim.allowed < claim.asked:
        faults.append(Fault("", "granted_in_part", N_("A step before has granted only a part.")))
    if faults:
        raise Conflict("exceptions", N_("This claim needs a look of its own."), faults=faults)
    return decide_claim(
        session,
        actor=actor,
        number=number,
        decision=Decision.APPROVE,
        today=today,
        zone=zone,
        at=at,
    )


def _one(
    within: Callable[[], AbstractContextManager[Session]],
    actor: Actor,
    number: str,
    today: date,
    zone: ZoneInfo,
    at: datetime,
) -> Outcome:
    try:
        with within() as session:
            decided = approve_plain(session, actor=actor, number=number, today=today, zone=zone, at=at)
        return Outcome(number, decided)
    except DomainError as refused:
        whole = Fault("", refused.code, refused.message, refused.fix, refused.params)
        return Outcome(number, refusals=refused.faults or (whole,))
