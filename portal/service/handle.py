"""Headquarters takes a request, gives it to somebody, sorts it anew, puts two together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.identity.colleagues import Colleague, colleagues
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Fault, Forbidden, Invalid
from portal.service.entries import Entry, add_entry
from portal.service.locked import LockedRequest, lock_request, lock_requests, moved, reckoned, save, timed
from portal.service.rules import (
    HELD,
    Act,
    EntryKind,
    RequestState,
    ServiceKind,
    Severity,
    require_free,
)
from portal.service.targets import target_of
from portal.service.told import ASSIGNED, tell
from portal.service.vocabulary import STAFF, ServiceAction, ServiceRight
from portal.workdays.queries import calendar


def take(session: Session, *, actor: Actor, number: str, at: datetime) -> RequestState:
    """Take a request that nobody works on. Raises Conflict where somebody does, NotFound, Forbidden."""
    actor.require(*STAFF)
    if actor.user_id is None:
        raise Forbidden("person_needed", N_("Only a person who signed in takes a request."))
    request = lock_request(session, number)
    state = moved(request, Act.TAKE)
    entry = Entry(EntryKind.TAKEN, ServiceAction.TAKEN, details={"to": actor.label})
    add_entry(session, request, entry, actor=actor, at=at)
    mine = replace(request, assignee_id=actor.user_id, assignee_label=actor.label)
    save(session, replace(mine, state=state), at=at)
    return state


def assign(
    session: Session,
    *,
    actor: Actor,
    number: str,
    user_id: int,
    revision: int | None = None,
    at: datetime,
) -> RequestState:
    """Give a request to somebody who serves.

    Raises Invalid for who does not, or not this dealer; Conflict, NotFound, Forbidden.
    """
    actor.require(ServiceRight.DESK)
    request = lock_request(session, number)
    moved(request, Act.ASSIGN, revision)
    person = next((one for one in who_can(session, request.region_id) if one.user_id == user_id), None)
    if person is None:
        message, fix = N_("This person does not serve this dealer."), N_("Choose one from the list.")
        raise Invalid(faults=[Fault("/assignee", "not_serving", message, fix)])
    return give(session, request, person, actor=actor, at=at)


def give(
    session: Session,
    request: LockedRequest,
    person: Colleague,
    *,
    lead_id: int | None = None,
    actor: Actor,
    at: datetime,
) -> RequestState:
    """Give a locked request to somebody. Raises Conflict for what is over."""
    state = moved(request, Act.ASSIGN)
    entry = Entry(EntryKind.ASSIGNED, ServiceAction.ASSIGNED, details={"to": person.name})
    add_entry(session, request, entry, actor=actor, at=at)
    given = replace(
        request, assignee_id=person.user_id, assignee_label=person.name, lead_id=lead_id or request.lead_id
    )
    save(session, replace(given, state=state), at=at)
    tell(session, ASSIGNED, request)
    return state


def sort_anew(
    session: Session,
    *,
    actor: Actor,
    number: str,
    kind: str,
    severity: str,
    revision: int | None = None,
    today: date,
    at: datetime,
) -> None:
    """Another kind or severity: its targets count from the beginning, but for the time that it waited.

    Raises Invalid, Conflict for what is not open, NotFound, Forbidden.
    """
    actor.require(ServiceRight.DESK)
    request = lock_request(session, number)
    faults = []
    if kind not in list(ServiceKind):
        faults.append(
            Fault("/kind", "unknown_kind", N_("Say what you need."), N_("Choose one from the list."))
        )
    if severity not in list(Severity):
        message, fix = N_("There is no such severity."), N_("Choose one from the list.")
        faults.append(Fault("/severity", "unknown_severity", message, fix))
    if faults:
        raise Invalid(faults=faults)
    moved(request, Act.SORT, revision)
    new = replace(request, kind=ServiceKind(kind), severity=Severity(severity))
    if new.kind is not request.kind:
        require_free(is_held=request.is_held)
        new = replace(new, is_held=new.kind in HELD)
    if (new.kind, new.severity) == (request.kind, request.severity):
        return
    target = target_of(session, new.kind, new.severity, today)
    new = replace(
        new,
        first_answer_minutes=target.first_answer_minutes,
        resolution_minutes=target.resolution_minutes,
    )
    details = {"kind": kind, "severity": severity}
    entry = Entry(EntryKind.SORTED, ServiceAction.SORTED, details=details)
    add_entry(session, request, entry, actor=actor, at=at)
    save(session, reckoned(calendar(session), new), at=at)


def merge(session: Session, *, actor: Actor, number: str, into: str, at: datetime) -> None:
    """Go on with a request in another one of the same dealer, which shows its conversation.

    Raises Invalid for itself, or one of another dealer, Conflict unless both are open, NotFound, Forbidden.
    """
    actor.require(ServiceRight.DESK)
    into = into.strip()
    if number == into:
        message, fix = N_("A request does not go on in itself."), N_("Name another one.")
        raise Invalid(faults=[Fault("/into", "itself", message, fix)])
    _require_one_dealer(session, number, into)
    request, target = lock_requests(session, [number, into])
    state = moved(request, Act.MERGE)
    moved(target, Act.TAKE_IN)
    gone = replace(timed(session, request, state=state, at=at), ended_at=at, merged_into=target.id)
    details: dict[str, Any] = {"into": into}
    add_entry(
        session, request, Entry(EntryKind.MERGED, ServiceAction.MERGED, details=details), actor=actor, at=at
    )
    details = {"from": number}
    add_entry(
        session, target, Entry(EntryKind.MERGED, ServiceAction.MERGED, details=details), actor=actor, at=at
    )
    save(session, gone, at=at)
    about = {"dealer_id": request.dealer_id, "id": request.id, "target": target.id}
    session.execute(_FOLLOW, about)


def who_can(session: Session, region_id: int | None) -> list[Colleague]:
    """The people of headquarters who serve dealers of a region, by name."""
    path = [region for region, _ in _path(session, region_id)]
    return [one for one in everybody_who_serves(session) if one.answers_for(path)]


def everybody_who_serves(session: Session) -> list[Colleague]:
    """The people of headquarters who serve any dealers, by name."""
    return [one for one in colleagues(session) if any(map(one.may, STAFF))]


def named(session: Session, email: str) -> int:
    """Id of the person of headquarters with an address; 0, which nobody has, for anybody else."""
    wanted = email.strip().lower()
    return next((one.user_id for one in everybody_who_serves(session) if one.email.lower() == wanted), 0)


def regions_of(session: Session, region_id: int | None) -> frozenset[str]:
    """Codes of a region and of the area above it."""
    return frozenset(code for _, code in _path(session, region_id))


def _path(session: Session, region_id: int | None) -> list[tuple[int, str]]:
    return [(row.id, row.code) for row in session.execute(_REGIONS, {"region_id": region_id})]


def _require_one_dealer(session: Session, number: str, into: str) -> None:
    rows: list[Record] = list(session.execute(_DEALERS, {"numbers": [number, into]}))
    if len({row.number for row in rows}) < 2 and any(row.number == number for row in rows):
        message, fix = N_("There is no request of this number."), N_("Check the number.")
        raise Invalid(faults=[Fault("/into", "unknown_request", message, fix)])
    if len({row.dealer_id for row in rows}) > 1:
        message = N_("That request is of another dealer.")
        raise Invalid(faults=[Fault("/into", "other_dealer", message, N_("Name one of the same dealer."))])


_DEALERS = text("SELECT number, dealer_id FROM service_request WHERE number = ANY (CAST(:numbers AS text[]))")
_REGIONS = text(
    """
    SELECT a.id, a.code FROM region r JOIN region a ON a.id IN (r.id, r.parent_id) WHERE r.id = :region_id
    """
)
# What went into a request goes on where that goes on. Nobody else writes those rows: only a merge of the
# request into which they went, which is locked, could.
_FOLLOW = text(
    """
    UPDATE service_request SET merged_into = :target WHERE dealer_id = :dealer_id AND merged_into = :id
    """
)
