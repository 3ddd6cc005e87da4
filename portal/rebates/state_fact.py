"""Headquarters states with evidence whether something holds of a dealer; another person confirms it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.dealers.queries import dealer_id_of
from portal.files.attach import attach_files
from portal.files.rules import Owner
from portal.kernel import clock, outbox
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.kernel.numbering import new_number
from portal.kernel.proposals import reason_of
from portal.rebates.fact_faults import Stated, fact_faults
from portal.rebates.facts import OWNER_KIND
from portal.rebates.models import RebateFact
from portal.rebates.publish_programme import RECKON
from portal.rebates.rules import FactState
from portal.rebates.vocabulary import RebateAction, RebateRight

PREFIX = "FS"


def state_fact(session: Session, *, actor: Actor, stated: Stated, zone: ZoneInfo, at: datetime) -> str:
    """Say it. It counts when another person has confirmed it. Returns its number.

    Raises Invalid with every fault beside its field, also for a dealer beyond the actor's regions.
    """
    actor.require(RebateRight.PROPOSE)
    today = clock.business_date(at, zone)
    faults = fact_faults(stated, today)
    dealer_id = _dealer_id(session, stated, faults)
    if faults or dealer_id is None or stated.kind is None or stated.from_day is None:
        raise Invalid(faults=faults)
    fact = RebateFact(
        dealer_id=dealer_id,
        number=new_number(PREFIX, today),
        kind=stated.kind,
        holds=stated.holds,
        from_day=stated.from_day,
        to_day=stated.to_day,
        reason=stated.reason.strip(),
        stated_by=actor.key,
        stated_by_label=actor.label,
        stated_at=at,
    )
    session.add(fact)
    session.flush()
    attach_files(session, actor=actor, ids=stated.files, owner=Owner(OWNER_KIND, fact.number, dealer_id))
    after = {
        "kind": fact.kind,
        "holds": fact.holds,
        "from": fact.from_day.isoformat(),
        "to": fact.to_day and fact.to_day.isoformat(),
    }
    record(
        session,
        RebateAction.FACT_STATED,
        fact.number,
        actor=actor,
        dealer_id=dealer_id,
        after=after,
        reason=fact.reason,
    )
    return fact.number


def confirm_fact(session: Session, *, actor: Actor, number: str, at: datetime) -> None:
    """Let it count: the dealer is reckoned anew at once, by a job.

    Raises Forbidden to who stated it, NotFound outside the actor's regions, Conflict for what is decided.
    """
    fact = _decided(session, actor, number, FactState.CONFIRMED, "", at)
    record(session, RebateAction.FACT_CONFIRMED, number, actor=actor, dealer_id=fact.dealer_id)
    outbox.add(session, RECKON, dealer_id=None, dealers=[])


def refuse_fact(session: Session, *, actor: Actor, number: str, reason: str, at: datetime) -> None:
    """Let it never count. Raises what `confirm_fact` raises, Invalid without a reason."""
    actor.require(RebateRight.APPROVE)
    said = reason_of(reason)
    fact = _decided(session, actor, number, FactState.REFUSED, said, at)
    record(session, RebateAction.FACT_REFUSED, number, actor=actor, dealer_id=fact.dealer_id, reason=said)


def _decided(
    session: Session, actor: Actor, number: str, state: FactState, note: str, at: datetime
) -> RebateFact:
    actor.require(RebateRight.APPROVE)
    fact = session.execute(
        select(RebateFact).where(RebateFact.number == number).with_for_update()
    ).scalar_one_or_none()
    if fact is None:
        raise NotFound()
    if fact.state != FactState.STATED:
        message, fix = N_("This was decided already."), N_("Open it again to see how it stands.")
        raise Conflict("decided", message, fix=fix, state=fact.state)
    require_other_person(actor, fact.stated_by)
    fact.state, fact.decision_note = state, note
    fact.decided_by, fact.decided_by_label, fact.decided_at = actor.key, actor.label, at
    session.flush()
    return fact


def _dealer_id(session: Session, stated: Stated, faults: list[Fault]) -> int | None:
    try:
        return dealer_id_of(session, stated.dealer.strip())
    except NotFound:
        message, fix = N_("There is no %(value)s."), N_("Enter the code of one of your dealers.")
        faults.append(Fault("/dealer", "unknown_dealer", message, fix, {"value": stated.dealer[:40]}))
        return None
