"""Effects of the outbox become deliveries, in the transaction that takes them out of it.

So an event is told of if, and only if, what it tells of was committed; and nobody who places an order pays
for it (docs/decisions/0070).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.fragments import on_day
from portal.kernel.manifest import Emitted
from portal.kernel.outbox import Effect
from portal.kernel.registry import registry

_MEMBER = re.compile(r"\{([a-z_]+)\}")


def publish(session: Session, effects: Sequence[Effect], *, api: str, at: datetime) -> int:
    """A delivery of each effect to every subscription that is told of it; how many are new.

    In a session that sees every dealer. To publish an effect again is harmless. api: address of the API.
    """
    emits = registry().emits
    told = [effect for effect in effects if effect.topic in emits]
    if not told or not session.execute(_ANYBODY).scalar_one():
        return 0
    events = [_event(session, effect, emits[effect.topic], api, at) for effect in told]
    about = {"events": orjson.dumps(events).decode(), "at": at}
    return len(session.execute(_DELIVER, about).all())


def _event(session: Session, effect: Effect, event: Emitted, api: str, at: datetime) -> dict[str, Any]:
    to_dealer, to_headquarters = (_data(effect, call, api) for call in event.calls)
    return {
        "outbox_id": effect.id,
        "dealer_id": effect.dealer_id,
        "event": effect.topic,
        "subject": str(effect.payload.get(event.subject, "")),
        "data": to_dealer,
        "hq_data": to_headquarters,
        "happened_at": (effect.created_at or at).astimezone(UTC).isoformat(),
        "readers": list(_readers(session, effect, event)),
    }


def _data(effect: Effect, call: str | None, api: str) -> dict[str, Any]:
    """What the effect says, and the call that tells the rest."""
    if call is None:
        return effect.payload
    path = _MEMBER.sub(lambda member: str(effect.payload.get(member[1], "")), call)
    return {**effect.payload, "url": api + path}


def _readers(session: Session, effect: Effect, event: Emitted) -> Iterable[int]:
    """Of dealers who want to be told of what is no dealer's own, those whom it is for."""
    if effect.dealer_id is not None or event.addressed is None:
        return ()
    wanting = session.execute(_WANTING, {"event": effect.topic}).scalars().all()
    return event.addressed(session, effect.payload, wanting) if wanting else ()


_ANYBODY = text("SELECT EXISTS (SELECT FROM webhook_subscription)")
_WANTING = text(
    "SELECT DISTINCT dealer_id FROM webhook_subscription"
    " WHERE dealer_id IS NOT NULL AND :event = ANY (events) ORDER BY dealer_id"
)
_DELIVER = text(
    f"""
    INSERT INTO webhook_delivery (subscription_id, message_id, outbox_id, event, subject, data, happened_at,
                                  next_at)
    SELECT s.id, 'msg_' || replace(CAST(gen_random_uuid() AS text), '-', ''), e.outbox_id, e.event, e.subject,
           CASE WHEN s.dealer_id IS NOT NULL THEN e.data
                WHEN d.id IS NULL THEN e.hq_data
                ELSE e.hq_data || jsonb_build_object('dealer', d.code) END,
           e.happened_at, :at
      FROM jsonb_to_recordset(CAST(:events AS jsonb))
           AS e(outbox_id bigint, dealer_id bigint, event text, subject text, data jsonb, hq_data jsonb,
                happened_at timestamptz, readers bigint[])
      JOIN webhook_subscription s ON e.event = ANY (s.events)
      LEFT JOIN dealer d ON d.id = e.dealer_id
     WHERE CASE WHEN s.dealer_id IS NOT NULL THEN s.dealer_id = e.dealer_id OR s.dealer_id = ANY (e.readers)
                ELSE s.region_ids IS NULL OR e.dealer_id IS NULL
                     OR EXISTS (SELECT FROM dealer_region m
                                 WHERE m.dealer_id = e.dealer_id AND m.region_id = ANY (s.region_ids)
                                   AND {on_day("m")}) END
     ORDER BY e.outbox_id, s.id
        ON CONFLICT (subscription_id, outbox_id) DO NOTHING
    RETURNING id
    """
)
