"""Monthly statements, on screen and on paper."""

from __future__ import annotations

from typing import Any

from flask import Response

from portal.blueprints.api.schemas.account import StatementPage, StatementShape, StatementsQuery, VersionQuery
from portal.kernel.errors import N_
from portal.ledger.manifest import CHAPTER
from portal.ledger.vocabulary import LedgerRight
from portal.statements import queries
from portal.statements.answers import answer_of
from portal.statements.content import content_of
from portal.statements.queries import StatementRow
from portal.statements.vocabulary import StatementRight
from portal.statements.workbook import XLSX, workbook_of
from portal.web.api.buyer import named_dealer
from portal.web.api.operations import PDF, operation
from portal.web.presentation import in_language
from portal.web.request import current_actor, current_session
from portal.web.statement_page import paper_of, verify_address

READERS = (StatementRight.READ, LedgerRight.READ)


@operation(
    "GET",
    "/statements",
    tag=CHAPTER,
    rights=READERS,
    query=StatementsQuery,
    answers=StatementPage,
    summary=N_("Statements, the latest month first"),
    about=N_("Of the dealer, or of all dealers that headquarters' actor may see."),
)
def index(query: StatementsQuery) -> dict[str, Any]:
    page = queries.statements(
        current_session(),
        dealer_id=named_dealer(query.dealer),
        period=query.period,
        state=query.state or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_summary(row) for row in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/statements/<number>",
    tag=CHAPTER,
    rights=READERS,
    query=VersionQuery,
    answers=StatementShape,
    summary=N_("One statement with every document, its ageing and what is open"),
    about=N_("Equal to the sum of its ledger lines, to the fen."),
)
def show(number: str, query: VersionQuery) -> dict[str, Any]:
    document = queries.document(current_session(), number=number, locale=_language(), version=query.version)
    answer = answer_of(current_session(), number, query.version)
    signed = answer.confirmation
    return (
        {"corrections": []}
        | content_of(document)
        | {
            "state": answer.state,
            "confirmation": signed
            and {
                "name": signed.name,
                "by_clause": signed.by_clause,
                "confirmed_at": signed.at,
                "sha256": signed.sha256,
            },
            "version": document.version,
            "current_version": answer.current,
            "corrected_closing": document.corrected_closing,
            "verify_url": verify_address(document, answer),
            "audit_root": document.audit_root,
        }
    )


@operation(
    "GET",
    "/statements/<number>.pdf",
    tag=CHAPTER,
    rights=READERS,
    query=VersionQuery,
    media=PDF,
    summary=N_("The statement as PDF"),
    about=N_(
        "In the language of Accept-Language, electronically signed where the portal has a certificate, with "
        "the statement as JSON inside. While it is being signed the answer is 503 with Retry-After. Every "
        "download is written to the audit."
    ),
)
def pdf(number: str, query: VersionQuery) -> Response:
    paper = paper_of(number, _language(), query.version)
    headers = {"Content-Disposition": f'attachment; filename="{paper.filename}"'}
    return Response(paper.content, mimetype=PDF, headers=headers)


@operation(
    "GET",
    "/statements/<number>.xlsx",
    tag=CHAPTER,
    rights=READERS,
    query=VersionQuery,
    media=XLSX,
    summary=N_("The statement as a workbook"),
    about=N_("The same figures as numbers to reckon on with. Every download is written to the audit."),
)
def workbook(number: str, query: VersionQuery) -> Response:
    book = workbook_of(
        current_session(), actor=current_actor(), number=number, locale=_language(), version=query.version
    )
    headers = {"Content-Disposition": f'attachment; filename="{book.filename}"'}
    return Response(book.content, mimetype=XLSX, headers=headers)


def _language() -> str:
    return in_language("zh", "en")


def _summary(row: StatementRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "period": row.period,
        "dealer": row.dealer_code,
        "currency": row.currency,
        "opening": row.opening,
        "debits": row.debits,
        "credits": row.credits,
        "closing": row.closing,
        "overdue": row.overdue,
        "line_count": row.line_count,
        "issued_at": row.issued_at,
        "state": row.state,
        "version": row.version,
    }
