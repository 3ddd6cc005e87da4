"""Headquarters' stock: lots in the warehouses, and a product in one of them with its bins and movements."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.kernel import clock, typed
from portal.kernel.errors import N_, Invalid
from portal.kernel.paging import Page
from portal.stock.change_location import change_location
from portal.stock.holdings import (
    HeldLot,
    SoughtLots,
    count_held_lots,
    held_level,
    held_lots,
    lots_of,
    movements_of,
)
from portal.stock.queries import warehouses
from portal.stock.rules import LotState
from portal.stock.vocabulary import StockRight
from portal.web.forms import Form, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.parts import part_of
from portal.web.presentation import in_full, in_language
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.status_looks import status_look

blueprint = Blueprint("held_stock", __name__, url_prefix="/hq/stock")

DAYS_MAX = 3650
MOVEMENTS_SHOWN = 50

HELD = Listing(
    "held-stock",
    N_("Stock"),
    (
        Column("lot", N_("Lot"), Kind.CODE, width="c-10"),
        Column("product", N_("Product"), Kind.NAME, path="name", css="cell-wide"),
        Column("sku", N_("SKU"), Kind.CODE, width="c-12"),
        Column("warehouse_name", N_("Warehouse"), Kind.NAME, path="warehouse", width="c-12"),
        Column("warehouse", N_("Warehouse code"), Kind.CODE, shown=False, width="c-10"),
        Column("state", N_("Status"), Kind.STATUS, status="lot", width="c-10", css="cell-corner"),
        Column("expires_on", N_("Expires on"), Kind.DATE, width="c-10"),
        Column("produced_on", N_("Produced on"), Kind.DATE, shown=False, width="c-10"),
        Column("on_hand", N_("On hand"), Kind.QUANTITY, width="c-8"),
        Column("allocated", N_("Being picked"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("inspecting", N_("In inspection"), Kind.QUANTITY, width="c-8"),
        Column("quarantined", N_("Quarantined"), Kind.QUANTITY, width="c-8"),
        Column("location", N_("Bin"), Kind.CODE, width="c-8"),
    ),
)

_APART = {"inspecting": N_("With units in inspection"), "quarantined": N_("With units in quarantine")}


class BinForm(Form):
    """Where a lot lies."""

    lot: str
    location: Stripped


@blueprint.get("")
@requires(StockRight.HEADQUARTERS)
@takes_columns("column")
def index() -> str | Response:
    """Lots of which there are units, the first to expire first."""
    query = {name: request.args.get(name, "").strip() for name in ("q", "warehouse", "state", "days")}
    days = typed.own_number(query["days"])
    today = clock.business_date(clock.now(), portal().settings.timezone)
    sought = SoughtLots(
        query["warehouse"],
        query["q"],
        query["state"] if query["state"] in list(LotState) else "",
        today + timedelta(days=min(days, DAYS_MAX)) if days is not None else None,
        query["state"] if query["state"] in _APART else "",
    )

    def fetch(cursor: str | None, limit: int) -> Page[HeldLot]:
        return held_lots(current_session(), actor=current_actor(), sought=sought, cursor=cursor, limit=limit)

    def count() -> int:
        return count_held_lots(current_session(), actor=current_actor(), sought=sought)

    return show_list(HELD, fetch, "backoffice/held_stock/index.html", query, page_only=_filters, count=count)


@blueprint.get("/<warehouse>/<sku>")
@requires(StockRight.HEADQUARTERS)
def show(warehouse: str, sku: str) -> str:
    """A product in a warehouse: its figures, its lots with their bins, and what moved them."""
    session, actor = current_session(), current_actor()
    level = held_level(session, actor=actor, warehouse=warehouse, sku=sku)
    page = movements_of(
        session, actor=actor, level=level, limit=MOVEMENTS_SHOWN, cursor=request.args.get("cursor")
    )
    return render_template(
        "backoffice/held_stock/show.html",
        level=level,
        part=part_of(lots_of(session, [level]).get((level.warehouse_id, level.product_id), [])),
        page=page,
        may_place=actor.may(StockRight.PLACE),
    )


@blueprint.post("/<warehouse>/<sku>/bins")
@requires(StockRight.PLACE)
def place(warehouse: str, sku: str) -> Response:
    """Say in which bin a lot lies."""
    form = read_form(BinForm)
    try:
        change_location(
            current_session(),
            actor=current_actor(),
            warehouse=warehouse,
            sku=sku,
            lot=form.lot,
            location=form.location,
        )
    except Invalid as refusal:
        current_session().rollback()
        flash(" ".join(in_full(fault) for fault in refusal.faults), "error")
    else:
        flash(gettext("Saved."), "success")
    shown = request.args.get("lines")  # the part of the lots in which this one stands
    return redirect(url_for("held_stock.show", warehouse=warehouse, sku=sku, lines=shown), 303)


def _filters() -> dict[str, Any]:
    return {
        "warehouses": [
            ("", gettext("All warehouses")),
            *((one.code, in_language(one.name_zh, one.name_en)) for one in warehouses(current_session())),
        ],
        "states": [
            ("", gettext("All lots")),
            *((str(one), status_look("lot", one).label) for one in LotState),
            *((key, gettext(word)) for key, word in _APART.items()),
        ],
        "terms": [
            ("", gettext("Any expiry")),
            *((str(days), gettext("Expires within %(days)s days", days=days)) for days in (30, 90, 180, 365)),
        ],
    }
