"""The checks of an order without placing it: nothing is written, nothing reserved."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.orders.assess import Assessment, assess
from portal.orders.context import read_context
from portal.orders.request import OrderRequest, header_faults
from portal.orders.terms import OrderTerms
from portal.orders.vocabulary import OrderRight


def validate_order(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    request: OrderRequest,
    terms: OrderTerms,
) -> Assessment:
    """The assessment a placing would give now.

    Raises NotFound, Forbidden; faults are returned, not raised.
    """
    actor.require(OrderRight.READ, OrderRight.WRITE, OrderRight.DESK)
    context = read_context(session, dealer_id=dealer_id, ship_to=request.ship_to, hospital=request.hospital)
    today = clock.business_date(context.moment, terms.zone)
    assessment = assess(
        session,
        context=context,
        request=request,
        limits=terms.limits,
        today=today,
    )
    return replace(assessment, faults=(*header_faults(request, today), *assessment.faults))
