"""Repairs at headquarters: quoted, visited, reported, given up."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from backoffice.api.schemas.repairs import (
    CheckListShape,
    DayVisitsShape,
    RepairCancellationBody,
    RepairQuoteBody,
    RepairReportBody,
    RepairVisitBody,
    RepairVisitsQuery,
)
from portal.blueprints.api.repairs import shown
from portal.blueprints.api.schemas.repairs import RepairShape
from portal.kernel import clock, typed
from portal.kernel.errors import N_, NotFound
from portal.orders.terms import OrderTerms
from portal.repairs import cancel_repair as giving_up
from portal.repairs import plan_visit as visiting
from portal.repairs import write_quote as quoting
from portal.repairs.file_report import file_report
from portal.repairs.plan_visit import VisitEntry
from portal.repairs.queries import check_items, visits_between
from portal.repairs.report_rules import ReportEntry, Used
from portal.repairs.rules import LineEntry
from portal.repairs.write_quote import QuoteEntry
from portal.service import handle
from portal.service.queries import request_of
from portal.service.vocabulary import STAFF
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "POST",
    "/hq/service-requests/<number>/quote",
    tag=HEADQUARTERS,
    rights=STAFF,
    body=RepairQuoteBody,
    answers=RepairShape,
    creates=True,
    conflicts=True,
    summary=N_("Write the quote of a repair"),
    about=N_("Parts cost what the dealer pays for them. Under warranty the work begins without a question."),
)
def quote(number: str, body: RepairQuoteBody) -> dict[str, Any]:
    at, today = now_and_today()
    about: dict[str, Any] = {"actor": current_actor(), "number": number, "today": today, "at": at}
    about["terms"] = OrderTerms.of(portal().settings)
    lines = [
        LineEntry(
            one.kind,
            one.text,
            one.sku,
            one.units,
            one.unit_price,
            one.tax_rate,
            f"/lines/{place}",
        )
        for place, one in enumerate(body.lines)
    ]
    entry = QuoteEntry(lines, body.valid_until, body.note, body.is_warranty)
    version = quoting.write_quote(current_session(), entry=entry, **about)
    if body.offer:
        quoting.offer_quote(current_session(), version=version, **about)
    return shown(number)


@operation(
    "POST",
    "/hq/service-requests/<number>/quote/withdrawal",
    tag=HEADQUARTERS,
    rights=STAFF,
    answers=RepairShape,
    creates=True,
    conflicts=True,
    summary=N_("Withdraw the quote of a repair"),
    about=N_("As long as the dealer has not decided on it."),
)
def withdraw(number: str) -> dict[str, Any]:
    quoting.withdraw_quote(current_session(), actor=current_actor(), number=number, at=clock.now())
    return shown(number)


@operation(
    "POST",
    "/hq/service-requests/<number>/visits",
    tag=HEADQUARTERS,
    rights=STAFF,
    body=RepairVisitBody,
    answers=RepairShape,
    creates=True,
    conflicts=True,
    summary=N_("Plan a visit"),
    about=N_("No technician has two visits at one time."),
)
def visit(number: str, body: RepairVisitBody) -> dict[str, Any]:
    technician = handle.named(current_session(), body.technician)
    entry = VisitEntry(
        technician, body.starts_at, body.ends_at, body.address, body.contact, body.phone, body.note
    )
    visiting.plan_visit(current_session(), actor=current_actor(), number=number, entry=entry, at=clock.now())
    return shown(number)


@operation(
    "POST",
    "/hq/service-requests/<number>/visits/<visit_no>/cancellation",
    tag=HEADQUARTERS,
    rights=STAFF,
    answers=RepairShape,
    creates=True,
    conflicts=True,
    summary=N_("Call a visit off"),
    about=N_("As long as it is planned."),
)
def call_off(number: str, visit_no: str) -> dict[str, Any]:
    visiting.cancel_visit(
        current_session(), actor=current_actor(), number=number, visit_no=_place(visit_no), at=clock.now()
    )
    return shown(number)


@operation(
    "POST",
    "/hq/service-requests/<number>/visits/<visit_no>/report",
    tag=HEADQUARTERS,
    rights=STAFF,
    body=RepairReportBody,
    answers=RepairShape,
    creates=True,
    conflicts=True,
    summary=N_("File the report of a visit"),
    about=N_("After a test that passed the work is invoiced, and the request is resolved."),
)
def report(number: str, visit_no: str, body: RepairReportBody) -> dict[str, Any]:
    at, today = now_and_today()
    entry = ReportEntry(
        client_key=body.client_key,
        result=body.result,
        findings=body.findings,
        signed_name=body.signed_name,
        signature=body.signature,
        checks={one.item: one.result for one in body.checks},
        used=[
            Used(one.product, one.lot, one.quantity, tuple(one.serials), f"/used/{place}")
            for place, one in enumerate(body.used)
        ],
        files=body.files,
    )
    file_report(
        current_session(),
        actor=current_actor(),
        number=number,
        visit_no=_place(visit_no),
        entry=entry,
        today=today,
        margin_days=portal().settings.saleable_days_before_expiry,
        at=at,
    )
    return shown(number)


@operation(
    "POST",
    "/hq/service-requests/<number>/repair/cancellation",
    tag=HEADQUARTERS,
    rights=STAFF,
    body=RepairCancellationBody,
    answers=RepairShape,
    creates=True,
    conflicts=True,
    summary=N_("Give a repair up"),
    about=N_("Its parts are free again; the request stays open."),
)
def cancel(number: str, body: RepairCancellationBody) -> dict[str, Any]:
    giving_up.cancel_repair(
        current_session(), actor=current_actor(), number=number, reason=body.reason, at=clock.now()
    )
    return shown(number)


@operation(
    "GET",
    "/hq/service-requests/<number>/check-list",
    tag=HEADQUARTERS,
    rights=STAFF,
    answers=CheckListShape,
    summary=N_("What is checked at the device of a service request"),
    about=N_("A report answers every point."),
)
def check_list(number: str) -> dict[str, Any]:
    asked = request_of(current_session(), number, with_conversation=False)
    items = check_items(current_session(), asked.category)
    return {"items": [{"item": one.id, "zh": one.name_zh, "en": one.name_en} for one in items]}


@operation(
    "GET",
    "/hq/service-visits",
    tag=HEADQUARTERS,
    rights=STAFF,
    query=RepairVisitsQuery,
    answers=DayVisitsShape,
    summary=N_("Visits of a day"),
    about=N_("In the order in which they begin, without those that were called off."),
)
def visits(query: RepairVisitsQuery) -> dict[str, Any]:
    session, first = current_session(), datetime.combine(query.day, time(), portal().settings.timezone)
    of = handle.named(session, query.technician) if query.technician else None
    found = visits_between(
        session, actor=current_actor(), technician_id=of, first=first, last=first + timedelta(days=1)
    )
    return {
        "items": [
            {
                "request": one.request_no,
                "visit": one.visit_no,
                "state": one.state,
                "technician": one.technician_label,
                "starts_at": one.starts_at,
                "ends_at": one.ends_at,
                "address": one.address,
                "contact": one.contact,
                "phone": one.phone,
                "subject": one.subject,
                "serial": one.serial,
                "waits_for_parts": one.short,
            }
            for one in found
        ]
    }


def _place(visit_no: str) -> int:
    place = typed.own_number(visit_no)
    if place is None or place > 32_767:
        raise NotFound()
    return place
