"""Carriers and the days that their parcels take, kept by the warehouse."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.kernel import typed
from portal.kernel.errors import Fault, Invalid
from portal.shipping.vocabulary import ShippingRight
from portal.tracking.answers.read_answer import Adapter
from portal.tracking.carriers import (
    carrier,
    carriers,
    keep_carrier,
    lead_times,
    sending_warehouses,
    set_lead_times,
)
from portal.web.forms import Form, Stripped, read_form, rows_of_form, takes_columns
from portal.web.presentation import in_full, in_language, in_words
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("carriers", __name__, url_prefix="/hq/carriers")


class CarrierForm(Form):
    """A carrier as it is entered; aliases one a line."""

    name_zh: Stripped
    name_en: Stripped
    aliases: str
    link: Stripped
    adapter: Stripped


class WarehouseForm(Form):
    """Whose days are entered."""

    warehouse: Stripped


@blueprint.get("")
@requires(ShippingRight.SHIP)
def index() -> str:
    """Every carrier, and the days from one warehouse to each province."""
    return _page(request.args.get("warehouse", ""))


@blueprint.get("/<code>")
@requires(ShippingRight.SHIP)
def show(code: str) -> str:
    """One carrier."""
    return _carrier_page(code)


@blueprint.post("/<code>")
@requires(ShippingRight.SHIP)
def keep(code: str) -> str | Response:
    """Change a carrier."""
    form = read_form(CarrierForm)
    try:
        keep_carrier(
            current_session(),
            actor=current_actor(),
            code=code,
            names=(form.name_zh, form.name_en),
            aliases=form.aliases.splitlines(),
            link=form.link,
            adapter=form.adapter,
        )
    except Invalid as refusal:
        current_session().rollback()
        return make_response(_carrier_page(code, refusal, form), 422)
    flash(gettext("Saved."), "success")
    return redirect(url_for("carriers.index"), 303)


@blueprint.post("/days")
@requires(ShippingRight.SHIP)
@takes_columns("region", "days")
def keep_days() -> str | Response:
    """Say how long the parcels of a warehouse take; an empty field leaves it to the usual days."""
    warehouse = read_form(WarehouseForm).warehouse
    entered = rows_of_form("region", "days")
    try:
        set_lead_times(current_session(), actor=current_actor(), warehouse=warehouse, days=_days(entered))
    except Invalid as refusal:
        current_session().rollback()
        return make_response(_page(warehouse, refusal, entered), 422)
    flash(gettext("Saved."), "success")
    return redirect(url_for("carriers.index", warehouse=warehouse), 303)


def _days(entered: list[tuple[str, ...]]) -> dict[int, int | None]:
    faults: list[Fault] = []
    days: dict[int, int | None] = {}
    for region, count in entered:
        region_id = typed.own_number(region) or 0
        pointer = f"/days/{region_id}"
        days[region_id] = typed.field(typed.quantity, count, pointer, faults) if count.strip() else None
    if faults:
        raise Invalid(faults=faults)
    return days


def _page(
    warehouse: str, refusal: Invalid | None = None, entered: list[tuple[str, ...]] | None = None
) -> str:
    session = current_session()
    places = sending_warehouses(session)
    chosen = next((one for one in places if one.code == warehouse), places[0] if places else None)
    faults = refusal.faults if refusal else ()
    typed_days: dict[str, str] = {}
    for region, count in entered or ():
        typed_days[region] = count
    context: dict[str, Any] = {
        "carriers": carriers(session),
        "warehouse_tabs": [
            (
                url_for("carriers.index", warehouse=one.code),
                in_language(one.name_zh, one.name_en),
                one is chosen,
                None,
            )
            for one in places
        ],
        "chosen": chosen,
        "lead_times": lead_times(session, chosen.id) if chosen else [],
        "usual": portal().settings.delivery_days,
        "entered": typed_days,
        "faults": {fault.pointer: in_full(fault) for fault in faults},
        "refusal_lines": [
            (f"field-{fault.pointer.strip('/').replace('/', '-')}", in_words(fault)) for fault in faults
        ],
    }
    return render_template("backoffice/carriers/index.html", **context)


def _carrier_page(code: str, refusal: Invalid | None = None, form: CarrierForm | None = None) -> str:
    one = carrier(current_session(), code)
    faults = refusal.faults if refusal else ()
    shown = (
        form.model_dump()
        if form
        else {
            "name_zh": one.name_zh,
            "name_en": one.name_en,
            "aliases": "\n".join(one.aliases),
            "link": one.link,
            "adapter": one.adapter,
        }
    )
    return render_template(
        "backoffice/carriers/show.html",
        code=one.code,
        shown=shown,
        adapters=[(str(adapter), str(adapter)) for adapter in Adapter],
        has_secret=code in portal().settings.carrier_secrets,
        refusal_lines=[(f"field-{fault.pointer.strip('/')}", in_words(fault)) for fault in faults],
        beside=lambda name: [in_full(fault) for fault in faults if fault.pointer == f"/{name}"],
    )
