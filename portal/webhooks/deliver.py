"""What is due is taken up, and what became of each attempt is written down.

Between the two lies the sending, outside of any transaction. A worker that dies there leaves a lease that
ends, and the same message is sent again.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import outbox
from portal.kernel.actor import SYSTEM
from portal.kernel.db import rows_changed, value_of
from portal.webhooks import rules
from portal.webhooks.rules import DeliveryState, Outcome, StopReason, SubscriptionState, Tried, Verdict
from portal.webhooks.vocabulary import WebhookAction

STOPPED = "webhook.stopped"
STOPPED_HERE = "webhook.stopped_here"  # what headquarters is told of its own
"""Effect: a subscription paused itself."""
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Due:
    """A message to send now, with what its subscription says of where and how.

    dealer_id: whose subscription it is, None for headquarters'.
    """

    id: int
    subscription_id: int
    dealer_id: int | None
    message_id: str
    event: str
    data: dict[str, Any]
    happened_at: datetime
    failing: bool
    url: str
    secret: str
    former_secret: str | None
    former_until: datetime | None

    @property
    def body(self) -> bytes:
        """What is sent, the same bytes at every attempt."""
        return rules.body_of(self.event, self.happened_at, self.data)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that has ended. answer: the beginning of what was answered."""

    tried: Tried
    sent_at: datetime
    seconds: float
    answer: str = ""


def take_due(session: Session, *, at: datetime, busy: Collection[int], most: int, failing: bool) -> list[Due]:
    """The oldest message that is due of each subscription that waits for no answer, healthy ones or those
    that failed last; leased. busy: subscriptions that are left out.
    """
    about = {"at": at, "until": at + LEASE, "busy": list(busy), "most": most}
    rows = session.execute(_TAKE, {**about, "failing": failing})
    return [value_of(Due, row) for row in rows]


def take_tests(session: Session, *, at: datetime, busy: Collection[int], most: int) -> list[Due]:
    """Tests that somebody waits for, also of subscriptions that are paused; leased."""
    about = {"at": at, "until": at + LEASE, "busy": list(busy), "most": most}
    return [value_of(Due, row) for row in session.execute(_TAKE_TESTS, about)]


def note_attempt(session: Session, *, due: Due, attempt: Attempt, at: datetime) -> Outcome | None:
    """Write down an attempt and what follows; None for a message that is gone, with its subscription."""
    about = {"id": due.id, "subscription_id": due.subscription_id}
    subscription = session.execute(_SUBSCRIPTION, about).one_or_none()
    delivery = session.execute(_DELIVERY, about).one_or_none()
    if subscription is None or delivery is None or delivery.state != DeliveryState.WAITING:
        return None
    is_test = due.event == rules.TEST_EVENT
    found = rules.verdict(
        attempt.tried,
        attempts=len(rules.DELAYS) + 1 if is_test else delivery.tries + 1,
        failures=subscription.failures + 1,
        at=at,
        chance=random.random(),
    )
    _write_attempt(session, due, attempt, delivery.attempts + 1)
    _write_delivery(session, due, attempt, found)
    if not is_test:
        _write_subscription(session, due, found, subscription, at)
    return found.outcome


def has_due(session: Session, *, at: datetime) -> bool:
    """Whether anything may be sent now."""
    found: bool = session.execute(_ANYTHING, {"at": at}).scalar_one()
    return found


def sweep_deliveries(session: Session, *, at: datetime) -> int:
    """Forget deliveries whose time is over, sent or not; how many."""
    return rows_changed(session, _SWEEP, {"before": at - rules.KEPT})


def _write_attempt(session: Session, due: Due, attempt: Attempt, attempt_no: int) -> None:
    row = {
        "delivery_id": due.id,
        "attempt_no": attempt_no,
        "sent_at": attempt.sent_at,
        "milliseconds": round(attempt.seconds * 1000),
        "status": attempt.tried.status,
        "error": attempt.tried.error if attempt.tried.status is None else None,
        "answer": attempt.answer,
    }
    session.execute(_ATTEMPT, row)


def _write_delivery(session: Session, due: Due, attempt: Attempt, found: Verdict) -> None:
    states = {Outcome.DELIVERED: DeliveryState.DELIVERED, Outcome.AGAIN: DeliveryState.WAITING}
    row = {
        "id": due.id,
        "state": str(states.get(found.outcome, DeliveryState.DEAD)),
        "next_at": found.next_at,
        "status": attempt.tried.status,
        "error": attempt.tried.error or None,
        "sent_at": attempt.sent_at,
    }
    session.execute(_GO_ON, row)


def _write_subscription(session: Session, due: Due, found: Verdict, subscription: Any, at: datetime) -> None:
    about = {"id": due.subscription_id}
    if found.outcome is Outcome.DELIVERED:
        if subscription.failures:
            session.execute(_WELL, about)
        return
    failing_since = subscription.failing_since or at
    session.execute(_FAILED, {**about, "since": failing_since, "rests_until": found.rests_until})
    if subscription.state != SubscriptionState.ACTIVE:
        return
    if found.outcome is Outcome.GONE:
        _stop(session, due, subscription, StopReason.GONE)
    elif at - failing_since >= rules.PAUSED_AFTER:
        _stop(session, due, subscription, StopReason.FAILING)


