"""Returns of the dealer: asked for from an order, listed, followed, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.files.attach import files_of, uploaded_files
from portal.files.rules import Owner
from portal.kernel import clock, typed
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.paging import Page
from portal.orders import queries as orders
from portal.orders.vocabulary import OrderRight
from portal.returns import queries
from portal.returns.decide_return import withdraw_return
from portal.returns.gift_rules import Kept
from portal.returns.queries import ReturnRow
from portal.returns.quote_return import Quote, quote_return
from portal.returns.read_files import OWNER_KIND
from portal.returns.request_return import request_return
from portal.returns.rules import Asked, ReturnState
from portal.returns.words import DISPOSITIONS, EVIDENCE, REASONS, REMEDIES
from portal.web.file_field import sent_file, sent_files
from portal.web.forms import Form, read_form, rows_of_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, in_words, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.return_evidence import temperature_file
from portal.web.sent_once import Said, sent_once, tell
from portal.web.status_looks import status_look

blueprint = Blueprint("returns", __name__)
blueprint.context_processor(dealer_frame)

RETURNS = Listing(
    "returns",
    N_("Returns"),
    (
        Column("number", N_("Return"), Kind.CODE, width="c-15"),
        Column("asked_at", N_("Requested at"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("state", N_("Status"), Kind.STATUS, status="return", width="c-12", css="cell-corner"),
        Column("order_number", N_("Order"), Kind.CODE, width="c-15"),
        Column("shipment_number", N_("Shipment"), Kind.CODE, width="c-15"),
        Column("units", N_("Units"), Kind.QUANTITY, width="c-10"),
        Column("credit_note_no", N_("Credit note"), Kind.CODE, width="c-15"),
        Column("replacement_no", N_("Replacement order"), Kind.CODE, width="c-18", shown=False),
    ),
    sort=str(queries.LATEST_FIRST),
)


LINE_COLUMNS = ("sku", "lot", "quantity", "reason", "serials", "remedy")
GIFT_COLUMNS = ("gift_line", "gift_due", "gift_keep")


class RequestForm(Form):
    """What a request for a return says beside its lines."""

    shipment: str
    note: str


@blueprint.get("/returns")
@requires(OrderRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """The dealer's returns, the latest first."""
    said = request.args.get("status", "")
    state, q = (said if said in list(ReturnState) else ""), request.args.get("q", "").strip()
    sort, dealer_id = sort_of_address(RETURNS), current_actor().own_dealer_id

    def fetch(cursor: str | None, limit: int) -> Page[ReturnRow]:
        return queries.returns(
            current_session(), dealer_id=dealer_id, state=state, q=q, cursor=cursor, limit=limit, sort=sort
        )

    def count() -> int:
        return queries.count_returns(current_session(), dealer_id=dealer_id, state=state, q=q)

    def page_only() -> dict[str, Any]:
        return {"status_options": [(str(one), status_look("return", one).label) for one in ReturnState]}

    return show_list(
        RETURNS, fetch, "returns/index.html", {"status": state, "q": q}, page_only=page_only, count=count
    )


@blueprint.get("/returns/<number>")
@requires(OrderRight.READ)
def show(number: str) -> str:
    """One return, with what was received and found."""
    found = queries.return_of(current_session(), number)
    return render_template(
        "returns/show.html",
        found=found,
        may_withdraw=found.state in (ReturnState.REQUESTED, ReturnState.APPROVED),
        files=files_of(current_session(), Owner(OWNER_KIND, number)),
        reasons=labels(REASONS),
        remedies=labels(REMEDIES),
        evidence=labels(EVIDENCE),
        return_address=lambda one: url_for("returns.show", number=one),
        replacement_address=found.replacement_no and url_for("orders.show", number=found.replacement_no),
        dispositions=labels(DISPOSITIONS),
    )


@blueprint.get("/orders/<number>/returns/new")
@requires(OrderRight.WRITE)
def new(number: str) -> str:
    """What of an order's shipments may come back."""
    return render_template("returns/new.html", **_context(number))


@blueprint.post("/orders/<number>/returns")
@requires(OrderRight.WRITE)
@takes_columns(*LINE_COLUMNS, *GIFT_COLUMNS, "file_id")
def create(number: str) -> str | Response:
    """Ask to return units of one shipment; lines without a quantity are left out."""
    form = read_form(RequestForm)
    rows, gifts = rows_of_form(*LINE_COLUMNS), rows_of_form(*GIFT_COLUMNS)
    at, files = clock.now(), list[str]()

    def act() -> Said:
        files.extend(sent_files())
        temperatures = sent_file("temperature_file")
        requested = request_return(
            current_session(),
            actor=current_actor(),
            order_number=number,
            shipment_number=form.shipment,
            lines=_asked(rows),
            kept=_kept(gifts),
            seen=_seen(gifts),
            note=form.note,
            files=[*files, temperatures] if temperatures else files,
            temperatures=temperature_file(temperatures),
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )
        words = gettext("Return %(number)s has been requested.", number=requested.number)
        return Said(words, url_for("returns.show", number=requested.number))

    try:
        return tell(sent_once(act))
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        page = render_template("returns/new.html", **_context(number, rows, form, refusal, files, gifts))
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)


