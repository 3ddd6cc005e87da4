"""Corrected versions of statements: proposed by one person, issued or refused by another."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.statements import (
    CorrectableStatementShape,
    StatementCorrectionBody,
    StatementCorrectionPage,
    StatementCorrectionRejectionBody,
    StatementCorrectionShape,
    StatementCorrectionsQuery,
)
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.ledger.vocabulary import LedgerRight
from portal.statements.answers import answer_of
from portal.statements.content import correction_content
from portal.statements.correct_statement import approve_correction, propose_correction, reject_correction
from portal.statements.correction_queries import CorrectionDetail, corrections, corrections_in_detail
from portal.statements.versions import later_documents
from portal.statements.vocabulary import StatementRight
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session
from portal.web.statement_page import current_issuer

APPROVERS = (LedgerRight.APPROVE,)
READERS = (LedgerRight.READ, *APPROVERS, StatementRight.CLOSE)


@operation(
    "GET",
    "/hq/statement-corrections",
    tag=HEADQUARTERS,
    rights=READERS,
    query=StatementCorrectionsQuery,
    answers=StatementCorrectionPage,
    summary=N_("Corrections of statements, with what each changes"),
    about=N_("The latest first; those that wait for another person by `state=proposed`."),
)
def index(query: StatementCorrectionsQuery) -> dict[str, Any]:
    page = corrections(
        current_session(),
        issuer=current_issuer(),
        state=query.state or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_shown(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/statement-corrections/<number>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=CorrectableStatementShape,
    summary=N_("The corrections of one statement"),
    about=N_("With the documents of later months that the next one may name."),
)
def show(number: str) -> dict[str, Any]:
    session = current_session()
    answer = answer_of(session, number)
    asked = corrections_in_detail(session, number=number, issuer=current_issuer())
    return {
        "statement": number,
        "version": answer.current,
        "items": [_shown(one) for one in asked],
        "later": [correction_content(one) for one in later_documents(session, number=number)],
    }


@operation(
    "POST",
    "/hq/statement-corrections/<number>",
    tag=HEADQUARTERS,
    rights=(StatementRight.CLOSE,),
    body=StatementCorrectionBody,
    answers=StatementCorrectionShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/hq/statement-corrections/{statement}",
    summary=N_("Propose the next version of a statement"),
    about=N_(
        "Figures and lines stay as they are: the month is closed. It names both companies, bank and terms as "
        "they are today, and the later documents that belong to the month. Another person issues it."
    ),
)
def propose(number: str, body: StatementCorrectionBody) -> Answer:
    propose_correction(
        current_session(),
        actor=current_actor(),
        number=number,
        documents=body.documents,
        reason=body.reason,
        issuer=current_issuer(),
        at=clock.now(),
    )
    return Answer(_latest(number), 201)


@operation(
    "POST",
    "/hq/statement-corrections/<number>/approval",
    tag=HEADQUARTERS,
    rights=APPROVERS,
    answers=StatementCorrectionShape,
    conflicts=True,
    summary=N_("Issue the next version of a statement"),
    about=N_(
        "It supersedes the one before, and the dealer confirms anew. Whoever proposed it does not approve it."
    ),
)
def approve(number: str) -> dict[str, Any]:
    approve_correction(
        current_session(), actor=current_actor(), number=number, issuer=current_issuer(), at=clock.now()
    )
    return _latest(number)


@operation(
    "POST",
    "/hq/statement-corrections/<number>/rejection",
    tag=HEADQUARTERS,
    rights=APPROVERS,
    body=StatementCorrectionRejectionBody,
    answers=StatementCorrectionShape,
    creates=True,
    conflicts=True,
    summary=N_("Refuse a correction of a statement"),
    about=N_("The current version stands. Whoever proposed it does not refuse it."),
)
def reject(number: str, body: StatementCorrectionRejectionBody) -> dict[str, Any]:
    reject_correction(
        current_session(), actor=current_actor(), number=number, reason=body.reason, at=clock.now()
    )
    return _latest(number)


def _latest(number: str) -> dict[str, Any]:
    """The correction that was just proposed or decided: a statement has one at a time."""
    asked = corrections_in_detail(current_session(), number=number, issuer=current_issuer(), limit=1)
    return _shown(asked[0])


def _shown(one: CorrectionDetail) -> dict[str, Any]:
    return {
        "statement": one.number,
        "dealer": one.dealer_code,
        "period": one.period,
        "state": one.state,
        "version": one.version,
        "reason": one.reason,
        "documents": one.named,
        "proposed_by": one.proposed_by_label,
        "proposed_at": one.proposed_at,
        "decided_by": one.decided_by_label,
        "decided_at": one.decided_at,
        "decision_note": one.decision_note,
        "changes": [
            {"what": change.what, "before": change.before, "after": change.after} for change in one.changes
        ],
        "documents_before": [correction_content(late) for late in one.documents_before],
        "documents_after": [correction_content(late) for late in one.documents_after],
        "closing_before": one.closing_before,
        "closing_after": one.closing_after,
    }
