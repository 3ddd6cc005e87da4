"""Complaints by product and lot: several on one lot within some days are a signal for quality."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.complaints.clock_rules import TermName
from portal.complaints.fragments import lot_of
from portal.complaints.terms import terms_on
from portal.complaints.vocabulary import READERS
from portal.kernel.actor import Actor
from portal.kernel.lots import key_sql

LOTS_MAX = 50
"""Lots that the report shows."""
YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class LotRow:
    """Complaints on a lot: all of the period, and those of the last days."""

    sku: str
    name_zh: str
    name_en: str
    lot_no: str
    complaints: int
    lately: int
    events: int
    latest_at: datetime
    is_signal: bool


def by_lot(session: Session, *, actor: Actor, days: int, today: date, at: datetime) -> list[LotRow]:
    """Lots with complaints of so many days, signals first; of the dealers in scope."""
    actor.require(*READERS)
    terms = terms_on(session, today)
    about = {
        "since": at - timedelta(days=days),
        "lately": at - timedelta(days=terms[TermName.TREND_DAYS].term.amount),
        "count": terms[TermName.TREND_COUNT].term.amount,
        "most": LOTS_MAX,
    }
    return [LotRow(**row._mapping) for row in session.execute(_BY_LOT, about)]


def of_lot(
    session: Session, *, actor: Actor, sku: str, lot_no: str, today: date, at: datetime
) -> LotRow | None:
    """Complaints about one lot within a year, of the dealers in scope; None where nobody complained."""
    actor.require(*READERS)
    terms = terms_on(session, today)
    about = {
        "since": at - timedelta(days=YEAR_DAYS),
        "lately": at - timedelta(days=terms[TermName.TREND_DAYS].term.amount),
        "count": terms[TermName.TREND_COUNT].term.amount,
        "most": 1,
        "sku": sku,
        "lot_no": lot_no,
    }
    row = session.execute(_OF_LOT, about).one_or_none()
    return LotRow(**row._mapping) if row else None


def signals(session: Session, *, today: date, at: datetime) -> int:
    """How many lots have too many complaints of late."""
    terms = terms_on(session, today)
    about = {
        "lately": at - timedelta(days=terms[TermName.TREND_DAYS].term.amount),
        "count": terms[TermName.TREND_COUNT].term.amount,
        "most": LOTS_MAX,
    }
    found: int = session.execute(_SIGNALS, about).scalar_one()
    return found


_OF_LOTS = """
      FROM service_request r
      LEFT JOIN complaint_analysis a ON (a.dealer_id, a.id) = (r.dealer_id, r.id)
      JOIN product p ON p.id = coalesce(a.product_id, r.product_id)
"""
_LOT = "coalesce(nullif(a.lot_no, ''), r.lot_no)"
_KEY = key_sql(_LOT)


def _by_lot(narrowed: str = "") -> TextClause:
    """Complaints on a lot are counted together however it was typed, and stand under it as we know it."""
    return text(
        f"""
        SELECT p.sku, p.name_zh, p.name_en, coalesce(l.lot_no, p.lot_no) AS lot_no, p.complaints, p.lately,
               p.events, p.latest_at, p.is_signal
          FROM (
            SELECT p.id, p.sku, p.name_zh, p.name_en, {_KEY} AS lot_key,
                   mode() WITHIN GROUP (ORDER BY {_LOT}) AS lot_no, count(*)::int AS complaints,
                   (count(*) FILTER (WHERE r.asked_at > :lately))::int AS lately, count(e.id)::int AS events,
                   max(r.asked_at) AS latest_at,
                   {_KEY} <> '' AND count(*) FILTER (WHERE r.asked_at > :lately) >= :count AS is_signal
            {_OF_LOTS}
              LEFT JOIN adverse_event e
                ON (e.dealer_id, e.id) = (r.dealer_id, r.id) AND e.state <> 'dismissed'
             WHERE r.kind = 'complaint' AND r.asked_at > :since {narrowed}
             GROUP BY p.id, p.sku, p.name_zh, p.name_en, {_KEY}
             ORDER BY is_signal DESC, lately DESC, complaints DESC, p.sku, lot_key LIMIT :most) p
          {lot_of("p.lot_no")}
         ORDER BY is_signal DESC, lately DESC, complaints DESC, sku, lot_key
        """
    )


_BY_LOT = _by_lot()
_OF_LOT = _by_lot(f"AND p.sku = :sku AND {_KEY} = {key_sql('CAST(:lot_no AS text)')}")
_SIGNALS = text(
    f"""
    SELECT count(*)::int FROM (
      SELECT p.id {_OF_LOTS}
       WHERE r.kind = 'complaint' AND r.asked_at > :lately AND {_KEY} <> ''
       GROUP BY p.id, {_KEY} HAVING count(*) >= :count LIMIT :most) met
    """
)
