"""A pot, or another amount for one, as somebody proposes it; nothing is drawn on before another agrees."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.budgets.locked import LockedPot, lock_pot
from portal.budgets.programme_pot import PREFIX
from portal.budgets.rules import AMOUNT_MAX, BudgetState, Pot, pot_faults, reason_faults
from portal.budgets.vocabulary import BudgetAction, BudgetRight
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.kernel.numbering import new_number


def propose_budget(session: Session, *, actor: Actor, pot: Pot, today: date, at: datetime) -> str:
    """Propose a pot; that of a programme is of the programme's region. Returns its number.

    Raises Invalid with every fault, also for a region beyond the actor's or a programme that has a pot.
    """
    actor.require(BudgetRight.PROPOSE)
    faults = pot_faults(pot)
    names = session.execute(_NAMES, {"region": pot.region, "programme": pot.programme}).one()
    faults += _name_faults(actor, pot, names)
    if faults:
        raise Invalid(faults=faults)
    number = new_number(PREFIX, today)
    made = session.execute(
        _MAKE,
        {
            "number": number,
            "title_zh": pot.title_zh.strip(),
            "title_en": pot.title_en.strip(),
            "kind": pot.kind,
            "programme_id": names.programme_id,
            "region_id": _region_of(names),
            "first_day": pot.first_day,
            "last_day": pot.last_day,
            "at": at,
        },
    ).scalar_one()
    assert pot.amount is not None  # the rules have asked for it
    _write_proposal(session, actor, made, Decimal(0), pot.amount, pot.reason, at)
    after = {"title_zh": pot.title_zh.strip(), "kind": pot.kind, "amount": str(pot.amount)}
    record(session, BudgetAction.PROPOSED, number, actor=actor, dealer_id=None, after=after)
    return number


def propose_amount(
    session: Session, *, actor: Actor, number: str, amount: Decimal | None, reason: str, at: datetime
) -> None:
    """Propose another amount for a pot that is open.

    Raises Invalid for less than is reserved and spent, Conflict while another proposal waits, NotFound.
    """
    actor.require(BudgetRight.PROPOSE)
    pot = answered_pot(session, actor, number)
    if pot.state != BudgetState.OPEN:
        message, fix = N_("This budget is not open."), N_("Look at it again: somebody may have acted on it.")
        raise Conflict("budget_not_open", message, fix=fix)
    faults = reason_faults(reason)
    held = pot.reserved + pot.spent
    if amount is None or not held <= amount <= AMOUNT_MAX or amount == pot.amount:
        message = N_("A new amount is not less than what is reserved and spent, ¥%(held)s, nor the old one.")
        fault = Fault("/amount", "amount", message, N_("Enter another amount."), {"held": held})
        faults.append(fault)
    if faults:
        raise Invalid(faults=faults)
    if session.execute(_WAITS, {"budget_id": pot.id}).scalar_one():
        message, fix = N_("Another amount waits for a decision already."), N_("Decide on that one first.")
        raise Conflict("proposal_waits", message, fix=fix)
    assert amount is not None
    _write_proposal(session, actor, pot.id, pot.amount, amount, reason, at)
    record(
        session,
        BudgetAction.AMOUNT_PROPOSED,
        number,
        actor=actor,
        dealer_id=None,
        before={"amount": str(pot.amount)},
        after={"amount": str(amount)},
        reason=reason.strip(),
    )


def answered_pot(session: Session, actor: Actor, number: str) -> LockedPot:
    """A pot that the actor answers for, locked. Raises NotFound."""
    pot = lock_pot(session, number)
    if pot is None or not actor.answers_for(pot.region_id):
        raise NotFound()
    return pot


def _region_of(names: Record) -> int | None:
    region_id: int | None = names.region_id if names.programme_id is None else names.programme_region
    return region_id


def _name_faults(actor: Actor, pot: Pot, names: Record) -> list[Fault]:
    faults = []
    is_known = names.programme_id is not None and actor.answers_for(names.programme_region)
    if pot.region and names.region_id is None:
        message, fix = N_("There is no %(value)s."), N_("Choose one from the list.")
        faults.append(Fault("/region", "unknown_region", message, fix, {"value": pot.region[:40]}))
    elif is_known and pot.region and names.region_id != names.programme_region:
        message, fix = N_("The programme is of another region."), N_("Leave the region empty.")
        faults.append(Fault("/region", "other_region", message, fix))
    elif not pot.programme and not actor.answers_for(names.region_id):
        message, fix = N_("A region's manager proposes budgets of that region."), N_("Choose your region.")
        faults.append(Fault("/region", "outside_region", message, fix))
    if pot.programme and not is_known:
        message, fix = N_("There is no such rebate programme."), N_("Choose a published one.")
        faults.append(Fault("/programme", "unknown_programme", message, fix))
    elif names.has_pot:
        message, fix = N_("This programme has a budget already."), N_("Change the amount of that one.")
        faults.append(Fault("/programme", "has_budget", message, fix))
    return faults


def _write_proposal(
    session: Session,
    actor: Actor,
    budget_id: int,
    before: Decimal,
    amount: Decimal,
    reason: str,
    at: datetime,
) -> None:
    session.execute(
        _PROPOSAL,
        {
            "budget_id": budget_id,
            "before": before,
            "amount": amount,
            "reason": reason.strip(),
            "actor": actor.key,
            "label": actor.label,
            "at": at,
        },
    )


_NAMES = text(
    """
    SELECT (SELECT id FROM region WHERE code = :region) AS region_id, p.id AS programme_id,
           p.region_id AS programme_region,
           p.budget IS NOT NULL
             OR EXISTS (SELECT FROM rebate_budget b WHERE b.programme_id = p.id AND b.state <> 'rejected')
             AS has_pot
      FROM (SELECT) one
      LEFT JOIN rebate_programme p ON p.number = :programme AND p.published_at IS NOT NULL
    """
)
_MAKE = text(
    """
    INSERT INTO rebate_budget (number, title_zh, title_en, kind, state, programme_id, region_id, first_day,
                               last_day, created_at)
    VALUES (:number, :title_zh, :title_en, :kind, 'proposed', :programme_id, :region_id, :first_day,
            :last_day, :at)
    RETURNING id
    """
)
_WAITS = text(
    "SELECT EXISTS (SELECT FROM budget_proposal WHERE budget_id = :budget_id AND state = 'waiting')"
)
_PROPOSAL = text(
    """
    INSERT INTO budget_proposal (budget_id, before, amount, state, reason, proposed_by, proposed_by_label,
                                 proposed_at)
    VALUES (:budget_id, :before, :amount, 'waiting', :reason, :actor, :label, :at)
    """
)
