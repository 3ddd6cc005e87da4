"""What the dealer sold to hospitals, what they used and gave back: reported by scan, sheet or hand."""

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
from portal.custody.vocabulary import TraceRight
from portal.kernel import clock, idempotency, typed
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.numbering import new_token
from portal.kernel.paging import Page
from portal.ordersheets.read_file import as_text
from portal.sellout import queries
from portal.sellout.decide_rules import LINES_MAX, SAID, LineKind, LineState, Source
from portal.sellout.queries import ShownLine
from portal.sellout.read_lines import read_lines
from portal.sellout.report_sell_out import report_sell_out
from portal.sellout.reverse_line import REASON_MAX, reverse_line
from portal.sellout.sheet_rules import SIZE_MAX, RawLine, check_size, raw_lines
from portal.sellout.vocabulary import SellOutRight
from portal.sellout.words import DEFECTS, KINDS
from portal.web.forms import Day, Form, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.status_looks import status_look

blueprint = Blueprint("sell_out", __name__, url_prefix="/sell-out")
blueprint.context_processor(dealer_frame)

LINES = Listing(
    "sell-out",
    N_("Sold, used and given back"),
    (
        Column("product", N_("Product"), Kind.NAME, path="name", css="cell-wide"),
        Column("sku", N_("SKU"), Kind.CODE, shown=False, width="c-12"),
        Column("lot", N_("Lot"), Kind.CODE, width="c-12"),
        Column("serial", N_("Serial number"), Kind.CODE, shown=False, width="c-12"),
        Column("state", N_("Status"), Kind.STATUS, status="sell-out", width="c-12", css="cell-corner"),
        Column("quantity", N_("Units"), Kind.QUANTITY, width="c-8"),
        Column("kind", N_("Kind"), Kind.WORD, words=KINDS, width="c-12"),
        Column("hospital", N_("Hospital"), width="c-15"),
        Column("day", N_("Day"), Kind.DATE, width="c-12"),
        Column("document", N_("Document"), Kind.CODE, width="c-15"),
        Column("defect", N_("What is wrong"), Kind.WORD, words=DEFECTS, shown=False, width="c-12"),
        Column("line", N_("Line"), Kind.CODE, shown=False, width="c-8"),
        Column("number", N_("Report"), Kind.CODE, shown=False, width="c-15"),
        Column("reported_at", N_("Reported at"), Kind.MOMENT, shown=False, width="c-15"),
    ),
)


class ReportForm(Form):
    """Lines of one kind. day, hospital: of lines that name none; code to count: a line of its own."""

    kind: str
    day: Day
    hospital: str
    document: str
    code: str
    lot: str
    serial: str
    count: str
    pasted: str
    token: str


class ReversalForm(Form):
    """Which line is taken back, by its place in the report, and why."""

    line: str
    reason: str


