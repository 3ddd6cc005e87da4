"""Acts on a complaint, each in a transaction of its own, as the person who does it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from portal.complaints import event_queries, events, queries
from portal.complaints.event_queries import EventDetail
from portal.complaints.handle_complaint import close_complaint, handle_complaint
from portal.complaints.keep_paper import keep_paper
from portal.complaints.queries import ComplaintDetail
from portal.complaints.report_event import submit_report, write_report
from portal.complaints.rules import ComplaintState, HandlingEntry, TriageEntry
from portal.complaints.triage import triage
from portal.complaints.warn import warn
from portal.kernel.actor import SYSTEM
from portal.kernel.db import Database, transaction
from tests import cast
from tests.roles import Dealer, Person, System
from tests.service.acts import an_entry, as_, opened

QUALITY, COLLEAGUE = cast.quality, cast.quality_colleague
REPORT = {
    "reporter": "通路医疗科技有限公司",
    "reporter_contact": "021-5555 0000",
    "product": "冠状动脉支架",
    "registration_no": "国械注准20203130001",
    "registrant": "支架制造有限公司",
    "origin": "中国",
    "device_class": "3",
    "lot": "L-1",
    "patient_initials": "WXM",
    "patient_age": "63",
    "patient_sex": "女",
    "event_on": "2026-11-20",
    "aware_on": "2026-11-21",
    "harm": "serious",
    "used_on": "2026-11-20",
    "place": "上海市",
    "hospital": "市第一医院",
    "usage": "经皮冠状动脉介入",
    "description": "支架在植入时断裂",
    "measures": "停用该批号",
    "first_cause": "焊点缺陷",
}


def a_complaint(database: Database, *, by: Person = cast.huadong.service, **more: Any) -> str:
    """A complaint; the number of its request."""
    return opened(database, an_entry("complaint", **more), by=by)


def a_triage(**more: Any) -> TriageEntry:
    """What somebody makes of it."""
    said = {"category": "quality", "grade": "major", "possible_event": False, "event_reason": "No harm."}
    return TriageEntry(**said | more)


def triaged(
    database: Database, number: str, entry: TriageEntry | None = None, *, by: Person | System = QUALITY
) -> ComplaintState:
    """A triage, of quality if nobody else says so."""
    return as_(
        database,
        by,
        lambda session: triage(
            session,
            actor=by.actor(),
            number=number,
            entry=entry or a_triage(),
            zone=cast.ZONE,
            at=cast.NOW,
        ),
    )


def a_handling(**more: Any) -> HandlingEntry:
    """All that is needed to close."""
    said = {"cause": "Weld broke.", "measure": "Lot blocked.", "answer": "We replace it.", "told_how": "Mail"}
    return HandlingEntry(**said | {"told_at": cast.NOW} | more)


def handled(
    database: Database, number: str, entry: HandlingEntry | None = None, *, by: Person = QUALITY
) -> None:
    """Cause, measure, answer."""
    as_(
        database,
        by,
        lambda session: handle_complaint(
            session, actor=by.actor(), number=number, entry=entry or a_handling(), at=cast.NOW
        ),
    )


def closed(database: Database, number: str, *, by: Person = QUALITY) -> None:
    """Quality closes it."""
    as_(
        database,
        by,
        lambda session: close_complaint(session, actor=by.actor(), number=number, at=cast.NOW),
    )


def an_event(database: Database, **more: Any) -> str:
    """A complaint whose triage opened an adverse event."""
    number = a_complaint(database)
    told = {"possible_event": True, "harm": "serious", "event_reason": "Somebody was hurt."} | more
    triaged(database, number, a_triage(**told))
    return number


def a_reported_event(database: Database, dealer: Dealer) -> str:
    """A complaint of a dealer whose adverse event is reported, with its paper."""
    number = a_complaint(database, by=dealer.service)
    triaged(database, number, a_triage(possible_event=True, harm="serious", event_reason=dealer.code))
    written(database, number)
    submitted(database, number)
    with transaction(database.system_session()) as session:
        keep_paper(
            session,
            actor=SYSTEM,
            number=number,
            version=1,
            locale="zh",
            company=("通路", "Tonglu"),
            zone=cast.ZONE,
            at=cast.NOW,
        )
    return number


def told(database: Database, number: str) -> bool:
    """The job opens the event of a dealer's tick."""
    with transaction(database.system_session()) as session:
        return events.open_told_event(session, actor=SYSTEM, number=number, zone=cast.ZONE, at=cast.NOW)


def written(database: Database, number: str, *, by: Person | System = QUALITY, **more: str) -> int:
    """A version of the report."""
    return as_(
        database,
        by,
        lambda session: write_report(
            session, actor=by.actor(), number=number, said=REPORT | more, today=cast.TODAY, at=cast.NOW
        ),
    )


def submitted(
    database: Database,
    number: str,
    *,
    by: Person | System = COLLEAGUE,
    on: date | None = cast.TODAY,
    reference: str = "3101-2026-000815",
) -> int:
    """Somebody else submits it."""
    return as_(
        database,
        by,
        lambda session: submit_report(
            session,
            actor=by.actor(),
            number=number,
            submitted_on=on,
            reference=reference,
            zone=cast.ZONE,
            today=cast.TODAY,
            at=cast.NOW,
        ),
    )


def ended(database: Database, number: str, *, is_event: bool, by: Person = QUALITY) -> Any:
    """Closed or dismissed."""
    return as_(
        database,
        by,
        lambda session: events.end_event(
            session, actor=by.actor(), number=number, note="All done.", is_event=is_event, at=cast.NOW
        ),
    )


def warned(database: Database, at: datetime) -> int:
    """The job looks at the clocks."""
    with transaction(database.system_session()) as session:
        return warn(session, at=at)


def seen(database: Database, number: str, *, by: Person | System = QUALITY) -> ComplaintDetail:
    """The complaint."""
    return as_(database, by, lambda session: queries.complaint(session, actor=by.actor(), number=number))


def seen_event(database: Database, number: str, *, by: Person | System = QUALITY) -> EventDetail:
    """The adverse event."""
    return as_(database, by, lambda session: event_queries.event(session, actor=by.actor(), number=number))
