"""Lines that wait are decided again: goods may have come, or the ten days have passed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.account import lock_account
from portal.kernel.actor import Actor
from portal.sellout.decide_lines import Decided, decide_lines, move_accepted
from portal.sellout.decide_rules import LINES_MAX, Decision, LineKind, LineState, Reported
from portal.sellout.rules import Defect
from portal.sellout.vocabulary import SellOutAction


def dealers_that_wait(session: Session) -> list[int]:
    """Dealers with lines that wait. Needs a session that sees all dealers."""
    return list(session.execute(_DEALERS).scalars())


def decide_waiting(
    session: Session, *, actor: Actor, dealer_id: int, today: date, zone: ZoneInfo, at: datetime
) -> int:
    """Decide again what waits of a dealer; how many lines were accepted or refused.

    Run again it changes nothing. Locks the dealer's account.
    """
    lock_account(session, dealer_id)
    rows = session.execute(_WAITING, {"dealer_id": dealer_id, "limit": LINES_MAX}).all()
    lines = [_line(row) for row in rows]
    decided = [
        _in_time(one, row.waits_until, today)
        for one, row in zip(
            decide_lines(session, dealer_id=dealer_id, lines=lines, zone=zone), rows, strict=True
        )
    ]
    settled = [
        (row, one)
        for row, one in zip(rows, decided, strict=True)
        if one.decision.state is not LineState.WAITING
    ]
    for number in dict.fromkeys(row.number for row, _ in settled):
        of_report = [(row, one) for row, one in settled if row.number == number]
        _settle(session, actor, dealer_id, number, of_report, zone=zone, at=at)
    return len(settled)


def _line(row: Row[tuple[object, ...]]) -> Reported:
    return Reported(
        document=row.document,
        line=row.document_line,
        kind=LineKind(row.kind),
        day=row.day,
        sku=row.sku,
        lot=row.lot_no,
        serial=row.serial,
        quantity=row.quantity,
        hospital=row.hospital,
    )


def _in_time(one: Decided, last: date, today: date) -> Decided:
    """Within its days a line goes on waiting, whatever the dealer still expects."""
    if one.is_accepted:
        return one
    state = LineState.REFUSED if today > last else LineState.WAITING
    return Decided(one.line, one.meant, Decision(state, one.decision.defect or Defect.NEVER_HELD))


def _settle(
    session: Session,
    actor: Actor,
    dealer_id: int,
    number: str,
    settled: Sequence[tuple[Row[tuple[object, ...]], Decided]],
    *,
    zone: ZoneInfo,
    at: datetime,
) -> None:
    session.execute(
        _DECIDED,
        {
            "dealer_id": dealer_id,
            "reports": [row.report_id for row, _ in settled],
            "lines": [row.line_no for row, _ in settled],
            "products": [one.meant.product_id for _, one in settled],
            "lots": [one.meant.lot_id for _, one in settled],
            "numbers": [one.meant.lot for _, one in settled],
            "states": [str(one.decision.state) for _, one in settled],
            "defects": [str(one.decision.defect) for _, one in settled],
            "at": at,
        },
    )
    decided = [one for _, one in settled]
    move_accepted(
        session, actor=actor, dealer_id=dealer_id, document=number, decided=decided, zone=zone, at=at
    )
    accepted = sum(one.is_accepted for one in decided)
    told = {"accepted": accepted, "refused": len(decided) - accepted}
    audit.record(session, SellOutAction.DECIDED, number, actor=actor, dealer_id=dealer_id, after=told)


_DEALERS = text("SELECT DISTINCT dealer_id FROM sell_out_line WHERE state = 'waiting' ORDER BY dealer_id")
_WAITING = text(
    """
    SELECT l.report_id, l.line_no, r.number, l.document, l.document_line, l.kind, l.day, l.sku, l.lot_no,
           l.serial, l.quantity, l.hospital, l.waits_until
      FROM sell_out_line l
      JOIN sell_out_report r ON (r.dealer_id, r.id) = (l.dealer_id, l.report_id)
     WHERE l.dealer_id = :dealer_id AND l.state = 'waiting'
     ORDER BY l.report_id, l.line_no LIMIT :limit
    """
)
_DECIDED = text(
    """
    UPDATE sell_out_line l
       SET state = d.state, defect = d.defect, product_id = d.product_id, lot_id = d.lot_id,
           lot_no = d.lot_no, decided_at = :at
      FROM unnest(CAST(:reports AS bigint[]), CAST(:lines AS smallint[]), CAST(:products AS bigint[]),
                  CAST(:lots AS bigint[]), CAST(:numbers AS text[]), CAST(:states AS text[]),
                  CAST(:defects AS text[]))
        AS d(report_id, line_no, product_id, lot_id, lot_no, state, defect)
     WHERE l.dealer_id = :dealer_id AND (l.report_id, l.line_no) = (d.report_id, d.line_no)
       AND l.state = 'waiting'
    """
)
