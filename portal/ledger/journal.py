"""Write one balanced entry and move the dealer's account with it. Called by the verbs of this folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.dealers.account import move_balance
from portal.kernel.actor import Actor
from portal.ledger import allocations, period_lock, rules
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.rules import EntryKind, Lines


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact to post.

    `due_on` where the dealer has to settle it by a day. settles: numbers of the debts that a payment is for,
    before those that are due first. exactly: numbers of what it settles, or is settled by, each with its
    amount; together all of the entry.
    """

    dealer_id: int
    kind: EntryKind
    document_no: str
    occurred_on: date
    lines: Lines
    reference: str = ""
    due_on: date | None = None
    reverses_id: int | None = None
    settles: tuple[str, ...] = ()
    exactly: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry in the books.

    `period` is the month it counts in, `late` when its date lies in an earlier one.
    """

    entry_id: int
    document_no: str
    occurred_on: date
    due_on: date | None
    receivable: Decimal
    period: str
    late: bool


def post(session: Session, entry: Entry, *, actor: Actor, at: datetime) -> Posted:
    """Post an entry in the period its date belongs to, or in the next one that is open.

    What it settles is allocated.

    The caller has the account locked.
    """
    period, late = period_lock.posting_period(session, entry.occurred_on)
    receivable = rules.receivable_in(entry.lines)
    row = {
        "dealer_id": entry.dealer_id,
        "kind": entry.kind,
        "document_no": entry.document_no,
        "reference": entry.reference,
        "occurred_on": entry.occurred_on,
        "due_on": entry.due_on,
        "period": period,
        "late": late,
        "receivable": receivable,
        "posted_at": at,
        "posted_by": actor.key,
        "reverses_id": entry.reverses_id,
    }
    entry_id = session.execute(insert(JournalEntry).values(row).returning(JournalEntry.id)).scalar_one()
    lines = [
        {"dealer_id": entry.dealer_id, "entry_id": entry_id, "account": account, "amount": amount}
        for account, amount in entry.lines
    ]
    session.execute(insert(JournalLine), lines)
    balance = move_balance(session, entry.dealer_id, receivable)
    _settle(session, entry, entry_id, period, balance - receivable)
    return Posted(entry_id, entry.document_no, entry.occurred_on, entry.due_on, receivable, period, late)


def _settle(session: Session, entry: Entry, entry_id: int, period: str, balance_before: Decimal) -> None:
    if entry.reverses_id is not None:
        allocations.undo(
            session,
            dealer_id=entry.dealer_id,
            entry_id=entry.reverses_id,
            reversal_id=entry_id,
            period=period,
        )
    elif entry.exactly:
        allocations.settle_exactly(
            session,
            dealer_id=entry.dealer_id,
            entry_id=entry_id,
            period=period,
            amounts=entry.exactly,
        )
        return
    elif not rules.meets_unsettled(rules.receivable_in(entry.lines), balance_before):
        return
    allocations.settle(
        session, dealer_id=entry.dealer_id, posted_with=entry_id, period=period, first=entry.settles
    )
