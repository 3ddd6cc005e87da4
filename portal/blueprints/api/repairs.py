"""The repair of a service request: read, its quote accepted or declined."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.repairs import QuoteAcceptanceBody, QuoteRefusalBody, RepairShape
from portal.kernel import money
from portal.kernel.errors import N_, NotFound
from portal.repairs import decide_quote
from portal.repairs.queries import QuoteRow, RepairDetail, VisitRow, repair_of
from portal.service.manifest import CHAPTER
from portal.service.vocabulary import READERS, ServiceRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "GET",
    "/service-requests/<number>/repair",
    tag=CHAPTER,
    rights=READERS,
    answers=RepairShape,
    summary=N_("The repair of a service request"),
    about=N_("Its quotes, the latest first, with parts, visits, reports and the invoice."),
)
def show(number: str) -> dict[str, Any]:
    return shown(number)


@operation(
    "POST",
    "/service-requests/<number>/quote/acceptance",
    tag=CHAPTER,
    rights=(ServiceRight.WRITE,),
    body=QuoteAcceptanceBody,
    answers=RepairShape,
    creates=True,
    conflicts=True,
    summary=N_("Accept the quote of a repair"),
    about=N_("Once, and not after its last day; parts are reserved from stock."),
)
def accept(number: str, body: QuoteAcceptanceBody) -> dict[str, Any]:
    at, today = now_and_today()
    decide_quote.accept_quote(
        current_session(),
        actor=current_actor(),
        number=number,
        version=body.version,
        today=today,
        margin_days=portal().settings.saleable_days_before_expiry,
        at=at,
    )
    return shown(number)


@operation(
    "POST",
    "/service-requests/<number>/quote/refusal",
    tag=CHAPTER,
    rights=(ServiceRight.WRITE,),
    body=QuoteRefusalBody,
    answers=RepairShape,
    creates=True,
    conflicts=True,
    summary=N_("Decline the quote of a repair"),
    about=N_("Headquarters may offer another one."),
)
def decline(number: str, body: QuoteRefusalBody) -> dict[str, Any]:
    at, today = now_and_today()
    decide_quote.decline_quote(
        current_session(),
        actor=current_actor(),
        number=number,
        version=body.version,
        reason=body.reason,
        today=today,
        at=at,
    )
    return shown(number)


def shown(number: str) -> dict[str, Any]:
    """The repair of a request as JSON. Raises NotFound."""
    found = repair_of(current_session(), current_actor(), number)
    if found is None:
        raise NotFound()
    return {
        "number": found.number,
        "request": number,
        "state": found.state,
        "is_warranty": found.is_warranty,
        "waits_for_parts": found.short,
        "warehouse": found.warehouse,
        "quotes": [_quote(one) for one in found.quotes],
        "parts": [
            {"product": one.sku, "quantity": one.quantity, "reserved": one.reserved, "used": one.used}
            for one in found.parts
        ],
        "visits": [_visit(one) for one in found.visits],
        "invoice": _invoice(found),
    }


def _invoice(found: RepairDetail) -> dict[str, Any] | None:
    if found.invoice_no is None or found.invoice_gross is None or found.invoice_tax is None:
        return None
    return {
        "number": found.invoice_no,
        "gross": money.as_text(found.invoice_gross),
        "tax": money.as_text(found.invoice_tax),
        "due_on": found.invoice_due_on,
        "open": money.as_text(found.invoice_open or money.ZERO),
        "is_reversed": found.is_invoice_reversed,
    }


def _quote(one: QuoteRow) -> dict[str, Any]:
    return {
        "version": one.version,
        "state": one.state,
        "is_warranty": one.is_warranty,
        "valid_until": one.valid_until,
        "note": one.note,
        "gross": money.as_text(one.gross),
        "tax": money.as_text(one.tax),
        "decided_by": one.decided_by_label,
        "decided_at": one.decided_at,
        "reason": one.reason,
        "lines": [
            {
                "kind": line.kind,
                "sku": line.sku,
                "text": line.text,
                "units": money.as_text(line.quantity),
                "unit_price": money.as_text(line.unit_price),
                "tax_rate": f"{line.tax_rate:.4f}",
                "amount": money.as_text(line.amount),
                "tax": money.as_text(line.tax),
            }
            for line in one.lines
        ],
    }


def _visit(one: VisitRow) -> dict[str, Any]:
    report = None
    if one.result is not None:
        report = {
            "result": one.result,
            "findings": one.findings,
            "checks": one.checks,
            "used": [
                {"product": u.sku, "lot": u.lot_no, "quantity": u.quantity, "serials": list(u.serials)}
                for u in one.used
            ],
            "signed_name": one.signed_name,
            "filed_by": one.filed_by_label,
            "filed_at": one.filed_at,
        }
    return {
        "visit": one.visit_no,
        "state": one.state,
        "technician": one.technician_label,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "address": one.address,
        "contact": one.contact,
        "phone": one.phone,
        "note": one.note,
        "report": report,
    }
