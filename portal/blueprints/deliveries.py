"""Dealers: the receipt of a shipment, counted or scanned; what was signed; cases about what differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.coldchain.queries import cold_record, has_cold_goods
from portal.deliveries import case_queries
from portal.deliveries.add_photos import add_photos
from portal.deliveries.case_queries import CaseRow
from portal.deliveries.queries import Delivery, delivery
from portal.deliveries.rules import CaseKind, CaseState, Way
from portal.deliveries.scan_receipt import count_up
from portal.deliveries.sign_delivery import sign_delivery
from portal.deliveries.words import KIND_LABELS, OUTCOME_LABELS
from portal.files.attach import uploaded_files
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, DomainError, Invalid
from portal.kernel.numbering import new_token
from portal.kernel.paging import Page
from portal.orders.vocabulary import OrderRight
from portal.scanning.scan import scan
from portal.web import file_field
from portal.web.case_photos import photos_context
from portal.web.cold_terms import cold_words
from portal.web.delivery_page import delivery_context, make_the_link, revoke_the_link, send_proof
from portal.web.forms import Form, Stripped, read_form, takes_columns
from portal.web.handover_form import (
    COLUMNS,
    CountRow,
    HandoverForm,
    entered_form,
    errors_beside,
    rows_again,
    rows_in_order,
    rows_to_count,
)
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.status_looks import status_look

blueprint = Blueprint("deliveries", __name__)
blueprint.context_processor(dealer_frame)

CASES = Listing(
    "delivery-cases",
    N_("Delivery cases"),
    (
        Column("number", N_("Delivery case"), Kind.CODE, width="c-15"),
        Column("kind", N_("Difference"), Kind.WORD, words=KIND_LABELS),
        Column("units", N_("Units"), Kind.QUANTITY, width="c-8"),
        Column("shipment", N_("Shipment"), Kind.CODE, width="c-15"),
        Column("order", N_("Order"), Kind.CODE, width="c-15"),
        Column("state", N_("Status"), Kind.STATUS, status="delivery case", width="c-10", css="cell-corner"),
        Column("outcome", N_("Decision"), Kind.WORD, words=OUTCOME_LABELS, width="c-10"),
        Column("opened_at", N_("Opened on"), Kind.MOMENT, width="c-15", is_sortable=True),
    ),
    sort=str(case_queries.LATEST_FIRST),
)


class ScanForm(Form):
    """A code, and how many packages of it were just scanned together."""

    code: Stripped
    times: Stripped


@blueprint.get("/shipments/<number>/receipt")
@requires(OrderRight.WRITE)
def receipt(number: str) -> str:
    """Where the dealer counts or scans what arrived; afterwards, what was signed."""
    found = delivery(current_session(), number)
    if found.received_at is not None:
        return render_template("deliveries/show.html", **delivery_context(number, OrderRight.WRITE))
    rows = rows_to_count(found, from_zero=bool(request.args.get("count")))
    return _receipt_page(found, rows, _empty())


@blueprint.post("/shipments/<number>/receipt")
@requires(OrderRight.WRITE)
@takes_columns(*COLUMNS, file_field.IDS)
def receive(number: str) -> Response:
    """Confirm what arrived; without any lines, that all of it did."""
    session, at, entered, photos = current_session(), clock.now(), entered_form(), list[str]()
    try:
        photos = file_field.sent_files()
        signed = sign_delivery(
            session,
            actor=current_actor(),
            shipment_number=number,
            handover=entered.handover(photos),
            way=Way.PORTAL,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )
    except Invalid as refusal:
        session.rollback()
        found = delivery(session, number)
        rows = rows_again(found, entered.rows, refusal)
        page = _receipt_page(found, rows, entered.form, photos, errors=errors_beside(refusal))
        return make_response(page, 422)
    flash(gettext("Receipt of %(number)s has been confirmed.", number=number), "success")
    if signed.cases:
        flash(
            gettext("What differs has been reported: %(numbers)s.", numbers=", ".join(signed.cases)), "info"
        )
    told = cold_words(cold_record(session, number), has_cold_goods=has_cold_goods(session, number))
    if told is not None:
        flash(told, "warning")
    return redirect(url_for("orders.show", number=signed.received.order_number), 303)


@blueprint.post("/shipments/<number>/receipt/scan")
@requires(OrderRight.WRITE)
@takes_columns(*COLUMNS, file_field.IDS)
def scan_box(number: str) -> Response:
    """Count a scanned package up in the form, which is sent along; nothing is saved."""
    found, entered, form = delivery(current_session(), number), entered_form(), read_form(ScanForm)
    rows, said = rows_in_order(found, entered.rows), ""
    refusal: DomainError | None = None
    today = clock.business_date(clock.now(), portal().settings.timezone)
    try:
        read = scan(current_session(), actor=current_actor(), data=form.code, today=today)
        place, units = count_up(found, read, [row.received for row in rows], form.times)
        lot = found.lots[place]
        rows[place] = CountRow(lot.sku, lot.lot_no, str(units), rows[place].damaged, lot)
        said = gettext("%(lot)s: %(units)s counted.", lot=f"{lot.sku} {lot.lot_no}", units=units)
    except (Invalid, Conflict) as refused:
        refusal = refused
    page = _receipt_page(
        found,
        tuple(rows),
        entered.form,
        file_field.sent_ahead(),
        scanned=said,
        scan=form if refusal else None,
        refused=refusal,
    )
    return make_response(page, 422 if refusal else 200)


@blueprint.get("/shipments/<number>/proof")
@requires(OrderRight.READ)
def proof(number: str) -> str:
    """What was signed for a shipment, or the link by which that is done."""
    return render_template("deliveries/show.html", **delivery_context(number, OrderRight.WRITE))


@blueprint.get("/shipments/<number>/proof.pdf")
@requires(OrderRight.READ)
def proof_pdf(number: str) -> Response:
    """The proof on paper."""
    return send_proof(number)


@blueprint.post("/shipments/<number>/delivery-link")
@requires(OrderRight.WRITE)
def link(number: str) -> Response:
    """Make the link by which somebody at the door signs."""
    make_the_link(number)
    return redirect(url_for("deliveries.proof", number=number), 303)


@blueprint.post("/shipments/<number>/delivery-link/revocation")
@requires(OrderRight.WRITE)
def revocation(number: str) -> Response:
    """End that link."""
    revoke_the_link(number)
    flash(gettext("The link has been withdrawn."), "success")
    return redirect(url_for("deliveries.proof", number=number), 303)


@blueprint.get("/deliveries/cases")
@requires(OrderRight.READ)
@takes_columns("column")
def cases() -> str | Response:
    """The dealer's cases, the latest first."""
    said = {name: request.args.get(name, "").strip() for name in ("status", "kind", "q")}
    state = said["status"] if said["status"] in list(CaseState) else ""
    kind = said["kind"] if said["kind"] in list(CaseKind) else ""
    sought: dict[str, Any] = {"state": state, "kind": kind, "q": said["q"]}
    sort = sort_of_address(CASES)

    def fetch(cursor: str | None, limit: int) -> Page[CaseRow]:
        return case_queries.cases(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def count() -> int:
        return case_queries.count_cases(current_session(), **sought)

    def page_only() -> dict[str, Any]:
        return {
            "states": [(str(one), status_look("delivery case", one).label) for one in CaseState],
            "kinds": list(labels(KIND_LABELS).items()),
        }

    query = {"status": state, "kind": kind, "q": said["q"]}
    return show_list(CASES, fetch, "deliveries/cases.html", query, page_only=page_only, count=count)


@blueprint.get("/deliveries/cases/<number>")
@requires(OrderRight.READ)
def case(number: str) -> str:
    """One case with what was decided about it."""
    return _case_page(number)


@blueprint.post("/deliveries/cases/<number>/photos")
@requires(OrderRight.WRITE)
@takes_columns(file_field.IDS)
def case_photos(number: str) -> Response:
    """Show headquarters what the case is about."""
    sent = list[str]()
    try:
        sent = file_field.sent_files()
        add_photos(current_session(), actor=current_actor(), number=number, files=sent)
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        if isinstance(refusal, Conflict):
            raise
        return make_response(_case_page(number, sent, refusal), 422)
    flash(gettext("The photos have been added."), "success")
    return redirect(url_for("deliveries.case", number=number), 303)


def _case_page(number: str, sent: Sequence[str] = (), refusal: DomainError | None = None) -> str:
    found = case_queries.case(current_session(), number)
    words = {"kinds": labels(KIND_LABELS), "outcomes": labels(OUTCOME_LABELS)}
    return render_template(
        "deliveries/case.html", case=found, **words, **photos_context(found, sent, refusal)
    )


def _receipt_page(
    found: Delivery,
    rows: tuple[CountRow, ...],
    form: HandoverForm,
    photos: Sequence[str] = (),
    *,
    scanned: str = "",
    scan: ScanForm | None = None,
    refused: DomainError | None = None,
    **more: Any,
) -> str:
    context = {"delivery": found, "rows": rows, "form": form, "errors": {}, "scanned": scanned, **more}
    context["files"] = uploaded_files(current_session(), actor=current_actor(), ids=photos)
    of_times = [in_full(fault) for fault in refused.faults if fault.pointer == "/times"] if refused else []
    of_code = [in_full(refused)] if refused and not of_times else []
    return render_template(
        "deliveries/receipt.html", scan=scan, refused=of_code, refused_times=of_times, **context
    )


def _empty() -> HandoverForm:
    return HandoverForm(signed_by=current_actor().label, signature="", note="", form_key=new_token())
