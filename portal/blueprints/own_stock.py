"""The dealer's own stock: what it holds by lot, what to order again, its reports of stock and sell-out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.dealerstock import queries, reports
from portal.dealerstock.queries import OwnLot, Show, StockFilter
from portal.dealerstock.read_lines import read_lines
from portal.dealerstock.reorder import Suggestion, to_order_again
from portal.dealerstock.report_stock import report_stock
from portal.dealerstock.reports import ReportRow
from portal.dealerstock.rules import LINES_MAX, SAID, Finding, LineKind, Source
from portal.dealerstock.sheet_rules import SIZE_MAX, RawLine, check_size, raw_lines
from portal.dealerstock.vocabulary import DealerStockRight
from portal.dealerstock.words import KINDS, SOURCES
from portal.kernel import clock, idempotency
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.numbering import new_token
from portal.kernel.paging import Page
from portal.orders.vocabulary import OrderRight
from portal.ordersheets.read_file import as_text
from portal.stock.vocabulary import StockRight
from portal.web.forms import Day, Form, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("own_stock", __name__)
blueprint.context_processor(dealer_frame)

OWN_STOCK = Listing(
    "own-stock",
    N_("Own stock"),
    (
        Column("name", N_("Product"), Kind.NAME, css="cell-wide"),
        Column("sku", N_("SKU"), Kind.CODE, width="c-12"),
        Column("lot", N_("Lot"), Kind.CODE, width="c-12"),
        Column("expires_on", N_("Expires on"), Kind.DATE, width="c-12", is_sortable=True),
        Column("shelf", N_("Status"), Kind.STATUS, status="shelf", width="c-12", css="cell-corner"),
        Column("held", N_("Units held"), Kind.QUANTITY, width="c-8"),
        Column("unit", N_("Unit"), Kind.UNIT, shown=False),
        Column("on_the_way", N_("On the way"), Kind.QUANTITY, width="c-8"),
        Column("bought", N_("Bought"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("sold", N_("Sold"), Kind.QUANTITY, width="c-8"),
        Column("counted_on", N_("Last count"), Kind.DATE, width="c-12"),
    ),
    sort=str(queries.FIRST_TO_EXPIRE),
)

REPORTS = Listing(
    "inventory-reports",
    N_("Stock reports"),
    (
        Column("number", N_("Report"), Kind.CODE, width="c-18"),
        Column("as_of", N_("As of"), Kind.DATE, width="c-12"),
        Column(
            "source",
            N_("Source"),
            Kind.WORD,
            words=SOURCES,
            width="c-10",
        ),
        Column("lines", N_("Number of lines"), Kind.QUANTITY, width="c-8"),
        Column("doubtful", N_("To be checked"), Kind.QUANTITY, width="c-10"),
        Column("reported_at", N_("Reported at"), Kind.MOMENT, width="c-15"),
        Column("reported_by_label", N_("Reported by")),
    ),
)

_SHOWN = {
    Show.HELD: N_("Held or on the way"),
    Show.SHORT: N_("Short-dated or expired"),
    Show.DOUBTFUL: N_("More sold than held"),
    Show.ALL: N_("Every lot bought"),
}


class ReportForm(Form):
    """Lines of one kind. code, lot, count, day, customer: a line of its own."""

    kind: str
    as_of: Day
    pasted: str
    code: str
    lot: str
    count: str
    customer: str
    token: str


@blueprint.get("/own-stock")
@requires(StockRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """The dealer's lots, the first to expire first."""
    wanted = _filter()
    sought: dict[str, Any] = {
        "actor": current_actor(),
        "wanted": wanted,
        "short_days": portal().settings.short_dated_days,
        "today": _today(),
    }
    sort = sort_of_address(OWN_STOCK)

    def fetch(cursor: str | None, limit: int) -> Page[OwnLot]:
        return queries.own_stock(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def count() -> int:
        return queries.count_own_stock(current_session(), **sought)

    context = {"q": wanted.q, "show": str(wanted.show), "short_days": sought["short_days"]}
    return show_list(OWN_STOCK, fetch, "dealerstock/index.html", context, page_only=_around, count=count)


def _around() -> dict[str, Any]:
    actor = current_actor()
    return {
        "show_options": [(str(one), gettext(label)) for one, label in _SHOWN.items()],
        "suggestions": _suggestions(),
        "lead_days": portal().settings.replenishment_days,
        "may_report": actor.may(DealerStockRight.REPORT),
        "may_order": actor.may(OrderRight.WRITE),
    }


def _suggestions() -> list[Suggestion]:
    return to_order_again(
        current_session(),
        actor=current_actor(),
        lead_days=portal().settings.replenishment_days,
        today=_today(),
    )


def _filter() -> StockFilter:
    said = request.args.get("show", "")
    return StockFilter(request.args.get("q", "").strip(), Show(said) if said in list(Show) else Show.HELD)


@blueprint.get("/own-stock/report")
@requires(DealerStockRight.REPORT)
def form() -> str:
    """An empty report."""
    empty = dict.fromkeys(ReportForm.model_fields, "")
    return _form(empty | {"as_of": _today().isoformat(), "kind": str(LineKind.STOCK)})


@blueprint.post("/own-stock/report")
@requires(DealerStockRight.REPORT)
def report() -> str | Response:
    """Keep what was typed, pasted, uploaded or scanned; a second click is the same report."""
    try:
        number = _reported(read_form(ReportForm))
    except Invalid as refusal:
        current_session().rollback()
        entered = {name: request.form.get(name, "") for name in ReportForm.model_fields}
        return make_response(_form(entered, refusal), 422)
    flash(gettext("The report has been taken. Below is what is to be said of each line."), "success")
    return redirect(url_for("own_stock.show", number=number), 303)


def _reported(form: ReportForm) -> str:
    session, actor = current_session(), current_actor()
    raw, from_file = _raw(form)
    fingerprint = hashlib.sha256(repr((form, raw)).encode()).hexdigest()
    key = f"inventory-report-{form.token[:64]}-{fingerprint}"
    before = idempotency.remembered(session, actor=actor, key=key, fingerprint=fingerprint)
    if before is not None:
        return str(before.body["number"])
    kind = LineKind(form.kind) if form.kind in list(LineKind) else LineKind.STOCK
    read = read_lines(session, raw, kind=kind, as_of=form.as_of, today=_today())
    source = Source.FILE if from_file else Source.SCAN if read.has_scans else Source.PAGE
    taken = report_stock(
        session,
        actor=actor,
        lines=read.lines,
        as_of=form.as_of,
        source=source,
        today=_today(),
        at=clock.now(),
    )
    body = json.dumps({"number": taken.number})
    idempotency.remember(session, actor=actor, key=key, status=303, body=body)
    return taken.number


def _raw(form: ReportForm) -> tuple[list[RawLine], bool]:
    """The lines of the form, numbered on from text to file to the line of its own."""
    raw = raw_lines(form.pasted)
    file = request.files.get("file")
    content = file.read(SIZE_MAX + 1) if file else b""
    check_size(len(content))
    if content:
        last = raw[-1].row if raw else 0
        raw += [replace(one, row=one.row + last) for one in raw_lines(as_text(content))]
    if form.code.strip() or form.lot.strip() or form.count.strip():
        row = (raw[-1].row if raw else 0) + 1
        quantity = form.count.strip() or "1"
        customer = form.customer.strip()
        raw.append(RawLine(row, form.code.strip(), form.lot.strip(), quantity, "", customer))
    return raw, bool(content)


def _form(entered: dict[str, str], refusal: Invalid | None = None) -> str:
    faults = refusal.faults if refusal else ()
    return render_template(
        "dealerstock/report.html",
        entered=entered,
        troubles=[_trouble(fault) for fault in faults if not _is_of_field(fault)],
        as_of_errors=[in_full(fault) for fault in faults if _is_of_field(fault)],
        kinds=[(str(kind), gettext(label)) for kind, label in KINDS.items()],
        lines_max=LINES_MAX,
        token=entered.get("token") or new_token(),
    )


def _is_of_field(fault: Fault) -> bool:
    return fault.pointer == "/as_of"


def _trouble(fault: Fault) -> str:
    """What is wrong with a line, with the row in which it stands."""
    parts = fault.pointer.split("/")
    if parts[1:2] == ["rows"]:
        return gettext("Row %(row)s: %(what)s", row=parts[2], what=in_full(fault))
    return in_full(fault)


@blueprint.get("/inventory-reports")
@requires(StockRight.READ)
@takes_columns("column")
def report_list() -> str | Response:
    """The dealer's reports, the latest first."""

    def fetch(cursor: str | None, limit: int) -> Page[ReportRow]:
        return reports.inventory_reports(current_session(), actor=current_actor(), cursor=cursor, limit=limit)

    context = {"may_report": current_actor().may(DealerStockRight.REPORT)}
    return show_list(REPORTS, fetch, "dealerstock/reports.html", context)


@blueprint.get("/inventory-reports/<number>")
@requires(StockRight.READ)
def show(number: str) -> str:
    """A report with what is to be said of each line."""
    found = reports.inventory_report(current_session(), actor=current_actor(), number=number)
    said = {str(finding): " ".join(map(gettext, words)) for finding, words in SAID.items()}
    return render_template(
        "dealerstock/show.html",
        report=found.head,
        lines=found.lines,
        said=said,
        in_order=str(Finding.NONE),
        may_report=current_actor().may(DealerStockRight.REPORT),
    )


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)
