"""Book money that a dealer paid, or that it was paid back."""

from __future__ import annotations

from collections.abc import Set
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from config import Settings
from portal.audit import record as audit
from portal.dealers.account import lock_account
from portal.kernel import money, numbering, outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.ledger import rules
from portal.ledger.journal import Entry, Posted, post
from portal.ledger.models import REFERENCE_KEY, Payment
from portal.ledger.paper_faults import AMOUNT_MAX, DAYS_BACK_MAX, means_faults, plain
from portal.ledger.queries import position
from portal.ledger.rules import Caution, Doubt, EntryKind
from portal.ledger.vocabulary import LedgerAction, LedgerRight

# Money in and money out may carry one reference; a payment that was reversed does not count.
_SAME_REFERENCE = text(
    f"""
    SELECT p.number, p.received_on, p.amount FROM payment p
     WHERE p.dealer_id = :dealer_id AND p.reference_key <> ''
       AND sign(p.amount) = sign(CAST(:amount AS numeric))
       AND p.reference_key = (SELECT {REFERENCE_KEY}
                                FROM (VALUES (CAST(:reference AS text))) AS typed(reference))
       AND NOT EXISTS (SELECT FROM journal_entry e
                         JOIN journal_entry r ON (r.dealer_id, r.reverses_id) = (e.dealer_id, e.id)
                        WHERE e.dealer_id = p.dealer_id AND e.document_no = p.number
                          AND e.reverses_id IS NULL)
     ORDER BY p.received_on DESC, p.id DESC LIMIT 1
    """
)


_PAID_BACK_WITHIN = timedelta(days=31)
# By when it was posted: its own day is whatever somebody enters.
_PAID_BACK = text(
    """
    SELECT coalesce(-sum(p.amount), 0)
      FROM payment p
      JOIN journal_entry e ON (e.dealer_id, e.document_no) = (p.dealer_id, p.number) AND e.reverses_id IS NULL
     WHERE p.dealer_id = :dealer_id AND p.amount < 0 AND e.posted_at > :since
       AND NOT EXISTS (SELECT FROM journal_entry r
                        WHERE r.dealer_id = e.dealer_id AND r.reverses_id = e.id)
    """
)
_ORDER = text("SELECT id FROM sales_order WHERE dealer_id = :dealer_id AND number = :number")


def caution_of(settings: Settings) -> Caution:
    """The amounts beyond which a payment is confirmed first."""
    return Caution(
        settings.payment_unasked_max,
        settings.payment_advance_unasked_max,
        settings.correction_alone_max,
    )


def record_payment(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    amount: Decimal,
    received_on: date,
    method: str,
    today: date,
    at: datetime,
    caution: Caution,
    reference: str = "",
    confirmed: Set[Doubt] = frozenset(),
    settles: tuple[str, ...] = (),
    advance_for: str = "",
    has_left: bool = False,
) -> Posted:
    """Book `amount` as received within a year up to `today`; negative when it is paid back.

    It settles the debts that it names (`settles`: their numbers), then those that fell due first; what
    exceeds them stays as the dealer's credit. advance_for: number of the order that it pays ahead. has_left:
    what is paid back is gone already, and may exceed what the dealer has to its credit. Raises Invalid with
    every fault; Conflict when more is paid back than the dealer has to its credit, or with every doubt that
    is not `confirmed` (a bank reference booked before, an unusual amount); NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    method, reference, advance_for = plain(method), plain(reference), plain(advance_for)
    if faults := _faults(amount, received_on, method, reference, today):
        raise Invalid(faults=faults)
    balance = lock_account(session, dealer_id)
    if advance_for:
        _require_order(session, dealer_id, advance_for)
    if amount < 0 and not has_left:
        _require_small(session, dealer_id, amount, balance, caution.paid_back_max, at)
    doubts = _doubts(session, dealer_id, amount, reference, caution)
    if open_doubts := [doubt for doubt in doubts if doubt.code not in confirmed]:
        raise Conflict(open_doubts[0].code, N_("This payment has to be confirmed."), faults=open_doubts)
    payment = {
        "dealer_id": dealer_id,
        "number": numbering.new_number("PY", today),
        "received_on": received_on,
        "method": method,
        "reference": reference,
        "amount": amount,
        "advance_for": advance_for,
    }
    return _book(session, actor, payment, settles, [doubt.code for doubt in doubts], at)


def _require_small(
    session: Session, dealer_id: int, amount: Decimal, balance: Decimal, alone_max: Decimal, at: datetime
) -> None:
    """Money is paid back out of the dealer's credit, and much of it as a refund, which two people make."""
    if balance - amount > 0:
        message = N_("The dealer has %(credit)s to its credit; no more than that can be paid back.")
        raise Conflict("refund_exceeds_credit", message, credit=money.as_text(max(-balance, money.ZERO)))
    about = {"dealer_id": dealer_id, "since": at - _PAID_BACK_WITHIN}
    before: Decimal = session.execute(_PAID_BACK, about).scalar_one()
    if rules.needs_second_person(-amount, before, alone_max):
        raise Conflict(
            "refund_needed",
            N_("More than %(max)s within a month is paid back as a refund."),
            fix=N_("Post a refund of the credit: another person approves it."),
            max=money.as_text(alone_max),
        )


