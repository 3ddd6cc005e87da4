"""The tax invoice of an invoice or credit note."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.blueprints.api.schemas.tax_invoices import OwnTaxInvoiceShape
from portal.kernel import money
from portal.kernel.errors import N_, NotFound
from portal.ledger.issued import issued_invoice
from portal.ledger.manifest import CHAPTER
from portal.ledger.vocabulary import LedgerRight
from portal.statements.vocabulary import StatementRight
from portal.tax_invoices.queries import OfDocument, content_of, of_document
from portal.web.api.operations import FILE, operation
from portal.web.request import current_session

READERS = (StatementRight.READ, LedgerRight.READ)


@operation(
    "GET",
    "/invoices/<number>/tax-invoice",
    tag=CHAPTER,
    rights=READERS,
    answers=OwnTaxInvoiceShape,
    summary=N_("The tax invoice of a document"),
    about=N_(
        "404 until the tax platform's file is here. It stands beside the document and changes nothing of it."
    ),
)
def show(number: str) -> dict[str, Any]:
    found = _found(number)
    return {
        "number": found.number,
        "document": number,
        "issued_on": found.issued_on.isoformat(),
        "gross": money.as_text(found.gross),
        "left": money.as_text(found.left),
        "takes_back": found.blue_no or None,
    }


@operation(
    "GET",
    "/invoices/<number>/tax-invoice.xml",
    tag=CHAPTER,
    rights=READERS,
    media=FILE,
    summary=N_("The tax invoice of a document as its XML"),
    about=N_("Byte for byte as the tax platform signed it."),
)
def xml(number: str) -> Response:
    found = _found(number)
    headers = {"Content-Disposition": f'attachment; filename="{found.number}.xml"'}
    content = content_of(current_session(), found.number)
    return Response(content, mimetype=FILE, headers=headers)


def _found(number: str) -> OfDocument:
    session = current_session()
    document = issued_invoice(session, number)
    found = of_document(session, document.dealer_id, document.number)
    if found is None:
        raise NotFound()
    return found
