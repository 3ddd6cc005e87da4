"""Quick order: many lines typed, pasted or uploaded, checked row by row, corrected, put into the cart.

What is typed lives in the form alone: nothing is kept here, so that two tabs are two sheets.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import ngettext
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.kernel import clock, typed
from portal.kernel.errors import Fault, Invalid
from portal.orders.fill_cart import Filling, fill_cart
from portal.orders.rules import Wanted
from portal.orders.vocabulary import OrderRight
from portal.ordersheets.check_sheet import CheckedSheet, check_sheet
from portal.ordersheets.read_file import WORKBOOK_MAX, as_text, read_file
from portal.ordersheets.rules import Sheet, SheetRow, Skipped, read_text, row_of
from portal.pricing import catalogue
from portal.web.forms import Form, read_form, rows_of_form, takes_columns
from portal.web.order_terms import order_terms
from portal.web.presentation import macros
from portal.web.reference_cache import dealer_facts
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import answered_once

blueprint = Blueprint("quick_order", __name__, url_prefix="/quick-order")
blueprint.context_processor(dealer_frame)

ROWS_MAX = 1_000  # of a page
FOUND_MAX = 8
_TEMPLATE = "ordersheets/index.html"
_ROW = ("row", "line", "sku", "quantity")


class EntryForm(Form):
    """What is new since the last check.

    code and count: a line of its own. again: read `source` once more, by the columns that were chosen.
    take_sku and take_quantity: the place of a row and the proposal for it. take_instead: the place, and SKU
    and quantity of what to order instead. remove: the place of a row.
    """

    pasted: str
    code: str
    count: str
    source: str
    again: str
    sku_column: str
    quantity_column: str
    take_sku: str
    take_quantity: str
    take_instead: str
    remove: str
    then: str


@dataclass(frozen=True, slots=True)
class Entered:
    """The sheet of the form with what was read just now. source: a text whose columns were guessed."""

    rows: tuple[SheetRow, ...]
    skipped: tuple[Skipped, ...] = ()
    columns: tuple[int, int, int] | None = None
    source: str = ""
    is_typed: bool = False


@blueprint.get("")
@requires(OrderRight.WRITE)
def index() -> str:
    """An empty sheet; what this tab held before is put back by its script."""
    return render_template(_TEMPLATE, **_context())


@blueprint.post("")
@requires(OrderRight.WRITE)
@takes_columns(*_ROW)
def check() -> str | Response:
    """The rows of the form and what is new, each with its product, its price and what is wrong."""
    try:
        entered = _entered(read_form(EntryForm))
    except Invalid as refusal:
        return _unread(refusal)
    return _page(entered, _checked(entered.rows))


@blueprint.post("/cart")
@requires(OrderRight.WRITE)
@takes_columns(*_ROW)
def put() -> str | Response:
    """Put the rows that can be ordered into the cart, once a sheet shown; the others stay here."""
    form = read_form(EntryForm)
    try:
        entered = _entered(form)
    except Invalid as refusal:
        return _unread(refusal)
    checked = _checked(entered.rows)
    if form.pasted.strip() or form.code.strip() or not checked.accepted:
        return _page(entered, checked)  # what nobody has seen checked is not taken
    wanted = [
        Wanted(row.sku, row.row.quantity, f"/lines/{place}") for place, row in enumerate(checked.accepted)
    ]
    try:
        count = answered_once(lambda: {"count": _put(wanted)})["count"]
    except Invalid as refusal:
        return _page(entered, _with_faults(checked, refusal.faults), status=422)
    return _taken(form, checked, count)


def _put(wanted: list[Wanted]) -> int:
    return fill_cart(
        current_session(),
        actor=current_actor(),
        lines=wanted,
        filling=Filling.ADD,
        quantity_max=portal().settings.order_quantity_max,
        lines_max=portal().settings.order_lines_max,
    )


@blueprint.get("/products")
@requires(OrderRight.WRITE)
def products() -> str:
    """What answers to what is being typed into a field for a product."""
    q, settings = request.args.get("q", "").strip(), portal().settings
    found = catalogue.search(
        current_session(),
        dealer=dealer_facts(current_actor().own_dealer_id),
        at=clock.now(),
        today=clock.business_date(clock.now(), settings.timezone),
        margin_days=settings.saleable_days_before_expiry,
        q=q,
        limit=FOUND_MAX,
    )
    return render_template("ordersheets/products.html", q=q, found=found.items if q else ())


def _entered(form: EntryForm) -> Entered:
    """Raises Invalid for a file or a text that cannot be read."""
    rows = _rows_of_form(form)
    if form.again and form.source:
        chosen = [typed.own_number(place) or 1 for place in (form.sku_column, form.quantity_column)]
        columns = (chosen[0] - 1, chosen[1] - 1)
        return _joined(Entered(()), read_text(form.source, rows_max=ROWS_MAX, columns=columns), form.source)
    entered = Entered(rows, is_typed=bool(form.code.strip()))
    file = request.files.get("file")
    if file and (content := file.read(WORKBOOK_MAX + 1)):
        entered = _joined(entered, read_file(content, rows_max=ROWS_MAX), as_text(content))
    if form.code.strip():
        row = row_of(1, f"{form.code}\t{form.count}".strip(), form.code, form.count)
        entered = _joined(entered, Sheet((row,)), "")
    if form.pasted.strip():
        entered = _joined(entered, read_text(form.pasted, rows_max=ROWS_MAX), form.pasted)
    return entered


def _rows_of_form(form: EntryForm) -> tuple[SheetRow, ...]:
    taken = {name: _proposal(getattr(form, name)) for name in ("take_sku", "take_quantity", "take_instead")}
    rows = []
    for place, (number, line, sku, quantity) in enumerate(rows_of_form(*_ROW)):
        if form.remove == str(place):
            continue
        sku = taken["take_sku"].get(place, sku)
        quantity = taken["take_quantity"].get(place, quantity)
        if place in taken["take_instead"]:
            sku, _, quantity = taken["take_instead"][place].rpartition(" ")
        if sku.strip() or quantity.strip():
            rows.append(row_of(typed.own_number(number) or place + 1, line, sku, quantity))
    return tuple(rows)


def _proposal(chosen: str) -> dict[int, str]:
    place, _, value = chosen.partition(" ")
    number = typed.own_number(place)
    return {} if number is None else {number: value}


def _joined(entered: Entered, sheet: Sheet, source: str) -> Entered:
    """What was read comes after what is there, numbered on; a guess can be changed if it is all there is."""
    last, guess = _last(entered.rows), sheet.columns
    rows = (*entered.rows, *(replace(row, row=row.row + last) for row in sheet.rows))
    if guess is None or entered.rows:
        return replace(entered, rows=rows, skipped=(*entered.skipped, *sheet.skipped))
    columns = (guess.code + 1, guess.quantity + 1, guess.width)
    return replace(entered, rows=rows, skipped=sheet.skipped, columns=columns, source=source)


def _last(rows: Sequence[SheetRow]) -> int:
    return max((row.row for row in rows), default=0)


def _checked(rows: tuple[SheetRow, ...]) -> CheckedSheet:
    return check_sheet(
        current_session(),
        actor=current_actor(),
        dealer_id=current_actor().own_dealer_id,
        sheet=Sheet(rows),
        terms=order_terms(),
    )


def _with_faults(checked: CheckedSheet, faults: Sequence[Fault]) -> CheckedSheet:
    """What did not go into the cart, beside the rows it is about."""
    about: dict[int, list[Fault]] = {}
    whole = []
    for fault in faults:
        _, _, rest = fault.pointer.partition("/lines/")
        place, _, member = rest.partition("/")
        if place:
            about.setdefault(int(place), []).append(replace(fault, pointer=f"/{member}"))
        else:
            whole.append(fault)
    accepted = {id(row): place for place, row in enumerate(checked.accepted)}
    rows = [
        replace(row, faults=tuple(about.get(accepted.get(id(row), -1), row.faults))) for row in checked.rows
    ]
    return replace(checked, rows=tuple(rows), faults=(*checked.faults, *whole))


def _taken(form: EntryForm, checked: CheckedSheet, count: int) -> Response:
    taken = len({row.sku for row in checked.accepted})
    told = ngettext("%(num)d product is in the cart.", "%(num)d products are in the cart.", taken)
    rest = tuple(row.row for row in checked.refused)
    leaving = not rest and (form.then == "order" or not request.htmx)
    if leaving:
        flash(told, "success")
        address = url_for("cart.index", _anchor="field-purchase_order_no")
        answer = Response(headers={"HX-Redirect": address}) if request.htmx else redirect(address, 303)
    else:
        page = _rendered(**_context(Entered(rest), _checked(rest)) | {"taken": told if rest else ""})
        answer = make_response(page + str(macros().count_changed("cart-count", count)))
    triggers = {"portal:sheet-taken": {}, "toast": {"kind": "success", "text": told}}
    answer.headers["HX-Trigger"] = json.dumps({"portal:sheet-taken": {}} if leaving else triggers)
    return answer


def _unread(refusal: Invalid) -> Response:
    """The form as it was sent, with what is wrong with what is new in it."""
    form = read_form(EntryForm)
    rows = _rows_of_form(form)
    context = _context(
        Entered(rows), _checked(rows), refusal.faults or [Fault("", refusal.code, refusal.message)]
    )
    return make_response(
        _rendered(**context | {"pasted": form.pasted, "code": form.code, "count": form.count}), 422
    )


def _page(entered: Entered, checked: CheckedSheet, status: int = 200) -> Response:
    return make_response(_rendered(**_context(entered, checked)), status)


def _rendered(**context: object) -> str:
    if request.htmx:
        return render_block(_TEMPLATE, "sheet", **context)
    return render_template(_TEMPLATE, **context)


def _context(
    entered: Entered | None = None, checked: CheckedSheet | None = None, unread: Sequence[Fault] = ()
) -> dict[str, object]:
    rows = checked.rows if checked else ()
    return {
        "entered": entered or Entered(()),
        "sheet": checked or CheckedSheet(()),
        "troubled": next((place for place, row in enumerate(rows) if row.faults), None),
        "unread": unread,
        "column_options": _columns(entered),
        "pasted": "",
        "code": "",
        "count": "",
        "rows_max": ROWS_MAX,
        "taken": "",
    }


def _columns(entered: Entered | None) -> list[tuple[int, str]]:
    """The columns of a table without a head, with what stands in its first line."""
    if entered is None or entered.columns is None:
        return []
    _, _, width = entered.columns
    return [(place, str(place)) for place in range(1, width + 1)]
