"""Headquarters: from any code to the lot, its holders, and the life of a unit."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.custody.vocabulary import TraceRight
from portal.web.forms import takes_columns
from portal.web.rendering import requires
from portal.web.trace_pages import TracePages, lot_page, movements_page, search_page, unit_page

blueprint = Blueprint("hq_trace", __name__, url_prefix="/hq/trace")

PAGES = TracePages("hq_trace.index", "hq_trace.lot", "hq_trace.movements", "hq_trace.unit")


@blueprint.get("")
@requires(TraceRight.HEADQUARTERS)
def index() -> str | Response:
    """The search by any code."""
    return search_page(PAGES)


@blueprint.get("/lots/<sku>/<path:lot>")
@requires(TraceRight.HEADQUARTERS)
@takes_columns("column")
def lot(sku: str, lot: str) -> str | Response:
    """Who holds a lot, now or on a day."""
    return lot_page(PAGES, sku, lot)


@blueprint.get("/movements/<sku>/<path:lot>")
@requires(TraceRight.HEADQUARTERS)
@takes_columns("column")
def movements(sku: str, lot: str) -> str | Response:
    """What moved it."""
    return movements_page(PAGES, sku, lot)


@blueprint.get("/units/<sku>/<path:serial>")
@requires(TraceRight.HEADQUARTERS)
def unit(sku: str, serial: str) -> str:
    """The whole life of a unit."""
    return unit_page(PAGES, sku, serial)
