"""What dealers owe and have ordered against their limits: areas as a chart, dealers by use of the limit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints.region_filter import region_options
from portal.credit import exposure
from portal.credit.exposure import ExposedDealer, ExposedRegion
from portal.kernel import clock, typed
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.ledger.vocabulary import LedgerRight
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_language
from portal.web.rendering import requires
from portal.web.request import current_session, portal, request

blueprint = Blueprint("exposure", __name__, url_prefix="/hq/exposure")

EXPOSURE = Listing(
    "exposure",
    N_("Exposure"),
    (
        Column("name", N_("Dealer"), Kind.NAME),
        Column("code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("region", N_("Region"), Kind.NAME, width="c-12"),
        Column("balance", N_("Balance"), Kind.MONEY, width="c-12", is_sortable=True),
        Column("open_orders", N_("Open orders"), Kind.MONEY, width="c-12", is_sortable=True),
        Column("exposure", N_("Exposure"), Kind.MONEY, shown=False, width="c-12"),
        Column("overdue", N_("Overdue"), Kind.MONEY, width="c-12"),
        Column("credit_limit", N_("Credit limit"), Kind.MONEY, width="c-12", is_sortable=True),
        Column("available", N_("Available credit"), Kind.MONEY, shown=False, width="c-12"),
        Column("used", N_("Used"), Kind.SHARE, width="c-10", is_sortable=True),
        Column("is_stopped", N_("Stop list"), Kind.FLAG, shown=False, width="c-8"),
    ),
    sort=str(exposure.MOST_USED_FIRST),
)


@blueprint.get("")
@requires(LedgerRight.READ, LedgerRight.POST)
@takes_columns("column")
def index() -> str | Response:
    """Dealers by use of their limit, below the sums of their areas."""
    today = clock.business_date(clock.now(), portal().settings.timezone)
    region, stopped = request.args.get("region", "").strip(), request.args.get("stopped", "")
    sought: dict[str, Any] = {
        "today": today,
        "region_id": typed.own_number(region),
        "stopped": stopped == "yes",
    }
    sort = sort_of_address(EXPOSURE)

    def fetch(cursor: str | None, limit: int) -> Page[ExposedDealer]:
        return exposure.dealers(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    areas = exposure.regions(current_session(), today=today, region_id=sought["region_id"])
    return show_list(
        EXPOSURE,
        fetch,
        "backoffice/exposure/index.html",
        {"region": region, "stopped": stopped, "areas": areas, "figures": _chart(areas)},
        page_only=lambda: {
            "regions": region_options(),
            "stop_options": [("", gettext("All dealers")), ("yes", gettext("On the stop list"))],
        },
        count=lambda: exposure.count_dealers(current_session(), **sought),
    )


def _chart(areas: Any) -> dict[str, Any] | None:
    """Balance, open orders and limit by area."""
    found: list[ExposedRegion] = list(areas)
    if not found:
        return None
    return {
        "kind": "bar",
        "format": "money",
        "categories": [in_language(one.name_zh, one.name_en) for one in found],
        "series": [
            {"name": gettext("Balance"), "values": [one.balance for one in found]},
            {"name": gettext("Open orders"), "values": [one.open_orders for one in found]},
            {"name": gettext("Overdue"), "values": [one.overdue for one in found]},
            {"name": gettext("Credit limit"), "values": [one.credit_limit for one in found]},
        ],
    }
