"""Headquarters' finance at a glance: what waits, how old the debts are, who owes most."""

from __future__ import annotations

from flask import Blueprint, render_template

from backoffice.blueprints.ageing import chart_of
from portal.finance.queries import largest_exposures
from portal.kernel import clock
from portal.kernel.manifest import Audience, Job
from portal.ledger.ageing import ageing_by_region
from portal.ledger.ageing_rules import AsOf, Buckets
from portal.ledger.vocabulary import LedgerRight
from portal.statements import queries as statements
from portal.web.rendering import requires
from portal.web.request import current_session, portal
from portal.web.work import work_that_waits

blueprint = Blueprint("finance_desk", __name__, url_prefix="/hq/finance")

CLOSES_SHOWN = 3


@blueprint.get("")
@requires(LedgerRight.READ)
def index() -> str:
    """The day of finance; every figure leads to its list."""
    session, at = current_session(), clock.now()
    today = clock.business_date(at, portal().settings.timezone)
    regions = ageing_by_region(session, as_of=AsOf(today))
    return render_template(
        "backoffice/finance/index.html",
        today=today,
        work=work_that_waits(at, today, about=_capabilities_of_money()),
        total=sum((region.buckets for region in regions), Buckets()),
        chart=chart_of(regions) if regions else None,
        closings=statements.closings(session, through=clock.period_of(today), at=at, limit=CLOSES_SHOWN),
        exposures=largest_exposures(session),
    )


def _capabilities_of_money() -> frozenset[str]:
    """Capabilities with a page among finance's, by name: what waits of them stands here."""
    return frozenset(
        one.name
        for one in portal().declared.capabilities
        if any(entry.audience is Audience.STAFF and entry.job is Job.MONEY for entry in one.menu)
    )
