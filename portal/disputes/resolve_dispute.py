"""Headquarters answers a dispute, line by line, with the documents that put right what was wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.disputes.adjust import (
    adjusted_total,
    adjusting_faults,
    forget_proposed,
    keep_proposed,
    post_adjusted,
    proposed_answer,
    two_lines_of_one,
)
from portal.disputes.converse import tell_other_side
from portal.disputes.locked import LockedDispute, add_entry, end, lock_dispute
from portal.disputes.rules import (
    TEXT_MAX,
    Decision,
    DisputeState,
    EntryKind,
    Outcome,
    decision_faults,
    files_faults,
    require_open,
    text_faults,
)
from portal.disputes.vocabulary import DisputeAction
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.money import ZERO
from portal.ledger.propose_correction import propose_reversal
from portal.ledger.rules import CorrectionState, needs_second_person
from portal.ledger.rules import EntryKind as Posted
from portal.ledger.vocabulary import LedgerRight
from portal.statements.answers import LOOK_AGAIN, move
from portal.statements.rules import StatementAct


def resolve_dispute(
    session: Session,
    *,
    actor: Actor,
    number: str,
    decisions: Sequence[Decision],
    text: str,
    files: Sequence[str] = (),
    today: date,
    at: datetime,
    alone_max: Decimal,
) -> bool:
    """Answer every line; wrong payments are reversed and wrong prices adjusted with it, up to `alone_max`.

    Whether it is answered: adjustments above that wait for another person (`approve_answer`). Raises Invalid
    with every fault, Conflict for a dispute that is over or a reversal that another person has to approve
    first, NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    dispute = lock_dispute(session, number, with_account=True)
    require_open(dispute.state)
    documents = _judged(session, dispute, decisions, text, files)
    if needs_second_person(adjusted_total(decisions), ZERO, alone_max):
        if files:
            message, fix = N_("This answer waits for another person."), N_("Send files with a message.")
            raise Invalid(faults=[Fault("/files", "files_with_proposal", message, fix)])
        keep_proposed(session, dispute, decisions, text, actor=actor, at=at)
        audit.record(session, DisputeAction.PROPOSED, number, actor=actor, dealer_id=dispute.dealer_id)
        return False
    forget_proposed(session, dispute)
    _answer(session, dispute, decisions, documents, text, files, actor, today, at, alone_max)
    return True


def approve_answer(
    session: Session,
    *,
    actor: Actor,
    number: str,
    today: date,
    at: datetime,
    alone_max: Decimal,
    seen: str | None = None,
) -> None:
    """Carry out the answer that another person proposed.

    seen: the moment of the proposal that was looked at; None means whatever waits. Raises Conflict when none
    waits, when another one does or the books have moved on, Invalid likewise, Forbidden to who proposed it,
    NotFound.
    """
    actor.require(LedgerRight.APPROVE)
    dispute = lock_dispute(session, number, with_account=True)
    require_open(dispute.state)
    proposed = proposed_answer(session, number)
    if proposed is None:
        raise Conflict("nothing_proposed", N_("No answer to this dispute waits for another person."))
    require_other_person(actor, proposed.proposed_by)
    if seen not in (None, proposed.proposed_at.isoformat()):
        raise Conflict("changed_meanwhile", N_("Somebody changed this meanwhile."), fix=LOOK_AGAIN)
    documents = _judged(session, dispute, proposed.decisions, proposed.text, ())
    _answer(session, dispute, proposed.decisions, documents, proposed.text, (), actor, today, at, alone_max)


def _judged(
    session: Session,
    dispute: LockedDispute,
    decisions: Sequence[Decision],
    text: str,
    files: Sequence[str],
) -> dict[int, str]:
    """The documents of a dispute by line. Raises Invalid with everything that is wrong with an answer."""
    rows = session.execute(_LINES, {"dealer_id": dispute.dealer_id, "id": dispute.id}).all()
    documents = {row.line_no: row.document for row in rows}
    faults = decision_faults(decisions, list(documents))
    faults += text_faults("/text", text, most=TEXT_MAX) + files_faults(files)
    faults += _unknown(session, dispute, decisions, documents)
    faults += two_lines_of_one(decisions, documents)
    faults += adjusting_faults(session, dispute, decisions, documents)
    if faults:
        raise Invalid(faults=faults)
    return documents


