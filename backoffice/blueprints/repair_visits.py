"""The technician's day on a phone, and the report of a visit."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.files.attach import uploaded_files
from portal.kernel import clock, typed
from portal.kernel.errors import DomainError, Fault, Invalid
from portal.repairs.file_report import Filed, file_report, may_report
from portal.repairs.queries import check_items, lots_for, visit_of, visits_between
from portal.repairs.report_rules import LotForPart, ReportEntry, Used, first_expired_first
from portal.repairs.rules import RepairState, VisitState
from portal.repairs.words import CHECK_RESULTS, RESULTS
from portal.service.queries import request_of
from portal.service.rules import OPEN
from portal.service.vocabulary import STAFF, ServiceRight
from portal.web.acting import Answer, acted, refused
from portal.web.file_field import sent_files
from portal.web.forms import Form, read_form, rows_of_form, takes_columns
from portal.web.rendering import render_page, requires
from portal.web.repair_page import shown_words
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.service_page import options

blueprint = Blueprint("repair_visits", __name__, url_prefix="/hq")

_LATE_DAYS = 365


class ReportForm(Form):
    """A report without its check-list and parts. client_key: made with the form."""

    client_key: str
    result: str
    findings: str
    signed_name: str
    signature: str


@blueprint.get("/service/day")
@requires(*STAFF)
def day() -> str:
    """Visits of a day in their order: one's own, or everybody's for the desk; or those without a report."""
    actor, zone, at = current_actor(), portal().settings.timezone, clock.now()
    today = clock.business_date(at, zone)
    shown, is_all = _day_of_address(today), request.args.get("show", "") in ("all", "late")
    is_all = is_all or not actor.is_person
    is_late = request.args.get("show", "") == "late"
    first = datetime.combine(shown, time(), zone)
    last = first + timedelta(days=1)
    if is_late:
        first, last = at - timedelta(days=_LATE_DAYS), at
    visits = visits_between(
        current_session(),
        actor=actor,
        technician_id=None if is_all else actor.user_id,
        first=first,
        last=last,
    )
    if is_late:
        visits = [one for one in visits if one.state == VisitState.PLANNED and one.ends_at < at]
    said = "late" if is_late else "all" if is_all else ""

    def address(show: str, of: date = shown) -> str:
        return url_for("repair_visits.day", day=of.isoformat(), show=show or None)

    tabs = [(address(""), gettext("Mine"), said == "", None)]
    if actor.may(ServiceRight.DESK) or actor.may(ServiceRight.WORK):
        tabs.append((address("all"), gettext("Everybody's"), said == "all", None))
        tabs.append((address("late"), gettext("Without a report"), said == "late", None))
    return render_template(
        "backoffice/repairs/day.html",
        visits=visits,
        day=shown,
        is_today=shown == today,
        is_late=is_late,
        tabs=tabs,
        before=address(said, shown - timedelta(days=1)),
        after=address(said, shown + timedelta(days=1)),
    )


@blueprint.get("/service-requests/<number>/visits/<int:visit_no>")
@requires(*STAFF)
def show(number: str, visit_no: int) -> str:
    """A visit: where and what, the form of its report, or the report."""
    return _page(number, visit_no)


@blueprint.post("/service-requests/<number>/visits/<int:visit_no>/report")
@requires(*STAFF)
@takes_columns("file_id", "sku", "lot", "used", "serials")
def report(number: str, visit_no: int) -> Answer:
    """File the report, once."""
    files = list[str]()

    def act() -> Filed:
        files.extend(sent_files())
        at = clock.now()
        settings = portal().settings
        return file_report(
            current_session(),
            actor=current_actor(),
            number=number,
            visit_no=visit_no,
            entry=_entry(files),
            today=clock.business_date(at, settings.timezone),
            margin_days=settings.saleable_days_before_expiry,
            at=at,
        )

    def then(filed: Filed) -> Said:
        words = gettext("The report is filed.")
        if filed.invoice_no:
            words = gettext("The report is filed, and invoice %(number)s is posted.", number=filed.invoice_no)
        return Said(words, url_for("repair_visits.show", number=number, visit_no=visit_no))

    answer = acted(act, shown=lambda refusal: _page(number, visit_no, refusal, files), then=then)
    if request.htmx and isinstance(answer, Response) and answer.location:
        return Response(headers={"HX-Redirect": answer.location})
    return answer


def _entry(files: list[str]) -> ReportEntry:
    form = read_form(ReportForm)
    faults: list[Fault] = []
    used = []
    for place, (sku, lot, units, serials) in enumerate(rows_of_form("sku", "lot", "used", "serials")):
        if not units.strip() or units.strip() in ("0", "０"):
            continue
        quantity = typed.field(typed.quantity, units, f"/used/{place}/quantity", faults)
        used.append(Used(sku, lot, quantity, tuple(serials.split()), f"/used/{place}"))
    if faults:
        raise Invalid(faults=faults)
    return ReportEntry(
        client_key=form.client_key,
        result=form.result,
        findings=form.findings,
        signed_name=form.signed_name,
        signature=form.signature,
        checks=_checks(),
        used=used,
        files=files,
    )


def _checks() -> dict[int, str]:
    said = {
        typed.own_number(name[6:]) or 0: value for name, value in request.form.items() if name[:6] == "check-"
    }
    return {item: value for item, value in said.items() if item}


def _page(
    number: str, visit_no: int, refusal: DomainError | None = None, files: list[str] | None = None
) -> str:
    session, actor, settings = current_session(), current_actor(), portal().settings
    asked = request_of(session, number, with_conversation=False)
    found, visit = visit_of(session, actor, number, visit_no)
    today = clock.business_date(clock.now(), settings.timezone)
    margin = settings.saleable_days_before_expiry
    lots = lots_for(session, asked.dealer_id, found.id, today=today, margin_days=margin)
    is_open = asked.state in OPEN and found.is_live
    sent = request.form if refusal else {}
    context: dict[str, Any] = {
        "asked": asked,
        "found": found,
        "visit": visit,
        "may_report": visit.state == VisitState.PLANNED
        and is_open
        and may_report(actor, visit.technician_id, asked.lead_id),
        "is_refused": refusal is not None,
        "is_accepted": found.state == RepairState.ACCEPTED,
        "items": check_items(session, asked.category),
        "check_options": [("", gettext("Choose")), *options(CHECK_RESULTS)],
        "result_options": [("", gettext("Choose")), *options(RESULTS)],
        "lots": _lot_rows(lots, {one.product_id: one.reserved for one in found.parts}, sent=bool(refusal)),
        "files": uploaded_files(session, actor=actor, ids=files or []),
        "sent": sent,
        **shown_words(),
        **refused(refusal),
    }
    return render_page("backoffice/repairs/visit.html", "content", **context)


def _lot_rows(lots: list[LotForPart], held: dict[int, int], *, sent: bool) -> list[dict[str, Any]]:
    """Lots with the units that are proposed of them, first expired first; or as they were typed."""
    picked: dict[int, int] = {}
    for product_id, units in held.items():
        picked |= first_expired_first([one for one in lots if one.product_id == product_id], units)
    rows: list[dict[str, Any]] = [
        {"lot": one, "units": str(picked.get(one.lot_id, "")), "serials": ""} for one in lots
    ]
    if sent:
        typed_rows = rows_of_form("sku", "lot", "used", "serials")
        said = {(sku, lot): (units, serials) for sku, lot, units, serials in typed_rows}
        for row in rows:
            name = (row["lot"].sku, row["lot"].lot_no)
            row["units"], row["serials"] = said.get(name, (row["units"], ""))
    return rows


def _day_of_address(today: date) -> date:
    try:
        return typed.day(request.args.get("day", ""))
    except typed.Misread:
        return today
