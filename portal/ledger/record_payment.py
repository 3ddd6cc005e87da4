"""Book money that a dealer paid, or that it was paid back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal import money, numbering
from portal.audit import record as audit
from portal.audit.vocabulary import Action
from portal.errors import Conflict, Fault, Invalid, N_
from portal.identity.rules import Actor, Right
from portal.ledger import rules
from portal.ledger.journal import Entry, Posted, lock_account, post
from portal.ledger.models import Payment
from portal.ledger.rules import EntryKind

METHOD_MAX = 64  # characters
REFERENCE_MAX = 140  # characters, as a bank transfer carries them
AMOUNT_MAX = Decimal("1e12")
DAYS_BACK_MAX = 366  # an older date is a slip, and would open the books of a month long gone


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
    reference: str = "",
) -> Posted:
    """Book `amount` as received within a year up to `today`; negative when it is paid back.

    It settles the debts that fell due first; what exceeds them stays as the dealer's credit. Raises Invalid with every
    fault, Conflict when more is paid back than the dealer has to its credit, NotFound, Forbidden.
    """
    actor.require(Right.HQ_FINANCE)
    if faults := _faults(amount, received_on, method, reference, today):
        raise Invalid(faults=faults)
    balance = lock_account(session, dealer_id)
    if amount < 0 and balance - amount > 0:
        message = N_("The dealer has %(credit)s to its credit; no more than that can be paid back.")
        raise Conflict("refund_exceeds_credit", message, credit=money.as_text(max(-balance, money.ZERO)))
    number = numbering.new_number("PY", today)
    row = {
        "dealer_id": dealer_id, "number": number, "received_on": received_on, "method": method.strip(),
        "reference": reference.strip(), "amount": amount,
    }  # fmt: skip
    session.execute(insert(Payment).values(row))
    entry = Entry(
        dealer_id, EntryKind.PAYMENT, number, received_on, rules.payment_entry(amount), reference=reference.strip()
    )
    posted = post(session, entry, actor=actor, at=at)
    after = {"amount": money.as_text(amount), "received_on": str(received_on), "method": method, "period": posted.period}
    audit.record(session, Action.PAYMENT_POSTED, number, actor=actor, dealer_id=dealer_id, after=after)
    return posted


def _faults(amount: Decimal, received_on: date, method: str, reference: str, today: date) -> list[Fault]:
    faults = []
    if not amount.is_finite() or amount == 0 or not -AMOUNT_MAX < amount < AMOUNT_MAX or amount != money.to_fen(amount):
        message, fix = N_("This is no amount of money."), N_("Enter an amount other than zero with at most two places.")
        faults.append(Fault("/amount", "amount", message, fix))
    if received_on > today:
        faults.append(Fault("/received_on", "in_future", N_("A payment cannot be received after today."), N_("Enter the value date of the bank.")))
    if (today - received_on).days > DAYS_BACK_MAX:
        message, fix = N_("A payment is booked within a year."), N_("Check the year of the value date.")
        faults.append(Fault("/received_on", "too_old", message, fix))
    if not method.strip():
        faults.append(Fault("/method", "method_missing", N_("Say how it was paid."), N_("Choose a method, such as bank transfer.")))
    if len(method) > METHOD_MAX or not method.isprintable():
        faults.append(Fault("/method", "method", N_("At most %(max)s printable characters."), params={"max": METHOD_MAX}))
    if len(reference) > REFERENCE_MAX or not reference.isprintable():
        faults.append(Fault("/reference", "reference", N_("At most %(max)s printable characters."), params={"max": REFERENCE_MAX}))
    return faults
