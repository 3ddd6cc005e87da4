"""Purchase orders as the ERP told of them, and the suppliers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.kernel.errors import N_, Invalid
from portal.kernel.paging import Page
from portal.receiving.purchases import PurchaseRow, purchase, purchases
from portal.receiving.rules import PurchaseState
from portal.receiving.suppliers import MAY_SEE, SupplierFacts, suppliers, write_supplier
from portal.receiving.vocabulary import ReceivingRight
from portal.web.forms import Form, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request
from portal.web.status_looks import status_look

blueprint = Blueprint("purchases", __name__, url_prefix="/hq/purchase-orders")

PURCHASES = Listing(
    "purchase-orders",
    N_("Purchase orders"),
    (
        Column("number", N_("Purchase order"), width="c-18"),
        Column("state", N_("Status"), Kind.STATUS, status="purchase order", width="c-15", css="cell-corner"),
        Column("supplier", N_("Supplier"), css="cell-wide"),
        Column("supplier_code", N_("Supplier code"), Kind.CODE, shown=False, width="c-10"),
        Column("warehouse_name", N_("Warehouse"), Kind.NAME, path="warehouse", width="c-15"),
        Column("expected_on", N_("Expected on"), Kind.DATE, width="c-12"),
        Column("ordered", N_("Units ordered"), Kind.QUANTITY, width="c-10"),
        Column("received", N_("Units received"), Kind.QUANTITY, width="c-10"),
        Column("changed_at", N_("Last report"), Kind.MOMENT, shown=False, width="c-15"),
    ),
)


class SupplierForm(Form):
    """A supplier as somebody writes it down."""

    code: Stripped
    name: Stripped
    address: Stripped
    contact: Stripped
    licence_no: Stripped


@blueprint.get("")
@requires(*MAY_SEE)
@takes_columns("column")
def index() -> str | Response:
    """Purchase orders, what is expected first first."""
    said = request.args.get("status", "")
    state = said if said in list(PurchaseState) else ""
    q = request.args.get("q", "").strip()

    def fetch(cursor: str | None, limit: int) -> Page[PurchaseRow]:
        return purchases(
            current_session(), actor=current_actor(), state=state, q=q, cursor=cursor, limit=limit
        )

    def page_only() -> dict[str, Any]:
        return {"tabs": _tabs(state)}

    return show_list(
        PURCHASES,
        fetch,
        "backoffice/purchases/index.html",
        {"status": state, "q": q},
        page_only=page_only,
    )


@blueprint.get("/<number>")
@requires(*MAY_SEE)
def show(number: str) -> str:
    """What was ordered beside what has come."""
    found = purchase(current_session(), actor=current_actor(), number=number)
    return render_template(
        "backoffice/purchases/show.html",
        found=found,
        order=found.order,
        may_receive=current_actor().may(ReceivingRight.RECEIVE),
    )


@blueprint.get("/suppliers")
@requires(*MAY_SEE)
def supplier_list() -> str:
    """The suppliers, with a form for another one or a change."""
    return _suppliers({})


@blueprint.post("/suppliers")
@requires(ReceivingRight.RECEIVE)
def write() -> str | Response:
    """Write a supplier down, or change the one with this code."""
    form = read_form(SupplierForm)
    try:
        write_supplier(current_session(), actor=current_actor(), supplier=SupplierFacts(**form.model_dump()))
    except Invalid as refusal:
        current_session().rollback()
        beside: dict[str, list[str]] = {}
        for fault in refusal.faults:
            beside.setdefault(fault.pointer.strip("/"), []).append(in_full(fault))
        return make_response(_suppliers(form.model_dump(), beside), 422)
    flash(gettext("Saved."), "success")
    return redirect(url_for("purchases.supplier_list"), 303)


def _suppliers(form: dict[str, str], beside: dict[str, list[str]] | None = None) -> str:
    return render_template(
        "backoffice/purchases/suppliers.html",
        suppliers=suppliers(current_session(), actor=current_actor()),
        may_write=current_actor().may(ReceivingRight.RECEIVE),
        form=form,
        beside=beside or {},
    )


def _tabs(state: str) -> list[tuple[str, str, bool, int | None]]:
    every = (url_for("purchases.index"), gettext("All"), not state, None)
    return [
        every,
        *(
            (
                url_for("purchases.index", status=str(one)),
                status_look("purchase order", one).label,
                one == state,
                None,
            )
            for one in PurchaseState
        ),
    ]
