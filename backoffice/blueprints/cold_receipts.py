"""How cold goods came in: noted by the warehouse, decided on by quality where something speaks against it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints.cold_chain import is_release, log_upload
from portal.coldchain.cold_goods import range_of_products
from portal.coldchain.queries import inbound_rows, product_ids
from portal.coldchain.record_inbound import Inbound, decide_inbound, record_inbound
from portal.coldchain.rules import RecordState
from portal.coldchain.vocabulary import ColdChainRight
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Invalid
from portal.shipping.vocabulary import ShippingRight
from portal.web.cold_terms import cold_tolerance, finding_words, transport_words
from portal.web.forms import Celsius, Form, Moment, Stripped, read_form
from portal.web.presentation import in_full, in_words
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("cold_receipts", __name__, url_prefix="/hq/cold-receipts")


class InboundForm(Form):
    """A transport as the warehouse notes it."""

    number: Stripped
    transport: Stripped
    skus: str
    departed_at: Moment
    departure_celsius: Celsius
    arrival_celsius: Celsius


class DecisionForm(Form):
    """What quality decides, and why."""

    number: Stripped
    decision: Stripped
    reason: str


@blueprint.get("")
@requires(ShippingRight.SHIP, ColdChainRight.DECIDE)
def index() -> str:
    """The latest transports that came in."""
    return _page()


@blueprint.post("")
@requires(ShippingRight.SHIP)
def record() -> str | Response:
    """Note how cold goods came in."""

    def act() -> RecordState:
        form = read_form(InboundForm)
        inbound = Inbound(
            form.transport,
            form.departed_at,
            form.departure_celsius,
            form.arrival_celsius,
            log_upload() if request.files.get("file") else None,
        )
        skus = form.skus.split()
        known = product_ids(current_session(), skus)
        unknown = [sku for sku in skus if sku not in known]
        bounds = range_of_products(current_session(), list(known.values()))
        if unknown or bounds is None:
            message = (
                N_("There is no such product: %(sku)s.") if unknown else N_("None of these goods is cold.")
            )
            fix = N_("Check the SKU or search the catalogue.")
            params = {"sku": unknown[0]} if unknown else {}
            raise Invalid(faults=[Fault("/skus", "skus", message, fix, params)])
        return record_inbound(
            current_session(),
            actor=current_actor(),
            number=form.number,
            bounds=bounds,
            inbound=inbound,
            zone=portal().settings.timezone,
            tolerance=cold_tolerance(),
            at=clock.now(),
        )

    return _act(act)


@blueprint.post("/decision")
@requires(ColdChainRight.DECIDE)
def decide() -> str | Response:
    """Release goods that came in, or condemn them."""

    def act() -> RecordState:
        form = read_form(DecisionForm)
        return decide_inbound(
            current_session(),
            actor=current_actor(),
            number=form.number,
            is_released=is_release(form.decision),
            reason=form.reason,
            at=clock.now(),
        )

    return _act(act)


def _act(act: Callable[[], RecordState]) -> str | Response:
    try:
        state = act()
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        return make_response(_page(refusal), 422 if isinstance(refusal, Invalid) else 409)
    if state is RecordState.WAITING:
        flash(gettext("Saved. The goods are in quarantine: quality decides on them."), "warning")
    else:
        flash(gettext("Saved."), "success")
    return redirect(url_for("cold_receipts.index"), 303)


def _page(refusal: DomainError | None = None) -> str:
    faults = refusal.faults if refusal else ()
    return render_template(
        "backoffice/coldchain/receipts.html",
        rows=inbound_rows(current_session()),
        number=request.args.get("number", ""),
        transports=transport_words(),
        finding_words=finding_words(),
        may_record=current_actor().may(ShippingRight.SHIP),
        may_decide=current_actor().may(ColdChainRight.DECIDE),
        refusal=refusal,
        refusal_lines=[(f"field-{fault.pointer.strip('/')}", in_words(fault)) for fault in faults],
        beside=lambda name: [in_full(fault) for fault in faults if fault.pointer == f"/{name}"],
        typed=request.form,
    )
