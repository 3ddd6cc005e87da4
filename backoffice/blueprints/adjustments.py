"""Notes that adjust prices of invoices, as headquarters sees them."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.ledger.adjustments import adjustment
from portal.ledger.vocabulary import LedgerRight
from portal.web.invoice_page import send_adjustment
from portal.web.rendering import requires
from portal.web.request import current_session

blueprint = Blueprint("adjustments_desk", __name__, url_prefix="/hq/adjustments")


@blueprint.get("/<number>")
@requires(LedgerRight.READ)
def show(number: str) -> str:
    """One note."""
    return render_template(
        "backoffice/disputes/adjustment.html",
        note=adjustment(current_session(), number),
        dispute_endpoint="disputes_desk.show",
    )


@blueprint.get("/<number>.pdf")
@requires(LedgerRight.READ)
def paper(number: str) -> Response:
    """The note as it is printed."""
    return send_adjustment(number)
