"""The dealer's day at a glance."""

from __future__ import annotations

from flask import Blueprint, render_template

from portal.blueprints.frame import dealer_frame
from portal.credit.stop_queries import stop_of_dealer
from portal.insight.queries import expiring_licences, purchases
from portal.kernel import clock
from portal.ledger.queries import position, settlement
from portal.orders import queries as orders
from portal.orders.vocabulary import OrderRight
from portal.pricing.vocabulary import PriceRight
from portal.statements.vocabulary import StatementRight
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal
from portal.web.work import work_that_waits

blueprint = Blueprint("dashboard", __name__)
blueprint.context_processor(dealer_frame)

RECENT = 8


@blueprint.get("/")
@requires(OrderRight.READ)
def index() -> str:
    """What needs attention, recent orders and, for those who may see money, the account."""
    actor, session = current_actor(), current_session()
    at = clock.now()
    today = clock.business_date(at, portal().settings.timezone)
    sees_money = actor.may(PriceRight.READ)
    return render_template(
        "dashboard/index.html",
        work=work_that_waits(at, today),
        counts=orders.counts_by_status(session, actor.own_dealer_id),
        recent=orders.orders(session, dealer_id=actor.own_dealer_id, limit=RECENT).items
        if actor.may(OrderRight.READ)
        else (),
        licences=expiring_licences(session, actor.own_dealer_id, today=today),
        position=position(session, actor.own_dealer_id) if sees_money else None,
        due=settlement(session, actor.own_dealer_id) if actor.may(StatementRight.READ) else None,
        purchases=purchases(session, actor.own_dealer_id, today=today) if sees_money else (),
        stop=stop_of_dealer(session, actor.own_dealer_id, today=today),
        phone=portal().settings.finance_phone,
        today=today,
    )