def _stop(session: Session, due: Due, subscription: Any, reason: StopReason) -> None:
    session.execute(_STOP, {"id": due.subscription_id, "reason": str(reason)})
    audit.record(
        session,
        WebhookAction.STOPPED,
        subscription.number,
        actor=SYSTEM,
        dealer_id=subscription.dealer_id,
        before={"state": subscription.state},
        after={"state": str(SubscriptionState.STOPPED), "reason": str(reason)},
    )
    outbox.add(session, STOPPED, dealer_id=subscription.dealer_id, number=subscription.number)


_TAKEN = """
    UPDATE webhook_delivery w SET leased_until = :until
      FROM due, webhook_subscription s
     WHERE w.id = due.id AND s.id = w.subscription_id
       AND w.state = 'waiting' AND coalesce(w.leased_until <= :at, true)
    RETURNING w.id, w.subscription_id, s.dealer_id, w.message_id, w.event, w.data, w.happened_at,
              s.failures > 0 AS failing, s.url, s.secret, s.former_secret, s.former_until
"""
_NOBODY_SENDS = """
    s.id <> ALL (CAST(:busy AS bigint[]))
    AND NOT EXISTS (SELECT FROM webhook_delivery l WHERE l.subscription_id = s.id AND l.leased_until > :at)
"""

# Of an ordered subscription the first that waits of each document; one that is dead holds up nobody. Chance
# picks among subscriptions: by age, those with a long backlog would always come first.
_TAKE = text(
    f"""
    WITH due AS (
      SELECT d.id
        FROM webhook_subscription s
       CROSS JOIN LATERAL (
             SELECT d.id FROM webhook_delivery d
              WHERE d.subscription_id = s.id AND d.state = 'waiting' AND d.next_at <= :at
                AND d.outbox_id IS NOT NULL
                AND (NOT s.ordered
                     OR NOT EXISTS (SELECT FROM webhook_delivery e
                                     WHERE e.subscription_id = s.id AND e.subject = d.subject
                                       AND e.state = 'waiting' AND e.id < d.id AND e.outbox_id IS NOT NULL))
              ORDER BY d.next_at, d.id LIMIT 1) d
       WHERE s.state = 'active' AND (s.failures > 0) = :failing AND coalesce(s.rests_until <= :at, true)
         AND {_NOBODY_SENDS}
       ORDER BY random() LIMIT :most
         FOR UPDATE OF s SKIP LOCKED
    )
    {_TAKEN}
    """
)
_TAKE_TESTS = text(
    f"""
    WITH due AS (
      SELECT d.id
        FROM webhook_delivery d JOIN webhook_subscription s ON s.id = d.subscription_id
       WHERE d.state = 'waiting' AND d.outbox_id IS NULL AND d.next_at <= :at AND {_NOBODY_SENDS}
       ORDER BY d.next_at, d.id LIMIT :most
         FOR UPDATE OF s SKIP LOCKED
    )
    {_TAKEN}
    """
)
_SUBSCRIPTION = text(
    """
    SELECT id, dealer_id, number, state, failures, failing_since FROM webhook_subscription
     WHERE id = :subscription_id FOR UPDATE
    """
)
_DELIVERY = text("SELECT state, tries, attempts FROM webhook_delivery WHERE id = :id FOR UPDATE")
_ATTEMPT = text(
    """
    INSERT INTO webhook_attempt (delivery_id, attempt_no, sent_at, milliseconds, status, error, answer)
    VALUES (:delivery_id, :attempt_no, :sent_at, :milliseconds, :status, :error, :answer)
    """
)
_GO_ON = text(
    """
    UPDATE webhook_delivery
       SET state = :state, next_at = CAST(:next_at AS timestamptz), leased_until = NULL, tries = tries + 1,
           attempts = attempts + 1, last_status = :status, last_error = :error, last_at = :sent_at
     WHERE id = :id
    """
)
_WELL = text(
    "UPDATE webhook_subscription SET failures = 0, failing_since = NULL, rests_until = NULL WHERE id = :id"
)
_FAILED = text(
    """
    UPDATE webhook_subscription
       SET failures = failures + 1, failing_since = :since, rests_until = CAST(:rests_until AS timestamptz)
     WHERE id = :id
    """
)
_STOP = text("UPDATE webhook_subscription SET state = 'stopped', stop_reason = :reason WHERE id = :id")
_ANYTHING = text(
    """
    SELECT EXISTS (SELECT FROM webhook_subscription s
                    WHERE EXISTS (SELECT FROM webhook_delivery d
                                   WHERE d.subscription_id = s.id AND d.state = 'waiting'
                                     AND d.next_at <= :at
                                     AND (d.outbox_id IS NULL
                                          OR (s.state = 'active' AND coalesce(s.rests_until <= :at, true)))))
    """
)
_SWEEP = text(
    """
    DELETE FROM webhook_delivery
     WHERE id IN (SELECT id FROM webhook_delivery WHERE happened_at < :before
                   ORDER BY id FOR UPDATE SKIP LOCKED)
    """
)
