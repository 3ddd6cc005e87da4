"""A worker captures a document: each event once, in handfuls, from where the last worker came to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.epcis.event_rules import Event
from portal.epcis.rules import FAULTS_TOLD, Batch, CaptureState, fault_to_json, state_of
from portal.epcis.vocabulary import EpcisAction
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import N_, Fault

ATTEMPTS_MAX = 3
PAUSE = timedelta(seconds=45)  # after which one that nobody works at is taken up again
_AT_ONCE_MAX = 100


@dataclass(frozen=True, slots=True)
class Begun:
    """A capture that is worked at. position: how many of its events were gone through."""

    dealer_id: int
    id: int
    number: str
    is_xml: bool
    behaviour: str
    position: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Left:
    """A capture that is to go on and that nobody works at."""

    dealer_id: int
    number: str


def begin_attempt(session: Session, *, actor: Actor, number: str, at: datetime) -> Begun | None:
    """Count an attempt at a capture; None where there is nothing to do, or where it is given up.

    To be committed before the work begins, so that one which kills its worker is counted too.
    """
    row = session.execute(_BEGIN, {"number": number, "at": at}).one_or_none()
    if row is None:
        return None
    begun = value_of(Begun, row)
    if begun.attempts <= ATTEMPTS_MAX:
        return begun
    message, fix = N_("Capturing it broke off %(count)s times."), N_("Send it again in smaller documents.")
    faults = [Fault("", "broke_off", message, fix, {"count": ATTEMPTS_MAX})]
    fail_capture(session, actor=actor, capture=begun, faults=faults, at=at)
    return None


def left_behind(session: Session, *, at: datetime) -> list[Left]:
    """Captures that are to go on and whose worker is gone, or never came: nobody holds their rows."""
    rows = session.execute(_LEFT, {"before": at - PAUSE, "most": _AT_ONCE_MAX})
    return [Left(row.dealer_id, row.number) for row in rows]


def part(session: Session, *, capture: Begun, no: int) -> bytes | None:
    """A piece of the document; None behind its end."""
    key = {"dealer_id": capture.dealer_id, "id": capture.id, "no": no}
    content: bytes | None = session.execute(_PART, key).scalar_one_or_none()
    return content


def keep_batch(
    session: Session, *, capture: Begun, batch: Batch, position: int, total: int, at: datetime
) -> bool:
    """Keep some events behind a position, those that are here already once.

    False where another worker came further meanwhile: it goes on.
    """
    key = {"dealer_id": capture.dealer_id, "id": capture.id}
    if session.execute(_HELD, {**key, "position": position}).one_or_none() is None:
        return False
    captured = 0
    if batch.events:
        rows = json.dumps([*_rows(batch.events)], ensure_ascii=False)
        captured = len(session.execute(_KEEP, {**key, "rows": rows, "at": at}).all())
    faults = json.dumps([fault_to_json(fault) for fault in batch.faults])
    said = {
        "captured": captured,
        "repeated": batch.count - batch.refused - captured,
        "refused": batch.refused,
        "count": batch.count,
        "total": total,
        "faults": faults,
        "told": FAULTS_TOLD,
        "at": at,
    }
    session.execute(_FURTHER, {**key, **said})
    return True


def finish_capture(session: Session, *, actor: Actor, capture: Begun, total: int, at: datetime) -> None:
    """Say what a capture came to that went through its whole document; once."""
    key = {"dealer_id": capture.dealer_id, "id": capture.id}
    row = session.execute(_COUNTED, key).one_or_none()
    if row is None:
        return
    state = state_of(captured=row.captured, repeated=row.repeated, refused=row.refused)
    session.execute(_FINISH, {**key, "state": str(state), "total": total, "at": at})
    session.execute(_FORGET, key)
    told = {"captured": row.captured, "repeated": row.repeated, "refused": row.refused}
    act = EpcisAction.FAILED if state is CaptureState.FAILED else EpcisAction.DONE
    audit.record(session, act, capture.number, actor=actor, dealer_id=capture.dealer_id, after=told)


def fail_capture(
    session: Session, *, actor: Actor, capture: Begun, faults: Sequence[Fault], at: datetime
) -> None:
    """Say why nothing of a document is captured, or nothing more."""
    key = {"dealer_id": capture.dealer_id, "id": capture.id}
    kept = json.dumps([fault_to_json(fault) for fault in faults[:FAULTS_TOLD]])
    session.execute(_FAIL, {**key, "faults": kept, "at": at})
    session.execute(_FORGET, key)
    told = {"faults": len(faults), "code": faults[0].code}
    audit.record(
        session, EpcisAction.FAILED, capture.number, actor=actor, dealer_id=capture.dealer_id, after=told
    )


def _rows(events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    for event in events:
        yield asdict(event) | {"event_time": event.event_time.isoformat()}


_BEGIN = text(
    """
    UPDATE epcis_capture SET attempts = attempts + 1, tried_at = :at
     WHERE (dealer_id, id) = (SELECT dealer_id, id FROM epcis_capture
                               WHERE number = :number AND state = 'running'
                                 FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING dealer_id, id, number, is_xml, behaviour, position, attempts
    """
)
_LEFT = text(
    """
    SELECT dealer_id, number FROM epcis_capture
     WHERE state = 'running' AND created_at < :before AND (tried_at IS NULL OR tried_at < :before)
     ORDER BY created_at, id LIMIT :most FOR NO KEY UPDATE SKIP LOCKED
    """
)
_PART = text(
    "SELECT content FROM epcis_capture_part WHERE dealer_id = :dealer_id AND capture_id = :id AND no = :no"
)
_HELD = text(
    """
    SELECT id FROM epcis_capture
     WHERE dealer_id = :dealer_id AND id = :id AND state = 'running' AND position = :position
       FOR NO KEY UPDATE
    """
)
_KEEP = text(
    """
    INSERT INTO epcis_event (dealer_id, capture_id, event_hash, is_declaration, digits, event_id, event_type,
                             event_time, record_time, action, biz_step, disposition, read_point,
                             biz_location, epcs, any_epcs, epc_classes, prefixes, content)
    SELECT :dealer_id, :id, r.event_hash, r.is_declaration, r.digits, r.event_id, r.event_type, r.event_time,
           :at, r.action, r.biz_step, r.disposition, r.read_point, r.biz_location, r.epcs, r.any_epcs,
           r.epc_classes, r.prefixes, r.content
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
             event_hash text, is_declaration boolean, digits text, event_id text, event_type text,
             event_time timestamptz, action text, biz_step text, disposition text, read_point text,
             biz_location text, epcs text[], any_epcs text[], epc_classes text[], prefixes jsonb,
             content jsonb)
    ON CONFLICT (dealer_id, event_hash, is_declaration, digits) DO NOTHING
    RETURNING id
    """
)
_FURTHER = text(
    """
    UPDATE epcis_capture
       SET position = position + :count, captured = captured + :captured, repeated = repeated + :repeated,
           refused = refused + :refused, total = :total, attempts = 0, tried_at = :at,
           faults = CASE WHEN jsonb_array_length(faults) < :told THEN faults || CAST(:faults AS jsonb)
                         ELSE faults END
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_COUNTED = text(
    """
    SELECT captured, repeated, refused FROM epcis_capture
     WHERE dealer_id = :dealer_id AND id = :id AND state = 'running' FOR NO KEY UPDATE
    """
)
_FINISH = text(
    """
    UPDATE epcis_capture SET state = :state, total = :total, finished_at = :at
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_FAIL = text(
    """
    UPDATE epcis_capture
       SET state = CASE WHEN captured + repeated > 0 THEN 'partly' ELSE 'failed' END,
           faults = CAST(:faults AS jsonb), finished_at = :at
     WHERE dealer_id = :dealer_id AND id = :id AND state = 'running'
    """
)
_FORGET = text("DELETE FROM epcis_capture_part WHERE dealer_id = :dealer_id AND capture_id = :id")
