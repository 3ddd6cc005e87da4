"""A dealer's tax invoices: the XML that the tax platform signed, of its own documents."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, send_file
from werkzeug.wrappers import Response

from portal.kernel.errors import NotFound
from portal.ledger.issued import issued_invoice
from portal.statements.vocabulary import StatementRight
from portal.tax_invoices.queries import content_of, of_document
from portal.web.rendering import requires
from portal.web.request import current_session

blueprint = Blueprint("tax_invoices", __name__, url_prefix="/invoices")


@blueprint.get("/<number>/tax-invoice.xml")
@requires(StatementRight.READ)
def xml(number: str) -> Response:
    """The tax invoice of a document as it came."""
    session = current_session()
    document = issued_invoice(session, number)
    found = of_document(session, document.dealer_id, document.number)
    if found is None:
        raise NotFound()
    return send_file(
        BytesIO(content_of(session, found.number)),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=f"{found.number}.xml",
    )
