"""Where a shipment is, and at which temperatures its cold goods travelled."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from portal.blueprints.api.schemas.tracking import ArrivalBody, ColdRecordShape, EventList, MeasuredShape
from portal.coldchain.measure import arrive_cold_goods
from portal.coldchain.queries import LogRow, cold_record, has_cold_goods
from portal.coldchain.rules import Finding
from portal.coldchain.vocabulary import ColdChainRight
from portal.kernel import clock
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.orders.vocabulary import OrderRight
from portal.shipping.manifest import CHAPTER
from portal.shipping.vocabulary import ShippingRight
from portal.tracking.queries import events_of, parcel
from portal.web.api.operations import operation
from portal.web.cold_terms import cold_tolerance
from portal.web.parcel_timeline import usual_days
from portal.web.request import current_actor, current_session

READERS = (OrderRight.READ, OrderRight.DESK, ShippingRight.SHIP, ColdChainRight.DECIDE)


@operation(
    "GET",
    "/shipments/<number>/events",
    tag=CHAPTER,
    rights=READERS,
    answers=EventList,
    summary=N_("Where a shipment is"),
    about=N_("Everything that was told of it, the latest first, and when it is expected."),
)
def events(number: str) -> dict[str, Any]:
    session = current_session()
    followed = parcel(session, number, usual_days=usual_days())
    return {
        "number": number,
        "standing": followed.standing,
        "delivered_at": followed.delivered_at,
        "expected_on": followed.expected_on,
        "tracking_url": followed.link,
        "items": [
            {
                "at": event.at,
                "code": event.code,
                "place": event.place,
                "note": event.note,
                "expected_on": event.expected_on,
            }
            for event in events_of(session, followed)
        ],
        "next_cursor": None,
    }


@operation(
    "GET",
    "/shipments/<number>/cold-record",
    tag=CHAPTER,
    rights=READERS,
    answers=ColdRecordShape,
    summary=N_("The temperatures of a shipment"),
    about=N_("Who packed it, how cold it was where, the readings of its loggers in °C, and what they say."),
)
def show(number: str) -> dict[str, Any]:
    record = cold_record(current_session(), number)
    if record is None:
        raise NotFound()
    return {
        "number": number,
        "state": record.state,
        "low": _text(record.bounds.low),
        "high": _text(record.bounds.high),
        "transport": record.transport,
        "packed_by": record.packed_by_label,
        "packed_at": record.packed_at,
        "box_celsius": _text(record.box_celsius),
        "departed_at": record.departed_at,
        "departure_celsius": _text(record.departure_celsius),
        "arrived_at": record.arrived_at,
        "arrival_celsius": _text(record.arrival_celsius),
        "findings": findings_shown(record.findings),
        "reason": record.reason,
        "loggers": [_log_shown(log) for log in record.logs],
    }


@operation(
    "POST",
    "/shipments/<number>/cold-record/arrival",
    tag=CHAPTER,
    rights=(OrderRight.WRITE, ShippingRight.SHIP),
    body=ArrivalBody,
    answers=MeasuredShape,
    creates=True,
    conflicts=True,
    summary=N_("Say how cold the goods came"),
    about=N_("They are there now. Once; what was beyond the range waits for quality."),
)
def arrive(number: str, body: ArrivalBody) -> dict[str, Any]:
    has_cold_goods(current_session(), number)  # whose it is comes before what is wrong with the body
    if body.celsius is None:
        message, fix = N_("Nothing has been entered."), N_("Enter what the thermometer shows, in °C.")
        raise Invalid(faults=[Fault("/celsius", "missing", message, fix)])
    measured = arrive_cold_goods(
        current_session(),
        actor=current_actor(),
        number=number,
        celsius=Decimal(body.celsius),
        tolerance=cold_tolerance(),
        at=clock.now(),
    )
    return {"number": number, "state": measured.state, "findings": findings_shown(measured.findings)}


def findings_shown(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """What speaks against a transport."""
    return [
        {"kind": str(one.kind), "start": one.start, "end": one.end, "celsius": _text(one.celsius)}
        for one in findings
    ]


def _log_shown(log: LogRow) -> dict[str, Any]:
    return {
        "name": log.name,
        "device": log.device,
        "serial": log.serial,
        "readings": [{"at": one.at, "celsius": str(one.celsius)} for one in log.trace.readings],
    }


def _text(celsius: Decimal | None) -> str | None:
    return None if celsius is None else str(celsius)
