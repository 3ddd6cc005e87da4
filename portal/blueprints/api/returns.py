"""Returns of a dealer: asked for, followed, withdrawn."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.cold_records import findings_shown
from portal.blueprints.api.schemas.returns import (
    ReturnBody,
    ReturnPage,
    ReturnQuoteShape,
    ReturnShape,
    ReturnsQuery,
)
from portal.coldchain.judged import from_json
from portal.files.attach import files_of
from portal.files.rules import Owner
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.orders.vocabulary import OrderRight
from portal.returns import queries
from portal.returns.decide_return import withdraw_return
from portal.returns.gift_rules import Kept
from portal.returns.manifest import CHAPTER
from portal.returns.queries import ReturnDetail, ReturnRow
from portal.returns.quote_return import quote_return
from portal.returns.read_files import OWNER_KIND
from portal.returns.request_return import request_return
from portal.returns.rules import Asked
from portal.returns.vocabulary import ReturnRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import Answer, operation
from portal.web.presentation import in_language
from portal.web.request import current_actor, current_session
from portal.web.return_evidence import temperature_file

READERS = (OrderRight.READ, ReturnRight.HANDLE, ReturnRight.INSPECT)


@operation(
    "POST",
    "/orders/<number>/returns",
    tag=CHAPTER,
    rights=(OrderRight.WRITE, ReturnRight.HANDLE),
    body=ReturnBody,
    answers=ReturnShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/returns/{number}",
    summary=N_("Ask to return goods of a shipment"),
    about=N_(
        "Units that are asked back count as returned for the next request: never more than were shipped. "
        "What was paid for them is credited when they have been inspected. Gifts that the goods had earned "
        "come back with them, or are billed where `gifts` says so."
    ),
)
def create(number: str, body: ReturnBody) -> Answer:
    at, today = now_and_today()
    requested = request_return(
        current_session(),
        actor=current_actor(),
        order_number=number,
        shipment_number=body.shipment,
        lines=_asked(body),
        kept=_kept(body),
        note=body.note,
        files=body.files,
        temperatures=temperature_file(body.temperature_file),
        today=today,
        at=at,
    )
    return Answer(return_shown(queries.return_of(current_session(), requested.number)), 201)


@operation(
    "POST",
    "/orders/<number>/return-quotes",
    tag=CHAPTER,
    rights=(OrderRight.WRITE, ReturnRight.HANDLE),
    body=ReturnBody,
    answers=ReturnQuoteShape,
    conflicts=True,
    summary=N_("What a return would come to"),
    about=N_("The body of a request; nothing is written. Note and files are not looked at."),
)
def quote(number: str, body: ReturnBody) -> dict[str, Any]:
    found = quote_return(
        current_session(),
        actor=current_actor(),
        order_number=number,
        shipment_number=body.shipment,
        lines=_asked(body),
        kept=_kept(body),
        has_temperatures=bool(body.temperature_file.strip()),
    )
    return {
        "shipment": found.shipment_number,
        "credit": found.credit,
        "charge": found.charge,
        "total": found.total,
        "gifts": [
            {
                "line": one.line.line_no,
                "sku": one.line.sku,
                "name": in_language(one.line.name_zh, one.line.name_en),
                "quantity": one.units,
                "keep": one.kept,
                "unit_value": one.line.unit_value,
                "charge": one.charge,
            }
            for one in found.gifts
        ],
    }


@operation(
    "GET",
    "/returns",
    tag=CHAPTER,
    rights=READERS,
    query=ReturnsQuery,
    answers=ReturnPage,
    summary=N_("Returns, the latest first"),
    about=N_("A dealer sees its own, headquarters those of its dealers."),
)
def index(query: ReturnsQuery) -> dict[str, Any]:
    page = queries.returns(
        current_session(), state=query.state or "", q=query.q, limit=query.limit, cursor=query.cursor
    )
    return {"items": [_head(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/returns/<number>",
    tag=CHAPTER,
    rights=READERS,
    answers=ReturnShape,
    summary=N_("One return"),
    about=N_("With what was received and what the inspection found."),
)
def show(number: str) -> dict[str, Any]:
    return return_shown(queries.return_of(current_session(), number))


@operation(
    "POST",
    "/returns/<number>/withdrawal",
    tag=CHAPTER,
    rights=(OrderRight.WRITE,),
    answers=ReturnShape,
    creates=True,
    conflicts=True,
    summary=N_("Withdraw a return"),
    about=N_("As long as the goods have not come."),
)
def withdraw(number: str) -> dict[str, Any]:
    withdraw_return(current_session(), actor=current_actor(), number=number, at=clock.now())
    return return_shown(queries.return_of(current_session(), number))


def _asked(body: ReturnBody) -> list[Asked]:
    return [
        Asked(
            line.sku,
            line.lot,
            line.quantity,
            line.reason,
            f"/lines/{place}",
            tuple(line.serials),
            line.remedy,
        )
        for place, line in enumerate(body.lines)
    ]


def _kept(body: ReturnBody) -> list[Kept]:
    return [Kept(one.line, one.keep, f"/gifts/{place}") for place, one in enumerate(body.gifts)]


def _head(one: ReturnRow | ReturnDetail) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "dealer": one.dealer_code,
        "order": one.order_number,
        "shipment": one.shipment_number,
        "requested_at": one.asked_at,
        "credit_note": one.credit_note_no,
        "replacement": one.replacement_no,
    }


def return_shown(found: ReturnDetail) -> dict[str, Any]:
    """A return as JSON."""
    return _head(found) | {
        "note": found.note,
        "decision_note": found.decision_note,
        "decided_at": found.decided_at,
        "received_at": found.received_at,
        "inspected_at": found.inspected_at,
        "temperatures": {
            "verdict": found.evidence,
            "file": found.temperature_file,
            "accepted_at": found.evidence_at,
            "reason": found.evidence_reason,
            "findings": findings_shown(from_json(found.evidence_findings)),
        },
        "files": [
            {"id": file.id, "name": file.name, "size": file.size, "sha256": file.sha256}
            for file in files_of(current_session(), Owner(OWNER_KIND, found.number))
        ],
        "lines": [
            {
                "line": line.line_no,
                "sku": line.sku,
                "name": in_language(line.name_zh, line.name_en),
                "lot": line.lot_no,
                "expires_on": line.expires_on,
                "quantity": line.quantity,
                "received": line.received,
                "reason": line.reason,
                "remedy": line.remedy,
                "gift": line.is_gift,
                "serials": line.serials,
                "results": [
                    {"result": one.disposition, "quantity": one.quantity, "note": one.note}
                    for one in found.found(line)
                ],
            }
            for line in found.lines
        ],
        "gifts": [
            {
                "line": one.line_no,
                "sku": one.sku,
                "name": in_language(one.name_zh, one.name_en),
                "quantity": one.due,
                "keep": one.kept,
                "charge": one.charge,
                "due": one.now,
            }
            for one in found.gifts
        ],
        "gifts_by": list(found.gifts_by),
        "gifts_of": found.gifts_of,
        "gift_notes": [
            {"number": one.number, "invoice": one.invoice, "amount": one.gross} for one in found.notes
        ],
    }
