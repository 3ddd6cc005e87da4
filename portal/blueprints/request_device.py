"""What is known of the device that a request is about, told while its form is filled in."""

from __future__ import annotations

from flask import Blueprint

from portal.blueprints.frame import dealer_frame
from portal.devices.vocabulary import DeviceRight
from portal.devices.warranty_rules import Warranty, stand_of
from portal.kernel import clock
from portal.service.device import device_named
from portal.service.vocabulary import ServiceRight
from portal.web.presentation import in_full
from portal.web.rendering import render_page, requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("request_device", __name__, url_prefix="/service-requests")
blueprint.context_processor(dealer_frame)

SAID_MAX = 500
"""Characters of a scanned code."""


@blueprint.get("/device")
@requires(ServiceRight.WRITE)
def show() -> str:
    """Product, lot and warranty of a device by its serial number or its code; a page without script."""
    actor, today = current_actor(), clock.business_date(clock.now(), portal().settings.timezone)
    said, sku = request.args.get("device", "").strip(), request.args.get("product", "").strip()
    found, faults = device_named(
        current_session(),
        dealer_id=actor.own_dealer_id,
        said=said[:SAID_MAX],
        sku=sku[:SAID_MAX],
        today=today,
    )
    return render_page(
        "service/device.html",
        "known",
        said=said,
        found=found,
        # As a repair is judged: what is not over yet counts.
        stand=stand_of(Warranty(found.warranty_until and today, found.warranty_until), None, on=today),
        faults=[in_full(one) for one in faults],
        may_open=actor.may(DeviceRight.READ),
    )
