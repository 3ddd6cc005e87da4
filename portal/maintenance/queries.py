"""Maintenance as lists, by month and one by one. Hospitals as with devices: named to who may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.devices.rules import masked_hospital
from portal.devices.warranty_rules import months_after
from portal.kernel import paging
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, SortKey
from portal.maintenance.rules import MaintenanceState, Standing, When

OWNER_KIND = "maintenance"
"""The kind of document that these are to the files."""
CALENDAR_MAX = 1_000
_BY_DAY = SortKey("m.due_on", date.fromisoformat, "ix_maintenance_dealer_id_due_on")


@dataclass(frozen=True, slots=True)
class MaintenanceRow:
    """A maintenance in a list."""

    id: int
    number: str
    state: str
    due_on: date
    done_on: date | None
    plan_code: str
    plan_zh: str
    plan_en: str
    voids_warranty: bool
    device_number: str
    serial: str
    sku: str
    name_zh: str
    name_en: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    has_hospital: bool
    hospital: str
    hospital_level: str
    hospital_city: str
    department: str
    today: date

    @property
    def is_overdue(self) -> bool:
        """Whether its day has passed and it was not done."""
        return self.state == MaintenanceState.DUE and self.due_on < self.today

    @property
    def standing(self) -> Standing:
        """Its state as lists show it: overdue apart from due."""
        return Standing.OVERDUE if self.is_overdue else Standing(self.state)

    @property
    def hospital_zh(self) -> str:
        """The hospital's name, or what hides it, in Chinese."""
        return self._hospital(0)

    @property
    def hospital_en(self) -> str:
        """The same in English."""
        return self._hospital(1)

    def _hospital(self, language: int) -> str:
        if not self.has_hospital or self.hospital:
            return self.hospital
        return masked_hospital(self.hospital_level, self.hospital_city)[language]


@dataclass(frozen=True, slots=True)
class MaintenanceDetail:
    """One maintenance with its check-list. items: of the plan; findings: as it was filled in."""

    number: str
    state: str
    due_on: date
    done_on: date | None
    done_by: str
    findings: list[dict[str, Any]]
    uses_at: int | None
    note: str
    reason: str
    signed_name: str
    signature: list[list[int]] | None
    filed_at: datetime | None
    filed_by_label: str | None
    plan_code: str
    plan_zh: str
    plan_en: str
    items: list[dict[str, Any]]
    parts: list[str]
    voids_warranty: bool
    device_number: str
    serial: str
    sku: str
    name_zh: str
    name_en: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    has_hospital: bool
    hospital: str
    hospital_level: str
    hospital_city: str
    department: str
    uses: int
    today: date

    @property
    def is_overdue(self) -> bool:
        """Whether its day has passed."""
        return self.state == MaintenanceState.DUE and self.due_on < self.today

    @property
    def place(self) -> tuple[str, str]:
        """The hospital's name, or what hides it, in Chinese and English."""
        if not self.has_hospital or self.hospital:
            return self.hospital, self.hospital
        return masked_hospital(self.hospital_level, self.hospital_city)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan. subject: SKU or code of the line."""

    code: str
    revision: int
    name_zh: str
    name_en: str
    sku: str | None
    category_code: str | None
    subject_zh: str
    subject_en: str
    every_months: int | None
    every_uses: int | None
    counts_from: str
    items: list[dict[str, Any]]
    parts: list[str]
    voids_warranty: bool
    is_active: bool


def span_of(when: str, today: date) -> tuple[date, date]:
    """First and last day of what a choice of `When` shows."""
    month = today.replace(day=1)
    spans = {
        When.OVERDUE: (date.min, today - timedelta(days=1)),
        When.THIS_MONTH: (month, months_after(month, 1) - timedelta(days=1)),
        When.NEXT_MONTH: (months_after(month, 1), months_after(month, 2) - timedelta(days=1)),
    }
    return spans.get(When(when), (date.min, date.max))


def maintenances(
    session: Session,
    *,
    dealer_id: int | None,
    when: str,
    today: date,
    sees: bool,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[MaintenanceRow]:
    """What is due in scope, the first due first; or what was done, the latest first."""
    is_done = when == When.DONE
    cursors = paging.cursors(session, f"maintenance {is_done}", _BY_DAY.read, int)
    place = cursors.place_of(cursor)
    parameters = _about(dealer_id, when, today) | {"sees": sees, "limit": limit + 1}
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    statement = _list(dealer_id is not None, is_done, place and place.back)
    rows = [value_of(MaintenanceRow, row) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda row: (row.due_on.isoformat(), row.id), place)


def count_maintenances(session: Session, *, dealer_id: int | None, when: str, today: date) -> int:
    """How many `maintenances` gives, at most one more than `paging.COUNTED_MAX`."""
    parameters = _about(dealer_id, when, today) | {"limit": paging.COUNTED_MAX + 1}
    found: int = session.execute(_count(dealer_id is not None), parameters).scalar_one()
    return found


def _about(dealer_id: int | None, when: str, today: date) -> dict[str, Any]:
    first, last = span_of(when, today)
    state = MaintenanceState.DONE if when == When.DONE else MaintenanceState.DUE
    about = {"state": str(state), "first": first, "last": last}
    return about if dealer_id is None else about | {"dealer_id": dealer_id}


def count_waiting(session: Session, *, today: date) -> tuple[int, int]:
    """What is overdue in scope, and what is due this month, by one statement; each at most one more than
    `paging.COUNTED_MAX`.
    """
    overdue, month = span_of(When.OVERDUE, today), span_of(When.THIS_MONTH, today)
    about = {"overdue": overdue[1], "first": month[0], "last": month[1], "limit": paging.COUNTED_MAX + 1}
    found = session.execute(_WAITING, about).one()
    return found.overdue, found.this_month


def in_month(session: Session, *, month: date, sees: bool) -> list[MaintenanceRow]:
    """What is due or was done in a month (its first day), in scope, by day; the first thousand."""
    about = {"first": month, "last": months_after(month, 1) - timedelta(days=1)}
    rows = session.execute(_IN_MONTH, about | {"sees": sees, "limit": CALENDAR_MAX})
    return [value_of(MaintenanceRow, row) for row in rows]


def maintenance_of(session: Session, number: str, *, sees: bool) -> MaintenanceDetail:
    """One maintenance. Raises NotFound outside the session's scope."""
    row = session.execute(_ONE, {"number": number, "sees": sees}).one_or_none()
    if row is None:
        raise NotFound()
    return value_of(MaintenanceDetail, row)


