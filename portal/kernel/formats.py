"""How values look to people: money, quantities, shares, dates. Values in, text out.

One way for pages, letters and files. Numbers are ``int`` or ``Decimal``; a ``float`` is refused, because a
fen lost in binary would be shown as if it were true.
"""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime as DateTime
from datetime import time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal

from babel.dates import format_date

MISSING = "–"
CURRENCY_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "HKD": "HK$"}

_CENT = Decimal("0.01")
# Babel patterns. Chinese pages use the form people type into spreadsheets; it also lines up in a column.
_DATE_PATTERNS = {"zh": "yyyy-MM-dd", "en": "d MMM yyyy"}
_MONTH_PATTERNS = {"zh": "yyyy年M月", "en": "MMMM yyyy"}


def money(value: Decimal | int | None, *, currency: str = "CNY") -> str:
    """``Decimal("-1234.5")`` becomes ``-¥1,234.50``. Rounds half up to the fen; None becomes a dash."""
    if value is None:
        return MISSING
    amount = _exact(value).quantize(_CENT, ROUND_HALF_UP)
    sign = "-" if amount < 0 else ""
    symbol = CURRENCY_SYMBOLS.get(currency, f"{currency} ")
    return f"{sign}{symbol}{abs(amount):,.2f}"


def quantity(value: int | Decimal | None) -> str:
    """``12000`` becomes ``12,000``. None becomes a dash."""
    return MISSING if value is None else f"{_exact(value):,f}"


def percent(value: Decimal | int | None, *, places: int = 2) -> str:
    """A share of one becomes a percentage: ``Decimal("0.125")`` is ``12.5%``. Trailing zeros are dropped."""
    if value is None:
        return MISSING
    step = Decimal(1).scaleb(-places)
    text = f"{(_exact(value) * 100).quantize(step, ROUND_HALF_UP):,f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def date(value: Date | None, *, timezone: tzinfo, locale: str = "zh") -> str:
    """A business date; a point in time is first carried into the business time zone."""
    if value is None:
        return MISSING
    day = in_zone(value, timezone).date() if isinstance(value, DateTime) else value
    return format_date(day, _DATE_PATTERNS.get(locale, "medium"), locale=locale)


def date_time(value: DateTime | None, *, timezone: tzinfo, locale: str = "zh") -> str:
    """A point in time to the minute, in the business time zone."""
    if value is None:
        return MISSING
    local = in_zone(value, timezone)
    return f"{date(local, timezone=timezone, locale=locale)} {local:%H:%M}"


def until(value: DateTime | None, *, timezone: tzinfo, locale: str = "zh") -> str:
    """The moment at which something is over, as people say it: by its last day, where it ends with a day."""
    if value is None:
        return MISSING
    local = in_zone(value, timezone)
    if local.time() != time.min:
        return date_time(local, timezone=timezone, locale=locale)
    return date(local.date() - timedelta(days=1), timezone=timezone, locale=locale)


def month(value: str | Date, *, locale: str = "zh") -> str:
    """A period such as ``2026-10`` (or any day in it) becomes ``2026年10月`` or ``October 2026``."""
    first = Date.fromisoformat(f"{value}-01") if isinstance(value, str) else value
    return format_date(first, _MONTH_PATTERNS.get(locale, "MMM yyyy"), locale=locale)


def in_zone(value: DateTime, timezone: tzinfo) -> DateTime:
    """Refuses a time without a zone: guessing one moves a month-end order into the wrong month."""
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return value.astimezone(timezone)


def _exact(value: Decimal | int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"{value!r} is a {type(value).__name__}; show Decimal or int")
    return Decimal(value)
