"""Notes that adjust prices of the dealer's invoices."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.ledger.adjustments import adjustment
from portal.statements.vocabulary import StatementRight
from portal.web.invoice_page import send_adjustment
from portal.web.rendering import requires
from portal.web.request import current_session

blueprint = Blueprint("adjustments", __name__, url_prefix="/adjustments")
blueprint.context_processor(dealer_frame)


@blueprint.get("/<number>")
@requires(StatementRight.READ)
def show(number: str) -> str:
    """One note."""
    return render_template(
        "disputes/adjustment.html",
        note=adjustment(current_session(), number),
        dispute_endpoint="disputes.show",
    )


@blueprint.get("/<number>.pdf")
@requires(StatementRight.READ)
def paper(number: str) -> Response:
    """The note as it is printed."""
    return send_adjustment(number)
