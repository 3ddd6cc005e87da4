"""Reads of settlements: runs with what they pay whom, a dealer's rebates in its account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.money import ZERO
from portal.kernel.paging import Page
from portal.settlements import accounts
from portal.settlements.rules import RunState, SettledPeriod, SettlementKind, is_nothing
from portal.settlements.settle_period import due_now, programme_named


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run. paid: what it has paid so far; dealers, amount: as they stood when it was proposed; for people
    who do not answer for the programme's region, of what was paid to their own dealers.
    """

    id: int
    number: str
    programme_id: int
    programme: str
    title_zh: str
    title_en: str
    period: str
    first_day: date
    last_day: date
    kind: str
    percent: Decimal | None
    state: str
    dealers: int
    amount: Decimal
    paid: Decimal
    note: str
    proposed_by: str
    proposed_by_label: str
    proposed_at: datetime
    decided_by_label: str | None
    decided_at: datetime | None
    reason: str
    settled_at: datetime | None
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunDealer:
    """What a run pays a dealer, or has paid: `rows` of one or more periods. note: once it is paid."""

    dealer_id: int
    dealer_code: str
    name_zh: str
    name_en: str
    rows: Sequence[SettledPeriod]
    note: str | None

    @property
    def paid(self) -> Decimal:
        """What it gets in all."""
        return sum((row.paid for row in self.rows), ZERO)

    @property
    def accrued(self) -> Decimal:
        """Of the period itself."""
        return self.rows[0].accrued

    @property
    def adjusted(self) -> Decimal:
        """What settled periods before changed by."""
        return sum((row.paid for row in self.rows[1:]), ZERO)

    @property
    def main(self) -> SettledPeriod:
        """The row of the run's own period."""
        return self.rows[0]


@dataclass(frozen=True, slots=True)
class SettledRow:
    """What a dealer was settled: one period of one act. month: of the books, where a note was posted."""

    id: int
    programme: str
    title_zh: str
    title_en: str
    period: str
    kind: str
    source: str
    accrued: Decimal
    guaranteed: Decimal
    carried_in: Decimal
    advanced: Decimal
    carried_out: Decimal
    cut: Decimal
    paid: Decimal
    note_no: str | None
    month: str | None
    settled_at: datetime


@dataclass(frozen=True, slots=True)
class MonthInAccount:
    """What rebates did to a dealer's account in a month: what notes gave, tax included, and took back."""

    month: str
    given: Decimal
    taken_back: Decimal


@dataclass(frozen=True, slots=True)
class NoteLineRow:
    """A line of a rebate note: what it gave on one invoice at one rate."""

    line_no: int
    invoice: str
    tax_rate: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal


