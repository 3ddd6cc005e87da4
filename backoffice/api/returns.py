"""Returns decided on, received and inspected."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.corrections import ReasonBody
from backoffice.api.schemas.returns import (
    ReturnApprovalBody,
    ReturnInspectionBody,
    ReturnReceiptBody,
)
from portal.blueprints.api.returns import return_shown
from portal.blueprints.api.schemas.returns import ReturnShape
from portal.coldchain.vocabulary import ColdChainRight
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.returns import queries
from portal.returns.decide_return import approve_return, reject_return
from portal.returns.evidence import accept_temperatures
from portal.returns.inspect_return import inspect_return
from portal.returns.judged import Judged
from portal.returns.receive_return import Arrived, receive_return
from portal.returns.rules import Disposition
from portal.returns.vocabulary import ReturnRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "POST",
    "/hq/returns/<number>/approval",
    tag=HEADQUARTERS,
    rights=(ReturnRight.HANDLE,),
    body=ReturnApprovalBody,
    answers=ReturnShape,
    creates=True,
    conflicts=True,
    summary=N_("Approve a return"),
    about=N_("The dealer may send the goods. Whoever asked does not approve."),
)
def approve(number: str, body: ReturnApprovalBody) -> dict[str, Any]:
    approve_return(current_session(), actor=current_actor(), number=number, note=body.note, at=clock.now())
    return _shown(number)


@operation(
    "POST",
    "/hq/returns/<number>/temperatures",
    tag=HEADQUARTERS,
    rights=(ColdChainRight.DECIDE,),
    body=ReasonBody,
    answers=ReturnShape,
    creates=True,
    conflicts=True,
    summary=N_("Accept doubtful temperatures of a return"),
    about=N_(
        "Quality says why cold goods may come back although their temperature record cannot be read, or "
        "shows an excursion. Whoever asked does not accept."
    ),
)
def accept(number: str, body: ReasonBody) -> dict[str, Any]:
    accept_temperatures(
        current_session(), actor=current_actor(), number=number, reason=body.reason, at=clock.now()
    )
    return _shown(number)


@operation(
    "POST",
    "/hq/returns/<number>/rejection",
    tag=HEADQUARTERS,
    rights=(ReturnRight.HANDLE, ColdChainRight.DECIDE),
    body=ReasonBody,
    answers=ReturnShape,
    creates=True,
    conflicts=True,
    summary=N_("Reject a return"),
    about=N_("As long as the goods have not come. Quality rejects where the temperatures are in doubt."),
)
def reject(number: str, body: ReasonBody) -> dict[str, Any]:
    reject_return(current_session(), actor=current_actor(), number=number, reason=body.reason, at=clock.now())
    return _shown(number)


@operation(
    "POST",
    "/hq/returns/<number>/receipt",
    tag=HEADQUARTERS,
    rights=(ReturnRight.HANDLE,),
    body=ReturnReceiptBody,
    answers=ReturnShape,
    creates=True,
    conflicts=True,
    summary=N_("Receive the goods of a return"),
    about=N_("They wait in inspection. What did not come stays with the dealer."),
)
def receive(number: str, body: ReturnReceiptBody) -> dict[str, Any]:
    arrived = None
    if body.lines is not None:
        arrived = [
            Arrived(line.sku, line.lot, line.quantity, f"/lines/{place}", tuple(line.serials), line.line)
            for place, line in enumerate(body.lines)
        ]
    receive_return(current_session(), actor=current_actor(), number=number, arrived=arrived, at=clock.now())
    return _shown(number)


@operation(
    "POST",
    "/hq/returns/<number>/inspection",
    tag=HEADQUARTERS,
    rights=(ReturnRight.INSPECT,),
    body=ReturnInspectionBody,
    answers=ReturnShape,
    creates=True,
    conflicts=True,
    summary=N_("Inspect the goods of a return"),
    about=N_(
        "Every unit gets to where it belongs, and what was paid for all but the refused ones is credited "
        "with the answer. What is to be exchanged is ordered again for the same amount, and refused where "
        "stock lacks. Gifts that stay although the goods left do not earn them are billed by a note of their "
        "own. Above the limit of one person whoever approved does not inspect."
    ),
)
def inspect(number: str, body: ReturnInspectionBody) -> dict[str, Any]:
    at, today = now_and_today()
    inspect_return(
        current_session(),
        actor=current_actor(),
        number=number,
        judged=[
            Judged(
                line.sku,
                line.lot,
                Disposition(line.result),
                line.quantity,
                f"/lines/{place}",
                line.note,
                tuple(line.serials),
                line.line,
            )
            for place, line in enumerate(body.lines)
        ],
        today=today,
        at=at,
        alone_max=portal().settings.correction_alone_max,
        margin_days=portal().settings.saleable_days_before_expiry,
        credit_instead=body.credit_instead,
        bill_gifts=body.bill_gifts,
    )
    return _shown(number)


def _shown(number: str) -> dict[str, Any]:
    return return_shown(queries.return_of(current_session(), number))
