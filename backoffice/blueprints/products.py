"""Products as headquarters keeps them: looked up, proposed, submitted, approved by another of quality."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints import product_page
from portal.catalogue.decide_change import approve_change, reject_change
from portal.catalogue.kept_products import (
    READERS,
    SOON_DAYS,
    KeptProduct,
    Standing,
    count_waiting,
    kept_products,
)
from portal.catalogue.name_related import name_related
from portal.catalogue.product_changes import plain_sku
from portal.catalogue.product_fields import FIELDS, Document, ProductFields
from portal.catalogue.product_input import read_fields
from portal.catalogue.propose_change import propose_change, submit_change
from portal.catalogue.vocabulary import CatalogueRight, ChangeSource, DocumentKind, Relation
from portal.catalogue.words import CLASSES
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Forbidden, Invalid
from portal.kernel.paging import Page
from portal.web import file_field
from portal.web.forms import Form, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_full, in_language, labels
from portal.web.reference_cache import categories
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request

blueprint = Blueprint("products", __name__, url_prefix="/hq/products")


STANDINGS = {
    Standing.ALL: N_("All products"),
    Standing.ACTIVE: N_("In the range"),
    Standing.WITHDRAWN: N_("No longer sold"),
    Standing.CHANGING: N_("With an open change"),
    Standing.EXPIRING: N_("Certificate ends within 90 days"),
    Standing.ENDED: N_("Certificate has ended"),
}
PRODUCTS = Listing(
    "products",
    N_("Products"),
    (
        Column("sku", N_("SKU"), Kind.CODE, width="c-15"),
        Column("product", N_("Product"), Kind.NAME, css="cell-wide"),
        Column("udi_di", N_("UDI-DI (GTIN)"), Kind.CODE, shown=False, width="c-15"),
        Column("maker", N_("Maker"), shown=False, width="c-18"),
        Column("device_class", N_("Class"), Kind.WORD, words=CLASSES, width="c-8"),
        Column("category", N_("Product line code"), Kind.CODE, shown=False, width="c-10"),
        Column("registration_no", N_("Registration certificate"), width="c-18"),
        Column("registration_to", N_("Valid until"), Kind.DATE, empty=N_("No expiry"), width="c-12"),
        Column("renewal_asked_on", N_("Renewal asked for on"), Kind.DATE, shown=False, width="c-12"),
        Column("state", N_("Status"), Kind.STATUS, status="product", width="c-12", css="cell-corner"),
        Column("change_state", N_("Open change"), Kind.STATUS, status="product change", width="c-12"),
        Column("updated_at", N_("Changed on"), Kind.MOMENT, shown=False, width="c-15"),
    ),
)


class ChangeForm(Form):
    """The change that somebody decides on, as it was shown."""

    change: Stripped


class RejectionForm(Form):
    """The change that is rejected, and why."""

    change: Stripped
    reason: str


class RelatedForm(Form):
    """What belongs to a product: SKUs, one a line."""

    kind: Relation
    related: Stripped


@blueprint.get("")
@requires(*READERS)
@takes_columns("column")
def index() -> str | Response:
    """Products in force, by SKU."""
    said = request.args.get("standing", "")
    query: dict[str, Any] = {
        "q": request.args.get("q", "").strip(),
        "category": request.args.get("category", "").strip(),
        "standing": Standing(said) if said in list(Standing) else Standing.ALL,
    }
    today = product_page.today()

    def fetch(cursor: str | None, limit: int) -> Page[KeptProduct]:
        return kept_products(
            current_session(),
            actor=current_actor(),
            today=today,
            until=today + timedelta(days=SOON_DAYS),
            cursor=cursor,
            limit=limit,
            **query,
        )

    def page_only() -> dict[str, Any]:
        lines = [(one.code, f"{one.code} {in_language(one.name_zh, one.name_en)}") for one in categories()]
        return {
            "standing_options": list(labels(STANDINGS).items()),
            "category_options": [("", gettext("All product lines")), *lines],
            "may_edit": current_actor().may(CatalogueRight.EDIT),
            "waiting": count_waiting(current_session()),
        }

    return show_list(PRODUCTS, fetch, "backoffice/products/index.html", query, page_only=page_only)


@blueprint.get("/new")
@requires(CatalogueRight.EDIT)
def new() -> str:
    """The empty form of a product."""
    return render_template("backoffice/products/edit.html", **product_page.form(None))


@blueprint.post("")
@requires(CatalogueRight.EDIT)
@takes_columns(*(file_field.ids_of(kind) for kind in DocumentKind))
def create() -> str | Response:
    """Keep a new product as a draft."""
    return _save(None)


@blueprint.get("/<sku>")
@requires(*READERS)
def show(sku: str) -> str:
    """A product: in force, proposed, history."""
    return render_template("backoffice/products/show.html", **product_page.context(sku))


@blueprint.get("/<sku>/edit")
@requires(CatalogueRight.EDIT)
def edit(sku: str) -> str:
    """The form of a product."""
    return render_template("backoffice/products/edit.html", **product_page.form(sku))


@blueprint.post("/<sku>")
@requires(CatalogueRight.EDIT)
@takes_columns(*(file_field.ids_of(kind) for kind in DocumentKind))
def save(sku: str) -> str | Response:
    """Keep what is typed as a draft, and submit it where that is asked."""
    return _save(sku)


@blueprint.post("/<sku>/submission")
@requires(CatalogueRight.EDIT)
def submit(sku: str) -> Response:
    """Submit the draft as it is shown."""
    form = read_form(ChangeForm)
    with_moment = {"at": clock.now(), "today": product_page.today()}
    return _acted(
        sku,
        gettext("It waits for another person's approval."),
        lambda: submit_change(current_session(), actor=current_actor(), number=form.change, **with_moment),
    )


@blueprint.post("/<sku>/approval")
@requires(CatalogueRight.EDIT)
def approve(sku: str) -> Response:
    """Approve the change that is shown."""
    form = read_form(ChangeForm)
    with_moment = {"at": clock.now(), "today": product_page.today()}
    return _acted(
        sku,
        gettext("Approved. It comes into force in a moment."),
        lambda: approve_change(current_session(), actor=current_actor(), number=form.change, **with_moment),
    )


@blueprint.post("/<sku>/rejection")
@requires(CatalogueRight.EDIT)
def reject(sku: str) -> Response:
    """Reject the change that is shown, with a reason."""
    form = read_form(RejectionForm)
    return _acted(
        sku,
        gettext("Rejected."),
        lambda: reject_change(
            current_session(), actor=current_actor(), number=form.change, reason=form.reason, at=clock.now()
        ),
    )


@blueprint.post("/<sku>/related")
@requires(CatalogueRight.EDIT, CatalogueRight.SUBSTITUTES)
def relate(sku: str) -> Response:
    """Name what belongs to a product."""
    form = read_form(RelatedForm)
    wanted = [line for line in form.related.split() if line]
    return _acted(
        sku,
        gettext("Saved."),
        lambda: name_related(
            current_session(), actor=current_actor(), sku=sku, kind=form.kind, wanted=wanted
        ),
    )


def _save(sku: str | None) -> str | Response:
    texts, documents = {name: request.form.get(name, "") for name in FIELDS}, list[Document]()
    named, faults = plain_sku(sku or request.form.get("sku", "")), list[Fault]()
    actor, session, at, today = current_actor(), current_session(), clock.now(), product_page.today()
    seen = request.form.get("seen")
    try:
        documents = _documents()
        fields = read_fields(texts, ProductFields(documents=tuple(documents)), faults)
        if faults:
            raise Invalid(faults=faults)
        source = ChangeSource.PAGE
        number = propose_change(
            session, actor=actor, sku=named, fields=fields, source=source, at=at, today=today, seen=seen
        )
        if "submit" in request.form:
            submit_change(session, actor=actor, number=number, at=at, today=today)
    except (Invalid, Conflict) as refusal:
        session.rollback()
        if not refusal.faults or isinstance(refusal, Conflict):
            flash(in_full(refusal), "error")
        shown = product_page.form(
            sku, typed=request.form, documents=documents, faults=map(_with_theirs, refusal.faults)
        )
        return make_response(render_template("backoffice/products/edit.html", **shown), 422)
    flash(
        gettext("It waits for another person's approval.") if "submit" in request.form else gettext("Saved."),
        "success",
    )
    return redirect(url_for("products.show", sku=named), 303)


def _documents() -> list[Document]:
    """The files of the form by what they show. Raises Invalid with everything that is wrong with new ones."""
    return [Document(kind, file) for kind in DocumentKind for file in file_field.sent_files(kind)]


def _with_theirs(fault: Fault) -> Fault:
    """What somebody else has entered into a field, in words."""
    if "theirs" not in fault.params:
        return fault
    theirs = product_page.said(fault.pointer.strip("/"), fault.params["theirs"])
    return replace(fault, params={**fault.params, "theirs": theirs})


def _acted(sku: str, done: str, act: Any) -> Response:
    """Do it, or say why not, and show the product again."""
    try:
        act()
    except (Invalid, Conflict, Forbidden) as refusal:
        current_session().rollback()
        flash(_refused(refusal), "error")
    else:
        flash(done, "success")
    return redirect(url_for("products.show", sku=plain_sku(sku)), 303)


def _refused(refusal: DomainError) -> str:
    return " ".join(map(product_page.labelled, refusal.faults)) if refusal.faults else in_full(refusal)
