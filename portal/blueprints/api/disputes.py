"""A dealer confirms a statement, or disputes documents of it."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.blueprints.api.schemas.disputes import (
    AdjustmentShape,
    ConfirmationBody,
    ConfirmationShape,
    DisputeBody,
    DisputeMessageBody,
    DisputePage,
    DisputeShape,
    DisputesQuery,
    DisputeWithdrawalBody,
)
from portal.disputes import queries
from portal.disputes.converse import say, withdraw_dispute
from portal.disputes.manifest import CHAPTER
from portal.disputes.open_dispute import open_dispute
from portal.disputes.queries import DisputeDetail, DisputeRow
from portal.disputes.rules import DisputedLine, DisputeKind
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.ledger.adjustments import adjustment
from portal.ledger.vocabulary import LedgerRight
from portal.statements.confirm_statement import confirm_statement
from portal.statements.vocabulary import StatementRight
from portal.web.api.buyer import now_and_today
from portal.web.api.figures import rate_text
from portal.web.api.operations import PDF, Answer, operation
from portal.web.invoice_page import adjustment_pdf
from portal.web.presentation import in_language
from portal.web.request import current_actor, current_session
from portal.web.signature_means import means_of_request

READERS = (StatementRight.READ, LedgerRight.READ)
ANSWERERS = (StatementRight.CONFIRM,)


@operation(
    "POST",
    "/statements/<number>/confirmation",
    tag=CHAPTER,
    rights=ANSWERERS,
    body=ConfirmationBody,
    answers=ConfirmationShape,
    creates=True,
    conflicts=True,
    summary=N_("Confirm a statement"),
    about=N_("A signature under everything it says, with name and time; it cannot be taken back."),
)
def confirm(number: str, body: ConfirmationBody) -> dict[str, Any]:
    at = clock.now()
    sha256 = confirm_statement(
        current_session(),
        actor=current_actor(),
        number=number,
        name=body.name,
        means=means_of_request(),
        at=at,
    )
    return {
        "number": number,
        "state": "confirmed",
        "name": body.name.strip(),
        "confirmed_at": at,
        "sha256": sha256,
    }


@operation(
    "POST",
    "/statements/<number>/disputes",
    tag=CHAPTER,
    rights=ANSWERERS,
    body=DisputeBody,
    answers=DisputeShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/disputes/{number}",
    summary=N_("Dispute documents of a statement"),
    about=N_("One dispute at a time; the statement can be confirmed when it is answered or taken back."),
)
def create(number: str, body: DisputeBody) -> Answer:
    at, today = now_and_today()
    dispute = open_dispute(
        current_session(),
        actor=current_actor(),
        statement=number,
        lines=[
            DisputedLine(
                line.document.strip(), line.amount, line.reason, DisputeKind(line.kind), f"/lines/{place}"
            )
            for place, line in enumerate(body.lines)
        ],
        note=body.note,
        files=body.files,
        today=today,
        at=at,
    )
    return Answer(dispute_shown(queries.dispute_of(current_session(), dispute)), 201)


@operation(
    "GET",
    "/disputes",
    tag=CHAPTER,
    rights=READERS,
    query=DisputesQuery,
    answers=DisputePage,
    summary=N_("Disputes, the latest first"),
    about=N_("A dealer sees its own, headquarters those of its dealers."),
)
def index(query: DisputesQuery) -> dict[str, Any]:
    page = queries.disputes(
        current_session(), state=query.state or "", q=query.q, limit=query.limit, cursor=query.cursor
    )
    return {"items": [dispute_head(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/disputes/<number>",
    tag=CHAPTER,
    rights=READERS,
    answers=DisputeShape,
    summary=N_("One dispute"),
    about=N_("With its conversation, and the answer to each line once there is one."),
)
def show(number: str) -> dict[str, Any]:
    return dispute_shown(queries.dispute_of(current_session(), number))


@operation(
    "POST",
    "/disputes/<number>/messages",
    tag=CHAPTER,
    rights=ANSWERERS,
    body=DisputeMessageBody,
    answers=DisputeShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Write to headquarters in a dispute"),
    about=N_("As long as it is open."),
)
def message(number: str, body: DisputeMessageBody) -> Answer:
    about: dict[str, Any] = {"actor": current_actor(), "number": number, "at": clock.now()}
    say(current_session(), text=body.text, files=body.files, **about)
    return Answer(dispute_shown(queries.dispute_of(current_session(), number)), 201)


@operation(
    "POST",
    "/disputes/<number>/withdrawal",
    tag=CHAPTER,
    rights=ANSWERERS,
    body=DisputeWithdrawalBody,
    answers=DisputeShape,
    creates=True,
    conflicts=True,
    summary=N_("Take a dispute back"),
    about=N_("The statement may be confirmed then."),
)
def withdraw(number: str, body: DisputeWithdrawalBody) -> dict[str, Any]:
    about: dict[str, Any] = {"actor": current_actor(), "number": number, "at": clock.now()}
    withdraw_dispute(current_session(), text=body.text, **about)
    return dispute_shown(queries.dispute_of(current_session(), number))


@operation(
    "GET",
    "/adjustments/<number>",
    tag=CHAPTER,
    rights=READERS,
    answers=AdjustmentShape,
    summary=N_("One note over a difference in price"),
    about=N_("What a dispute was answered with where a price was wrong, line by line."),
)
def adjusted(number: str) -> dict[str, Any]:
    note = adjustment(current_session(), number)
    return {
        "number": note.number,
        "dealer": note.dealer_code,
        "invoice": note.invoice,
        "source": note.source,
        "issued_on": note.issued_on,
        "due_on": note.due_on,
        "period": note.period,
        "net": note.net,
        "tax": note.tax,
        "gross": note.gross,
        "lines": [
            {
                "line": line.line_no,
                "sku": line.sku,
                "tax_rate": rate_text(line.tax_rate),
                "gross": line.gross,
                "tax": line.tax,
            }
            for line in note.lines
        ],
    }


@operation(
    "GET",
    "/adjustments/<number>.pdf",
    tag=CHAPTER,
    rights=READERS,
    media=PDF,
    summary=N_("A note over a difference in price as PDF"),
    about=N_("In the language of Accept-Language. Every download is written to the audit."),
)
def adjustment_paper(number: str) -> Response:
    found = adjustment_pdf(number, in_language("zh", "en"))
    headers = {"Content-Disposition": f'attachment; filename="{found.filename}"'}
    return Response(found.content, mimetype=PDF, headers=headers)


def dispute_head(one: DisputeRow | DisputeDetail) -> dict[str, Any]:
    """A dispute without its lines, as JSON."""
    return {
        "number": one.number,
        "state": one.state,
        "dealer": one.dealer_code,
        "statement": one.statement,
        "amount": one.amount,
        "opened_at": one.opened_at,
        "ended_at": one.ended_at,
    }


def dispute_shown(found: DisputeDetail) -> dict[str, Any]:
    """A dispute as JSON."""
    return dispute_head(found) | {
        "lines": [
            {
                "line": one.line_no,
                "document": one.document,
                "amount": one.amount,
                "kind": one.kind,
                "reason": one.reason,
                "outcome": one.outcome,
                "correction": one.correction,
            }
            for one in found.lines
        ],
        "entries": [
            {
                "kind": one.kind,
                "by_headquarters": one.is_staff,
                "author": one.author_label,
                "text": one.text,
                "said_at": one.said_at,
                "files": [
                    {"id": file.id, "name": file.name, "size": file.size, "sha256": file.sha256}
                    for file in one.files
                ],
            }
            for one in found.entries
        ],
    }
