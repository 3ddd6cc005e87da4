"""Carry out a simulation, some dealers a transaction: whoever takes it up again goes on behind the last."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import clock
from portal.kernel.money import as_text
from portal.rebates.documents import terms_told
from portal.rebates.engine import accrue_all
from portal.rebates.known import known_of
from portal.rebates.simulated_past import DealerResult, Sold, result_of, terms_over
from portal.rebates.terms import programme_of

DEALERS_AT_ONCE = 20
ERROR_MAX = 500
_YEAR = timedelta(days=366)


def take_up(session: Session, *, simulation_id: int) -> bool:
    """Begin, or go on after a killed worker; False when it has come to its end."""
    return session.execute(_TAKE_UP, {"id": simulation_id}).one_or_none() is not None


def simulate_some(session: Session, *, simulation_id: int, zone: ZoneInfo, at: datetime) -> bool:
    """Reckon the next dealers and keep what they would have earned. Returns whether some are left.

    Two workers at one simulation wait for each other, and neither takes the dealers of the other.
    """
    row = session.execute(_LOCK, {"id": simulation_id}).one_or_none()
    if row is None:
        return False
    terms = terms_over(terms_told(row.terms), row.first_day, row.last_day)
    named = {"after": row.after_dealer, "everybody": not terms.dealers, "codes": list(terms.dealers)}
    dealer_ids = list(session.execute(_NEXT, {**named, "limit": DEALERS_AT_ONCE}).scalars())
    if not dealer_ids:
        session.execute(_FINISH, {"id": simulation_id, "at": at})
        return False
    programme = programme_of(terms, "", row.first_day, row.last_day)
    until = clock.business_date(row.asked_at, zone)
    known = known_of(session, dealer_ids, [programme], since=row.first_day - _YEAR, until=until)
    results = {}
    for dealer_id, here in known.items():
        accruals = [accrual for _, accrual in accrue_all([programme], here, row.last_day)]
        if accruals:
            results[dealer_id] = result_of(accruals)
    _keep(session, simulation_id, results)
    session.execute(_TELL, {"id": simulation_id, "after": dealer_ids[-1], "more": len(dealer_ids)})
    return True


def fail(session: Session, *, simulation_id: int, error: str, at: datetime) -> None:
    """Say that it came to nothing, and why; another may be asked for."""
    session.execute(_FAIL, {"id": simulation_id, "error": error[:ERROR_MAX], "at": at})


def _keep(session: Session, simulation_id: int, results: dict[int, DealerResult]) -> None:
    if results:
        session.execute(_KEEP, [_row(simulation_id, key, one) for key, one in results.items()])


def _row(simulation_id: int, dealer_id: int, found: DealerResult) -> dict[str, Any]:
    return {
        "dealer_id": dealer_id,
        "simulation_id": simulation_id,
        "sold": found.sold,
        "qualified": found.qualified,
        "reached_tier": found.reached_tier,
        "accrued": found.accrued,
        "months": _told(found.months),
        "products": _told(found.products),
    }


def _told(parts: dict[str, Sold]) -> str:
    told = {name: [as_text(one.sold), as_text(one.accrued)] for name, one in parts.items()}
    return orjson.dumps(told).decode()


_DEALERS = "(:everybody OR d.code = ANY (CAST(:codes AS text[])))"
_TAKE_UP = text(
    """
    UPDATE rebate_simulation s
       SET state = 'running',
           total = (SELECT count(*) FROM dealer d
                     WHERE s.terms->'dealers' = '[]' OR s.terms->'dealers' ? d.code)
     WHERE s.id = :id AND s.state IN ('waiting', 'running')
    RETURNING s.id
    """
)
_LOCK = text(
    """
    SELECT terms, first_day, last_day, after_dealer, asked_at FROM rebate_simulation
     WHERE id = :id AND state = 'running' FOR NO KEY UPDATE
    """
)
_NEXT = text(f"SELECT d.id FROM dealer d WHERE d.id > :after AND {_DEALERS} ORDER BY d.id LIMIT :limit")
_KEEP = text(
    """
    INSERT INTO rebate_simulation_dealer (dealer_id, simulation_id, sold, qualified, reached_tier, accrued,
                                          months, products)
    VALUES (:dealer_id, :simulation_id, :sold, :qualified, :reached_tier, :accrued, CAST(:months AS jsonb),
            CAST(:products AS jsonb))
    """
)
_TELL = text(
    """
    UPDATE rebate_simulation
       SET done = done + :more, total = greatest(total, done + :more), after_dealer = :after WHERE id = :id
    """
)
_FINISH = text("UPDATE rebate_simulation SET state = 'done', total = done, finished_at = :at WHERE id = :id")
_FAIL = text(
    "UPDATE rebate_simulation SET state = 'failed', error = :error, finished_at = :at"
    " WHERE id = :id AND state IN ('waiting', 'running')"
)