def of_device(session: Session, device_number: str) -> list[MaintenanceRow]:
    """The maintenance of a device, what is due first."""
    rows = session.execute(_OF_DEVICE, {"number": device_number, "sees": False, "limit": 200})
    return [value_of(MaintenanceRow, row) for row in rows]


def plans(session: Session) -> list[PlanRow]:
    """Every plan, those in use first."""
    return [PlanRow(**row._mapping) for row in session.execute(_PLANS)]


_NAMES = """
m.id, m.number, m.state, m.due_on, m.done_on, n.code AS plan_code, n.name_zh AS plan_zh,
n.name_en AS plan_en, n.voids_warranty, d.number AS device_number, d.serial, p.sku, p.name_zh, p.name_en,
c.code AS dealer_code, c.name_zh AS dealer_zh, c.name_en AS dealer_en, d.hospital <> '' AS has_hospital,
CASE WHEN :sees THEN d.hospital ELSE '' END AS hospital, d.hospital_level, d.hospital_city, d.department,
app_today() AS today
"""
_TABLES = """
FROM maintenance m
JOIN maintenance_plan n ON n.id = m.plan_id
JOIN device d ON (d.dealer_id, d.id) = (m.dealer_id, m.device_id)
JOIN product p ON p.id = d.product_id
JOIN dealer c ON c.id = m.dealer_id
"""
_SPAN = "m.state = :state AND m.due_on BETWEEN :first AND :last"


@cache
def _list(of_dealer: bool, latest_first: bool, back: bool | None) -> TextClause:
    after, order = paging.keyset(_BY_DAY.sql, "m.id", descending=latest_first, back=back)
    only = "AND m.dealer_id = :dealer_id" if of_dealer else ""
    beyond = f"AND {after}" if after else ""
    return text(f"SELECT {_NAMES} {_TABLES} WHERE {_SPAN} {only} {beyond} ORDER BY {order} LIMIT :limit")


@cache
def _count(of_dealer: bool) -> TextClause:
    only = "AND m.dealer_id = :dealer_id" if of_dealer else ""
    inner = f"SELECT FROM maintenance m WHERE {_SPAN} {only} LIMIT :limit"
    return text(f"SELECT count(*) FROM ({inner}) met")


_WAITING = text(
    """
    SELECT (SELECT count(*) FROM (SELECT FROM maintenance WHERE state = 'due' AND due_on <= :overdue
                                   LIMIT :limit) met) AS overdue,
           (SELECT count(*) FROM (SELECT FROM maintenance WHERE state = 'due'
                                   AND due_on BETWEEN :first AND :last LIMIT :limit) met) AS this_month
    """
)
_IN_MONTH = text(
    f"""
    SELECT {_NAMES} {_TABLES}
     WHERE m.state IN ('due', 'done') AND m.due_on BETWEEN :first AND :last
     ORDER BY m.due_on, m.id LIMIT :limit
    """
)
_OF_DEVICE = text(
    f"SELECT {_NAMES} {_TABLES} WHERE d.number = :number AND m.state <> 'dropped'"
    " ORDER BY m.state <> 'due', m.due_on DESC, m.id DESC LIMIT :limit"
)
_ONE = text(
    f"""
    SELECT m.number, m.state, m.due_on, m.done_on, m.done_by, m.findings, m.uses_at,
           CASE WHEN :sees THEN m.note ELSE '' END AS note, m.reason,
           CASE WHEN :sees THEN m.signed_name ELSE '' END AS signed_name,
           CASE WHEN :sees THEN m.signature END AS signature, m.filed_at, m.filed_by_label,
           n.code AS plan_code, n.name_zh AS plan_zh, n.name_en AS plan_en, n.items, n.parts,
           n.voids_warranty, d.number AS device_number, d.serial, p.sku, p.name_zh, p.name_en,
           c.code AS dealer_code, c.name_zh AS dealer_zh, c.name_en AS dealer_en,
           d.hospital <> '' AS has_hospital, CASE WHEN :sees THEN d.hospital ELSE '' END AS hospital,
           d.hospital_level, d.hospital_city, d.department, d.uses, app_today() AS today
      {_TABLES} WHERE m.number = :number
    """
)
_PLANS = text(
    """
    SELECT n.code, n.revision, n.name_zh, n.name_en, p.sku, n.category_code,
           coalesce(p.name_zh, g.name_zh) AS subject_zh, coalesce(p.name_en, g.name_en) AS subject_en,
           n.every_months, n.every_uses, n.counts_from, n.items, n.parts, n.voids_warranty, n.is_active
      FROM maintenance_plan n
      LEFT JOIN product p ON p.id = n.product_id
      LEFT JOIN category g ON g.code = n.category_code
     ORDER BY NOT n.is_active, n.code
    """
)
