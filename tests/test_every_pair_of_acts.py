"""Any two acts in the same instant, on one order where a state allows both, else on two orders of one dealer.

One company carries all pairs. Where the acts exclude each other one wins and the other is told why; nothing
ever deadlocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import combinations_with_replacement
from typing import Any

import pytest

from portal.claims.entry import ClaimEntry
from portal.claims.rules import ClaimKind, Treatment
from portal.kernel.actor import Actor
from portal.kernel.db import Database, transaction
from portal.kernel.errors import Conflict, DomainError, Invalid, NotFound
from portal.ledger.post_credit_note import Returned
from portal.orders.terms import SupplyTerms
from portal.pricing.publish_policy import publish_policy
from portal.shipping.ship_order import ship_order
from portal.statements.begin_close import begin_close
from tests import cast
from tests.claims import acts as claims
from tests.deliveries.acts import signed
from tests.ledger.acts import paid, returned, reversed_
from tests.orders.acts import held
from tests.pricing.acts import FALL_SHARE
from tests.races import failures, together
from tests.replenishment import acts as supply
from tests.scenes import (
    HELD,
    NO_MARGIN,
    SOON,
    SPLIT,
    UNITS,
    WAITING,
    Company,
    Order,
    Scene,
    company_at_work,
    scene_of,
)
from tests.shipping.acts import (
    cancelled,
    changed,
    filled,
    picked,
    put_back,
    released,
    retired,
    shipped,
)
from tests.statements.acts import LAST_MONTH

REDUCTION = Treatment.PRICE_REDUCTION


@dataclass(frozen=True)
class Act:
    """What somebody does to an order in one of these states; none for an act that needs no order."""

    name: str
    do: Callable[[Scene, Order | None], Any]
    states: tuple[str, ...] = ()


class _Undone(Exception):
    """Ends a transaction without a trace: it held its locks like any other."""


def _undone(database: Database, actor: Actor, act: Callable[[Any], Any]) -> None:
    try:
        with transaction(database.session_for(actor)) as session:
            act(session)
            raise _Undone
    except _Undone:
        pass


def _ship_order(scene: Scene, order: Order) -> Any:
    actor = cast.erp.actor()
    with transaction(scene.company.database.session_for(actor)) as session:
        return ship_order(
            session,
            actor=actor,
            number=order.number,
            carrier="顺丰速运",
            tracking_no="SF1020304050",
            today=cast.TODAY,
            at=cast.NOW,
            **NO_MARGIN,
        )


def _publish(scene: Scene, _order: object) -> None:
    actor = cast.national_manager.actor()
    about = {"actor": actor, "policy_id": cast.policy_draft, "revision": 1, "fall_share": FALL_SHARE}
    _undone(scene.company.database, actor, lambda session: publish_policy(session, **about))


def _close(scene: Scene, _order: object) -> None:
    about = {"actor": cast.hq_finance.actor(), "period": LAST_MONTH, "today": cast.TODAY, "at": cast.NOW}
    _undone(scene.company.database, about["actor"], lambda session: begin_close(session, **about))


def _claim(scene: Scene, _order: object) -> None:
    entry = ClaimEntry(
        kind=ClaimKind.TENDER, amount=Decimal(9), hospital="H", tender_reference="T", treatment=REDUCTION
    )
    number = claims.claimed(scene.company.database, entry, by=scene.company.dealer.finance)
    claims.decided(scene.company.database, number, by=cast.national_manager)


def _on_database(act: Callable[..., Any], **how: Any) -> Callable[[Scene, Order | None], Any]:
    return lambda scene, order: act(scene.company.database, order.number, **how)


ACTS = (
    Act(
        "place",
        lambda scene, _: scene.company.given.an_order({scene.product: 1}, by=scene.company.dealer.buyer),
    ),
    Act("approve", lambda scene, _: scene.approved()),
    Act("recur", lambda scene, _: scene.recurred()),
    Act(
        "cancel",
        _on_database(cancelled, by=cast.order_desk),
        ("confirmed", "on_hold", "picking", *WAITING, *SPLIT),
    ),
    Act(
        "change",
        lambda scene, order: changed(
            scene.company.database,
            order.number,
            {order.product: 3 * UNITS},
            by=scene.company.dealer.buyer,
            supply=SupplyTerms(backorder=True),
        ),
        ("confirmed", "on_hold", "split", *(state for state in WAITING if state != "part_picking")),
    ),
    Act("hold", _on_database(held), ("confirmed", "on_hold", "split", "split_sent")),
    Act("fill", lambda scene, _: filled(scene.company.database), WAITING),
    Act("arrive", lambda scene, order: scene.company.arrived(order.product), ("short",)),
    Act("ask", lambda scene, _: supply.asked(scene.company.database), ("short",)),
    Act(
        "report",
        lambda scene, order: supply.reported(
            scene.company.database, order.request, "in_transit", expected_on=SOON
        ),
        ("asked",),
    ),
    Act("limit", lambda scene, _: scene.company.limited()),
    Act("release", _on_database(released), HELD),
    Act("pick", _on_database(picked, **NO_MARGIN), ("confirmed", "part_waiting", "split", "split_sent")),
    Act("ship_order", _ship_order, ("confirmed", "part_waiting", "split", "split_sent")),
    Act("unpick", _on_database(put_back), ("picking", "part_picking", "split_picking")),
    Act(
        "ship",
        lambda scene, order: shipped(scene.company.database, order.shipment, **NO_MARGIN),
        ("picking", "part_picking"),
    ),
    Act(
        "receive",
        lambda scene, order: signed(scene.company.database, order.shipment, by=scene.company.dealer.buyer),
        ("shipped",),
    ),
    Act(
        "credit",
        lambda scene, order: returned(scene.company.database, order.invoice, Returned(1, UNITS)),
        ("shipped",),
    ),
    Act("pay", lambda scene, _: paid(scene.company.database, "10.00", dealer=scene.company.dealer)),
    Act(
        "reverse",
        lambda scene, _: reversed_(scene.company.database, scene.payment, dealer=scene.company.dealer),
    ),
    Act("claim", _claim),
    Act("retire", lambda scene, _: retired(scene.company.database)),
    Act("close", _close),
    Act("publish", _publish),
)

ONE_WINS = {
    ("cancel", "cancel"),
    ("cancel", "change"),
    ("change", "change"),
    ("change", "pick"),
    ("change", "ship_order"),
    ("hold", "pick"),
    ("hold", "ship_order"),
    ("cancel", "pick"),
    ("cancel", "ship_order"),
    ("cancel", "ship"),
    ("release", "release"),
    ("pick", "pick"),
    ("pick", "ship_order"),
    ("ship_order", "ship_order"),
    ("unpick", "unpick"),
    ("unpick", "ship"),
    ("ship", "ship"),
    ("credit", "credit"),
    ("reverse", "reverse"),
}
# Who comes first decides whether the other still can: a released order is cancelled, a cancelled one is not
# released.
AS_IT_HAPPENS = {
    ("cancel", "hold"),
    ("change", "hold"),
    ("change", "release"),
    ("cancel", "release"),
    ("cancel", "unpick"),
    ("ship", "retire"),
    ("unpick", "retire"),
    ("cancel", "retire"),
}


# An order that is being picked is put back before it is cancelled; one of which a part has left and a part
# still waits, or is to come from another warehouse, can be cancelled, held and sent again.
IN_SOME_STATES = {
    ("cancel", "cancel", "picking"): {2},
    ("cancel", "cancel", "part_picking"): {2},
    ("cancel", "fill", "part_picking"): {1},
    ("cancel", "ship", "part_picking"): {0, 1},
    ("cancel", "ship_order", "part_waiting"): {0, 1},
    ("cancel", "cancel", "split_picking"): {2},
    ("cancel", "ship_order", "split"): {0, 1},
    ("hold", "ship_order", "split"): {0, 1},
    ("pick", "ship_order", "split"): {0, 1},
    ("ship_order", "ship_order", "split"): {0},
}


def _may_lose(one: str, other: str, shared: str | None) -> set[int]:
    """How many of two acts may be refused."""
    if (one, other, shared) in IN_SOME_STATES:
        return IN_SOME_STATES[one, other, shared]
    return {1} if (one, other) in ONE_WINS else {0, 1} if (one, other) in AS_IT_HAPPENS else {0}


@pytest.fixture(scope="module")
def company(cluster, template) -> Iterator[Company]:
    yield from company_at_work(cluster, template, "every_pair")


def _pairs() -> Iterator[tuple[Act, Act, str | None]]:
    """Any two acts, on one order in each state that allows both, or on two orders."""
    for one, other in combinations_with_replacement(ACTS, 2):
        shared = [state for state in one.states if state in other.states]
        yield from ((one, other, state) for state in shared or [None])


@pytest.mark.parametrize(
    ("one", "other", "shared"), list(_pairs()), ids=lambda part: getattr(part, "name", part or "apart")
)
def test_two_acts_at_once(company, one, other, shared):
    scene = scene_of(company, {one.name, other.name})
    does = [
        partial(act.do, scene, scene.order(shared or act.states[0]) if act.states else None)
        for act in (one, other)
    ]
    lost = failures(together(2, lambda place: does[place]()))
    assert len(lost) in _may_lose(one.name, other.name, shared), lost
    for refusal in lost:
        assert isinstance(refusal, (Conflict, Invalid, NotFound)), refusal
        assert isinstance(refusal, DomainError) and (refusal.faults or refusal.message)
