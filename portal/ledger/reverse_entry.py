"""Undo a posted entry by posting its opposite; the first stays as it was."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.account import lock_account
from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.ledger import rules
from portal.ledger.journal import Entry, Posted, post
from portal.ledger.rules import EntryKind
from portal.ledger.vocabulary import LedgerAction, LedgerRight

REASON_MAX = 500  # characters

_ENTRY = text(
    """
    SELECT e.id, e.kind, e.occurred_on, e.reference, e.receivable, r.id IS NOT NULL AS reversed
      FROM journal_entry e
      LEFT JOIN journal_entry r ON r.dealer_id = e.dealer_id AND r.reverses_id = e.id
     WHERE e.dealer_id = :dealer_id AND e.document_no = :document_no AND e.reverses_id IS NULL
    """
)
_LINES = text(
    "SELECT account, amount FROM journal_line WHERE dealer_id = :dealer_id AND entry_id = :entry_id"
    " ORDER BY account"
)


def reverse_entry(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    document_no: str,
    reason: str,
    today: date,
    at: datetime,
) -> Posted:
    """Post the opposite of a payment, an opening balance or a service invoice, dated `today`.

    Raises Invalid without a reason, Conflict when it is reversed already or is an invoice or credit note of
    goods, NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST, LedgerRight.APPROVE)
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    lock_account(session, dealer_id)
    row = reversible(session, dealer_id, document_no)
    lines = session.execute(_LINES, {"dealer_id": dealer_id, "entry_id": row.id}).all()
    entry = Entry(
        dealer_id,
        EntryKind.REVERSAL,
        document_no,
        today,
        rules.reversal_entry((line.account, line.amount) for line in lines),
        reference=row.reference,
        reverses_id=row.id,
    )
    posted = post(session, entry, actor=actor, at=at)
    after = {"amount": money.as_text(posted.receivable), "period": posted.period}
    audit.record(
        session,
        LedgerAction.ENTRY_REVERSED,
        document_no,
        actor=actor,
        dealer_id=dealer_id,
        after=after,
        reason=reason.strip(),
    )
    return posted


def reason_faults(reason: str) -> list[Fault]:
    """What is wrong with why an entry is reversed."""
    if not reason.strip():
        return [Fault("/reason", "reason_missing", N_("Say why."), N_("Enter the reason."))]
    if len(reason) > REASON_MAX:
        return [
            Fault(
                "/reason",
                "too_long",
                N_("At most %(max_length)s characters."),
                N_("Shorten it."),
                {"max_length": REASON_MAX},
            )
        ]
    return []


def reversible(session: Session, dealer_id: int, document_no: str) -> Record:
    """The entry with its `receivable`, if it can be reversed.

    The caller has the account locked. Raises NotFound, Conflict.
    """
    row = session.execute(_ENTRY, {"dealer_id": dealer_id, "document_no": document_no}).one_or_none()
    if row is None:
        raise NotFound()
    if row.kind not in rules.REVERSIBLE:
        fix = N_("Post a credit note for the returned goods.")
        raise Conflict("not_reversible", N_("An invoice or credit note is not reversed."), fix=fix)
    if row.reversed:
        raise Conflict("already_reversed", N_("This entry has already been reversed."))
    return row
