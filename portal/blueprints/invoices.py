"""A dealer's invoices, of goods and of services, and its credit notes: on screen and as PDF."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.dealers.payment_reference import grouped, reference_of
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.ledger import listings
from portal.ledger.issued import issued_invoice
from portal.ledger.listings import InvoiceRow
from portal.ledger.words import ENTRY_KINDS
from portal.statements.company import Issuer
from portal.statements.vocabulary import StatementRight
from portal.tax_invoices.queries import of_document
from portal.web.forms import takes_columns
from portal.web.invoice_page import send_invoice
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal

blueprint = Blueprint("invoices", __name__, url_prefix="/invoices")
blueprint.context_processor(dealer_frame)

INVOICES = Listing(
    "invoices",
    N_("Invoices"),
    (
        Column("number", N_("Number"), Kind.CODE, width="c-15"),
        Column("kind", N_("Kind"), Kind.WORD, words=ENTRY_KINDS, css="cell-corner"),
        Column("order", N_("Order"), Kind.CODE),
        Column("shipment", N_("Shipment"), Kind.CODE, shown=False),
        Column("service_request", N_("Service request"), Kind.CODE),
        Column("issued_on", N_("Issued on"), Kind.DATE),
        Column("due_on", N_("Due"), Kind.DATE),
        Column("net", N_("Net"), Kind.MONEY, shown=False),
        Column("tax", N_("VAT"), Kind.MONEY, shown=False),
        Column("gross", N_("Amount"), Kind.MONEY),
    ),
)


@blueprint.get("")
@requires(StatementRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """The dealer's invoices and credit notes, the latest first."""
    dealer_id = current_actor().own_dealer_id

    def fetch(cursor: str | None, limit: int) -> Page[InvoiceRow]:
        return listings.invoices(current_session(), dealer_id=dealer_id, cursor=cursor, limit=limit)

    def count() -> int:
        return listings.count_invoices(current_session(), dealer_id=dealer_id)

    return show_list(INVOICES, fetch, "invoices/index.html", count=count)


@blueprint.get("/<number>")
@requires(StatementRight.READ)
def show(number: str) -> str:
    """One invoice with its lines, and what is open of it."""
    session = current_session()
    invoice = issued_invoice(session, number)
    return render_template(
        "invoices/show.html",
        invoice=invoice,
        kinds=labels(ENTRY_KINDS),
        tax_invoice=of_document(session, invoice.dealer_id, invoice.number),
        issuer=Issuer.of(portal().settings),
        payment_reference=grouped(reference_of(invoice.dealer_code)),
    )


@blueprint.get("/<number>.pdf")
@requires(StatementRight.READ)
def pdf(number: str) -> Response:
    """The invoice as it is printed."""
    return send_invoice(number)
