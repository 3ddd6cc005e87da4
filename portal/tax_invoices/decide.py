"""What becomes of a tax invoice that differs: another person accepts it, or it is removed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.account import lock_account
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Invalid, NotFound
from portal.ledger.paper_faults import reason_faults
from portal.ledger.vocabulary import LedgerRight
from portal.tax_invoices.rules import State
from portal.tax_invoices.take_tax_invoice import tell_issued
from portal.tax_invoices.vocabulary import TaxInvoiceAction


def accept_tax_invoice(session: Session, *, actor: Actor, number: str, reason: str, at: datetime) -> None:
    """Let a tax invoice stand although it differs; whoever took it in asks another person.

    Raises Invalid without a reason, Conflict unless it differs, NotFound, Forbidden.
    """
    actor.require(LedgerRight.APPROVE)
    row = _locked(session, number, reason)
    if row.state != State.DIFFERS:
        raise Conflict("not_differing", N_("This tax invoice waits for nobody."))
    require_other_person(actor, row.taken_by)
    _move(session, actor, row, State.ACCEPTED, reason, at)
    tell_issued(session, row.dealer_id, number, row.document_no, row.gross)


def remove_tax_invoice(session: Session, *, actor: Actor, number: str, reason: str, at: datetime) -> None:
    """Take a tax invoice off its document; file and verdict stay on record, the number is free again.

    Raises Invalid without a reason, Conflict while a red-letter invoice takes it back, NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    row = _locked(session, number, reason)
    about = {"dealer_id": row.dealer_id, "number": number}
    if red := session.execute(_RED, about).scalar():
        raise Conflict(
            "has_red_letter", N_("Tax invoice %(number)s takes this one back; remove that first."), number=red
        )
    _move(session, actor, row, State.REMOVED, reason, at)


def _locked(session: Session, number: str, reason: str) -> Record:
    """The tax invoice under its dealer's account, as it is once nobody else changes it."""
    about = {"number": number}
    first = session.execute(_FIND, about).one_or_none()
    if first is None:
        raise NotFound()
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    lock_account(session, first.dealer_id)
    row = session.execute(_FIND, about).one_or_none()
    if row is None:
        raise Conflict("tax_invoice_removed", N_("Somebody removed it meanwhile."))
    return row


def _move(session: Session, actor: Actor, row: Record, state: State, reason: str, at: datetime) -> None:
    accepted = state is State.ACCEPTED
    about = {
        "dealer_id": row.dealer_id,
        "id": row.id,
        "state": state,
        "reason": reason.strip(),
        "by": actor.key if accepted else row.accepted_by,
        "label": actor.label if accepted else row.accepted_by_label,
        "at": at if accepted else row.accepted_at,
    }
    session.execute(_MOVE, about)
    audit.record(
        session,
        TaxInvoiceAction.ACCEPTED if accepted else TaxInvoiceAction.REMOVED,
        row.number,
        actor=actor,
        dealer_id=row.dealer_id,
        after={"document": row.document_no},
        reason=reason.strip(),
    )


_FIND = text(
    """
    SELECT dealer_id, id, number, document_no, gross, state, taken_by, accepted_by, accepted_by_label,
           accepted_at
      FROM tax_invoice WHERE number = :number AND state <> 'removed'
    """
)
_RED = text(
    """
    SELECT number FROM tax_invoice
     WHERE (dealer_id, blue_no) = (:dealer_id, :number) AND state <> 'removed' LIMIT 1
    """
)
_MOVE = text(
    """
    UPDATE tax_invoice SET state = :state, reason = :reason, accepted_by = :by, accepted_by_label = :label,
           accepted_at = :at
     WHERE (dealer_id, id) = (:dealer_id, :id)
    """
)
