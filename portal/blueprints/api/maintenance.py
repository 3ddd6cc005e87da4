"""Maintenance that is due, and what was done."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.maintenance import MaintenancePage, MaintenanceQuery
from portal.devices.queries import sees_hospitals
from portal.devices.vocabulary import READERS
from portal.kernel.errors import N_
from portal.maintenance import queries
from portal.maintenance.manifest import CHAPTER
from portal.maintenance.queries import MaintenanceRow
from portal.web.api.buyer import named_dealer, now_and_today
from portal.web.api.operations import operation
from portal.web.presentation import in_language
from portal.web.request import current_actor, current_session


@operation(
    "GET",
    "/maintenance",
    tag=CHAPTER,
    rights=READERS,
    query=MaintenanceQuery,
    answers=MaintenancePage,
    summary=N_("Maintenance that is due"),
    about=N_("The first due first; what was done, the latest first. Hospitals as with devices."),
)
def index(query: MaintenanceQuery) -> dict[str, Any]:
    _, today = now_and_today()
    page = queries.maintenances(
        current_session(),
        dealer_id=named_dealer(query.dealer),
        when=query.when,
        today=today,
        sees=sees_hospitals(current_actor()),
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_shown(one) for one in page.items], "next_cursor": page.next_cursor}


def _shown(one: MaintenanceRow) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "due_on": one.due_on,
        "done_on": one.done_on,
        "plan": one.plan_code,
        "plan_name": in_language(one.plan_zh, one.plan_en),
        "device": one.device_number,
        "serial": one.serial,
        "sku": one.sku,
        "dealer": one.dealer_code,
        "hospital": in_language(one.hospital_zh, one.hospital_en),
        "department": one.department,
    }
