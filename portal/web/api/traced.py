"""A traced lot or unit as the API of either side tells it."""

from __future__ import annotations

from typing import Any

from portal.custody.holders import holders_of
from portal.custody.trace import Step, totals_of, trace_lot, trace_serial
from portal.web.presentation import in_language
from portal.web.request import current_actor, current_session, portal


def lot_as_json(sku: str, lot: str, query: Any) -> dict[str, Any]:
    """A lot with its totals and a page of its holders. query: of `TraceQuery`."""
    session = current_session()
    found = trace_lot(session, actor=current_actor(), sku=sku, lot=lot)
    page = holders_of(
        session,
        found,
        actor=current_actor(),
        on=query.at,
        zone=portal().settings.timezone,
        limit=query.limit,
        cursor=query.cursor,
    )
    totals = totals_of(session, found)
    return {
        "sku": found.sku,
        "lot": found.lot,
        "produced_on": found.produced_on,
        "expires_on": found.expires_on,
        "state": list(found.states),
        "totals": {
            "shipped": totals.shipped,
            "held": totals.held,
            "used": totals.used,
            "returned": totals.returned,
            "destroyed": totals.destroyed,
        },
        "holders": [
            {
                "place": one.code or "",
                "kind": one.kind,
                "name_zh": one.name_zh,
                "name_en": one.name_en,
                "quantity": one.quantity,
                "since": one.since,
            }
            for one in page.items
        ],
        "next_cursor": page.next_cursor,
    }


def unit_as_json(sku: str, serial: str) -> dict[str, Any]:
    """A unit with its life."""
    found = trace_serial(current_session(), actor=current_actor(), sku=sku, serial=serial)
    return {
        "sku": found.lot.sku,
        "lot": found.lot.lot,
        "serial": found.serial,
        "place": found.kind,
        "name_zh": found.name_zh,
        "name_en": found.name_en,
        "since": found.since,
        "steps": [_step(one) for one in found.steps],
    }


def _step(one: Step) -> dict[str, Any]:
    return {
        "at": one.at,
        "document": one.document,
        "from_kind": one.from_kind,
        "from_name": in_language(one.from_zh, one.from_en),
        "to_kind": one.to_kind,
        "to_name": in_language(one.to_zh, one.to_en),
    }
