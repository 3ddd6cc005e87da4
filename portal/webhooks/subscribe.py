"""Subscriptions are made, changed, paused and removed; secrets are changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import numbering, outbox
from portal.kernel.actor import Actor
from portal.kernel.db import sealer_of
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid
from portal.kernel.manifest import Emitted
from portal.kernel.registry import registry
from portal.webhooks import rules
from portal.webhooks.locked import WAKE, LockedSubscription, lock_subscription, require_right
from portal.webhooks.receiver_address import url_faults
from portal.webhooks.rules import SubscriptionState
from portal.webhooks.secret import sealed
from portal.webhooks.vocabulary import WebhookAction


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a subscription says. ordered: events of one document are sent one after the other."""

    name: str
    url: str
    events: Sequence[str]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Secret:
    """A new secret of a subscription, which is shown once."""

    number: str
    secret: str = field(repr=False)


def events_for(actor: Actor) -> Mapping[str, Emitted]:
    """The events that an actor may be told of: a dealer's, those whose documents it may read."""
    emits = registry().emits
    if actor.is_staff:
        return emits
    return {name: event for name, event in emits.items() if any(map(actor.may, event.rights))}


def subscribe(
    session: Session, *, actor: Actor, wanted: Wanted, plain: bool, today: date, at: datetime
) -> Secret:
    """Be told of events from now on. plain: whether http will do. Raises Invalid with every fault, Conflict
    for too many, Forbidden.
    """
    require_right(actor)
    wanted = _cleaned(wanted)
    if faults := _faults(wanted, actor, plain):
        raise Invalid(faults=faults)
    owner = {"dealer_id": actor.dealer_id}
    if session.execute(_COUNT, owner).scalar_one() >= rules.OF_ONE_OWNER_MAX:
        raise Conflict(
            "too_many_webhooks",
            N_("There are %(max)s webhooks already."),
            fix=N_("Remove one that is not used any more."),
            max=rules.OF_ONE_OWNER_MAX,
        )
    secret, number = rules.new_secret(), numbering.new_number("WH", today)
    row = {
        **owner,
        "number": number,
        "region_ids": None if actor.region_ids is None or not actor.is_staff else list(actor.region_ids),
        **_columns(wanted),
        "secret": sealed(sealer_of(session), secret),
        "actor": actor.key,
        "label": actor.label,
        "at": at,
    }
    session.execute(_INSERT, row)
    _record(session, WebhookAction.CREATED, number, actor, after=_said(wanted))
    return Secret(number, secret)


def change_subscription(
    session: Session, *, actor: Actor, number: str, revision: int | None, wanted: Wanted, plain: bool
) -> None:
    """Say anew what a subscription is told of, and where. revision: as it was read, None for as it is.

    Raises Invalid with every fault, Conflict for an overtaken revision, NotFound, Forbidden.
    """
    found = _current(session, actor, number, revision)
    wanted = _cleaned(wanted)
    known = dict.fromkeys(found.events) | dict(events_for(actor))  # what was chosen may stay
    if faults := _faults(wanted, actor, plain, known):
        raise Invalid(faults=faults)
    if wanted.url != found.url:
        _require_readable(actor, found)
    before = Wanted(found.name, found.url, found.events, found.ordered)
    if wanted == before:
        return
    session.execute(_CHANGE, {"id": found.id, **_columns(wanted), "moved": wanted.url != found.url})
    _record(session, WebhookAction.CHANGED, number, actor, before=_said(before), after=_said(wanted))


def pause_subscription(
    session: Session, *, actor: Actor, number: str, paused: bool, revision: int | None = None
) -> None:
    """Send nothing for a while, or go on with what has waited. Twice is harmless. Raises NotFound,
    Forbidden.
    """
    found = _current(session, actor, number, revision)
    state = SubscriptionState.PAUSED if paused else SubscriptionState.ACTIVE
    if found.state == state or (paused and found.state == SubscriptionState.STOPPED):
        return
    session.execute(_PAUSE, {"id": found.id, "state": str(state)})
    _record(
        session,
        WebhookAction.CHANGED,
        number,
        actor,
        before={"state": found.state},
        after={"state": str(state)},
    )
    if not paused:
        outbox.add(session, WAKE, dealer_id=actor.dealer_id)


