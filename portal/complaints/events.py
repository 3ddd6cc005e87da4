"""An adverse event: opened with its clock, classed, noticed, closed or dismissed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.complaints.clock_rules import TermName, due_of
from portal.complaints.locked import LockedEvent, lock_event
from portal.complaints.rules import (
    HOW_MAX,
    TEXT_MAX,
    EventState,
    Harm,
    Source,
    harm_faults,
    require_running,
    term_of,
)
from portal.complaints.terms import terms_on
from portal.complaints.vocabulary import EVENT_OPENED, ComplaintAction
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Invalid
from portal.nonconforming.vocabulary import QualityRight
from portal.service.locked import LockedRequest, lock_request
from portal.service.rules import plain_text, text_faults


def open_told_event(session: Session, *, actor: Actor, number: str, zone: ZoneInfo, at: datetime) -> bool:
    """Open the event of a dealer who said that somebody was harmed; False where there is one.

    It counts as serious until quality classes it. We are aware since the dealer told us.
    """
    actor.require(QualityRight.DECIDE)
    request = lock_request(session, number)
    return open_event(
        session,
        request,
        harm=Harm.SERIOUS,
        is_group=False,
        aware_at=request.asked_at,
        source=Source.DEALER,
        actor=actor,
        zone=zone,
        at=at,
    )


def open_event(
    session: Session,
    request: LockedRequest,
    *,
    harm: Harm,
    is_group: bool,
    aware_at: datetime,
    source: Source,
    actor: Actor,
    zone: ZoneInfo,
    at: datetime,
) -> bool:
    """Open the event of a locked complaint, and alert quality; False where there is one already."""
    key = {"dealer_id": request.dealer_id, "id": request.id}
    clock = _clock(session, harm, is_group=is_group, aware_at=aware_at, zone=zone)
    about = key | clock | {"source": str(source), "label": actor.label, "at": at}
    if not session.execute(_OPEN, about).all():
        return False
    after = {"harm": str(harm), "group": is_group, "source": str(source)}
    _tell(session, request, ComplaintAction.EVENT_OPENED, actor, after)
    outbox.add(session, EVENT_OPENED, dealer_id=request.dealer_id, number=request.number)
    return True


def class_event(
    session: Session,
    *,
    actor: Actor,
    number: str,
    harm: str,
    is_group: bool,
    aware_at: datetime | None,
    revision: int | None = None,
    zone: ZoneInfo,
    at: datetime,
) -> None:
    """Say how grave the harm is, and since when we know of it: its clock is reckoned anew.

    Raises Invalid, Conflict for what is over, NotFound, Forbidden.
    """
    actor.require(QualityRight.DECIDE)
    if faults := harm_faults(harm, aware_at, at):
        raise Invalid(faults=faults)
    event = lock_event(session, number, revision)
    require_running(event.state)
    clock = _clock(session, Harm(harm), is_group=is_group, aware_at=aware_at or event.aware_at, zone=zone)
    session.execute(_CLASS, event.key | clock)
    after = {"harm": harm, "group": is_group, "aware_at": clock["aware_at"].isoformat()}
    _tell(session, event.request, ComplaintAction.EVENT_CLASSED, actor, after)


def give_notice(session: Session, *, actor: Actor, number: str, how: str, at: datetime) -> None:
    """The authorities and the registrant have been told of a group event, before its report.

    Raises Invalid without how, Conflict for what is no group event or was told, NotFound, Forbidden.
    """
    actor.require(QualityRight.DECIDE)
    if faults := text_faults("/how", how, most=HOW_MAX):
        raise Invalid(faults=faults)
    event = lock_event(session, number)
    require_running(event.state)
    if not event.is_group or event.notice_at is not None:
        raise Conflict("no_notice", N_("There is nothing to give notice of, or it was given already."))
    session.execute(_NOTICE, event.key | {"how": how.strip(), "label": actor.label, "at": at})
    _tell(session, event.request, ComplaintAction.NOTICE_GIVEN, actor, {"how": how.strip()})


def end_event(
    session: Session, *, actor: Actor, number: str, note: str, is_event: bool, at: datetime
) -> EventState:
    """Close an event whose reports are submitted; or, where it was none, dismiss it before any was.

    Raises Invalid without a reason, Conflict where the one or the other is not possible, NotFound, Forbidden.
    """
    actor.require(QualityRight.DECIDE)
    if faults := text_faults("/note", note, most=TEXT_MAX, in_lines=True):
        raise Invalid(faults=faults)
    event = lock_event(session, number)
    require_running(event.state)
    _require_end(event, is_event=is_event)
    state = EventState.CLOSED if is_event else EventState.DISMISSED
    about = {"state": str(state), "note": plain_text(note), "label": actor.label, "at": at}
    session.execute(_END, event.key | about)
    action = ComplaintAction.EVENT_CLOSED if is_event else ComplaintAction.EVENT_DISMISSED
    _tell(session, event.request, action, actor, {"state": str(state)})
    return state


def _require_end(event: LockedEvent, *, is_event: bool) -> None:
    if is_event and event.submitted_no < max(1, event.version_no):
        raise Conflict(
            "not_submitted",
            N_("There is a report that is not submitted yet."),
            fix=N_("Have another person of quality submit it."),
        )
    if not is_event and event.submitted_no:
        raise Conflict(
            "submitted",
            N_("It has been reported: it cannot be dismissed any more."),
            fix=N_("Close it with a follow-up report."),
        )


def _clock(
    session: Session, harm: Harm, *, is_group: bool, aware_at: datetime, zone: ZoneInfo
) -> dict[str, Any]:
    day: date = aware_at.astimezone(zone).date()
    terms = terms_on(session, day)
    due = due_of(aware_at, terms[term_of(harm, is_group=is_group)].term, zone)
    notice = due_of(aware_at, terms[TermName.GROUP_NOTICE].term, zone).due_at if is_group else None
    return {
        "harm": str(harm),
        "is_group": is_group,
        "aware_at": aware_at,
        "due_at": due.due_at,
        "first": due.warn_first_at,
        "last": due.warn_last_at,
        "notice_due_at": notice,
    }


def _tell(
    session: Session, request: LockedRequest, action: ComplaintAction, actor: Actor, after: dict[str, Any]
) -> None:
    record(session, action, request.number, actor=actor, dealer_id=request.dealer_id, after=after)


_OPEN = text(
    """
    INSERT INTO adverse_event (dealer_id, id, source, harm, is_group, aware_at, due_at, warn_first_at,
                               warn_last_at, notice_due_at, opened_by_label, opened_at)
    VALUES (:dealer_id, :id, :source, :harm, :is_group, :aware_at, :due_at, :first, :last, :notice_due_at,
            :label, :at)
        ON CONFLICT DO NOTHING RETURNING id
    """
)
_CLASS = text(
    """
    UPDATE adverse_event
       SET revision = revision + 1, harm = :harm, is_group = :is_group, aware_at = :aware_at,
           due_at = :due_at, warn_first_at = :first, warn_last_at = :last, notice_due_at = :notice_due_at
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_NOTICE = text(
    """
    UPDATE adverse_event
       SET revision = revision + 1, notice_at = :at, notice_how = :how, notice_by_label = :label
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_END = text(
    """
    UPDATE adverse_event
       SET revision = revision + 1, state = :state, ended_at = :at, ended_by_label = :label,
           ending_note = :note
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
