"""Write a document of an account with its entry, beside bills, payments and notes. Called by the verbs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import money, numbering, outbox
from portal.kernel.actor import Actor
from portal.ledger.journal import Entry, Posted, post
from portal.ledger.kinds import DocumentKind, EntryKind
from portal.ledger.models import AccountDocument
from portal.ledger.postings import Lines
from portal.ledger.vocabulary import LedgerAction, LedgerTold

PREFIXES = {
    DocumentKind.OPENING: "OB",
    DocumentKind.DEPOSIT: "DE",
    DocumentKind.DEPOSIT_USE: "DU",
    DocumentKind.DEPOSIT_RETURN: "DB",
    DocumentKind.WRITE_OFF: "WO",
    DocumentKind.REFUND: "RF",
    DocumentKind.INTEREST: "IT",
}
"""How the numbers of each kind begin."""
ACTIONS = {
    DocumentKind.OPENING: LedgerAction.OPENING_POSTED,
    DocumentKind.DEPOSIT: LedgerAction.DEPOSIT_RECEIVED,
    DocumentKind.DEPOSIT_USE: LedgerAction.DEPOSIT_USED,
    DocumentKind.DEPOSIT_RETURN: LedgerAction.DEPOSIT_RETURNED,
    DocumentKind.WRITE_OFF: LedgerAction.WRITE_OFF_POSTED,
    DocumentKind.REFUND: LedgerAction.REFUND_POSTED,
    DocumentKind.INTEREST: LedgerAction.INTEREST_POSTED,
}
EVENTS = {
    DocumentKind.DEPOSIT: LedgerTold.DEPOSIT_RECEIVED,
    DocumentKind.DEPOSIT_USE: LedgerTold.DEPOSIT_USED,
    DocumentKind.DEPOSIT_RETURN: LedgerTold.DEPOSIT_RETURNED,
}
"""Of deposits; of every other kind it is `LedgerTold.DOCUMENT_POSTED`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A document before it is posted.

    occurred_on: the day of its entry; issued_on: the date on the paper where that is another. exactly: what
    it settles or is settled by, with the amounts.
    """

    dealer_id: int
    kind: DocumentKind
    amount: Decimal
    occurred_on: date
    lines: Lines
    issued_on: date | None = None
    due_on: date | None = None
    source: str = ""
    method: str = ""
    reference: str = ""
    reason: str = ""
    exactly: tuple[tuple[str, Decimal], ...] = ()


def post_account_document(
    session: Session, draft: Draft, *, actor: Actor, today: date, at: datetime
) -> Posted:
    """Give it a number, write it down, post its entry, tell audit and webhooks.

    The caller has the account locked.
    """
    number = numbering.new_number(PREFIXES[draft.kind], today)
    row = {
        "dealer_id": draft.dealer_id,
        "number": number,
        "kind": draft.kind,
        "source": draft.source,
        "issued_on": draft.issued_on or draft.occurred_on,
        "due_on": draft.due_on,
        "amount": draft.amount,
        "method": draft.method,
        "reference": draft.reference,
        "reason": draft.reason,
    }
    session.execute(insert(AccountDocument).values(row))
    entry = Entry(
        draft.dealer_id,
        EntryKind(draft.kind),
        number,
        draft.occurred_on,
        draft.lines,
        reference=draft.reference or draft.source,
        due_on=draft.due_on,
        exactly=draft.exactly,
    )
    posted = post(session, entry, actor=actor, at=at)
    audit.record(
        session,
        ACTIONS[draft.kind],
        number,
        actor=actor,
        dealer_id=draft.dealer_id,
        after=_told(draft, posted),
        reason=draft.reason or None,
    )
    event = EVENTS.get(draft.kind, LedgerTold.DOCUMENT_POSTED)
    outbox.add(session, event, dealer_id=draft.dealer_id, number=number, **_announced(draft))
    return posted


def _announced(draft: Draft) -> dict[str, str]:
    told = {
        "kind": str(draft.kind),
        "amount": money.as_text(draft.amount),
        "occurred_on": str(draft.occurred_on),
    }
    return told | ({"source": draft.source} if draft.source else {})


def _told(draft: Draft, posted: Posted) -> dict[str, Any]:
    told: dict[str, Any] = {
        "amount": money.as_text(draft.amount),
        "occurred_on": str(draft.occurred_on),
        "period": posted.period,
    }
    if draft.source:
        told["source"] = draft.source
    if draft.due_on:
        told["due_on"] = str(draft.due_on)
    if draft.exactly:
        told["settles"] = {number: money.as_text(amount) for number, amount in draft.exactly}
    return told
