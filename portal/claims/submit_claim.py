"""A claim is handed in: its evidence counts now, its budget is held, and its approvers are known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims import budget
from portal.claims.chains import chain_of
from portal.claims.draft_claim import Claimed, require_dealer
from portal.claims.entry import ClaimEntry, entry_faults
from portal.claims.evidence import mark_evidence
from portal.claims.history import Step, tell
from portal.claims.life import ClaimAct, ClaimState
from portal.claims.locked import LockedClaim, lock_claim, moved
from portal.claims.reckoned import calculated
from portal.claims.rules import (
    Approver,
    ClaimKind,
    StepAct,
    chain_for,
    deadline,
    working_days,
)
from portal.claims.stored import entry_of
from portal.claims.vocabulary import ClaimAction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Invalid
from portal.notifications.tell import announce
from portal.workdays.queries import calendar


def submit_claim(
    session: Session,
    *,
    actor: Actor,
    number: str,
    revision: int | None = None,
    today: date,
    zone: ZoneInfo,
    at: datetime,
) -> Claimed:
    """Submit a draft, or what was completed; headquarters decides step by step, as the chain is today.

    Raises Invalid with every fault, also for evidence that counts elsewhere, Conflict for a period that has
    not ended or ended too long ago, a budget that is used up, and what was submitted already; NotFound,
    Forbidden.
    """
    dealer_id = require_dealer(actor)
    claim = lock_claim(session, number)
    state = moved(claim, ClaimAct.SUBMIT, revision)
    entry = entry_of(session, dealer_id, claim.id)
    _require_time(claim, today)
    faults = entry_faults(_as_written(entry), today)
    faults += mark_evidence(session, dealer_id=dealer_id, number=number, entry=entry)
    if faults:
        raise Invalid("claim_refused", N_("The claim cannot be submitted as it is."), faults=faults)
    worth = calculated(session, dealer_id=dealer_id, entry=entry, today=today, zone=zone)
    chain = chain_for(chain_of(session, claim.kind).steps, claim.asked)
    budget.reserve_asked(session, claim, worth)
    _hand_in(session, claim, actor, chain, worth, today, zone, at)
    step = Step(StepAct.SUBMITTED, ClaimAction.SUBMITTED, amount=claim.asked, calculated=worth)
    tell(session, claim, step, actor=actor, round_no=claim.round + 1, at=at)
    announce(
        session,
        event="claim.submitted",
        dealer_id=dealer_id,
        path=f"/hq/rebates/claims/{number}",
        facts={"number": number, "asked": str(claim.asked)},
    )
    return Claimed(number, claim.revision + 1, state)


def _as_written(entry: ClaimEntry) -> ClaimEntry:
    """The days of a rebate's period are no days that somebody wrote."""
    if entry.kind is ClaimKind.PERIOD:
        return replace(entry, first_day=None, last_day=None)
    return entry


def _require_time(claim: LockedClaim, today: date) -> None:
    """A period is claimed when it is over, and not for ever. What was sent back may come later."""
    if claim.kind is not ClaimKind.PERIOD or claim.last_day is None:
        return
    if today <= claim.last_day:
        message = N_("This period has not ended yet: it runs until %(day)s.")
        raise Conflict("not_ended", message, fix=N_("Submit the claim after that day."), day=claim.last_day)
    last = deadline(claim.last_day)
    if claim.state is ClaimState.DRAFT and today > last:
        message = N_("This period could be claimed until %(day)s.")
        raise Conflict("too_late", message, fix=N_("Talk to your channel manager."), day=last)


def _hand_in(
    session: Session,
    claim: LockedClaim,
    actor: Actor,
    chain: tuple[Approver, ...],
    worth: Decimal | None,
    today: date,
    zone: ZoneInfo,
    at: datetime,
) -> None:
    days = calendar(session)
    due = days.add_working_days(today, working_days(claim.kind, len(chain)))
    session.execute(
        _SUBMIT,
        {
            "dealer_id": claim.dealer_id,
            "id": claim.id,
            "calculated": worth,
            "chain": [str(one) for one in chain],
            "written_by": sorted({*claim.written_by, actor.key}),
            "label": actor.label,
            "at": at,
            "due_at": clock.start_of(due + timedelta(days=1), zone),
            "remind_at": clock.start_of(days.add_working_days(due, -1), zone),
        },
    )


_SUBMIT = text(
    """
    UPDATE rebate_claim
       SET state = 'submitted', calculated = :calculated, allowed = asked, chain = :chain, place = 0,
           round = round + 1, written_by = :written_by, submitted_by_label = :label, submitted_at = :at,
           due_at = :due_at, remind_at = :remind_at, reminded_at = NULL, decision_note = '',
           revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
