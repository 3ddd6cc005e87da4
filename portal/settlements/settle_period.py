"""Settle a period of a programme for one dealer: what is due is paid by a note of the ledger, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.budgets import use
from portal.budgets.locked import lock_pots
from portal.budgets.programme_pot import ensure_programme_pot
from portal.dealers.account import lock_account
from portal.kernel import money, outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, NotFound
from portal.kernel.money import ZERO
from portal.ledger.post_rebate_note import PostedNote, post_rebate_note
from portal.ledger.rules import NoteTreatment
from portal.rebates.documents import terms_of
from portal.rebates.reckon import published_programmes, reckon_dealers
from portal.rebates.terms import Terms
from portal.settlements import accounts
from portal.settlements.models import RebateSettlement
from portal.settlements.rules import (
    PeriodAccount,
    SettledPeriod,
    SettlementKind,
    adjusted_now,
    advanced_now,
    limited,
    settled_now,
)
from portal.settlements.use_balance import keep_balance
from portal.settlements.vocabulary import SettlementAction


@dataclass(frozen=True, slots=True)
class SettledProgramme:
    """A programme whose periods are settled."""

    id: int
    number: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class Settled:
    """What one act settled. note: None where nothing is paid; paid: as the programme reckons it."""

    rows: Sequence[SettledPeriod]
    note: PostedNote | None

    @property
    def paid(self) -> Decimal:
        """What the dealer gets; negative when it is taken back."""
        return sum((row.paid for row in self.rows), ZERO)


def programme_named(session: Session, number: str) -> SettledProgramme:
    """A programme that was published. Raises NotFound."""
    row = session.execute(_PROGRAMME, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return SettledProgramme(row.id, row.number, terms_of(row))


def due_now(
    account: accounts.DealerAccount, first_day: date, terms: Terms, kind: SettlementKind, percent: Decimal
) -> list[SettledPeriod]:
    """What an act of a kind would settle of a period now; the budget apart. percent: of an advance."""
    this = account.periods.get(first_day)
    if this is None:
        return []
    if kind is SettlementKind.PROVISIONAL:
        return advanced_now(this, percent)
    if kind is SettlementKind.ADJUSTMENT:
        return adjusted_now([this], guaranteed=terms.guaranteed, waiting=account.carried)
    if this.is_settled:
        return []
    return settled_now(
        this,
        account.before(first_day),
        carried_in=account.carried,
        guaranteed=terms.guaranteed,
        minimum_payout=terms.minimum_payout,
    )


def due_of(session: Session, *, dealer_id: int, programme: str, period: str, today: date) -> Decimal:
    """What a dealer would be paid for a period if it were settled now; 0 where it was, or nothing is due.

    Raises NotFound for a period in which nothing was reckoned, Conflict before it has ended.
    """
    found = programme_named(session, programme)
    account, this = _account(session, dealer_id, found, period)
    _require_over(session, found, dealer_id, this, today)
    return max(sum((row.paid for row in _final(account, this, found)), ZERO), ZERO)


def settle_claim(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    programme: str,
    period: str,
    approved: Decimal,
    claim: str,
    on: date,
    at: datetime,
) -> PostedNote:
    """Settle a period as a claim was approved: what is due beyond `approved` is cut.

    Part of the verb that decides the claim. Raises Conflict where the period has not ended, was settled
    already, or less is due than was approved.
    """
    found = programme_named(session, programme)
    if found.terms.usable_share is not None:
        raise Conflict(
            "kept_as_balance",
            N_("What this programme settles is kept as a balance for later invoices, and is not claimed."),
            fix=N_("Headquarters settles the period for all of its dealers."),
        )
    lock_account(session, dealer_id)
    _reckon(session, [dealer_id], on, at)
    account, this = _account(session, dealer_id, found, period)
    _require_over(session, found, dealer_id, this, on)
    rows = _final(account, this, found)
    due = sum((row.paid for row in rows), ZERO)
    if not rows or due < approved or approved <= 0:
        raise Conflict(
            "less_is_due",
            N_("%(due)s is due for this period now, and %(approved)s would be paid."),
            fix=N_("Decide again by the figures as they are now."),
            due=money.as_text(max(due, ZERO)),
            approved=money.as_text(approved),
        )
    settled = post_settled(
        session,
        limited(rows, approved),
        actor=actor,
        dealer_id=dealer_id,
        programme=found,
        source=claim,
        on=on,
        at=at,
    )
    assert settled.note is not None
    return settled.note


def settle_dealer(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    programme: SettledProgramme,
    first_day: date,
    kind: SettlementKind,
    percent: Decimal,
    source: str,
    on: date,
    at: datetime,
) -> Settled:
    """Settle a dealer's period as a run says, by the figures of this moment; nothing where the run did it.

    The caller has reckoned the dealer in this transaction or has its word that nothing is stale.
    """
    lock_account(session, dealer_id)
    if session.execute(_DONE, {"dealer_id": dealer_id, "source": source}).first():
        return Settled((), None)
    _reckon(session, [dealer_id], on, at)
    account = accounts.accounts(session, programme_id=programme.id, dealer_ids=[dealer_id]).get(dealer_id)
    if account is None:  # no longer in the programme, or that was withdrawn meanwhile
        return Settled((), None)
    rows = due_now(account, first_day, programme.terms, kind, percent)
    pot = ensure_programme_pot(session, programme=programme.number)
    if pot is not None:
        due = rows
        rows = limited(due, lock_pots(session, [pot])[pot].held.free)
        if rows != due and use.holds_of(session, dealer_id=dealer_id, budget_id=pot):
            return Settled(
                (), None
            )  # its own claim holds what would be cut; whatever decides that settles it
    if not rows:
        return Settled((), None)
    settled = post_settled(
        session, rows, actor=actor, dealer_id=dealer_id, programme=programme, source=source, on=on, at=at
    )
    _move_budget(session, dealer_id, programme.number, source, settled.paid)
    return settled


def _move_budget(session: Session, dealer_id: int, programme: str, source: str, paid: Decimal) -> None:
    about: dict[str, Any] = {"dealer_id": dealer_id, "programme": programme, "document": source}
    if paid > 0:
        use.draw(session, activity=None, amount=paid, **about)
    elif paid < 0:
        use.take_back(session, amount=-paid, **about)


def budget_left(session: Session, programme: SettledProgramme) -> Decimal | None:
    """What of a programme's budget is free; None where it has none."""
    if programme.terms.budget is None:
        return None
    free: Decimal | None = session.execute(_FREE, {"id": programme.id}).scalar_one_or_none()
    return programme.terms.budget if free is None else free


