"""Give up debts that nobody is going to pay (坏账核销): above an amount when another person agrees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.dealers.account import lock_account
from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid
from portal.kernel.money import ZERO
from portal.ledger import postings, rules
from portal.ledger.account_documents import Draft, post_account_document
from portal.ledger.corrections import Correction, keep_request
from portal.ledger.journal import Posted
from portal.ledger.kinds import CorrectionKind, CorrectionState, DocumentKind
from portal.ledger.open_entries import NamedDebt, settled_of, written_off
from portal.ledger.paper_faults import plain, reason_faults
from portal.ledger.vocabulary import LedgerRight


def propose_write_off(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    debts: Sequence[NamedDebt],
    reason: str,
    today: date,
    at: datetime,
    alone_max: Decimal,
) -> Correction:
    """Write named debts off up to `alone_max`, earlier write-offs of them included, or keep the request.

    Raises Invalid with every fault, Conflict when the first of them waits already, NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    lock_account(session, dealer_id)
    faults = reason_faults(plain(reason))
    try:
        settled = settled_of(session, dealer_id, debts)
    except Invalid as refusal:
        raise Invalid(faults=[*refusal.faults, *faults]) from None
    if faults:
        raise Invalid(faults=faults)
    amount, numbers = sum((share for _, share in settled), ZERO), [number for number, _ in settled]
    before = sum(written_off(session, dealer_id, numbers).values(), ZERO)
    if rules.needs_second_person(amount, before, alone_max):
        return keep_request(
            session,
            actor=actor,
            dealer_id=dealer_id,
            kind=CorrectionKind.WRITE_OFF,
            subject=numbers[0],
            amount=amount,
            reason=plain(reason),
            today=today,
            at=at,
            content=[{"document": number, "amount": money.as_text(share)} for number, share in settled],
        )
    posted = post_write_off(
        session,
        actor=actor,
        dealer_id=dealer_id,
        debts=[NamedDebt(*one) for one in settled],
        reason=plain(reason),
        today=today,
        at=at,
    )
    return Correction(
        CorrectionKind.WRITE_OFF,
        CorrectionState.APPROVED,
        numbers[0],
        amount,
        posted.document_no,
        posted.period,
    )


def post_write_off(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    debts: Sequence[NamedDebt],
    reason: str,
    today: date,
    at: datetime,
) -> Posted:
    """Give the debts up on `today`. The caller has the account locked.

    Raises Invalid when less is open of them by now, Forbidden.
    """
    actor.require(LedgerRight.POST, LedgerRight.APPROVE)
    settled = settled_of(session, dealer_id, debts)
    amount = sum((share for _, share in settled), ZERO)
    draft = Draft(
        dealer_id=dealer_id,
        kind=DocumentKind.WRITE_OFF,
        amount=amount,
        occurred_on=today,
        lines=postings.write_off_entry(amount),
        reason=reason,
        exactly=settled,
    )
    return post_account_document(session, draft, actor=actor, today=today, at=at)
