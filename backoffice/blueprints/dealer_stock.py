"""What dealers report of their own stock, for whoever answers for them; read only."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints.region_filter import region_options
from portal.custody.vocabulary import TraceRight
from portal.dealerstock.reports import Told, ToldLine, told_lines
from portal.dealerstock.vocabulary import DealerStockRight
from portal.dealerstock.words import KINDS
from portal.kernel import typed
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request

blueprint = Blueprint("dealer_stock", __name__, url_prefix="/hq/dealer-stock")

DEALER_STOCK = Listing(
    "dealer-stock",
    N_("Dealers' stock"),
    (
        Column("dealer_name", N_("Dealer"), Kind.NAME, path="dealer", css="cell-wide"),
        Column("dealer", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("product", N_("Product"), Kind.NAME, path="name", css="cell-wide"),
        Column("sku", N_("SKU"), Kind.CODE, shown=False, width="c-12"),
        Column("lot", N_("Lot"), Kind.CODE, width="c-12"),
        Column("expires_on", N_("Expires on"), Kind.DATE, width="c-12"),
        Column(
            "kind",
            N_("Kind"),
            Kind.WORD,
            words=KINDS,
            width="c-10",
        ),
        Column("quantity", N_("Units"), Kind.QUANTITY, width="c-8"),
        Column("day", N_("Day"), Kind.DATE, width="c-12"),
        Column("finding", N_("Finding"), Kind.STATUS, status="finding", width="c-12", css="cell-corner"),
        Column("customer", N_("Customer"), shown=False),
        Column("report", N_("Report"), Kind.CODE, shown=False, width="c-15"),
        Column("reported_at", N_("Reported at"), Kind.MOMENT, shown=False, width="c-15"),
    ),
)

_TABS = {
    Told.STOCK: N_("Latest counts"),
    Told.SOLD: N_("Sell-out"),
    Told.DOUBTFUL: N_("To be checked"),
}


@blueprint.get("")
@requires(DealerStockRight.HEADQUARTERS)
@takes_columns("column")
def index() -> str | Response:
    """Reported lines of the dealers in the employee's regions, the latest first."""
    said, q = request.args.get("told", ""), request.args.get("q", "").strip()
    region = request.args.get("region", "")
    told = Told(said) if said in list(Told) else Told.STOCK

    def fetch(cursor: str | None, limit: int) -> Page[ToldLine]:
        return told_lines(
            current_session(),
            actor=current_actor(),
            told=told,
            region_id=typed.own_number(region),
            q=q,
            cursor=cursor,
            limit=limit,
        )

    def page_only() -> dict[str, Any]:
        tabs = [
            (url_for("dealer_stock.index", told=str(one)), gettext(label), one is told, None)
            for one, label in _TABS.items()
        ]
        may_trace = current_actor().may(TraceRight.HEADQUARTERS)
        return {"tabs": tabs, "regions": region_options(), "may_trace": may_trace}

    context = {"told": str(told), "q": q, "region": region}
    return show_list(DEALER_STOCK, fetch, "backoffice/dealer_stock/index.html", context, page_only=page_only)
