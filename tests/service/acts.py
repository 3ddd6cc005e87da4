"""Acts on a service request, each in a transaction of its own, as the person who does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from portal.identity.colleagues import colleagues
from portal.kernel.actor import SYSTEM
from portal.kernel.db import Database, transaction
from portal.service import converse, duties, finish, handle
from portal.service.close_resolved import close_resolved
from portal.service.duties import TeamEntry
from portal.service.escalate import escalate
from portal.service.open_request import RequestEntry, open_request
from portal.service.queries import RequestDetail, request_of
from portal.service.rules import RequestState
from tests import cast
from tests.roles import Dealer, Person, System

T = TypeVar("T")
REOPEN_DAYS, CLOSE_DAYS = 30, 7
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=cast.ZONE)
"""Nine in the morning of a day that is worked."""


def as_(database: Database, who: Person | System, act: Callable[[Session], T]) -> T:
    """Do it in the session of somebody."""
    with transaction(database.session_for(who.actor())) as session:
        return act(session)


def an_entry(kind: str = "consultation", **more: Any) -> RequestEntry:
    """What a dealer asks for."""
    return RequestEntry(**{"kind": kind, "subject": "Pump stops", "text": "It stops after an hour."} | more)


def opened(
    database: Database,
    entry: RequestEntry | None = None,
    *,
    by: Person | System = cast.huadong.service,
    dealer: Dealer | None = None,
    at: datetime = cast.NOW,
) -> str:
    """A request; its number."""
    return as_(
        database,
        by,
        lambda session: open_request(
            session,
            actor=by.actor(),
            entry=entry or an_entry(),
            dealer_id=dealer.id if dealer else None,
            today=cast.TODAY,
            at=at,
        ),
    )


def said(
    database: Database,
    number: str,
    text: str = "Here is more.",
    *,
    by: Person | System = cast.huadong.service,
    files: Sequence[str] = (),
    at: datetime = cast.NOW,
) -> RequestState:
    """A message."""
    return as_(
        database,
        by,
        lambda session: converse.say(session, actor=by.actor(), number=number, text=text, files=files, at=at),
    )


def noted(
    database: Database,
    number: str,
    text: str = "Known fault of the series.",
    *,
    by: Person = cast.technician,
    files: Sequence[str] = (),
    at: datetime = cast.NOW,
) -> None:
    """An internal note."""
    as_(
        database,
        by,
        lambda session: converse.note(
            session, actor=by.actor(), number=number, text=text, files=files, at=at
        ),
    )


def asked(
    database: Database, number: str, *, by: Person = cast.technician, at: datetime = cast.NOW
) -> RequestState:
    """A question to the dealer."""
    return as_(
        database,
        by,
        lambda session: converse.ask_dealer(
            session, actor=by.actor(), number=number, text="Which software?", at=at
        ),
    )


def taken(
    database: Database, number: str, *, by: Person = cast.technician, at: datetime = cast.NOW
) -> RequestState:
    """Somebody takes it."""
    return as_(database, by, lambda session: handle.take(session, actor=by.actor(), number=number, at=at))


def assigned(
    database: Database,
    number: str,
    to: Person = cast.technician,
    *,
    by: Person = cast.service_desk,
    at: datetime = cast.NOW,
) -> RequestState:
    """The desk gives it to somebody."""
    return as_(
        database,
        by,
        lambda session: handle.assign(session, actor=by.actor(), number=number, user_id=to.id, at=at),
    )


def sorted_anew(
    database: Database,
    number: str,
    kind: str,
    severity: str,
    *,
    by: Person = cast.service_desk,
    at: datetime = cast.NOW,
) -> None:
    """Another kind or severity."""
    as_(
        database,
        by,
        lambda session: handle.sort_anew(
            session,
            actor=by.actor(),
            number=number,
            kind=kind,
            severity=severity,
            today=cast.TODAY,
            at=at,
        ),
    )


def merged(
    database: Database, number: str, into: str, *, by: Person = cast.service_desk, at: datetime = cast.NOW
) -> None:
    """Go on with it in another one."""
    as_(
        database,
        by,
        lambda session: handle.merge(session, actor=by.actor(), number=number, into=into, at=at),
    )


def resolved(
    database: Database, number: str, *, by: Person = cast.technician, at: datetime = cast.NOW
) -> RequestState:
    """What solves it."""
    return as_(
        database,
        by,
        lambda session: finish.resolve(
            session, actor=by.actor(), number=number, text="Filter changed.", at=at
        ),
    )


def closed(database: Database, number: str, *, by: Person = cast.huadong.service) -> RequestState:
    """The dealer is content."""
    return as_(
        database, by, lambda session: finish.close(session, actor=by.actor(), number=number, at=cast.NOW)
    )


def reopened(
    database: Database, number: str, *, by: Person = cast.huadong.service, at: datetime = cast.NOW
) -> RequestState:
    """The dealer is not."""
    return as_(
        database,
        by,
        lambda session: finish.reopen(
            session, actor=by.actor(), number=number, text="It stops again.", days=REOPEN_DAYS, at=at
        ),
    )


def cancelled(database: Database, number: str, *, by: Person = cast.huadong.service) -> RequestState:
    """The dealer takes it back."""
    return as_(
        database, by, lambda session: finish.cancel(session, actor=by.actor(), number=number, at=cast.NOW)
    )


def rated(database: Database, number: str, stars: int = 5, *, by: Person = cast.huadong.service) -> None:
    """The dealer says how content it is."""
    as_(
        database,
        by,
        lambda session: finish.rate(
            session, actor=by.actor(), number=number, stars=stars, text="Quick.", at=cast.NOW
        ),
    )


def auto_closed(database: Database, at: datetime) -> int:
    """The job that closes what nobody reopened."""
    with transaction(database.system_session()) as session:
        return close_resolved(session, actor=SYSTEM, days=CLOSE_DAYS, at=at)


def escalated(database: Database, at: datetime) -> int:
    """The job that tells of clocks that run out."""
    with transaction(database.system_session()) as session:
        return escalate(session, at=at)


def given_by_rule(database: Database, number: str) -> str | None:
    """The rules give it to somebody; the name."""
    with transaction(database.system_session()) as session:
        return duties.assign_by_rule(session, actor=SYSTEM, number=number, at=cast.NOW)


def a_team(
    database: Database,
    *duty_rows: tuple[Person, str, str, str],
    lead: Person | None = cast.service_desk,
    by: Person = cast.service_desk,
    team_id: int | None = None,
    revision: int = 0,
) -> int:
    """A team whose people serve kinds, categories and regions."""

    def act(session: Session) -> int:
        rows = [(person.id, kind, category, region) for person, kind, category, region in duty_rows]
        return duties.set_team(
            session,
            actor=by.actor(),
            team_id=team_id,
            revision=revision,
            entry=TeamEntry("设备组", "Devices", lead.id if lead else None, rows),
            people=colleagues(session),
            at=cast.NOW,
        )

    return as_(database, by, act)


def seen(database: Database, number: str, *, by: Person | System = cast.service_desk) -> RequestDetail:
    """A request as somebody sees it."""
    return as_(database, by, lambda session: request_of(session, number))
