"""What lies in a warehouse, counted blind and put right when another person agrees."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.stock_counts import (
    CountBody,
    CountEntryBody,
    CountLinePage,
    CountPage,
    CountQuery,
    CountShape,
    NoteBody,
)
from portal.counting import queries
from portal.counting.decide_count import approve_count, reject_count
from portal.counting.enter_count import Found, enter_count
from portal.counting.open_count import Scope, cancel_count, open_count, submit_count
from portal.counting.queries import CountLine, CountRow
from portal.counting.rules import Standing
from portal.counting.vocabulary import CountingRight
from portal.kernel.errors import N_
from portal.stock.serial_rules import plain_serials
from portal.web.api.buyer import now_and_today
from portal.web.api.fields import PageQuery
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session

COUNT = (CountingRight.COUNT,)
APPROVE = (CountingRight.APPROVE,)
READ = (*COUNT, *APPROVE)


@operation(
    "GET",
    "/hq/stock-counts",
    tag=HEADQUARTERS,
    rights=READ,
    query=CountQuery,
    answers=CountPage,
    summary=N_("Stock counts"),
    about=N_("The latest first."),
)
def index(query: CountQuery) -> dict[str, Any]:
    page = queries.counts(
        current_session(),
        actor=current_actor(),
        state=query.state or "",
        warehouse=query.warehouse or "",
        q=query.q,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_row(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/stock-counts/<number>",
    tag=HEADQUARTERS,
    rights=READ,
    answers=CountShape,
    summary=N_("One stock count"),
    about=N_(
        "Its first 200 lots, those to be counted or that differ before the others; all of them by `…/lines`. "
        "What should lie there is told when the counting is over."
    ),
)
def show(number: str) -> dict[str, Any]:
    return _whole(number)


@operation(
    "GET",
    "/hq/stock-counts/<number>/lines",
    tag=HEADQUARTERS,
    rights=READ,
    query=PageQuery,
    answers=CountLinePage,
    summary=N_("Every lot of a stock count"),
    about=N_("By SKU, page by page; the order stands while people count."),
)
def lines(number: str, query: PageQuery) -> dict[str, Any]:
    session, actor = current_session(), current_actor()
    at, _ = now_and_today()
    page = queries.lines_by_product(
        session,
        actor=actor,
        count=queries.stock_count(session, actor=actor, number=number),
        at=at,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_line(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/stock-counts",
    tag=HEADQUARTERS,
    rights=COUNT,
    body=CountBody,
    answers=CountShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/hq/stock-counts/{number}",
    summary=N_("Begin a stock count"),
    about=N_("What lies there is written down by lot. Work goes on: what moves meanwhile is no difference."),
)
def create(body: CountBody) -> Answer:
    at, today = now_and_today()
    scope = Scope(body.skus, body.category.strip(), body.location.strip(), body.all)
    number = open_count(
        current_session(), actor=current_actor(), warehouse=body.warehouse, scope=scope, today=today, at=at
    )
    return Answer(_whole(number), 201)


@operation(
    "POST",
    "/hq/stock-counts/<number>/entries",
    tag=HEADQUARTERS,
    rights=COUNT,
    body=CountEntryBody,
    answers=CountShape,
    creates=True,
    conflicts=True,
    summary=N_("Enter what was counted of a lot"),
    about=N_("Entries of a lot add up. A lot that nobody expects there is entered with `found`."),
)
def enter(number: str, body: CountEntryBody) -> dict[str, Any]:
    at, today = now_and_today()
    found = Found(
        body.sku,
        body.lot,
        Standing(body.standing),
        body.units,
        plain_serials(body.serials),
        body.found,
        body.produced_on,
        body.expires_on,
    )
    enter_count(current_session(), actor=current_actor(), number=number, found=found, today=today, at=at)
    return _whole(number)


@operation(
    "POST",
    "/hq/stock-counts/<number>/submission",
    tag=HEADQUARTERS,
    rights=COUNT,
    answers=CountShape,
    conflicts=True,
    summary=N_("Hand a count in"),
    about=N_("What differs is counted a second time, and handed in again."),
)
def submit(number: str) -> dict[str, Any]:
    at, _ = now_and_today()
    submit_count(current_session(), actor=current_actor(), number=number, at=at)
    return _whole(number)


@operation(
    "POST",
    "/hq/stock-counts/<number>/cancellation",
    tag=HEADQUARTERS,
    rights=COUNT,
    answers=CountShape,
    conflicts=True,
    summary=N_("Give a count up"),
    about=N_("Possible while people count; nothing is posted."),
)
def cancel(number: str) -> dict[str, Any]:
    at, _ = now_and_today()
    cancel_count(current_session(), actor=current_actor(), number=number, at=at)
    return _whole(number)


@operation(
    "POST",
    "/hq/stock-counts/<number>/approval",
    tag=HEADQUARTERS,
    rights=APPROVE,
    body=NoteBody,
    answers=CountShape,
    creates=True,
    conflicts=True,
    summary=N_("Approve the differences of a count"),
    about=N_("They are posted. Whoever opened, counted or handed it in does not approve it."),
)
def approve(number: str, body: NoteBody) -> dict[str, Any]:
    at, today = now_and_today()
    approve_count(current_session(), actor=current_actor(), number=number, note=body.note, today=today, at=at)
    return _whole(number)


@operation(
    "POST",
    "/hq/stock-counts/<number>/rejection",
    tag=HEADQUARTERS,
    rights=APPROVE,
    body=NoteBody,
    answers=CountShape,
    creates=True,
    conflicts=True,
    summary=N_("Reject a count"),
    about=N_("With the reason as its note. Nothing is posted."),
)
def reject(number: str, body: NoteBody) -> dict[str, Any]:
    at, _ = now_and_today()
    reject_count(current_session(), actor=current_actor(), number=number, note=body.note, at=at)
    return _whole(number)


def _whole(number: str) -> dict[str, Any]:
    session, actor = current_session(), current_actor()
    at, _ = now_and_today()
    count = queries.stock_count(session, actor=actor, number=number)
    lines = queries.count_lines(session, actor=actor, count=count, at=at)
    return {**_row(count), "items": [_line(one) for one in lines]}


def _line(one: CountLine) -> dict[str, Any]:
    return {
        "sku": one.sku,
        "lot": one.lot_no,
        "expires_on": one.expires_on,
        "location": one.location,
        "standing": one.standing,
        "is_due": bool(one.is_due),
        "counted": one.counted,
        "expected": one.expected,
        "difference": one.difference,
        "value": one.value,
        "missing": list(one.missing),
        "surplus": list(one.surplus),
    }


def _row(one: CountRow) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "warehouse": one.warehouse,
        "lines": one.lines,
        "counted": one.counted,
        "opened_by": one.opened_by_label,
        "opened_at": one.opened_at,
        "submitted_by": one.submitted_by_label,
        "submitted_at": one.submitted_at,
        "decided_by": one.decided_by_label,
        "decided_at": one.decided_at,
        "note": one.note,
    }
