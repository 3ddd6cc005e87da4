"""Records of the outbound review, for quality and the warehouse."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.shipping import outbound
from portal.shipping.outbound import ReviewRow
from portal.shipping.review_rules import Outcome
from portal.shipping.vocabulary import ShippingRight
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request
from portal.web.status_looks import status_look

blueprint = Blueprint("outbound_reviews", __name__, url_prefix="/hq/outbound-reviews")

REVIEWS = Listing(
    "outbound-reviews",
    N_("Outbound reviews"),
    (
        Column("reviewed_at", N_("Reviewed at"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("shipment_no", N_("Shipment"), Kind.CODE, width="c-15"),
        Column("order_no", N_("Order"), Kind.CODE, shown=False, width="c-15"),
        Column("buyer", N_("Purchaser"), css="cell-wide"),
        Column("product", N_("Product"), Kind.NAME, path="name", css="cell-wide"),
        Column("sku", N_("SKU"), Kind.CODE, shown=False, width="c-12"),
        Column("specification", N_("Specification"), shown=False, width="c-12"),
        Column("registration_no", N_("Registration"), shown=False, width="c-15"),
        Column("lot_no", N_("Lot"), Kind.CODE, width="c-10"),
        Column("expires_on", N_("Expiry"), Kind.DATE, shown=False, width="c-12"),
        Column("quantity", N_("Units"), Kind.QUANTITY, width="c-8"),
        Column("serial_list", N_("Serial numbers"), shown=False, width="c-15"),
        Column("udi", N_("UDI"), Kind.CODE, shown=False, width="c-18"),
        Column(
            "outcome", N_("Result"), Kind.STATUS, status="outbound review", width="c-10", css="cell-corner"
        ),
        Column("note", N_("What was found"), width="c-10"),
        Column("reviewed_by_label", N_("Reviewed by"), width="c-10"),
        Column("warehouse", N_("Warehouse"), Kind.CODE, shown=False, width="c-10"),
    ),
    sort=str(outbound.LATEST_FIRST),
)


@blueprint.get("")
@requires(ShippingRight.REVIEWS)
@takes_columns("column")
def index() -> str | Response:
    """Records, the latest first, or those with one result."""
    said = request.args.get("outcome", "")
    outcome = said if said in list(Outcome) else ""
    q = request.args.get("q", "").strip()
    sought: dict[str, Any] = {"actor": current_actor(), "outcome": outcome, "q": q}
    sort = sort_of_address(REVIEWS)

    def fetch(cursor: str | None, limit: int) -> Page[ReviewRow]:
        return outbound.outbound_reviews(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def count() -> int:
        return outbound.count_outbound_reviews(current_session(), **sought)

    def page_only() -> dict[str, Any]:
        outcomes = [(str(one), status_look("outbound review", one).label) for one in Outcome]
        return {"outcomes": outcomes, "tabs": outbound_tabs("outbound_reviews.index")}

    template = "backoffice/outbound/reviews.html"
    return show_list(REVIEWS, fetch, template, {"outcome": outcome, "q": q}, page_only=page_only, count=count)


def outbound_tabs(here: str) -> list[tuple[str, str, bool, int | None]]:
    """What the warehouse works on, and the records of it; to quality the records alone."""
    pages = [("outbound_reviews.index", gettext("Outbound reviews"))]
    if current_actor().may(ShippingRight.SHIP):
        pages = [
            ("parcels.index", gettext("Shipments being picked")),
            ("waves.index", gettext("Waves")),
            *pages,
        ]
    return [(url_for(endpoint), label, endpoint == here, None) for endpoint, label in pages]
