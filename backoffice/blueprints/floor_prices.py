"""Floor prices: which products have one, set for one product or by a sheet. No dealer sees any."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, flash, make_response, redirect, url_for
from flask_babel import force_locale, gettext, ngettext
from werkzeug.wrappers import Response

from portal.kernel import clock, spreadsheet
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.paging import Page
from portal.pricing.floor_sheet import FIELDS, FloorSheet
from portal.pricing.floors import FloorRow, Standing, floors
from portal.pricing.rule_sheet import folded
from portal.pricing.set_floor import Floor, set_floors
from portal.pricing.vocabulary import PriceRight
from portal.web.forms import Form, MomentIfAny, Money, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_full, in_language, labels
from portal.web.reference_cache import categories
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("floor_prices", __name__, url_prefix="/hq/floor-prices")

FAULTS_SHOWN = 200
LOCALES = ("zh", "en")
STANDINGS = {
    Standing.SET: N_("With a floor price"),
    Standing.COMING: N_("With one to come"),
    Standing.NONE: N_("Without a floor price"),
    Standing.ALL: N_("All products"),
}
FLOORS = Listing(
    "floor-prices",
    N_("Floor prices"),
    (
        Column("product", N_("Product"), Kind.NAME),
        Column("sku", N_("SKU"), Kind.CODE, width="c-12"),
        Column("category", N_("Product line code"), Kind.CODE, shown=False, width="c-10"),
        Column("list_price", N_("List price"), Kind.MONEY, width="c-8"),
        Column("floor", N_("Floor price"), Kind.MONEY, width="c-8"),
        Column("share", N_("Share of the list price"), Kind.SHARE, width="c-15"),
        Column("since", N_("In force since"), Kind.MOMENT, width="c-12"),
        Column("next_floor", N_("Next floor price"), Kind.MONEY, width="c-12"),
        Column("next_from", N_("Next from"), Kind.MOMENT, width="c-15"),
        Column("set_by", N_("Set by"), shown=False, width="c-12"),
    ),
)


class FloorForm(Form):
    """The floor of one product. valid_from: a moment to come, or nothing for now."""

    sku: Stripped
    floor: Money
    valid_from: MomentIfAny


@blueprint.get("")
@requires(PriceRight.POLICIES, PriceRight.APPROVE)
@takes_columns("column")
def index() -> str | Response:
    """Products with their floors, by SKU."""
    return _list()


@blueprint.post("")
@requires(PriceRight.POLICIES)
def create() -> str | Response:
    """Set the floor of one product."""
    try:
        form = read_form(FloorForm)
        wanted = Floor(form.sku, form.floor, form.valid_from)
        done = set_floors(current_session(), actor=current_actor(), floors=[wanted])
    except Invalid as refusal:
        current_session().rollback()
        beside: dict[str, list[str]] = {}
        for fault in refusal.faults:
            beside.setdefault(fault.pointer.rpartition("/")[2], []).append(in_full(fault))
        return make_response(_list(beside=beside), 422)
    flash(gettext("Saved.") if done.changed else gettext("It is the floor price already."), "success")
    return redirect(url_for("floor_prices.index", q=form.sku, standing="all"), 303)


@blueprint.post("/import")
@requires(PriceRight.POLICIES)
def import_sheet() -> str | Response:
    """Set the floors of a sheet, all of them or none."""
    file = request.files.get("file")
    sheet: FloorSheet | None = None
    try:
        table = spreadsheet.read_table(file.read() if file else b"")
        sheet = FloorSheet(table, _heads(), portal().settings.timezone)
        changed = set_floors(current_session(), actor=current_actor(), floors=sheet.floors).changed
    except Invalid as refusal:
        current_session().rollback()
        return make_response(_list(cells=[_beside_cell(fault, sheet) for fault in refusal.faults]), 422)
    message = ngettext(
        "%(count)s floor price has been set.", "%(count)s floor prices have been set.", changed, count=changed
    )
    flash(message, "success")
    return redirect(url_for("floor_prices.index"), 303)


def _list(**refused: Any) -> str | Response:
    standing = request.args.get("standing", "")
    query: dict[str, Any] = {
        "q": request.args.get("q", "").strip(),
        "category": request.args.get("category", "").strip(),
        "standing": Standing(standing) if standing in list(Standing) else Standing.SET,
    }

    def fetch(cursor: str | None, limit: int) -> Page[FloorRow]:
        return floors(
            current_session(), actor=current_actor(), at=clock.now(), cursor=cursor, limit=limit, **query
        )

    def page_only() -> dict[str, Any]:
        actor = current_actor()
        lines = [(one.code, f"{one.code} {in_language(one.name_zh, one.name_en)}") for one in categories()]
        cells = refused.get("cells", ())
        return {
            "may_set": actor.may(PriceRight.POLICIES) and actor.region_ids is None,
            "standing_options": list(labels(STANDINGS).items()),
            "category_options": [("", gettext("All product lines")), *lines],
            "beside": refused.get("beside", {}),
            "typed": request.form,
            "cells": cells[:FAULTS_SHOWN],
            "more": max(0, len(cells) - FAULTS_SHOWN),
        }

    return show_list(FLOORS, fetch, "backoffice/floor_prices/index.html", query, page_only=page_only)


def _beside_cell(fault: Fault, sheet: FloorSheet | None) -> tuple[str, str]:
    cell = sheet.cell_of(fault.pointer) if sheet else fault.pointer.strip("/")
    return cell, in_full(fault)


@cache
def _heads() -> dict[str, str]:
    """What stands above the columns of a sheet, in both languages, and the names of the fields themselves."""
    known = {folded(name): name for name in FIELDS}
    for locale in LOCALES:
        with force_locale(locale):
            known |= {folded(gettext(label)): name for name, label in FIELDS.items()}
    return known
