"""Cold goods on their way, as headquarters' programs measure them and quality decides on them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from backoffice.api.schemas.cold_records import (
    ColdDecisionBody,
    DecidedShape,
    DepartureBody,
    LogAddedShape,
    LogBody,
    PackingBody,
)
from portal.blueprints.api.cold_records import findings_shown
from portal.blueprints.api.schemas.tracking import MeasuredShape
from portal.coldchain.add_log import LogUpload, add_log
from portal.coldchain.decide_record import decide_record
from portal.coldchain.loggers.file import DayOrder, Unit
from portal.coldchain.measure import Measured, depart_cold_goods, pack_cold_goods
from portal.coldchain.vocabulary import ColdChainRight
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.shipping.vocabulary import ShippingRight
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.api.reading import uploaded_file
from portal.web.cold_terms import cold_tolerance
from portal.web.request import current_actor, current_session, portal


@operation(
    "POST",
    "/hq/shipments/<number>/cold-record",
    tag=HEADQUARTERS,
    rights=(ShippingRight.SHIP,),
    body=PackingBody,
    answers=MeasuredShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/shipments/{number}/cold-record",
    summary=N_("Begin the cold record of a shipment"),
    about=N_("Whoever calls is the packer, and the time is now."),
)
def create(number: str, body: PackingBody) -> Answer:
    measured = pack_cold_goods(
        current_session(),
        number=number,
        transport=body.transport,
        box=body.box,
        celsius=Decimal(body.celsius),
        **_acting(),
    )
    return Answer(_shown(number, measured), 201)


@operation(
    "POST",
    "/hq/shipments/<number>/cold-record/departure",
    tag=HEADQUARTERS,
    rights=(ShippingRight.SHIP,),
    body=DepartureBody,
    answers=MeasuredShape,
    creates=True,
    conflicts=True,
    summary=N_("Say that cold goods leave"),
    about=N_("Now, and how cold box or van is. Once."),
)
def depart(number: str, body: DepartureBody) -> dict[str, Any]:
    measured = depart_cold_goods(current_session(), number=number, celsius=Decimal(body.celsius), **_acting())
    return _shown(number, measured)


@operation(
    "POST",
    "/hq/shipments/<number>/cold-record/logs",
    tag=HEADQUARTERS,
    rights=(ShippingRight.SHIP,),
    body=LogBody,
    answers=LogAddedShape,
    creates=True,
    takes_file=True,
    conflicts=True,
    summary=N_("Add the file of a logger"),
    about=N_(
        "Its form is found out from what is in it. The transport is judged by it; "
        "the same file again changes nothing."
    ),
)
def add(number: str, body: LogBody) -> dict[str, Any]:
    content = uploaded_file()
    upload = LogUpload(
        body.name,
        body.text.encode() if content is None else content,
        Unit(body.unit) if body.unit else None,
        DayOrder(body.day_order) if body.day_order else None,
    )
    added = add_log(
        current_session(), number=number, upload=upload, zone=portal().settings.timezone, **_acting()
    )
    return {
        "number": number,
        "state": added.state,
        "findings": findings_shown(added.findings),
        "readings": len(added.log.trace.readings),
        "is_new": added.is_new,
    }


@operation(
    "POST",
    "/hq/shipments/<number>/cold-record/decision",
    tag=HEADQUARTERS,
    rights=(ColdChainRight.DECIDE,),
    body=ColdDecisionBody,
    answers=DecidedShape,
    creates=True,
    conflicts=True,
    summary=N_("Release cold goods from quarantine, or condemn them"),
    about=N_("Another than who packed them, measured them or brought a logger's file."),
)
def decide(number: str, body: ColdDecisionBody) -> dict[str, Any]:
    state = decide_record(
        current_session(),
        actor=current_actor(),
        number=number,
        is_released=body.decision == "release",
        reason=body.reason,
        at=clock.now(),
    )
    return {"number": number, "state": state}


def _acting() -> dict[str, Any]:
    return {"actor": current_actor(), "at": clock.now(), "tolerance": cold_tolerance()}


def _shown(number: str, measured: Measured) -> dict[str, Any]:
    return {"number": number, "state": measured.state, "findings": findings_shown(measured.findings)}
