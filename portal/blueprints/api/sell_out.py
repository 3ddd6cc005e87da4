"""What the dealer sold to hospitals, what they used and gave back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_babel import gettext

from portal.blueprints.api.schemas.sell_out import (
    ReversalBody,
    SellOutBody,
    SellOutLineBody,
    SellOutPage,
    SellOutQuery,
    SellOutShape,
)
from portal.custody.manifest import CHAPTER
from portal.custody.vocabulary import TraceRight
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.sellout import queries
from portal.sellout.decide_rules import SAID, LineKind, LineState, Reported, Source
from portal.sellout.queries import ShownLine
from portal.sellout.report_sell_out import report_sell_out
from portal.sellout.reverse_line import reverse_line
from portal.sellout.rules import Defect
from portal.sellout.vocabulary import SellOutRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "GET",
    "/sell-out-reports",
    tag=CHAPTER,
    rights=(TraceRight.READ,),
    query=SellOutQuery,
    answers=SellOutPage,
    summary=N_("Reported lines, the latest first"),
    about=N_("What was sold to hospitals, used and given back, with what became of each line."),
)
def index(query: SellOutQuery) -> dict[str, Any]:
    page = queries.sell_out_lines(
        current_session(),
        actor=current_actor(),
        state=query.state,
        q=query.q,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_line(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/sell-out-reports/<number>",
    tag=CHAPTER,
    rights=(TraceRight.READ,),
    answers=SellOutShape,
    summary=N_("One report of goods sold and used"),
    about=N_("With its lines and what became of each."),
)
def show(number: str) -> dict[str, Any]:
    return _report(number)


@operation(
    "POST",
    "/sell-out-reports",
    tag=CHAPTER,
    rights=(SellOutRight.WRITE,),
    body=SellOutBody,
    answers=SellOutShape,
    status=201,
    creates=True,
    located="/sell-out-reports/{number}",
    summary=N_("Report what was sold to hospitals and used"),
    about=N_(
        "A line counts by the day it happened, and once by document and line. What was not there waits where "
        "goods may still come, at most ten days, else it is refused; both move nothing."
    ),
)
def create(body: SellOutBody) -> dict[str, Any]:
    at, today = now_and_today()
    taken = report_sell_out(
        current_session(),
        actor=current_actor(),
        lines=[_reported(line, place) for place, line in enumerate(body.lines)],
        source=Source.API,
        today=today,
        zone=portal().settings.timezone,
        at=at,
    )
    return _report(taken.number)


@operation(
    "POST",
    "/sell-out-reports/<number>/reversal",
    tag=CHAPTER,
    rights=(SellOutRight.WRITE,),
    body=ReversalBody,
    answers=SellOutShape,
    status=200,
    summary=N_("Take back a line that was accepted"),
    about=N_("The goods go back to where they came from; refused where they have gone on."),
)
def reverse(number: str, body: ReversalBody) -> dict[str, Any]:
    at, _ = now_and_today()
    reverse_line(
        current_session(),
        actor=current_actor(),
        number=number,
        line_no=body.line_no,
        reason=body.reason,
        at=at,
    )
    return _report(number)


def _reported(line: SellOutLineBody, place: int) -> Reported:
    return Reported(
        document=line.document.strip(),
        line="" if line.line is None else str(line.line),
        kind=LineKind(line.kind),
        day=_day(line.at),
        sku=line.sku,
        lot=line.lot,
        serial=line.serial.strip(),
        quantity=line.quantity,
        hospital=line.to.strip(),
        pointer=f"/lines/{place}",
    )


def _day(at: date | datetime) -> date:
    return clock.business_date(at, portal().settings.timezone) if isinstance(at, datetime) else at


def _report(number: str) -> dict[str, Any]:
    found = queries.sell_out_report(current_session(), actor=current_actor(), number=number)
    states = [one.state for one in found.lines]
    return {
        "number": found.number,
        "source": found.source,
        "reported_at": found.reported_at,
        "accepted": states.count(LineState.ACCEPTED),
        "waiting": states.count(LineState.WAITING),
        "refused": [
            {"line_no": one.line_no, "document": one.document, "line": one.line, **_said(one)}
            for one in found.lines
            if one.state == LineState.REFUSED
        ],
        "lines": [_line(one) for one in found.lines],
    }


def _line(one: ShownLine) -> dict[str, Any]:
    return {
        "report": one.number,
        "line_no": one.line_no,
        "document": one.document,
        "line": one.line,
        "kind": one.kind,
        "day": one.day,
        "sku": one.sku,
        "lot": one.lot,
        "serial": one.serial,
        "quantity": one.quantity,
        "to": one.hospital,
        "state": one.state,
        **_said(one),
        "waits_until": one.waits_until if one.state == LineState.WAITING else None,
        "reported_at": one.reported_at,
    }


def _said(one: ShownLine) -> dict[str, str]:
    message, fix = SAID.get(Defect(one.defect), ("", ""))
    return {
        "code": one.defect,
        "message": gettext(message) if message else "",
        "fix": gettext(fix) if fix else "",
    }
