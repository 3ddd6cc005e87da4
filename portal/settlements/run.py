"""Settle a period for all dealers of a programme: proposed with its figures, approved by another person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import money, numbering, outbox
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.kernel.money import ZERO
from portal.kernel.proposals import reason_of
from portal.rebates.programme import Programme
from portal.rebates.rules import Period
from portal.rebates.terms import programme_of
from portal.rebates.vocabulary import RebateRight
from portal.settlements import accounts
from portal.settlements.models import RebateRun
from portal.settlements.rules import RunState, SettlementKind, is_nothing
from portal.settlements.settle_period import SettledProgramme, budget_left, due_now, programme_named
from portal.settlements.vocabulary import SettlementAction, SettlementRight

SETTLE = "rebates.settle"
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run would pay: to how many dealers, and how much in all, clawbacks taken off.

    cut: what is due besides and the budget does not pay. ceiling: what is given at most, clawbacks not taken
    off.
    """

    dealers: int
    amount: Decimal
    cut: Decimal
    ceiling: Decimal


def propose_run(
    session: Session,
    *,
    actor: Actor,
    programme: str,
    period: str,
    kind: SettlementKind,
    percent: Decimal | None,
    note: str,
    today: date,
    at: datetime,
) -> RebateRun:
    """Propose the settlement of a period, an advance on it, or what settled dealers' periods changed by.

    Raises NotFound, Invalid with every fault, Conflict where one is open already or nothing is to be paid.
    """
    actor.require(SettlementRight.SETTLE, RebateRight.PROPOSE)
    found = programme_named(session, programme)
    if not actor.answers_for(_region(session, found.id)):
        raise NotFound()
    meant = _period(found, period, today)
    if faults := list(_faults(meant, kind, percent, note, today)):
        raise Invalid(faults=faults)
    assert meant is not None
    figures = figures_of(session, found, meant.first, kind, percent or ZERO)
    if not figures.dealers:
        raise Conflict(
            "nothing_due",
            N_("There is nothing to be paid for this period."),
            fix=N_("Look at the accruals of the programme."),
        )
    number = numbering.new_number("RS", today)
    row = {
        "number": number,
        "programme_id": found.id,
        "first_day": meant.first,
        "last_day": meant.last,
        "period": meant.name,
        "kind": kind,
        "percent": percent,
        "dealers": figures.dealers,
        "amount": figures.amount,
        "ceiling": figures.ceiling,
        "note": note.strip(),
        "proposed_by": actor.key,
        "proposed_by_label": actor.label,
        "proposed_at": at,
    }
    run_id = session.execute(insert(RebateRun).values(row).returning(RebateRun.id)).scalar_one()
    after = {"programme": found.number, "period": meant.name, "kind": str(kind)}
    after["amount"] = money.as_text(figures.amount)
    record(session, SettlementAction.PROPOSED, number, actor=actor, dealer_id=None, after=after)
    return session.get_one(RebateRun, run_id)


def decide_run(
    session: Session, *, actor: Actor, number: str, approve: bool, reason: str, at: datetime
) -> RebateRun:
    """Approve a run, which a job then carries out, or reject it with a reason.

    Raises Forbidden to who proposed it, NotFound, also outside the actor's regions, Conflict where it does
    not wait any more, Invalid.
    """
    actor.require(SettlementRight.SETTLE)
    said = reason_of(reason, required=not approve)
    run = locked_run(session, number)
    if not actor.answers_for(_region(session, run.programme_id)):
        raise NotFound()
    require_other_person(actor, run.proposed_by)
    if run.state != RunState.PROPOSED:
        raise Conflict(
            "not_waiting",
            N_("This settlement does not wait for a decision."),
            fix=N_("Open it again to see how it stands."),
            state=run.state,
        )
    run.state = RunState.APPROVED if approve else RunState.REJECTED
    run.decided_by, run.decided_by_label, run.decided_at = actor.key, actor.label, at
    run.reason = said
    session.flush()
    action = SettlementAction.APPROVED if approve else SettlementAction.REJECTED
    record(session, action, number, actor=actor, dealer_id=None, reason=said)
    if approve:
        outbox.add(session, SETTLE, dealer_id=None, run=number)
    return run


def ask_again(session: Session, *, actor: Actor, number: str, at: datetime) -> None:
    """Let a run wait for another word that would come to more than was approved, with its figures of now.

    What it has settled until then stays settled. Nothing where it is not under way.
    """
    run = locked_run(session, number)
    if run.state != RunState.APPROVED:
        return
    programme = programme_named(session, session.execute(_NUMBER, {"id": run.programme_id}).scalar_one())
    rest = figures_of(session, programme, run.first_day, SettlementKind(run.kind), run.percent or ZERO)
    done = given(session, number)
    before = {"amount": money.as_text(run.amount)}
    run.state, run.stopped_at = RunState.PROPOSED, at
    run.decided_by = run.decided_by_label = run.decided_at = None
    run.dealers, run.amount = done.dealers + rest.dealers, done.amount + rest.amount
    run.ceiling = done.ceiling + rest.ceiling
    session.flush()
    after = {"amount": money.as_text(run.amount)}
    record(session, SettlementAction.STOPPED, number, actor=actor, dealer_id=None, before=before, after=after)


