"""Figures of the dashboards, straight from the documents; scope comes from the session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import clock
from portal.orders.queries import STATUSES


@dataclass(frozen=True, slots=True)
class MonthOfPurchases:
    """Invoices less credit notes of a month, VAT included."""

    period: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ExpiringLicence:
    """A licence or filing that ends soon or has ended, with the days left (negative: past)."""

    number: str
    device_class: int
    valid_to: date
    days_left: int


@dataclass(frozen=True, slots=True)
class DayOfOrders:
    """Orders placed on a business day that were not cancelled, VAT included."""

    day: date
    orders: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Receivables:
    """What the dealers in scope owe together, and how many exceed their credit limit with what is ordered."""

    balance: Decimal
    open_orders: Decimal
    above_limit: int


@dataclass(frozen=True, slots=True)
class DealerLicenceEnd:
    """A dealer's licence or filing that ends soon or has ended."""

    code: str
    name_zh: str
    name_en: str
    number: str
    valid_to: date


def purchases(session: Session, dealer_id: int, *, today: date, months: int = 7) -> list[MonthOfPurchases]:
    """The last months, oldest first; a month without business is zero."""
    periods = [clock.period_of(today)]
    while len(periods) < months:
        periods.append(clock.previous_period(periods[-1]))
    parameters = {"dealer_id": dealer_id, "since": clock.first_day(periods[-1])}
    sums = {row.period: row.amount for row in session.execute(_PURCHASES, parameters)}
    return [MonthOfPurchases(period, sums.get(period, Decimal(0))) for period in reversed(periods)]


def expiring_licences(
    session: Session, dealer_id: int, *, today: date, within_days: int = 90
) -> list[ExpiringLicence]:
    """Licences of the dealer that end within some days or have ended.

    None where a later one of the class runs on.
    """
    rows = session.execute(_LICENCES, {"dealer_id": dealer_id, "today": today, "within": within_days})
    return [ExpiringLicence(**row._mapping) for row in rows]


def orders_by_day(session: Session, *, today: date, zone: ZoneInfo, days: int = 14) -> list[DayOfOrders]:
    """The last days, oldest first; a day without orders is zero."""
    since = today - timedelta(days=days - 1)
    rows = {
        row.day: row
        for row in session.execute(
            _BY_DAY, {"since": clock.start_of(since, zone), "zone": zone.key, "statuses": _COUNTED}
        )
    }
    every = (since + timedelta(days=place) for place in range(days))
    return [
        DayOfOrders(day, rows[day].orders, rows[day].amount)
        if day in rows
        else DayOfOrders(day, 0, Decimal(0))
        for day in every
    ]


def receivables(session: Session) -> Receivables:
    """Sums over the dealers in scope."""
    return Receivables(**session.execute(_RECEIVABLES).one()._mapping)


def dealers_with_expiring_licences(
    session: Session, *, today: date, within_days: int = 60, limit: int = 8
) -> list[DealerLicenceEnd]:
    """Active dealers whose latest licence of a class ends within some days or has ended.

    The earliest first.
    """
    rows = session.execute(_ENDING, {"today": today, "within": within_days, "limit": limit})
    return [DealerLicenceEnd(**row._mapping) for row in rows]


_COUNTED = [status for status in STATUSES if status != "cancelled"]

_BY_DAY = text(
    """
    SELECT (placed_at AT TIME ZONE :zone)::date AS day, count(*) AS orders, sum(total) AS amount
      FROM sales_order WHERE placed_at >= :since AND status = ANY (CAST(:statuses AS text[])) GROUP BY 1
    """
)

_RECEIVABLES = text(
    """
    SELECT coalesce(sum(balance), 0) AS balance, coalesce(sum(open_orders), 0) AS open_orders,
           count(*) FILTER (WHERE balance + open_orders > credit_limit) AS above_limit
      FROM dealer_account
    """
)

_ENDING = text(
    """
    WITH ending AS MATERIALIZED (
      SELECT l.dealer_id, l.number, l.valid_to FROM dealer_licence l
       WHERE l.latest AND l.valid_to <= CAST(:today AS date) + CAST(:within AS int)
         AND (EXISTS (SELECT FROM dealer d WHERE d.id = l.dealer_id AND d.state = 'active')) IS TRUE
       ORDER BY l.valid_to, l.dealer_id LIMIT :limit
    )
    SELECT d.code, d.name_zh, d.name_en, e.number, e.valid_to
      FROM ending e JOIN dealer d ON d.id = e.dealer_id ORDER BY e.valid_to, d.id
    """
)

_PURCHASES = text(
    """
    SELECT to_char(issued_on, 'YYYY-MM') AS period, sum(gross) AS amount FROM invoice
     WHERE dealer_id = :dealer_id AND issued_on >= :since GROUP BY 1
    """
)

_LICENCES = text(
    """
    SELECT number, device_class, valid_to, valid_to - CAST(:today AS date) AS days_left FROM (
      SELECT DISTINCT ON (device_class) number, device_class, valid_to FROM dealer_licence
       WHERE dealer_id = :dealer_id ORDER BY device_class, valid_to DESC NULLS FIRST) latest
     WHERE valid_to <= CAST(:today AS date) + CAST(:within AS int) ORDER BY valid_to
    """
)
