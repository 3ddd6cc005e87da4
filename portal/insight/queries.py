"""Figures of a dealer's dashboard, straight from the documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import clock


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


def purchases(session: Session, dealer_id: int, *, today: date, months: int = 7) -> list[MonthOfPurchases]:
    """The last months, oldest first; a month without business is zero."""
    periods = [clock.period_of(today)]
    while len(periods) < months:
        periods.append(clock.previous_period(periods[-1]))
    parameters = {"dealer_id": dealer_id, "since": clock.first_day(periods[-1])}
    sums = {row.period: row.amount for row in session.execute(_PURCHASES, parameters)}
    return [MonthOfPurchases(period, sums.get(period, Decimal(0))) for period in reversed(periods)]


def expiring_licences(session: Session, dealer_id: int, *, today: date, within_days: int = 90) -> list[ExpiringLicence]:
    """Licences of the dealer that end within some days or have ended, unless a later one of the class runs on."""
    rows = session.execute(_LICENCES, {"dealer_id": dealer_id, "today": today, "within": within_days})
    return [ExpiringLicence(*row) for row in rows]


_PURCHASES = text(
    """
    SELECT to_char(issued_on, 'YYYY-MM') AS period, sum(gross) AS amount FROM invoice
     WHERE dealer_id = :dealer_id AND issued_on >= :since GROUP BY 1
    """
)

_LICENCES = text(
    """
    SELECT number, device_class, valid_to, valid_to - CAST(:today AS date) FROM (
      SELECT DISTINCT ON (device_class) number, device_class, valid_to FROM dealer_licence
       WHERE dealer_id = :dealer_id ORDER BY device_class, valid_to DESC NULLS FIRST) latest
     WHERE valid_to <= CAST(:today AS date) + CAST(:within AS int) ORDER BY valid_to
    """
)
