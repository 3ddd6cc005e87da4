"""Quantities that dealers count and the books do not explain; read only."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response

from backoffice.blueprints.region_filter import region_options
from portal.custody.vocabulary import TraceRight
from portal.diversion.unexplained import Unexplained, unexplained
from portal.kernel import typed
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request

blueprint = Blueprint("unexplained", __name__, url_prefix="/hq/unexplained")

UNEXPLAINED = Listing(
    "unexplained",
    N_("Unexplained quantities"),
    (
        Column("dealer_name", N_("Dealer"), Kind.NAME, path="dealer", css="cell-wide"),
        Column("dealer", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("product", N_("Product"), Kind.NAME, path="name", css="cell-wide"),
        Column("sku", N_("SKU"), Kind.CODE, shown=False, width="c-12"),
        Column("lot", N_("Lot"), Kind.CODE, width="c-12"),
        Column("day", N_("Counted on"), Kind.DATE, width="c-12"),
        Column("books", N_("By the books"), Kind.QUANTITY, width="c-8"),
        Column("told", N_("Reported sold"), Kind.QUANTITY, width="c-8"),
        Column("counted", N_("Counted"), Kind.QUANTITY, width="c-8"),
        Column("missing", N_("Unexplained"), Kind.QUANTITY, width="c-8"),
        Column("report", N_("Report"), Kind.CODE, shown=False, width="c-15"),
    ),
)


@blueprint.get("")
@requires(TraceRight.HEADQUARTERS)
@takes_columns("column")
def index() -> str | Response:
    """Lots of the dealers in the employee's regions, the most units first."""
    q, region = request.args.get("q", "").strip(), request.args.get("region", "")

    def fetch(cursor: str | None, limit: int) -> Page[Unexplained]:
        return unexplained(
            current_session(),
            actor=current_actor(),
            region_id=typed.own_number(region),
            q=q,
            cursor=cursor,
            limit=limit,
        )

    def page_only() -> dict[str, Any]:
        return {"regions": region_options()}

    context = {"q": q, "region": region}
    return show_list(UNEXPLAINED, fetch, "backoffice/unexplained/index.html", context, page_only=page_only)
