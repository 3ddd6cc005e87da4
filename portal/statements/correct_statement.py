"""Correct what a statement says: one person proposes, another approves, and the next version supersedes it.

The figures of a closed month never change. What differs is how the parties, the bank and the terms are named,
and which documents of later months both sides count to this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import outbox
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Invalid
from portal.ledger.vocabulary import LedgerRight
from portal.statements.answers import LockedAnswer, lock_answer
from portal.statements.assemble import account, corrected, renamed, says_the_same
from portal.statements.company import Issuer
from portal.statements.correction_rules import documents_faults, reason_faults, require_correctable
from portal.statements.document import StatementDocument
from portal.statements.queries import document
from portal.statements.snapshot import freeze
from portal.statements.versions import later_documents
from portal.statements.vocabulary import StatementAction, StatementRight

CORRECTED = "statement.corrected"


def propose_correction(
    session: Session,
    *,
    actor: Actor,
    number: str,
    documents: Sequence[str],
    reason: str,
    issuer: Issuer,
    at: datetime,
) -> None:
    """Ask for the next version of a statement, with the later documents that belong to its month.

    Raises Invalid with every fault, Conflict while the statement is disputed, when a correction waits, and
    when it would say nothing new; NotFound, Forbidden.
    """
    actor.require(StatementRight.CLOSE)
    answer = lock_answer(session, number)
    require_correctable(answer.state)
    if _waiting(session, answer) is not None:
        raise Conflict("correction_waiting", N_("A correction of this statement waits for a decision."))
    known = {one.document_no for one in later_documents(session, number=number)}
    if faults := reason_faults(reason) + documents_faults(documents, known):
        raise Invalid(faults=faults)
    _next_version(session, answer, documents, issuer, at)
    said = {
        "dealer_id": answer.dealer_id,
        "id": answer.statement_id,
        "reason": reason.strip(),
        "documents": list(documents),
        "actor": actor.key,
        "label": actor.label,
        "at": at,
    }
    session.execute(_PROPOSE, said)
    audit.record(
        session,
        StatementAction.CORRECTION_PROPOSED,
        number,
        actor=actor,
        dealer_id=answer.dealer_id,
        after={"documents": list(documents)},
        reason=reason.strip(),
    )


def approve_correction(session: Session, *, actor: Actor, number: str, issuer: Issuer, at: datetime) -> int:
    """Issue the version that another person proposed; its number.

    The version before stays readable; what was said to it does not count for the new one. Raises Conflict
    when nothing waits or the statement is disputed, Forbidden to who proposed it, NotFound.
    """
    actor.require(LedgerRight.APPROVE)
    answer = lock_answer(session, number)
    asked = _require_waiting(session, answer)
    require_other_person(actor, asked.proposed_by)
    require_correctable(answer.state)
    issued = _next_version(session, answer, asked.documents, issuer, at)
    snapshot = orjson.dumps(freeze(issued)).decode()
    _decide(session, answer, asked, "approved", actor, at, version=issued.version, snapshot=snapshot)
    audit.record(
        session,
        StatementAction.CORRECTION_APPROVED,
        number,
        actor=actor,
        dealer_id=answer.dealer_id,
        before={"version": answer.version, "state": str(answer.state)},
        after={"version": issued.version, "proposed_by": asked.proposed_by},
    )
    outbox.add(session, CORRECTED, dealer_id=answer.dealer_id, number=number, version=issued.version)
    return issued.version


def reject_correction(session: Session, *, actor: Actor, number: str, reason: str, at: datetime) -> None:
    """Refuse what another person proposed. Raises Invalid without a reason, Conflict, NotFound, Forbidden."""
    actor.require(LedgerRight.APPROVE)
    answer = lock_answer(session, number)
    asked = _require_waiting(session, answer)
    require_other_person(actor, asked.proposed_by)
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    _decide(session, answer, asked, "rejected", actor, at, note=reason.strip())
    audit.record(
        session,
        StatementAction.CORRECTION_REJECTED,
        number,
        actor=actor,
        dealer_id=answer.dealer_id,
        after={"proposed_by": asked.proposed_by},
        reason=reason.strip(),
    )


def _next_version(
    session: Session, answer: LockedAnswer, documents: Sequence[str], issuer: Issuer, at: datetime
) -> StatementDocument:
    """The version as it would be issued now. Raises Conflict when it says what is said already."""
    before = document(session, number=answer.number, locale="zh", version=answer.version)
    dealer = account(session, dealer_id=answer.dealer_id, period=before.period)
    chosen = set(documents)
    late = [one for one in later_documents(session, number=answer.number) if one.document_no in chosen]
    version = answer.version + 1
    after = corrected(
        before,
        renamed(before, dealer, issuer),
        version=version,
        corrections=late,
        at=at.astimezone(issuer.zone),
        verify_url=issuer.verify_url(answer.dealer_id, answer.number, version),
        audit_root=dealer.audit_root,
    )
    if says_the_same(before, after):
        fix = N_("Choose the documents that belong to the month, or put the master data right first.")
        raise Conflict("nothing_corrected", N_("The new version would say what this one says."), fix=fix)
    after.assert_consistent()
    return replace(after, locale="zh")


def _waiting(session: Session, answer: LockedAnswer) -> Record | None:
    mine = {"dealer_id": answer.dealer_id, "id": answer.statement_id}
    return session.execute(_WAITING, mine).one_or_none()


def _require_waiting(session: Session, answer: LockedAnswer) -> Record:
    asked = _waiting(session, answer)
    if asked is None:
        raise Conflict("nothing_proposed", N_("No correction of this statement waits for a decision."))
    return asked


def _decide(
    session: Session,
    answer: LockedAnswer,
    asked: Record,
    state: str,
    actor: Actor,
    at: datetime,
    *,
    version: int | None = None,
    snapshot: str | None = None,
    note: str = "",
) -> None:
    decided = {
        "dealer_id": answer.dealer_id,
        "id": asked.id,
        "state": state,
        "version": version,
        "snapshot": snapshot,
        "actor": actor.key,
        "label": actor.label,
        "at": at,
        "note": note,
    }
    session.execute(_DECIDE, decided)


_WAITING = text(
    """
    SELECT id, proposed_by, documents FROM statement_correction
     WHERE (dealer_id, statement_id) = (:dealer_id, :id) AND state = 'proposed'
    """
)
_PROPOSE = text(
    """
    INSERT INTO statement_correction (dealer_id, statement_id, reason, documents, proposed_by,
                                      proposed_by_label, proposed_at)
    VALUES (:dealer_id, :id, :reason, :documents, :actor, :label, :at)
    """
)
_DECIDE = text(
    """
    UPDATE statement_correction
       SET state = :state, version = :version, snapshot = CAST(:snapshot AS jsonb), decided_by = :actor,
           decided_by_label = :label, decided_at = :at, decision_note = :note
     WHERE (dealer_id, id) = (:dealer_id, :id)
    """
)
