"""A parcel on its way out: picked at the shelf, reviewed by another person, packed, and its papers."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints.fields_by_lot import packages_typed
from backoffice.blueprints.outbound_reviews import outbound_tabs
from portal.kernel import clock, typed
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Forbidden, Invalid
from portal.kernel.paging import Page
from portal.shipping import outbound
from portal.shipping.confirm_pick import confirm_pick
from portal.shipping.outbound import OpenParcel
from portal.shipping.pack_parcel import pack_parcel
from portal.shipping.packing_rules import PACKAGES_MAX, split_evenly
from portal.shipping.parcel_papers import Paper, labels_of, packing_list_of, pick_list_of
from portal.shipping.parcel_sheet import ParcelSheet, parcel_sheet
from portal.shipping.print_delivery_note import print_delivery_note
from portal.shipping.review_parcel import Reviewed, review_parcel
from portal.shipping.review_rules import Check, Outcome
from portal.shipping.review_scan import review_scan
from portal.shipping.seller import Seller
from portal.shipping.vocabulary import ShippingRight
from portal.shipping.words import PACKAGE_KINDS
from portal.web import language
from portal.web.delivery_page import sign_address
from portal.web.download_audit import undo_unsent_download
from portal.web.forms import Form, OwnNumber, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, in_words, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said, sent_once, tell
from portal.web.status_looks import status_look

blueprint = Blueprint("parcels", __name__, url_prefix="/hq/parcels")

PARCELS = Listing(
    "parcels",
    N_("Shipments being picked"),
    (
        Column("number", N_("Shipment"), width="c-16", css="text-nowrap"),
        Column("order_number", N_("Order"), Kind.CODE, width="c-15"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide"),
        Column("warehouse_code", N_("Warehouse"), Kind.CODE, width="c-8"),
        Column("wave", N_("Wave"), Kind.CODE, width="c-15"),
        Column("picked_at", N_("Picking since"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("units", N_("Units"), Kind.QUANTITY, width="c-8"),
        Column("left", N_("To review"), Kind.QUANTITY, width="c-8"),
    ),
    sort=str(outbound.LONGEST_WAITING_FIRST),
)


class ScanForm(Form):
    """A scanned label; a quantity where less than all is meant; units to review, as the page showed them."""

    code: Stripped
    quantity: Stripped
    left: OwnNumber


class LineForm(Form):
    """Which units are confirmed."""

    line: OwnNumber
    lot: str


class CheckForm(LineForm):
    """What was found of units; one serial number a line; units to review, as the page showed them."""

    left: OwnNumber

    quantity: Stripped
    outcome: Stripped
    serials: str
    note: Stripped


@blueprint.get("")
@requires(ShippingRight.SHIP)
@takes_columns("column")
def index() -> str | Response:
    """Parcels that are being picked, the longest waiting first."""

    sort = sort_of_address(PARCELS)

    def fetch(cursor: str | None, limit: int) -> Page[OpenParcel]:
        session, actor = current_session(), current_actor()
        return outbound.open_parcels(session, actor=actor, cursor=cursor, limit=limit, sort=sort)

    return show_list(
        PARCELS,
        fetch,
        "backoffice/outbound/parcels.html",
        page_only=lambda: {"tabs": outbound_tabs("parcels.index")},
        count=lambda: outbound.count_open_parcels(current_session(), actor=current_actor()),
    )


@blueprint.get("/<number>/picking")
@requires(ShippingRight.SHIP)
def picking(number: str) -> str:
    """The pick list by bin, to be confirmed by scanning."""
    return render_template("backoffice/outbound/picking.html", **_context(number))


@blueprint.post("/<number>/picking")
@requires(ShippingRight.SHIP)
def confirm(number: str) -> str | Response:
    """Units are in the parcel: by their label, or by hand."""
    form, line = read_form(ScanForm), read_form(LineForm)
    at, today = _now()

    def act() -> str:
        unit = confirm_pick(
            current_session(),
            actor=current_actor(),
            shipment_number=number,
            code=form.code,
            line=(line.line, line.lot) if line.line else None,
            today=today,
            at=at,
        )
        return gettext("Lot %(lot)s is in the shipment.", lot=unit.lot_no)

    return _act(number, "picking", act)


@blueprint.get("/<number>/review")
@requires(ShippingRight.SHIP)
def review(number: str) -> str:
    """The outbound review, by scanning or line by line."""
    return render_template("backoffice/outbound/review.html", **_context(number))


@blueprint.post("/<number>/review/scan")
@requires(ShippingRight.SHIP)
def scan(number: str) -> str | Response:
    """The units of a label pass."""
    form = read_form(ScanForm)
    at, today = _now()

    def act() -> str:
        done = review_scan(
            current_session(),
            actor=current_actor(),
            shipment_number=number,
            code=form.code,
            quantity=_units(form.quantity) if form.quantity else None,
            today=today,
            at=at,
            left=form.left,
        )
        return _said(done)

    return _act(number, "review", act)


@blueprint.post("/<number>/review")
@requires(ShippingRight.SHIP)
def check(number: str) -> str | Response:
    """What was found of units of one line."""
    form = read_form(CheckForm)

    def act() -> str:
        if form.outcome not in list(Outcome):
            message, fix = N_("What was found is missing."), N_("Choose a result.")
            raise Invalid(faults=[Fault("/outcome", "outcome", message, fix)])
        said = Check(
            form.line,
            form.lot,
            _units(form.quantity),
            Outcome(form.outcome),
            tuple(form.serials.split()),
            note=form.note,
            left=form.left,
        )
        done = review_parcel(
            current_session(), actor=current_actor(), shipment_number=number, checks=[said], at=clock.now()
        )
        return _said(done)

    return _act(number, "review", act)


@blueprint.get("/<number>/packing")
@requires(ShippingRight.SHIP)
def packing(number: str) -> str:
    """Which units lie in which package."""
    return render_template("backoffice/outbound/packing.html", **_packing(number))


@blueprint.post("/<number>/packing")
@requires(ShippingRight.SHIP)
def pack(number: str) -> str | Response:
    """Keep how the parcel is packed."""
    try:
        pack_parcel(
            current_session(),
            actor=current_actor(),
            shipment_number=number,
            packages=packages_typed(),
            company_prefix=portal().settings.gs1_company_prefix,
            at=clock.now(),
        )
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        page = render_template("backoffice/outbound/packing.html", **_packing(number, refusal))
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)
    flash(gettext("The packages are recorded."), "success")
    return redirect(url_for("parcels.packing", number=number), 303)


@blueprint.get("/<number>/pick-list.pdf")
@requires(ShippingRight.SHIP)
def pick_list(number: str) -> Response:
    """The pick list on paper."""
    return send_paper(pick_list_of(_sheet(number), _seller(), locale=language.current(), at=clock.now()))


@blueprint.get("/<number>/packing-list.pdf")
@requires(ShippingRight.SHIP)
def packing_list(number: str) -> Response:
    """A page for each package."""
    return send_paper(packing_list_of(_sheet(number), _seller(), locale=language.current(), at=clock.now()))


@blueprint.get("/<number>/labels.pdf")
@requires(ShippingRight.SHIP)
def unit_labels(number: str) -> Response:
    """A label for each unit; with ``of=packages`` for each package."""
    of_packages = request.args.get("of") == "packages"
    paper = labels_of(_sheet(number), of_packages=of_packages, locale=language.current(), at=clock.now())
    return send_paper(paper)


@blueprint.get("/<number>/delivery-note.pdf")
@requires(ShippingRight.SHIP, ShippingRight.REVIEWS)
def delivery_note(number: str) -> Response:
    """The delivery note; every print is on record."""
    paper = print_delivery_note(
        current_session(),
        actor=current_actor(),
        shipment_number=number,
        seller=_seller(),
        sign_at=sign_address(number),
        locale=language.current(),
        at=clock.now(),
    )
    return undo_unsent_download(send_paper(paper))


def send_paper(paper: Paper) -> Response:
    """A PDF to be shown or saved; never kept by whatever lies between."""
    response = send_file(BytesIO(paper.content), mimetype="application/pdf", download_name=paper.filename)
    response.headers["Cache-Control"] = "no-store"
    return response


def _act(number: str, page: str, act: Callable[[], str]) -> str | Response:
    """Do it and show the page again; a refusal stands on it with what was typed."""

    def acted() -> Said:
        words = act()
        if outbound.is_open(current_session(), number):
            return Said(words, url_for(f"parcels.{page}", number=number))
        return Said(words, url_for("parcels.index"))

    try:
        return tell(sent_once(acted))
    except (Invalid, Conflict, Forbidden) as refusal:
        current_session().rollback()
        status = {Invalid: 422, Conflict: 409}.get(type(refusal), 403)
        shown = render_template(f"backoffice/outbound/{page}.html", **_context(number, refusal))
        return make_response(shown, status)


def _said(done: Reviewed) -> str:
    if done.put_back:
        return gettext("Set apart: %(units)s. The shipment is dissolved.", units=done.set_apart)
    if done.set_apart:
        return gettext(
            "Set apart: %(units)s. Still to be reviewed: %(left)s.", units=done.set_apart, left=done.left
        )
    if done.left:
        return gettext("Passed. Still to be reviewed: %(left)s.", left=done.left)
    return gettext("Passed. The shipment may be shipped.")


def _units(entered: str) -> int:
    faults: list[Fault] = []
    units = typed.field(typed.quantity, entered, "/quantity", faults)
    if units is None:
        raise Invalid(faults=faults)
    return units


def _context(number: str, refusal: DomainError | None = None) -> dict[str, Any]:
    sheet = _sheet(number)
    faults = refusal.faults if refusal else ()
    return {
        "sheet": sheet,
        "outcomes": [(str(one), status_look("outbound review", one).label) for one in Outcome],
        "is_picker": current_actor().key in sheet.pickers,
        "refusal": refusal,
        "refusal_lines": [(f"field-{fault.pointer.strip('/')}", in_words(fault)) for fault in faults],
        "beside": lambda pointer: [in_full(fault) for fault in faults if fault.pointer == pointer],
        "typed": request.form,
        "at_line": (request.form.get("line", ""), request.form.get("lot", "")),
    }


def _packing(number: str, refusal: DomainError | None = None) -> dict[str, Any]:
    context = _context(number, refusal)
    sheet: ParcelSheet = context["sheet"]
    asked = typed.own_number(request.values.get("packages")) or len(sheet.packages) or 1
    count = min(max(asked, 1), PACKAGES_MAX)
    units = {(line.line_no, line.lot_no): line.quantity for line in sheet.lines}
    as_packed = [box.units for box in sheet.packages]
    boxes = as_packed if len(as_packed) == count else split_evenly(units, count)
    return {
        **context,
        "count": count,
        "boxes": boxes,
        "kinds": [(str(kind), str(label)) for kind, label in labels(PACKAGE_KINDS).items()],
        "faults": [in_full(fault) for fault in (refusal.faults if refusal else ())],
    }


def _sheet(number: str) -> ParcelSheet:
    return parcel_sheet(current_session(), number)


def _seller() -> Seller:
    return Seller.of(portal().settings)


def _now() -> tuple[Any, Any]:
    at = clock.now()
    return at, clock.business_date(at, portal().settings.timezone)
