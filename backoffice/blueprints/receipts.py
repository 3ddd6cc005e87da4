"""Goods receipts: the list, the form made for a phone in the warehouse, one receipt and its inspection."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints.receipt_form import (
    ROW,
    ReceiptForm,
    Row,
    delivery_of,
    typed_rows,
    with_label,
)
from portal.kernel import clock, idempotency, typed
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.kernel.numbering import new_token
from portal.kernel.paging import Page
from portal.receiving.inspect_goods import inspect_goods
from portal.receiving.purchases import purchase
from portal.receiving.queries import LATEST_FIRST, ReceiptRow, count_receipts, receipt, receipts
from portal.receiving.receive_goods import receive_goods
from portal.receiving.records import records_of
from portal.receiving.rules import CLASS_OF_TWO, Inspected, ReceiptState, Terms
from portal.receiving.suppliers import MAY_SEE, suppliers
from portal.receiving.vocabulary import ReceivingRight
from portal.scanning.scan import scan
from portal.stock.queries import warehouses
from portal.web.forms import read_form, rows_of_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, in_language
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said, sent_once, tell
from portal.web.status_looks import status_look

blueprint = Blueprint("receipts", __name__, url_prefix="/hq/goods-receipts")

RECEIPTS = Listing(
    "goods-receipts",
    N_("Goods receipts"),
    (
        Column("number", N_("Goods receipt"), width="c-18"),
        Column("state", N_("Status"), Kind.STATUS, status="goods receipt", width="c-12", css="cell-corner"),
        Column("warehouse_name", N_("Warehouse"), Kind.NAME, path="warehouse", width="c-12"),
        Column("warehouse", N_("Warehouse code"), Kind.CODE, shown=False, width="c-10"),
        Column("supplier", N_("Supplier"), css="cell-wide"),
        Column("purchase_order", N_("Purchase order"), Kind.CODE, shown=False, width="c-12"),
        Column("reference", N_("Reference"), Kind.CODE, shown=False, width="c-12"),
        Column("units", N_("Units"), Kind.QUANTITY, width="c-8"),
        Column("inspecting", N_("In inspection"), Kind.QUANTITY, width="c-10"),
        Column("refused", N_("Units refused"), Kind.QUANTITY, shown=False, width="c-10"),
        Column("received_at", N_("Time of receipt"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("received_by_label", N_("Received by"), shown=False, width="c-12"),
    ),
    sort=str(LATEST_FIRST),
)


@blueprint.get("")
@requires(*MAY_SEE)
@takes_columns("column")
def index() -> str | Response:
    """Receipts, the latest first, or those in one state."""
    said = request.args.get("status", "")
    state = said if said in list(ReceiptState) else ""
    query = {"q": request.args.get("q", "").strip(), "warehouse": request.args.get("warehouse", "")}
    sought: dict[str, Any] = {"actor": current_actor(), "state": state, **query}
    sort = sort_of_address(RECEIPTS)

    def fetch(cursor: str | None, limit: int) -> Page[ReceiptRow]:
        return receipts(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def page_only() -> dict[str, Any]:
        return {"tabs": _tabs(state), "warehouses": _warehouse_options(N_("All warehouses"))}

    return show_list(
        RECEIPTS,
        fetch,
        "backoffice/receipts/index.html",
        {"status": state, **query, "may_receive": current_actor().may(ReceivingRight.RECEIVE)},
        page_only=page_only,
        count=lambda: count_receipts(current_session(), **sought),
    )


@blueprint.get("/new")
@requires(ReceivingRight.RECEIVE)
def new() -> str:
    """An empty form, or one with the goods of a purchase order that have not come."""
    number = request.args.get("purchase_order", "")
    if not number:
        return _form(ReceiptForm(), [])
    found = purchase(current_session(), actor=current_actor(), number=number)
    rows = [
        Row(line.sku, quantity=str(line.quantity - line.received))
        for line in found.lines
        if line.received < line.quantity
    ]
    form = ReceiptForm(warehouse=found.order.warehouse, purchase_order=number)
    return _form(form, rows)


@blueprint.post("/new")
@requires(ReceivingRight.RECEIVE)
@takes_columns(*ROW)
def create() -> str | Response:
    """Add a label to the form, remove a row, or receive what it says; a second click is the same receipt."""
    form = read_form(ReceiptForm)
    rows = typed_rows(form.remove)
    if form.code.strip():
        return _scanned(form, rows)
    if form.then != "receive":
        return _form(form, rows)
    session, actor = current_session(), current_actor()
    fingerprint = hashlib.sha256(repr((form, rows)).encode()).hexdigest()
    key = f"receipt-{form.idempotency_key[:64]}"
    try:
        before = idempotency.remembered(session, actor=actor, key=key, fingerprint=fingerprint)
        number = before.body["number"] if before is not None else _receive(form, rows, key)
    except DomainError as refusal:
        session.rollback()
        return make_response(_form(form, rows, refusal), 422)
    flash(gettext("Receipt %(number)s is in the books.", number=number), "success")
    return redirect(url_for("receipts.show", number=number), 303)


@blueprint.get("/<number>")
@requires(*MAY_SEE)
def show(number: str) -> str:
    """A receipt with its lines, what is to be decided and what was."""
    return render_template("backoffice/receipts/show.html", **_context(number))


@blueprint.post("/<number>/inspections")
@requires(ReceivingRight.ACCEPT)
@takes_columns("sku", "lot", "accepted", "refused", "reason", "refused_serials")
def inspect(number: str) -> str | Response:
    """Write down what was decided; lines without units stay as they are."""

    def act() -> Said:
        at = clock.now()
        today = clock.business_date(at, portal().settings.timezone)
        lines = _decisions()
        inspect_goods(
            current_session(), actor=current_actor(), number=number, lines=lines, today=today, at=at
        )
        return Said(gettext("The decision is recorded."), url_for("receipts.show", number=number))

    try:
        return tell(sent_once(act))
    except DomainError as refusal:
        current_session().rollback()
        return make_response(
            render_template("backoffice/receipts/show.html", **_context(number, refusal)), 422
        )


def _receive(form: ReceiptForm, rows: list[Row], key: str) -> str:
    session, actor, at = current_session(), current_actor(), clock.now()
    settings = portal().settings
    terms = Terms(
        clock.business_date(at, settings.timezone),
        settings.receipt_shelf_days,
        by_person=actor.user_id is not None,
    )
    delivery = delivery_of(form, rows)
    if not (form.supplier or form.purchase_order):
        message, fix = N_("It is not said who brought the goods."), N_("Choose the supplier.")
        raise Invalid(faults=[Fault("/supplier", "supplier_missing", message, fix)])
    number = receive_goods(session, actor=actor, delivery=delivery, terms=terms, at=at).number
    body = portal().json.dumps({"number": number})
    idempotency.remember(session, actor=actor, key=key, status=303, body=body)
    return number


def _scanned(form: ReceiptForm, rows: list[Row]) -> str | Response:
    today = clock.business_date(clock.now(), portal().settings.timezone)
    try:
        found = scan(current_session(), actor=current_actor(), data=form.code, today=today)
        if found.article is None:
            message, fix = N_("This code is of no product of ours."), N_("Check the label, or type the SKU.")
            raise Invalid(faults=[Fault("/code", "not_ours", message, fix)])
    except Invalid as refusal:
        refusal.faults = tuple(
            Fault("/code", one.code, one.message, one.fix, one.params) for one in refusal.faults
        )
        return make_response(_form(form, rows, refusal), 422)
    return _form(form.model_copy(update={"code": ""}), with_label(rows, found, found.article.sku))


def _form(form: ReceiptForm, rows: list[Row], refusal: DomainError | None = None) -> str:
    faults = refusal.faults if refusal else ()
    return render_template(
        "backoffice/receipts/new.html",
        form=form,
        rows=rows,
        refusal=refusal,
        beside=lambda pointer: [in_full(fault) for fault in faults if fault.pointer == pointer],
        summary=[(_field_of(fault.pointer), in_full(fault)) for fault in faults],
        warehouses=_warehouse_options(N_("Choose")),
        suppliers=[
            ("", gettext("Choose")),
            *((one.code, one.name) for one in suppliers(current_session(), actor=current_actor())),
        ],
        idempotency_key=form.idempotency_key or new_token(),
    )


def _field_of(pointer: str) -> str:
    """The id of the field that a fault is about: ``/lines/2/lot`` is ``field-lot-2``."""
    parts = pointer.strip("/").split("/")
    return f"field-{parts[2]}-{parts[1]}" if len(parts) == 3 else f"field-{parts[0]}"


def _decisions() -> list[Inspected]:
    """Raises Invalid with every number that is none."""
    faults: list[Fault] = []
    decided = []
    columns = rows_of_form("sku", "lot", "accepted", "refused", "reason", "refused_serials")
    for place, (sku, lot, accepted, refused, reason, serials) in enumerate(columns):
        pointer = f"/lines/{place}"
        units = [
            typed.field(typed.quantity, value, f"{pointer}/{name}", faults) if value.strip() else 0
            for name, value in (("accepted", accepted), ("refused", refused))
        ]
        if any(units):
            decided.append(
                Inspected(sku, lot, units[0] or 0, units[1] or 0, pointer, reason, serials.split())
            )
    if faults:
        raise Invalid(faults=faults)
    return decided


def _context(number: str, refusal: DomainError | None = None) -> dict[str, Any]:
    session, actor = current_session(), current_actor()
    found = receipt(session, actor=actor, number=number)
    faults = refusal.faults if refusal else ()
    waiting = [line for line in found.lines if line.inspecting]
    return {
        "found": found,
        "receipt": found.receipt,
        "records": records_of(session, actor=actor, number=number),
        "waiting": waiting,
        "may_accept": actor.may(ReceivingRight.ACCEPT),
        "is_barred": found.received_by == actor.key
        and any(line.device_class >= CLASS_OF_TWO for line in waiting),
        "refusal": refusal,
        "beside": lambda pointer: [in_full(fault) for fault in faults if fault.pointer == pointer],
        "typed": _typed_again,
    }


def _typed_again(name: str, place: int, otherwise: str = "") -> str:
    """What was typed into a column of the inspection, in the row of a place."""
    column = request.form.getlist(name)
    return column[place] if place < len(column) else otherwise


def _warehouse_options(first: str) -> list[tuple[str, str]]:
    return [
        ("", gettext(first)),
        *((one.code, in_language(one.name_zh, one.name_en)) for one in warehouses(current_session())),
    ]


def _tabs(state: str) -> list[tuple[str, str, bool, int | None]]:
    every = (url_for("receipts.index"), gettext("All"), not state, None)
    return [
        every,
        *(
            (
                url_for("receipts.index", status=str(one)),
                status_look("goods receipt", one).label,
                one == state,
                None,
            )
            for one in ReceiptState
        ),
    ]
