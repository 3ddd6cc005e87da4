"""Monthly statements, on screen and on paper."""

from __future__ import annotations

from typing import Any

from flask import Response

from portal import clock
from portal.blueprints.api.operations import PDF, Tag, operation
from portal.blueprints.api.schemas.account import StatementPage, StatementShape, StatementsQuery
from portal.errors import N_
from portal.identity.rules import Right
from portal.presentation import in_language
from portal.request import current_actor, current_session, portal
from portal.statements import queries
from portal.statements.document import DueItem, StatementDocument, StatementLine
from portal.statements.ensure_pdf import ensure_pdf
from portal.statements.issuer import Issuer
from portal.statements.queries import StatementRow

READERS = (Right.STATEMENTS_READ, Right.HQ_FINANCE)


@operation(
    "GET", "/statements", tag=Tag.ACCOUNT, rights=READERS, query=StatementsQuery, answers=StatementPage,
    summary=N_("Statements, the latest month first"),
    about=N_("Of the dealer, or of all dealers that headquarters' actor may see."),
)  # fmt: skip
def index(query: StatementsQuery) -> dict[str, Any]:
    page = queries.statements(
        current_session(), dealer_id=current_actor().dealer_id, period=query.period, limit=query.limit, cursor=query.cursor
    )
    return {"items": [_summary(row) for row in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET", "/statements/<number>", tag=Tag.ACCOUNT, rights=READERS, answers=StatementShape,
    summary=N_("One statement with every document, its ageing and what is open"),
    about=N_("Equal to the sum of its ledger lines, to the fen."),
)  # fmt: skip
def show(number: str) -> dict[str, Any]:
    row = queries.statement(current_session(), number)
    document = queries.document(current_session(), number=number, issuer=Issuer.of(portal().settings), locale=_language())
    return _summary(row) | _content(document)


@operation(
    "GET", "/statements/<number>.pdf", tag=Tag.ACCOUNT, rights=READERS, media=PDF, summary=N_("The statement as PDF"),
    about=N_("In the language of Accept-Language. Every download is written to the audit."),
)  # fmt: skip
def pdf(number: str) -> Response:
    paper = ensure_pdf(
        current_session(), actor=current_actor(), number=number, locale=_language(), issuer=Issuer.of(portal().settings), at=clock.now()
    )
    headers = {"Content-Disposition": f'attachment; filename="{paper.filename}"'}
    return Response(paper.content, mimetype=PDF, headers=headers)


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
    }


def _content(document: StatementDocument) -> dict[str, Any]:
    ageing = document.ageing
    return {
        "lines": [_line(line) for line in document.lines],
        "ageing": {
            "current_due": ageing.current,
            "days_1_30": ageing.d1_30,
            "days_31_60": ageing.d31_60,
            "days_61_90": ageing.d61_90,
            "days_over_90": ageing.over_90,
            "unallocated": ageing.unallocated,
        },
        "open_items": [_open_item(item, document) for item in document.due],
    }


def _line(line: StatementLine) -> dict[str, Any]:
    return {
        "date": line.date,
        "kind": str(line.kind),
        "document_no": line.document_no,
        "reference": line.reference,
        "debit": line.debit,
        "credit": line.credit,
        "balance": line.balance,
    }


def _open_item(item: DueItem, document: StatementDocument) -> dict[str, Any]:
    return {
        "document_no": item.document_no,
        "issued_on": item.date,
        "due_on": item.due_date,
        "open_amount": item.open_amount,
        "days_overdue": item.days_overdue(document.period_end),
    }
