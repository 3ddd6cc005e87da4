"""Acts about a delivery, each in a transaction of its own, as the person who does it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal.deliveries import queries
from portal.deliveries.decide_case import decide_case, take_up_case
from portal.deliveries.links import Claim, Link, link_of, make_link, read_token, revoke_link
from portal.deliveries.rules import CaseState, Counted, LinkState, Outcome, Way
from portal.deliveries.sign_delivery import Handover, Signed, sign_by_link, sign_delivery
from portal.kernel.db import Database, sealer_of, transaction
from portal.shipping.ship import Shipped
from tests import cast
from tests.roles import Dealer, Person, Product, System

VALID = timedelta(days=30)
STROKES = "[[10,20,60,80,120,30],[200,100]]"


def counted(*lots: tuple[Product, str, int, int]) -> tuple[Counted, ...]:
    """What somebody counted: product, lot, received, damaged."""
    return tuple(
        Counted(product.sku, lot, received, damaged, f"/lines/{place}")
        for place, (product, lot, received, damaged) in enumerate(lots)
    )


def signed(
    database: Database,
    number: str,
    *lots: tuple[Product, str, int, int],
    by: Person | System = cast.huadong.buyer,
    at: Any = cast.NOW,
    **said: Any,
) -> Signed:
    """A dealer takes a shipment over."""
    with transaction(database.session_for(by.actor())) as session:
        return sign_delivery(
            session,
            actor=by.actor(),
            shipment_number=number,
            handover=Handover(counted(*lots), **said),
            way=Way.PORTAL,
            today=cast.TODAY,
            at=at,
        )


def linked(
    database: Database, number: str, *, by: Person | System = cast.huadong.buyer, at: Any = cast.NOW
) -> Link:
    """Make the link of a shipment."""
    with transaction(database.session_for(by.actor())) as session:
        return make_link(session, actor=by.actor(), shipment_number=number, valid=VALID, at=at)


def link_seen(
    database: Database, number: str, *, by: Person | System = cast.huadong.buyer, at: Any = cast.NOW
) -> LinkState | None:
    """What the link of a shipment is now."""
    with transaction(database.session_for(by.actor())) as session:
        link = link_of(session, number, at=at)
        return None if link is None else link.state


def revoked(database: Database, number: str, *, by: Person | System = cast.huadong.buyer) -> None:
    """Withdraw it."""
    with transaction(database.session_for(by.actor())) as session:
        revoke_link(session, actor=by.actor(), shipment_number=number, at=cast.NOW)


def claim_of(database: Database, token: str | None) -> Claim:
    """What a token says."""
    with transaction(database.session_for(cast.huadong.buyer.actor())) as session:
        return read_token(sealer_of(session), token or "")


def signed_at_the_door(
    database: Database,
    token: str | None,
    *lots: tuple[Product, str, int, int],
    name: str = "王收货",
    form_key: str = "form-1",
    at: Any = cast.NOW,
    **said: Any,
) -> Signed:
    """Somebody without an account takes a shipment over."""
    claim = claim_of(database, token)
    actor = claim.actor("zh")
    with transaction(database.session_for(actor)) as session:
        return sign_by_link(
            session,
            actor=actor,
            claim=claim,
            handover=Handover(counted(*lots), signed_name=name, form_key=form_key, **said),
            today=cast.TODAY,
            at=at,
        )


def taken_up(database: Database, number: str, *, by: Person | System = cast.order_desk) -> CaseState:
    """Headquarters takes a case up."""
    with transaction(database.session_for(by.actor())) as session:
        return take_up_case(session, actor=by.actor(), number=number, at=cast.NOW)


def decided(
    database: Database,
    number: str,
    outcome: Outcome | None = Outcome.CREDIT,
    *,
    reason: str = "照片与签收记录一致",
    by: Person | System = cast.order_desk,
) -> CaseState:
    """Headquarters decides on a case."""
    with transaction(database.session_for(by.actor())) as session:
        return decide_case(
            session, actor=by.actor(), number=number, outcome=outcome, reason=reason, at=cast.NOW
        )


def counted_and_signed(
    database: Database, number: str, *, by: Person, short: int = 0, damaged: int = 0
) -> Signed:
    """A dealer takes a shipment over; of its first lot some units did not come, or are damaged."""
    actor = by.actor()
    with transaction(database.session_for(actor)) as session:
        lot = queries.delivery(session, number).lots[0]
        came = max(0, lot.quantity - short)
        count = Counted(lot.sku, lot.lot_no, came, min(damaged, came), "/lines/0")
        return sign_delivery(
            session,
            actor=actor,
            shipment_number=number,
            handover=Handover((count,), signature=STROKES),
            way=Way.PORTAL,
            today=cast.TODAY,
            at=cast.NOW,
        )


def a_case_of(database: Database, dealer: Dealer, delivery: Shipped) -> str:
    """The dealer takes a delivery over, one unit of its first lot short; the number of its case."""
    return counted_and_signed(database, delivery.shipment_number, by=dealer.buyer, short=1).cases[0]
