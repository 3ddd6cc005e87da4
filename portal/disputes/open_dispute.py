"""A dealer disputes documents of a statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.disputes.locked import add_entry
from portal.disputes.rules import (
    TEXT_MAX,
    DisputedLine,
    EntryKind,
    files_faults,
    line_faults,
    plain,
    text_faults,
)
from portal.disputes.vocabulary import OPENED, DisputeAction
from portal.kernel import money, numbering
from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid
from portal.kernel.money import ZERO
from portal.notifications.tell import announce
from portal.statements.answers import lock_answer, move
from portal.statements.queries import document
from portal.statements.rules import StatementAct, after
from portal.statements.vocabulary import StatementRight


def open_dispute(
    session: Session,
    *,
    actor: Actor,
    statement: str,
    lines: Sequence[DisputedLine],
    note: str = "",
    files: Sequence[str] = (),
    today: date,
    at: datetime,
) -> str:
    """Dispute documents of a statement, each with its amount and reason; the number of the dispute.

    The statement is disputed until somebody answers, or it is taken back. Raises Invalid with every fault,
    Conflict for a statement that is confirmed or disputed already, NotFound, Forbidden.
    """
    actor.require(StatementRight.CONFIRM)
    answer = lock_answer(session, statement)
    after(answer.state, StatementAct.DISPUTE)
    listed = _documents(session, statement)
    faults = line_faults(lines, listed) + text_faults("/note", note, most=TEXT_MAX, needed=False)
    if faults := faults + files_faults(files):
        raise Invalid(faults=faults)
    move(session, answer, StatementAct.DISPUTE, at=at)
    number = numbering.new_number("DP", today)
    amount = sum((line.amount for line in lines), ZERO)
    head = {
        "dealer_id": answer.dealer_id,
        "number": number,
        "statement_id": answer.statement_id,
        "amount": amount,
        "actor": actor.key,
        "label": actor.label,
        "at": at,
    }
    dispute_id = session.execute(_DISPUTE, head).scalar_one()
    rows = [_row(line, place) for place, line in enumerate(lines, start=1)]
    session.execute(_LINE, [row | {"dealer_id": answer.dealer_id, "dispute_id": dispute_id} for row in rows])
    add_entry(
        session,
        actor=actor,
        dealer_id=answer.dealer_id,
        dispute_id=dispute_id,
        number=number,
        kind=EntryKind.OPENED,
        said=note,
        files=files,
        at=at,
    )
    told = {"statement": statement, "amount": money.as_text(amount), "lines": len(lines)}
    audit.record(session, DisputeAction.OPENED, number, actor=actor, dealer_id=answer.dealer_id, after=told)
    announce(
        session,
        event=OPENED,
        dealer_id=answer.dealer_id,
        path=f"/hq/disputes/{number}",
        facts={"number": number, "statement": statement, "amount": money.as_text(amount)},
    )
    return number


def _documents(session: Session, statement: str) -> dict[str, Decimal]:
    """The documents of a statement with what each moved the balance by, without its sign."""
    found: dict[str, Decimal] = {}
    for line in document(session, number=statement, locale="zh").lines:
        moved = max(line.debit, line.credit)
        found[line.document_no] = max(moved, found.get(line.document_no, ZERO))
    return found


def _row(line: DisputedLine, place: int) -> dict[str, object]:
    return {
        "line_no": place,
        "document": line.document,
        "amount": line.amount,
        "kind": str(line.kind),
        "reason": plain(line.reason),
    }


_DISPUTE = text(
    """
    INSERT INTO dispute (dealer_id, number, statement_id, amount, opened_by, opened_by_label, opened_at)
    VALUES (:dealer_id, :number, :statement_id, :amount, :actor, :label, :at) RETURNING id
    """
)
_LINE = text(
    """
    INSERT INTO dispute_line (dealer_id, dispute_id, line_no, document, amount, kind, reason)
    VALUES (:dealer_id, :dispute_id, :line_no, :document, :amount, :kind, :reason)
    """
)
