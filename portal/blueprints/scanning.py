"""What a code says, for whoever holds the package: typed, pasted, or from a reader that types."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template

from portal.blueprints.frame import dealer_frame
from portal.kernel import clock
from portal.kernel.errors import Invalid
from portal.scanning.scan import MAY_SCAN, Scanned, scan
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("scanning", __name__, url_prefix="/scan")
blueprint.context_processor(dealer_frame)


@blueprint.get("")
@requires(*MAY_SCAN)
def index() -> str:
    """The field, and what the code in it says."""
    data = request.args.get("data", "")
    errors: list[str] = []
    readings: list[str] = []
    found: Scanned | None = None
    if data.strip():
        try:
            found = _scanned(data)
        except Invalid as refusal:
            errors = [in_full(refusal)]
            readings = [str(fault.params["actual"]) for fault in refusal.faults if "actual" in fault.params]
    return render_template(
        "scanning/index.html",
        data=data,
        found=found,
        errors=errors,
        readings=readings,
        expired=found is not None and _is_over(found),
    )


def _scanned(data: str) -> Scanned:
    return scan(current_session(), actor=current_actor(), data=data, today=_today())


def _is_over(found: Scanned) -> bool:
    return found.reading.expiry is not None and found.reading.expiry < _today()


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)
