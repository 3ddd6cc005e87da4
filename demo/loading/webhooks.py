"""Systems of two dealers and of headquarters that are told of orders and shipments.

None of them is sent anything: they are paused, or have paused themselves. What they were sent is of the last
days, and told of the documents that there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

import orjson
import psycopg

from demo.loading.keys import key
from demo.loading.rows import put
from demo.scenario import Part, Scenario
from portal.kernel.opaque import Sealer
from portal.webhooks.rules import DELAYS, DeliveryState, StopReason, SubscriptionState, new_secret
from portal.webhooks.secret import sealed

_S = SubscriptionState
_PORTAL = "https://portal.example/api/v1"


@dataclass(frozen=True, slots=True)
class _Receiver:
    """A subscription. dealer: its key, None for headquarters. since: hours ago from which nothing gets
    through.
    """

    dealer: int | None
    name: str
    url: str
    events: tuple[str, ...]
    state: SubscriptionState
    since: float
    ordered: bool = False


_RECEIVERS = (
    _Receiver(
        1,
        "ERP 订单同步",
        "https://erp.example/d0001/tonglu",
        ("order.placed", "order.shipped"),
        _S.PAUSED,
        30,
    ),
    _Receiver(
        3,
        "WMS 到货预报",
        "https://wms.example/d0003/inbound",
        ("order.shipped",),
        _S.STOPPED,
        148,
        ordered=True,
    ),
    _Receiver(
        None, "总部数据中台", "https://erp.example/hq/events", ("order.placed", "order.shipped"), _S.PAUSED, 3
    ),
)
KEPT = timedelta(days=20)
_MOST = 160  # deliveries of one receiver
_EVENTS = """
SELECT * FROM (
  SELECT 'order.placed' AS event, o.dealer_id, d.code, o.number, '' AS shipment, o.placed_at AS at
    FROM sales_order o JOIN dealer d ON d.id = o.dealer_id WHERE o.placed_at BETWEEN %(since)s AND %(now)s
  UNION ALL
  SELECT 'order.shipped', s.dealer_id, d.code, o.number, s.number, s.shipped_at
    FROM shipment s JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
    JOIN dealer d ON d.id = s.dealer_id WHERE s.shipped_at BETWEEN %(since)s AND %(now)s) e
 WHERE (%(dealer)s::bigint IS NULL OR e.dealer_id = %(dealer)s) AND e.event = ANY (%(events)s)
 ORDER BY e.at DESC, e.event, e.number, e.shipment LIMIT %(most)s
"""
_PERSON = """
SELECT 'user:' || id, display_name FROM user_account
 WHERE CASE WHEN %(dealer)s::bigint IS NULL THEN dealer_id IS NULL AND 'administrator' = ANY (roles)
            ELSE dealer_id = %(dealer)s AND 'dealer_owner' = ANY (roles) END ORDER BY id LIMIT 1
