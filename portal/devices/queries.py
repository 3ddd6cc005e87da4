"""Devices as lists and one by one, for dealers' pages, headquarters' and the API.

Hospitals come out of the database only for who may see them: `sees` of each function. A dealer sees its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.devices.rules import masked_hospital
from portal.devices.vocabulary import DeviceRight
from portal.devices.warranty_rules import Warranty, WarrantyStand, stand_of
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import Invalid, NotFound
from portal.kernel.paging import Page, Sort, SortKey
from portal.kernel.search_pattern import begins_with, number_beginning
from portal.kernel.searching import code_key
from portal.scanning.read_code import read_code


class DeviceSort(StrEnum):
    """What a list of devices is sorted by, each with an index."""

    HELD_FROM = "held_from"
    ENDS_ON = "ends_on"


_SORTED_BY = {
    DeviceSort.HELD_FROM: SortKey("d.held_from", paging.moment, "ix_device_dealer_id_held_from"),
    DeviceSort.ENDS_ON: SortKey("d.ends_on", date.fromisoformat, "ix_device_dealer_id_ends_on"),
}
LATEST_FIRST = Sort(DeviceSort.HELD_FROM, descending=True)
NO_END = date.max
_ANY_DAY = date(2000, 1, 1)  # which century a date of a code is in is not asked


def sees_hospitals(actor: Actor) -> bool:
    """Whether hospitals are named to somebody: to a dealer its own, to headquarters by a right."""
    return not actor.is_staff or actor.may(DeviceRight.HOSPITALS)


@dataclass(frozen=True, slots=True)
class DeviceFilter:
    """Which devices. q: how a serial or a number begins, or a UDI. ends_from, ends_to: of their cover."""

    dealer_id: int | None = None
    sku: str = ""
    state: str = ""
    hospital: str = ""
    q: str = ""
    ends_from: date | None = None
    ends_to: date | None = None


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device in a list. hospital: empty for who may not see it. ends_on: `NO_END` where none is known."""

    id: int
    number: str
    serial: str
    sku: str
    name_zh: str
    name_en: str
    lot_no: str
    expires_on: date | None
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    state: str
    shipment_no: str
    shipped_on: date | None
    held_from: datetime
    installed_on: date | None
    has_hospital: bool
    hospital: str
    hospital_level: str
    hospital_city: str
    department: str
    warranty_from: date | None
    warranty_to: date | None
    contract_to: date | None
    ends_on: date
    today: date

    @property
    def hospital_zh(self) -> str:
        """The hospital's name, or what hides it, in Chinese."""
        return self._hospital(0)

    @property
    def hospital_en(self) -> str:
        """The same in English."""
        return self._hospital(1)

    @property
    def covered_to(self) -> date | None:
        """Until when something covers it."""
        return None if self.ends_on == NO_END else self.ends_on

    @property
    def stand(self) -> WarrantyStand:
        """How it stands today."""
        return stand_of(Warranty(self.warranty_from, self.warranty_to), self.contract_to, on=self.today)

    def _hospital(self, language: int) -> str:
        if not self.has_hospital or self.hospital:
            return self.hospital
        return masked_hospital(self.hospital_level, self.hospital_city)[language]


