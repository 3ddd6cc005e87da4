"""Substitutes: what is offered to a dealer whose line cannot be served."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.catalogue.name_substitutes import add_substitute, remove_substitute
from portal.catalogue.substitutes import SubstituteRow, named_substitutes
from portal.catalogue.vocabulary import CatalogueRight
from portal.kernel.errors import N_, DomainError, Fault, Invalid, NotFound
from portal.kernel.paging import Page
from portal.web.forms import Form, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request

blueprint = Blueprint("substitutes", __name__, url_prefix="/hq/substitutes")

SUBSTITUTES = Listing(
    "substitutes",
    N_("Substitutes"),
    (
        Column("sku", N_("SKU"), Kind.CODE, width="c-12"),
        Column("product", N_("Product"), Kind.NAME, css="cell-wide"),
        Column("rank", N_("Place"), Kind.QUANTITY, width="c-8"),
        Column("substitute", N_("Substitute SKU"), Kind.CODE, width="c-12"),
        Column("substitute_name", N_("Offered instead"), Kind.NAME, path="substitute", css="cell-wide"),
        Column("state", N_("Status"), Kind.STATUS, status="product", width="c-12", css="cell-corner"),
    ),
)


class SubstituteForm(Form):
    """A product and what may be offered instead."""

    sku: Stripped
    substitute: Stripped


@blueprint.get("")
@requires(CatalogueRight.SUBSTITUTES)
@takes_columns("column")
def index() -> str | Response:
    """Products with their substitutes, by SKU."""
    return _list()


@blueprint.post("")
@requires(CatalogueRight.SUBSTITUTES)
def create() -> str | Response:
    """Name one more substitute of a product."""
    try:
        form = read_form(SubstituteForm)
        add_substitute(current_session(), actor=current_actor(), sku=form.sku, substitute=form.substitute)
    except (Invalid, NotFound) as refusal:
        current_session().rollback()
        return make_response(_list(beside=_beside(refusal)), 422)
    flash(gettext("Saved."), "success")
    return redirect(url_for("substitutes.index", q=form.sku), 303)


@blueprint.post("/removal")
@requires(CatalogueRight.SUBSTITUTES)
def remove() -> Response:
    """Offer a substitute no longer."""
    form = read_form(SubstituteForm)
    remove_substitute(current_session(), actor=current_actor(), sku=form.sku, substitute=form.substitute)
    flash(gettext("Saved."), "success")
    return redirect(url_for("substitutes.index"), 303)


def _beside(refusal: DomainError) -> dict[str, list[str]]:
    """What is wrong, by field: a product that there is not, or what stands against the new substitute."""
    if isinstance(refusal, NotFound):
        message, fix = N_("There is no such product."), N_("Check the SKU or search the catalogue.")
        return {"sku": [in_full(Fault("/sku", "unknown_sku", message, fix))]}
    beside: dict[str, list[str]] = {}
    for fault in refusal.faults:
        field = "substitute" if fault.pointer.startswith("/substitutes") else fault.pointer.strip("/")
        beside.setdefault(field, []).append(in_full(fault))
    return beside


def _list(beside: dict[str, list[str]] | None = None) -> str | Response:
    q = request.args.get("q", "").strip()

    def fetch(cursor: str | None, limit: int) -> Page[SubstituteRow]:
        return named_substitutes(current_session(), actor=current_actor(), q=q, cursor=cursor, limit=limit)

    def page_only() -> dict[str, Any]:
        return {"beside": beside or {}, "typed": request.form}

    return show_list(SUBSTITUTES, fetch, "backoffice/substitutes/index.html", {"q": q}, page_only=page_only)
