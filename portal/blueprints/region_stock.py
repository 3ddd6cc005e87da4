"""The stock of the dealer's region: by warehouse as text and as a map, and product by product."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.catalogue import product_lines
from portal.blueprints.frame import dealer_frame
from portal.dealers.queries import DealerFacts
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.stock import region_stock as queries
from portal.stock.queries import ServingWarehouse
from portal.stock.region_stock import Arrival, StockFilter, StockRow
from portal.stock.vocabulary import StockRight
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import PAGE_ROWS, show_list, sort_of_address
from portal.web.presentation import in_language
from portal.web.reference_cache import dealer_facts, product_count, remembered, serving_warehouses
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.warehouse_map import Mark, WarehouseMap, warehouse_map

blueprint = Blueprint("region_stock", __name__, url_prefix="/stock")
blueprint.context_processor(dealer_frame)

STOCK = Listing(
    "stock",
    N_("Stock"),
    (
        Column("name", N_("Product"), Kind.NAME, is_sortable=True),
        Column("sku", N_("SKU"), Kind.CODE, width="c-18", is_sortable=True),
        Column("specification", N_("Specification"), shown=False),
        Column("warehouse", N_("Warehouse"), Kind.NAME, width="c-18"),
        Column("rank", N_("Choice for your province"), Kind.QUANTITY, shown=False),
        Column("supply", N_("Status"), Kind.STATUS, status="supply", width="c-12", css="cell-corner"),
        Column("available", N_("Available"), Kind.QUANTITY, width="c-10"),
        Column("unit", N_("Unit"), Kind.UNIT, shown=False),
        Column("in_transit", N_("In transit"), Kind.QUANTITY, width="c-10"),
        Column("next_arrival", N_("Next arrival"), Kind.DATE, width="c-12", is_sortable=True),
    ),
    sort=str(queries.BY_NAME),
)

_SHOWN_BY = ("q", "category", "warehouse", "short", "arriving", "sort", "cursor")


@dataclass(frozen=True, slots=True)
class Arriving:
    """A warehouse with what is in transit to it. days: the next of `queries.DAYS_SHOWN` days.

    units, products: of all days.
    """

    warehouse: ServingWarehouse
    units: int
    products: int
    days: tuple[Arrival, ...]


@blueprint.get("")
@requires(StockRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """Products in the warehouses that may serve the dealer, by name."""
    dealer = _dealer()
    wanted = _filter(dealer)

    def fetch(cursor: str | None, limit: int) -> Page[StockRow]:
        return _rows(dealer, wanted, cursor, limit)

    def count() -> int:
        if wanted.is_whole:
            return product_count(wanted.category) * (
                1 if wanted.warehouse else len(serving_warehouses(dealer))
            )
        return queries.count_region_stock(current_session(), dealer=dealer, wanted=wanted, **_saleable())

    def page_only() -> dict[str, Any]:
        names = [(one.code, in_language(one.name_zh, one.name_en)) for one in serving_warehouses(dealer)]
        return {"warehouse_options": [("", gettext("All warehouses")), *names]} | product_lines(
            wanted.category
        )

    context = asdict(wanted) | _overview(dealer) | {"levels_address": _levels_address()}
    return show_list(STOCK, fetch, "stock/index.html", context, page_only=page_only, count=count)


@blueprint.get("/levels")
@requires(StockRight.READ)
@takes_columns("column")
def levels() -> str:
    """The figures of the page with the same address, swapped in place every so often."""
    dealer = _dealer()
    page = _rows(dealer, _filter(dealer), request.args.get("cursor"), PAGE_ROWS)
    return render_template("stock/levels.html", rows=page.items, **_overview(dealer))


def _levels_address() -> str:
    said: dict[str, Any] = {name: request.args[name] for name in _SHOWN_BY if name in request.args}
    return url_for("region_stock.levels", **said)


def _rows(dealer: DealerFacts, wanted: StockFilter, cursor: str | None, limit: int) -> Page[StockRow]:
    return queries.region_stock(
        current_session(),
        dealer=dealer,
        wanted=wanted,
        limit=limit,
        cursor=cursor,
        sort=sort_of_address(STOCK),
        **_saleable(),
    )


def _overview(dealer: DealerFacts) -> dict[str, Any]:
    """The warehouses with what is on its way to them, their map, and when that was so."""
    found = remembered(
        ("arrivals", dealer.region_id), lambda: queries.arrivals(current_session(), dealer=dealer)
    )
    arriving = [_arriving(one, found.get(one.id, ())) for one in serving_warehouses(dealer)]
    return {"dealer": dealer, "warehouses": arriving, "map": _map(arriving), "as_of": clock.now()}


def _arriving(warehouse: ServingWarehouse, of_days: tuple[Arrival, ...]) -> Arriving:
    units, products = (sum(getattr(one, what) for one in of_days) for what in ("units", "products"))
    return Arriving(warehouse, units, products, of_days[: queries.DAYS_SHOWN])


def _map(arriving: list[Arriving]) -> WarehouseMap | None:
    marks = [Mark(one.warehouse.region_code, one.warehouse.rank, arriving=one.units > 0) for one in arriving]
    return warehouse_map(arriving[0].warehouse.province_code, marks) if arriving else None


def _filter(dealer: DealerFacts) -> StockFilter:
    """What the address asks for. A warehouse that does not serve the dealer is none."""
    said = request.args
    warehouse = said.get("warehouse", "")
    return StockFilter(
        q=said.get("q", "").strip(),
        category=said.get("category", "").strip(),
        warehouse=warehouse if warehouse in {one.code for one in serving_warehouses(dealer)} else "",
        short=said.get("short") == "1",
        in_transit=said.get("arriving") == "1",
    )


def _dealer() -> DealerFacts:
    return dealer_facts(current_actor().own_dealer_id)


def _saleable() -> dict[str, Any]:
    settings = portal().settings
    return {
        "today": clock.business_date(clock.now(), settings.timezone),
        "margin_days": settings.saleable_days_before_expiry,
    }