def runs(
    session: Session,
    *,
    actor: Actor,
    state: str = "",
    programme: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[RunRow]:
    """Runs of the nation's programmes and those of the actor's regions, the latest first.

    Raises Invalid for a foreign cursor.
    """
    cursors = paging.cursors(session, f"rebate-runs {state} {programme}", int)
    place = cursors.place_of(cursor)
    back = place is not None and place.back
    rows = session.execute(
        _runs(bool(state), bool(programme), place and back),
        {
            **_reach(actor),
            "state": state,
            "programme": programme,
            "from_id": place.key[0] if place else None,
            "limit": limit + 1,
        },
    )
    return cursors.page_of([RunRow(**row._mapping) for row in rows], limit, lambda one: (one.id,), place)


def run(session: Session, number: str, *, actor: Actor) -> RunRow:
    """One run. Raises NotFound, also for another region's."""
    row = session.execute(_RUN, {**_reach(actor), "number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return RunRow(**row._mapping)


def run_dealers(
    session: Session, found: RunRow, *, limit: int = 50, cursor: str | None = None
) -> Page[RunDealer]:
    """What a run pays each dealer: by the figures of now while it waits, as it was paid once it is done.

    Whom it gives nothing and takes nothing from is left out.
    """
    cursors = paging.cursors(session, f"rebate-run {found.number}", int)
    place = cursors.place_of(cursor)
    ids = accounts.dealers_of(
        session,
        programme_id=found.programme_id,
        first_day=found.first_day,
        after=place.key[0] if place else 0,
        limit=limit + 1,
        earning_only=programme_named(session, found.programme).terms.guaranteed is None,
    )
    due = _due(session, found, ids)
    names = {row.id: row for row in session.execute(_NAMES, {"ids": ids})}
    paid = _paid_by(session, found.number, ids)
    rows = []
    for dealer_id in ids:
        note, settled = paid.get(dealer_id, (None, due.get(dealer_id, [])))
        named = names[dealer_id]
        rows.append(RunDealer(dealer_id, named.code, named.name_zh, named.name_en, settled, note))
    page = cursors.page_of(rows, limit, lambda one: (one.dealer_id,))
    shown = tuple(one for one in page.items if not is_nothing(one.rows))
    return Page(shown, page.next_cursor, page.previous_cursor)


def settled_dealers(session: Session, number: str) -> int:
    """How many dealers a run has settled so far with something to show for it."""
    count: int = session.execute(_COUNT, {"source": number}).scalar_one()
    return count


def settled_of(
    session: Session, *, dealer_id: int, limit: int = 50, cursor: str | None = None
) -> Page[SettledRow]:
    """What a dealer was settled, the latest first. Raises Invalid for a foreign cursor."""
    cursors = paging.cursors(session, f"rebate-settlements {dealer_id}", int)
    place = cursors.place_of(cursor)
    back = place is not None and place.back
    rows = session.execute(
        _SETTLED_BACK if back else _SETTLED,
        {"dealer_id": dealer_id, "from_id": place.key[0] if place else None, "limit": limit + 1},
    )
    return cursors.page_of([SettledRow(**row._mapping) for row in rows], limit, lambda one: (one.id,), place)


def months_in_account(session: Session, *, dealer_id: int, since: str) -> list[MonthInAccount]:
    """What rebates did to a dealer's account by month of the books, the latest first."""
    rows = session.execute(_MONTHS, {"dealer_id": dealer_id, "since": since})
    return [MonthInAccount(**row._mapping) for row in rows]


def note_lines_of(session: Session, *, dealer_id: int, number: str, most: int = 500) -> list[NoteLineRow]:
    """The lines of a note, the first so many. Raises NotFound for another dealer's."""
    about = {"dealer_id": dealer_id, "number": number, "most": most}
    rows = session.execute(_NOTE_LINES, about).all()
    if not rows:
        raise NotFound()
    return [NoteLineRow(**row._mapping) for row in rows]


def _reach(actor: Actor) -> dict[str, Any]:
    return {"everywhere": actor.region_ids is None, "region_ids": list(actor.region_ids or ())}


def _due(session: Session, found: RunRow, dealer_ids: Sequence[int]) -> dict[int, list[SettledPeriod]]:
    if found.state not in (RunState.PROPOSED, RunState.APPROVED):
        return {}
    terms = programme_named(session, found.programme).terms
    known = accounts.accounts(session, programme_id=found.programme_id, dealer_ids=dealer_ids)
    kind, percent = SettlementKind(found.kind), found.percent or ZERO
    return {
        dealer_id: due_now(account, found.first_day, terms, kind, percent)
        for dealer_id, account in known.items()
    }


def _paid_by(
    session: Session, number: str, dealer_ids: Sequence[int]
) -> dict[int, tuple[str | None, list[SettledPeriod]]]:
    found: dict[int, tuple[str | None, list[SettledPeriod]]] = {}
    for row in session.execute(_PAID_BY, {"source": number, "dealers": list(dealer_ids)}):
        note, rows = found.get(row.dealer_id, (None, []))
        period = SettledPeriod(
            row.first_day,
            row.period,
            SettlementKind(row.kind),
            row.accrued,
            row.guaranteed,
            row.carried_in,
            row.advanced,
            row.carried_out,
            row.cut,
        )
        found[row.dealer_id] = (note or row.note_no, [*rows, period])
    return found


_RUN_COLUMNS = """
    SELECT r.id, r.number, r.programme_id, p.number AS programme, p.title_zh, p.title_en, r.period,
           r.first_day, r.last_day, r.kind, r.percent, r.state,
           CASE WHEN p.answerable THEN r.dealers ELSE s.dealers END AS dealers,
           CASE WHEN p.answerable THEN r.amount ELSE s.paid END AS amount, s.paid,
           r.note, r.proposed_by, r.proposed_by_label, r.proposed_at, r.decided_by_label, r.decided_at,
           r.reason, r.settled_at, r.stopped_at
      FROM rebate_run r
      JOIN (SELECT *, :everywhere OR coalesce(region_id = ANY (CAST(:region_ids AS bigint[])), false)
                      AS answerable FROM rebate_programme) p
        ON p.id = r.programme_id AND (p.answerable OR p.region_id IS NULL)
      CROSS JOIN LATERAL (SELECT coalesce(sum(s.paid), 0) AS paid,
                                 count(DISTINCT s.dealer_id)::int AS dealers
                            FROM rebate_settlement s
                           WHERE s.programme_id = r.programme_id AND s.source = r.number) s
"""


@cache
def _runs(with_state: bool, with_programme: bool, back: bool | None) -> TextClause:
    asked = ["true"]
    if with_state:
        asked.append("r.state = :state")
    if with_programme:
        asked.append("p.number = :programme")
    if back is not None:
        asked.append(f"r.id {'>' if back else '<'} :from_id")
    return text(
        f"{_RUN_COLUMNS} WHERE {' AND '.join(asked)} ORDER BY r.id {'ASC' if back else 'DESC'} LIMIT :limit"
    )


_RUN = text(f"{_RUN_COLUMNS} WHERE r.number = :number")
_NAMES = text("SELECT id, code, name_zh, name_en FROM dealer WHERE id = ANY (CAST(:ids AS bigint[]))")
_PAID_BY = text(
    """
    SELECT dealer_id, first_day, period, kind, accrued, guaranteed, carried_in, advanced, carried_out, cut,
           note_no
      FROM rebate_settlement WHERE source = :source AND dealer_id = ANY (CAST(:dealers AS bigint[]))
     ORDER BY id
    """
)
_COUNT = text(
    """
    SELECT count(DISTINCT dealer_id) FROM rebate_settlement
     WHERE source = :source
       AND (accrued, guaranteed, carried_in, advanced, carried_out, cut) <> (0, 0, 0, 0, 0, 0)
    """
)
_OF_DEALER = """
    SELECT s.id, p.number AS programme, p.title_zh, p.title_en, s.period, s.kind, s.source, s.accrued,
           s.guaranteed, s.carried_in, s.advanced, s.carried_out, s.cut, s.paid, s.note_no,
           e.period AS month, s.settled_at
      FROM rebate_settlement s JOIN rebate_programme p ON p.id = s.programme_id
      LEFT JOIN journal_entry e
        ON e.dealer_id = s.dealer_id AND e.document_no = s.note_no AND e.reverses_id IS NULL
     WHERE s.dealer_id = :dealer_id
"""
_SETTLED = text(
    f"{_OF_DEALER} AND (CAST(:from_id AS bigint) IS NULL OR s.id < :from_id) ORDER BY s.id DESC LIMIT :limit"
)
_SETTLED_BACK = text(f"{_OF_DEALER} AND s.id > :from_id ORDER BY s.id LIMIT :limit")
_MONTHS = text(
    """
    SELECT period AS month, coalesce(-sum(receivable) FILTER (WHERE receivable < 0), 0) AS given,
           coalesce(sum(receivable) FILTER (WHERE receivable > 0), 0) AS taken_back
      FROM journal_entry
     WHERE dealer_id = :dealer_id AND kind = 'rebate' AND period >= :since
     GROUP BY period ORDER BY period DESC
    """
)
_NOTE_LINES = text(
    """
    SELECT l.line_no, l.invoice, l.tax_rate, l.tax - l.gross AS net, -l.tax AS tax, -l.gross AS gross
      FROM rebate_note n JOIN rebate_note_line l ON (l.dealer_id, l.note_id) = (n.dealer_id, n.id)
     WHERE n.dealer_id = :dealer_id AND n.number = :number ORDER BY l.line_no LIMIT :most
    """
)
