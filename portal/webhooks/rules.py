"""How a message is signed, when it is sent again, and what an answer means. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Final

from portal.kernel.errors import N_, Fault

TEST_EVENT = "webhook.test"
SECRET_PREFIX = "whsec_"
NAME_MAX = 100
OF_ONE_OWNER_MAX = 20
"""Subscriptions of one dealer, and of headquarters."""
TIMEOUT = 15.0  # seconds for an answer
ANSWER_MAX = 2048  # bytes that are kept of it
BOTH_SECRETS = timedelta(hours=24)
PAUSED_AFTER = timedelta(days=5)
KEPT = timedelta(days=30)

# After the first attempt, as Standard Webhooks proposes: three days and a little.
DELAYS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
_RETRY_AFTER_MAX = timedelta(hours=24)
_REST_MAX = timedelta(minutes=5)
_JITTER = 0.2  # of the delay, later


class SubscriptionState(StrEnum):
    """Whether a subscription is sent its events; what it is not sent waits."""

    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"  # paused by itself


class StopReason(StrEnum):
    """Why a subscription paused itself."""

    FAILING = "failing"
    GONE = "gone"


class DeliveryState(StrEnum):
    """What became of an event for one subscription."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class Outcome(StrEnum):
    """What an attempt led to."""

    DELIVERED = "delivered"
    AGAIN = "again"
    DEAD = "dead"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt. status: None where no answer came; then error says why."""

    status: int | None
    error: str = ""
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows of an attempt. next_at: when the event is sent again. rests_until: nothing else is sent
    to the receiver before.
    """

    outcome: Outcome
    next_at: datetime | None = None
    rests_until: datetime | None = None


def new_secret() -> str:
    """A secret as Standard Webhooks writes it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, message_id: str, sent_at: int, body: bytes) -> str:
    """The symmetric signature of Standard Webhooks. sent_at: seconds since 1970."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = hmac.digest(key, f"{message_id}.{sent_at}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(signed).decode()


def headers(secrets_: Sequence[str], message_id: str, sent_at: datetime, body: bytes) -> dict[str, str]:
    """What is sent before a body; a signature by each secret that is good now."""
    seconds = int(sent_at.timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": "Tonglu-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(signature(one, message_id, seconds, body) for one in secrets_),
    }


def body_of(event: str, happened_at: datetime, data: Mapping[str, Any]) -> bytes:
    """What is sent; the same bytes each time."""
    moment = happened_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    said = {"type": event, "timestamp": moment, "data": dict(data)}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def verdict(tried: Tried, *, attempts: int, failures: int, at: datetime, chance: float) -> Verdict:
    """What an attempt leads to.

    attempts: of this event, with this one. failures: of the subscription one after the other, with this one.
    chance: from 0 to 1, spreads what failed together.
    """
    if tried.status is not None and 200 <= tried.status < 300:
        return Verdict(Outcome.DELIVERED)
    if tried.status == 410:
        return Verdict(Outcome.GONE)
    rest = min(DELAYS[0] * 2 ** min(failures - 1, 10), _REST_MAX)
    asked = _retry_after(tried, at)
    if asked:
        rest = max(rest, min(asked, DELAYS[3]))
    if attempts > len(DELAYS):
        return Verdict(Outcome.DEAD, rests_until=at + rest)
    delay = max(DELAYS[attempts - 1] * (1 + _JITTER * chance), asked)
    return Verdict(Outcome.AGAIN, at + delay, at + rest)


def _retry_after(tried: Tried, at: datetime) -> timedelta:
    """How long a receiver asks to be left alone, within a day."""
    said = (tried.headers or {}).get("retry-after", "").strip()
    if tried.status not in (429, 503) or not said:
        return timedelta()
    if said.isascii() and said.isdigit():
        asked = timedelta(seconds=min(int(said[:9]), 10**6))
    else:
        try:
            moment = parsedate_to_datetime(said)
        except ValueError:
            return timedelta()
        asked = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - at
    return min(max(asked, timedelta()), _RETRY_AFTER_MAX)


def name_faults(name: str) -> list[Fault]:
    """What is wrong with what somebody calls a subscription."""
    if not name:
        return [Fault("/name", "required", N_("Enter a name."))]
    if len(name) > NAME_MAX or not name.isprintable():
        message = N_("At most %(max)s printable characters.")
        return [Fault("/name", "name", message, params={"max": NAME_MAX})]
    return []


def event_faults(events: Sequence[str], known: Mapping[str, object]) -> list[Fault]:
    """What is wrong with the choice of events."""
    if not events:
        return [Fault("/events", "required", N_("Choose at least one event."))]
    return [
        Fault(
            f"/events/{place}",
            "unknown_event",
            N_("There is no event %(event)s, or you may not read what it tells of."),
            N_("Choose from the list."),
            {"event": event[:60]},
        )
        for place, event in enumerate(events)
        if event not in known
    ]
