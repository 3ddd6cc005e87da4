"""Pay money back, of a credit that settles nothing or of a deposit; much of it when another person agrees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.account import lock_account
from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Invalid, NotFound
from portal.kernel.money import ZERO
from portal.ledger import postings, rules
from portal.ledger.account_documents import Draft, post_account_document
from portal.ledger.corrections import Correction, keep_request
from portal.ledger.deposits import deposit_of, reversed_sql
from portal.ledger.journal import Posted
from portal.ledger.kinds import CorrectionKind, CorrectionState, DocumentKind
from portal.ledger.open_entries import open_of_documents
from portal.ledger.paper_faults import amount_faults, day_faults, means_faults, plain, reason_faults
from portal.ledger.receive_deposit import require_left
from portal.ledger.vocabulary import LedgerRight

KINDS = (CorrectionKind.REFUND, CorrectionKind.DEPOSIT_RETURN)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayBack:
    """What is paid back. source: number of the payment or other credit, or of the deposit."""

    kind: CorrectionKind
    source: str
    amount: Decimal
    paid_on: date
    method: str
    reference: str
    reason: str

    def content(self) -> list[dict[str, Any]]:
        """As a request keeps it."""
        how = {"paid_on": self.paid_on.isoformat(), "method": self.method, "reference": self.reference}
        return [how]


_OF_CREDIT = text(
    """
    SELECT dealer_id FROM journal_entry
     WHERE document_no = :number AND reverses_id IS NULL AND receivable < 0
    """
)
# What was paid back of the same credit or deposit before: it counts too, as with credit notes.
_BEFORE = text(
    f"""
    SELECT coalesce(sum(u.amount), 0) FROM account_document u
     WHERE u.dealer_id = :dealer_id AND u.source = :source AND u.kind = :kind AND NOT ({reversed_sql("u")})
    """
)


def propose_refund(
    session: Session,
    *,
    actor: Actor,
    credit: str,
    amount: Decimal,
    paid_on: date,
    method: str,
    reference: str,
    reason: str,
    today: date,
    at: datetime,
    alone_max: Decimal,
) -> Correction:
    """Pay back of a payment or another credit what settles nothing, up to `alone_max` with what was paid back
    of it before; keep the request for more.

    Raises Invalid with every fault, Conflict when less is left or one is asked for already, NotFound,
    Forbidden.
    """
    actor.require(LedgerRight.POST)
    asked = PayBack(
        kind=CorrectionKind.REFUND,
        source=credit,
        amount=amount,
        paid_on=paid_on,
        method=plain(method),
        reference=plain(reference),
        reason=plain(reason),
    )
    return _propose(session, actor, asked, _dealer_of_credit(session, credit), today, at, alone_max)


def propose_deposit_return(
    session: Session,
    *,
    actor: Actor,
    number: str,
    amount: Decimal,
    paid_on: date,
    method: str,
    reference: str,
    reason: str,
    today: date,
    at: datetime,
    alone_max: Decimal,
) -> Correction:
    """The same of a deposit that is held."""
    actor.require(LedgerRight.POST)
    asked = PayBack(
        kind=CorrectionKind.DEPOSIT_RETURN,
        source=number,
        amount=amount,
        paid_on=paid_on,
        method=plain(method),
        reference=plain(reference),
        reason=plain(reason),
    )
    return _propose(session, actor, asked, deposit_of(session, number).dealer_id, today, at, alone_max)


def post_pay_back(
    session: Session, *, actor: Actor, asked: PayBack, dealer_id: int, today: date, at: datetime
) -> Posted:
    """Book it as it was asked for. The caller has the account locked.

    Raises Conflict when less is left, NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST, LedgerRight.APPROVE)
    _require_left(session, asked, dealer_id)
    is_refund = asked.kind is CorrectionKind.REFUND
    draft = Draft(
        dealer_id=dealer_id,
        kind=DocumentKind.REFUND if is_refund else DocumentKind.DEPOSIT_RETURN,
        amount=asked.amount,
        occurred_on=asked.paid_on,
        lines=postings.refund_entry(asked.amount) if is_refund else postings.deposit_entry(-asked.amount),
        source=asked.source,
        method=asked.method,
        reference=asked.reference,
        reason=asked.reason,
        exactly=((asked.source, asked.amount),) if is_refund else (),
    )
    return post_account_document(session, draft, actor=actor, today=today, at=at)


def pay_back_of(kind: CorrectionKind, source: str, amount: Decimal, reason: str, content: Any) -> PayBack:
    """What a kept request asks for."""
    how = content[0]
    return PayBack(
        kind=kind,
        source=source,
        amount=amount,
        paid_on=how["paid_on"],
        method=how["method"],
        reference=how["reference"],
        reason=reason,
    )


def _propose(
    session: Session,
    actor: Actor,
    asked: PayBack,
    dealer_id: int,
    today: date,
    at: datetime,
    alone_max: Decimal,
) -> Correction:
    faults = [
        *amount_faults(asked.amount),
        *day_faults(asked.paid_on, today, "/paid_on"),
        *means_faults(asked.method, asked.reference),
        *reason_faults(asked.reason),
    ]
    if faults:
        raise Invalid(faults=faults)
    lock_account(session, dealer_id)
    _require_left(session, asked, dealer_id)
    about = {"dealer_id": dealer_id, "source": asked.source, "kind": asked.kind}
    before = session.execute(_BEFORE, about).scalar_one()
    if rules.needs_second_person(asked.amount, before, alone_max):
        return keep_request(
            session,
            actor=actor,
            dealer_id=dealer_id,
            kind=asked.kind,
            subject=asked.source,
            amount=asked.amount,
            reason=asked.reason,
            today=today,
            at=at,
            content=asked.content(),
        )
    posted = post_pay_back(session, actor=actor, asked=asked, dealer_id=dealer_id, today=today, at=at)
    return Correction(
        asked.kind, CorrectionState.APPROVED, asked.source, asked.amount, posted.document_no, posted.period
    )


def _require_left(session: Session, asked: PayBack, dealer_id: int) -> None:
    if asked.kind is CorrectionKind.DEPOSIT_RETURN:
        require_left(deposit_of(session, asked.source), asked.amount)
        return
    found = open_of_documents(session, dealer_id, [asked.source]).get(asked.source)
    left = found.open if found is not None and found.receivable < 0 else ZERO
    if asked.amount > left:
        message = N_("%(left)s of %(number)s settles nothing; no more than that can be paid back.")
        raise Conflict("refund_exceeds_credit", message, left=money.as_text(left), number=asked.source)


def _dealer_of_credit(session: Session, number: str) -> int:
    dealer_id: int | None = session.scalar(_OF_CREDIT, {"number": number})
    if dealer_id is None:
        raise NotFound()
    return dealer_id
