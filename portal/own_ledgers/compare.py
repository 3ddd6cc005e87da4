"""Read an uploaded ledger, read ours of the same time, and match them: what a worker does.

Whoever is killed on the way leaves nothing behind; whoever takes it up again begins anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Fault, Invalid
from portal.own_ledgers.cell_rules import key_of
from portal.own_ledgers.difference_rules import Doc
from portal.own_ledgers.keep_result import Compared, keep_result
from portal.own_ledgers.layout_rules import Books, Layout
from portal.own_ledgers.line_rules import Line, Reader, Reading
from portal.own_ledgers.match_rules import match
from portal.own_ledgers.peek import rows_of
from portal.own_ledgers.rules import DIFFERENCES_MAX, MARGIN, Days, days_faults, whole_months
from portal.own_ledgers.side_rules import books_of
from portal.own_ledgers.stored import faults_to_json, layout_of_json
from portal.own_ledgers.told import tell
from portal.own_ledgers.vocabulary import OwnLedgerAction, OwnLedgerTold


def compare(session: Session, *, actor: Actor, number: str, zone: ZoneInfo, at: datetime) -> bool:
    """Compare a ledger that was asked for and keep what differs; False when nothing is to be done.

    zone: whose days the moments of the file are of. A file that cannot be read ends as failed, with the
    reasons and their places.
    """
    asked = session.execute(_ASKED, {"number": number}).one_or_none()
    if asked is None:
        return False
    try:
        compared = _compared(session, asked, zone)
    except Invalid as refusal:
        faults = refusal.faults or [
            Fault("/file", refusal.code, refusal.message, refusal.fix, refusal.params)
        ]
        fail(session, actor=actor, number=number, faults=faults, at=at)
        return True
    keep_result(session, actor=actor, of=asked, compared=compared, at=at)
    told = {
        "lines": len(compared.reading.lines),
        "matched": compared.result.matched,
        "differences": len(compared.result.differences),
        "books": str(compared.books),
    }
    audit.record(session, OwnLedgerAction.MATCHED, number, actor=actor, dealer_id=asked.dealer_id, after=told)
    facts = {"failed": False, "differences": len(compared.result.differences)}
    tell(session, OwnLedgerTold.COMPARED, actor=actor, dealer_id=asked.dealer_id, number=number, facts=facts)
    return True


def fail(session: Session, *, actor: Actor, number: str, faults: Sequence[Fault], at: datetime) -> None:
    """Say that a ledger could not be compared, and why."""
    said = {"number": number, "error": json.dumps(faults_to_json(faults)), "at": at}
    dealer_id = session.execute(_FAIL, said).scalar_one_or_none()
    if dealer_id is not None:
        codes = sorted({one.code for one in faults})
        audit.record(
            session,
            OwnLedgerAction.FAILED,
            number,
            actor=actor,
            dealer_id=dealer_id,
            after={"codes": codes, "faults": len(faults)},
        )
        facts = {"failed": True, "differences": None}
        tell(session, OwnLedgerTold.COMPARED, actor=actor, dealer_id=dealer_id, number=number, facts=facts)


def _compared(session: Session, asked: Record, zone: ZoneInfo) -> Compared:
    layout = layout_of_json(asked.layout, asked.books)
    reading = read(asked.content, asked.layout["sheet"], layout, zone, skip_unread=asked.skip_unread)
    days = _days(asked, reading.lines)
    names: dict[int, tuple[str, str, str]] = {}
    ours = _ours(session, asked.dealer_id, days, names)
    books, is_certain = (
        (layout.books, True) if layout.books else books_of(reading.lines, ours, layout.hint or Books.THEIRS)
    )
    theirs = theirs_of(reading.lines, books, days)
    result = match(ours, theirs)
    if len(result.differences) > DIFFERENCES_MAX:
        raise Invalid(faults=[_another(len(result.differences))])
    return Compared(
        days,
        books,
        is_certain,
        reading,
        result,
        sum(doc.fen for doc in ours if doc.inside),
        sum(doc.fen for doc in theirs if doc.inside),
        ours,
        names,
    )


def _another(count: int) -> Fault:
    message, fix = (
        N_("%(count)s documents differ: this is hardly the account of us."),
        N_("Look at the chosen columns and days, or upload the ledger of one supplier and a shorter time."),
    )
    return Fault("/file", "differs_wholly", message, fix, {"count": count})


def read(content: bytes, sheet: int, layout: Layout, zone: ZoneInfo, *, skip_unread: bool = False) -> Reading:
    """The lines of a file. Raises Invalid with every row that cannot be read, or where there are none."""
    reading = Reader(layout, zone).read(rows_of(content, sheet))
    if reading.faults and not skip_unread:
        raise Invalid(faults=reading.faults)
    if not reading.lines:
        message, fix = N_("The file has no line with a day and an amount."), N_("Look at the chosen columns.")
        raise Invalid(faults=[Fault("/file", "no_lines", message, fix)])
    return reading


def _days(asked: Record, lines: Sequence[Line]) -> Days:
    if asked.first_day is not None:
        return Days(asked.first_day, asked.last_day)
    days = whole_months(min(line.day for line in lines), max(line.day for line in lines))
    if faults := days_faults(days.first, days.last):
        raise Invalid(faults=faults)
    return days


def theirs_of(lines: Iterable[Line], books: Books, days: Days) -> list[Doc]:
    """The lines as documents in the view of our books."""
    way = 1 if books is Books.THEIRS else -1
    return [
        Doc(
            place=line.row,
            day=line.day,
            fen=way * line.fen,
            number=key_of(line.number),
            text=line.summary,
            inside=days.holds(line.day),
        )
        for line in lines
        if line.fen
    ]


def _ours(session: Session, dealer_id: int, days: Days, names: dict[int, tuple[str, str, str]]) -> list[Doc]:
    found = session.execute(
        _OURS, {"dealer_id": dealer_id, "first": _before(days.first), "last": _after(days.last)}
    )
    docs = []
    for place, row in enumerate(found, start=1):
        names[place] = row.document_no, row.kind, row.reference
        docs.append(
            Doc(
                place=place,
                day=row.occurred_on,
                fen=int(row.fen),
                number=key_of(row.document_no),
                also=key_of(row.reference),
                net=None if row.net is None else int(row.net),
                inside=days.holds(row.occurred_on),
            )
        )
    return docs


def _before(day: date) -> date:
    return max(day, date.min + MARGIN) - MARGIN


def _after(day: date) -> date:
    return min(day, date.max - MARGIN) + MARGIN


_ASKED = text(
    """
    SELECT dealer_id, id, revision, content, layout, books, first_day, last_day, skip_unread
      FROM own_ledger WHERE number = :number AND state = 'running' FOR NO KEY UPDATE
    """
)
_OURS = text(
    """
    SELECT e.document_no, e.kind, e.reference, e.occurred_on, (e.receivable * 100)::bigint AS fen,
           (sign(e.receivable * i.gross) * i.net * 100)::bigint AS net
      FROM journal_entry e
      LEFT JOIN invoice i ON (i.dealer_id, i.number) = (e.dealer_id, e.document_no)
     WHERE e.dealer_id = :dealer_id AND e.occurred_on BETWEEN :first AND :last AND e.receivable <> 0
     ORDER BY e.occurred_on, e.id
    """
)
_FAIL = text(
    """
    UPDATE own_ledger SET state = 'failed', revision = revision + 1, error = CAST(:error AS jsonb),
                          finished_at = :at
     WHERE number = :number AND state = 'running' RETURNING dealer_id
    """
)
