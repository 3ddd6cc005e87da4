"""The second person's word on a correction: it is posted as it was asked for, or it is not."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import Invalid
from portal.ledger.corrections import Correction, RequestedCorrection, lock_request
from portal.ledger.journal import Posted
from portal.ledger.open_entries import NamedDebt
from portal.ledger.paper_faults import reason_faults
from portal.ledger.pay_back import KINDS as PAID_BACK
from portal.ledger.pay_back import pay_back_of, post_pay_back
from portal.ledger.post_credit_note import Returned, post_credit_note
from portal.ledger.reverse_entry import reverse_entry
from portal.ledger.rules import CorrectionKind, CorrectionState
from portal.ledger.vocabulary import LedgerAction, LedgerRight
from portal.ledger.write_off import post_write_off

_DECIDE = text(
    """
    UPDATE correction_request
       SET state = :state, decided_by = :actor, decided_by_label = :label, decided_at = :at,
           decision_note = :note, posted_no = :posted_no
     WHERE dealer_id = :dealer_id AND id = :id
    """
)


def approve_correction(
    session: Session, *, actor: Actor, number: str, today: date, at: datetime
) -> Correction:
    """Post what another person asked for, dated `today`.

    Raises what posting it raises when the books have moved on since; Conflict when it is decided, Forbidden
    to who asked, NotFound.
    """
    actor.require(LedgerRight.APPROVE)
    asked = lock_request(session, number)
    require_other_person(actor, asked.proposed_by)
    document_no, period = _post(session, asked, actor, today, at)
    _decide(session, asked, CorrectionState.APPROVED, actor, at, posted_no=document_no)
    after = {
        "kind": str(asked.kind),
        "subject": asked.subject,
        "document": document_no,
        "proposed_by": asked.proposed_by,
    }
    audit.record(
        session, LedgerAction.CORRECTION_APPROVED, number, actor=actor, dealer_id=asked.dealer_id, after=after
    )
    return Correction(
        asked.kind, CorrectionState.APPROVED, asked.subject, asked.amount, document_no, period, number
    )


def reject_correction(
    session: Session, *, actor: Actor, number: str, reason: str, at: datetime
) -> Correction:
    """Refuse what another person asked for.

    Raises Invalid without a reason, Conflict when it is decided, Forbidden, NotFound.
    """
    actor.require(LedgerRight.APPROVE)
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    asked = lock_request(session, number)
    require_other_person(actor, asked.proposed_by)
    _decide(session, asked, CorrectionState.REJECTED, actor, at, note=reason.strip())
    after = {"kind": str(asked.kind), "subject": asked.subject, "proposed_by": asked.proposed_by}
    audit.record(
        session,
        LedgerAction.CORRECTION_REJECTED,
        number,
        actor=actor,
        dealer_id=asked.dealer_id,
        after=after,
        reason=reason.strip(),
    )
    return Correction(asked.kind, CorrectionState.REJECTED, asked.subject, asked.amount, request_no=number)


def _post(
    session: Session, asked: RequestedCorrection, actor: Actor, today: date, at: datetime
) -> tuple[str, str]:
    """Number of the document and the month it counts in."""
    if asked.kind == CorrectionKind.CREDIT_NOTE:
        lines = [Returned(**line) for line in asked.content]
        bill = post_credit_note(
            session,
            actor=actor,
            invoice_number=asked.subject,
            lines=lines,
            reason=asked.reason,
            on=today,
            at=at,
        )
        return bill.number, bill.period
    posted = _entry(session, asked, actor, today, at)
    return posted.document_no, posted.period


def _entry(session: Session, asked: RequestedCorrection, actor: Actor, today: date, at: datetime) -> Posted:
    if asked.kind in PAID_BACK:
        back = pay_back_of(asked.kind, asked.subject, asked.amount, asked.reason, asked.content)
        return post_pay_back(session, actor=actor, asked=back, dealer_id=asked.dealer_id, today=today, at=at)
    if asked.kind == CorrectionKind.WRITE_OFF:
        return post_write_off(
            session,
            actor=actor,
            dealer_id=asked.dealer_id,
            debts=[NamedDebt(one["document"], one["amount"]) for one in asked.content],
            reason=asked.reason,
            today=today,
            at=at,
        )
    return reverse_entry(
        session,
        actor=actor,
        dealer_id=asked.dealer_id,
        document_no=asked.subject,
        reason=asked.reason,
        today=today,
        at=at,
    )


def _decide(
    session: Session,
    asked: RequestedCorrection,
    state: CorrectionState,
    actor: Actor,
    at: datetime,
    *,
    note: str = "",
    posted_no: str | None = None,
) -> None:
    session.execute(
        _DECIDE,
        {
            "dealer_id": asked.dealer_id,
            "id": asked.id,
            "state": state,
            "actor": actor.key,
            "label": actor.label,
            "at": at,
            "note": note,
            "posted_no": posted_no,
        },
    )
