"""Handle what Stripe told: what is known of the payment grows, and what is not in the books yet is posted.

The webhook, the payer's way back and our own questions all come through here, under the lock of the dealer's
account: so none of them posts what another has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import clock, outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import DomainError
from portal.kernel.money import ZERO, as_text
from portal.ledger.record_payment import record_payment
from portal.ledger.reverse_entry import reverse_entry
from portal.ledger.rules import Caution, Doubt
from portal.ledger.vocabulary import LedgerRight
from portal.notifications.tell import announce
from portal.payments.locked import (
    LockedPayment,
    add_posting,
    event_is,
    lock_event,
    lock_payment,
    none_is_lacking,
    told_by_others,
    write_known,
)
from portal.payments.rules import (
    IN_KNOWN,
    METHOD,
    Due,
    EventState,
    Known,
    News,
    Posted,
    PostingKind,
    Stage,
    Trouble,
    beside,
    due,
    joined,
    lacking,
    trouble_with,
    worth_of,
)
from portal.payments.stripe_rules import news_of
from portal.payments.vocabulary import DISPUTED, FAILED, REFUNDED, SUCCEEDED, WAITING, PaymentAction

LOST_REASON = "Stripe: the payer's bank took the money back"
_TOLD = {PostingKind.PAID: SUCCEEDED, PostingKind.REFUND: REFUNDED, PostingKind.DISPUTE: REFUNDED}


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of an event. unbooked: what the books lack of it; what went back is negative."""

    state: EventState
    trouble: Trouble | None = None
    payment: str = ""
    unbooked: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class _Now:
    actor: Actor
    today: date
    at: datetime
    caution: Caution


def handle_event(
    session: Session,
    *,
    actor: Actor,
    event_id: int,
    zone: ZoneInfo,
    at: datetime,
    caution: Caution,
    also: EventState | None = None,
) -> Handled:
    """Do what an event asks for, if it is not done yet. What cannot be posted waits with its reason.

    also: a state beside the usual ones in which it is handled; it stays so when it cannot be posted. Raises
    Forbidden.
    """
    actor.require(LedgerRight.POST)
    row = session.execute(_CONTENT, {"id": event_id}).one()
    news = news_of(row.content)
    payment = lock_payment(session, intent=news.intent, number=news.number) if news else None
    event = lock_event(session, event_id)
    assert event is not None  # it was there a moment ago, and no event is ever deleted
    if event.state not in (EventState.KEPT, EventState.WAITING, also):
        return Handled(EventState(event.state))
    handled = _handled(session, payment, news, _Now(actor, clock.business_date(at, zone), at, caution), zone)
    if handled.trouble is not None:
        state = EventState.ASIDE if event.state == EventState.ASIDE else handled.state
        others = told_by_others(session, event_id, in_known=handled.trouble in IN_KNOWN)
        handled = replace(handled, state=state, unbooked=beside(handled.unbooked, others))
    event_is(
        session,
        event_id,
        handled.state,
        trouble=handled.trouble,
        payment=handled.payment,
        unbooked=handled.unbooked,
    )
    if handled.trouble is not None and event.state == EventState.KEPT:
        facts = {"number": event.event, "kind": event.kind}
        announce(session, event=WAITING, dealer_id=None, path="/hq/stripe-events?status=waiting", facts=facts)
    return handled


def _handled(
    session: Session, payment: LockedPayment | None, news: News | None, now: _Now, zone: ZoneInfo
) -> Handled:
    if news is None:
        return Handled(EventState.IGNORED)
    if payment is None:
        unknown = Handled(EventState.WAITING, Trouble.UNKNOWN_INTENT, unbooked=lacking(news, ()))
        return unknown if news.is_about_money else Handled(EventState.IGNORED)
    trouble = trouble_with(news, amount=payment.amount, currency=payment.currency, known=payment.known)
    if trouble is not None:
        return Handled(EventState.WAITING, trouble, payment.number, lacking(news, payment.posted))
    known = joined(payment.known, news)
    write_known(session, payment, known, news)
    _tell_of_stage(session, payment, known)
    on = min(clock.business_date(news.at, zone), now.today)
    trouble, left = _post_all(session, payment, known, on, now)
    if trouble is not None:
        return Handled(EventState.WAITING, trouble, payment.number, worth_of(left))
    none_is_lacking(session, payment)
    return Handled(EventState.DONE, payment=payment.number)