@blueprint.post("/returns/<number>/withdrawal")
@requires(OrderRight.WRITE)
def withdrawal(number: str) -> Response:
    """Keep the goods."""
    withdraw_return(current_session(), actor=current_actor(), number=number, at=clock.now())
    flash(gettext("Return %(number)s has been withdrawn.", number=number), "success")
    return redirect(url_for("returns.show", number=number), 303)


Rows = list[tuple[str, ...]]


def _asked(rows: Rows) -> list[Asked]:
    """The lines with a quantity, each under its place in the form. Raises Invalid for what is no number."""
    asked: list[Asked] = []
    faults: list[Fault] = []
    for place, (sku, lot, quantity, reason, serials, remedy) in enumerate(rows):
        pointer = f"/lines/{place}"
        if quantity.strip() in ("", "0"):
            continue
        units = typed.field(typed.quantity, quantity, f"{pointer}/quantity", faults)
        if units is not None:
            asked.append(Asked(sku, lot, units, reason, pointer, tuple(serials.split()), remedy))
    if faults:
        raise Invalid(faults=faults)
    return asked


def _context(
    number: str,
    rows: Rows | None = None,
    form: RequestForm | None = None,
    refusal: Invalid | Conflict | None = None,
    files: Sequence[str] = (),
    gifts: Rows | None = None,
) -> dict[str, Any]:
    session = current_session()
    order = orders.order(session, number)
    lots = queries.returnable(session, dealer_id=order.dealer_id, order_id=order.id)
    shipments = list(dict.fromkeys(lot.shipment_number for lot in lots))
    said = form.shipment if form else request.args.get("shipment", "")
    chosen = said if said in shipments else next(iter(shipments), "")
    faults = list(refusal.faults) if refusal else []
    return {
        "order": order,
        "shipments": shipments,
        "chosen": chosen,
        "lots": [lot for lot in lots if lot.shipment_number == chosen],
        "typed": {(sku, lot): typed_row for sku, lot, *typed_row in rows or []},
        "quote": _quote(number, rows, form, gifts or []) if rows and form else None,
        "gifts_kept": {line: keep for line, _, keep in gifts or []},
        "note": form.note if form else "",
        "reasons": [(str(one), gettext(label)) for one, label in REASONS.items()],
        "remedies": [(str(one), gettext(label)) for one, label in REMEDIES.items()],
        "beside": lambda place: [one for one in faults if one.pointer.startswith(f"/lines/{place}/")],
        "beside_gift": lambda place: [one for one in faults if one.pointer.startswith(f"/gifts/{place}/")],
        "note_faults": [in_full(one) for one in faults if one.pointer == "/note"],
        "summary": _summary(faults, refusal),
        "files": uploaded_files(session, actor=current_actor(), ids=files),
        "file_faults": [in_full(one) for one in faults if one.pointer.startswith("/file")],
        "temperature_faults": [in_full(one) for one in faults if one.pointer == "/temperature_file"],
    }


def _kept(gifts: Rows) -> list[Kept]:
    """The units that stay, each under its place in the form. Raises Invalid for what is no number."""
    kept: list[Kept] = []
    faults: list[Fault] = []
    for place, (line, _, keep) in enumerate(gifts):
        pointer, entered = f"/gifts/{place}", keep.strip() or "0"
        units = 0 if entered == "0" else typed.field(typed.quantity, entered, f"{pointer}/keep", faults)
        if units:
            kept.append(Kept(typed.own_number(line) or 0, units, pointer))
    if faults:
        raise Invalid(faults=faults)
    return kept


def _seen(gifts: Rows) -> dict[int, int]:
    """The gifts that the page showed, by line of the order."""
    return {typed.own_number(line) or 0: typed.own_number(due) or 0 for line, due, _ in gifts}


def _quote(number: str, rows: Rows, form: RequestForm, gifts: Rows) -> Quote | None:
    """What the request would come to, with what is kept where that may be; None while its lines are wrong."""
    for with_kept in (True, False):
        try:
            return quote_return(
                current_session(),
                actor=current_actor(),
                order_number=number,
                shipment_number=form.shipment,
                lines=_asked(rows),
                kept=_kept(gifts) if with_kept else (),
                has_temperatures=True,
            )
        except (Invalid, Conflict):
            continue
    return None


def _summary(faults: list[Fault], refusal: Invalid | Conflict | None) -> list[tuple[str, str]]:
    if refusal and not faults:
        return [("lines", in_full(refusal))]
    return [(_field(one.pointer), in_words(one)) for one in faults]


def _field(pointer: str) -> str:
    parts = pointer.strip("/").split("/")
    if parts[0] == "lines" and len(parts) > 1:
        return f"quantity-{parts[1]}"
    if parts[0] == "gifts" and len(parts) > 1:
        return f"keep-{parts[1]}"
    ids = {"note": "field-note", "temperature_file": "field-temperature_file", "gifts": "gifts"}
    return ids.get(parts[0], "lines")
