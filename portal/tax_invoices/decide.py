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
from portal.tax_invoices.take_tax_invoice import left_of, tell_issued
from portal.tax_invoices.vocabulary import TaxInvoiceAction


def accept_tax_invoice(
    session: Session, *, actor: Actor, number: str, reason: str, at: datetime, sha256: str | None = None
) -> None:
    """Let a tax invoice stand although it differs; whoever took it in asks another person.

    sha256: of the file that was looked at; None means whichever is there. Raises Invalid without a reason,
    Conflict unless it differs, NotFound, Forbidden.
    """
    actor.require(LedgerRight.APPROVE)
    row = _locked(session, number, reason, sha256)
    if row.state != State.DIFFERS:
        raise Conflict("not_differing", N_("This tax invoice waits for nobody."))
    require_other_person(actor, row.taken_by)
    _move(session, actor, row, State.ACCEPTED, reason, at)
    tell_issued(session, row.dealer_id, number, row.document_no, row.gross)


def remove_tax_invoice(
    session: Session, *, actor: Actor, number: str, reason: str, at: datetime, sha256: str | None = None
) -> None:
    """Take a tax invoice off its document; file and verdict stay on record, the number is free again.

    sha256: as for `accept_tax_invoice`. Raises Invalid without a reason, Conflict while a red-letter invoice
    takes it back, or while another one stands in the place of what it takes back; NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    row = _locked(session, number, reason, sha256)
    about = {"dealer_id": row.dealer_id, "number": number}
    if red := session.execute(_RED, about).scalar():
        raise Conflict(
            "has_red_letter", N_("Tax invoice %(number)s takes this one back; remove that first."), number=red
        )
    if row.blue_no:
        _require_alone(session, row)
    _move(session, actor, row, State.REMOVED, reason, at)


def _require_alone(session: Session, red: Record) -> None:
    """Without a red-letter invoice what it took back stands again: beside nothing else of its document."""
    about = {"dealer_id": red.dealer_id, "blue": red.blue_no}
    for row in session.execute(_BESIDE, about):
        if left_of(session, red.dealer_id, row.number):
            raise Conflict(
                "has_tax_invoice",
                N_("%(document)s has tax invoice %(number)s already."),
                fix=N_("Remove that one, or have it taken back by a red-letter invoice first."),
                document=row.document_no,
                number=row.number,
            )


def _locked(session: Session, number: str, reason: str, sha256: str | None) -> Record:
    """The tax invoice under its dealer's account, as it is once nobody else changes it."""
    about = {"number": number}
    first = session.execute(_FIND, about).one_or_none()
    if first is None:
        raise NotFound()
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    lock_account(session, first.dealer_id)
    row = session.execute(_FIND, about).one_or_none()
    if row is None or row.id != first.id or sha256 not in (None, row.sha256):  # another file by now
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
    SELECT dealer_id, id, number, document_no, blue_no, gross, state, taken_by, accepted_by,
           accepted_by_label, accepted_at, sha256
      FROM tax_invoice WHERE number = :number AND state <> 'removed'
    """
)
_RED = text(
    """
    SELECT number FROM tax_invoice
     WHERE (dealer_id, blue_no) = (:dealer_id, :number) AND state <> 'removed' LIMIT 1
    """
)
_BESIDE = text(
    """
    SELECT o.number, o.document_no
      FROM tax_invoice b
      JOIN tax_invoice o ON (o.dealer_id, o.document_no) = (b.dealer_id, b.document_no)
                        AND o.id <> b.id AND o.state <> 'removed'
     WHERE b.dealer_id = :dealer_id AND b.number = :blue AND b.state <> 'removed'
    """
)
_MOVE = text(
    """
    UPDATE tax_invoice SET state = :state, reason = :reason, accepted_by = :by, accepted_by_label = :label,
           accepted_at = :at
     WHERE (dealer_id, id) = (:dealer_id, :id)
    """
)
