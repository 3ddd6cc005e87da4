"""Order templates of the dealer: listed, written, kept from the cart or a past order, ordered from.

Ordering again from a past order is the same page: what it was, what it costs today, and then into the cart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from portal.blueprints.cart import cart_context
from portal.blueprints.frame import dealer_frame
from portal.blueprints.orders import order_page
from portal.kernel import clock
from portal.kernel.errors import Conflict, Fault, Invalid
from portal.orders import cart, queries
from portal.orders.request import OrderRequest
from portal.orders.rules import Wanted
from portal.orders.vocabulary import OrderRight
from portal.purchasing import templates
from portal.web.error_handlers import status_of
from portal.web.forms import OwnNumber, read_form, takes_columns
from portal.web.naming import NameForm, Naming
from portal.web.order_sheets import by_line, put_into_cart, sheet_of, typed_lines
from portal.web.order_terms import order_terms
from portal.web.presentation import in_full, in_words
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session

blueprint = Blueprint("order_templates", __name__)
blueprint.context_processor(dealer_frame)

EMPTY_ROWS = 5  # offered below the lines of a template


class TemplateForm(NameForm):
    """A template as its page edits it. revision: 0 for a new one."""

    revision: OwnNumber


class EntryRow(NamedTuple):
    """A row of a form of SKUs and quantities, as it was typed."""

    sku: str
    quantity: str
    name: tuple[str, str] = ("", "")
    faults: Sequence[Fault] = ()


@blueprint.get("/order-templates")
@requires(OrderRight.WRITE)
def index() -> str:
    """The dealer's templates by name."""
    found = templates.templates(current_session(), actor=current_actor())
    return render_template("purchasing/templates.html", templates=found)


@blueprint.get("/order-templates/<name>")
@requires(OrderRight.WRITE)
def show(name: str) -> str:
    """A template with today's prices and what stands against ordering it."""
    found = templates.template(current_session(), actor=current_actor(), name=name)
    sheet = sheet_of(found.lines, OrderRequest(found.wanted())) if found.lines else None
    return render_template("purchasing/template.html", template=found, sheet=sheet)


@blueprint.get("/new-order-template")
@requires(OrderRight.WRITE)
def new() -> str:
    """An empty form."""
    return _editor("", 0, [])


@blueprint.get("/order-templates/<name>/edit")
@requires(OrderRight.WRITE)
def edit(name: str) -> str:
    """The form with the lines of a template."""
    found = templates.template(current_session(), actor=current_actor(), name=name)
    rows = [EntryRow(line.sku, str(line.quantity), (line.name_zh, line.name_en)) for line in found.lines]
    return _editor(found.name, found.revision, rows)


@blueprint.post("/order-templates")
@requires(OrderRight.WRITE)
@takes_columns("sku", "quantity")
def save() -> str | Response:
    """Keep what the form holds."""
    form, lines = read_form(TemplateForm), typed_lines()
    try:
        name = _keep(form.name, lines, form.revision)
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        faults = by_line(refusal.faults)
        rows = [EntryRow(line.sku, str(line.quantity), faults=faults.get(line.pointer, ())) for line in lines]
        page = _editor(form.name, form.revision, rows, refusal)
        return make_response(page, status_of(refusal))
    return redirect(url_for("order_templates.show", name=name), 303)


@blueprint.post("/order-templates/<name>/removal")
@requires(OrderRight.WRITE)
def remove(name: str) -> Response:
    """Give a template up."""
    templates.remove_template(current_session(), actor=current_actor(), name=name)
    flash(gettext("The template %(name)s has been removed.", name=name), "success")
    return redirect(url_for("order_templates.index"), 303)


@blueprint.post("/cart/template")
@requires(OrderRight.WRITE)
def keep_cart() -> str | Response:
    """Keep the cart as a template; the cart stays as it is."""
    lines = cart.lines(current_session(), actor=current_actor())
    return _kept(lines, lambda naming: render_template("cart/index.html", **cart_context(naming=naming)))


@blueprint.post("/orders/<number>/template")
@requires(OrderRight.WRITE)
def keep_order(number: str) -> str | Response:
    """Keep the lines of a past order as a template."""
    order = queries.order(current_session(), number)
    lines = [
        Wanted(line.sku, line.quantity, f"/lines/{place}")
        for place, line in enumerate(line for line in order.lines if not line.gift)
    ]
    return _kept(lines, lambda naming: order_page(order, naming))


@blueprint.get("/orders/<number>/reorder")
@requires(OrderRight.WRITE)
def reorder(number: str) -> str:
    """A past order with today's prices and stock, and what is no longer sold, before anything is taken."""
    order = queries.order(current_session(), number)
    bought = [line for line in order.lines if not line.gift]
    wanted = [Wanted(line.sku, line.quantity, f"/lines/{place}") for place, line in enumerate(bought)]
    sheet = sheet_of(bought, OrderRequest(wanted), [line.unit_price for line in bought])
    return render_template("purchasing/reorder.html", order=order, sheet=sheet)


@blueprint.post("/cart/lines")
@requires(OrderRight.WRITE)
@takes_columns("sku", "quantity")
def into_cart() -> str | Response:
    """Add the lines of a template or a past order to the cart, all or none."""
    lines = typed_lines()
    try:
        count = put_into_cart(lines)
    except Invalid as refusal:
        current_session().rollback()
        faults = by_line(refusal.faults)
        rows = [EntryRow(line.sku, str(line.quantity), faults=faults.get(line.pointer, ())) for line in lines]
        page = render_template("purchasing/into_cart.html", rows=rows, summary=_summary(rows, refusal))
        return make_response(page, 422)
    if count:
        words = ngettext("%(num)d product is in the cart.", "%(num)d products are in the cart.", count)
        flash(words, "success")
    return redirect(url_for("cart.index"), 303)


def _keep(name: str, lines: Sequence[Wanted], revision: int) -> str:
    templates.keep_template(
        current_session(),
        actor=current_actor(),
        name=name,
        lines=lines,
        limits=order_terms().limits,
        at=clock.now(),
        revision=revision,
    )
    plain = " ".join(name.split())
    flash(gettext("The template %(name)s has been saved.", name=plain), "success")
    return plain


def _kept(lines: Sequence[Wanted], page: Callable[[Naming], str]) -> str | Response:
    """Keep lines under a new name, or open the dialog of the page they came from again and say why not."""
    name = read_form(NameForm).name
    try:
        kept = _keep(name, lines, 0)
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        return make_response(page(Naming.refused("template", name, refusal)), status_of(refusal))
    return redirect(url_for("order_templates.show", name=kept), 303)


def _editor(name: str, revision: int, rows: list[EntryRow], refusal: Invalid | Conflict | None = None) -> str:
    return render_template(
        "purchasing/template_form.html",
        name=name,
        revision=revision,
        rows=[*rows, *[EntryRow("", "")] * EMPTY_ROWS],
        summary=_summary(rows, refusal) if refusal else [],
        name_errors=[in_full(one) for one in refusal.faults if one.pointer == "/name"] if refusal else [],
    )


def _summary(rows: Sequence[EntryRow], refusal: Invalid | Conflict) -> list[tuple[str, str]]:
    """What is wrong, each with the field it is about."""
    found = [
        (f"sku-{place}", f"{row.sku}: {in_words(fault)}")
        for place, row in enumerate(rows)
        for fault in row.faults
    ]
    found += [
        ("field-name" if fault.pointer == "/name" else "lines", in_words(fault))
        for fault in refusal.faults
        if not fault.pointer.startswith("/lines/")
    ]
    return found or [("field-name", in_full(refusal))]