def _answer(
    session: Session,
    dispute: LockedDispute,
    decisions: Sequence[Decision],
    documents: Mapping[int, str],
    text: str,
    files: Sequence[str],
    actor: Actor,
    today: date,
    at: datetime,
    alone_max: Decimal,
) -> None:
    number = dispute.number
    corrections = [
        _correct(session, actor, dispute, one, documents[one.line_no], today, at, alone_max)
        for one in decisions
    ]
    session.execute(_ANSWER, [_row(dispute, *one) for one in zip(decisions, corrections, strict=True)])
    move(session, dispute.answer, StatementAct.RESOLVE, at=at)
    end(session, dispute, DisputeState.RESOLVED, actor=actor, at=at)
    add_entry(
        session,
        actor=actor,
        dealer_id=dispute.dealer_id,
        dispute_id=dispute.id,
        number=number,
        kind=EntryKind.RESOLVED,
        said=text,
        files=files,
        at=at,
    )
    after = {
        "outcomes": [f"{documents[one.line_no]}: {one.outcome}" for one in decisions],
        "corrections": [one for one in corrections if one],
    }
    audit.record(
        session, DisputeAction.RESOLVED, number, actor=actor, dealer_id=dispute.dealer_id, after=after
    )
    tell_other_side(session, dispute, actor)


def _unknown(
    session: Session, dispute: LockedDispute, decisions: Sequence[Decision], documents: Mapping[int, str]
) -> list[Fault]:
    """What is reversed is a payment of this dealer's books, and what puts right another document of them.

    The dealer names documents as it likes: one of somebody else's books is none.
    """
    reversed_ones = [one for one in decisions if one.outcome is Outcome.REVERSED]
    named = [one for one in decisions if one.outcome is Outcome.DOCUMENT and one.correction.strip()]
    numbers = [documents.get(one.line_no, "") for one in reversed_ones]
    numbers += [one.correction.strip() for one in named]
    about = {"dealer_id": dispute.dealer_id, "numbers": numbers}
    kinds = {row.document_no: row.kind for row in session.execute(_POSTED, about)} if numbers else {}
    no_payment = N_("This is no payment of the dealer."), N_("Name the document that puts it right.")
    no_document = N_("The dealer's books have no such document."), N_("Post it first, then name it.")
    itself = N_("The disputed document does not put itself right."), N_("Name the one that does.")
    faults = [
        Fault(f"{one.pointer}/outcome", "not_a_payment", *no_payment)
        for one in reversed_ones
        if kinds.get(documents.get(one.line_no, "")) != Posted.PAYMENT
    ]
    for one in named:
        words = itself if one.correction.strip() == documents.get(one.line_no) else no_document
        if words is itself or one.correction.strip() not in kinds:
            faults.append(Fault(f"{one.pointer}/correction", "unknown_document", *words))
    return faults


def _correct(
    session: Session,
    actor: Actor,
    dispute: LockedDispute,
    decision: Decision,
    document: str,
    today: date,
    at: datetime,
    alone_max: Decimal,
) -> str:
    """The number of the document that puts a line right; empty where it stands."""
    if decision.outcome is Outcome.DOCUMENT:
        return decision.correction.strip()
    if decision.outcome is Outcome.STANDS:
        return ""
    if decision.outcome is Outcome.ADJUSTED:
        return post_adjusted(session, dispute, decision, document, actor=actor, on=today, at=at)
    correction = propose_reversal(
        session,
        actor=actor,
        payment_number=document,
        reason=dispute.number,
        today=today,
        at=at,
        alone_max=alone_max,
    )
    if correction.state is not CorrectionState.APPROVED:
        message = N_("Another person has to approve the reversal of %(document)s.")
        fix = N_("Ask for it on the payment's page, and name it here once it is approved.")
        raise Conflict("approval_needed", message, fix=fix, document=document)
    return document


def _row(dispute: LockedDispute, decision: Decision, correction: str) -> dict[str, object]:
    return {
        "dealer_id": dispute.dealer_id,
        "dispute_id": dispute.id,
        "line_no": decision.line_no,
        "outcome": str(decision.outcome),
        "correction": correction,
    }


_LINES = sql(
    "SELECT line_no, document FROM dispute_line WHERE (dealer_id, dispute_id) = (:dealer_id, :id)"
    " ORDER BY line_no"
)
_POSTED = sql(
    "SELECT document_no, kind FROM journal_entry"
    " WHERE dealer_id = :dealer_id AND document_no = ANY (:numbers) AND reverses_id IS NULL"
)
_ANSWER = sql(
    """
    UPDATE dispute_line SET outcome = :outcome, correction = :correction
     WHERE (dealer_id, dispute_id, line_no) = (:dealer_id, :dispute_id, :line_no)
    """
)
