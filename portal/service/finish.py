"""A request is resolved, closed, reopened, taken back, rated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Forbidden, Invalid
from portal.service.converse import answered
from portal.service.entries import Entry, add_entry
from portal.service.locked import LockedRequest, lock_request, moved, reckoned, save, timed
from portal.service.rules import (
    TEXT_MAX,
    Act,
    EntryKind,
    RequestState,
    may_reopen,
    plain_text,
    rating_faults,
    text_faults,
)
from portal.service.told import ANSWERED, SAID, tell
from portal.service.vocabulary import STAFF, ServiceAction, ServiceRight
from portal.workdays.queries import calendar


def resolve(
    session: Session, *, actor: Actor, number: str, text: str, files: Sequence[str] = (), at: datetime
) -> RequestState:
    """Headquarters says what solves it.

    Raises Invalid without a word, Conflict for what is not open, NotFound, Forbidden.
    """
    actor.require(*STAFF)
    if faults := text_faults("/text", text, most=TEXT_MAX, in_lines=True):
        raise Invalid(faults=faults)
    request = lock_request(session, number)
    return resolve_locked(session, request, actor=actor, text=text, files=files, at=at)


def resolve_locked(
    session: Session,
    request: LockedRequest,
    *,
    actor: Actor,
    text: str,
    files: Sequence[str] = (),
    at: datetime,
) -> RequestState:
    """Resolve a locked request. Raises Conflict for what is not open."""
    state = moved(request, Act.RESOLVE)
    entry = Entry(EntryKind.RESOLVED, ServiceAction.RESOLVED, text, files)
    add_entry(session, request, entry, actor=actor, at=at)
    done = replace(
        timed(session, request, state=state, at=at),
        resolved_at=at,
        resolved_by_label=actor.label,
        resolution=plain_text(text),
    )
    save(session, answered(session, done, actor, at), at=at)
    tell(session, ANSWERED, request)
    return state


def close(session: Session, *, actor: Actor, number: str, at: datetime) -> RequestState:
    """The dealer is content with what was resolved.

    Raises Conflict for anything else, NotFound, Forbidden.
    """
    _require_dealer(actor)
    request = lock_request(session, number)
    return close_locked(session, request, actor=actor, at=at)


def reopen(
    session: Session,
    *,
    actor: Actor,
    number: str,
    text: str,
    files: Sequence[str] = (),
    days: int,
    at: datetime,
) -> RequestState:
    """It is not solved after all; the clock of its resolution begins anew.

    days: how long after its resolution that can be said. Raises Invalid without a word, Conflict for what is
    open, or was over for longer, NotFound, Forbidden.
    """
    if actor.is_staff:
        actor.require(ServiceRight.DESK)
    else:
        actor.require(ServiceRight.WRITE)
    if faults := text_faults("/text", text, most=TEXT_MAX, in_lines=True):
        raise Invalid(faults=faults)
    request = lock_request(session, number)
    state = moved(request, Act.REOPEN)
    if not may_reopen(request.resolved_at, at, days):
        raise Conflict(
            "too_late_to_reopen",
            N_("This was resolved more than %(days)s days ago."),
            fix=N_("Open a new request, and name this one in it."),
            days=days,
        )
    entry = Entry(EntryKind.REOPENED, ServiceAction.REOPENED, text, files)
    add_entry(session, request, entry, actor=actor, at=at)
    again = replace(request, reopenings=request.reopenings + 1, since=at, stood_minutes=0, ended_at=None)
    again = reckoned(calendar(session), again)
    tell(session, SAID, request)
    return save(session, replace(again, state=state), at=at)


def cancel(session: Session, *, actor: Actor, number: str, at: datetime) -> RequestState:
    """The dealer takes it back. Raises Conflict for what is not open any more, NotFound, Forbidden."""
    _require_dealer(actor)
    request = lock_request(session, number)
    state = moved(request, Act.CANCEL)
    entry = Entry(EntryKind.CANCELLED, ServiceAction.CANCELLED)
    add_entry(session, request, entry, actor=actor, at=at)
    save(session, replace(timed(session, request, state=state, at=at), ended_at=at), at=at)
    tell(session, SAID, request)
    return state


def rate(session: Session, *, actor: Actor, number: str, stars: int, text: str = "", at: datetime) -> None:
    """The dealer says once how content it is.

    Raises Invalid, Conflict before it is resolved or when it is rated, NotFound, Forbidden.
    """
    _require_dealer(actor)
    if faults := rating_faults(stars, text):
        raise Invalid(faults=faults)
    request = lock_request(session, number)
    moved(request, Act.RATE)
    if request.rating is not None:
        raise Conflict("rated", N_("This request is rated already."))
    details = {"stars": stars}
    add_entry(
        session,
        request,
        Entry(EntryKind.RATED, ServiceAction.RATED, text, details=details),
        actor=actor,
        at=at,
    )
    save(session, replace(request, rating=stars, rating_text=plain_text(text), rated_at=at), at=at)


def close_locked(session: Session, request: LockedRequest, *, actor: Actor, at: datetime) -> RequestState:
    """Close a locked request. Raises Conflict for what is not resolved."""
    state = moved(request, Act.CLOSE)
    add_entry(session, request, Entry(EntryKind.CLOSED, ServiceAction.CLOSED), actor=actor, at=at)
    save(session, replace(request, state=state, ended_at=at), at=at)
    return state


def _require_dealer(actor: Actor) -> None:
    if actor.is_staff:
        raise Forbidden("dealer_only", N_("Only the dealer says this of its request."))
    actor.require(ServiceRight.WRITE)