def devices(
    session: Session,
    sought: DeviceFilter,
    *,
    sees: bool,
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[DeviceRow]:
    """Devices in scope, the latest to come first. A hospital is sought only by who may see it."""
    order = paging.sort_of(sort, list(_SORTED_BY), LATEST_FIRST)
    key = DeviceSort(order.key)
    cursors = paging.cursors(session, f"devices {order}", _SORTED_BY[key].read, int)
    place = cursors.place_of(cursor)
    given = _given(sought, sees)
    parameters = {**given, "sees": sees, "limit": limit + 1}
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    statement = _list(tuple(given), place and place.back, key, order.descending)
    rows = [value_of(DeviceRow, row) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda row: (_place(row, order.key), row.id), place)


def count_devices(session: Session, sought: DeviceFilter, *, sees: bool) -> int:
    """How many devices `devices` gives, at most one more than `paging.COUNTED_MAX`."""
    given = _given(sought, sees)
    found: int = session.execute(
        _count(tuple(given)), {**given, "limit": paging.COUNTED_MAX + 1}
    ).scalar_one()
    return found


def _place(row: DeviceRow, key: str) -> Any:
    value = getattr(row, key)
    return value.isoformat()


def _given(sought: DeviceFilter, sees: bool) -> dict[str, Any]:
    given: dict[str, Any] = {
        "dealer_id": sought.dealer_id,
        "sku": sought.sku.strip(),
        "state": sought.state,
        "hospital": sought.hospital.strip() if sees else "",
        "ends_from": sought.ends_from,
        "ends_to": sought.ends_to,
    }
    given = {name: value for name, value in given.items() if value not in (None, "")}
    if q := sought.q.strip():
        given |= _code(q)
    return given


def _code(q: str) -> dict[str, str | None]:
    """A UDI names product and unit; anything else is how a serial or a number begins."""
    try:
        read = read_code(q, today=_ANY_DAY)
    except Invalid:
        read = None
    if read is not None and read.serial:
        return {"di": read.di, "serial": read.serial}
    beginning = {"beginning": code_key(q[:100]) or None}
    numbered = number_beginning("DV", q)
    return beginning | ({"numbered": numbered} if numbered else {})


_NAMES = """
d.id, d.number, d.serial, p.sku, p.name_zh, p.name_en, d.lot_no, d.expires_on, c.code AS dealer_code,
c.name_zh AS dealer_zh, c.name_en AS dealer_en, d.state, d.shipment_no, d.shipped_on, d.held_from,
d.installed_on, d.hospital <> '' AS has_hospital, CASE WHEN :sees THEN d.hospital ELSE '' END AS hospital,
d.hospital_level, d.hospital_city, d.department, d.warranty_from, d.warranty_to, d.contract_to, d.ends_on,
app_today() AS today
"""
_TABLES = "FROM device d JOIN product p ON p.id = d.product_id JOIN dealer c ON c.id = d.dealer_id"
_NUMBERED = f"""
(d.dealer_id, d.id) IN (SELECT dealer_id, id FROM device WHERE {begins_with("serial_key", "beginning")}
                        UNION ALL
                        SELECT dealer_id, id FROM device WHERE {begins_with("number", "numbered")})
"""
_CONDITIONS = {
    "dealer_id": "d.dealer_id = :dealer_id",
    "sku": "d.product_id = (SELECT id FROM product WHERE sku = :sku)",
    "state": "d.state = :state",
    "hospital": "strpos(search_fold(d.hospital), search_fold(:hospital)) > 0",
    "ends_from": "d.ends_on >= :ends_from AND d.held_until IS NULL",
    "ends_to": "d.ends_on <= :ends_to",
    "di": "d.product_id = (SELECT id FROM product WHERE udi_di = :di)",
    "serial": "d.serial = :serial",
    "beginning": begins_with("d.serial_key", "beginning"),
    "numbered": _NUMBERED,
}


def _where(names: tuple[str, ...]) -> str:
    """The conditions of these names; what may be a number begins as a serial does, or as a number."""
    left = [name for name in names if name != "beginning" or "numbered" not in names]
    return " AND ".join(["true", *(_CONDITIONS[name] for name in left)])


@cache
def _list(names: tuple[str, ...], back: bool | None, key: DeviceSort, descending: bool) -> TextClause:
    after, order = paging.keyset(f"d.{key}", "d.id", descending=descending, back=back)
    beyond = f"AND {after}" if after else ""
    return text(f"SELECT {_NAMES} {_TABLES} WHERE {_where(names)} {beyond} ORDER BY {order} LIMIT :limit")


@cache
def _count(names: tuple[str, ...]) -> TextClause:
    return text(f"SELECT count(*) FROM (SELECT FROM device d WHERE {_where(names)} LIMIT :limit) met")


def number_of(session: Session, code: str, *, sku: str = "") -> str:
    """The number of a device in scope by that number or by its serial, the one held now before others.

    Raises NotFound, also where a serial without a SKU is that of several products.
    """
    rows = session.execute(_NUMBER_OF, {"code": code.strip(), "sku": sku.strip()}).all()
    if not rows or len({row.product_id for row in rows}) > 1:
        raise NotFound()
    number: str = rows[0].number
    return number


_NUMBER_OF = text(
    """
    SELECT d.number, d.product_id FROM device d JOIN product p ON p.id = d.product_id
     WHERE (d.number = :code OR (d.serial_key = code_key(:code) AND d.serial = :code))
       AND (:sku = '' OR p.sku = :sku)
     ORDER BY d.held_until IS NOT NULL, d.held_from DESC, d.id DESC LIMIT 50
    """
)


def warranty_ends(session: Session, *, first: date, last: date) -> dict[date, int]:
    """Devices in scope that somebody has, by the month in which what covers them ends."""
    return {row.month: row.devices for row in session.execute(_ENDS, {"first": first, "last": last})}


_ENDS = text(
    """
    SELECT CAST(date_trunc('month', d.ends_on) AS date) AS month, count(*) AS devices FROM device d
     WHERE d.ends_on BETWEEN :first AND :last AND d.held_until IS NULL AND d.state <> 'retired'
     GROUP BY 1 ORDER BY 1
    """
)
