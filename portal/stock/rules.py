"""What may be sold from a lot, and whose reservation gives way when stock disappears. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

LevelKey = tuple[int, int]
"""Warehouse and product."""


NEVER = date(9999, 12, 31)
"""Where a lot without expiry stands among those that expire."""


class LotState(StrEnum):
    """Whether a lot in a warehouse may be sold."""

    SALEABLE = "saleable"
    EXPIRED = "expired"
    BLOCKED = "blocked"


class MovementKind(StrEnum):
    """Why stock changed."""

    RECEIPT = "receipt"
    RESERVATION = "reservation"
    RELEASE = "release"
    SHIPMENT = "shipment"
    RETURN = "return"
    EXPIRY = "expiry"
    INSPECTION = "inspection"
    QUARANTINE = "quarantine"
    DISPATCH = "dispatch"
    TRANSFER = "transfer"
    COUNT = "count"
    SCRAP = "scrap"
    REPAIR = "repair"


class Supply(StrEnum):
    """How much of a product there is in a warehouse, at a glance."""

    OUT = "out"
    LOW = "low"
    ENOUGH = "enough"


LOW_PACKS = 20
"""With fewer order multiples than these the stock of a product is low."""


def supply(available: int, pack_multiple: int) -> Supply:
    """What is said of so many units of a product that is ordered in such multiples."""
    if available <= 0:
        return Supply.OUT
    return Supply.LOW if available < LOW_PACKS * pack_multiple else Supply.ENOUGH


def too_near(day: date, margin_days: int) -> date:
    """The latest expiry with which a lot may no longer leave on `day`: `margin_days` (≥ 0) after it."""
    return day + timedelta(days=margin_days)


def sells_on(expires_on: date | None, day: date, margin_days: int) -> bool:
    """Whether a lot may still leave on `day`.

    More than `margin_days` (≥ 0) lie between the day and its expiry.

    A lot without expiry always may. With a margin of 0 it sells until the day before it expires, never on
    that day.
    """
    return expires_on is None or expires_on > too_near(day, margin_days)


@dataclass(frozen=True, slots=True)
class Reservation:
    """Units that an order line holds of one product in one warehouse.

    No shipment has allocated them yet.
    """

    dealer_id: int
    order_id: int
    line_no: int
    placed_at: datetime
    quantity: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Units taken back from a reservation."""

    reservation: Reservation
    quantity: int


@dataclass(frozen=True, slots=True)
class Level:
    """Units of a product in a warehouse: `on_hand` of all saleable lots, `reserved` of them by orders."""

    on_hand: int
    reserved: int


@dataclass(frozen=True, slots=True)
class DueLot:
    """A lot that may be sold no longer.

    `picked` units of it lie in parcels that cannot be put back now.
    """

    warehouse_id: int
    lot_id: int
    product_id: int
    units: int
    picked: int

    @property
    def key(self) -> tuple[int, int]:
        """Warehouse and lot."""
        return self.warehouse_id, self.lot_id

    @property
    def level(self) -> LevelKey:
        """The level it counts in."""
        return self.warehouse_id, self.product_id


@dataclass(frozen=True, slots=True)
class Retirement:
    """Lots that leave the sale, reservations that give way, and levels that have to wait."""

    lots: tuple[DueLot, ...]
    cuts: tuple[tuple[LevelKey, Cut], ...]
    postponed: tuple[LevelKey, ...]


def retirement(
    due: Iterable[DueLot],
    levels: Mapping[LevelKey, Level],
    reservations: Mapping[LevelKey, Sequence[Reservation]],
) -> Retirement:
    """Decide, level by level.

    A level waits when a lot of it is in a parcel, or when its reservations may not be touched now.
    """
    lots: list[DueLot] = []
    cuts: list[tuple[LevelKey, Cut]] = []
    postponed: list[LevelKey] = []
    by_level: dict[LevelKey, list[DueLot]] = {}
    for lot in due:
        by_level.setdefault(lot.level, []).append(lot)
    for key, leaving in by_level.items():
        level = levels[key]
        missing = level.reserved - (level.on_hand - sum(lot.units for lot in leaving))
        taken, uncovered = take_back(reservations.get(key, ()), missing)
        if uncovered or any(lot.picked for lot in leaving):
            postponed.append(key)
            continue
        lots.extend(leaving)
        cuts.extend((key, cut) for cut in taken)
    return Retirement(tuple(lots), tuple(cuts), tuple(postponed))


def take_back(reservations: Sequence[Reservation], missing: int) -> tuple[list[Cut], int]:
    """Take `missing` units from the latest orders, so that who ordered first is served first.

    Returns the cuts and how many units could not be taken back.
    """
    cuts: list[Cut] = []
    for reservation in sorted(reservations, key=_lateness, reverse=True):
        quantity = min(reservation.quantity, missing)
        if quantity <= 0:
            continue
        cuts.append(Cut(reservation, quantity))
        missing -= quantity
    return cuts, max(missing, 0)


def _lateness(reservation: Reservation) -> tuple[datetime, int, int]:
    return reservation.placed_at, reservation.order_id, reservation.line_no
