"""Issue one dealer's statement for a month: figures from the ledger, proven, rendered and kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import clock, money, numbering, outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.ledger.snapshots import keep_snapshot
from portal.statements.assemble import Stamp, account, assemble
from portal.statements.company import Issuer
from portal.statements.document import StatementDocument
from portal.statements.models import Statement, StatementPdf
from portal.statements.papers import LOCALES, make_paper
from portal.statements.snapshot import freeze
from portal.statements.vocabulary import StatementAction, StatementRight

if TYPE_CHECKING:
    from portal.statements.signing import PaperSigner


@dataclass(frozen=True, slots=True)
class Issued:
    """A statement that came into being now."""

    number: str
    dealer_id: int
    closing: Decimal


def issue_statement(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    period: str,
    issuer: Issuer,
    at: datetime,
    signer: PaperSigner | None = None,
) -> Issued | None:
    """Issue the statement of a period that is shut; None when the dealer has it already.

    The PDF is rendered, and signed, in the same transaction: a statement without its paper is not seen.
    Raises
    InconsistentStatement, and issues nothing, when the figures contradict each other; Conflict while the
    period is open, NotFound, Forbidden.
    """
    actor.require(StatementRight.CLOSE)
    dealer = account(session, dealer_id=dealer_id, period=period)
    if dealer.issued:
        return None
    if dealer.period_state == "open":
        raise Conflict("period_open", N_("%(period)s is still open: documents may follow."), period=period)
    stamp = Stamp(numbering.new_number("ST", clock.last_day(period)), at)
    document = assemble(session, dealer, period=period, stamp=stamp, issuer=issuer, locale=LOCALES[0])
    if not _keep(session, dealer_id, document, signer, at):
        return None
    keep_snapshot(session, dealer_id=dealer_id, period=period, at=at)
    after = {"period": period, "closing": money.as_text(document.closing)}
    audit.record(
        session, StatementAction.STATEMENT_ISSUED, stamp.number, actor=actor, dealer_id=dealer_id, after=after
    )
    outbox.add(session, "statement.issued", dealer_id=dealer_id, number=stamp.number)
    return Issued(stamp.number, dealer_id, document.closing)


def _keep(
    session: Session, dealer_id: int, document: StatementDocument, signer: PaperSigner | None, at: datetime
) -> bool:
    """Write statement, snapshot and paper in one statement.

    False when somebody else issued it in the same instant.
    """
    paper = make_paper(document, signer, at=at)
    issued = (
        insert(Statement)
        .values(dealer_id=dealer_id, issued_at=at, snapshot=freeze(document), **_figures(document))
        .on_conflict_do_nothing(index_elements=["dealer_id", "period"])
        .returning(Statement.id)
        .cte("issued")
    )
    columns = ["dealer_id", "statement_id", "locale", "content", "sha256", "rendered_at"]
    columns += ["signed_by", "certificate"]
    values = select(
        literal(dealer_id, BigInteger),
        issued.c.id,
        literal(document.locale),
        literal(paper.content),
        literal(paper.sha256),
        literal(at),
        literal(paper.signed_by),
        literal(paper.certificate),
    )
    kept = insert(StatementPdf).from_select(columns, values).returning(StatementPdf.statement_id)
    return session.scalar(kept) is not None


def _figures(document: StatementDocument) -> dict[str, object]:
    ageing = document.ageing
    return {
        "number": document.number,
        "period": document.period,
        "currency": document.currency,
        "opening": document.opening,
        "debits": document.total_debit,
        "credits": document.total_credit,
        "closing": document.closing,
        "current_due": ageing.current,
        "days_1_30": ageing.d1_30,
        "days_31_60": ageing.d31_60,
        "days_61_90": ageing.d61_90,
        "days_over_90": ageing.over_90,
        "unallocated": ageing.unallocated,
        "line_count": len(document.lines),
    }
