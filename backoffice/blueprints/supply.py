"""Requests for goods, for the order desk: what was asked of the ERP and what became of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.orders.vocabulary import OrderRight
from portal.replenishment.queries import LATEST_FIRST, RequestRow, count_supply_requests, supply_requests
from portal.replenishment.rules import RequestState
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request
from portal.web.status_looks import status_look

blueprint = Blueprint("supply", __name__, url_prefix="/hq/supply-requests")

SUPPLY = Listing(
    "supply-requests",
    N_("Supply requests"),
    (
        Column("number", N_("Request"), Kind.CODE, width="c-16"),
        Column("product", N_("Product"), Kind.NAME, path="name", css="cell-wide"),
        Column("sku", N_("SKU"), Kind.CODE, shown=False, width="c-12"),
        Column("warehouse_name", N_("Warehouse"), Kind.NAME, path="warehouse", width="c-10"),
        Column("warehouse", N_("Warehouse code"), Kind.CODE, shown=False, width="c-10"),
        Column("state", N_("Status"), Kind.STATUS, status="supply request", width="c-10", css="cell-corner"),
        Column("requested", N_("Units requested"), Kind.QUANTITY, width="c-8"),
        Column("quantity", N_("Units coming"), Kind.QUANTITY, width="c-8"),
        Column("units_waiting", N_("Units waiting"), Kind.QUANTITY, width="c-8"),
        Column("expected_on", N_("Expected on"), Kind.DATE, width="c-10"),
        Column("reference", N_("ERP reference"), Kind.CODE, shown=False, width="c-12"),
        Column("requested_at", N_("Requested at"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("changed_at", N_("Last report"), Kind.MOMENT, shown=False, width="c-15"),
    ),
    sort=str(LATEST_FIRST),
)


@blueprint.get("")
@requires(OrderRight.DESK)
@takes_columns("column")
def index() -> str | Response:
    """Requests, the latest first, or those in one state."""
    said = request.args.get("status", "")
    state = said if said in list(RequestState) else ""
    q = request.args.get("q", "").strip()
    sought: dict[str, Any] = {"actor": current_actor(), "state": state, "q": q}
    sort = sort_of_address(SUPPLY)

    def fetch(cursor: str | None, limit: int) -> Page[RequestRow]:
        return supply_requests(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def count() -> int:
        return count_supply_requests(current_session(), **sought)

    def page_only() -> dict[str, Any]:
        return {"tabs": _tabs(state)}

    return show_list(
        SUPPLY,
        fetch,
        "backoffice/supply/index.html",
        {"status": state, "q": q},
        page_only=page_only,
        count=count,
    )


def _tabs(state: str) -> list[tuple[str, str, bool, int | None]]:
    every = (url_for("supply.index"), gettext("All"), not state, None)
    return [
        every,
        *(
            (
                url_for("supply.index", status=str(one)),
                status_look("supply request", one).label,
                one == state,
                None,
            )
            for one in RequestState
        ),
    ]
