"""Lots and units that a dealer had."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.trace import TracedLotShape, TracedUnitShape, TraceQuery
from portal.custody.manifest import CHAPTER
from portal.custody.vocabulary import TraceRight
from portal.kernel.errors import N_
from portal.web.api.operations import operation
from portal.web.api.traced import lot_as_json, unit_as_json


@operation(
    "GET",
    "/trace/lots/<sku>/<path:lot>",
    tag=CHAPTER,
    rights=(TraceRight.READ,),
    query=TraceQuery,
    answers=TracedLotShape,
    summary=N_("Where a lot is that the dealer had"),
    about=N_("Totals and places are the dealer's own; a lot that it never had is not found."),
)
def lot(sku: str, lot: str, query: TraceQuery) -> dict[str, Any]:
    return lot_as_json(sku, lot, query)


@operation(
    "GET",
    "/trace/serials/<sku>/<path:serial>",
    tag=CHAPTER,
    rights=(TraceRight.READ,),
    answers=TracedUnitShape,
    summary=N_("The life of a unit that the dealer had"),
    about=N_("As far as it was the dealer's; a unit that it never had is not found."),
)
def serial(sku: str, serial: str) -> dict[str, Any]:
    return unit_as_json(sku, serial)
