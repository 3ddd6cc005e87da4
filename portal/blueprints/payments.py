"""A dealer's payments as they are booked, with their receipts, and how to pay."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.ledger import documents
from portal.ledger.queries import settlement
from portal.ledger.words import ENTRY_KINDS
from portal.payments import queries
from portal.payments.queries import BookedRow
from portal.payments.words import WAYS
from portal.statements.vocabulary import StatementRight
from portal.web import language
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.pay_page import bank_transfer, send_receipt
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session

blueprint = Blueprint("payments", __name__, url_prefix="/payments")
blueprint.context_processor(dealer_frame)

PAYMENTS = Listing(
    "payments",
    N_("Payments"),
    (
        Column("number", N_("Number"), Kind.CODE),
        Column("received_on", N_("Received on"), Kind.DATE),
        Column("method", N_("Method")),
        Column("reference", N_("Bank reference"), shown=False),
        Column("online", N_("Online payment"), Kind.CODE, shown=False),
        Column("amount", N_("Amount"), Kind.MONEY),
        Column("unallocated", N_("Unapplied"), Kind.MONEY),
        Column("is_reversed", N_("Reversed"), Kind.FLAG, shown=False),
    ),
)


@blueprint.get("")
@requires(StatementRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """The dealer's payments, the latest first; what is under way, and how to pay."""
    session, dealer_id = current_session(), current_actor().own_dealer_id

    def fetch(cursor: str | None, limit: int) -> Page[BookedRow]:
        return queries.booked_payments(session, dealer_id=dealer_id, cursor=cursor, limit=limit)

    def page_only() -> dict[str, object]:
        return {
            "under_way": queries.pending_payments(session, dealer_id=dealer_id),
            "bank": bank_transfer(dealer_id),
            "owed": sum((one.amount for one in settlement(session, dealer_id).items), start=0),
        }

    return show_list(
        PAYMENTS,
        fetch,
        "payments/index.html",
        {"ways": labels(WAYS)},
        page_only=page_only,
        count=lambda: queries.count_booked(session, dealer_id=dealer_id),
    )


@blueprint.get("/<number>")
@requires(StatementRight.READ)
def show(number: str) -> str:
    """One payment with what it settled."""
    session = current_session()
    found = documents.payment(session, number)
    return render_template(
        "payments/show.html",
        payment=found,
        allocations=documents.allocations(session, found),
        online=queries.online_of(session, dealer_id=found.dealer_id, payment_no=number),
        kinds=labels(ENTRY_KINDS),
        ways=labels(WAYS),
    )


@blueprint.get("/<number>/receipt.pdf")
@requires(StatementRight.READ)
def receipt(number: str) -> Response:
    """The receipt as it is printed."""
    return send_receipt(number, language.current())
