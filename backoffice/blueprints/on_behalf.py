"""The order desk orders for a dealer that asked by telephone or mail: at the dealer's prices, in the open."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.order_templates import EntryRow
from portal.catalogue.identify import Identified, identify
from portal.dealers.queries import dealer_id_of, load_addresses
from portal.kernel import clock
from portal.kernel.errors import Conflict, Fault, Invalid, NotFound
from portal.kernel.numbering import new_token
from portal.orders.answer import Idempotency
from portal.orders.lifecycle import Channel
from portal.orders.request import OrderRequest
from portal.orders.rules import Wanted
from portal.orders.vocabulary import OrderRight
from portal.ordersheets.rules import Sheet, SheetRow, Skipped, read_text
from portal.purchasing.place_or_ask import place_or_ask
from portal.web.error_handlers import status_of
from portal.web.forms import DayIfAny, Flag, Form, Stripped, read_form, takes_columns
from portal.web.order_sheets import by_line, look, of_no_line, typed_lines
from portal.web.order_terms import order_terms
from portal.web.presentation import address_line, in_full, in_language, in_words
from portal.web.reference_cache import dealer_facts
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request

blueprint = Blueprint("on_behalf", __name__, url_prefix="/hq/order-for-dealer")

EMPTY_ROWS = 8
PASTED_MAX = 1_000


class BehalfForm(Form):
    """An order of a dealer as the desk types it. seen: what was shown; place: order it, else only check."""

    dealer: Stripped
    purchase_order_no: Stripped
    ship_to: Stripped
    requested_date: Stripped
    pasted: str
    seen: Stripped
    idempotency_key: Stripped
    place: Flag


class DateForm(Form):
    """When the dealer wants it."""

    requested_date: DayIfAny


@blueprint.get("")
@requires(OrderRight.DESK)
def index() -> str:
    """Choose a dealer; then its lines."""
    code = request.args.get("dealer", "").strip()
    return _page(code, {}, [])


@blueprint.post("")
@requires(OrderRight.DESK)
@takes_columns("sku", "quantity")
def create() -> str | Response:
    """Check the lines at the dealer's prices, and place the order once they have been looked at."""
    form = read_form(BehalfForm)
    entered = form.model_dump() | {"pasted": ""}
    try:
        sheet = read_text(form.pasted, rows_max=PASTED_MAX)
    except Invalid as refusal:
        return make_response(_page(form.dealer, form.model_dump(), typed_lines(), refusal), 422)
    lines = [*typed_lines(), *_pasted(sheet)]
    lines = [Wanted(line.sku, line.quantity, f"/lines/{place}") for place, line in enumerate(lines)]
    if not form.place:
        return _page(form.dealer, entered, lines, skipped=sheet.skipped)
    try:
        number = _place(form, lines)
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        page = _page(form.dealer, entered, lines, refusal, sheet.skipped)
        return make_response(page, status_of(refusal))
    flash(gettext("Order %(number)s has been placed for the dealer.", number=number), "success")
    return redirect(url_for("desk.show", number=number), 303)


def _place(form: BehalfForm, lines: list[Wanted]) -> str:
    session, actor, key = current_session(), current_actor(), form.idempotency_key[:64]
    request = OrderRequest(
        lines,
        form.purchase_order_no,
        form.ship_to or None,
        read_form(DateForm).requested_date,
        channel=Channel.STAFF,
        seen=form.seen,
    )
    placed = place_or_ask(
        session,
        actor=actor,
        dealer_id=dealer_id_of(session, form.dealer),
        request=request,
        terms=order_terms(),
        at=clock.now(),
        idempotency=Idempotency(f"desk-{key}", hashlib.sha256(key.encode()).hexdigest()) if key else None,
    )
    return placed.number


def _pasted(sheet: Sheet) -> list[Wanted]:
    """What was pasted, read as everywhere; a row that says no product or no quantity keeps its text."""
    codes = list(dict.fromkeys(row.code for row in sheet.rows if row.code))
    known = identify(current_session(), codes) if codes else {}
    return [
        Wanted(
            known[row.code].sku if row.code in known else row.code or row.text,
            row.typed if row.quantity is None else _counted(row, known.get(row.code)),
            "",
        )
        for row in sheet.rows
    ]


def _counted(row: SheetRow, product: Identified | None) -> int:
    """Units of sale; a row with the number of a package counts packages."""
    quantity = row.quantity or 0
    return product.counted(quantity, row.unit) if product else quantity


def _page(
    code: str,
    entered: dict[str, Any],
    lines: list[Wanted],
    refusal: Invalid | Conflict | None = None,
    skipped: Sequence[Skipped] = (),
) -> str:
    dealer_id, unknown = None, ""
    if code:
        try:
            dealer_id = dealer_id_of(current_session(), code)
        except NotFound:
            unknown = gettext("There is no dealer %(code)s in your regions.", code=code[:40])
    context: dict[str, Any] = {"code": code, "unknown": unknown, "dealer": None, "entered": entered}
    context["skipped"] = skipped
    if dealer_id is not None:
        context |= _order(dealer_id, entered, lines, refusal)
    return render_template("backoffice/on_behalf/index.html", **context)


def _order(
    dealer_id: int, entered: dict[str, Any], lines: list[Wanted], refusal: Invalid | Conflict | None
) -> dict[str, Any]:
    assessment = look(OrderRequest(lines, ship_to=entered.get("ship_to") or None), dealer_id)
    faults = by_line(assessment.faults) if lines else {}
    rows = [EntryRow(line.sku, str(line.quantity), ("", ""), faults.get(line.pointer, ())) for line in lines]
    places = load_addresses(current_session(), dealer_id)
    whole = [*(of_no_line(assessment.faults) if lines else ()), *(refusal.faults if refusal else ())]
    heading = list(dict.fromkeys((fault.pointer, in_full(fault)) for fault in whole))
    return {
        "dealer": dealer_facts(dealer_id),
        "rows": [*rows, *[EntryRow("", "")] * EMPTY_ROWS],
        "assessment": assessment if lines else None,
        "summary": _summary(rows, whole, refusal),
        "beside": lambda pointer: [words for about, words in heading if about == pointer],
        "addresses": [
            (
                one.code,
                address_line(in_language(one.province_zh, one.province_en), one.city, one.line),
            )
            for one in places
        ],
        "idempotency_key": entered.get("idempotency_key") or new_token(),
    }


def _field_of(fault: Fault) -> str:
    """Id of the field a fault is about; what is wrong with a text is wrong with what was pasted."""
    return {"": "lines", "/text": "field-pasted"}.get(fault.pointer, f"field-{fault.pointer.strip('/')}")


def _summary(
    rows: list[EntryRow], whole: list[Fault], refusal: Invalid | Conflict | None
) -> list[tuple[str, str]]:
    found = [
        (f"sku-{place}", f"{row.sku}: {in_words(fault)}")
        for place, row in enumerate(rows)
        for fault in row.faults
    ]
    found += [
        (_field_of(fault), in_full(fault)) for fault in whole if not fault.pointer.startswith("/lines/")
    ]
    if refusal is not None and not refusal.faults:
        found.append(("lines", in_full(refusal)))
    return list(dict.fromkeys(found))