def post_settled(
    session: Session,
    rows: Sequence[SettledPeriod],
    *,
    actor: Actor,
    dealer_id: int,
    programme: SettledProgramme,
    source: str,
    on: date,
    at: datetime,
) -> Settled:
    """Write what is settled and give it by a note, split by the invoices that earned it."""
    lines = accounts.note_lines(
        session, dealer_id=dealer_id, programme_id=programme.id, terms=programme.terms, rows=rows
    )
    note = None
    gross = sum((line.gross for line in lines), ZERO)
    if gross > 0 and programme.terms.usable_share is not None:
        keep_balance(
            session,
            dealer_id=dealer_id,
            programme_id=programme.id,
            source=source,
            amount=gross,
            on=on,
            at=at,
        )
    elif gross:
        note = post_rebate_note(
            session,
            actor=actor,
            dealer_id=dealer_id,
            source=source,
            treatment=NoteTreatment.PRICE_REDUCTION,
            lines=lines,
            reason=f"{programme.number} {rows[0].period}",
            on=on,
            at=at,
        )
    session.execute(
        insert(RebateSettlement), [_row(row, dealer_id, programme, source, note, actor, at) for row in rows]
    )
    after = {
        "programme": programme.number,
        "period": rows[0].period,
        "paid": money.as_text(sum((row.paid for row in rows), ZERO)),
        "note": note.number if note else None,
    }
    record(session, SettlementAction.SETTLED, source, actor=actor, dealer_id=dealer_id, after=after)
    outbox.add(session, "rebate.settled", dealer_id=dealer_id, number=source, **after)
    return Settled(rows, note)


def _row(
    row: SettledPeriod,
    dealer_id: int,
    programme: SettledProgramme,
    source: str,
    note: PostedNote | None,
    actor: Actor,
    at: datetime,
) -> dict[str, object]:
    return {
        "dealer_id": dealer_id,
        "programme_id": programme.id,
        "first_day": row.first_day,
        "period": row.period,
        "kind": row.kind,
        "source": source,
        "accrued": row.accrued,
        "guaranteed": row.guaranteed,
        "carried_in": row.carried_in,
        "advanced": row.advanced,
        "carried_out": row.carried_out,
        "cut": row.cut,
        "paid": row.paid,
        "note_no": note.number if note and row.paid else None,
        "settled_at": at,
        "settled_by_label": actor.label,
    }


def _reckon(session: Session, dealer_ids: Sequence[int], today: date, at: datetime) -> None:
    reckon_dealers(session, published_programmes(session, today=today), dealer_ids, today=today, at=at)


def _account(
    session: Session, dealer_id: int, programme: SettledProgramme, period: str
) -> tuple[accounts.DealerAccount, PeriodAccount]:
    account = accounts.accounts(session, programme_id=programme.id, dealer_ids=[dealer_id]).get(dealer_id)
    this = next((one for one in account.periods.values() if one.period == period), None) if account else None
    if account is None or this is None:
        raise NotFound()
    return account, this


def _final(
    account: accounts.DealerAccount, this: PeriodAccount, programme: SettledProgramme
) -> list[SettledPeriod]:
    return due_now(account, this.first_day, programme.terms, SettlementKind.FINAL, ZERO)


def _require_over(
    session: Session, programme: SettledProgramme, dealer_id: int, this: PeriodAccount, today: date
) -> None:
    keys = {"dealer_id": dealer_id, "programme_id": programme.id, "first_day": this.first_day}
    last: date = session.execute(_LAST_DAY, keys).scalar_one()
    if last >= today:
        raise Conflict(
            "period_runs",
            N_("The period runs until %(day)s; it is settled when it is over."),
            fix=N_("Come back on the day after."),
            day=last.isoformat(),
        )


_PROGRAMME = text(
    """
    SELECT id, number, title_zh, title_en, text_zh, text_en, valid_from, valid_to, period, priority,
           combinable, budget, terms
      FROM rebate_programme WHERE number = :number AND published_at IS NOT NULL
    """
)
_FREE = text(
    "SELECT amount - reserved - spent FROM rebate_budget WHERE programme_id = :id AND state = 'open'"
)
_DONE = text("SELECT 1 FROM rebate_settlement WHERE dealer_id = :dealer_id AND source = :source LIMIT 1")
_LAST_DAY = text(
    """
    SELECT coalesce(max(last_day), CAST(:first_day AS date)) FROM rebate_accrual
     WHERE dealer_id = :dealer_id AND programme_id = :programme_id AND first_day = :first_day
    """
)
