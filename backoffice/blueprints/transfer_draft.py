"""A new transfer: what shall go is scanned, one unit a scan, and corrected."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from backoffice.blueprints.label import read_label
from backoffice.blueprints.warehouse_options import warehouse_options
from portal.kernel import clock, typed
from portal.kernel.errors import DomainError, Fault, Invalid
from portal.kernel.lots import lot_key
from portal.stock.serial_rules import plain_serials
from portal.transfers.make_transfer import make_transfer
from portal.transfers.rules import Moved
from portal.transfers.vocabulary import TransferRight
from portal.web.acting import Answer, acted, refused
from portal.web.forms import DayIfAny, Form, read_form, rows_of_form, takes_columns
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said

blueprint = Blueprint("transfer_draft", __name__, url_prefix="/hq/transfers/new")


@dataclass(slots=True)
class TypedLine:
    """A line of a draft as it was typed."""

    sku: str
    lot_no: str
    quantity: str
    serials: str


class DraftForm(Form):
    """A draft without its lines. act: whether a code is added or the draft is made."""

    origin: str
    destination: str
    expected_on: DayIfAny
    note: str
    data: str
    lot_no: str
    act: str


@blueprint.get("")
@requires(TransferRight.TRANSFER)
def new() -> str:
    """An empty draft."""
    return _new([])


@blueprint.post("")
@requires(TransferRight.TRANSFER)
@takes_columns("sku", "lot", "quantity", "serials")
def make() -> Answer:
    """Add what was scanned to the draft, or make it."""
    rows = [
        TypedLine(sku, lot, quantity, serials)
        for sku, lot, quantity, serials in rows_of_form("sku", "lot", "quantity", "serials")
    ]

    def act() -> str:
        form = read_form(DraftForm)
        at = clock.now()
        return make_transfer(
            current_session(),
            actor=current_actor(),
            origin=form.origin,
            destination=form.destination,
            lines=_lines(rows),
            expected_on=form.expected_on,
            note=form.note,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )

    if request.form.get("act") == "add":
        return _added(rows)
    return acted(
        act,
        shown=lambda refusal: _new(rows, refusal),
        then=lambda number: Said(
            gettext("Transfer %(number)s has been made.", number=number),
            url_for("transfers.show", number=number),
        ),
    )


def _new(rows: list[TypedLine], refusal: DomainError | None = None) -> str:
    return render_template(
        "backoffice/transfers/new.html",
        rows=rows,
        warehouses=warehouse_options(gettext("Choose a warehouse")),
        **refused(refusal),
    )


def _added(rows: list[TypedLine]) -> str:
    """The draft with a line more, or with the units of the label on the line that the code names."""
    try:
        label = read_label(request.form.get("data", ""), lot_no=request.form.get("lot_no", ""))
    except Invalid as refusal:
        return _new(rows, refusal)
    for row in rows:
        if (row.sku, lot_key(row.lot_no)) == (label.sku, lot_key(label.lot_no)):
            units = typed.field(typed.quantity, row.quantity, "", [])
            row.quantity = str(units + label.units) if units is not None else row.quantity
            row.serials = f"{row.serials}\n{label.serial}".strip()
            break
    else:
        rows.append(TypedLine(label.sku, label.lot_no, str(label.units), label.serial))
    return _new(rows)


def _lines(rows: list[TypedLine]) -> list[Moved]:
    faults: list[Fault] = []
    lines = []
    for place, row in enumerate(rows):
        units = typed.field(typed.quantity, row.quantity, f"/lines/{place}/quantity", faults)
        plain = plain_serials(row.serials.split())
        lines.append(Moved(row.sku, row.lot_no, units or 0, plain, f"/lines/{place}"))
    if faults:
        raise Invalid(faults=faults)
    return lines
