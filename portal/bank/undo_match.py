"""Take a match back, set a booking aside, or have it wait after all."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.bank.books_rules import BookingState, MatchKind
from portal.bank.locked import REVERSED, decided, lock_booking, record_act
from portal.bank.reach import require_bank
from portal.bank.rules import as_text
from portal.bank.vocabulary import BankAction
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Invalid
from portal.ledger.paper_faults import REASON_MAX, reason_faults
from portal.ledger.reverse_entry import reverse_entry


def unmatch_booking(
    session: Session, *, actor: Actor, booking_id: int, reason: str, today: date, at: datetime
) -> str:
    """Take a match back: a payment that was posted by it is reversed, and the booking waits again.

    The number of the payment. Raises Invalid without a reason; Conflict when it is not matched, or reversed a
    payment; NotFound, Forbidden.
    """
    require_bank(actor)
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    row = lock_booking(session, booking_id)
    match = session.execute(_LIVE, {"booking_id": booking_id}).one_or_none()
    if match is None:
        raise Conflict("not_matched", N_("This booking is not matched."))
    if match.kind == MatchKind.REVERSED:
        message = N_("The payment was reversed by this booking; that stands.")
        fix = N_("If the money came all the same, match the booking that brought it.")
        raise Conflict("reversal_stands", message, fix=fix)
    if match.kind == MatchKind.POSTED and not match.is_reversed:
        reverse_entry(
            session,
            actor=actor,
            dealer_id=match.dealer_id,
            document_no=match.payment_no,
            reason=reason,
            today=today,
            at=at,
        )
    undone = {
        "dealer_id": match.dealer_id,
        "id": match.id,
        "label": actor.label,
        "at": at,
        "reason": reason.strip(),
    }
    session.execute(_UNDO, undone)
    decided(session, booking_id, BookingState.WAITING, "", actor, at)
    after = {"payment": match.payment_no, "amount": as_text(row.amount)}
    record_act(session, BankAction.UNMATCHED, booking_id, actor, match.dealer_id, after, reason.strip())
    return str(match.payment_no)


def set_aside(session: Session, *, actor: Actor, booking_id: int, reason: str, at: datetime) -> None:
    """Say that a booking is no dealer's payment: interest, a transfer of our own, a mistake of the bank.

    Raises Invalid without a reason, Conflict when it is matched, NotFound, Forbidden.
    """
    require_bank(actor)
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    row = lock_booking(session, booking_id)
    if row.state == BookingState.MATCHED:
        raise Conflict("already_matched", N_("This booking has been matched already."))
    decided(session, booking_id, BookingState.ASIDE, reason.strip()[:REASON_MAX], actor, at)
    record_act(
        session,
        BankAction.SET_ASIDE,
        booking_id,
        actor,
        None,
        {"amount": as_text(row.amount)},
        reason.strip(),
    )


def take_up(session: Session, *, actor: Actor, booking_id: int, at: datetime) -> None:
    """Have a booking wait that was set aside, or that was thought to be nothing of a dealer's."""
    require_bank(actor)
    row = lock_booking(session, booking_id)
    if row.state not in (BookingState.ASIDE, BookingState.NOT_OURS):
        raise Conflict("not_aside", N_("This booking waits, or is matched."))
    decided(session, booking_id, BookingState.WAITING, "", actor, at)
    record_act(session, BankAction.TAKEN_UP, booking_id, actor, None, {"amount": as_text(row.amount)})


_LIVE = text(
    f"""
    SELECT m.id, m.dealer_id, m.kind, m.payment_no, {REVERSED.format(payment="m", number="payment_no")}
           AS is_reversed
      FROM bank_match m WHERE m.booking_id = :booking_id AND m.undone_at IS NULL
    """
)
_UNDO = text(
    """
    UPDATE bank_match SET undone_by_label = :label, undone_at = :at, undo_reason = :reason
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
