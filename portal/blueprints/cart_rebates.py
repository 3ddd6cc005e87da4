"""What the cart earns of rebates: fetched after the cart itself, so that the cart never waits for it."""

from __future__ import annotations

from flask import Blueprint

from portal.blueprints.frame import dealer_frame
from portal.orders import cart
from portal.orders.request import OrderRequest
from portal.orders.validate_order import validate_order
from portal.orders.vocabulary import OrderRight
from portal.rebates.vocabulary import RebateRight
from portal.web.order_rebates import rebate_of, rebate_shown
from portal.web.order_terms import order_terms
from portal.web.rendering import render_page, requires
from portal.web.request import current_actor, current_session

blueprint = Blueprint("cart_rebates", __name__, url_prefix="/rebates/cart")
blueprint.context_processor(dealer_frame)


@blueprint.get("")
@requires(RebateRight.READ)
def show() -> str:
    """The rebate of each line and of the whole; as a page for whoever comes without script."""
    session, actor = current_session(), current_actor()
    actor.require(OrderRight.WRITE)
    lines = cart.lines(session, actor=actor)
    told = None
    if lines:
        assessment = validate_order(
            session,
            actor=actor,
            dealer_id=actor.own_dealer_id,
            request=OrderRequest(lines),
            terms=order_terms(),
        )
        told = rebate_shown(assessment, rebate_of(assessment, actor.own_dealer_id))
    return render_page("cart/rebates.html", "rebates", told=told)
