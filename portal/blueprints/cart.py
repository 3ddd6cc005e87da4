"""The cart: what is meant to be ordered, checked and priced at every look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.dealers.queries import load_addresses
from portal.kernel import typed
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.kernel.numbering import new_token
from portal.orders import cart
from portal.orders.assess import Assessment
from portal.orders.lines import AssessedLine
from portal.orders.request import OrderRequest
from portal.orders.rules import Wanted
from portal.orders.terms import SupplyTerms
from portal.orders.validate_order import validate_order
from portal.orders.vocabulary import OrderRight
from portal.promotions.hints import Hint
from portal.web.forms import Form, read_form, rows_of_form
from portal.web.naming import Naming
from portal.web.order_supply import supply_shown, supply_wanted
from portal.web.order_terms import order_terms
from portal.web.presentation import address_line, in_full, in_language, in_words, macros
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("cart", __name__, url_prefix="/cart")
blueprint.context_processor(dealer_frame)

HEADING = ("purchase_order_no", "ship_to", "hospital", "requested_date")
TYPED_SHOWN = 64  # characters of what was typed that come back; the whole of it was read


class ProductForm(Form):
    """A product of the cart; with ``mode=add`` more of it."""

    sku: str
    mode: str
    quantity: str


@blueprint.get("")
@requires(OrderRight.WRITE)
def index() -> str:
    """Lines with today's price, every fault beside its line, and the form that orders them.

    The address may carry the heading of a draft that was taken over.
    """
    heading = {name: request.args.get(name, "") for name in HEADING}
    return render_template("cart/index.html", **cart_context(heading))


@blueprint.post("")
@requires(OrderRight.WRITE)
def put() -> str | Response:
    """Put a product in (``mode=add``) or set its quantity.

    Answers the badge, and the cart itself when asked from there.
    """
    form = read_form(ProductForm)
    adding = form.mode == "add"
    try:
        count = cart.put_in_cart(
            current_session(),
            actor=current_actor(),
            sku=form.sku,
            quantity=_typed_quantity(form),
            quantity_max=portal().settings.order_quantity_max,
            lines_max=portal().settings.order_lines_max,
            add=adding,
        )
    except Invalid as refusal:
        return _refused(refusal, adding)
    if not adding:
        return _cart(count)
    if not request.htmx:
        return redirect(url_for("cart.index"))
    return render_template(
        "cart/added.html",
        count=count,
        sku=form.sku,
        errors=(),
        warnings=_warnings(form.sku),
    )


def asks_hospital(assessment: Assessment) -> bool:
    """Whether the dealer's contract is for some hospitals only, so that one has to be named."""
    told = (*assessment.verdict.errors, *assessment.verdict.held)
    return any(fault.code == "hospital_not_authorised" for fault in told)


def _warnings(sku: str) -> Sequence[Fault]:
    """What stands against ordering what has just been put in, so that nobody learns it only in the cart."""
    line = [line for line in cart.lines(current_session(), actor=current_actor()) if line.sku == sku]
    return _assessment(line, None, supply_wanted({}), "").faults if line else ()


def _typed_quantity(form: ProductForm) -> str:
    """The quantity of the product that is put in: a list is one form, in which each has its own field."""
    return request.form.get(f"quantity-{form.sku}", form.quantity)


class ReplacementForm(Form):
    """A product of the cart, and what is to take its place."""

    sku: str
    substitute: str
    quantity: str


@blueprint.post("/replacement")
@requires(OrderRight.WRITE)
def replace() -> str | Response:
    """Take a substitute instead of a product that cannot be had."""
    form, settings = read_form(ReplacementForm), portal().settings
    try:
        count = cart.take_instead(
            current_session(),
            actor=current_actor(),
            sku=form.sku,
            substitute=form.substitute,
            quantity=form.quantity,
            quantity_max=settings.order_quantity_max,
            lines_max=settings.order_lines_max,
        )
    except Invalid as refusal:
        return _not_put(refusal, form.sku, form.quantity)
    return _cart(count)


