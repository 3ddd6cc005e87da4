"""Headquarters: what was signed for a shipment, and the link by which that is done."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.deliveries.vocabulary import DeliveryRight
from portal.orders.vocabulary import OrderRight
from portal.shipping.vocabulary import ShippingRight
from portal.web.delivery_page import delivery_context, make_the_link, revoke_the_link, send_proof
from portal.web.rendering import requires
from portal.web.request import current_actor

blueprint = Blueprint("hq_deliveries", __name__, url_prefix="/hq/shipments")

READERS = (DeliveryRight.DESK, OrderRight.DESK, ShippingRight.SHIP)
MAKERS = (DeliveryRight.DESK, ShippingRight.SHIP)


@blueprint.get("/<number>/proof")
@requires(*READERS)
def proof(number: str) -> str:
    """What was signed, and what differs."""
    return render_template(
        "backoffice/deliveries/show.html",
        **delivery_context(number, *MAKERS),
        may_decide=current_actor().may(DeliveryRight.DESK),
    )


@blueprint.get("/<number>/proof.pdf")
@requires(*READERS)
def proof_pdf(number: str) -> Response:
    """The proof on paper."""
    return send_proof(number)


@blueprint.post("/<number>/delivery-link")
@requires(*MAKERS)
def link(number: str) -> Response:
    """Make the link by which somebody at the door signs."""
    make_the_link(number)
    return redirect(url_for("hq_deliveries.proof", number=number), 303)


@blueprint.post("/<number>/delivery-link/revocation")
@requires(*MAKERS)
def revocation(number: str) -> Response:
    """End that link."""
    revoke_the_link(number)
    flash(gettext("The link has been withdrawn."), "success")
    return redirect(url_for("hq_deliveries.proof", number=number), 303)
