"""Subscriptions, their deliveries and attempts, for the pages and the API; each of the own only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key
from portal.webhooks import rules
from portal.webhooks.locked import require_right
from portal.webhooks.rules import DeliveryState


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A subscription. waiting, dead: messages of the days that are kept."""

    number: str
    name: str
    url: str
    events: list[str]
    ordered: bool
    state: str
    stop_reason: str | None
    failing_since: datetime | None
    former_until: datetime | None
    revision: int
    created_by_label: str
    created_at: datetime
    waiting: int
    dead: int
    last_at: datetime | None

    @property
    def host(self) -> str:
        """Whom it is sent to, without what may be a password in the address."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class StoppedSubscription:
    """A subscription that paused itself."""

    name: str
    url: str
    stop_reason: str

    @property
    def host(self) -> str:
        """Whom it was sent to."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """An event for a subscription. next_at: of one that waits."""

    id: int
    message_id: str
    event: str
    subject: str
    data: dict[str, Any]
    happened_at: datetime
    state: str
    attempts: int
    next_at: datetime | None
    last_status: int | None
    last_error: str | None
    last_at: datetime | None

    @property
    def body(self) -> str:
        """What is sent."""
        return rules.body_of(self.event, self.happened_at, self.data).decode()


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt at a delivery."""

    attempt_no: int
    sent_at: datetime
    milliseconds: int
    status: int | None
    error: str | None
    answer: str


def subscriptions(session: Session, *, actor: Actor) -> list[SubscriptionRow]:
    """The actor's subscriptions in the order of their names. Raises Forbidden."""
    require_right(actor)
    rows = session.execute(_ALL, {"dealer_id": actor.dealer_id})
    return [value_of(SubscriptionRow, row) for row in rows]


def subscription(session: Session, *, actor: Actor, number: str) -> SubscriptionRow:
    """One of the actor's subscriptions. Raises NotFound for anybody else's, Forbidden."""
    require_right(actor)
    row = session.execute(_ONE, {"dealer_id": actor.dealer_id, "number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return value_of(SubscriptionRow, row)


def deliveries(
    session: Session,
    *,
    actor: Actor,
    number: str,
    state: str = "",
    event: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[DeliveryRow]:
    """What was to be sent to a subscription, the latest first. q: part of the number of a document or of a
    message's id. Raises NotFound, Forbidden, Invalid for a foreign cursor.
    """
    sought = _sought(session, actor, number, state, event, q)
    return DELIVERIES.page(session, sought, limit=limit, cursor=cursor, sort=sort)


def count_deliveries(
    session: Session, *, actor: Actor, number: str, state: str = "", event: str = "", q: str = ""
) -> int:
    """How many deliveries `deliveries` gives, at most one more than `paging.COUNTED_MAX`."""
    return DELIVERIES.count(session, _sought(session, actor, number, state, event, q))


def delivery(
    session: Session, *, actor: Actor, number: str, message_id: str
) -> tuple[DeliveryRow, list[AttemptRow]]:
    """A message with its attempts, the first one first. Raises NotFound, Forbidden."""
    about = {"subscription_id": _id_of(session, actor, number), "message_id": message_id}
    row = session.execute(_DELIVERY, about).one_or_none()
    if row is None:
        raise NotFound()
    attempts = session.execute(_ATTEMPTS, {"delivery_id": row.id})
    return value_of(DeliveryRow, row), [value_of(AttemptRow, one) for one in attempts]


def stopped_subscription(session: Session, number: str) -> StoppedSubscription | None:
    """A subscription that paused itself, whoever's it is; None where it goes on or is gone."""
    row = session.execute(_STOPPED, {"number": number}).one_or_none()
    return None if row is None else value_of(StoppedSubscription, row)


def _sought(session: Session, actor: Actor, number: str, state: str, event: str, q: str) -> dict[str, Any]:
    return {
        "subscription_id": _id_of(session, actor, number),
        "state": state if state in list(DeliveryState) else "",
        "event": event,
        "q": q,
    }


def _id_of(session: Session, actor: Actor, number: str) -> int:
    require_right(actor)
    about = {"dealer_id": actor.dealer_id, "number": number}
    found: int | None = session.execute(_ID, about).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


_PLAIN_ID = "replace(w.message_id, '_', '')"
DELIVERIES = DocumentList(
    "webhook-deliveries",
    "w",
    "happened_at",
    DeliveryRow,
    columns="""
    w.id, w.message_id, w.event, w.subject, w.data, w.happened_at, w.state, w.attempts, w.next_at,
    w.last_status, w.last_error, w.last_at
    """,
    tables="FROM webhook_delivery w",
    conditions={
        "subscription_id": "w.subscription_id = :subscription_id",
        "state": "w.state = :state",
        "event": "w.event = :event",
        "code": f"({number_key('w.subject')} LIKE :code OR {number_key(_PLAIN_ID)} LIKE :code)",
    },
)
LATEST_FIRST = DELIVERIES.latest_first

_OWN = "dealer_id IS NOT DISTINCT FROM CAST(:dealer_id AS bigint)"
_SUBSCRIPTIONS = f"""
    SELECT s.number, s.name, s.url, s.events, s.ordered, s.state, s.stop_reason, s.failing_since,
           s.former_until, s.revision, s.created_by_label, s.created_at,
           (SELECT count(*) FROM webhook_delivery d
             WHERE d.subscription_id = s.id AND d.state = 'waiting') AS waiting,
           (SELECT count(*) FROM webhook_delivery d
             WHERE d.subscription_id = s.id AND d.state = 'dead' AND d.outbox_id IS NOT NULL) AS dead,
           (SELECT d.last_at FROM webhook_delivery d
             WHERE d.subscription_id = s.id AND d.last_at IS NOT NULL
             ORDER BY d.happened_at DESC, d.id DESC LIMIT 1) AS last_at
      FROM webhook_subscription s
     WHERE s.{_OWN}
"""
_ALL = text(f"{_SUBSCRIPTIONS} ORDER BY s.name, s.id")
_ONE = text(f"{_SUBSCRIPTIONS} AND s.number = :number")
_ID = text(f"SELECT id FROM webhook_subscription WHERE {_OWN} AND number = :number")
_DELIVERY = text(
    f"{DELIVERIES.select} WHERE w.subscription_id = :subscription_id AND w.message_id = :message_id"
)
_ATTEMPTS = text(
    """
    SELECT attempt_no, sent_at, milliseconds, status, error, answer FROM webhook_attempt
     WHERE delivery_id = :delivery_id ORDER BY attempt_no
    """
)
_STOPPED = text(
    "SELECT name, url, stop_reason FROM webhook_subscription WHERE number = :number AND state = 'stopped'"
)
