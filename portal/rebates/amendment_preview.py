"""What an amendment would change, by period and dealer, reckoned by the engine that pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.rebates.amendments import Amendment
from portal.rebates.known import known_of
from portal.rebates.programme import Programme, Table
from portal.rebates.reckon import Published, published_programmes, reckoned
from portal.rebates.terms import tables_tiers
from portal.rebates.vocabulary import RebateRight

DEALERS_MAX = 100
LINES_MAX = 20_000
"""A preview reckons so many dealers with so many lines at most, those with whom most counts first."""
SHOWN_MAX = 200

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Change:
    """What one dealer earns in a period under a programme, without the amendment and with it."""

    period: str
    first_day: date
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    programme: str
    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """How much more it is, or less."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class PeriodChange:
    """What a period costs without the amendment and with it. is_over: it has ended, and may be settled."""

    period: str
    before: Decimal
    after: Decimal
    dealers: int
    is_over: bool

    @property
    def difference(self) -> Decimal:
        """How much more it is, or less."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class AmendmentPreview:
    """What changes. dealers: that were reckoned. left_out: that were not, since they are too many.

    changes: the largest first, `SHOWN_MAX` of them at most; not_shown: how many more.
    """

    periods: tuple[PeriodChange, ...]
    changes: tuple[Change, ...]
    not_shown: int
    dealers: int
    left_out: int


def preview_of_amendment(
    session: Session, *, actor: Actor, programme_id: int, amendment: Amendment, today: date
) -> AmendmentPreview:
    """Reckon the programme's dealers twice as of a day. Nothing is written. Raises Forbidden."""
    actor.require(RebateRight.PROPOSE, RebateRight.APPROVE)
    published = _touched(published_programmes(session, today=today), programme_id)
    amended = _amended(published, programme_id, amendment)
    asked = {"programme_id": programme_id, "dealers": DEALERS_MAX, "lines": LINES_MAX}
    found = session.execute(_DEALERS, asked).all()
    named = {row.id: (row.code, row.name_zh, row.name_en) for row in found if row.is_within}
    before, after = (_earned(session, one, list(named), today) for one in (published, amended))
    numbers = {key: one.number for key, one in published.programmes.items()}
    changes = [
        Change(name, first, *named[dealer_id], numbers[key], old, new)
        for (dealer_id, key, first), (name, old, new) in _both(before, after).items()
        if old != new
    ]
    changes.sort(key=lambda one: (-abs(one.difference), one.first_day, one.dealer_code))
    return AmendmentPreview(
        _by_period(changes, today, amended),
        tuple(changes[:SHOWN_MAX]),
        max(len(changes) - SHOWN_MAX, 0),
        len(named),
        len(found) - len(named),
    )


Key = tuple[int, int, date]


def _touched(published: Published, programme_id: int) -> Published:
    """The programme, with the others where one of them closes lines to those after it."""
    if programme_id not in published.programmes or not all(
        one.combinable for one in published.programmes.values()
    ):
        return published
    return replace(published, programmes={programme_id: published.programmes[programme_id]})


def _amended(published: Published, programme_id: int, amendment: Amendment) -> Published:
    programme = published.programmes.get(programme_id)
    if programme is None:  # not begun, or over so long that it is reckoned no more
        return published
    tables = [one for one in programme.tables[1:] if one.start != amendment.starts_on]
    tables.append(Table(amendment.starts_on, tables_tiers(amendment.tiers_of)))
    tables.sort(key=lambda one: one.start)
    changed = replace(programme, tables=(programme.tables[0], *tables))
    return replace(published, programmes={**published.programmes, programme_id: changed})


def _earned(
    session: Session, published: Published, dealer_ids: Sequence[int], today: date
) -> dict[Key, tuple[str, Decimal]]:
    if not dealer_ids:
        return {}
    programmes: Sequence[Programme] = list(published.programmes.values())
    known = known_of(session, dealer_ids, programmes, since=published.since, until=today)
    return {
        (dealer_id, key, accrual.period.first): (accrual.period.name, accrual.accrued)
        for dealer_id in dealer_ids
        for key, accrual in reckoned(published, known.get(dealer_id, {}), until=today)
    }


def _both(
    before: Mapping[Key, tuple[str, Decimal]], after: Mapping[Key, tuple[str, Decimal]]
) -> dict[Key, tuple[str, Decimal, Decimal]]:
    return {key: (name, old, after[key][1]) for key, (name, old) in before.items() if key in after}


def _by_period(changes: Sequence[Change], today: date, published: Published) -> tuple[PeriodChange, ...]:
    by_number = {one.number: one for one in published.programmes.values()}
    found: dict[tuple[date, str], PeriodChange] = {}
    for one in changes:
        is_over = by_number[one.programme].period_of(one.first_day).last < today
        here = found.get((one.first_day, one.period), PeriodChange(one.period, _ZERO, _ZERO, 0, is_over))
        found[one.first_day, one.period] = replace(
            here, before=here.before + one.before, after=here.after + one.after, dealers=here.dealers + 1
        )
    return tuple(found[key] for key in sorted(found))


# Its dealers of the session's regions, with whom most counts first.
_DEALERS = text(
    """
    SELECT d.id, d.code, d.name_zh, d.name_en,
           row_number() OVER most <= :dealers AND coalesce(sum(e.lines) OVER before, 0) <= :lines AS is_within
      FROM (SELECT a.dealer_id, sum(a.qualified) AS qualified, sum(n.lines) AS lines
              FROM rebate_accrual a
              CROSS JOIN LATERAL (
                SELECT count(*) AS lines FROM rebate_accrual_line l
                 WHERE (l.dealer_id, l.programme_id, l.first_day) = (a.dealer_id, a.programme_id, a.first_day)
              ) n
             WHERE a.programme_id = :programme_id GROUP BY a.dealer_id) e
      JOIN dealer d ON d.id = e.dealer_id
    WINDOW most AS (ORDER BY e.qualified DESC, d.id),
           before AS (ORDER BY e.qualified DESC, d.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
     ORDER BY e.qualified DESC, d.id
    """
)
