"""Clocks of service requests and adverse events: docs/service.md, docs/workdays.md, docs/complaints.md.

What was promised, by when it is due and when three quarters of it are used, in business minutes of the table
of days; the minutes in which a dealer was waited for are added. Clocks of the regulator run by night.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from tests.recount.compared import Compared, asked
from tests.recount.working_time import WorkingTime

_REQUESTS = """
    SELECT dealer_id, id, number, kind, severity, state, asked_at, since, first_answer_minutes,
      resolution_minutes,
           first_answer_due_at, first_answer_warn_at, first_answered_at, first_answer_took, resolution_due_at,
           resolution_warn_at, due_at, warn_at, paused_at, stood_minutes
      FROM service_request
"""
_ENTRIES = """
    SELECT dealer_id, request_id, kind, is_staff, is_internal, details ->> 'event' AS event, said_at
      FROM service_entry ORDER BY dealer_id, request_id, entry_no
"""
# What was promised is that of the day on which it was asked, or sorted anew; of several the one set last.
_PROMISED = """
    SELECT r.number, t.first_answer_minutes || ' ' || t.resolution_minutes,
           r.first_answer_minutes || ' ' || r.resolution_minutes
      FROM service_request r
     CROSS JOIN LATERAL (
       SELECT greatest(r.asked_at, max(e.said_at)) AS at FROM service_entry e
        WHERE (e.dealer_id, e.request_id) = (r.dealer_id, r.id) AND e.kind = 'sorted') s
     CROSS JOIN LATERAL (
       SELECT t.first_answer_minutes, t.resolution_minutes FROM service_target t
        WHERE (t.kind, t.severity) = (r.kind, r.severity) AND t.valid_from <= s.at::date AND t.set_at <= s.at
        ORDER BY t.set_no DESC LIMIT 1) t
"""
# A clock that was told of had come so far: three quarters, or all.
_TOLD = """
    SELECT r.number || ' ' || e.clock || ' ' || e.stage, true,
           e.told_at >= CASE WHEN e.clock = 'first_answer'
                             THEN CASE e.stage WHEN 'warning' THEN r.first_answer_warn_at
                             ELSE r.first_answer_due_at END
                             ELSE r.asked_at END
      FROM service_escalation e
      JOIN service_request r ON (r.dealer_id, r.id) = (e.dealer_id, e.request_id)
     WHERE e.minutes = CASE e.clock WHEN 'first_answer' THEN r.first_answer_minutes
       ELSE r.resolution_minutes END
"""
# From awareness, by night and on holidays; warned of at shares of the time.
_EVENTS = """
    SELECT 'event ' || v.id,
           concat_ws(' ', v.aware_at + t.term, v.aware_at + t.term * t.warn_first / 100,
                     v.aware_at + t.term * t.warn_last / 100,
                     CASE WHEN v.is_group THEN v.aware_at + n.term END),
           concat_ws(' ', v.due_at, v.warn_first_at, v.warn_last_at, v.notice_due_at)
      FROM adverse_event v
     CROSS JOIN LATERAL (
       SELECT amount * (CASE unit WHEN 'hour' THEN interval '1 hour' ELSE interval '24 hours' END) AS term,
              warn_first, warn_last
         FROM complaint_term c
        WHERE c.name = CASE WHEN v.is_group THEN 'group' ELSE v.harm END AND c.valid_from <= v.opened_at::date
        ORDER BY c.set_no DESC LIMIT 1) t
      LEFT JOIN LATERAL (
       SELECT amount * (CASE unit WHEN 'hour' THEN interval '1 hour' ELSE interval '24 hours' END) AS term
         FROM complaint_term c WHERE c.name = 'group_notice' AND c.valid_from <= v.opened_at::date
        ORDER BY c.set_no DESC LIMIT 1) n ON true
"""
_MINUTE = timedelta(minutes=1)
# The dealer is waited for from a question or an offer on, until it says something or the offer is over.
_ASKS = {"asked"}
_OFFERS = {"quote_offered"}
_ENDS = {"quote_accepted", "quote_declined", "quote_expired", "quote_withdrawn", "repair_cancelled"}


def recount(rows: Connection) -> Iterator[Compared]:
    """Promises, due moments, warnings, pauses of every request; terms of adverse events."""
    yield from asked(rows, "promised of a request", _PROMISED)
    yield from asked(rows, "told of a clock", _TOLD)
    yield from asked(rows, "terms of an adverse event", _EVENTS)
    calendar = WorkingTime(rows)
    said: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for entry in rows.execute(text(_ENTRIES)):
        said[entry.dealer_id, entry.request_id].append(entry)
    for request in rows.execute(text(_REQUESTS)):
        entries = said[request.dealer_id, request.id]
        answered = request.first_answered_at
        moved = answered is not None and any(
            one.kind == "sorted" and one.said_at > answered for one in entries
        )
        yield from _clock(calendar, request, _pauses(entries), moved)


def _clock(
    calendar: WorkingTime, request: Any, pauses: Sequence[tuple[datetime, datetime | None]], moved: bool
) -> Iterator[Compared]:
    """moved: sorted anew after the first answer, whose clock stays as it was and cannot be told any more."""
    what = request.number
    stood = [
        (begun, ended, calendar.between(begun, ended) // _MINUTE)
        for begun, ended in pauses
        if ended is not None
    ]
    yield Compared(
        "waited for since",
        what,
        pauses[-1][0] if pauses and pauses[-1][1] is None else None,
        request.paused_at,
    )
    since = sum(minutes for begun, _, minutes in stood if begun >= request.since)
    yield Compared("minutes that a clock stood", what, since, request.stood_minutes)
    answered = request.first_answered_at
    before = sum(minutes for _, ended, minutes in stood if answered is None or ended <= answered)
    promised = request.first_answer_minutes
    if not moved:
        yield Compared(
            "first answer due",
            what,
            (
                calendar.due(request.asked_at, promised + before),
                calendar.due(request.asked_at, promised * 3 / 4 + before),
            ),
            (request.first_answer_due_at, request.first_answer_warn_at),
        )
    promised = request.resolution_minutes
    yield Compared(
        "resolution due",
        what,
        (
            calendar.due(request.since, promised + since),
            calendar.due(request.since, promised * 3 / 4 + since),
        ),
        (request.resolution_due_at, request.resolution_warn_at),
    )
    if answered is not None:
        took = (calendar.between(request.asked_at, answered)) // _MINUTE - before
        yield Compared("minutes to the first answer", what, took, request.first_answer_took)


def _pauses(entries: Sequence[Any]) -> list[tuple[datetime, datetime | None]]:
    pauses: list[tuple[datetime, datetime | None]] = []
    begun = None
    for entry in entries:
        if begun is None:
            if entry.kind in _ASKS or entry.event in _OFFERS:
                begun = entry.said_at
        elif (
            entry.kind in ("resolved", "cancelled", "merged", "closed")
            or entry.event in _ENDS
            or (entry.kind == "message" and not entry.is_staff)
        ):
            pauses.append((begun, entry.said_at))
            begun = None
    return pauses if begun is None else [*pauses, (begun, None)]
