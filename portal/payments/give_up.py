"""A payment that was begun is given up: by the dealer, or by us when nobody came back to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.dealers.account import lock_account
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, NotFound
from portal.payments.rules import MAY_BE_CANCELLED
from portal.payments.vocabulary import PaymentAction, PaymentRight


@dataclass(frozen=True, slots=True)
class ToCancel:
    """A payment to be cancelled. intent: at Stripe, empty where it never came there."""

    number: str
    intent: str


def payment_to_cancel(session: Session, *, actor: Actor, number: str) -> ToCancel:
    """A payment that may be cancelled, before Stripe is asked to.

    Raises Conflict when money is on its way or came, NotFound, Forbidden.
    """
    actor.require(PaymentRight.CREATE)
    row = session.execute(_FIND, {"number": number, "dealer_id": actor.own_dealer_id}).one_or_none()
    if row is None:
        raise NotFound()
    if row.stage not in MAY_BE_CANCELLED:
        raise Conflict("payment_goes_on", N_("This payment cannot be cancelled any more."))
    return ToCancel(number, row.intent or "")


def cancel_unsent(session: Session, *, actor: Actor, number: str, at: datetime) -> None:
    """Cancel a payment that Stripe knows nothing of. Raises Conflict when it does by now, Forbidden."""
    actor.require(PaymentRight.CREATE)
    lock_account(session, actor.own_dealer_id)
    about = {"number": number, "dealer_id": actor.own_dealer_id, "at": at}
    if session.execute(_CANCEL, about).one_or_none() is None:
        raise Conflict("payment_goes_on", N_("This payment cannot be cancelled any more."))
    record_cancelled(session, actor=actor, number=number)


def record_cancelled(session: Session, *, actor: Actor, number: str) -> None:
    """Tell the audit who cancelled a payment, at Stripe or before it came there."""
    actor.require(PaymentRight.CREATE)
    record(session, PaymentAction.CANCELLED, number, actor=actor, dealer_id=actor.own_dealer_id)


_FIND = text("SELECT stage, intent FROM online_payment WHERE dealer_id = :dealer_id AND number = :number")
_CANCEL = text(
    """
    UPDATE online_payment SET stage = 'cancelled', state = 'cancelled', told_at = :at
     WHERE dealer_id = :dealer_id AND number = :number AND stage = 'starting' AND intent IS NULL
    RETURNING id
    """
)
