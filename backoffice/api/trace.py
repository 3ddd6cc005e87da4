"""From a lot to every holder, and the life of a unit."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.trace import TracedLotShape, TracedUnitShape, TraceQuery
from portal.custody.vocabulary import TraceRight
from portal.kernel.errors import N_
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.api.traced import lot_as_json, unit_as_json

READERS = (TraceRight.HEADQUARTERS,)


@operation(
    "GET",
    "/hq/trace/lots/<sku>/<path:lot>",
    tag=HEADQUARTERS,
    rights=READERS,
    query=TraceQuery,
    answers=TracedLotShape,
    summary=N_("Who holds a lot, now or at the end of a day"),
    about=N_("Within the regions of whoever asks."),
)
def lot(sku: str, lot: str, query: TraceQuery) -> dict[str, Any]:
    return lot_as_json(sku, lot, query)


@operation(
    "GET",
    "/hq/trace/serials/<sku>/<path:serial>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=TracedUnitShape,
    summary=N_("The whole life of a unit"),
    about=N_("From its receipt to where it is."),
)
def serial(sku: str, serial: str) -> dict[str, Any]:
    return unit_as_json(sku, serial)
