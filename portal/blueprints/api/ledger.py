"""The dealer's account as it is booked: entries, invoices of goods and services, credit notes."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.blueprints.api.schemas.account import (
    InvoiceDetailShape,
    InvoicePage,
    LedgerPage,
    LedgerQuery,
    RangeQuery,
)
from portal.kernel.errors import N_
from portal.ledger import listings
from portal.ledger.issued import IssuedInvoice, IssuedLine, issued_invoice
from portal.ledger.listings import Between, InvoiceRow, PostedEntry
from portal.ledger.manifest import CHAPTER
from portal.ledger.vocabulary import LedgerRight
from portal.statements.vocabulary import StatementRight
from portal.web.api.buyer import buyer_id
from portal.web.api.figures import rate_text
from portal.web.api.operations import PDF, operation
from portal.web.invoice_page import invoice_pdf
from portal.web.presentation import in_language
from portal.web.request import current_session, portal

READERS = (StatementRight.READ, LedgerRight.READ)


@operation(
    "GET",
    "/ledger",
    tag=CHAPTER,
    rights=READERS,
    query=LedgerQuery,
    answers=LedgerPage,
    summary=N_("What was posted to the account, by date"),
    about=N_(
        "Posted entries never change: a correction is a reversal and a new entry. "
        "A statement has the entries of its `period`, whatever their date."
    ),
)
def entries(query: LedgerQuery) -> dict[str, Any]:
    page = listings.entries(current_session(), period=query.period, **_which(query))
    return {"items": [_entry(entry) for entry in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/invoices",
    tag=CHAPTER,
    rights=READERS,
    query=RangeQuery,
    answers=InvoicePage,
    summary=N_("Invoices and credit notes, the latest first"),
    about=N_("Amounts include VAT where they are `gross`."),
)
def invoices(query: RangeQuery) -> dict[str, Any]:
    page = listings.invoices(current_session(), **_which(query))
    return {"items": [_invoice(invoice) for invoice in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/invoices/<number>",
    tag=CHAPTER,
    rights=READERS,
    answers=InvoiceDetailShape,
    summary=N_("One invoice or credit note with its lines"),
    about=N_("Of goods or of a service. Its lines sum to its amounts, to the fen."),
)
def invoice(number: str) -> dict[str, Any]:
    return _detail(issued_invoice(current_session(), number))


@operation(
    "GET",
    "/invoices/<number>.pdf",
    tag=CHAPTER,
    rights=READERS,
    media=PDF,
    summary=N_("An invoice or credit note as PDF"),
    about=N_("In the language of Accept-Language. Every download is written to the audit."),
)
def paper(number: str) -> Response:
    found = invoice_pdf(number, in_language("zh", "en"))
    headers = {"Content-Disposition": f'attachment; filename="{found.filename}"'}
    return Response(found.content, mimetype=PDF, headers=headers)


def _which(query: RangeQuery) -> dict[str, Any]:
    between = Between(query.from_, query.to)
    return {
        "dealer_id": buyer_id(query.dealer),
        "between": between,
        "limit": query.limit,
        "cursor": query.cursor,
    }


def _entry(entry: PostedEntry) -> dict[str, Any]:
    return {
        "id": portal().sealer.seal("ledger entry", [entry.id]),
        "kind": entry.kind,
        "document_no": entry.document_no,
        "document": entry.document_no,
        "reference": entry.reference,
        "occurred_on": entry.occurred_on,
        "due_on": entry.due_on,
        "period": entry.period,
        "late": entry.late,
        "amount": entry.receivable,
        "posted_at": entry.posted_at,
    }


def _invoice(invoice: InvoiceRow) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "kind": invoice.kind,
        "order": invoice.order,
        "shipment": invoice.shipment,
        "service_request": invoice.service_request,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "net": invoice.net,
        "tax": invoice.tax,
        "gross": invoice.gross,
    }


def _detail(found: IssuedInvoice) -> dict[str, Any]:
    return {
        "number": found.number,
        "kind": found.kind,
        "order": found.order_no,
        "shipment": found.shipment_no,
        "service_request": found.request_no,
        "issued_on": found.issued_on,
        "due_on": found.due_on,
        "net": found.net,
        "tax": found.tax,
        "gross": found.gross,
        "open": found.open,
        "reversed_at": found.reversed_at,
        "lines": [_line(line) for line in found.lines],
    }


def _line(line: IssuedLine) -> dict[str, Any]:
    return {
        "line": line.line_no,
        "sku": line.sku or None,
        "text": line.text,
        "units": f"{line.quantity.normalize():f}",
        "unit_price": line.unit_price,
        "discount": line.discount,
        "amount": line.amount,
        "tax_rate": rate_text(line.tax_rate),
        "tax": line.tax,
    }