@blueprint.post("/removal")
@requires(OrderRight.WRITE)
def remove() -> str | Response:
    """Take a product out."""
    return _cart(
        cart.remove_from_cart(current_session(), actor=current_actor(), sku=read_form(ProductForm).sku)
    )


class Row(NamedTuple):
    """A line of the cart.

    Priced if it can be, with its faults, the quantity as it was typed and that which the cart holds.
    hints: what more of it would bring.
    """

    sku: str
    typed: str
    held: str
    line: AssessedLine | None
    faults: list[Fault]
    hints: Sequence[Hint] = ()


def cart_context(
    entered: dict[str, str] | None = None,
    refusal: DomainError | None = None,
    wrong: Sequence[Row] = (),
    naming: Naming | None = None,
) -> dict[str, Any]:
    """The cart as its page shows it.

    `entered` keeps what was entered when an order was refused, `wrong` lines that were, `naming` the dialog
    that was.
    """
    session, actor = current_session(), current_actor()
    entered = entered or {}
    lines = cart.lines(session, actor=actor)
    hospital = entered.get("hospital", "")
    supply = supply_wanted(request.values)
    assessment = _assessment(lines, entered.get("ship_to"), supply, hospital) if lines else None
    hints = assessment.promoted.hints() if assessment else []
    rows = _rows(lines, assessment, wrong, hints) if assessment else []
    heading = [fault for fault in refusal.faults if not fault.pointer.startswith("/lines")] if refusal else []
    return {
        "rows": rows,
        "assessment": assessment,
        "gifts": [line for line in assessment.lines if line.is_gift] if assessment else [],
        "hints": [hint for hint in hints if hint.sku is None],
        "summary": _summary(rows, assessment, refusal),
        "beside": lambda pointer: [in_full(fault) for fault in heading if fault.pointer == pointer],
        "addresses": [
            (
                place.code,
                address_line(
                    in_language(place.province_zh, place.province_en),
                    place.city,
                    place.line,
                    province_zh=place.province_zh,
                ),
            )
            for place in load_addresses(session, actor.dealer_id)
        ],
        "typed": entered,
        "naming": naming or Naming(),
        **supply_shown(assessment, supply),
        "refused": refusal is not None,
        "asks_hospital": bool(hospital) or (assessment is not None and asks_hospital(assessment)),
        "seen": assessment.seen if assessment else "",
        "idempotency_key": entered.get("idempotency_key") or new_token(),
    }


def take_up_unsent() -> list[Row] | None:
    """Put into the cart what was typed into its lines and not sent before the order was.

    What is refused comes back as rows.

    With script the order carries the lines of its page. None when there was nothing: then the cart is what
    the page showed.
    """
    unsent: dict[str, set[str]] = {}
    for sku, quantity, held in rows_of_form("sku", "quantity", "held"):
        if _differs(quantity, held):
            unsent.setdefault(sku, set()).add(quantity)
    here = (
        {line.sku for line in cart.lines(current_session(), actor=current_actor())} & unsent.keys()
        if unsent
        else set()
    )
    return [row for sku in sorted(here) if (row := _put(sku, *sorted(unsent[sku])))] if here else None


def _differs(quantity: str, held: str) -> bool:
    """Whether another quantity was typed than the page showed: not if it was only written in another way."""
    try:
        return str(typed.quantity(quantity)) != held
    except typed.Misread:
        return True


def _put(sku: str, quantity: str, *others: str) -> Row | None:
    """Set what was typed for a line.

    Two different quantities for one line are one too many, and none is taken.
    """
    if others:
        message, fix = N_("Two quantities were entered for this line."), N_("Enter the one that is meant.")
        return _wrong(sku, quantity, Invalid(faults=[Fault("/quantity", "two_quantities", message, fix)]))
    limit = portal().settings.order_quantity_max
    try:
        cart.put_in_cart(
            current_session(), actor=current_actor(), sku=sku, quantity=quantity, quantity_max=limit
        )
    except Invalid as refusal:
        return _wrong(sku, quantity, refusal)
    return None


