"""An online payment and an event under lock, and how what is known of them is read and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.account import lock_account
from portal.kernel.db import Record
from portal.kernel.money import ZERO
from portal.payments.rules import (
    Dispute,
    DisputeState,
    EventState,
    Known,
    News,
    Posted,
    PostingKind,
    Stage,
    Trouble,
    state_of,
)


@dataclass(frozen=True, slots=True)
class LockedPayment:
    """An online payment that nobody else changes until the commit; its dealer's account is locked too."""

    dealer_id: int
    id: int
    number: str
    amount: Decimal
    currency: str
    invoices: tuple[str, ...]
    intent: str
    known: Known
    posted: tuple[Posted, ...]
    paid_no: str


def lock_payment(session: Session, *, intent: str, number: str) -> LockedPayment | None:
    """The payment of an intent, or the one whose number the intent carries; None for nobody's.

    The account goes first, as everywhere. Of a payment with another intent nothing is told.
    """
    found = session.execute(_FIND, {"intent": intent, "number": number}).one_or_none()
    if found is None:
        return None
    lock_account(session, found.dealer_id)
    key = {"dealer_id": found.dealer_id, "id": found.id}
    row = session.execute(_LOCK, key).one()
    if row.intent and row.intent != intent:
        return None
    disputes = tuple(
        Dispute(one.id, DisputeState(one.state), one.amount, one.reason)
        for one in session.execute(_DISPUTES, key)
    )
    postings = session.execute(_POSTINGS, key).all()
    return LockedPayment(
        row.dealer_id,
        row.id,
        row.number,
        row.amount,
        row.currency,
        tuple(row.invoices),
        intent,
        _known(row, disputes),
        tuple(Posted(PostingKind(one.kind), one.ref, one.amount) for one in postings),
        next((one.payment_no for one in postings if one.kind == PostingKind.PAID), ""),
    )


def _known(row: Record, disputes: Sequence[Dispute]) -> Known:
    return Known(
        Stage(row.stage), row.told_at, row.captured, row.refunded, row.fee, row.failure, tuple(disputes)
    )


def write_known(session: Session, payment: LockedPayment, known: Known, news: News) -> None:
    """Write what is known of a locked payment."""
    key = {"dealer_id": payment.dealer_id, "id": payment.id}
    about = {
        "intent": payment.intent,
        "stage": str(known.stage),
        "state": str(state_of(known)),
        "told_at": known.told_at,
        "captured": known.captured,
        "refunded": known.refunded,
        "fee": known.fee,
        "failure": known.failure,
    }
    session.execute(_WRITE, key | about)
    for one in known.disputes:
        if one not in payment.known.disputes:
            said = {"dispute": one.id, "state": str(one.state), "amount": one.amount, "reason": one.reason}
            session.execute(_WRITE_DISPUTE, key | said | {"told_at": news.at})


def add_posting(
    session: Session, payment: LockedPayment, posted: Posted, payment_no: str, at: datetime
) -> None:
    """Write down that the books have it; the second time is refused by the table."""
    about = {"kind": str(posted.kind), "ref": posted.ref, "amount": posted.amount, "payment_no": payment_no}
    key = {"dealer_id": payment.dealer_id, "id": payment.id}
    session.execute(_POST, key | about | {"at": at})


def lock_event(session: Session, event_id: int) -> Record | None:
    """An event under lock, behind the account; None for one that does not exist."""
    return session.execute(_LOCK_EVENT, {"id": event_id}).one_or_none()


def event_is(
    session: Session,
    event_id: int,
    state: EventState,
    *,
    trouble: Trouble | None = None,
    payment: str = "",
    unbooked: Decimal = ZERO,
) -> None:
    """Write what became of a locked event, and what the books lack of it."""
    about = {"id": event_id, "state": str(state), "trouble": str(trouble or ""), "payment": payment}
    session.execute(_EVENT_IS, about | {"unbooked": unbooked})


def told_by_others(session: Session, event_id: int, *, in_known: bool) -> Decimal:
    """What other events of the same intent that are not booked tell of.

    in_known: of those whose payment knows of them; else of those of the same kind, where they tell sums.
    """
    found: Decimal = session.execute(_OTHERS, {"id": event_id, "in_known": in_known}).scalar_one()
    return found


def none_is_lacking(session: Session, payment: LockedPayment) -> None:
    """The books have all that is known of a payment: no event tells of more."""
    session.execute(_NOTHING_LACKS, {"intent": payment.intent})


_FIND = text(
    """
    SELECT dealer_id, id FROM online_payment
     WHERE (intent = :intent AND :intent <> '') OR (number = :number AND :number <> '')
     ORDER BY intent = :intent DESC NULLS LAST LIMIT 1
    """
)
_LOCK = text(
    """
    SELECT dealer_id, id, number, amount, currency, invoices, coalesce(intent, '') AS intent, stage, told_at,
           captured, refunded, fee, failure
      FROM online_payment WHERE dealer_id = :dealer_id AND id = :id FOR NO KEY UPDATE
    """
)
_DISPUTES = text(
    """
    SELECT id, state, amount, reason FROM online_dispute
     WHERE dealer_id = :dealer_id AND payment_id = :id ORDER BY id
    """
)
_POSTINGS = text(
    """
    SELECT kind, ref, amount, payment_no FROM online_posting
     WHERE dealer_id = :dealer_id AND payment_id = :id ORDER BY id
    """
)
_WRITE = text(
    """
    UPDATE online_payment
       SET intent = nullif(:intent, ''), stage = :stage, state = :state, told_at = :told_at,
           captured = :captured, refunded = :refunded, fee = :fee, failure = :failure
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_WRITE_DISPUTE = text(
    """
    INSERT INTO online_dispute (dealer_id, id, payment_id, state, amount, reason, told_at)
    VALUES (:dealer_id, :dispute, :id, :state, :amount, :reason, :told_at)
    ON CONFLICT (dealer_id, id) DO UPDATE
       SET state = excluded.state, amount = excluded.amount, reason = excluded.reason,
           told_at = excluded.told_at
    """
)
_POST = text(
    """
    INSERT INTO online_posting (dealer_id, payment_id, kind, ref, amount, payment_no, posted_at)
    VALUES (:dealer_id, :id, :kind, :ref, :amount, :payment_no, :at)
    """
)
_LOCK_EVENT = text(
    """
    SELECT id, event, kind, state, content, decided_by, unbooked
      FROM stripe_event WHERE id = :id FOR NO KEY UPDATE
    """
)
_EVENT_IS = text(
    """
    UPDATE stripe_event SET state = :state, trouble = :trouble, payment = :payment, unbooked = :unbooked
     WHERE id = :id
    """
)
# A closed one counts: what another person let be is told by nobody else again.
_OTHERS = text(
    """
    SELECT coalesce(sum(o.unbooked), 0)
      FROM stripe_event e
      JOIN stripe_event o ON o.intent = e.intent AND o.intent <> '' AND o.id <> e.id
       AND o.state IN ('waiting', 'aside', 'closed')
       AND o.content #>> '{object,currency}' IS NOT DISTINCT FROM e.content #>> '{object,currency}'
       AND CASE WHEN :in_known THEN o.trouble IN ('payment_reversed', 'refused')
                ELSE o.kind = e.kind AND o.kind NOT LIKE 'charge.dispute.%' END
     WHERE e.id = :id
    """
)
_NOTHING_LACKS = text(
    """
    UPDATE stripe_event SET unbooked = 0
     WHERE intent = :intent AND intent <> '' AND unbooked <> 0 AND state IN ('waiting', 'aside')
       AND trouble IN ('payment_reversed', 'refused')
    """
)