def rotate_secret(session: Session, *, actor: Actor, number: str, at: datetime) -> Secret:
    """A new secret; the one before it signs too for a day. Raises NotFound, Forbidden."""
    found = lock_subscription(session, actor, number)
    _require_readable(actor, found)
    secret = rules.new_secret()
    session.execute(
        _ROTATE,
        {
            "id": found.id,
            "secret": sealed(sealer_of(session), secret),
            "until": at + rules.BOTH_SECRETS,
        },
    )
    _record(session, WebhookAction.ROTATED, number, actor)
    return Secret(number, secret)


def remove_subscription(session: Session, *, actor: Actor, number: str) -> None:
    """Tell it of nothing any more; what was sent is forgotten. Raises NotFound, Forbidden."""
    found = lock_subscription(session, actor, number)
    session.execute(_REMOVE, {"id": found.id})
    said = _said(Wanted(found.name, found.url, found.events, found.ordered))
    _record(session, WebhookAction.REMOVED, number, actor, before=said)


def _require_readable(actor: Actor, found: LockedSubscription) -> None:
    """Nobody has sent elsewhere what it may not read itself."""
    if not set(found.events) <= events_for(actor).keys():
        raise Forbidden(
            "events_not_readable",
            N_("This webhook tells of events that you may not read."),
            fix=N_("Ask somebody who may."),
        )


def _current(session: Session, actor: Actor, number: str, revision: int | None) -> LockedSubscription:
    found = lock_subscription(session, actor, number)
    if revision is not None and revision != found.revision:
        raise Conflict(
            "overtaken", N_("Somebody changed this meanwhile."), fix=N_("Look at it as it is now.")
        )
    return found


def _cleaned(wanted: Wanted) -> Wanted:
    events = list(dict.fromkeys(wanted.events))
    return Wanted(wanted.name.replace("\u3000", " ").strip(), wanted.url.strip(), events, wanted.ordered)


def _faults(
    wanted: Wanted, actor: Actor, plain: bool, known: Mapping[str, object] | None = None
) -> list[Fault]:
    return [
        *rules.name_faults(wanted.name),
        *url_faults(wanted.url, plain=plain),
        *rules.event_faults(wanted.events, events_for(actor) if known is None else known),
    ]


def _columns(wanted: Wanted) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "url": wanted.url,
        "events": list(wanted.events),
        "ordered": wanted.ordered,
    }


def _said(wanted: Wanted) -> dict[str, Any]:
    """As the audit tells it: a query may hold a password of the receiver."""
    return {**_columns(wanted), "url": wanted.url.partition("?")[0]}


def _record(
    session: Session,
    action: WebhookAction,
    number: str,
    actor: Actor,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    audit.record(session, action, number, actor=actor, dealer_id=actor.dealer_id, before=before, after=after)


_COUNT = text(
    "SELECT count(*) FROM webhook_subscription"
    " WHERE dealer_id IS NOT DISTINCT FROM CAST(:dealer_id AS bigint)"
)
_INSERT = text(
    """
    INSERT INTO webhook_subscription (dealer_id, number, region_ids, name, url, events, ordered, secret,
                                      created_by, created_by_label, created_at)
    VALUES (CAST(:dealer_id AS bigint), :number, CAST(:region_ids AS bigint[]), :name, :url, :events,
            :ordered, :secret, :actor, :label, :at)
    """
)
_CHANGE = text(
    """
    UPDATE webhook_subscription
       SET name = :name, url = :url, events = :events, ordered = :ordered, revision = revision + 1,
           failures = CASE WHEN :moved THEN 0 ELSE failures END,
           failing_since = CASE WHEN :moved THEN NULL ELSE failing_since END,
           rests_until = CASE WHEN :moved THEN NULL ELSE rests_until END
     WHERE id = :id
    """
)
_PAUSE = text(
    """
    UPDATE webhook_subscription
       SET state = :state, stop_reason = NULL, failures = 0, failing_since = NULL, rests_until = NULL,
           revision = revision + 1
     WHERE id = :id
    """
)
_ROTATE = text(
    """
    UPDATE webhook_subscription
       SET former_secret = secret, former_until = :until, secret = :secret, revision = revision + 1
     WHERE id = :id
    """
)
_REMOVE = text("DELETE FROM webhook_subscription WHERE id = :id")
