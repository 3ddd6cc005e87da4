"""How cold goods came in: noted by the warehouse, decided on by quality where something speaks against it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, make_response, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints.cold_chain import is_release, log_upload
from portal.coldchain.cold_goods import range_of_products
from portal.coldchain.inbound_queries import LATEST_FIRST, InboundRow, count_inbound, inbound_rows
from portal.coldchain.queries import product_ids
from portal.coldchain.record_inbound import Inbound, decide_inbound, record_inbound
from portal.coldchain.rules import RecordState
from portal.coldchain.vocabulary import ColdChainRight
from portal.coldchain.words import TRANSPORTS
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.shipping.vocabulary import ShippingRight
from portal.web.cold_terms import cold_tolerance, finding_words, transport_words
from portal.web.forms import Celsius, Form, Moment, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, in_words
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("cold_receipts", __name__, url_prefix="/hq/cold-receipts")


INBOUND = Listing(
    "cold-receipts",
    N_("Goods that came in"),
    (
        Column("number", N_("Goods receipt"), Kind.CODE, width="c-18"),
        Column("state", N_("Status"), Kind.STATUS, status="cold record", width="c-12", css="cell-corner"),
        Column("transport", N_("How they travel"), Kind.WORD, words=TRANSPORTS, shown=False, width="c-12"),
        Column("departed_at", N_("When they left the supplier"), Kind.MOMENT, shown=False, width="c-15"),
        Column("departure", N_("At departure"), width="c-15"),
        Column("arrived_at", N_("Arrived at"), Kind.MOMENT, shown=False, width="c-15"),
        Column("arrival", N_("On arrival"), width="c-15"),
        Column("recorded_at", N_("Recorded at"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("recorded_by_label", N_("Recorded by"), css="cell-wide"),
        Column("decided_by_label", N_("Decided by"), shown=False, width="c-12"),
        Column("reason", N_("Reason"), shown=False, width="c-20"),
    ),
    sort=str(LATEST_FIRST),
)
WAITING = str(RecordState.WAITING)


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
@takes_columns("column")
def index() -> str | Response:
    """Transports that came in, the latest first, or those that wait for quality."""
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


def _page(refusal: DomainError | None = None) -> str | Response:
    faults = refusal.faults if refusal else ()
    status, q = request.args.get("status", ""), request.args.get("q", "").strip()
    sought: dict[str, Any] = {"waiting": status == WAITING, "q": q}
    sort = sort_of_address(INBOUND)

    def fetch(cursor: str | None, limit: int) -> Page[InboundRow]:
        return inbound_rows(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    context = {
        "q": q,
        "status": status,
        "transports": transport_words(),
        "finding_words": finding_words(),
        "may_decide": current_actor().may(ColdChainRight.DECIDE),
    }
    around = {
        "tabs": _tabs(status),
        "number": request.args.get("number", ""),
        "may_record": current_actor().may(ShippingRight.SHIP),
        "refusal": refusal,
        "refusal_lines": [(f"field-{fault.pointer.strip('/')}", in_words(fault)) for fault in faults],
        "beside": lambda name: [in_full(fault) for fault in faults if fault.pointer == f"/{name}"],
        "typed": request.form,
    }
    return show_list(
        INBOUND,
        fetch,
        "backoffice/coldchain/receipts.html",
        context,
        page_only=lambda: around,
        count=lambda: count_inbound(current_session(), **sought),
    )


def _tabs(chosen: str) -> list[tuple[str, str, bool, int | None]]:
    labels = {"": gettext("All"), WAITING: gettext("In quarantine")}
    return [
        (url_for("cold_receipts.index", status=one or None), label, one == chosen, None)
        for one, label in labels.items()
    ]
