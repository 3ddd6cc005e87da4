"""Match a booking with what it paid: post the payment, find it in the books, or reverse it; and undo that."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.bank.match_rules import (
    BookingState,
    MatchKind,
    Proposal,
    Reason,
    certain,
)
from portal.bank.proposals import propose
from portal.bank.reference import codes_in
from portal.bank.rules import as_text
from portal.bank.vocabulary import BankAction
from portal.dealers.account import lock_account
from portal.kernel import locks
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.kernel.locks import Rank
from portal.ledger.record_payment import record_payment
from portal.ledger.reverse_entry import REASON_MAX, reason_faults, reverse_entry
from portal.ledger.rules import Caution, Doubt, Method
from portal.ledger.vocabulary import LedgerRight

POSTED_AT_ONCE_MAX = 500
"""Payments that one file posts by itself; the others wait, certain as they are, for one keystroke each."""
CURRENCY = "CNY"


@dataclass(frozen=True, slots=True)
class Terms:
    """What matching goes by. caution: which payments wait. tolerance: by how much an amount may differ."""

    caution: Caution
    tolerance: Decimal


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a booking is said to have paid. invoices: paid first; payment_no: found or reversed."""

    kind: MatchKind
    dealer_id: int
    invoices: tuple[str, ...] = ()
    payment_no: str = ""
    reason: Reason = Reason.BY_HAND
    score: int = 100

    @classmethod
    def of(cls, proposal: Proposal) -> Wanted:
        """What was proposed."""
        return cls(
            proposal.kind,
            proposal.dealer_id,
            proposal.invoices,
            proposal.payment_no,
            proposal.reason,
            proposal.score,
        )


@dataclass(frozen=True, slots=True)
class Matched:
    """A booking that is matched with a payment."""

    booking_id: int
    kind: MatchKind
    payment_no: str


def match_booking(
    session: Session,
    *,
    actor: Actor,
    booking_id: int,
    wanted: Wanted,
    today: date,
    at: datetime,
    caution: Caution,
    confirmed: Set[Doubt] = frozenset(),
) -> Matched:
    """Match a booking that nobody has matched, and do in the books what that means.

    Raises Conflict when somebody was first, when the currency is another, or with every doubt of the payment
    that is not `confirmed`; Invalid, NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    row = _lock(session, booking_id)
    if row.state == BookingState.MATCHED:
        raise Conflict("already_matched", N_("This booking has been matched already."))
    if row.currency != CURRENCY:
        message = N_("The booking is in %(currency)s; the books are in %(books)s.")
        raise Conflict("wrong_currency", message, currency=row.currency, books=CURRENCY)
    payment_no = _carry_out(session, actor, row, wanted, today, at, caution, confirmed)
    session.execute(
        _ADD_MATCH,
        {
            "dealer_id": wanted.dealer_id,
            "booking_id": booking_id,
            "kind": wanted.kind,
            "payment_no": payment_no,
            "invoices": orjson.dumps(list(wanted.invoices)).decode(),
            "reason": wanted.reason,
            "score": wanted.score,
            "actor": actor.key,
            "label": actor.label,
            "at": at,
        },
    )
    _decided(session, booking_id, BookingState.MATCHED, "", actor, at)
    after = {
        "kind": str(wanted.kind),
        "payment": payment_no,
        "amount": as_text(row.amount),
        "reason": str(wanted.reason),
    }
    _record(session, BankAction.MATCHED, booking_id, actor, wanted.dealer_id, after)
    return Matched(booking_id, wanted.kind, payment_no)


def post_certain(
    session: Session,
    *,
    actor: Actor,
    booking_ids: Sequence[int],
    terms: Terms,
    today: date,
    at: datetime,
) -> list[Matched]:
    """Match the new bookings of which nobody would doubt whose they are; the others wait.

    A payment that the ledger wants confirmed waits too. Accounts are locked in their order.
    """
    actor.require(LedgerRight.POST)
    if not booking_ids:
        return []
    found = propose(session, booking_ids=booking_ids, tolerance=terms.tolerance)
    sure = [
        (proposal.dealer_id, booking_id, proposal)
        for booking_id, proposals in found.items()
        if (proposal := certain(proposals)) is not None and proposal.kind == MatchKind.POSTED
    ]
    sure = sorted(sure, key=lambda one: one[:2])[:POSTED_AT_ONCE_MAX]
    locks.take(session, Rank.BOOKING, sorted((booking_id,) for _, booking_id, _ in sure))
    matched = []
    for _, booking_id, proposal in sure:
        try:
            matched.append(
                match_booking(
                    session,
                    actor=actor,
                    booking_id=booking_id,
                    wanted=Wanted.of(proposal),
                    today=today,
                    at=at,
                    caution=terms.caution,
                )
            )
        except (Conflict, Invalid):
            continue  # refused before anything was written: it waits, and whoever looks is told why
    return matched


def unmatch_booking(
    session: Session, *, actor: Actor, booking_id: int, reason: str, today: date, at: datetime
) -> str:
    """Take a match back: a payment that was posted by it is reversed, and the booking waits again.

    The number of the payment. Raises Invalid without a reason; Conflict when it is not matched, or reversed a
    payment; NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    row = _lock(session, booking_id)
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
    _decided(session, booking_id, BookingState.WAITING, "", actor, at)
    after = {"payment": match.payment_no, "amount": as_text(row.amount)}
    _record(session, BankAction.UNMATCHED, booking_id, actor, match.dealer_id, after, reason.strip())
    return str(match.payment_no)


