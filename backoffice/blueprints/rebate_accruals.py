"""What the dealers of a programme have earned, for headquarters: where each stands, every line behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from backoffice.blueprints import rebate_page
from portal.kernel.errors import N_, NotFound
from portal.kernel.paging import Page
from portal.rebates import dealer_accruals, queries
from portal.rebates.dealer_accruals import MOST_EARNED, DealerAccrual
from portal.rebates.queries import ManagedProgramme
from portal.rebates.rules import Basis
from portal.rebates.vocabulary import RebateRight
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.rebate_lines import LineRow, columns_of, line_columns, rate_kind, row_of
from portal.web.rendering import requires
from portal.web.request import current_session, request

blueprint = Blueprint("rebate_accruals", __name__, url_prefix="/hq/rebates")

BOTH = (RebateRight.PROPOSE, RebateRight.APPROVE)
_DEALER = Column("dealer", N_("Dealer"), Kind.NAME)
_CODE = Column("code", N_("Dealer code"), Kind.CODE, shown=False)
LINES = Listing(
    "rebate-dealer-lines",
    N_("Lines of a rebate by dealer"),
    (_DEALER, _CODE, *line_columns(Kind.MONEY, Kind.SHARE)),
)
DEALERS = Listing(
    "rebate-dealers",
    N_("Dealers of a rebate"),
    (
        Column("name", N_("Dealer"), Kind.NAME, path="of.name"),
        Column("code", N_("Dealer code"), Kind.CODE, path="of.code", width="c-12", is_sortable=True),
        Column("region", N_("Region"), Kind.NAME, path="of.region", width="c-12", shown=False),
        Column("qualified", N_("Counts"), Kind.MONEY, width="c-15", is_sortable=True),
        Column(
            "reached_tier",
            N_("Tier reached"),
            Kind.QUANTITY,
            path="of.reached_tier",
            width="c-10",
            is_sortable=True,
        ),
        Column("accrued", N_("Earned"), Kind.MONEY, path="of.accrued", width="c-12", is_sortable=True),
    ),
    sort=str(MOST_EARNED),
)


@dataclass(frozen=True, slots=True)
class DealerRow:
    """A dealer's period. qualified: ¥, or a whole number of pieces."""

    of: DealerAccrual
    qualified: Decimal | int


def show_programme(number: str) -> str | Response:
    """A programme; of one that counts the list of its dealers in a period too."""
    found = rebate_page.programme(number)
    if not found.published_at:
        return render_template("backoffice/rebates/show.html", **rebate_page.context(found))
    session, period, dealer = current_session(), request.args.get("period", ""), _dealer()
    first_day = dealer_accruals.first_day_of(
        session, programme_id=found.id, period=period, today=rebate_page.today()
    )
    in_pieces, sort = found.terms.basis is Basis.QUANTITY, sort_of_address(DEALERS)

    def fetch(cursor: str | None, limit: int) -> Page[DealerRow]:
        if first_day is None:
            return Page((), None)
        page = dealer_accruals.dealer_accruals(
            session,
            programme_id=found.id,
            first_day=first_day,
            dealer=dealer,
            limit=limit,
            cursor=cursor,
            sort=sort,
        )
        rows = tuple(DealerRow(one, int(one.qualified) if in_pieces else one.qualified) for one in page.items)
        return Page(rows, page.next_cursor, page.previous_cursor)

    columns = tuple(
        replace(one, kind=Kind.QUANTITY) if one.key == "qualified" and in_pieces else one
        for one in DEALERS.columns
    )
    return show_list(
        replace(DEALERS, columns=columns),
        fetch,
        "backoffice/rebates/show.html",
        {"number": number, **_filters(found, period, dealer)},
        page_only=lambda: rebate_page.context(found),
    )


@blueprint.get("/<number>/lines")
@requires(*BOTH)
@takes_columns("column")
def lines(number: str) -> str | Response:
    """Every line of a period, of all dealers or of one."""
    found = rebate_page.programme(number)
    session, period, dealer = current_session(), request.args.get("period", ""), _dealer()
    first_day = dealer_accruals.first_day_of(
        session, programme_id=found.id, period=period, today=rebate_page.today()
    )
    if first_day is None and period:
        raise NotFound()
    rate = rate_kind(found.terms, None)

    def fetch(cursor: str | None, limit: int) -> Page[LineRow]:
        if first_day is None:
            return Page((), None)
        page = dealer_accruals.lines_of_dealers(
            session, programme_id=found.id, first_day=first_day, dealer=dealer, limit=limit, cursor=cursor
        )
        rows = tuple(
            row_of(
                found.terms,
                rate,
                one.line,
                (one.product_zh, one.product_en),
                None,
                one.name_zh,
                one.name_en,
                one.code,
            )
            for one in page.items
        )
        return Page(rows, page.next_cursor, page.previous_cursor)

    return show_list(
        replace(LINES, columns=(_DEALER, _CODE, *columns_of(found.terms, rate))),
        fetch,
        "backoffice/rebates/lines.html",
        {"programme": found, "rate_kind": rate.value, **_filters(found, period, dealer)},
    )


def _dealer() -> str:
    return request.args.get("dealer", "").strip()[:64]


def _filters(found: ManagedProgramme, period: str, dealer: str) -> dict[str, Any]:
    """The periods to choose from, the latest first, and what is chosen."""
    names = [one.period for one in queries.period_totals(current_session(), programme_id=found.id)]
    return {
        "period": period or next(iter(names), ""),
        "periods": [(one, one) for one in names],
        "dealer": dealer,
    }
