"""Where a shipment of the dealer is, and at which temperatures its cold goods travelled."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.coldchain.measure import arrive_cold_goods
from portal.coldchain.queries import cold_record, has_cold_goods
from portal.kernel import clock
from portal.kernel.errors import Conflict, DomainError, Invalid
from portal.orders.vocabulary import OrderRight
from portal.shipping.queries import shipment
from portal.tracking.queries import events_of, parcel
from portal.web.cold_terms import cold_tolerance, cold_words, finding_words, transport_words
from portal.web.forms import Celsius, Form, read_form
from portal.web.parcel_timeline import parcel_road, parcel_timeline, usual_days
from portal.web.presentation import in_full, in_words
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request
from portal.web.temperature_chart import draw

blueprint = Blueprint("tracking", __name__)
blueprint.context_processor(dealer_frame)


class ArrivalForm(Form):
    """How cold the goods came."""

    celsius: Celsius


@blueprint.get("/shipments/<number>")
@requires(OrderRight.READ)
def show(number: str) -> str:
    """One shipment that has left: where it is, when it is expected, and the lots in it."""
    return _page(number)


@blueprint.post("/shipments/<number>/arrival")
@requires(OrderRight.WRITE)
def arrive(number: str) -> str | Response:
    """Say how cold the goods came; they are there now."""
    try:
        arrive_cold_goods(
            current_session(),
            actor=current_actor(),
            number=number,
            celsius=read_form(ArrivalForm).celsius,
            tolerance=cold_tolerance(),
            at=clock.now(),
        )
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        return make_response(_page(number, refusal), 422 if isinstance(refusal, Invalid) else 409)
    flash(gettext("Saved."), "success")
    return redirect(url_for("tracking.show", number=number), 303)


def _page(number: str, refusal: DomainError | None = None) -> str:
    session = current_session()
    followed = parcel(session, number, usual_days=usual_days())
    events = events_of(session, followed)
    record = cold_record(session, number)
    faults = refusal.faults if refusal else ()
    return render_template(
        "tracking/show.html",
        record=record,
        cold_notice=cold_words(record, has_cold_goods=has_cold_goods(session, number)),
        drawing=draw(record) if record else None,
        transports=transport_words(),
        finding_words=finding_words(),
        may_measure=current_actor().may(OrderRight.WRITE),
        refusal=refusal,
        refusal_lines=[(f"field-{fault.pointer.strip('/')}", in_words(fault)) for fault in faults],
        beside=lambda name: [in_full(fault) for fault in faults if fault.pointer == f"/{name}"],
        typed=request.form,
        parcel=followed,
        shipment=shipment(session, number),
        road=parcel_road(followed),
        events=parcel_timeline(events),
    )
