"""What dealers pay by Stripe, in every state; receipts of all payments."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.ledger.vocabulary import LedgerRight
from portal.payments import queries
from portal.payments.queries import OnlineRow
from portal.payments.rules import PaymentState
from portal.payments.words import POSTINGS
from portal.web import language
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.pay_page import send_receipt
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request
from portal.web.status_looks import status_look

blueprint = Blueprint("online_payments", __name__, url_prefix="/hq")

READERS = (LedgerRight.READ, LedgerRight.POST)
ONLINE = Listing(
    "online-payments",
    N_("Online payments"),
    (
        Column("number", N_("Number"), Kind.CODE, width="c-18"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide", width="c-20"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("state", N_("Status"), Kind.STATUS, status="online payment", width="c-15", css="cell-corner"),
        Column("amount", N_("Amount"), Kind.MONEY, width="c-12"),
        Column("refunded", N_("Refunded"), Kind.MONEY, shown=False, width="c-12"),
        Column("fee", N_("Fee of Stripe"), Kind.MONEY, shown=False, width="c-12"),
        Column("payment_no", N_("In the books"), Kind.CODE, width="c-18"),
        Column("begun_by_label", N_("Begun by"), shown=False, width="c-12"),
        Column("begun_at", N_("Begun"), Kind.MOMENT, width="c-15", is_sortable=True),
    ),
    sort=str(queries.LATEST_FIRST),
)


@blueprint.get("/online-payments")
@requires(*READERS)
@takes_columns("column")
def index() -> str | Response:
    """Online payments, the latest first, or those in one state."""
    said = request.args.get("status", "")
    sought: dict[str, Any] = {
        "state": said if said in list(PaymentState) else "",
        "q": request.args.get("q", "").strip(),
    }
    sort = sort_of_address(ONLINE)

    def fetch(cursor: str | None, limit: int) -> Page[OnlineRow]:
        return queries.online_payments(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def page_only() -> dict[str, Any]:
        return {
            "status_options": [(str(one), status_look("online payment", one).label) for one in PaymentState],
            "may_desk": current_actor().region_ids is None,
        }

    return show_list(
        ONLINE,
        fetch,
        "backoffice/online_payments/index.html",
        {"status": sought["state"], "q": sought["q"]},
        page_only=page_only,
        count=lambda: queries.count_online(current_session(), **sought),
    )


@blueprint.get("/online-payments/<number>")
@requires(*READERS)
def show(number: str) -> str:
    """One online payment with all that came of it."""
    return render_template(
        "backoffice/online_payments/show.html",
        found=queries.online_payment(current_session(), number),
        postings=labels(POSTINGS),
    )


@blueprint.get("/payments/<number>/receipt.pdf")
@requires(LedgerRight.READ)
def receipt(number: str) -> Response:
    """The receipt of a payment as it is printed."""
    return send_receipt(number, language.current())
