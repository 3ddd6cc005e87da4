"""Messages are sent once more because somebody asks for it, and tests."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.db import rows_changed
from portal.kernel.errors import N_, Conflict, NotFound
from portal.webhooks import rules
from portal.webhooks.locked import WAKE, lock_subscription
from portal.webhooks.rules import DeliveryState
from portal.webhooks.vocabulary import WebhookAction

_TESTS_WAITING_MAX = 3


def replay_delivery(session: Session, *, actor: Actor, number: str, message_id: str, at: datetime) -> None:
    """Send a message again, under its own id. One that waits goes at once.

    Raises NotFound, Forbidden.
    """
    found = lock_subscription(session, actor, number)
    about = {"subscription_id": found.id, "message_id": message_id, "at": at}
    if not rows_changed(session, _AGAIN, about):
        raise NotFound()
    _tell(session, actor, number, {"message": message_id})


def replay_dead(session: Session, *, actor: Actor, number: str, since: datetime, at: datetime) -> int:
    """Send every message again that was given up and happened since a moment; how many.

    Raises NotFound, Forbidden.
    """
    found = lock_subscription(session, actor, number)
    count = rows_changed(session, _ALL_AGAIN, {"subscription_id": found.id, "since": since, "at": at})
    if count:
        _tell(session, actor, number, {"messages": count, "since": since.isoformat()})
    return count


def send_test(session: Session, *, actor: Actor, number: str, at: datetime) -> str:
    """Send a test, also where the subscription is paused; the id of its message.

    Raises Conflict while others wait, NotFound, Forbidden.
    """
    found = lock_subscription(session, actor, number)
    about = {"subscription_id": found.id}
    if session.execute(_TESTS, about).scalar_one() >= _TESTS_WAITING_MAX:
        raise Conflict(
            "tests_waiting", N_("Other tests are still under way."), fix=N_("Wait for their answers.")
        )
    message_id = f"msg_{uuid4().hex}"
    row = {**about, "message_id": message_id, "event": rules.TEST_EVENT, "subject": found.number, "at": at}
    session.execute(_TEST, row)
    outbox.add(session, WAKE, dealer_id=actor.dealer_id)
    return message_id


def _tell(session: Session, actor: Actor, number: str, after: dict[str, object]) -> None:
    """Somebody who asks has seen to the receiver: it need not rest any more."""
    session.execute(_RESTED, {"number": number})
    audit.record(session, WebhookAction.REPLAYED, number, actor=actor, dealer_id=actor.dealer_id, after=after)
    outbox.add(session, WAKE, dealer_id=actor.dealer_id)


_AGAIN = text(
    f"""
    UPDATE webhook_delivery SET state = '{DeliveryState.WAITING}', next_at = :at, tries = 0
     WHERE subscription_id = :subscription_id AND message_id = :message_id
    """
)
_ALL_AGAIN = text(
    f"""
    UPDATE webhook_delivery SET state = '{DeliveryState.WAITING}', next_at = :at, tries = 0
     WHERE subscription_id = :subscription_id AND state = '{DeliveryState.DEAD}' AND happened_at >= :since
       AND outbox_id IS NOT NULL
    """
)
_RESTED = text("UPDATE webhook_subscription SET rests_until = NULL WHERE number = :number")
_TESTS = text(
    """
    SELECT count(*) FROM webhook_delivery
     WHERE subscription_id = :subscription_id AND state = 'waiting' AND outbox_id IS NULL
    """
)
_TEST = text(
    """
    INSERT INTO webhook_delivery (subscription_id, message_id, event, subject, data, happened_at, next_at)
    VALUES (:subscription_id, :message_id, :event, :subject,
            jsonb_build_object('webhook', CAST(:subject AS text)), :at, :at)
    """
)
