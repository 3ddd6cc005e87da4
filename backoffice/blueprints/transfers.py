"""Transfers between our warehouses: made by scanning, dispatched, received on a phone, cleared up."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from backoffice.blueprints.label import Label, read_label
from backoffice.blueprints.warehouse_options import warehouse_options
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.kernel.lots import named_as
from portal.kernel.paging import Page
from portal.stock.serial_rules import plain_serials
from portal.transfers import queries
from portal.transfers.dispatch_transfer import dispatch_transfer
from portal.transfers.make_transfer import cancel_transfer
from portal.transfers.queries import LATEST_FIRST, Transfer, TransferRow
from portal.transfers.receive_transfer import receive_transfer
from portal.transfers.rules import Arrived, TransferState
from portal.transfers.settle_difference import settle_difference
from portal.transfers.vocabulary import TransferRight
from portal.web.acting import Answer, acted, refused, serials_typed
from portal.web.forms import DayIfAny, Form, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.status_looks import status_look

blueprint = Blueprint("transfers", __name__, url_prefix="/hq/transfers")

TRANSFERS = Listing(
    "transfers",
    N_("Transfers"),
    (
        Column("number", N_("Transfer"), width="c-16", css="text-nowrap"),
        Column("origin_name", N_("From warehouse"), Kind.NAME, path="origin", width="c-15"),
        Column("origin", N_("From (code)"), Kind.CODE, shown=False, width="c-10"),
        Column("destination_name", N_("To warehouse"), Kind.NAME, path="destination", width="c-15"),
        Column("destination", N_("To (code)"), Kind.CODE, shown=False, width="c-10"),
        Column("state", N_("Status"), Kind.STATUS, status="transfer", width="c-12", css="cell-corner"),
        Column("units", N_("Units"), Kind.QUANTITY, width="c-8"),
        Column("missing", N_("Missing units"), Kind.QUANTITY, width="c-8"),
        Column("expected_on", N_("Expected on"), Kind.DATE, width="c-10"),
        Column("made_at", N_("Made on"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("made_by_label", N_("Made by"), shown=False, width="c-12"),
        Column("dispatched_at", N_("Dispatched on"), Kind.MOMENT, shown=False, width="c-15"),
        Column("dispatched_by_label", N_("Dispatched by"), shown=False, width="c-12"),
        Column("received_at", N_("Received at"), Kind.MOMENT, shown=False, width="c-15"),
        Column("received_by_label", N_("Received by"), shown=False, width="c-12"),
        Column("note", N_("Note"), shown=False, width="c-18"),
    ),
    sort=str(LATEST_FIRST),
)


class ReasonForm(Form):
    """Why something is so."""

    reason: str


class DispatchForm(Form):
    """When what leaves is expected."""

    expected_on: DayIfAny


@blueprint.get("")
@requires(TransferRight.TRANSFER)
@takes_columns("column")
def index() -> Answer:
    """Transfers, the latest first, or those in one state."""
    told = request.args.get("status", "")
    state = told if told in list(TransferState) else ""
    query = {"q": request.args.get("q", "").strip(), "warehouse": request.args.get("warehouse", "")}
    sought: dict[str, Any] = {"actor": current_actor(), "state": state, **query}
    sort = sort_of_address(TRANSFERS)

    def fetch(cursor: str | None, limit: int) -> Page[TransferRow]:
        return queries.transfers(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    return show_list(
        TRANSFERS,
        fetch,
        "backoffice/transfers/index.html",
        {"status": state, **query},
        page_only=lambda: {"tabs": _tabs(state), "warehouses": warehouse_options(gettext("All warehouses"))},
        count=lambda: queries.count_transfers(current_session(), **sought),
    )


@blueprint.get("/<number>")
@requires(TransferRight.TRANSFER)
def show(number: str) -> str:
    """One transfer with what may be done next."""
    return _page(number)


@blueprint.post("/<number>/dispatch")
@requires(TransferRight.TRANSFER)
def dispatch(number: str) -> Answer:
    """The goods leave."""

    def act() -> None:
        at = clock.now()
        found = queries.transfer(current_session(), actor=current_actor(), number=number)
        dispatch_transfer(
            current_session(),
            actor=current_actor(),
            number=number,
            serials={
                (line.sku, line.lot_no): plain_serials(serials_typed(f"serials-{line.line_no}"))
                for line in found.lines
                if line.serial_controlled
            },
            expected_on=read_form(DispatchForm).expected_on,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
            margin_days=portal().settings.saleable_days_before_expiry,
        )

    return _acted(number, gettext("The goods have left."), act)


@blueprint.post("/<number>/receipt")
@requires(TransferRight.TRANSFER)
def receipt(number: str) -> Answer:
    """The goods arrive; or a code that was scanned leads to its line, with what was typed so far."""
    if request.form.get("act") == "find":
        return _page(number)

    def act() -> None:
        lines = _arrived(number, "received", "damaged")
        receive_transfer(current_session(), actor=current_actor(), number=number, lines=lines, at=clock.now())

    return _acted(number, gettext("The goods have been received."), act)


@blueprint.post("/<number>/differences")
@requires(TransferRight.TRANSFER)
def differences(number: str) -> Answer:
    """What was missing turned up or is lost."""

    def act() -> None:
        reason, lines = read_form(ReasonForm).reason, _arrived(number, "found", "lost")
        settle_difference(
            current_session(),
            actor=current_actor(),
            number=number,
            lines=[line for line in lines if line.good or line.bad],
            reason=reason,
            at=clock.now(),
        )

    return _acted(number, gettext("What was missing has been cleared up."), act)


@blueprint.post("/<number>/cancellation")
@requires(TransferRight.TRANSFER)
def cancellation(number: str) -> Answer:
    """Give a draft up."""
    return _acted(
        number,
        gettext("The draft has been given up."),
        lambda: cancel_transfer(current_session(), actor=current_actor(), number=number),
    )


def _acted(number: str, done: str, act: Any) -> Answer:
    return acted(
        act,
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(done, url_for("transfers.show", number=number)),
    )


def _arrived(number: str, good: str, bad: str) -> list[Arrived]:
    """What was typed of each line: units that are fit, units that are not; an empty field is 0."""
    found = queries.transfer(current_session(), actor=current_actor(), number=number)
    faults: list[Fault] = []
    lines = []
    for line in found.lines:
        if f"{good}-{line.line_no}" not in request.form:
            continue
        pointer = f"/lines/{line.line_no}"
        units = [
            typed.field(
                typed.quantity, request.form.get(f"{name}-{line.line_no}") or "0", f"{pointer}/{name}", faults
            )
            for name in (good, bad)
        ]
        serials = [plain_serials(serials_typed(f"{name}-serials-{line.line_no}")) for name in (good, bad)]
        lines.append(
            Arrived(line.sku, line.lot_no, units[0] or 0, units[1] or 0, serials[0], serials[1], pointer)
        )
    if faults:
        raise Invalid(faults=faults)
    return lines


def _page(number: str, refusal: DomainError | None = None) -> str:
    found = queries.transfer(current_session(), actor=current_actor(), number=number)
    data, scan_errors, at_line = request.form.get("data", ""), [], None
    if data.strip():
        try:
            at_line = _line_of(found, read_label(data))
        except Invalid as unread:
            scan_errors = refused(unread)["refusals"]
    return render_template(
        "backoffice/transfers/show.html",
        found=found,
        head=found.head,
        scan_errors=scan_errors,
        at_line=at_line,
        may_settle=found.head.received_by != current_actor().key,
        **refused(refusal),
    )


def _line_of(found: Transfer, label: Label) -> int:
    name = named_as((label.sku, label.lot_no), {(line.sku, line.lot_no) for line in found.lines})
    for line in found.lines:
        if (line.sku, line.lot_no) == name:
            return line.line_no
    message, fix = N_("%(sku)s, lot %(lot)s is not in this transfer."), N_("Scan the label again.")
    about = {"sku": label.sku, "lot": label.lot_no}
    raise Invalid(faults=[Fault("/data", "not_sent", message, fix, about)])


def _tabs(state: str) -> list[tuple[str, str, bool, int | None]]:
    every = (url_for("transfers.index"), gettext("All"), not state, None)
    tabs = [
        (
            url_for("transfers.index", status=str(one)),
            status_look("transfer", one).label,
            one == state,
            None,
        )
        for one in TransferState
    ]
    return [every, *tabs]
