"""Whether a unit seen at a place was sold by somebody who may not sell there. Pure.

1. Responsible is the dealer who last held the unit, by the accepted lines, on the day of the sale; where no
   sale is known, on any day between its receipt and the sighting.
2. That is lawful by an authorisation of that day, sell-off included; where the hospital of the sale and that
   of the sighting are of one group; at a repair depot; by a permission in force that leads to a dealer who
   may.
3. Somebody is accused only on a scanned code of a unit that exists, at a position no worse than 10 km, and
   where one dealer alone remains. Goods without serial numbers leave one only if nobody else ever had the
   lot.
4. All else is watched, and names nobody. So is a sale that nobody told of and that may have been a lawful one
   to another hospital of the group.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

ACCURACY_KM_MAX = Decimal(10)
SHORTFALL_PERCENT = 10
SHORTFALL_UNITS = 5


class Level(StrEnum):
    """What follows from a sighting: somebody is to be asked, or it is kept in view without a name."""

    ACCUSE = "accuse"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Authorisation:
    """A dealer may sell a line in a city, or to one hospital, from a day to a day, both inclusive.

    sell_off_days: for how long after the end it may sell what it bought before.
    """

    dealer: str
    line: str
    city: str
    hospital: str
    valid_from: date
    valid_to: date | None
    sell_off_days: int = 0

    def covers(self, first: date, last: date, *, bought: date) -> bool:
        """Whether it holds on any day from first to last for goods that were bought on a day."""
        if self.valid_to is None:
            return last >= self.valid_from
        sold_off = timedelta(self.sell_off_days if bought <= self.valid_to else 0)
        return last >= self.valid_from and first <= self.valid_to + sold_off


@dataclass(frozen=True, slots=True)
class Permission:
    """Approved: a dealer may pass units to another, from a day to a day. serial: empty for a lot."""

    source: str
    target: str
    sku: str
    lot: str
    serial: str
    approved_on: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A unit seen. hospital: empty where only a position is known, from which the city follows."""

    at: date
    city: str
    hospital: str
    is_depot: bool
    is_scanned: bool
    accuracy_km: Decimal


@dataclass(frozen=True, slots=True)
class Campus:
    """Another hospital of the group of the one where a unit was seen."""

    hospital: str
    city: str


@dataclass(frozen=True, slots=True)
class Holder:
    """A dealer who may have sold what was seen, on a day between first and last.

    bought: the day it got the unit. sold_to: the hospitals it told of, as far as they can be of this unit.
    """

    dealer: str
    bought: date
    first: date
    last: date
    sold_to: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a sighting is: of a level; dealer: who is accused."""

    level: Level
    dealer: str = ""


class Rights:
    """Who may sell which line where: looked up, not searched, as a channel has many authorisations."""

    def __init__(self, authorisations: Iterable[Authorisation]) -> None:
        self._cities: dict[tuple[str, str, str], list[Authorisation]] = {}
        self._hospitals: dict[tuple[str, str, str], list[Authorisation]] = {}
        for one in authorisations:
            if one.hospital:
                self._hospitals.setdefault((one.dealer, one.line, one.hospital), []).append(one)
            elif one.city:
                self._cities.setdefault((one.dealer, one.line, one.city), []).append(one)

    def may_sell(self, dealer: str, line: str, seen: Sighting, first: date, last: date, bought: date) -> bool:
        """Whether the dealer was authorised there on any day from first to last."""
        found = self._cities.get((dealer, line, seen.city), [])
        if seen.hospital:
            found = [*found, *self._hospitals.get((dealer, line, seen.hospital), [])]
        return any(one.covers(first, last, bought=bought) for one in found)


def judge(
    seen: Sighting,
    *,
    line: str,
    exists: bool,
    holders: Sequence[Holder],
    permissions: Iterable[Permission],
    campuses: Sequence[Campus],
    rights: Rights,
) -> Verdict | None:
    """What follows from a sighting; nothing, where it is lawful.

    exists: whether there is such a unit. holders: the dealer responsible, or of goods without serial numbers
    all who ever had the lot. permissions: approved, of this unit. campuses: of the group of the hospital.
    """
    if seen.is_depot:
        return None
    if not exists:
        return Verdict(Level.WATCH)
    in_force = [one for one in permissions if _is_in_force(one, seen.at)]
    sellers = {one.dealer for one in holders}
    sellers |= {one.target for one in in_force if one.source in sellers}
    if any(_is_lawful(one, seen, line, in_force, campuses, rights) for one in holders):
        return None
    if any(_may_be_lawful(one, seen, line, campuses, rights) for one in holders):
        return Verdict(Level.WATCH)
    if len(sellers) == 1 and seen.is_scanned and seen.accuracy_km <= ACCURACY_KM_MAX:
        return Verdict(Level.ACCUSE, sellers.pop())
    return Verdict(Level.WATCH)


def is_question(books: int, reported: int) -> bool:
    """Whether a stock report falls so far short of the books that the dealer is asked; it proves nothing."""
    missing = books - reported
    return missing > SHORTFALL_UNITS and missing * 100 > books * SHORTFALL_PERCENT


def _is_in_force(permission: Permission, day: date) -> bool:
    return permission.approved_on <= day and (permission.valid_to is None or day <= permission.valid_to)


def _is_lawful(
    holder: Holder,
    seen: Sighting,
    line: str,
    in_force: Iterable[Permission],
    campuses: Iterable[Campus],
    rights: Rights,
) -> bool:
    if rights.may_sell(holder.dealer, line, seen, holder.first, holder.last, holder.bought):
        return True
    if any(one.hospital in holder.sold_to for one in campuses):
        return True
    return any(
        rights.may_sell(one.target, line, seen, one.approved_on, seen.at, one.approved_on)
        for one in in_force
        if one.source == holder.dealer
    )


def _may_be_lawful(
    holder: Holder, seen: Sighting, line: str, campuses: Iterable[Campus], rights: Rights
) -> bool:
    """Whether a sale that nobody told of may have been to another hospital of the group."""
    return not holder.sold_to and any(
        rights.may_sell(
            holder.dealer,
            line,
            replace(seen, hospital=one.hospital, city=one.city),
            holder.first,
            holder.last,
            holder.bought,
        )
        for one in campuses
    )
