"""What the dealers of a programme have earned, for headquarters' systems."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.rebate_accruals import DealerAccrualPage, DealerAccrualsQuery
from portal.kernel import clock
from portal.kernel.errors import N_, NotFound
from portal.rebates import queries
from portal.rebates.dealer_accruals import MOST_EARNED, dealer_accruals, first_day_of
from portal.rebates.documents import programme_id_of
from portal.rebates.vocabulary import RebateRight
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "GET",
    "/hq/rebates/accruals",
    tag=HEADQUARTERS,
    rights=(RebateRight.PROPOSE, RebateRight.APPROVE),
    query=DealerAccrualsQuery,
    answers=DealerAccrualPage,
    summary=N_("What the dealers of a programme have earned"),
    about=N_("In one period, of the dealers in the actor's regions; with what every period came to."),
)
def index(query: DealerAccrualsQuery) -> dict[str, Any]:
    session = current_session()
    today = clock.business_date(clock.now(), portal().settings.timezone)
    key = programme_id_of(session, query.programme)
    found = queries.programme(session, actor=current_actor(), programme_id=key, today=today)
    first_day = first_day_of(session, programme_id=key, period=query.period, today=today)
    if first_day is None:
        if query.period:
            raise NotFound()
        return {"programme": found.number, "totals": [], "items": [], "next_cursor": None}
    page = dealer_accruals(
        session,
        programme_id=key,
        first_day=first_day,
        dealer=query.dealer or "",
        limit=query.limit,
        cursor=query.cursor,
        sort=query.sort or str(MOST_EARNED),
    )
    of_dealer = ("period", "first_day", "last_day", "qualified", "reached_tier", "accrued")
    of_period = ("period", "first_day", "last_day", "dealers", "accrued")
    return {
        "programme": found.number,
        "totals": [
            {name: getattr(one, name) for name in of_period}
            for one in queries.period_totals(session, programme_id=key)
        ],
        "items": [
            {
                "dealer": one.code,
                **{name: getattr(one, name) for name in of_dealer},
                "unmet": list(one.unmet),
            }
            for one in page.items
        ],
        "next_cursor": page.next_cursor,
    }
