"""Registration numbers in Chinese form, generated for the demonstration.

No extract says under which number a European device would be registered in China, so each family (a maker's
devices of one generic name and class) gets one. Its form is the legal one; its running number starts at 9001,
which marks it as a demonstration number:

* class I is filed and does not expire: ``国械备20239001`` (imported), ``浙杭械备20239001`` (domestic);
* class II domestic is registered by the province: ``浙械注准20232149001``;
* class III and imported class II by the national authority: ``国械注准20233149001``, ``国械注进20232149001``.

After the year stand class (one digit), catalogue group (two digits) and running number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from demo.source.makers import Maker

FIRST_DEMO_SERIAL = 9001
TERM_YEARS = 5
EXPIRED_SHARE = 0.03
EXPIRING_SHARE = 0.05
CLASS_DIGITS = {"I": "1", "II": "2", "III": "3"}


@dataclass(frozen=True, slots=True)
class Registration:
    """A filing or registration. `valid_to` is None for a class I filing, which has no end."""

    number: str
    valid_from: date
    valid_to: date | None

    def in_force(self, day: date) -> bool:
        """Whether goods may be sold under it on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True, order=True)
class Family:
    """What one registration covers."""

    maker: str
    generic_zh: str
    device_class: str
    catalogue: str


def register(
    families: Iterable[Family], makers: dict[str, Maker], *, today: date, seed: int
) -> dict[Family, Registration]:
    """A registration for each family; a few of class II and III have expired, a few will within 90 days."""
    serials: Counter[str] = Counter()
    registrations = {}
    for family in sorted(set(families)):
        chance = Random(f"{seed}/registration/{family.maker}/{family.generic_zh}/{family.device_class}")
        valid_from, valid_to = validity(family.device_class, chance, today)
        # Half of the registrations are renewals, and renewal keeps the year of the first registration.
        renewed = valid_to is not None and chance.random() < 0.5
        year = valid_from.year - (TERM_YEARS if renewed else 0)
        stem = number_stem(family, makers[family.maker], year)
        registrations[family] = Registration(
            f"{stem}{FIRST_DEMO_SERIAL + serials[stem]}", valid_from, valid_to
        )
        serials[stem] += 1
    return registrations


def validity(device_class: str, chance: Random, today: date) -> tuple[date, date | None]:
    """First and last day in force."""
    if device_class == "I":
        return today - timedelta(days=chance.randint(400, 3000)), None
    draw = chance.random()
    if draw < EXPIRED_SHARE:
        last = today - timedelta(days=chance.randint(5, 120))
    elif draw < EXPIRED_SHARE + EXPIRING_SHARE:
        last = today + timedelta(days=chance.randint(10, 88))
    else:
        last = today + timedelta(days=chance.randint(120, 365 * TERM_YEARS - 300))
    return years_before(last, TERM_YEARS) + timedelta(days=1), last


def years_before(day: date, years: int) -> date:
    """The same day that many years earlier; 29 February becomes the 28th."""
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)


def number_stem(family: Family, maker: Maker, year: int) -> str:
    """Everything before the running number."""
    province, city = maker.filing_place
    if family.device_class == "I":
        return f"{province}{city}械备{year}" if maker.domestic else f"国械备{year}"
    if not maker.domestic:
        issuer = "国械注进"
    else:
        issuer = "国械注准" if family.device_class == "III" else f"{province}械注准"
    return f"{issuer}{year}{CLASS_DIGITS[family.device_class]}{family.catalogue}"
