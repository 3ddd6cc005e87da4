"""Orders: placed, checked, listed, read, cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from portal.blueprints.api.order_lines import all_faults, wanted
from portal.blueprints.api.orders_shown import order_shown, summary_shown
from portal.blueprints.api.schemas.orders import (
    CancellationBody,
    CancellationShape,
    ChangeBody,
    OrderBody,
    OrderCheckBody,
    OrderPage,
    OrderShape,
    OrdersQuery,
    OrderVerdict,
    PlacedOrder,
)
from portal.blueprints.api.schemas.purchasing import AskedShape
from portal.kernel import clock
from portal.kernel.errors import N_, Fault, Forbidden, Invalid
from portal.orders import queries
from portal.orders.answer import accepted, hints_shown, not_applied_shown
from portal.orders.assess import Assessment
from portal.orders.cancel_order import cancel_order
from portal.orders.manifest import CHAPTER
from portal.orders.request import OrderRequest, refuse_faulty
from portal.orders.rules import Wanted
from portal.orders.terms import SupplyTerms
from portal.orders.validate_order import validate_order
from portal.orders.vocabulary import OrderRight
from portal.purchasing.change_within import change_within
from portal.purchasing.place_or_ask import Asked, place_or_ask
from portal.rebates.vocabulary import RebateRight
from portal.shipping.vocabulary import ShippingRight
from portal.web import language
from portal.web.api.buyer import buyer_id, may, named_dealer, sees_prices
from portal.web.api.keys import REPLAYED, idempotency_of
from portal.web.api.operations import Answer, operation
from portal.web.api.reading import Reading
from portal.web.order_rebates import rebate_answered, rebate_of
from portal.web.order_terms import order_terms
from portal.web.request import current_actor, current_session, portal

BUYERS = (OrderRight.WRITE, OrderRight.DESK)
READERS = (OrderRight.READ, OrderRight.DESK, ShippingRight.SHIP)


@operation(
    "POST",
    "/orders",
    tag=CHAPTER,
    rights=BUYERS,
    body=OrderBody,
    answers=PlacedOrder,
    status=201,
    located="/orders/{number}",
    lenient=True,
    creates=True,
    keeps_keys=True,
    accepted=AskedShape,
    conflicts=True,
    summary=N_("Place an order"),
    about=N_(
        "Validated, priced and reserved as a whole, or refused with everything that is wrong. "
        "On hold when headquarters has to look at it first: `held_by` says why. "
        "With `backorder` what is not in stock waits for goods. "
        "Above the amount that the dealer lets the caller order alone nothing is placed: 202, and a draft "
        "waits for approval."
    ),
)
def create(body: Reading[OrderBody]) -> Answer:
    if body.value is None:
        raise _refusal(all_faults(body, OrderBody, _faults))
    placed = place_or_ask(
        current_session(),
        actor=current_actor(),
        dealer_id=buyer_id(body.value.dealer),
        request=_request(body.value, wanted(body.value.lines)),
        terms=order_terms(),
        at=clock.now(),
        idempotency=idempotency_of(body.raw),
    )
    if isinstance(placed, Asked):
        return Answer(_asked(placed), 202, REPLAYED if placed.replayed else {})
    return Answer(placed.answer, 201, REPLAYED if placed.replayed else {})


@operation(
    "POST",
    "/orders/validation",
    tag=CHAPTER,
    rights=BUYERS,
    body=OrderCheckBody,
    answers=OrderVerdict,
    lenient=True,
    conflicts=True,
    summary=N_("Check an order without placing it"),
    about=N_("The same checks and the same refusal as placing it; nothing is written or reserved."),
)
def validate(body: Reading[OrderCheckBody]) -> dict[str, Any]:
    if body.value is None:
        raise _refusal(all_faults(body, OrderCheckBody, _faults))
    assessment = _assessment(body.value, wanted(body.value.lines))
    refuse_faulty(assessment.faults, assessment.unexpected)
    return {
        **accepted(assessment, portal().settings.currency, language.current()),
        "hints": hints_shown(assessment.promoted.hints()),
        "not_applied": not_applied_shown(assessment.promoted.outcome),
        "rebates": _rebates(body.value, assessment),
    }


def _rebates(body: OrderCheckBody, assessment: Assessment) -> dict[str, Any] | None:
    """What it would earn, for who asks and may know: it is reckoned apart, and nobody else waits for it."""
    actor, readers = current_actor(), (RebateRight.READ, RebateRight.PROPOSE, RebateRight.APPROVE)
    if not body.rebates or not may(actor, *readers) or not sees_prices(actor):
        return None
    return rebate_answered(assessment, rebate_of(assessment, buyer_id(body.dealer)))


@operation(
    "GET",
    "/orders",
    tag=CHAPTER,
    rights=READERS,
    query=OrdersQuery,
    answers=OrderPage,
    summary=N_("Orders, the newest first"),
    about=N_("Of the dealer, or of all dealers that headquarters' actor may see."),
)
def index(query: OrdersQuery) -> dict[str, Any]:
    page = queries.orders(
        current_session(),
        dealer_id=named_dealer(query.dealer),
        status=query.status or "",
        q=query.q,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [summary_shown(order) for order in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/orders/<document:number>",
    tag=CHAPTER,
    rights=READERS,
    answers=OrderShape,
    summary=N_("One order with its lines"),
    about=N_("With the price every line was given and the receipt that proves it."),
)
def show(number: str) -> dict[str, Any]:
    return order_shown(queries.order(current_session(), number))


@operation(
    "POST",
    "/orders/<document:number>/changes",
    tag=CHAPTER,
    rights=BUYERS,
    body=ChangeBody,
    answers=PlacedOrder,
    status=201,
    located="/orders/{number}",
    creates=True,
    conflicts=True,
    summary=N_("Change an order that nobody has begun to pick"),
    about=N_(
        "The order is cancelled and ordered anew in one step, from the same warehouse, at the prices of now; "
        "the answer is the new order. Refused with everything that is wrong, the order stays as it was."
    ),
)
def change(number: str, body: ChangeBody) -> dict[str, Any]:
    placed = change_within(
        current_session(),
        actor=current_actor(),
        number=number,
        request=_request(body, wanted(body.lines)),
        reason=body.reason,
        terms=order_terms(),
        at=clock.now(),
    )
    return placed.answer


@operation(
    "POST",
    "/orders/<number>/cancellation",
    tag=CHAPTER,
    rights=BUYERS,
    body=CancellationBody,
    answers=CancellationShape,
    creates=True,
    conflicts=True,
    summary=N_("Cancel an order, or what has not been shipped"),
    about=N_(
        "A dealer cancels while nothing is picked or shipped; "
        "headquarters also the rest of a partly shipped order."
    ),
)
def cancel(number: str, body: CancellationBody) -> dict[str, Any]:
    gone = cancel_order(
        current_session(), actor=current_actor(), number=number, reason=body.reason, at=clock.now()
    )
    return {
        "number": gone.number,
        "status": gone.status,
        "units_cancelled": gone.units,
        "amount_cancelled": gone.amount,
    }


def _asked(asked: Asked) -> dict[str, Any]:
    return {
        "draft": asked.number,
        "status": "waiting",
        "total": asked.total,
        "without_approval_up_to": asked.allowed,
    }


def _refusal(faults: Sequence[Fault]) -> Invalid:
    return Invalid("order_refused", N_("The order was not placed: some lines need attention."), faults=faults)


def _request(order: OrderBody, lines: list[Wanted]) -> OrderRequest:
    """Raises Forbidden when prices are expected by somebody to whom they are hidden.

    The refusal would name the true ones.
    """
    expects = order.expected_total is not None or any(line.expected_unit_price is not None for line in lines)
    if expects and not sees_prices(current_actor()):
        raise Forbidden(
            faults=[
                Fault(
                    "/expected_total",
                    "prices_hidden",
                    N_("Expected prices need the scope prices:read."),
                    N_("Leave them out."),
                )
            ]
        )
    return OrderRequest(
        lines,
        order.purchase_order_no,
        order.ship_to,
        order.requested_date,
        SupplyTerms(order.warehouse, order.split, order.backorder),
        channel="api",
        expected_total=order.expected_total,
        hospital=order.hospital,
        language=language.current(),
    )


def _assessment(order: OrderBody, lines: list[Wanted]) -> Any:
    return validate_order(
        current_session(),
        actor=current_actor(),
        dealer_id=buyer_id(order.dealer),
        request=_request(order, lines),
        terms=order_terms(),
    )


def _faults(order: OrderBody, lines: list[Wanted]) -> Iterable[Fault]:
    known = order.model_copy(
        update={"expected_total": None}
    )  # nobody can tell the total of lines that are not all understood
    try:
        assessment = _assessment(known, lines)
    except Invalid as refusal:
        return refusal.faults
    return (*assessment.faults, *assessment.unexpected)