"""
_SUBSCRIPTION = (
    *("id", "dealer_id", "number", "name", "url", "events", "ordered", "secret", "state", "stop_reason"),
    *("failures", "failing_since", "created_by", "created_by_label", "created_at"),
)
_DELIVERY = (
    *("id", "subscription_id", "message_id", "outbox_id", "event", "subject", "data", "happened_at", "state"),
    *("tries", "attempts", "next_at", "last_status", "last_error", "last_at"),
)
_ATTEMPT = ("delivery_id", "attempt_no", "sent_at", "milliseconds", "status", "error", "answer")
_ANSWERS = ((500, None, "Internal Server Error"), (503, None, "try later"), (None, "timeout", ""))


def write_webhooks(connection: psycopg.Connection, scenario: Scenario) -> None:
    """The receivers with what they were sent, in the order in which it happened."""
    subscriptions: list[tuple[Any, ...]] = []
    deliveries: list[tuple[Any, ...]] = []
    attempts: list[tuple[Any, ...]] = []
    for place, one in enumerate(_RECEIVERS):
        tried = Random(f"{scenario.seed}/webhook/{place}")
        about = {
            "dealer": one.dealer,
            "events": list(one.events),
            "since": scenario.now - KEPT,
            "now": scenario.now,
            "most": _MOST,
        }
        events = connection.execute(_EVENTS, about).fetchall()[::-1]
        person = connection.execute(_PERSON, about).fetchone() or ("system", "system")
        number = connection.execute(
            "SELECT pg_temp.document_number('WH', %s::date, %s)", (scenario.today - KEPT, key(place))
        ).fetchone()
        subscriptions.append(_subscription(one, place, (number or ("",))[0], person, scenario.now))
        for event in events:
            made = _Delivery(key(len(deliveries)), key(place), one, event, scenario.now, tried)
            deliveries.append(made.row())
            attempts += made.attempts
    put(connection, "webhook_subscription", _SUBSCRIPTION, subscriptions)
    put(connection, "webhook_delivery", _DELIVERY, deliveries)
    put(connection, "webhook_attempt", _ATTEMPT, attempts)


def _subscription(
    one: _Receiver, place: int, number: str, person: tuple[Any, ...], now: datetime
) -> tuple[Any, ...]:
    """Its secret is nobody's: whoever wants to use it asks for a new one."""
    is_stopped = one.state is _S.STOPPED
    return (
        *(key(place), one.dealer, number, one.name, one.url, list(one.events), one.ordered),
        *(sealed(Sealer(), new_secret()), one.state, StopReason.FAILING if is_stopped else None),
        *(24 if is_stopped else 0, now - timedelta(hours=one.since) if is_stopped else None),
        *(*person, now - KEPT),
    )


class _Delivery:
    """An event for a receiver, and each attempt at it."""

    def __init__(
        self, number: int, of: int, one: _Receiver, event: tuple[Any, ...], now: datetime, chance: Random
    ) -> None:
        self._number, self._of, self._one, self._now, self._chance = number, of, one, now, chance
        self._event, _, self._code, self._order, self._shipment, self._at = event
        self.attempts: list[tuple[Any, ...]] = []
        self._state = self._go()

    def row(self) -> tuple[Any, ...]:
        """As it is kept."""
        last = self.attempts[-1] if self.attempts else (0, 0, None, 0, None, None, "")
        next_at = self._now + timedelta(hours=2) if self._state is DeliveryState.WAITING else None
        message = sha256(f"{self._of}/{self._event}/{self._order}/{self._shipment}".encode()).hexdigest()[:32]
        return (
            *(self._number, self._of, f"msg_{message}", -self._number, self._event, self._order),
            *(orjson.dumps(self._data()).decode(), self._at, self._state),
            *(len(self.attempts), len(self.attempts), next_at, last[4], last[5], last[2]),
        )

    def _data(self) -> dict[str, str]:
        """What the portal would have said of it."""
        said = {"number": self._order}
        path = f"/orders/{self._order}"
        if self._shipment:
            said["shipment"], path = self._shipment, f"/shipments/{self._shipment}"
        if self._one.dealer is None:
            said["dealer"] = self._code
        return {**said, "url": _PORTAL + path}

    def _go(self) -> DeliveryState:
        begins = self._now - timedelta(hours=self._one.since)
        if self._at >= begins and self._one.state is _S.PAUSED:
            return DeliveryState.WAITING  # nobody has tried
        if self._at >= begins:
            return self._fail(begins)
        if self._chance.random() < 0.04 and self._at < self._now - timedelta(days=6):
            return self._fail(begins)
        at = self._at + timedelta(seconds=self._chance.randint(1, 6))
        if self._chance.random() < 0.08:
            at = self._try(at, *self._chance.choice(_ANSWERS)) + DELAYS[0]
        self._try(at, 200, None, '{"ok":true}')
        return DeliveryState.DELIVERED

    def _fail(self, begins: datetime) -> DeliveryState:
        """Try until the last attempt, or until now."""
        at = self._at + timedelta(seconds=2)
        for delay in (*DELAYS, None):
            if at > self._now:
                return DeliveryState.WAITING
            self._try(at, *self._chance.choice(_ANSWERS))
            at += delay or timedelta()
        return DeliveryState.DEAD

    def _try(self, at: datetime, status: int | None, error: str | None, answer: str) -> datetime:
        took = self._chance.randint(40, 900) if status else 15_000
        self.attempts.append((self._number, key(len(self.attempts)), at, took, status, error, answer))
        return at


PART = Part("webhooks", write=write_webhooks)
