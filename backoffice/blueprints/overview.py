"""Headquarters' day at a glance; every number within the employee's regions."""

from __future__ import annotations

from flask import Blueprint, render_template

from portal.dealers.vocabulary import DealerRight
from portal.insight.queries import dealers_with_expiring_licences, orders_by_day, receivables
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.ledger.vocabulary import LedgerRight
from portal.orders.vocabulary import OrderRight
from portal.shipping import desk
from portal.shipping.outbound import count_to_review
from portal.shipping.vocabulary import ShippingRight
from portal.statements import queries as statements
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal
from portal.web.work import work_that_waits

blueprint = Blueprint("backoffice", __name__, url_prefix="/hq")


@blueprint.get("/")
@requires(DealerRight.HEADQUARTERS)
def index() -> str:
    """What waits for whoever looks, and figures beside it, by their rights."""
    actor, session, at = current_actor(), current_session(), clock.now()
    today = clock.business_date(at, portal().settings.timezone)
    at_desk = actor.may(OrderRight.DESK) or actor.may(ShippingRight.SHIP)
    keeps_books = actor.may(LedgerRight.READ)
    period = clock.period_of(today)
    return render_template(
        "backoffice/overview/index.html",
        work=[*work_that_waits(at, today), *_to_review()],
        waiting=desk.desk_orders(session, limit=8).items if at_desk else (),
        days=orders_by_day(session, today=today, zone=portal().settings.timezone),
        closings=statements.closings(session, through=period, at=at, limit=3) if keeps_books else None,
        receivables=receivables(session) if keeps_books else None,
        licences=dealers_with_expiring_licences(session, today=today),
        today=today,
    )


def _to_review() -> list[Waiting]:
    """What another person picked, where the settings say that nothing leaves unreviewed."""
    if not (portal().settings.outbound_review and current_actor().may(ShippingRight.SHIP)):
        return []
    count = count_to_review(current_session(), actor=current_actor())
    return [Waiting(N_("Shipments to review"), count, "parcels.index")] if count else []