def given(session: Session, number: str) -> Figures:
    """What a run has settled so far."""
    row = session.execute(_GIVEN, {"number": number}).one()
    return Figures(row.dealers, row.amount, ZERO, row.given)


def finish_run(session: Session, *, actor: Actor, number: str, at: datetime) -> None:
    """Say that every dealer of an approved run is settled; nothing where it was said before."""
    run = locked_run(session, number)
    if run.state != RunState.APPROVED:
        return
    run.state, run.settled_at = RunState.SETTLED, at
    session.flush()
    record(session, SettlementAction.DONE, number, actor=actor, dealer_id=None)


def figures_of(
    session: Session, programme: SettledProgramme, first_day: date, kind: SettlementKind, percent: Decimal
) -> Figures:
    """What a run would pay now to the dealers in the session's scope, within what the budget has left."""
    dealers, paid_out, taken_back, after = 0, ZERO, ZERO, 0
    while found := accounts.dealers_of(
        session, programme_id=programme.id, first_day=first_day, after=after, limit=_AT_ONCE
    ):
        after = found[-1]
        for account in accounts.accounts(session, programme_id=programme.id, dealer_ids=found).values():
            rows = due_now(account, first_day, programme.terms, kind, percent)
            dealers += not is_nothing(rows)
            total = sum((row.paid for row in rows), ZERO)
            paid_out, taken_back = paid_out + max(total, ZERO), taken_back + max(-total, ZERO)
    left, amount = budget_left(session, programme), paid_out - taken_back
    if left is None:
        return Figures(dealers, amount, ZERO, paid_out)
    paid = min(amount, left)
    return Figures(dealers, paid, amount - paid, min(paid_out, left + taken_back))


def cut_ahead(
    session: Session, programme: str, first_day: date, kind: str, percent: Decimal | None
) -> Decimal:
    """What the budget would cut of a run that waits, as things stand now."""
    found = programme_named(session, programme)
    return figures_of(session, found, first_day, SettlementKind(kind), percent or ZERO).cut


def locked_run(session: Session, number: str) -> RebateRun:
    """A run, locked. Raises NotFound."""
    run = session.execute(
        select(RebateRun).where(RebateRun.number == number).with_for_update()
    ).scalar_one_or_none()
    if run is None:
        raise NotFound()
    return run


def _faults(
    meant: Period | None, kind: SettlementKind, percent: Decimal | None, note: str, today: date
) -> Iterator[Fault]:
    if meant is None:
        message, fix = N_("The programme has no such period."), N_("Choose one of its periods.")
        yield Fault("/period", "unknown_period", message, fix)
    elif kind is not SettlementKind.PROVISIONAL and meant.last >= today:
        message = N_("The period runs until %(day)s; it is settled when it is over.")
        fix = N_("Pay an advance instead, or come back on the day after.")
        yield Fault("/period", "period_runs", message, fix, {"day": meant.last.isoformat()})
    if kind is SettlementKind.PROVISIONAL and (percent is None or not 0 < percent <= 100):
        message, fix = N_("An advance is more than 0 and at most 100 per cent."), N_("Enter a percentage.")
        yield Fault("/percent", "percent", message, fix)
    if kind is not SettlementKind.PROVISIONAL and percent is not None:
        message, fix = N_("Only an advance has a percentage."), N_("Leave it empty.")
        yield Fault("/percent", "percent", message, fix)
    if len(note) > 500:
        message, fix = N_("At most %(max_length)s characters."), N_("Shorten it.")
        yield Fault("/note", "too_long", message, fix, {"max_length": 500})


def _period(found: SettledProgramme, period: str, today: date) -> Period | None:
    programme = _as_engine_has_it(found)
    return next((one for one in programme.periods(today) if one.name == period), None)


def _as_engine_has_it(found: SettledProgramme) -> Programme:
    terms = found.terms
    assert terms.valid_from is not None and terms.valid_to is not None
    return programme_of(terms, found.number, terms.valid_from, terms.valid_to)


def _region(session: Session, programme_id: int) -> int | None:
    found: int | None = session.execute(_REGION, {"id": programme_id}).scalar_one()
    return found


_NUMBER = text("SELECT number FROM rebate_programme WHERE id = :id")
_GIVEN = text(
    """
    SELECT count(*) AS dealers, coalesce(sum(paid), 0) AS amount,
           coalesce(sum(greatest(paid, 0)), 0) AS given
      FROM (SELECT dealer_id, sum(paid) AS paid FROM rebate_settlement WHERE source = :number
             GROUP BY dealer_id) of_dealer
    """
)
_REGION = text("SELECT region_id FROM rebate_programme WHERE id = :id")
