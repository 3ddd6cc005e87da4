"""How long what dealers owed was overdue at the end of any day: by sales area, by dealer, by document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from backoffice.blueprints.region_filter import region_options
from portal.dealers.queries import dealer_id_of, load_dealer
from portal.finance.words import AGES
from portal.kernel import typed
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.ledger import ageing
from portal.ledger.ageing import DealerAgeing, RegionAgeing
from portal.ledger.ageing_rules import Buckets, buckets_of
from portal.ledger.vocabulary import LedgerRight
from portal.ledger.words import ENTRY_KINDS
from portal.web.as_of import AskedDay, asked_day
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.export import export_wanted
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_language, labels
from portal.web.rendering import requires
from portal.web.request import current_session, request

blueprint = Blueprint("ageing", __name__, url_prefix="/hq/ageing")

DEALERS = Listing(
    "ageing",
    N_("Ageing"),
    (
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-10"),
        Column("region", N_("Region"), Kind.NAME, width="c-8"),
        Column("current", N_("Not yet due"), Kind.MONEY, width="c-12"),
        Column("days_1_30", N_("1–30 days"), Kind.MONEY, width="c-10"),
        Column("days_31_60", N_("31–60 days"), Kind.MONEY, width="c-10"),
        Column("days_61_90", N_("61–90 days"), Kind.MONEY, width="c-8"),
        Column("days_over_90", N_("Over 90 days"), Kind.MONEY, width="c-8"),
        Column("overdue", N_("Overdue"), Kind.MONEY, width="c-10", is_sortable=True),
        Column("unallocated", N_("Unapplied"), Kind.MONEY, width="c-10"),
        Column("balance", N_("Balance"), Kind.MONEY, width="c-12", is_sortable=True),
    ),
    sort=str(ageing.OVERDUE_FIRST),
)


@dataclass(frozen=True, slots=True)
class Chart:
    """Sales areas and their open items by age, as a picture shows them."""

    regions: tuple[str, ...]
    series: tuple[tuple[str, tuple[Any, ...]], ...]


def chart_of(regions: Sequence[RegionAgeing]) -> Chart:
    """One bar a region, one part of it an age."""
    names = labels(AGES)
    series = tuple(
        (str(names[age]), tuple(getattr(region.buckets, age) for region in regions)) for age in AGES
    )
    return Chart(tuple(in_language(one.region_zh, one.region_en) for one in regions), series)


@blueprint.get("")
@requires(LedgerRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """Dealers with something open on a day, those with most overdue first."""
    asked, session = asked_day(), current_session()
    said = {name: request.args.get(name, "").strip() for name in ("q", "region", "boundaries")}
    region_id = typed.own_number(said["region"])
    tree_then = said["boundaries"] == "then"
    sought: dict[str, Any] = {"region_id": region_id, "tree_then": tree_then, "q": said["q"]}
    is_file = export_wanted() is not None
    if is_file:
        asked.required()

    def fetch(cursor: str | None, limit: int) -> Page[DealerAgeing]:
        if asked.as_of is None:
            return Page((), None)
        sort = sort_of_address(DEALERS)
        return ageing.ageing_by_dealer(
            session, as_of=asked.as_of, cursor=cursor, limit=limit, sort=sort, **sought
        )

    def count() -> int:
        return ageing.count_dealers(session, as_of=asked.as_of, **sought) if asked.as_of else 0

    return show_list(
        DEALERS,
        fetch,
        "backoffice/ageing/index.html",
        {"asked": asked, **said, **({} if is_file else _by_region(asked, region_id, tree_then))},
        page_only=lambda: {"regions_offered": region_options()},
        count=count,
    )


@blueprint.get("/<code>")
@requires(LedgerRight.READ)
def show(code: str) -> str:
    """A dealer's documents that were open at the end of a day."""
    asked, session = asked_day(), current_session()
    dealer = load_dealer(session, dealer_id_of(session, code), day=asked.today)
    as_of = asked.as_of
    items = ageing.open_on(session, dealer_id=dealer.id, as_of=as_of) if as_of else []
    return render_template(
        "backoffice/ageing/show.html",
        dealer=dealer,
        asked=asked,
        items=items,
        buckets=buckets_of(items, as_of.day) if as_of else None,
        ages=labels(AGES),
        kinds=labels(ENTRY_KINDS),
    )


def _by_region(asked: AskedDay, region_id: int | None, tree_then: bool) -> dict[str, Any]:
    """The sum and its picture, of all dealers of the region."""
    if asked.as_of is None:
        return {"total": None, "chart": None}
    regions = ageing.ageing_by_region(
        current_session(), as_of=asked.as_of, region_id=region_id, tree_then=tree_then
    )
    total = sum((region.buckets for region in regions), Buckets())
    return {"total": total, "chart": chart_of(regions) if regions else None}
