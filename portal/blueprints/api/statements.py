"""Monthly statements, on screen and on paper."""

from __future__ import annotations

from typing import Any

from flask import Response

from portal.blueprints.api.schemas.account import StatementPage, StatementShape, StatementsQuery
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.ledger.manifest import CHAPTER
from portal.ledger.vocabulary import LedgerRight
from portal.statements import queries
from portal.statements.document import DueItem, Party, StatementDocument, StatementLine
from portal.statements.ensure_pdf import ensure_pdf
from portal.statements.queries import StatementRow
from portal.statements.vocabulary import StatementRight
from portal.web.api.buyer import named_dealer
from portal.web.api.operations import PDF, operation
from portal.web.presentation import in_language
from portal.web.request import current_actor, current_session

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
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_summary(row) for row in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/statements/<number>",
    tag=CHAPTER,
    rights=READERS,
    answers=StatementShape,
    summary=N_("One statement with every document, its ageing and what is open"),
    about=N_("Equal to the sum of its ledger lines, to the fen."),
)
def show(number: str) -> dict[str, Any]:
    return _whole(queries.document(current_session(), number=number, locale=_language()))


@operation(
    "GET",
    "/statements/<number>.pdf",
    tag=CHAPTER,
    rights=READERS,
    media=PDF,
    summary=N_("The statement as PDF"),
    about=N_("In the language of Accept-Language. Every download is written to the audit."),
)
def pdf(number: str) -> Response:
    paper = ensure_pdf(
        current_session(), actor=current_actor(), number=number, locale=_language(), at=clock.now()
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


def _whole(document: StatementDocument) -> dict[str, Any]:
    ageing = document.ageing
    return {
        "number": document.number,
        "period": document.period,
        "dealer": document.dealer.code,
        "currency": document.currency,
        "opening": document.opening,
        "debits": document.total_debit,
        "credits": document.total_credit,
        "closing": document.closing,
        "overdue": ageing.overdue,
        "line_count": len(document.lines),
        "issued_at": document.issued_at,
        "addressee": _party(document.dealer),
        "issuer": _party(document.issuer),
        "terms_days": document.terms_days,
        "payment": {
            "holder": document.bank.holder,
            "bank": document.bank.bank,
            "account": document.bank.number,
            "reference": document.payment_reference,
        },
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


def _party(party: Party) -> dict[str, str]:
    return {
        "name_zh": party.name_zh,
        "name_en": party.name_en,
        "credit_code": party.credit_code,
        "address": party.address,
    }


def _line(line: StatementLine) -> dict[str, Any]:
    return {
        "date": line.date,
        "kind": str(line.kind),
        "document_no": line.document_no,
        "reference": line.reference,
        "late": line.late,
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
