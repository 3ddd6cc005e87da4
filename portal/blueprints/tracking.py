"""Where a shipment of the dealer is."""

from __future__ import annotations

from flask import Blueprint, render_template

from portal.blueprints.frame import dealer_frame
from portal.orders.vocabulary import OrderRight
from portal.shipping.queries import shipment
from portal.tracking.queries import events_of, parcel
from portal.web.parcel_timeline import parcel_road, parcel_timeline, usual_days
from portal.web.rendering import requires
from portal.web.request import current_session

blueprint = Blueprint("tracking", __name__)
blueprint.context_processor(dealer_frame)


@blueprint.get("/shipments/<number>")
@requires(OrderRight.READ)
def show(number: str) -> str:
    """One shipment that has left: where it is, when it is expected, and the lots in it."""
    session = current_session()
    followed = parcel(session, number, usual_days=usual_days())
    events = events_of(session, followed)
    return render_template(
        "tracking/show.html",
        parcel=followed,
        shipment=shipment(session, number),
        road=parcel_road(followed),
        events=parcel_timeline(events),
    )
