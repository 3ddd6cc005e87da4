"""What orders wait for, as the ERP reads it, and what it reports of it."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.supply import SupplyPage, SupplyProgressBody, SupplyQuery, SupplyRecorded
from portal.kernel.errors import N_
from portal.orders.vocabulary import OrderRight
from portal.replenishment.queries import RequestRow, supply_requests
from portal.replenishment.record_progress import record_progress
from portal.replenishment.rules import Report, RequestState
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session


@operation(
    "GET",
    "/hq/supply-requests",
    tag=HEADQUARTERS,
    rights=(OrderRight.DESK,),
    query=SupplyQuery,
    answers=SupplyPage,
    summary=N_("What orders wait for and is to be bought or made, the latest first"),
    about=N_(
        "One request sums the units of a product that orders wait for in a warehouse. "
        "`state=requested` are those nobody has answered yet."
    ),
)
def index(query: SupplyQuery) -> dict[str, Any]:
    page = supply_requests(
        current_session(),
        actor=current_actor(),
        state=query.state or "",
        warehouse=query.warehouse or "",
        q=query.q,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_shown(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/supply-requests/<number>/progress",
    tag=HEADQUARTERS,
    rights=(OrderRight.DESK,),
    body=SupplyProgressBody,
    answers=SupplyRecorded,
    creates=True,
    conflicts=True,
    summary=N_("Report what becomes of a request"),
    about=N_(
        "What is left out stays as it was. The day goes to the order lines that wait, the earliest first; "
        "units in transit count to the stock's. The same report again changes nothing."
    ),
)
def progress(number: str, body: SupplyProgressBody) -> dict[str, Any]:
    at, today = now_and_today()
    report = Report(RequestState(body.state), body.expected_on, body.quantity, body.reference)
    recorded = record_progress(
        current_session(), actor=current_actor(), number=number, report=report, today=today, at=at
    )
    return {
        "number": recorded.number,
        "state": str(recorded.standing.state),
        "quantity": recorded.standing.quantity,
        "expected_on": recorded.standing.expected_on,
        "reference": recorded.standing.reference,
        "order_lines": recorded.lines,
    }


def _shown(one: RequestRow) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "warehouse": one.warehouse,
        "sku": one.sku,
        "requested": one.requested,
        "quantity": one.quantity,
        "units_waiting": one.units_waiting,
        "expected_on": one.expected_on,
        "reference": one.reference,
        "requested_at": one.requested_at,
        "changed_at": one.changed_at,
    }