def set_aside(session: Session, *, actor: Actor, booking_id: int, reason: str, at: datetime) -> None:
    """Say that a booking is no dealer's payment: interest, a transfer of our own, a mistake of the bank.

    Raises Invalid without a reason, Conflict when it is matched, NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    row = _lock(session, booking_id)
    if row.state == BookingState.MATCHED:
        raise Conflict("already_matched", N_("This booking has been matched already."))
    _decided(session, booking_id, BookingState.ASIDE, reason.strip()[:REASON_MAX], actor, at)
    _record(
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
    actor.require(LedgerRight.POST)
    row = _lock(session, booking_id)
    if row.state not in (BookingState.ASIDE, BookingState.NOT_OURS):
        raise Conflict("not_aside", N_("This booking waits, or is matched."))
    _decided(session, booking_id, BookingState.WAITING, "", actor, at)
    _record(session, BankAction.TAKEN_UP, booking_id, actor, None, {"amount": as_text(row.amount)})


def _lock(session: Session, booking_id: int) -> Record:
    """A booking, locked before the account of its dealer. Raises NotFound."""
    locks.take(session, Rank.BOOKING, [(booking_id,)])
    row = session.execute(_LOCK, {"id": booking_id}).one_or_none()
    if row is None:
        raise NotFound()
    return row


def _carry_out(
    session: Session,
    actor: Actor,
    row: Record,
    wanted: Wanted,
    today: date,
    at: datetime,
    caution: Caution,
    confirmed: Set[Doubt],
) -> str:
    """Do what the match means; the number of the payment."""
    if wanted.kind == MatchKind.POSTED:
        _require_invoices(session, wanted)
        return record_payment(
            session,
            actor=actor,
            dealer_id=wanted.dealer_id,
            amount=row.amount,
            received_on=min(row.value_on or row.booked_on, today),
            method=Method.BANK_TRANSFER,
            reference=_reference(row),
            today=today,
            at=at,
            caution=caution,
            confirmed=confirmed,
            settles=wanted.invoices,
        ).document_no
    lock_account(session, wanted.dealer_id)
    payment = session.execute(
        _PAYMENT, {"dealer_id": wanted.dealer_id, "number": wanted.payment_no}
    ).one_or_none()
    if payment is None:
        raise NotFound()
    if wanted.kind == MatchKind.LINKED:
        _require_linkable(row.amount, payment)
        return wanted.payment_no
    if payment.amount != -row.amount:
        raise _other_amount(payment.amount)
    reverse_entry(
        session,
        actor=actor,
        dealer_id=wanted.dealer_id,
        document_no=wanted.payment_no,
        reason=f"{row.booked_on} {row.remittance} {row.bank_reference}".strip()[:REASON_MAX],
        today=today,
        at=at,
    )
    return wanted.payment_no


def _require_invoices(session: Session, wanted: Wanted) -> None:
    """That what is said to be paid is an invoice of the dealer's."""
    if not wanted.invoices:
        return
    known = set(
        session.execute(
            _INVOICES, {"dealer_id": wanted.dealer_id, "numbers": list(wanted.invoices)}
        ).scalars()
    )
    faults = [
        Fault(
            f"/invoices/{place}",
            "unknown_invoice",
            N_("%(number)s is no invoice of this dealer."),
            N_("Check the number."),
            {"number": number[:40]},
        )
        for place, number in enumerate(wanted.invoices)
        if number not in known
    ]
    if faults:
        raise Invalid(faults=faults)


