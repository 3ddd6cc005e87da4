"""A dealer reports what it sold to hospitals, what they used and gave back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.account import lock_account
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Forbidden, Invalid
from portal.kernel.numbering import new_number
from portal.sellout.decide_lines import Decided, decide_lines, move_accepted
from portal.sellout.decide_rules import (
    LINES_MAX,
    Decision,
    LineState,
    Meant,
    Reported,
    Source,
    line_faults,
    waits_until,
)
from portal.sellout.models import SellOutLine, SellOutReport
from portal.sellout.rules import Defect
from portal.sellout.vocabulary import SellOutAction, SellOutRight


@dataclass(frozen=True, slots=True)
class Taken:
    """A report that was taken, with its lines as they were sent."""

    number: str
    lines: tuple[Decided, ...]


def report_sell_out(
    session: Session,
    *,
    actor: Actor,
    lines: Sequence[Reported],
    source: Source,
    today: date,
    zone: ZoneInfo,
    at: datetime,
) -> Taken:
    """Keep every line with what became of it, and move what was accepted.

    Locks the dealer's account, so that two reports are decided one after the other. Raises Forbidden, Invalid
    for what cannot be read.
    """
    actor.require(SellOutRight.WRITE)
    if actor.is_staff:
        raise Forbidden("dealer_only", N_("Only the dealer reports what it sold."))
    if faults := [*_whole_faults(lines), *line_faults(lines, today)]:
        raise Invalid(faults=faults)
    dealer_id, number = actor.own_dealer_id, new_number("SL", today)
    lock_account(session, dealer_id)
    lines = [_named(line, number, place) for place, line in enumerate(lines, start=1)]
    repeated = _repeated(session, dealer_id, lines)
    fresh = [line for place, line in enumerate(lines) if place not in repeated]
    decided = iter(decide_lines(session, dealer_id=dealer_id, lines=fresh, zone=zone))
    taken = [_told_again(line) if place in repeated else next(decided) for place, line in enumerate(lines)]
    _write(session, actor, number, taken, source=source, today=today, at=at)
    move_accepted(session, actor=actor, dealer_id=dealer_id, document=number, decided=taken, zone=zone, at=at)
    return Taken(number, tuple(taken))


def _whole_faults(lines: Sequence[Reported]) -> list[Fault]:
    if not lines:
        fix = N_("Enter at least one lot with its quantity.")
        return [Fault("/lines", "no_lines", N_("The report has no lines."), fix)]
    if len(lines) > LINES_MAX:
        message, fix = N_("At most %(max)s lines in one report."), N_("Divide it.")
        return [Fault("/lines", "too_many_lines", message, fix, {"max": LINES_MAX})]
    return []


def _named(line: Reported, number: str, place: int) -> Reported:
    """A line of no document is one of the report itself."""
    return replace(line, document=line.document or number, line=line.line or str(place))


def _repeated(session: Session, dealer_id: int, lines: Sequence[Reported]) -> set[int]:
    """Places of lines that were told before or stand twice. What was refused may be told again."""
    keys = [(line.document, line.line) for line in lines]
    about = {
        "dealer_id": dealer_id,
        "documents": [document for document, _ in keys],
        "lines": [line for _, line in keys],
    }
    seen = {(row.document, row.document_line) for row in session.execute(_TOLD, about)}
    repeated = set()
    for place, key in enumerate(keys):
        if key in seen:
            repeated.add(place)
        seen.add(key)
    return repeated


def _told_again(line: Reported) -> Decided:
    return Decided(line, Meant(lot=line.lot), Decision(LineState.REFUSED, Defect.REPEATED))


def _write(
    session: Session,
    actor: Actor,
    number: str,
    taken: Sequence[Decided],
    *,
    source: Source,
    today: date,
    at: datetime,
) -> None:
    dealer_id = actor.own_dealer_id
    report_id: int = session.execute(
        insert(SellOutReport)
        .values(
            dealer_id=dealer_id,
            number=number,
            source=str(source),
            reported_at=at,
            reported_by=actor.key,
            reported_by_label=actor.label,
        )
        .returning(SellOutReport.id)
    ).scalar_one()
    rows = [
        {
            "dealer_id": dealer_id,
            "report_id": report_id,
            "line_no": place,
            "document": one.line.document,
            "document_line": one.line.line,
            "kind": str(one.line.kind),
            "day": one.line.day,
            "sku": one.line.sku,
            "lot_no": one.meant.lot,
            "serial": one.line.serial,
            "quantity": one.line.quantity,
            "hospital": one.line.hospital,
            "product_id": one.meant.product_id,
            "lot_id": one.meant.lot_id,
            "state": str(one.decision.state),
            "defect": str(one.decision.defect),
            "waits_until": waits_until(today),
            "decided_at": at,
        }
        for place, one in enumerate(taken, start=1)
    ]
    session.execute(insert(SellOutLine), rows)
    told = {"source": str(source), "lines": len(taken), "accepted": sum(one.is_accepted for one in taken)}
    audit.record(session, SellOutAction.REPORTED, number, actor=actor, dealer_id=dealer_id, after=told)


_TOLD = text(
    """
    SELECT l.document, l.document_line
      FROM sell_out_line l
      JOIN unnest(CAST(:documents AS text[]), CAST(:lines AS text[])) AS t(document, line)
        ON (l.document, l.document_line) = (t.document, t.line)
     WHERE l.dealer_id = :dealer_id AND l.state <> 'refused'
    """
)