@blueprint.get("")
@requires(TraceRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """The dealer's lines, the latest first."""
    said, q = request.args.get("state", ""), request.args.get("q", "").strip()
    state = said if said in list(LineState) else ""

    def fetch(cursor: str | None, limit: int) -> Page[ShownLine]:
        return queries.sell_out_lines(
            current_session(), actor=current_actor(), state=state, q=q, cursor=cursor, limit=limit
        )

    def count() -> int:
        return queries.count_sell_out_lines(current_session(), actor=current_actor(), state=state, q=q)

    def page_only() -> dict[str, Any]:
        return {"status_options": [(str(one), status_look("sell-out", one).label) for one in LineState]}

    context = {"q": q, "state": state, "may_report": current_actor().may(SellOutRight.WRITE)}
    return show_list(LINES, fetch, "sellout/index.html", context, page_only=page_only, count=count)


@blueprint.get("/report")
@requires(SellOutRight.WRITE)
def form() -> str:
    """An empty report."""
    empty = dict.fromkeys(ReportForm.model_fields, "")
    return _form(empty | {"day": _today().isoformat(), "kind": str(LineKind.SELL_OUT)})


@blueprint.post("/report")
@requires(SellOutRight.WRITE)
def report() -> str | Response:
    """Keep what was typed, pasted, uploaded or scanned; a second click is the same report."""
    raw: list[RawLine] = []
    try:
        number = _reported(read_form(ReportForm), raw)
    except Invalid as refusal:
        current_session().rollback()
        entered = {name: request.form.get(name, "") for name in ReportForm.model_fields}
        return make_response(_form(entered, refusal, raw), 422)
    flash(gettext("The report has been taken. Below is what became of each line."), "success")
    return redirect(url_for("sell_out.show", number=number), 303)


def _reported(form: ReportForm, raw: list[RawLine]) -> str:
    session, actor = current_session(), current_actor()
    from_file = _read_raw(form, raw)
    fingerprint = hashlib.sha256(repr((form, raw)).encode()).hexdigest()
    key = f"sell-out-{form.token[:64]}-{fingerprint}"
    before = idempotency.remembered(session, actor=actor, key=key, fingerprint=fingerprint)
    if before is not None:
        return str(before.body["number"])
    kind = LineKind(form.kind) if form.kind in list(LineKind) else LineKind.SELL_OUT
    read = read_lines(session, raw, kind=kind, day=form.day, hospital=form.hospital.strip(), today=_today())
    taken = report_sell_out(
        session,
        actor=actor,
        lines=read.lines,
        source=Source.FILE if from_file else Source.SCAN if read.has_scans else Source.PAGE,
        today=_today(),
        zone=portal().settings.timezone,
        at=clock.now(),
    )
    body = json.dumps({"number": taken.number})
    idempotency.remember(session, actor=actor, key=key, status=303, body=body)
    return taken.number


def _read_raw(form: ReportForm, raw: list[RawLine]) -> bool:
    """Fill in the lines, numbered on from text to file to the one of its own. Is there a file?"""
    raw += raw_lines(form.pasted)
    file = request.files.get("file")
    content = file.read(SIZE_MAX + 1) if file else b""
    check_size(len(content))
    if content:
        last = raw[-1].row if raw else 0
        raw += [replace(one, row=one.row + last) for one in raw_lines(as_text(content))]
    if form.code.strip() or form.lot.strip() or form.count.strip():
        row = (raw[-1].row if raw else 0) + 1
        one = RawLine(row, form.code.strip(), form.lot.strip(), form.count.strip() or "1")
        raw.append(replace(one, serial=form.serial.strip()))
    if document := form.document.strip():
        raw[:] = [
            replace(one, document=one.document or document, line=one.line or str(one.row)) for one in raw
        ]
    return bool(content)


def _form(entered: dict[str, str], refusal: Invalid | None = None, raw: list[RawLine] | None = None) -> str:
    faults = refusal.faults if refusal else ()
    by_row = _by_row(faults)
    return render_template(
        "sellout/report.html",
        entered=entered,
        troubles=[in_full(fault) for fault in faults if _row(fault) is None and fault.pointer != "/day"],
        day_errors=[in_full(fault) for fault in faults if fault.pointer == "/day"],
        rows=[(one, by_row.get(one.row, [])) for one in raw or [] if one.row in by_row],
        kinds=[(str(kind), gettext(label)) for kind, label in KINDS.items()],
        lines_max=LINES_MAX,
        token=entered.get("token") or new_token(),
    )


def _row(fault: Fault) -> int | None:
    parts = fault.pointer.split("/")
    return int(parts[2]) if parts[1:2] == ["rows"] and len(parts) > 2 and parts[2].isdigit() else None


def _by_row(faults: Any) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for fault in faults:
        row = _row(fault)
        if row is not None:
            found.setdefault(row, []).append(in_full(fault))
    return found


@blueprint.get("/<number>")
@requires(TraceRight.READ)
def show(number: str) -> str:
    """A report with what became of each line."""
    return _show(number)


@blueprint.post("/<number>/reversal")
@requires(SellOutRight.WRITE)
def reverse(number: str) -> str | Response:
    """Take an accepted line back."""
    form = read_form(ReversalForm)
    line_no, reason = typed.own_number(form.line) or 0, form.reason
    try:
        reverse_line(
            current_session(),
            actor=current_actor(),
            number=number,
            line_no=line_no,
            reason=reason,
            at=clock.now(),
        )
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        page = _show(number, line_no, reason, refusal)
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)
    flash(gettext("The line has been reversed."), "success")
    return redirect(url_for("sell_out.show", number=number), 303)


def _show(number: str, line_no: int = 0, reason: str = "", refusal: Invalid | Conflict | None = None) -> str:
    found = queries.sell_out_report(current_session(), actor=current_actor(), number=number)
    return render_template(
        "sellout/show.html",
        report=found,
        kinds=KINDS,
        said={str(defect): " ".join(map(gettext, words)) for defect, words in SAID.items()},
        may_report=current_actor().may(SellOutRight.WRITE),
        reversing=line_no,
        reason=reason,
        errors=[in_full(one) for one in refusal.faults or [refusal]] if refusal else [],
        reason_max=REASON_MAX,
    )


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)
