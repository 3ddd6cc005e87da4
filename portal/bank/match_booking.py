"""Match a booking with what it paid: post the payment, find it in the books, or reverse it; and undo that."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.bank.books_rules import BookingState, MatchKind, Proposal, Reason
from portal.bank.locked import REVERSED, decided, lock_booking, record_act
from portal.bank.match_rules import certain
from portal.bank.proposals import propose
from portal.bank.reach import require_bank
from portal.bank.reference import codes_in
from portal.bank.rules import as_text
from portal.bank.vocabulary import BankAction
from portal.dealers.account import lock_account
from portal.kernel import locks
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.kernel.locks import Rank
from portal.ledger.paper_faults import REASON_MAX
from portal.ledger.record_payment import record_payment
from portal.ledger.reverse_entry import reverse_entry
from portal.ledger.rules import Caution, Doubt, Method

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

    Raises Conflict when somebody was first or set it aside, when the currency is another, or with every doubt
    of the payment that is not `confirmed`; Invalid, NotFound, Forbidden.
    """
    require_bank(actor)
    row = lock_booking(session, booking_id)
    if row.state == BookingState.MATCHED:
        raise Conflict("already_matched", N_("This booking has been matched already."))
    if row.state != BookingState.WAITING:
        message = N_("This booking is set aside, or nothing of a dealer's.")
        raise Conflict("not_waiting", message, fix=N_("Have it wait first."))
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
    decided(session, booking_id, BookingState.MATCHED, "", actor, at)
    after = {
        "kind": str(wanted.kind),
        "payment": payment_no,
        "amount": as_text(row.amount),
        "reason": str(wanted.reason),
    }
    record_act(session, BankAction.MATCHED, booking_id, actor, wanted.dealer_id, after)
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
    require_bank(actor)
    if not booking_ids:
        return []
    ours = session.execute(_IN_CURRENCY, {"ids": list(booking_ids), "currency": CURRENCY}).scalars().all()
    found = propose(session, booking_ids=ours, tolerance=terms.tolerance)
    sure = [
        (proposal.dealer_id, booking_id, proposal)
        for booking_id, proposals in found.items()
        if (proposal := certain(proposals)) is not None and proposal.kind == MatchKind.POSTED
    ]
    sure = sorted(sure, key=lambda one: one[:2])[:POSTED_AT_ONCE_MAX]
    locks.take(session, Rank.BOOKING, sorted((booking_id,) for _, booking_id, _ in sure))
    for dealer_id in sorted({dealer_id for dealer_id, _, _ in sure}):
        lock_account(session, dealer_id)  # all of them before the books, which the first payment opens
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


_ADD_MATCH = text(
    """
    INSERT INTO bank_match (dealer_id, booking_id, kind, payment_no, invoices, reason, score, matched_by,
                            matched_by_label, matched_at)
    VALUES (:dealer_id, :booking_id, :kind, :payment_no, CAST(:invoices AS jsonb), :reason, :score, :actor,
            :label, :at)
    """
)
_IN_CURRENCY = text(
    """
    SELECT b.id FROM bank_booking b JOIN bank_account a ON a.id = b.account_id
     WHERE b.id = ANY(CAST(:ids AS bigint[])) AND a.currency = :currency
    """
)
_PAYMENT = text(
    f"""
    SELECT p.amount, {REVERSED.format(payment="p", number="number")} AS is_reversed,
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