def _book(
    session: Session,
    actor: Actor,
    payment: dict[str, Any],
    settles: tuple[str, ...],
    confirmed: list[str],
    at: datetime,
) -> Posted:
    """Write the payment and its entry, tell the audit and whoever is told of payments."""
    session.execute(insert(Payment).values(payment))
    dealer_id, number, amount = payment["dealer_id"], payment["number"], payment["amount"]
    received_on = payment["received_on"]
    entry = Entry(
        dealer_id,
        EntryKind.PAYMENT,
        number,
        received_on,
        rules.payment_entry(amount),
        reference=payment["reference"],
        settles=settles,
    )
    posted = post(session, entry, actor=actor, at=at)
    after: dict[str, Any] = {
        "amount": money.as_text(amount),
        "received_on": str(received_on),
        "method": payment["method"],
        "period": posted.period,
    }
    if confirmed:
        after["confirmed"] = confirmed
    if payment["advance_for"]:
        after["advance_for"] = payment["advance_for"]
    audit.record(session, LedgerAction.PAYMENT_POSTED, number, actor=actor, dealer_id=dealer_id, after=after)
    told = {
        "number": number,
        "kind": str(EntryKind.PAYMENT if amount > 0 else EntryKind.REFUND),
        "amount": money.as_text(amount),
        "received_on": str(received_on),
    }
    outbox.add(session, "payment.received", dealer_id=dealer_id, **told)
    return posted


def _require_order(session: Session, dealer_id: int, number: str) -> None:
    if session.scalar(_ORDER, {"dealer_id": dealer_id, "number": number}) is None:
        message = N_("The dealer has no order of this number.")
        fix = N_("Enter the number of the order that is paid ahead, or nothing.")
        raise Invalid(faults=[Fault("/advance_for", "unknown_order", message, fix)])


def _doubts(
    session: Session, dealer_id: int, amount: Decimal, reference: str, caution: Caution
) -> list[Fault]:
    """What may be a slip; each at the member that confirms it."""
    doubts = []
    parameters = {"dealer_id": dealer_id, "amount": amount, "reference": reference}
    if earlier := session.execute(_SAME_REFERENCE, parameters).one_or_none():
        message = N_("%(number)s of %(day)s over %(amount)s has the same bank reference.")
        fix = N_("If this is another payment, confirm it.")
        params = {
            "number": earlier.number,
            "day": earlier.received_on.isoformat(),
            "amount": money.as_text(earlier.amount),
        }
        doubts.append(Fault("/confirm_duplicate", Doubt.DUPLICATE, message, fix, params))
    account = position(session, dealer_id)
    if caution.finds_unusual(amount, account.exposure):
        message = N_(
            "%(amount)s is an unusual amount: the dealer owes %(owed)s and has ordered for %(ordered)s more."
        )
        fix = N_("Check it against the bank statement; if it is right, confirm it.")
        params = {
            "amount": money.as_text(amount),
            "owed": money.as_text(account.balance),
            "ordered": money.as_text(account.open_orders),
        }
        doubts.append(Fault("/confirm_amount", Doubt.AMOUNT, message, fix, params))
    return doubts


def _faults(amount: Decimal, received_on: date, method: str, reference: str, today: date) -> list[Fault]:
    faults = []
    if (
        not amount.is_finite()
        or amount == 0
        or not -AMOUNT_MAX < amount < AMOUNT_MAX
        or amount != money.to_fen(amount)
    ):
        message, fix = (
            N_("Enter a valid amount."),
            N_("Enter an amount other than zero with at most two places."),
        )
        faults.append(Fault("/amount", "amount", message, fix))
    if received_on > today:
        faults.append(
            Fault(
                "/received_on",
                "in_future",
                N_("A payment cannot be received after today."),
                N_("Enter the bank's value date."),
            )
        )
    if (today - received_on).days > DAYS_BACK_MAX:
        message, fix = (
            N_("A payment can be booked up to one year back."),
            N_("Check the year of the value date."),
        )
        faults.append(Fault("/received_on", "too_old", message, fix))
    faults += means_faults(method, reference)
    return faults
