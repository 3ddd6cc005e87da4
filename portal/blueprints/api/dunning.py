"""Dunning letters as those who got them and headquarters read them."""

from __future__ import annotations

from typing import Any

from flask import Response

from portal.blueprints.api.schemas.dunning import (
    DunningLetterPage,
    DunningLetterShape,
    DunningLettersQuery,
)
from portal.credit.manifest import CHAPTER
from portal.dunning import queries
from portal.dunning.print_letter import download_letter
from portal.dunning.queries import LetterDetail, LetterRow
from portal.kernel.errors import N_
from portal.ledger.vocabulary import LedgerRight
from portal.statements.vocabulary import StatementRight
from portal.web.api.buyer import named_dealer
from portal.web.api.operations import PDF, operation
from portal.web.presentation import in_language
from portal.web.request import current_actor, current_session

READERS = (StatementRight.READ, LedgerRight.READ)


@operation(
    "GET",
    "/dunning-letters",
    tag=CHAPTER,
    rights=READERS,
    query=DunningLettersQuery,
    answers=DunningLetterPage,
    summary=N_("Demands for payment, the latest first"),
    about=N_("A dealer sees what was sent to it; headquarters also what is proposed to its dealers."),
)
def index(query: DunningLettersQuery) -> dict[str, Any]:
    page = queries.letters(
        current_session(),
        dealer_id=named_dealer(query.dealer),
        run=query.run or "",
        state=query.state or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_head(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/dunning-letters/<number>",
    tag=CHAPTER,
    rights=READERS,
    answers=DunningLetterShape,
    summary=N_("One demand for payment"),
    about=N_("With every debt it names, and the hashes of its papers."),
)
def show(number: str) -> dict[str, Any]:
    return _letter(queries.letter_of(current_session(), number))


@operation(
    "GET",
    "/dunning-letters/<number>.pdf",
    tag=CHAPTER,
    rights=READERS,
    media=PDF,
    summary=N_("The demand for payment as PDF"),
    about=N_("As it was sent, in the language of Accept-Language. Every download is written to the audit."),
)
def pdf(number: str) -> Response:
    paper = download_letter(
        current_session(), actor=current_actor(), number=number, locale=in_language("zh", "en")
    )
    headers = {"Content-Disposition": f'attachment; filename="{paper.filename}"'}
    return Response(paper.content, mimetype=PDF, headers=headers)


def _head(one: LetterRow) -> dict[str, Any]:
    return {
        "number": one.number,
        "dealer": one.dealer_code,
        "run": one.run,
        "state": one.state,
        "level": one.level,
        "amount": one.amount,
        "interest": one.interest,
        "interest_note": one.interest_no,
        "written_on": one.written_on,
        "pay_by": one.pay_by,
        "sent_at": one.sent_at,
    }


def _letter(found: LetterDetail) -> dict[str, Any]:
    return _head(found.head) | {
        "items": [
            {
                "document": one.document_no,
                "issued_on": one.occurred_on,
                "due_on": one.due_on,
                "days_late": one.days_late,
                "level": one.level,
                "amount": one.amount,
                "interest": one.interest,
            }
            for one in found.items
        ],
        "papers": dict(found.papers),
    }