def _post_all(
    session: Session, payment: LockedPayment, known: Known, on: date, now: _Now
) -> tuple[Trouble | None, Sequence[Due]]:
    """Post what is due, or say why not, and what is left; what is posted before that stands."""
    wanted = due(payment.intent, known, payment.posted)
    for place, one in enumerate(wanted):
        if one.kind is not PostingKind.PAID and _is_reversed(session, payment.dealer_id, payment.paid_no):
            return Trouble.REVERSED, wanted[place:]
        try:
            number = _post(session, payment, one, on, now)
        except DomainError:  # the ledger refuses before it writes anything
            return Trouble.REFUSED, wanted[place:]
        posted = Posted(one.kind, one.ref, one.amount)
        add_posting(session, payment, posted, number, now.at)
        payment = replace(payment, posted=(*payment.posted, posted), paid_no=payment.paid_no or number)
        _tell_of_posting(session, payment, one, number, now)
    return None, ()


def _post(session: Session, payment: LockedPayment, one: Due, on: date, now: _Now) -> str:
    """Into the books; the number of the payment there. Raises what the ledger raises."""
    who: dict[str, Any] = {"actor": now.actor, "today": now.today, "at": now.at}
    who["dealer_id"] = payment.dealer_id
    if one.kind is PostingKind.DISPUTE and _is_whole(payment, one):
        reverse_entry(session, document_no=payment.paid_no, reason=LOST_REASON, **who)
        return payment.paid_no
    is_paid = one.kind is PostingKind.PAID
    posted = record_payment(
        session,
        amount=one.amount if is_paid else -one.amount,
        received_on=on,
        method=METHOD,
        reference=payment.intent if is_paid else one.ref[:140],
        caution=now.caution,
        confirmed=frozenset(Doubt),  # the money has moved, whatever one thinks of it
        settles=payment.invoices if is_paid else (),
        has_left=not is_paid,
        **who,
    )
    return posted.document_no


def _is_whole(payment: LockedPayment, one: Due) -> bool:
    """Whether a lost dispute takes back exactly what was posted, of which nothing went back before."""
    paid = [posted for posted in payment.posted if posted.kind is PostingKind.PAID]
    return len(payment.posted) == len(paid) == 1 and paid[0].amount == one.amount


def _is_reversed(session: Session, dealer_id: int, paid_no: str) -> bool:
    """Whether somebody took the payment out of the books."""
    about = {"dealer_id": dealer_id, "number": paid_no}
    return bool(session.execute(_REVERSED, about).scalar_one())


def _tell_of_stage(session: Session, payment: LockedPayment, known: Known) -> None:
    """A payment that failed, or that a bank disputes: people are told when they learn something new."""
    before = payment.known
    if known.stage is Stage.FAILED and before.stage is not Stage.FAILED:
        _tell(session, payment, FAILED, payment.amount, failure=known.failure)
    new = {one.id for one in known.disputes} - {one.id for one in before.disputes}
    for one in known.disputes:
        if one.id in new:
            _announce(session, payment, DISPUTED, _facts(payment, one.amount), f"/hq{_PATH}")


def _tell_of_posting(session: Session, payment: LockedPayment, one: Due, number: str, now: _Now) -> None:
    after = {"kind": str(one.kind), "amount": as_text(one.amount), "payment": number}
    record(
        session,
        PaymentAction.POSTED,
        payment.number,
        actor=now.actor,
        dealer_id=payment.dealer_id,
        after=after,
    )
    _tell(session, payment, _TOLD[one.kind], one.amount, payment_no=number)


def _tell(session: Session, payment: LockedPayment, event: str, amount: Decimal, **more: str) -> None:
    """The dealer's people, and systems by webhooks."""
    facts = _facts(payment, amount) | more
    outbox.add(session, event, dealer_id=payment.dealer_id, **facts)
    _announce(session, payment, event, facts, _PATH)


def _announce(session: Session, payment: LockedPayment, event: str, facts: dict[str, str], path: str) -> None:
    at = path.format(number=payment.number)
    announce(session, event=event, dealer_id=payment.dealer_id, path=at, facts=facts)


def _facts(payment: LockedPayment, amount: Decimal) -> dict[str, str]:
    return {"number": payment.number, "amount": as_text(amount), "currency": payment.currency}


_PATH = "/online-payments/{number}"
_CONTENT = text("SELECT content FROM stripe_event WHERE id = :id")
_REVERSED = text(
    """
    SELECT EXISTS (SELECT FROM journal_entry e
                     JOIN journal_entry r ON (r.dealer_id, r.reverses_id) = (e.dealer_id, e.id)
                    WHERE e.dealer_id = :dealer_id AND e.document_no = :number AND e.reverses_id IS NULL)
    """
)