def _wrong(sku: str, quantity: str, refusal: Invalid) -> Row:
    return Row(sku, quantity[:TYPED_SHOWN], "", None, list(refusal.faults))


def _assessment(lines: list[Wanted], ship_to: str | None, supply: SupplyTerms, hospital: str) -> Assessment:
    wanted = OrderRequest(
        lines,
        ship_to=ship_to or None,
        supply=supply,
        hospital=hospital,
    )
    return validate_order(
        current_session(),
        actor=current_actor(),
        dealer_id=current_actor().own_dealer_id,
        request=wanted,
        terms=order_terms(),
    )


def _rows(
    lines: list[Wanted], assessment: Assessment, wrong: Sequence[Row], hints: Sequence[Hint]
) -> list[Row]:
    judged = {line.demand.sku: line for line in assessment.lines if not line.is_gift}
    refused = {row.sku: row for row in wrong}
    faults: dict[str, list[Fault]] = {}
    for fault in assessment.faults:
        faults.setdefault(fault.pointer.rpartition("/")[0], []).append(fault)
    rows = []
    for wanted in lines:
        line, held = judged.get(wanted.sku), str(wanted.quantity)
        if wanted.sku in refused:
            rows.append(refused[wanted.sku]._replace(line=line, held=held))
            continue
        about = [hint for hint in hints if hint.sku == wanted.sku]
        rows.append(Row(wanted.sku, held, held, line, faults.get(wanted.pointer, []), about))
    return rows


def _summary(
    rows: list[Row], assessment: Assessment | None, refusal: DomainError | None
) -> list[tuple[str, str]]:
    """What is wrong, each with the field it is about."""
    lines = [
        (f"quantity-{row.sku}", _with_sku(row.sku, in_words(fault))) for row in rows for fault in row.faults
    ]
    whole = [*(refusal.faults if refusal else ()), *(assessment.faults if assessment else ())]
    others = dict.fromkeys(
        (_field_of(fault), in_words(fault)) for fault in whole if not fault.pointer.startswith("/lines")
    )
    conflict = [("lines", in_words(refusal))] if refusal and not refusal.faults else []
    return [*lines, *others, *conflict]


def _field_of(fault: Fault) -> str:
    if fault.code == "acknowledge_first":
        return "acknowledge"
    return f"field-{fault.pointer.strip('/')}" if fault.pointer else "place"


def _with_sku(sku: str, words: str) -> str:
    return words if sku in words else f"{sku}: {words}"


def _cart(count: int) -> str | Response:
    if not request.htmx:
        return redirect(url_for("cart.index"))
    return render_block("cart/index.html", "cart", **cart_context()) + _badge(count)


def _badge(count: int) -> str:
    """Plain text, because a `Markup` would escape the page it is added to."""
    return str(macros().count_changed("cart-count", count))


def _refused(refusal: Invalid, adding: bool) -> str | Response:
    """The fault beside the field it is about, with what was typed."""
    form = read_form(ProductForm)
    sku, quantity = form.sku[:64], _typed_quantity(form)
    if request.htmx and adding:
        return make_response(
            render_template("cart/added.html", count=None, sku=sku, errors=refusal.faults, warnings=()), 422
        )
    return _not_put(refusal, sku, quantity)


def _not_put(refusal: Invalid, sku: str, quantity: str) -> str | Response:
    """The cart with the fault beside its line, and the quantity that was entered."""
    if request.htmx:
        context = cart_context(wrong=[_wrong(sku, quantity, refusal)])
        return make_response(render_block("cart/index.html", "cart", **context), 422)
    flash(" ".join(in_full(fault) for fault in refusal.faults), "error")
    return redirect(url_for("cart.index"))
