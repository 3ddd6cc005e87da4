"""What people were told of service, repairs, adverse events, statements and claims, from the documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg

from portal.complaints.clock_rules import Stage as EventStage
from portal.complaints.rules import Harm
from portal.complaints.words import HARMS
from portal.complaints.words import STAGES as EVENT_STAGES
from portal.service.rules import ServiceKind, Severity
from portal.service.sla_rules import Clock, Stage
from portal.service.words import CLOCKS, KINDS, SEVERITIES, STAGES


class Told(NamedTuple):
    """One person was told of one thing. place: what makes it another thing than the others of its event."""

    user_id: int
    place: str
    event: str
    path: str
    facts: dict[str, Any]
    at: Any


_SERVICE = """
SELECT w.user_id, r.number || ':' || e.entry_no, w.event, r.number, r.kind, r.severity, r.subject,
       CASE WHEN e.kind = 'asked' OR e.details ->> 'event' = 'quote_offered' THEN 'waiting'
            WHEN e.kind = 'resolved' THEN 'resolved' ELSE 'in_progress' END,
       d.name_zh, d.name_en, e.details, e.said_at
  FROM service_entry e
  JOIN service_request r ON (r.dealer_id, r.id) = (e.dealer_id, e.request_id)
  JOIN dealer d ON d.id = r.dealer_id
 CROSS JOIN LATERAL (
   SELECT split_part(r.asked_by, ':', 2)::bigint AS user_id, 'service.answered' AS event
    WHERE e.is_staff AND r.asked_by LIKE 'user:%%'
      AND (e.kind IN ('message', 'asked', 'resolved') OR e.details ->> 'event' = ANY (%(repaired)s)
           AND e.details ->> 'result' IS DISTINCT FROM 'passed')
   UNION ALL SELECT r.assignee_id, 'service.assigned' WHERE e.kind = 'assigned'
   UNION ALL SELECT r.assignee_id, 'service.said'
    WHERE NOT e.is_staff AND (e.kind IN ('message', 'reopened', 'cancelled')
                              OR e.details ->> 'event' IN ('quote_accepted', 'quote_declined'))
   UNION SELECT x, 'service.escalated' FROM unnest(ARRAY[r.assignee_id, r.lead_id]) AS x
    WHERE e.kind = 'escalated') w
 WHERE e.said_at BETWEEN %(since)s AND %(now)s AND w.user_id IS NOT NULL
 ORDER BY e.said_at, r.number, e.entry_no, w.user_id
"""
_STATEMENTS = """
SELECT u.id, s.number, s.period, s.closing, s.days_1_30 + s.days_31_60 + s.days_61_90 + s.days_over_90,
       s.currency, s.issued_at
  FROM statement s JOIN user_account u ON u.dealer_id = s.dealer_id AND 'dealer_finance' = ANY (u.roles)
 WHERE s.issued_at BETWEEN %(since)s - interval '45 days' AND %(now)s ORDER BY s.issued_at, s.number, u.id
"""
_CLAIMS = """
SELECT u.id, c.number, d.name_zh, d.name_en, c.asked::text, c.submitted_at
  FROM rebate_claim c
  JOIN dealer d ON d.id = c.dealer_id
  JOIN user_account u ON 'channel_manager' = ANY (u.roles) AND u.all_regions
 WHERE c.submitted_at BETWEEN %(since)s AND %(now)s ORDER BY c.submitted_at, c.number, u.id
"""
# Quality: of each event when it was opened, and of each clock that ran out.
_EVENTS = """
SELECT u.id, w.event || ':' || r.number || ':' || w.stage, w.event, r.number, d.name_zh, d.name_en, e.harm,
       to_char(coalesce(w.due_at, e.due_at) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), w.stage, w.at
  FROM adverse_event e
  JOIN service_request r ON (r.dealer_id, r.id) = (e.dealer_id, e.id)
  JOIN dealer d ON d.id = e.dealer_id
 CROSS JOIN LATERAL (
   SELECT 'complaint.event_opened' AS event, '' AS stage, e.opened_at AS at, e.notice_due_at AS due_at
   UNION ALL SELECT 'complaint.event_warned', n.stage, n.told_at, n.due_at FROM adverse_warning n
              WHERE (n.dealer_id, n.event_id) = (e.dealer_id, e.id)) w
  JOIN user_account u ON u.dealer_id IS NULL AND 'quality' = ANY (u.roles)
 WHERE w.at BETWEEN %(since)s AND %(now)s ORDER BY w.at, r.number, w.event, w.stage, u.id
"""
_REPAIRED = [
    *("quote_offered", "repair_under_warranty", "quote_withdrawn", "quote_expired", "visit_planned"),
    *("visit_cancelled", "visit_reported", "repair_cancelled"),
]
"""What of a repair its dealer is told of."""


def told(connection: psycopg.Connection, about: dict[str, Any]) -> Iterator[Told]:
    """Everything that people were told between two moments, by event and then in order."""
    yield from _of_service(connection, about)
    yield from _of_events(connection, about)
    for user, number, period, closing, overdue, currency, at in connection.execute(_STATEMENTS, about):
        facts = {"number": number, "period": period, "closing": closing, "overdue": overdue}
        facts |= {"currency": currency}
        yield Told(user, number, "statement.issued", f"/statements/{number}", facts, at)
    for user, number, name_zh, name_en, asked, at in connection.execute(_CLAIMS, about):
        facts = {"number": number, "dealer_zh": name_zh, "dealer_en": name_en, "asked": asked}
        yield Told(user, number, "claim.submitted", f"/hq/rebates/claims/{number}", facts, at)


def _of_service(connection: psycopg.Connection, about: dict[str, Any]) -> Iterator[Told]:
    for row in connection.execute(_SERVICE, about | {"repaired": _REPAIRED}):
        user, place, event, number, kind, severity, subject, state, name_zh, name_en, details, at = row
        facts = {
            "number": number,
            "kind": KINDS[ServiceKind(kind)],
            "severity": SEVERITIES[Severity(severity)],
            "subject": subject,
            "state": state,
            "dealer_zh": name_zh,
            "dealer_en": name_en,
        }
        if event == "service.escalated":
            facts["clock"] = CLOCKS[Clock(details["clock"])]
            facts["stage"] = STAGES[Stage(details["stage"])]
        to_dealer = event == "service.answered"
        path = f"/service-requests/{number}" if to_dealer else f"/hq/service-requests/{number}"
        yield Told(user, place, event, path, facts, at)


def _of_events(connection: psycopg.Connection, about: dict[str, Any]) -> Iterator[Told]:
    for user, place, event, number, name_zh, name_en, harm, due_at, stage, at in connection.execute(
        _EVENTS, about
    ):
        facts = {"number": number, "dealer_zh": name_zh, "dealer_en": name_en, "harm": HARMS[Harm(harm)]}
        facts |= {"due_at": due_at} | ({"stage": EVENT_STAGES[EventStage(stage)]} if stage else {})
        yield Told(user, place, event, f"/hq/adverse-events/{number}", facts, at)
