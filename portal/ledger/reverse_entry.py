"""Undo a posted entry by posting its opposite; the first stays as it was."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.account import lock_account
from portal.kernel import money, outbox
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Invalid, NotFound
from portal.ledger import rules
from portal.ledger.deposits import spent_of
from portal.ledger.journal import Entry, Posted, post
from portal.ledger.open_entries import require_not_written_off
from portal.ledger.paper_faults import reason_faults
from portal.ledger.rules import EntryKind
from portal.ledger.vocabulary import LedgerAction, LedgerRight, LedgerTold

_ENTRY = text(
    """
    SELECT e.id, e.kind, e.occurred_on, e.reference, e.receivable, r.id IS NOT NULL AS reversed,
           (SELECT sum(l.amount) FROM journal_line l
             WHERE (l.dealer_id, l.entry_id) = (e.dealer_id, e.id) AND l.amount > 0) AS amount
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
    """Post the opposite of a payment, a service invoice or a document of the account, dated `today`.

    Raises Invalid without a reason, Conflict when it is reversed already, when it is an invoice or credit
    note of goods, a deposit of which something was used or paid back, or a debt of which something was
    written off; NotFound, Forbidden.
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
    told = {"number": document_no, "kind": row.kind, "amount": money.as_text(row.amount)}
    outbox.add(session, LedgerTold.REVERSED, dealer_id=dealer_id, **told)
    return posted


def reversible(session: Session, dealer_id: int, document_no: str) -> Record:
    """The entry with its `amount`, if it can be reversed.

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
    if row.kind == EntryKind.DEPOSIT and (spent := spent_of(session, dealer_id, document_no)):
        message = N_("%(spent)s of this deposit was used or paid back.")
        fix = N_("Reverse that first.")
        raise Conflict("deposit_spent", message, fix=fix, spent=money.as_text(spent))
    require_not_written_off(session, dealer_id, document_no)
    return row
