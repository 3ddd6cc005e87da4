"""What the two sides say to each other, and what headquarters writes for itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from portal.files.rules import count_faults
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Invalid
from portal.service.entries import Entry, add_entry
from portal.service.locked import LockedRequest, lock_request, moved, save, timed
from portal.service.rules import FILES_MAX, TEXT_MAX, Act, EntryKind, RequestState, text_faults
from portal.service.told import SAID, tell, tell_answered
from portal.service.vocabulary import STAFF, ServiceAction, ServiceRight
from portal.workdays.queries import calendar


def say(
    session: Session, *, actor: Actor, number: str, text: str, files: Sequence[str] = (), at: datetime
) -> RequestState:
    """A message of the dealer, or of headquarters to it. A first answer of headquarters takes the request.

    What waited for the dealer goes on. Raises Invalid, Conflict for what is over or merged, NotFound,
    Forbidden.
    """
    _require(actor)
    _refuse(text, files)
    request = lock_request(session, number)
    state = moved(request, Act.ANSWER if actor.is_staff else Act.SAY)
    message = Entry(EntryKind.MESSAGE, ServiceAction.SAID, text, files)
    add_entry(session, request, message, actor=actor, at=at)
    after = timed(session, request, state=state, at=at)
    if not actor.is_staff:
        tell(session, SAID, request)
        return save(session, after, at=at)
    tell_answered(session, request)
    return save(session, answered(session, after, actor, at), at=at)


def ask_dealer(
    session: Session, *, actor: Actor, number: str, text: str, files: Sequence[str] = (), at: datetime
) -> RequestState:
    """Ask the dealer something; the clocks stand until it answers.

    Raises Invalid, Conflict for what is not open, NotFound, Forbidden.
    """
    actor.require(*STAFF)
    _refuse(text, files)
    request = lock_request(session, number)
    state = moved(request, Act.ASK)
    add_entry(session, request, Entry(EntryKind.ASKED, ServiceAction.ASKED, text, files), actor=actor, at=at)
    tell_answered(session, request)
    return save(session, answered(session, timed(session, request, state=state, at=at), actor, at), at=at)


def note(
    session: Session, *, actor: Actor, number: str, text: str, files: Sequence[str] = (), at: datetime
) -> None:
    """Write something down that only headquarters sees, whatever became of the request.

    Raises Invalid, NotFound, Forbidden.
    """
    actor.require(*STAFF)
    _refuse(text, files)
    request = lock_request(session, number)
    add_entry(session, request, Entry(EntryKind.NOTE, ServiceAction.NOTED, text, files), actor=actor, at=at)


def answered(session: Session, request: LockedRequest, actor: Actor, at: datetime) -> LockedRequest:
    """A request to which headquarters has answered: whoever does it first has it."""
    if request.assignee_id is None and actor.user_id is not None:
        request = replace(request, assignee_id=actor.user_id, assignee_label=actor.label)
    if request.first_answered_at is not None:
        return request
    took = calendar(session).minutes_between(request.asked_at, at)
    return replace(request, first_answered_at=at, first_answer_took=took)


def _require(actor: Actor) -> None:
    if actor.is_staff:
        actor.require(*STAFF)
    else:
        actor.require(ServiceRight.WRITE)


def _refuse(text: str, files: Sequence[str]) -> None:
    faults = text_faults("/text", text, most=TEXT_MAX, in_lines=True)
    faults += count_faults(files, most=FILES_MAX, fix=N_("Send the others with a message."))
    if faults:
        raise Invalid(faults=faults)
