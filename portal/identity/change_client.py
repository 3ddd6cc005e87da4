"""API clients are changed, given another secret, and revoked by who owns them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.client_rules import OVERLAP_MAX, Method
from portal.identity.create_client import NewClient, Wanted, read_wanted, require_keeper, told
from portal.identity.credentials import hash_secret, new_secret
from portal.identity.models import ApiClient
from portal.identity.vocabulary import IdentityAction
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid, NotFound


def change_client(
    session: Session, *, actor: Actor, client_id: str, revision: int | None, wanted: Wanted
) -> None:
    """Say anew what a client is called, what it may do and from where; and other keys of one that has keys.

    revision: as it was read, None for as it is. Other keys end what was got by the ones before. Needs a
    session as `create_client`. Raises Invalid with every fault, Conflict, NotFound, Forbidden.
    """
    require_keeper(actor)
    found = _lock(session, actor, client_id)
    _require_current(found, revision)
    read = read_wanted(wanted, actor, found.dealer_id)
    faults = list(read.faults)
    if read.has_keys != (found.method == Method.PRIVATE_KEY):
        message = N_("A client keeps the way in which it proves itself.")
        faults.append(Fault("/jwks", "method", message, N_("Create another client and revoke this one.")))
    if faults:
        raise Invalid(faults=faults)
    before = {name: getattr(found, name) for name in (*read.columns, *read.proof)}
    after = {**read.columns, **read.proof}
    if before == after:
        return
    has_other_keys = (found.keys, found.keys_url) != (read.proof["keys"], read.proof["keys_url"])
    generation = found.generation + 1 if has_other_keys else found.generation
    _write(session, found, **after, generation=generation)
    was = told({name: before[name] for name in read.columns}, {name: before[name] for name in read.proof})
    _record(session, IdentityAction.CLIENT_CHANGED, found, actor, was, told(read.columns, read.proof))


def rotate_secret(
    session: Session, *, actor: Actor, client_id: str, overlap: timedelta, at: datetime
) -> NewClient:
    """Another secret; the one before it is good for `overlap`, and what was got by it as long.

    Needs a session as `create_client`. Raises Invalid, Conflict for a client without a secret, NotFound,
    Forbidden.
    """
    require_keeper(actor)
    found = _lock(session, actor, client_id)
    if found.method != Method.SECRET:
        raise Conflict(
            "no_secret",
            N_("This client proves itself by a key."),
            fix=N_("Change its public keys instead."),
        )
    if not timedelta(0) <= overlap <= OVERLAP_MAX:
        message = N_("Both secrets are good for %(days)s days at most.")
        raise Invalid(faults=[Fault("/overlap_hours", "overlap", message, params={"days": OVERLAP_MAX.days})])
    secret, until = new_secret(), at + overlap if overlap else None
    _write(
        session,
        found,
        secret_hash=hash_secret(secret),
        former_secret_hash=found.secret_hash if until else None,
        former_secret_until=until,
        secret_made_at=at,
        generation=found.generation + 1,
    )
    told_until = {"former_until": until.isoformat() if until else None}
    _record(session, IdentityAction.CLIENT_ROTATED, found, actor, None, told_until)
    return NewClient(found.id, found.client_id, secret)


def end_former_secret(session: Session, *, actor: Actor, client_id: str) -> None:
    """The secret before this one is good no more, nor what was got by it. Twice is harmless.

    Needs a session as `create_client`. Raises NotFound, Forbidden.
    """
    require_keeper(actor)
    found = _lock(session, actor, client_id)
    if found.former_secret_hash is None:
        return
    _write(session, found, former_secret_hash=None, former_secret_until=None)
    _record(session, IdentityAction.CLIENT_ROTATED, found, actor, None, {"former_until": None})


def revoke_client(session: Session, *, actor: Actor, client_id: str, at: datetime) -> None:
    """It comes in no more, for good; what it holds is refused within seconds.

    Needs a session as `create_client`. Raises NotFound, also for one that was revoked, and Forbidden.
    """
    require_keeper(actor)
    found = _lock(session, actor, client_id, is_given_more=False)
    _write(session, found, disabled_at=at)
    _record(
        session, IdentityAction.CLIENT_REVOKED, found, actor, {"client": found.client_id}, {"revoked": True}
    )


def _lock(session: Session, actor: Actor, client_id: str, *, is_given_more: bool = True) -> Record:
    """The client, its row locked. Raises NotFound for one that is not in the session's scope."""
    found = session.execute(
        select(ApiClient.__table__)
        .where(ApiClient.client_id == client_id, ApiClient.disabled_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if found is None or (not actor.is_staff and found.dealer_id != actor.dealer_id):
        raise NotFound()
    if is_given_more and actor.client_id is not None and not actor.rights.issuperset(found.scopes):
        raise Forbidden(
            "scopes_not_held",
            N_("A program looks after no client that may do more than itself."),
            fix=N_("Ask a person."),
        )
    return found


def _require_current(found: Record, revision: int | None) -> None:
    if revision is not None and revision != found.revision:
        raise Conflict(
            "overtaken", N_("Somebody changed this meanwhile."), fix=N_("Look at it as it is now.")
        )


def _write(session: Session, found: Record, **columns: Any) -> None:
    session.execute(
        update(ApiClient).where(ApiClient.id == found.id).values(**columns, revision=found.revision + 1)
    )


def _record(
    session: Session,
    action: IdentityAction,
    found: Record,
    actor: Actor,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    record(
        session,
        action,
        f"client:{found.id}",
        actor=actor,
        dealer_id=found.dealer_id,
        before=before,
        after=after,
    )
