"""Waves: many orders of a warehouse picked in one go."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints.outbound_reviews import outbound_tabs
from backoffice.blueprints.parcels import send_paper
from portal.kernel import clock
from portal.kernel.errors import N_, Invalid
from portal.kernel.paging import Page
from portal.shipping import waves as waves_of
from portal.shipping.parcel_papers import wave_list_of
from portal.shipping.seller import Seller
from portal.shipping.start_wave import start_wave
from portal.shipping.vocabulary import ShippingRight
from portal.shipping.waves import WaveRow
from portal.web import language
from portal.web.forms import Form, Stripped, column_of_form, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("waves", __name__, url_prefix="/hq/waves")

WAVES = Listing(
    "waves",
    N_("Waves"),
    (
        Column("number", N_("Wave"), width="c-18"),
        Column("warehouse_name", N_("Warehouse"), Kind.NAME, path="warehouse"),
        Column("made_at", N_("Started at"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("made_by_label", N_("Started by"), width="c-15"),
        Column("parcels", N_("Shipments"), Kind.QUANTITY, width="c-10"),
        Column("open_parcels", N_("Not shipped yet"), Kind.QUANTITY, width="c-12"),
    ),
    sort=str(waves_of.LATEST_FIRST),
)


class WaveForm(Form):
    """From which warehouse the chosen orders are picked."""

    warehouse: Stripped


@blueprint.get("")
@requires(ShippingRight.SHIP)
@takes_columns("column")
def index() -> str | Response:
    """Waves, the latest first."""

    sort = sort_of_address(WAVES)

    def fetch(cursor: str | None, limit: int) -> Page[WaveRow]:
        session, actor = current_session(), current_actor()
        return waves_of.waves(session, actor=actor, cursor=cursor, limit=limit, sort=sort)

    return show_list(
        WAVES,
        fetch,
        "backoffice/outbound/waves.html",
        page_only=lambda: {"tabs": outbound_tabs("waves.index")},
        count=lambda: waves_of.count_waves(current_session(), actor=current_actor()),
    )


@blueprint.get("/new")
@requires(ShippingRight.SHIP)
def new() -> str:
    """The orders of a warehouse that may be picked together."""
    return render_template("backoffice/outbound/new_wave.html", **_new(request.args.get("warehouse", "")))


@blueprint.post("")
@requires(ShippingRight.SHIP)
@takes_columns("number")
def start() -> str | Response:
    """Pick what was chosen; whatever cannot be picked is named with its reason."""
    at = clock.now()
    settings = portal().settings
    form = read_form(WaveForm)
    try:
        started = start_wave(
            portal().database,
            actor=current_actor(),
            warehouse_code=form.warehouse,
            numbers=column_of_form("number"),
            today=clock.business_date(at, settings.timezone),
            at=at,
            margin_days=settings.saleable_days_before_expiry,
        )
    except Invalid as refusal:
        said = [in_full(fault) for fault in refusal.faults]
        page = render_template(
            "backoffice/outbound/new_wave.html", **{**_new(form.warehouse), "errors": said}
        )
        return make_response(page, 422)
    if started.parcels:
        flash(gettext("Picked together: %(count)s orders.", count=len(started.parcels)), "success")
    if started.refused:
        flash(gettext("Left out: %(count)s orders; see below.", count=len(started.refused)), "warning")
    return redirect(url_for("waves.show", number=started.number), 303)


@blueprint.get("/<number>")
@requires(ShippingRight.SHIP)
def show(number: str) -> str:
    """One wave: what to take by bin and lot, the parcels it fills, and what was left out."""
    session, actor = current_session(), current_actor()
    wave, units = waves_of.wave(session, actor=actor, number=number)
    parcels: dict[str, list[Any]] = {}
    for unit in units:
        parcels.setdefault(unit.parcel, []).append(unit)
    left_out = waves_of.refusals(session, actor=actor, wave_id=wave.id)
    return render_template(
        "backoffice/outbound/wave.html",
        wave=wave,
        rows=waves_of.summed(units),
        parcels=parcels,
        refused=[(one.order, [_in_words(**why) for why in one.why]) for one in left_out],
    )


@blueprint.get("/<number>/pick-list.pdf")
@requires(ShippingRight.SHIP)
def pick_list(number: str) -> Response:
    """What to take for all parcels, on paper."""
    wave, units = waves_of.wave(current_session(), actor=current_actor(), number=number)
    seller = Seller.of(portal().settings)
    return send_paper(wave_list_of(wave, units, seller, locale=language.current(), at=clock.now()))


def _in_words(message: str, params: dict[str, Any]) -> str:
    return gettext(message, **params)


def _new(warehouse: str) -> dict[str, Any]:
    session, actor = current_session(), current_actor()
    known = waves_of.warehouses(session, actor=actor)
    code = warehouse if any(one.code == warehouse for one in known) else known[0].code if known else ""
    return {
        "warehouses": known,
        "warehouse": code,
        "orders": waves_of.to_pick(session, actor=actor, warehouse=code),
        "errors": [],
    }
