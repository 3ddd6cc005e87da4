"""Dealers: where a lot or a unit went that they had."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.custody.vocabulary import TraceRight
from portal.web.forms import takes_columns
from portal.web.rendering import requires
from portal.web.trace_pages import TracePages, lot_page, movements_page, search_page, unit_page

blueprint = Blueprint("trace", __name__, url_prefix="/trace")
blueprint.context_processor(dealer_frame)

PAGES = TracePages("trace.index", "trace.lot", "trace.movements", "trace.unit")


@blueprint.get("")
@requires(TraceRight.READ)
def index() -> str | Response:
    """The search by any code."""
    return search_page(PAGES)


@blueprint.get("/lots/<sku>/<path:lot>")
@requires(TraceRight.READ)
@takes_columns("column")
def lot(sku: str, lot: str) -> str | Response:
    """A lot that the dealer had."""
    return lot_page(PAGES, sku, lot)


@blueprint.get("/movements/<sku>/<path:lot>")
@requires(TraceRight.READ)
@takes_columns("column")
def movements(sku: str, lot: str) -> str | Response:
    """What moved it."""
    return movements_page(PAGES, sku, lot)


@blueprint.get("/units/<sku>/<path:serial>")
@requires(TraceRight.READ)
def unit(sku: str, serial: str) -> str:
    """A unit that the dealer had."""
    return unit_page(PAGES, sku, serial)
