"""The link by which somebody at the door signs: made, opened, revoked.

Its token is sealed under the application secret and says whose shipment it is of. So a guessed one is refused
without a question to the database, a true one opens the dealer's scope and no other, and the same link is on
every print of a delivery note, though no row could tell it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.deliveries.rules import LinkState, link_state
from portal.deliveries.vocabulary import DeliveryAction, DeliveryRight
from portal.files.vocabulary import FileRight
from portal.kernel.actor import Actor
from portal.kernel.db import Record, sealer_of
from portal.kernel.errors import N_, Conflict, NotFound
from portal.kernel.opaque import Sealer
from portal.orders.locking import lock_order_of_shipment
from portal.orders.vocabulary import OrderRight
from portal.shipping.vocabulary import ShippingRight

MAY_MAKE = (OrderRight.WRITE, DeliveryRight.DESK, ShippingRight.SHIP)
"""Rights of which one is needed to make and to revoke links."""

_CLOSED = {
    LinkState.USED: N_("Receipt of this shipment has been confirmed already."),
    LinkState.REVOKED: N_("This link has been withdrawn."),
    LinkState.EXPIRED: N_("This link has expired."),
}
_PURPOSE = "delivery link"
_MARK_BYTES = 6  # enough to tell a link from the one before it; the seal itself has 128 bits


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token says: whose shipment, and which of its links."""

    dealer_id: int
    shipment_number: str
    mark: str

    def actor(self, locale: str) -> Actor:
        """Who holds the link: nobody known, who may do nothing but receive that shipment, with photos."""
        return Actor(
            label=f"Delivery link {self.shipment_number}",
            rights=frozenset({ShippingRight.RECEIVE, FileRight.WRITE}),
            dealer_id=self.dealer_id,
            locale=locale,
            link=self.shipment_number,
        )


@dataclass(frozen=True, slots=True)
class Link:
    """A shipment's link as people see it. token: None where it opens nothing any more."""

    state: LinkState
    token: str | None
    expires_at: datetime
    made_by_label: str
    revoked_at: datetime | None


def read_token(sealer: Sealer, token: str) -> Claim:
    """What a token says. Raises NotFound for anything that was not sealed here."""
    try:
        dealer_id, number, mark = sealer.open(_PURPOSE, token)
    except ValueError:
        raise NotFound() from None
    return Claim(dealer_id, number, mark)


def link_of(session: Session, shipment_number: str, *, at: datetime) -> Link | None:
    """The link of a shipment, None where there is none or no such shipment in scope."""
    row = session.execute(_FIND, {"number": shipment_number}).one_or_none()
    if row is None or row.mark is None:
        return None
    return _link(session, row, at)


def state_of(session: Session, claim: Claim, *, at: datetime) -> LinkState:
    """What a link opens now. Raises NotFound when its shipment is not in scope or has no link.

    A link that was made anew is as revoked as one that was revoked.
    """
    row = session.execute(_FIND, {"number": claim.shipment_number}).one_or_none()
    if row is None or row.mark is None:
        raise NotFound()
    if not secrets.compare_digest(row.mark, claim.mark):
        return LinkState.REVOKED
    return _state(row, at)


def require_open(session: Session, claim: Claim, *, at: datetime) -> None:
    """Raise Conflict, saying why, for a link by which nobody signs any more; NotFound as `state_of`."""
    if (state := state_of(session, claim, at=at)) is not LinkState.OPEN:
        raise closed(state)


def closed(state: LinkState) -> Conflict:
    """Why a link opens nothing."""
    return Conflict(
        f"link_{state}", _CLOSED[state], fix=N_("Ask the sender if anything about it is not right.")
    )


def make_link(
    session: Session, *, actor: Actor, shipment_number: str, valid: timedelta, at: datetime
) -> Link:
    """The link of a shipment that has left; made unless there is one that is open.

    Raises Conflict for one that has not left or has arrived, NotFound, Forbidden.
    """
    actor.require(*MAY_MAKE)
    order = lock_order_of_shipment(session, shipment_number)
    row = session.execute(_FIND, {"number": shipment_number}).one()
    if row.status != "shipped":
        raise Conflict(
            "not_under_way",
            N_("This shipment is not under way."),
            fix=N_("A link is for a shipment that has left and has not arrived."),
        )
    if row.mark is not None and _state(row, at) is LinkState.OPEN:
        return _link(session, row, at)
    session.execute(
        _KEEP,
        {
            "dealer_id": order.dealer_id,
            "shipment_id": row.id,
            "mark": secrets.token_urlsafe(_MARK_BYTES),
            "expires_at": at + valid,
            "at": at,
            "actor": actor.key,
            "label": actor.label,
        },
    )
    audit.record(
        session,
        DeliveryAction.LINK_MADE,
        shipment_number,
        actor=actor,
        dealer_id=order.dealer_id,
        after={"expires_at": (at + valid).isoformat()},
    )
    return _link(session, session.execute(_FIND, {"number": shipment_number}).one(), at)


def revoke_link(session: Session, *, actor: Actor, shipment_number: str, at: datetime) -> None:
    """End a link at once: nobody signs by it, and it shows no more what was signed.

    To revoke one that opens nothing changes nothing.

    Raises NotFound, Forbidden.
    """
    actor.require(*MAY_MAKE)
    order = lock_order_of_shipment(session, shipment_number)
    row = session.execute(_FIND, {"number": shipment_number}).one()
    if row.mark is None or _state(row, at) not in (LinkState.OPEN, LinkState.USED):
        return
    key = {"dealer_id": order.dealer_id, "shipment_id": row.id}
    session.execute(_REVOKE, {**key, "at": at, "label": actor.label})
    audit.record(
        session, DeliveryAction.LINK_REVOKED, shipment_number, actor=actor, dealer_id=order.dealer_id
    )


def _link(session: Session, row: Record, at: datetime) -> Link:
    state = _state(row, at)
    said: list[Any] = [row.dealer_id, row.number, row.mark]
    token = sealer_of(session).seal(_PURPOSE, said) if state is LinkState.OPEN else None
    return Link(state, token, row.expires_at, row.made_by_label, row.revoked_at)


def _state(row: Record, at: datetime) -> LinkState:
    return link_state(
        received_at=row.received_at, revoked_at=row.revoked_at, expires_at=row.expires_at, at=at
    )


_FIND = text(
    """
    SELECT s.dealer_id, s.id, s.number, s.status, s.received_at,
           k.mark, k.expires_at, k.made_by_label, k.revoked_at
      FROM shipment s
      LEFT JOIN delivery_link k ON (k.dealer_id, k.shipment_id) = (s.dealer_id, s.id)
     WHERE s.number = :number
    """
)
_KEEP = text(
    """
    INSERT INTO delivery_link (dealer_id, shipment_id, mark, expires_at, made_at, made_by, made_by_label)
    VALUES (:dealer_id, :shipment_id, :mark, :expires_at, :at, :actor, :label)
    ON CONFLICT (dealer_id, shipment_id) DO UPDATE
       SET mark = excluded.mark, expires_at = excluded.expires_at, made_at = excluded.made_at,
           made_by = excluded.made_by, made_by_label = excluded.made_by_label, revoked_at = NULL,
           revoked_by_label = NULL
    """
)
_REVOKE = text(
    "UPDATE delivery_link SET revoked_at = :at, revoked_by_label = :label"
    " WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id"
)
