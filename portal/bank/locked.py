"""A booking under its lock: what every act on it begins and ends with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.bank.books_rules import BookingState
from portal.bank.vocabulary import BankAction
from portal.kernel import locks
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import NotFound
from portal.kernel.locks import Rank

REVERSED = """
EXISTS (SELECT FROM journal_entry e JOIN journal_entry r ON (r.dealer_id, r.reverses_id) = (e.dealer_id, e.id)
         WHERE e.dealer_id = {payment}.dealer_id AND e.document_no = {payment}.{number}
           AND e.reverses_id IS NULL)
"""
"""SQL: whether a payment, by an alias with its dealer and a column with its number, was reversed."""


def lock_booking(session: Session, booking_id: int) -> Record:
    """A booking with its currency, locked before the account of its dealer. Raises NotFound."""
    locks.take(session, Rank.BOOKING, [(booking_id,)])
    row = session.execute(_LOCK, {"id": booking_id}).one_or_none()
    if row is None:
        raise NotFound()
    return row


def decided(
    session: Session, booking_id: int, state: BookingState, note: str, actor: Actor, at: datetime
) -> None:
    """Give a booking the state that somebody decided on."""
    row = {"id": booking_id, "state": state, "note": note, "label": actor.label, "at": at}
    session.execute(_STATE, row)


def record_act(
    session: Session,
    action: BankAction,
    booking_id: int,
    actor: Actor,
    dealer_id: int | None,
    after: dict[str, Any],
    reason: str | None = None,
) -> None:
    """Tell the audit of an act on a booking."""
    audit.record(
        session, action, str(booking_id), actor=actor, dealer_id=dealer_id, after=after, reason=reason
    )


_LOCK = text(
    """
    SELECT b.id, b.booked_on, b.value_on, b.amount, b.remittance, b.reference, b.bank_reference, b.state,
           a.currency
      FROM bank_booking b JOIN bank_account a ON a.id = b.account_id
     WHERE b.id = :id FOR NO KEY UPDATE OF b
    """
)
_STATE = text(
    """
    UPDATE bank_booking SET state = :state, note = :note, decided_by_label = :label, decided_at = :at
     WHERE id = :id
    """
)
