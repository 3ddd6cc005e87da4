"""What a dealer was settled in rebates, and the notes that gave it."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.blueprints.api.schemas.settlements import (
    BalanceList,
    NoteQuery,
    NoteShape,
    SettledPage,
    SettledQuery,
)
from portal.kernel.errors import N_
from portal.rebates.manifest import CHAPTER
from portal.rebates.vocabulary import RebateRight
from portal.settlements import queries
from portal.settlements.use_balance import balance_left
from portal.settlements.vocabulary import SettlementRight
from portal.web.api.buyer import buyer_id
from portal.web.api.figures import rate_text
from portal.web.api.operations import PDF, operation
from portal.web.presentation import in_language
from portal.web.rebate_note_page import note_pdf
from portal.web.request import current_session

READERS = (RebateRight.READ, SettlementRight.SETTLE, RebateRight.PROPOSE)


@operation(
    "GET",
    "/rebates/settlements",
    tag=CHAPTER,
    rights=READERS,
    query=SettledQuery,
    answers=SettledPage,
    summary=N_("What was settled in rebates, the latest first"),
    about=N_("A row for each period that a settlement touched, with the note in the account."),
)
def settlements(query: SettledQuery) -> dict[str, Any]:
    page = queries.settled_of(
        current_session(), dealer_id=buyer_id(query.dealer), limit=query.limit, cursor=query.cursor
    )
    names = (
        *("programme", "period", "kind", "source", "accrued", "guaranteed", "carried_in", "advanced"),
        *("carried_out", "cut", "paid", "month", "settled_at"),
    )
    return {
        "items": [
            {**{name: getattr(one, name) for name in names}, "note": one.note_no} for one in page.items
        ],
        "next_cursor": page.next_cursor,
    }


@operation(
    "GET",
    "/rebates/balances",
    tag=CHAPTER,
    rights=READERS,
    query=NoteQuery,
    answers=BalanceList,
    summary=N_("Rebates that are kept for later invoices"),
    about=N_("By programme: each later invoice is paid at most its share, within minutes."),
)
def balances(query: NoteQuery) -> dict[str, Any]:
    found = balance_left(current_session(), dealer_id=buyer_id(query.dealer))
    return {
        "items": [
            {"programme": one.number, "share": rate_text(one.share / 100), "balance": one.balance}
            for one in found
        ],
        "next_cursor": None,
    }


@operation(
    "GET",
    "/rebates/notes/<number>.pdf",
    tag=CHAPTER,
    rights=READERS,
    media=PDF,
    summary=N_("A rebate note as PDF"),
    about=N_("In the language of Accept-Language. Every download is written to the audit."),
)
def paper(number: str) -> Response:
    found = note_pdf(number, in_language("zh", "en"))
    headers = {"Content-Disposition": f'attachment; filename="{found.filename}"'}
    return Response(found.content, mimetype=PDF, headers=headers)


@operation(
    "GET",
    "/rebates/notes/<number>",
    tag=CHAPTER,
    rights=READERS,
    query=NoteQuery,
    answers=NoteShape,
    summary=N_("A rebate note"),
    about=N_("Split by the invoices that earned it and their rates of tax."),
)
def note(number: str, query: NoteQuery) -> dict[str, Any]:
    lines = queries.note_lines_of(current_session(), dealer_id=buyer_id(query.dealer), number=number)
    return {
        "number": number,
        "lines": [
            {
                "line": one.line_no,
                "invoice": one.invoice,
                "tax_rate": rate_text(one.tax_rate),
                "net": one.net,
                "tax": one.tax,
                "gross": one.gross,
            }
            for one in lines
        ],
    }
