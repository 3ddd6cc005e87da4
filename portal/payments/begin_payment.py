"""A dealer begins to pay at Stripe: what it pays is settled here, before Stripe is asked.

Three steps, each by itself, so that nothing of ours is locked while Stripe thinks: `begin_payment` commits
what is to be paid; whoever called asks Stripe under its number; `note_intent` writes down what Stripe made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.dealers.account import lock_account
from portal.kernel import numbering
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.idempotency import key_reused
from portal.kernel.money import ZERO, as_text
from portal.ledger.fragments import open_of
from portal.payments.rules import PENDING, Stage, amount_faults, asked_faults
from portal.payments.vocabulary import PaymentAction, PaymentRight

PREFIX = "OP"


@dataclass(frozen=True, slots=True)
class Begun:
    """A payment as Stripe is asked for it. intent: what Stripe made of it, where it was asked before."""

    number: str
    amount: Decimal
    currency: str
    intent: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """The key of the call or form that begins a payment, and a fingerprint of what it says."""

    key: str
    fingerprint: str


class Pending(Conflict):
    """Another payment of the same is under way. number: of that one."""

    def __init__(self, number: str) -> None:
        message = N_("Payment %(number)s of the same is under way.")
        fix = N_("Go on with it, or cancel it first.")
        super().__init__("payment_pending", message, fix=fix, number=number)
        self.number = number


def begin_payment(
    session: Session,
    *,
    actor: Actor,
    invoices: Sequence[str],
    amount: Decimal | None,
    currency: str,
    today: date,
    at: datetime,
    request: Request | None = None,
) -> Begun:
    """Begin to pay what is open of some invoices, or an amount on account.

    What was begun and never came to Stripe is taken up again, and so is what the same request began. Raises
    Invalid with every fault; Pending, a Conflict, while another payment of one of the invoices, or of the
    same amount on account, is under way; NotFound, Forbidden.
    """
    actor.require(PaymentRight.CREATE)
    dealer_id, wanted = actor.own_dealer_id, list(dict.fromkeys(invoices))
    if faults := asked_faults(wanted, amount):
        raise Invalid(faults=faults)
    lock_account(session, dealer_id)
    if request is not None and (before := _begun_before(session, actor, dealer_id, request)):
        return before
    total = _open(session, dealer_id, wanted) if amount is None else amount
    for row in session.execute(_PENDING, {"dealer_id": dealer_id, "stages": list(map(str, PENDING))}):
        if _is_same(row, wanted, total):
            if row.stage == Stage.STARTING and row.invoices == wanted and row.amount == total:
                return Begun(row.number, row.amount, row.currency)
            raise Pending(row.number)
    payment = {
        "dealer_id": dealer_id,
        "number": numbering.new_number(PREFIX, today),
        "amount": total,
        "currency": currency,
        "invoices": wanted,
        "actor": actor.key,
        "label": actor.label,
        "at": at,
        "key": request.key if request else None,
        "fingerprint": request.fingerprint if request else None,
    }
    session.execute(_BEGIN, payment)
    after = {"amount": as_text(total), "invoices": wanted}
    number = str(payment["number"])
    record(session, PaymentAction.BEGUN, number, actor=actor, dealer_id=dealer_id, after=after)
    return Begun(number, total, currency)


def note_intent(session: Session, *, actor: Actor, number: str, intent: str, at: datetime) -> None:
    """Write down what Stripe made of a payment; the same again changes nothing.

    Raises Conflict when the payment was given up meanwhile.
    """
    actor.require(PaymentRight.CREATE)
    dealer_id = actor.own_dealer_id
    lock_account(session, dealer_id)
    about = {"dealer_id": dealer_id, "number": number, "intent": intent, "at": at}
    noted = session.execute(_NOTE, about).one_or_none()
    if noted is None:
        raise Conflict("payment_given_up", N_("This payment was cancelled meanwhile."), fix=N_("Begin anew."))


def _begun_before(session: Session, actor: Actor, dealer_id: int, request: Request) -> Begun | None:
    """What the same request began. Raises Invalid for another request with the same key."""
    about = {"dealer_id": dealer_id, "actor": actor.key, "key": request.key}
    row = session.execute(_OF_REQUEST, about).one_or_none()
    if row is None:
        return None
    if row.request_fingerprint != request.fingerprint:
        raise key_reused()
    return Begun(row.number, row.amount, row.currency, row.intent)


def _is_same(row: Record, invoices: Sequence[str], amount: Decimal) -> bool:
    if invoices or row.invoices:
        return bool(set(invoices) & set(row.invoices))
    return bool(row.amount == amount)


def _open(session: Session, dealer_id: int, invoices: Sequence[str]) -> Decimal:
    """What is open of invoices in all. Raises Invalid for each that has nothing open."""
    about = {"dealer_id": dealer_id, "numbers": list(invoices)}
    found = {row.document_no: row.open for row in session.execute(_OPEN, about)}
    faults = []
    for place, number in enumerate(invoices):
        if number not in found:
            message, fix = N_("There is no such invoice."), N_("Choose from your open invoices.")
            faults.append(Fault(f"/invoices/{place}", "unknown_invoice", message, fix))
        elif not found[number] > 0:
            message, fix = N_("Nothing of this invoice is open."), N_("Leave it out.")
            faults.append(Fault(f"/invoices/{place}", "nothing_open", message, fix))
    total = sum(found.values(), ZERO)
    if faults := faults or amount_faults(total, "/invoices"):
        raise Invalid(faults=faults)
    return total


_OF_REQUEST = text(
    """
    SELECT number, amount, currency, coalesce(intent, '') AS intent, request_fingerprint FROM online_payment
     WHERE dealer_id = :dealer_id AND begun_by = :actor AND request_key = :key
    """
)
_PENDING = text(
    """
    SELECT number, stage, invoices, amount, currency FROM online_payment
     WHERE dealer_id = :dealer_id AND stage = ANY (CAST(:stages AS text[])) ORDER BY id
    """
)
_OPEN = text(
    f"""
    SELECT e.document_no, {open_of("e")} AS open
      FROM journal_entry e
     WHERE e.dealer_id = :dealer_id AND e.document_no = ANY (CAST(:numbers AS text[]))
       AND e.reverses_id IS NULL AND e.receivable > 0
    """
)
_BEGIN = text(
    """
    INSERT INTO online_payment (dealer_id, number, amount, currency, invoices, begun_by, begun_by_label,
                                begun_at, request_key, request_fingerprint)
    VALUES (:dealer_id, :number, :amount, :currency, :invoices, :actor, :label, :at, :key, :fingerprint)
    """
).bindparams(bindparam("invoices", type_=JSONB))
_NOTE = text(
    """
    UPDATE online_payment
       SET intent = :intent, stage = CASE stage WHEN 'starting' THEN 'open' ELSE stage END,
           state = CASE stage WHEN 'starting' THEN 'open' ELSE state END, asked_at = :at
     WHERE dealer_id = :dealer_id AND number = :number AND stage <> 'cancelled'
       AND coalesce(intent, :intent) = :intent
    RETURNING id
    """
)
