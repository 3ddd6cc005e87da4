"""Who may sign a step: by an own right, or in the name of a colleague who delegated it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims.locked import LockedClaim
from portal.claims.rules import Approver
from portal.claims.vocabulary import ClaimRight
from portal.dealers.queries import load_dealer
from portal.identity.colleagues import Colleague, colleagues
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Forbidden

RIGHTS = {Approver.CHANNEL_MANAGER: ClaimRight.MANAGE, Approver.HQ_FINANCE: ClaimRight.FINANCE}


@dataclass(frozen=True, slots=True)
class Seat:
    """As whom somebody signs. in_name_of: None for themselves."""

    approver: Approver
    in_name_of: Colleague | None = None


def seat_of(session: Session, actor: Actor, claim: LockedClaim, today: date) -> Seat:
    """As whom the actor signs the next step of a locked claim.

    Nobody signs what they wrote, nor twice, be it in another's name. Raises Forbidden.
    """
    for author in claim.written_by:
        require_other_person(actor, author)
    signed = signed_by(session, claim.dealer_id, claim.id, claim.round)
    if actor.key in signed:
        raise Forbidden(
            "signed_already",
            N_("You have signed a step of this claim. Another person signs the next one."),
            fix=N_("Ask a colleague."),
        )
    if actor.may(RIGHTS[claim.approver]):
        return Seat(claim.approver)
    for behind in delegators(session, actor, today):
        if _can_stand_for(session, behind, claim, signed, today):
            return Seat(claim.approver, behind)
    raise Forbidden(
        "not_your_step",
        N_("The next signature is another role's."),
        fix=N_("Wait for it, or have it delegated to you."),
    )


def roles_of(session: Session, actor: Actor, today: date) -> frozenset[Approver]:
    """The steps that the actor can sign, in an own name or a colleague's."""
    own = {approver for approver, right in RIGHTS.items() if actor.may(right)}
    lent = {
        approver
        for behind in delegators(session, actor, today)
        for approver, right in RIGHTS.items()
        if behind.may(right)
    }
    return frozenset(own | lent)


def signed_by(session: Session, dealer_id: int, claim_id: int, round_no: int) -> frozenset[str]:
    """Who has signed a step of a round, and in whose name (`Actor.key`)."""
    about = {"dealer_id": dealer_id, "claim_id": claim_id, "round": round_no}
    rows = session.execute(_SIGNED, about).all()
    return frozenset(key for row in rows for key in (row.acted_by, row.in_name_of) if key)


def delegators(session: Session, actor: Actor, today: date) -> list[Colleague]:
    """The colleagues in whose name somebody of headquarters may sign today."""
    if actor.user_id is None or not actor.is_staff:
        return []
    ids = list(session.execute(_DELEGATORS, {"user_id": actor.user_id, "today": today}).scalars())
    return [one for one in colleagues(session) if one.user_id in ids] if ids else []


def who_can_sign(
    session: Session, *, claim: LockedClaim, today: date, people: Iterable[Colleague]
) -> list[Colleague]:
    """Who of these can sign the next step, by an own right or a delegation."""
    region_path = load_dealer(session, claim.dealer_id, day=today).region_path
    signed = signed_by(session, claim.dealer_id, claim.id, claim.round)
    known = {one.user_id: one for one in people}
    able = {
        one.user_id
        for one in known.values()
        if one.may(RIGHTS[claim.approver]) and one.answers_for(region_path) and one.key not in signed
    }
    delegates = session.execute(_DELEGATES, {"user_ids": sorted(able), "today": today}).scalars()
    lent = {one for one in delegates if one in known and known[one].key not in signed}
    return [one for one in known.values() if one.user_id in able | lent]


def _can_stand_for(
    session: Session, behind: Colleague, claim: LockedClaim, signed: frozenset[str], today: date
) -> bool:
    if not behind.may(RIGHTS[claim.approver]) or behind.key in signed or behind.key in claim.written_by:
        return False
    return behind.answers_for(load_dealer(session, claim.dealer_id, day=today).region_path)


_SIGNED = text(
    """
    SELECT acted_by, in_name_of FROM rebate_claim_step
     WHERE dealer_id = :dealer_id AND claim_id = :claim_id AND round = :round AND act = 'approved'
    """
)
_RUNS = "ended_at IS NULL AND CAST(:today AS date) BETWEEN from_day AND to_day"
_DELEGATORS = text(f"SELECT from_user_id FROM claim_delegation WHERE to_user_id = :user_id AND {_RUNS}")
_DELEGATES = text(
    "SELECT DISTINCT to_user_id FROM claim_delegation"
    f" WHERE from_user_id = ANY (CAST(:user_ids AS bigint[])) AND {_RUNS}"
)
