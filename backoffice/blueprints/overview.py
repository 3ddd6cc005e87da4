"""Headquarters' day at a glance; every number within the employee's regions."""

from __future__ import annotations

from flask import Blueprint, render_template

from portal.checks import queries as checks
from portal.insight.queries import dealers_with_expiring_licences, orders_by_day, receivables
from portal.kernel import clock
from portal.ledger.vocabulary import LedgerRight
from portal.orders.vocabulary import OrderRight
from portal.pricing.policies import policies
from portal.pricing.vocabulary import PriceRight
from portal.shipping import desk
from portal.shipping.vocabulary import ShippingRight
from portal.statements import queries as statements
from portal.web.request import current_actor, current_session, portal

blueprint = Blueprint("backoffice", __name__, url_prefix="/hq")


@blueprint.get("/")
def index() -> str:
    """What waits for somebody, by the rights of who looks."""
    actor, session, at = current_actor(), current_session(), clock.now()
    today = clock.business_date(at, portal().settings.timezone)
    begun, checked = checks.concerning(session, actor=actor)
    at_desk = actor.may(OrderRight.DESK) or actor.may(ShippingRight.SHIP)
    return render_template(
        "backoffice/overview/index.html",
        counts=desk.desk_counts(session) if at_desk else None,
        waiting=desk.desk_orders(session, limit=8).items if at_desk else (),
        days=orders_by_day(session, today=today, zone=portal().settings.timezone),
        drafts=policies(session, actor=actor, at=at, state="draft")
        if actor.may(PriceRight.POLICIES)
        else None,
        closings=statements.closings(session, through=clock.period_of(today), at=at, limit=3)
        if actor.may(LedgerRight.READ)
        else None,
        receivables=receivables(session) if actor.may(LedgerRight.READ) else None,
        licences=dealers_with_expiring_licences(session, today=today),
        failed_check=begun if begun and begun.failed_at else None,
        last_check=checked,
        today=today,
    )
