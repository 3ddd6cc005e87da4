"""Goods that go from one of our warehouses to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backoffice.api.schemas.transfers import (
    DifferencesBody,
    DispatchBody,
    TransferBody,
    TransferPage,
    TransferQuery,
    TransferReceiptBody,
    TransferShape,
)
from portal.kernel.errors import N_
from portal.stock.serial_rules import plain_serials
from portal.transfers import queries
from portal.transfers.dispatch_transfer import dispatch_transfer
from portal.transfers.make_transfer import cancel_transfer, make_transfer
from portal.transfers.queries import TransferRow
from portal.transfers.receive_transfer import receive_transfer
from portal.transfers.rules import Arrived, Moved
from portal.transfers.settle_difference import settle_difference
from portal.transfers.vocabulary import TransferRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session, portal

RIGHTS = (TransferRight.TRANSFER,)


@operation(
    "GET",
    "/hq/transfers",
    tag=HEADQUARTERS,
    rights=RIGHTS,
    query=TransferQuery,
    answers=TransferPage,
    summary=N_("Goods in transit between our warehouses, and what became of them"),
    about=N_("The latest first."),
)
def index(query: TransferQuery) -> dict[str, Any]:
    page = queries.transfers(
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
    "/hq/transfers/<number>",
    tag=HEADQUARTERS,
    rights=RIGHTS,
    answers=TransferShape,
    summary=N_("One transfer"),
    about=N_("With its lines, and what became of their units."),
)
def show(number: str) -> dict[str, Any]:
    return _whole(number)


@operation(
    "POST",
    "/hq/transfers",
    tag=HEADQUARTERS,
    rights=RIGHTS,
    body=TransferBody,
    answers=TransferShape,
    status=201,
    creates=True,
    located="/hq/transfers/{number}",
    summary=N_("Say what shall go from one warehouse to another"),
    about=N_("A draft: nothing has left yet, and nothing is reserved by it."),
)
def create(body: TransferBody) -> Answer:
    at, today = now_and_today()
    number = make_transfer(
        current_session(),
        actor=current_actor(),
        origin=body.from_,
        destination=body.to,
        lines=[
            Moved(line.sku, line.lot, line.quantity, plain_serials(line.serials), f"/lines/{place}")
            for place, line in enumerate(body.lines)
        ],
        expected_on=body.expected_on,
        note=body.note,
        today=today,
        at=at,
    )
    return Answer(_whole(number), 201)


@operation(
    "POST",
    "/hq/transfers/<number>/dispatch",
    tag=HEADQUARTERS,
    rights=RIGHTS,
    body=DispatchBody,
    answers=TransferShape,
    creates=True,
    conflicts=True,
    summary=N_("The goods leave"),
    about=N_("Only units that no order holds. They count as in transit to the other warehouse."),
)
def dispatch(number: str, body: DispatchBody) -> dict[str, Any]:
    at, today = now_and_today()
    dispatch_transfer(
        current_session(),
        actor=current_actor(),
        number=number,
        serials={(one.sku, one.lot): plain_serials(one.serials) for one in body.serials},
        expected_on=body.expected_on,
        today=today,
        at=at,
        margin_days=portal().settings.saleable_days_before_expiry,
    )
    return _whole(number)


@operation(
    "POST",
    "/hq/transfers/<number>/cancellation",
    tag=HEADQUARTERS,
    rights=RIGHTS,
    answers=TransferShape,
    conflicts=True,
    summary=N_("Give a draft up"),
    about=N_("Possible until the goods leave."),
)
def cancel(number: str) -> dict[str, Any]:
    cancel_transfer(current_session(), actor=current_actor(), number=number)
    return _whole(number)


@operation(
    "POST",
    "/hq/transfers/<number>/receipt",
    tag=HEADQUARTERS,
    rights=RIGHTS,
    body=TransferReceiptBody,
    answers=TransferShape,
    creates=True,
    conflicts=True,
    summary=N_("The goods arrive"),
    about=N_(
        "Every line is told, with 0 where nothing came. Damaged units are set apart, missing ones stay open. "
        "The same receipt again changes nothing."
    ),
)
def receive(number: str, body: TransferReceiptBody) -> dict[str, Any]:
    at, _ = now_and_today()
    lines = [
        _arrived(place, line.sku, line.lot, line.received, line.damaged, line.serials, line.damaged_serials)
        for place, line in enumerate(body.lines)
    ]
    receive_transfer(current_session(), actor=current_actor(), number=number, lines=lines, at=at)
    return _whole(number)


@operation(
    "POST",
    "/hq/transfers/<number>/differences",
    tag=HEADQUARTERS,
    rights=RIGHTS,
    body=DifferencesBody,
    answers=TransferShape,
    creates=True,
    conflicts=True,
    summary=N_("Clear up what was missing"),
    about=N_("Found later, or lost. Whoever received the goods does not decide on it."),
)
def settle(number: str, body: DifferencesBody) -> dict[str, Any]:
    at, _ = now_and_today()
    lines = [
        _arrived(place, line.sku, line.lot, line.found, line.lost, line.serials, line.lost_serials)
        for place, line in enumerate(body.lines)
    ]
    settle_difference(
        current_session(), actor=current_actor(), number=number, lines=lines, reason=body.reason, at=at
    )
    return _whole(number)


def _arrived(
    place: int,
    sku: str,
    lot: str,
    good: int,
    bad: int,
    serials: Sequence[str],
    bad_serials: Sequence[str],
) -> Arrived:
    plain = (plain_serials(serials), plain_serials(bad_serials))
    return Arrived(sku, lot, good, bad, *plain, f"/lines/{place}")


def _whole(number: str) -> dict[str, Any]:
    found = queries.transfer(current_session(), actor=current_actor(), number=number)
    lines = [
        {
            "sku": line.sku,
            "lot": line.lot_no,
            "quantity": line.quantity,
            "received": line.received,
            "damaged": line.damaged,
            "lost": line.lost,
            "open": line.open,
            "serials": list(line.serials),
        }
        for line in found.lines
    ]
    return {**_row(found.head), "lines": lines}


def _row(one: TransferRow) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "from": one.origin,
        "to": one.destination,
        "units": one.units,
        "missing": one.missing,
        "expected_on": one.expected_on,
        "note": one.note,
        "made_by": one.made_by_label,
        "made_at": one.made_at,
        "dispatched_by": one.dispatched_by_label,
        "dispatched_at": one.dispatched_at,
        "received_by": one.received_by_label,
        "received_at": one.received_at,
    }