def _require_linkable(amount: Decimal, payment: Record) -> None:
    if payment.is_reversed:
        raise Conflict("already_reversed", N_("This entry has already been reversed."))
    if payment.is_linked:
        raise Conflict("already_linked", N_("Another booking is matched with this payment."))
    if payment.amount != amount:
        raise _other_amount(payment.amount)


def _other_amount(amount: Decimal) -> Conflict:
    message = N_("The payment is of another amount: %(amount)s.")
    return Conflict("amount_differs", message, amount=as_text(amount))


def _reference(row: Record) -> str:
    """What tells this payment from another; the dealer's own reference comes every time."""
    for said in (row.bank_reference, row.reference):
        if said and len(said) > 3 and not list(codes_in(said)):
            return str(said)
    return ""


def _decided(
    session: Session, booking_id: int, state: BookingState, note: str, actor: Actor, at: datetime
) -> None:
    row = {"id": booking_id, "state": state, "note": note, "label": actor.label, "at": at}
    session.execute(_STATE, row)


def _record(
    session: Session,
    action: BankAction,
    booking_id: int,
    actor: Actor,
    dealer_id: int | None,
    after: dict[str, Any],
    reason: str | None = None,
) -> None:
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
_ADD_MATCH = text(
    """
    INSERT INTO bank_match (dealer_id, booking_id, kind, payment_no, invoices, reason, score, matched_by,
                            matched_by_label, matched_at)
    VALUES (:dealer_id, :booking_id, :kind, :payment_no, CAST(:invoices AS jsonb), :reason, :score, :actor,
            :label, :at)
    """
)
_REVERSED = """
EXISTS (SELECT FROM journal_entry e JOIN journal_entry r ON (r.dealer_id, r.reverses_id) = (e.dealer_id, e.id)
         WHERE e.dealer_id = {payment}.dealer_id AND e.document_no = {payment}.{number}
           AND e.reverses_id IS NULL)
"""
_LIVE = text(
    f"""
    SELECT m.id, m.dealer_id, m.kind, m.payment_no, {_REVERSED.format(payment="m", number="payment_no")}
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
_PAYMENT = text(
    f"""
    SELECT p.amount, {_REVERSED.format(payment="p", number="number")} AS is_reversed,
           EXISTS (SELECT FROM bank_match m
                    WHERE m.dealer_id = p.dealer_id AND m.payment_no = p.number AND m.undone_at IS NULL
                      AND m.kind <> 'reversed') AS is_linked
      FROM payment p WHERE p.dealer_id = :dealer_id AND p.number = :number
    """
)
_INVOICES = text(
    """
    SELECT document_no FROM journal_entry
     WHERE dealer_id = :dealer_id AND document_no = ANY(:numbers) AND receivable > 0
    """
)
