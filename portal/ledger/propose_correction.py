"""Put a posted document right: at once up to an amount, above it when another person agrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.account import lock_account
from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid, NotFound
from portal.kernel.money import ZERO
from portal.ledger import rules
from portal.ledger.corrections import Correction, keep_request
from portal.ledger.paper_faults import reason_faults
from portal.ledger.post_credit_note import Returned, draft_credit_note, post_drafted
from portal.ledger.reverse_entry import reverse_entry, reversible
from portal.ledger.rules import CorrectionKind, CorrectionState
from portal.ledger.vocabulary import LedgerRight

_PAYER = text("SELECT dealer_id FROM payment WHERE number = :number")
_OF_DOCUMENT = text("SELECT dealer_id FROM account_document WHERE number = :number")
_BILLED = text(
    """
    SELECT dealer_id FROM service_invoice WHERE number = :number
    UNION ALL SELECT dealer_id FROM invoice WHERE number = :number
    """
)


def propose_reversal(
    session: Session,
    *,
    actor: Actor,
    payment_number: str,
    reason: str,
    today: date,
    at: datetime,
    alone_max: Decimal,
) -> Correction:
    """Reverse a payment up to `alone_max`; keep the request for a larger one.

    Raises Invalid without a reason, Conflict when it is reversed or asked for already, NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    dealer_id = session.scalar(_PAYER, {"number": payment_number})
    return _reversal(session, actor, dealer_id, payment_number, reason, today, at, alone_max)


def propose_service_reversal(
    session: Session,
    *,
    actor: Actor,
    invoice_number: str,
    reason: str,
    today: date,
    at: datetime,
    alone_max: Decimal,
) -> Correction:
    """Take a service invoice back whole up to `alone_max`; keep the request for a larger one.

    Raises Invalid without a reason, Conflict when it is reversed or asked for already or bills goods,
    NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    dealer_id = session.scalar(_BILLED, {"number": invoice_number})
    return _reversal(session, actor, dealer_id, invoice_number, reason, today, at, alone_max)


def propose_document_reversal(
    session: Session,
    *,
    actor: Actor,
    number: str,
    reason: str,
    today: date,
    at: datetime,
    alone_max: Decimal,
) -> Correction:
    """Reverse a deposit, a write-off or another document of an account up to `alone_max`; keep the request
    for a larger one.

    Raises Invalid without a reason, Conflict when it is reversed or asked for already, or is a deposit of
    which something was used or paid back; NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    dealer_id = session.scalar(_OF_DOCUMENT, {"number": number})
    if dealer_id is None:
        raise NotFound()
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    return _reversal(session, actor, dealer_id, number, reason, today, at, alone_max)


def _reversal(
    session: Session,
    actor: Actor,
    dealer_id: int | None,
    document_no: str,
    reason: str,
    today: date,
    at: datetime,
    alone_max: Decimal,
) -> Correction:
    if dealer_id is None:
        raise NotFound()
    lock_account(session, dealer_id)
    amount = reversible(session, dealer_id, document_no).amount or ZERO
    kind = CorrectionKind.REVERSAL
    if rules.needs_second_person(amount, ZERO, alone_max):
        return keep_request(
            session,
            actor=actor,
            dealer_id=dealer_id,
            kind=kind,
            subject=document_no,
            amount=amount,
            reason=reason,
            today=today,
            at=at,
        )
    posted = reverse_entry(
        session,
        actor=actor,
        dealer_id=dealer_id,
        document_no=document_no,
        reason=reason,
        today=today,
        at=at,
    )
    return Correction(kind, CorrectionState.APPROVED, document_no, amount, posted.document_no, posted.period)


def propose_credit_note(
    session: Session,
    *,
    actor: Actor,
    invoice_number: str,
    lines: Sequence[Returned],
    reason: str,
    on: date,
    at: datetime,
    alone_max: Decimal,
) -> Correction:
    """Credit what came back of an invoice up to `alone_max`, earlier notes of it included.

    Keep the request for more.

    Raises Invalid with every fault, Conflict when one is asked for already, NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    note = draft_credit_note(session, invoice_number=invoice_number, lines=lines, reason=reason)
    kind = CorrectionKind.CREDIT_NOTE
    if rules.needs_second_person(note.gross, note.gross_before, alone_max):
        return keep_request(
            session,
            actor=actor,
            dealer_id=note.dealer_id,
            kind=kind,
            subject=invoice_number,
            amount=note.gross,
            reason=reason,
            today=on,
            at=at,
            content=[asdict(line) for line in lines],
        )
    bill = post_drafted(session, note, actor=actor, on=on, at=at)
    return Correction(kind, CorrectionState.APPROVED, invoice_number, note.gross, bill.number, bill.period)
